/* Tables of first arrivals over distance and source depth.
 *
 * What a table holds is the mean slowness along the straight line, time / sqrt(x^2 + z^2): in a uniform medium it is one number, so interpolation
 * is good right up to the source. Rays that leave upwards and rays that leave downwards have a table each, since the first of the two changes
 * along a line across the grid; each alone is smooth between the model's jumps, where the depth axis has two nodes.
 */
#include "travel_time.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rays.h"

enum { FINE_NODES = TRAVEL_TIME_FINE_KM, COARSE_STEP = TRAVEL_TIME_COARSE_KM, FINDER_PER_KM = 2 };
static const float NEVER = 1e6F; /* slowness of a wave that does not exist */

/* Both directions side by side: one cache line serves a corner of the grid. */
enum { UP, DOWN };
typedef struct {
  float way[2];
} slowness_pair;

typedef struct {
  size_t depths;
  double depth_km[RAYS_NODES_MAXIMUM];
  uint16_t *finder;     /* per half km of depth: the interval where the search for the right one starts */
  slowness_pair *pairs; /* [depth][distance] */
  float *times;         /* [row][km], for searches */
  size_t rows;
  double surface_slowness;
} phase_table;

struct locator_travel_times {
  size_t distances;
  double max_distance_km, max_depth_km;
  phase_table phase[2];
};

static bool build(locator_travel_times *tables, phase_table *table, const locator_model *model, char phase, double radius_km);
static bool build_finder(phase_table *table, double max_depth_km);
static bool build_rows(locator_travel_times *tables, char phase);

locator_travel_times *locator_travel_times_create(const locator_model *model, double max_distance_km, double max_depth_km)
{
  return travel_times_on(model, max_distance_km, max_depth_km, RAYS_EARTH_RADIUS_KM);
}

locator_travel_times *travel_times_on(const locator_model *model, double max_distance_km, double max_depth_km, double radius_km)
{
  if (model->count == 0 || !(max_distance_km > 0) || !(max_depth_km >= 0))
    return NULL;
  locator_travel_times *tables = calloc(1, sizeof *tables);
  if (!tables)
    return NULL;
  tables->max_distance_km = max_distance_km;
  tables->max_depth_km = fmin(max_depth_km, 1000);
  tables->distances = FINE_NODES + 2 + (size_t)(fmax(0, max_distance_km - FINE_NODES) / COARSE_STEP);
  if (build(tables, &tables->phase[0], model, 'P', radius_km) && build(tables, &tables->phase[1], model, 'S', radius_km) && build_rows(tables, 'P') &&
      build_rows(tables, 'S'))
    return tables;
  locator_travel_times_destroy(tables);
  return NULL;
}

void locator_travel_times_destroy(locator_travel_times *tables)
{
  if (!tables)
    return;
  for (size_t i = 0; i < 2; i++) {
    free(tables->phase[i].finder);
    free(tables->phase[i].pairs);
    free(tables->phase[i].times);
  }
  free(tables);
}

/* ---- building ---- */

static double distance_of(size_t index)
{
  return (double)(index <= FINE_NODES ? index : FINE_NODES + (index - FINE_NODES) * COARSE_STEP);
}

static size_t index_at_or_above(double distance_km)
{
  double index = distance_km <= FINE_NODES ? distance_km : FINE_NODES + (distance_km - FINE_NODES) / COARSE_STEP;
  return (size_t)fmax(0, ceil(index));
}

/* The part of a travel-time curve between two neighbouring rays, by cubic Hermite: its slope at each end is the ray parameter. */
static void lower_by_segment(float *field, size_t distances, double x1, double t1, double p1, double x2, double t2, double p2)
{
  if (x2 < x1) {
    lower_by_segment(field, distances, x2, t2, p2, x1, t1, p1);
    return;
  }
  double span = x2 - x1;
  for (size_t i = index_at_or_above(x1); i < distances && distance_of(i) <= x2; i++) {
    double s = span > 0 ? (distance_of(i) - x1) / span : 0, r = 1 - s;
    double t = t1 * r * r * (1 + 2 * s) + t2 * s * s * (1 + 2 * r) + span * s * r * (p1 * r - p2 * s);
    field[2 * i] = fminf(field[2 * i], (float)t);
  }
}

