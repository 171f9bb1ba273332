/* Global search on an octree whose best cell is split again and again. */
#include <math.h>

#include "location.h"

enum { ACROSS = 8, SLICES = 3, SPLITS = 90, CELLS_MAXIMUM = ACROSS * ACROSS * SLICES + SPLITS * 8 };

typedef struct {
  float east, north, depth, half_width, half_depth, score, time;
  bool heard; /* the silent sites have been asked */
} cell;

static void score(const location_problem *problem, int anchor, cell *c);
static void ask_silent_sites(const location_problem *problem, cell *c);
static size_t best_of(const location_problem *problem, cell *cells, size_t count);
static double median(double *values, size_t count);
static double gain_of(const location_reading *reading, double off, double variance, double crossing_s);
static size_t split(const location_problem *problem, int anchor, cell *cells, size_t count, size_t which);
static size_t plant(const location_problem *problem, location_box box, cell *cells);

hypocentre location_search(const location_problem *problem, location_box box)
{
  cell cells[CELLS_MAXIMUM];
  size_t count = plant(problem, box, cells), best = best_of(problem, cells, count);
  for (int splits = 0; splits < SPLITS && (double)cells[best].half_width >= box.finest_km && (double)cells[best].score >= box.least; splits++) {
    count = split(problem, box.anchor, cells, count, best);
    best = best_of(problem, cells, count);
  }
  const cell *c = &cells[best];
  return (hypocentre){
      .east_km = (double)c->east, .north_km = (double)c->north, .depth_km = (double)c->depth, .time_s = (double)c->time, .misfit = -(double)c->score};
}

/* Silences only lower a score, and cost more than the readings: only cells that would be the best without them are asked. */
static size_t best_of(const location_problem *problem, cell *cells, size_t count)
{
  for (;;) {
    size_t best = 0;
    for (size_t i = 1; i < count; i++)
      if (cells[i].score > cells[best].score)
        best = i;
    if (cells[best].heard)
      return best;
    ask_silent_sites(problem, &cells[best]);
  }
}

static void ask_silent_sites(const location_problem *problem, cell *c)
{
  hypocentre middle = {.east_km = (double)c->east, .north_km = (double)c->north, .depth_km = (double)c->depth, .time_s = (double)c->time};
  c->heard = true;
  if (c->score > 0 && problem->silences > 0)
    c->score -= (float)location_silence_penalty(problem, &middle, location_farthest(problem, &middle));
}

/* Even cells over the box, in slices of depth that grow downwards. */
static size_t plant(const location_problem *problem, location_box box, cell *cells)
{
  double deepest = problem->settings->maximum_depth_km, half = box.radius_km / ACROSS;
  double bounds[SLICES + 1] = {0, fmin(deepest, 30), fmin(deepest, 100), deepest};
  size_t count = 0;
  for (size_t s = 0; s < SLICES && (s == 0 || bounds[s + 1] > bounds[s]); s++)
    for (size_t i = 0; i < ACROSS * ACROSS; i++) {
      cell *c = &cells[count++];
      c->east = (float)(box.east_km + half * (2 * (double)(i % ACROSS) + 1 - ACROSS));
      c->north = (float)(box.north_km + half * (2 * (double)(i / ACROSS) + 1 - ACROSS));
      c->depth = (float)((bounds[s] + bounds[s + 1]) / 2);
      c->half_width = (float)half;
      c->half_depth = (float)((bounds[s + 1] - bounds[s]) / 2);
      score(problem, box.anchor, c);
    }
  return count;
}

/* The cell gives way to its four or eight parts; flat ones are not cut in depth. */
static size_t split(const location_problem *problem, int anchor, cell *cells, size_t count, size_t which)
{
  cell whole = cells[which];
  size_t parts = 2 * whole.half_depth >= whole.half_width ? 8 : 4;
  for (size_t i = 0; i < parts; i++) {
    cell *c = i == 0 ? &cells[which] : &cells[count++];
    *c = whole;
    c->half_width = whole.half_width / 2;
    c->east += i & 1 ? c->half_width : -c->half_width;
    c->north += i & 2 ? c->half_width : -c->half_width;
    if (parts == 8) {
      c->half_depth = whole.half_depth / 2;
      c->depth += i & 4 ? c->half_depth : -c->half_depth;
    }
    score(problem, anchor, c);
  }
  return count;
}

/* What the cell may hold at best, nearly: log likelihood against noise at its middle, residuals measured in deviations widened by what the wave needs
   to cross the cell, gains as if they were not. Each reading counts as an arrival or as noise, whichever is likelier, so that false picks cost
   nothing. */
static void score(const location_problem *problem, int anchor, cell *c)
{
  const double crossing_s = 0.14 * (double)c->half_width + 0.06 * (double)c->half_depth;
  double origins[LOCATION_SEARCHED], sorted[LOCATION_SEARCHED], deviations[LOCATION_SEARCHED];
  size_t readings = problem->readings < LOCATION_SEARCHED ? problem->readings : LOCATION_SEARCHED;
  hypocentre middle = {.east_km = (double)c->east, .north_km = (double)c->north, .depth_km = (double)c->depth};
  double nearest = INFINITY;
  for (size_t i = 0; i < readings; i++) {
    location_residual r = location_residual_of(problem->tables, &problem->reading[i], &middle);
    sorted[i] = origins[i] = r.residual_s;
    deviations[i] = r.sigma_s;
    nearest = r.distance_km < nearest ? r.distance_km : nearest;
  }
  middle.time_s = anchor >= 0 ? origins[anchor] : median(sorted, readings);
  double sum = -location_depth_cost(problem->settings, middle.depth_km) - location_remoteness_at(nearest);
  for (size_t i = 0; i < readings; i++)
    sum += gain_of(&problem->reading[i], origins[i] - middle.time_s, deviations[i] * deviations[i], crossing_s);
  c->time = (float)middle.time_s;
  c->score = (float)sum;
  c->heard = false;
}

/* log(seen / (2.5 sigma rate)) - log(wide / variance) / 4 - off^2 / (2 wide), not below 0; the logarithm is taken only where it may come out above.
 */
static double gain_of(const location_reading *reading, double off, double variance, double crossing_s)
{
  const double seen = 0.8, most = 7;
  double wide = variance + crossing_s * crossing_s, cost = off * off / wide / 2;
  if (cost > most)
    return 0;
  double odds = seen / (2.5 * reading->noise_rate), gain = log(odds * odds * odds * odds / (variance * wide)) / 4 - cost;
  return gain > 0 ? gain : 0;
}

static double median(double *values, size_t count)
{
  for (size_t i = 1; i < count; i++)
    for (size_t k = i; k > 0 && values[k] < values[k - 1]; k--) {
      double swap = values[k];
      values[k] = values[k - 1];
      values[k - 1] = swap;
    }
  return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}
