/* Global search on an octree whose best cell is split again and again. */
#include <math.h>

#include "location_score.h"

enum { ACROSS = 8, SLICES = 3, ASKED_KM = 13, SPLITS = 90, SPLITS_OF_BIRTH = 48, CELLS_MAXIMUM = ACROSS * ACROSS * SLICES + SPLITS * 8 };

/* All cells, and a heap of their numbers whose first scores most. */
typedef struct {
  const location_problem *problem;
  score_witnesses witnesses;
  location_box box;
  size_t count;
  score_cell cell[CELLS_MAXIMUM];
  uint16_t heap[CELLS_MAXIMUM];
} octree;

static void plant(octree *tree, const location_problem *problem);
static void split(octree *tree);
static void ask_silent_sites(octree *tree);
static void score(const octree *tree, score_cell *cells, size_t count);
static void sink_down(octree *tree, size_t place);
static void add(octree *tree, const score_cell *cells, size_t count);

hypocentre location_search(const location_problem *problem, location_box box)
{
  octree tree;
  tree.problem = problem;
  score_call(&tree.witnesses, problem);
  tree.box = box;
  tree.witnesses.needed = (float)box.needed;
  plant(&tree, problem);
  if (tree.count == 0)
    return (hypocentre){.misfit = INFINITY};
  ask_silent_sites(&tree);
  const score_cell *best = &tree.cell[tree.heap[0]];
  for (int splits = 0;
       splits < (box.needed > 0 ? SPLITS_OF_BIRTH : SPLITS) && (double)best->half_width >= box.finest_km && (double)best->score >= box.least;
       splits++) {
    split(&tree);
    ask_silent_sites(&tree);
    best = &tree.cell[tree.heap[0]];
  }
  return (hypocentre){.east_km = (double)best->east,
                      .north_km = (double)best->north,
                      .depth_km = (double)best->depth,
                      .time_s = (double)best->time,
                      .misfit = -(double)best->score};
}

/* Silences only lower a score: only cells that would be the best without them are asked. */
static void ask_silent_sites(octree *tree)
{
  for (score_cell *best; best = &tree->cell[tree->heap[0]], !best->heard && best->half_width <= ASKED_KM;) {
    score_silences(&tree->witnesses, best);
    sink_down(tree, 0);
  }
}

/* Even cells over the box, in slices of depth that grow downwards. */
static void plant(octree *tree, const location_problem *problem)
{
  const location_box box = tree->box;
  static const size_t widely[SLICES] = {8, 4, 4}, finely[SLICES] = {8, 6, 6};
  const size_t *across = box.needed > 0 ? widely : finely;
  double top = problem->depth.least_km, deepest = problem->depth.most_km;
  double bounds[SLICES + 1] = {top, fmax(top, fmin(deepest, 30)), fmax(top, fmin(deepest, 100)), deepest};
  tree->count = 0;
  for (size_t s = 0; s < SLICES; s++)
    for (size_t i = 0, n = bounds[s + 1] > bounds[s] || (s == 0 && top == deepest) ? across[s] : 0; i < n * n; i += LANES) {
      score_cell cells[LANES];
      double half = box.radius_km / (double)n;
      size_t count = n * n - i < LANES ? n * n - i : LANES;
      for (size_t k = 0; k < count; k++)
        cells[k] = (score_cell){.east = (float)(box.east_km + half * (double)(2 * ((i + k) % n) + 1) - box.radius_km),
                                .north = (float)(box.north_km + half * (double)(2 * ((i + k) / n) + 1) - box.radius_km),
                                .depth = (float)((bounds[s] + bounds[s + 1]) / 2),
                                .half_width = (float)half,
                                .half_depth = (float)((bounds[s + 1] - bounds[s]) / 2)};
      score(tree, cells, count);
      add(tree, cells, count);
    }
}

/* The best cell gives way to its four or eight parts; flat ones are not cut in depth. */
static void split(octree *tree)
{
  size_t which = tree->heap[0];
  const score_cell whole = tree->cell[which];
  size_t parts = 2 * whole.half_depth >= whole.half_width ? 8 : 4;
  score_cell cells[8];
  for (size_t i = 0; i < parts; i++) {
    score_cell *c = &cells[i];
    *c = whole;
    c->half_width = whole.half_width / 2;
    c->east += i & 1 ? c->half_width : -c->half_width;
    c->north += i & 2 ? c->half_width : -c->half_width;
    if (parts == 8) {
      c->half_depth = whole.half_depth / 2;
      c->depth += i & 4 ? c->half_depth : -c->half_depth;
    }
  }
  score(tree, cells, parts);
  tree->cell[which] = cells[0];
  sink_down(tree, 0);
  add(tree, cells + 1, parts - 1);
}

/* A cell that lies within the known circle is worth nothing. */
static void score(const octree *tree, score_cell *cells, size_t count)
{
  const location_box *box = &tree->box;
  score_readings(&tree->witnesses, box->anchor, cells, count);
  for (size_t i = 0; tree->problem->past && i < count; i++)
    cells[i].score += (float)seismicity_within(tree->problem->past, tree->problem->around,
                                               (plane_point){(double)cells[i].east, (double)cells[i].north}, (double)cells[i].half_width);
  for (size_t i = 0; box->known_km > 0 && i < count; i++) {
    score_cell *c = &cells[i];
    if (hypot((double)c->east - box->known_east_km, (double)c->north - box->known_north_km) + M_SQRT2 * (double)c->half_width < box->known_km)
      c->score = -INFINITY;
  }
}

/* ---- the heap ---- */

static bool is_better(const octree *tree, size_t a, size_t b)
{
  float x = tree->cell[a].score, y = tree->cell[b].score;
  return x > y || (x == y && a < b);
}

/* Those that score too little to be the answer are left out. */
static void add(octree *tree, const score_cell *cells, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    if ((double)cells[i].score < tree->box.least)
      continue;
    size_t number = tree->count++, place = number;
    tree->cell[number] = cells[i];
    for (; place > 0 && is_better(tree, number, tree->heap[(place - 1) / 2]); place = (place - 1) / 2)
      tree->heap[place] = tree->heap[(place - 1) / 2];
    tree->heap[place] = (uint16_t)number;
  }
}

static void sink_down(octree *tree, size_t place)
{
  uint16_t number = tree->heap[place];
  for (size_t child; (child = 2 * place + 1) < tree->count; place = child) {
    if (child + 1 < tree->count && is_better(tree, tree->heap[child + 1], tree->heap[child]))
      child++;
    if (!is_better(tree, tree->heap[child], number))
      break;
    tree->heap[place] = tree->heap[child];
  }
  tree->heap[place] = number;
}