/* One depth's two curves grow by the segment between the ray before and this one. */
static void add_segment(slowness_pair *row, size_t distances, const rays_path *before, const rays_path *ray, size_t node)
{
  if (node >= before->reached || node >= ray->reached)
    return;
  lower_by_segment(&row->way[UP], distances, before->x[node], before->t[node], before->parameter, ray->x[node], ray->t[node], ray->parameter);
  if (before->turns && ray->turns)
    lower_by_segment(&row->way[DOWN], distances, 2 * before->turning_x - before->x[node], 2 * before->turning_t - before->t[node], before->parameter,
                     2 * ray->turning_x - ray->x[node], 2 * ray->turning_t - ray->t[node], ray->parameter);
}

/* Past the last ray its tangent goes on: later than any true wave there, and equal to it where the two meet. */
static void extend(float *field, size_t distances, double x, double t, double p)
{
  for (size_t i = index_at_or_above(x); i < distances; i++)
    field[2 * i] = fminf(field[2 * i], (float)(t + p * (distance_of(i) - x)));
}

static void trace_all(const locator_travel_times *tables, phase_table *table, const rays_medium *medium, double *parameters, rays_path *path)
{
  size_t rays = rays_parameters(medium, parameters), distances = tables->distances;
  for (size_t k = 0; k < rays; k++) {
    rays_path *ray = &path[k % 2], *before = &path[(k + 1) % 2];
    rays_trace(medium, parameters[k], ray);
    for (size_t node = 0; k > 0 && node < medium->sources && node < before->reached; node++) {
      slowness_pair *row = table->pairs + node * distances;
      if (node < ray->reached)
        add_segment(row, distances, before, ray, node);
      else
        extend(&row->way[UP], distances, before->x[node], before->t[node], before->parameter);
    }
  }
  const rays_path *last = &path[(rays + 1) % 2];
  for (size_t node = 0; node < medium->sources && node < last->reached; node++)
    extend(&table->pairs[node * distances].way[UP], distances, last->x[node], last->t[node], last->parameter);
}

/* The deepest ray that turns within the model bounds each curve; beyond it the wave runs on along its bottom. */
static void extend_deepest(const locator_travel_times *tables, phase_table *table, const rays_medium *medium, rays_path *ray)
{
  double deepest = medium->slowness[0];
  for (size_t i = 0; i < medium->count; i++)
    deepest = fmin(deepest, medium->slowness[i]);
  rays_trace(medium, deepest, ray);
  for (size_t node = 0; ray->turns && node < medium->sources && node < ray->reached; node++)
    extend(&table->pairs[node * tables->distances].way[DOWN], tables->distances, 2 * ray->turning_x - ray->x[node], 2 * ray->turning_t - ray->t[node],
           ray->parameter);
}

static void times_into_slownesses(phase_table *table, size_t distances)
{
  for (size_t node = 0; node < table->depths; node++)
    for (size_t i = 0; i < distances; i++) {
      slowness_pair *pair = &table->pairs[node * distances + i];
      double length = hypot(distance_of(i), table->depth_km[node]);
      pair->way[UP] = length > 0 ? (float)(pair->way[UP] / length) : (float)table->surface_slowness;
      pair->way[DOWN] = length > 0 ? (float)(pair->way[DOWN] / length) : NEVER;
    }
}

static bool build(locator_travel_times *tables, phase_table *table, const locator_model *model, char phase, double radius_km)
{
  rays_medium *medium = malloc(sizeof *medium);
  rays_path *path = malloc(2 * sizeof *path);
  double *parameters = malloc(RAYS_PARAMETERS_MAXIMUM * sizeof *parameters);
  bool done = false;
  if (medium && path && parameters) {
    rays_medium_make(medium, model, phase, tables->max_depth_km, radius_km);
    table->depths = medium->sources;
    table->surface_slowness = medium->slowness[0];
    for (size_t i = 0; i < table->depths; i++)
      table->depth_km[i] = medium->depth_km[i];
    size_t cells = table->depths * tables->distances;
    table->pairs = malloc(cells * sizeof *table->pairs);
    if (table->pairs && build_finder(table, tables->max_depth_km)) {
      for (size_t i = 0; i < cells; i++)
        table->pairs[i] = (slowness_pair){{NEVER, NEVER}};
      trace_all(tables, table, medium, parameters, path);
      extend_deepest(tables, table, medium, path);
      times_into_slownesses(table, tables->distances);
      done = true;
    }
  }
  free(medium);
  free(path);
  free(parameters);
  return done;
}

static bool build_finder(phase_table *table, double max_depth_km)
{
  size_t count = (size_t)(max_depth_km * FINDER_PER_KM) + 2;
  table->finder = malloc(count * sizeof *table->finder);
  if (!table->finder)
    return false;
  size_t interval = 0;
  for (size_t i = 0; i < count; i++) {
    while (interval + 2 < table->depths && table->depth_km[interval + 1] <= (double)i / FINDER_PER_KM)
      interval++;
    table->finder[i] = (uint16_t)interval;
  }
  return true;
}

/* ---- rows ---- */

static double depth_of_row(size_t row)
{
  const size_t fine = TRAVEL_TIME_FINE_ROWS;
  return row < fine ? (double)row / 2 : (double)fine / 2 + 2 * ((double)(row - fine) + 0.5);
}

static bool build_rows(locator_travel_times *tables, char phase)
{
  phase_table *table = &tables->phase[phase == 'S'];
  size_t columns = (size_t)tables->max_distance_km + 2;
  for (table->rows = 1; depth_of_row(table->rows) <= tables->max_depth_km;)
    table->rows++;
  table->times = malloc(table->rows * columns * sizeof *table->times);
  for (size_t i = 0; table->times && i < table->rows; i++)
    for (size_t k = 0; k < columns; k++)
      table->times[i * columns + k] = (float)locator_travel_time(tables, phase, (double)k, depth_of_row(i));
  return table->times != NULL;
}

travel_time_grid travel_time_rows(const locator_travel_times *tables, char phase)
{
  const phase_table *table = &tables->phase[phase == 'S'];
  return (travel_time_grid){table->times, (size_t)tables->max_distance_km + 2, table->rows};
}

/* ---- reading ---- */

/* Where a point lies in the grid: the corner before it, and the parts of the cell that it is past. */
typedef struct {
  const slowness_pair *shallow, *deep;
  double over_distance, over_depth, distance_step, depth_step, distance_km, depth_km;
} grid_place;

/* Compared by hand: fmin and fmax are calls, and this is the innermost of all loops. Not a number becomes 0. */
static inline double within(double value, double most)
{
  return value > 0 ? (value < most ? value : most) : 0;
}

static inline size_t row_above(const phase_table *table, double depth_km)
{
  size_t row = table->finder[(size_t)(depth_km * FINDER_PER_KM)];
  while (row + 2 < table->depths && table->depth_km[row + 1] < depth_km)
    row++;
  return row;
}

static inline grid_place place_of(const locator_travel_times *tables, const phase_table *table, double distance_km, double depth_km)
{
  grid_place at;
  at.distance_km = within(distance_km, tables->max_distance_km);
  at.depth_km = within(depth_km, tables->max_depth_km);
  bool fine = at.distance_km < FINE_NODES;
  double index = fine ? at.distance_km : FINE_NODES + (at.distance_km - FINE_NODES) / COARSE_STEP;
  size_t column = (size_t)index, row = row_above(table, at.depth_km);
  at.over_distance = index - (double)column;
  at.distance_step = fine ? 1 : COARSE_STEP;
  at.shallow = table->pairs + row * tables->distances + column;
  at.deep = table->depths > 1 ? at.shallow + tables->distances : at.shallow;
  at.depth_step = table->depths > 1 ? table->depth_km[row + 1] - table->depth_km[row] : 0;
  at.over_depth = at.depth_step > 0 ? (at.depth_km - table->depth_km[row]) / at.depth_step : 0;
  return at;
}

travel_time_nodes travel_time_nodes_of(const locator_travel_times *tables, char phase)
{
  const phase_table *table = &tables->phase[phase == 'S'];
  return (travel_time_nodes){.slowness = table->pairs->way,
                             .distances = tables->distances,
                             .next_row = table->depths > 1 ? 2 * tables->distances : 0,
                             .max_distance_km = (float)tables->max_distance_km,
                             .max_depth_km = (float)tables->max_depth_km};
}

size_t travel_time_row_above(const locator_travel_times *tables, char phase, double depth_km, double *beyond)
{
  const phase_table *table = &tables->phase[phase == 'S'];
  grid_place at = place_of(tables, table, 0, depth_km);
  *beyond = at.over_depth;
  return table->depths > 1 ? row_above(table, at.depth_km) : 0;
}

/* Waves that leave upwards and downwards at once. */
typedef double both_ways __attribute__((vector_size(2 * sizeof(double))));
typedef float both_slownesses __attribute__((vector_size(2 * sizeof(float))));

static inline both_ways read_pair(const slowness_pair *pair)
{
  both_slownesses read;
  memcpy(&read, pair->way, sizeof read);
  return __builtin_convertvector(read, both_ways);
}

static inline both_ways mean_slownesses(const grid_place *at)
{
  both_ways shallow = read_pair(&at->shallow[0]), deep = read_pair(&at->deep[0]);
  shallow += (read_pair(&at->shallow[1]) - shallow) * at->over_distance;
  deep += (read_pair(&at->deep[1]) - deep) * at->over_distance;
  return shallow + (deep - shallow) * at->over_depth;
}

double locator_travel_time(const locator_travel_times *tables, char phase, double distance_km, double depth_km)
{
  const phase_table *table = &tables->phase[phase == 'S'];
  grid_place at = place_of(tables, table, distance_km, depth_km);
  both_ways mean = mean_slownesses(&at);
  return (mean[UP] < mean[DOWN] ? mean[UP] : mean[DOWN]) * sqrt(at.distance_km * at.distance_km + at.depth_km * at.depth_km);
}

static inline double between(double a, double b, double part)
{
  return a + (b - a) * part;
}

travel_time_slopes travel_time_with_slopes(const locator_travel_times *tables, char phase, double distance_km, double depth_km)
{
  const phase_table *table = &tables->phase[phase == 'S'];
  grid_place at = place_of(tables, table, distance_km, depth_km);
  both_ways mean = mean_slownesses(&at);
  const int way = mean[DOWN] < mean[UP] ? DOWN : UP;
  double c[4] = {(double)at.shallow[0].way[way], (double)at.shallow[1].way[way], (double)at.deep[0].way[way], (double)at.deep[1].way[way]};
  double slowness = mean[way], length = sqrt(at.distance_km * at.distance_km + at.depth_km * at.depth_km), unit = length > 1e-6 ? 1 / length : 0;
  double over_x = between(c[1] - c[0], c[3] - c[2], at.over_depth) / at.distance_step;
  double over_z = at.depth_step > 0 ? between(c[2] - c[0], c[3] - c[1], at.over_distance) / at.depth_step : 0;
  return (travel_time_slopes){slowness * length, over_x * length + slowness * at.distance_km * unit, over_z * length + slowness * at.depth_km * unit};
}

double travel_time_elevation(const locator_travel_times *tables, char phase, double elevation_km)
{
  return elevation_km * tables->phase[phase == 'S'].surface_slowness;
}
