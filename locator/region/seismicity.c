/* Past epicentres smoothed by a Gaussian over a uniform floor (Frankel 1995), on a grid over latitude and longitude; above it a pyramid of maxima,
 * for searches that ask for whole cells. */
#include "seismicity.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rows.h"

enum { LEVELS = 12, CELLS_MAXIMUM = 1 << 22 };
static const double KM_A_DEGREE = 111.195, KERNELS_WIDE = 3, NODES_A_KERNEL = 2.5;
static const double MOST = 100; /* one swarm of the past does not draw everything to itself */

typedef struct {
  double latitude_deg, longitude_deg, weight;
} epicentre;

/* One node of a level holds the greatest of those two by two below it. */
typedef struct {
  int rows, columns;
  float *log_ratio;
} level;

struct locator_seismicity {
  size_t count, capacity;
  epicentre *of; /* while it is read */
  double kernel_km, floor, floor_log;
  double south_deg, middle_deg, wide_deg; /* of the first row, the middle column, and how far the columns reach */
  double row_deg, column_deg;             /* steps */
  size_t levels;
  level level[LEVELS];
};

static bool read_list(locator_seismicity *s, const char *bytes, size_t length, char *fault);
static bool lay_grid(locator_seismicity *s, char *fault);
static void smooth(locator_seismicity *s);
static bool build_pyramid(locator_seismicity *s);

locator_seismicity *locator_seismicity_parse(const char *bytes, size_t length, double kernel_km, double floor, char *fault)
{
  locator_seismicity *s = calloc(1, sizeof *s);
  snprintf(fault, ROWS_FAULT, "no memory for it");
  if (!s)
    return NULL;
  s->kernel_km = kernel_km;
  s->floor = floor;
  s->floor_log = log(floor);
  if (read_list(s, bytes, length, fault) && lay_grid(s, fault)) {
    smooth(s);
    free(s->of);
    s->of = NULL;
    if (build_pyramid(s))
      return s;
  }
  locator_seismicity_destroy(s);
  return NULL;
}

void locator_seismicity_destroy(locator_seismicity *s)
{
  for (size_t i = 0; s && i < s->levels; i++)
    free(s->level[i].log_ratio);
  if (s)
    free(s->of);
  free(s);
}

size_t locator_seismicity_count(const locator_seismicity *s)
{
  return s->count;
}

double seismicity_kernel_km(const locator_seismicity *s)
{
  return s->kernel_km;
}

/* ---- reading ---- */

enum { LATITUDE, LONGITUDE, LATITUDE_DEG, LONGITUDE_DEG, WEIGHT, NAMES };
static const char *const names[NAMES] = {"latitude", "longitude", "latitude_deg", "longitude_deg", "weight"};

/* Columns of latitude, longitude and weight, -1 for no weight. */
static bool read_header(rows *r, int column[3], char *fault)
{
  char *field[ROWS_FIELDS];
  int found[NAMES];
  size_t fields = rows_split(r->text, field, ROWS_FIELDS);
  rows_columns(field, fields < ROWS_FIELDS ? fields : ROWS_FIELDS, names, NAMES, found);
  column[0] = found[LATITUDE_DEG] >= 0 ? found[LATITUDE_DEG] : found[LATITUDE];
  column[1] = found[LONGITUDE_DEG] >= 0 ? found[LONGITUDE_DEG] : found[LONGITUDE];
  column[2] = found[WEIGHT];
  if (column[0] >= 0 && column[1] >= 0)
    return true;
  snprintf(fault, ROWS_FAULT, "line %zu: the header has no column `%s`; name the columns, as latitude_deg,longitude_deg,weight", r->number,
           column[0] < 0 ? "latitude_deg" : "longitude_deg");
  return false;
}

static bool read_row(rows *r, const int column[3], epicentre *e, char *fault)
{
  static const char *const words[] = {"latitude", "longitude", "weight"};
  static const double least[] = {-90, -180, 0}, most[] = {90, 360, 1e9};
  double value[3] = {0, 0, 1};
  char *field[ROWS_FIELDS];
  size_t fields = rows_split(r->text, field, ROWS_FIELDS);
  for (int i = 0; i < 3; i++) {
    const char *text = column[i] >= 0 && (size_t)column[i] < fields ? field[column[i]] : i == 2 ? "1" : "";
    if (!rows_number(text, &value[i]) || value[i] < least[i] || value[i] > most[i]) {
      snprintf(fault, ROWS_FAULT, "line %zu: %s `%.20s`; it must be a number within %g..%g", r->number, words[i], text, least[i], most[i]);
      return false;
    }
  }
  *e = (epicentre){value[0], value[1], value[2]};
  return true;
}

static bool read_list(locator_seismicity *s, const char *bytes, size_t length, char *fault)
{
  rows r = {.bytes = bytes, .length = length};
  int column[3];
  double weights = 0;
  rows_state state = rows_next(&r);
  if (state == ROWS_LINE && !read_header(&r, column, fault))
    return false;
  while (state == ROWS_LINE && (state = rows_next(&r)) == ROWS_LINE) {
    epicentre *of = rows_room(s->of, s->count, &s->capacity, sizeof *of);
    if (!of)
      return false;
    s->of = of;
    if (!read_row(&r, column, &of[s->count], fault))
      return false;
    weights += of[s->count++].weight;
  }
  if (state == ROWS_BROKEN)
    snprintf(fault, ROWS_FAULT, "line %zu: not a row of a table; write latitude_deg,longitude_deg", r.number);
  else if (s->count == 0 || !(weights > 0))
    snprintf(fault, ROWS_FAULT, "line %zu: no epicentre in it; list some, as latitude_deg,longitude_deg", r.number);
  return state == ROWS_END && s->count > 0 && weights > 0;
}

/* ---- the grid ---- */

static double widest_cosine(double south_deg, double north_deg)
{
  double nearest = south_deg * north_deg <= 0 ? 0 : fmin(fabs(south_deg), fabs(north_deg));
  return fmax(0.02, cos(nearest * (M_PI / 180)));
}

/* Of the first column; to its west on the western half of the rest of the Earth. */
static double east_of(const locator_seismicity *s, double longitude_deg)
{
  double off = longitude_deg - s->middle_deg;
  return s->wide_deg / 2 + (off > 180 || off < -180 ? remainder(off, 360) : off);
}

/* Around all epicentres, with a margin of the kernel's width; the list may cross the date line. */
static bool lay_grid(locator_seismicity *s, char *fault)
{
  double south = 90, north = -90, west = 180, east = -180, first = s->of[0].longitude_deg;
  for (size_t i = 0; i < s->count; i++) {
    double off = remainder(s->of[i].longitude_deg - first, 360);
    south = fmin(south, s->of[i].latitude_deg);
    north = fmax(north, s->of[i].latitude_deg);
    west = fmin(west, off);
    east = fmax(east, off);
  }
  double step_km = s->kernel_km / NODES_A_KERNEL, margin_km = KERNELS_WIDE * s->kernel_km, margin_deg = margin_km / KM_A_DEGREE;
  double narrowest = fmax(0.02, cos(fmin(89, fmax(fabs(south), fabs(north)) + margin_deg) * (M_PI / 180)));
  s->row_deg = step_km / KM_A_DEGREE;
  s->column_deg = s->row_deg / widest_cosine(south - margin_deg, north + margin_deg);
  s->south_deg = south - margin_deg;
  s->wide_deg = fmin(east - west + 2 * margin_deg / narrowest, 360);
  s->middle_deg = first + (west + east) / 2;
  double high = ceil((north - south + 2 * margin_deg) / s->row_deg) + 1, wide = ceil(s->wide_deg / s->column_deg) + 1;
  if (high * wide > CELLS_MAXIMUM) {
    snprintf(fault, ROWS_FAULT, "it spans %.0f x %.0f degrees: too wide for a kernel of %g km; leave out what is far away, or widen the kernel",
             north - south, east - west, s->kernel_km);
    return false;
  }
  s->levels = 1;
  s->level[0] = (level){(int)high, (int)wide, calloc((size_t)(high * wide), sizeof(float))};
  return s->level[0].log_ratio != NULL;
}

static double latitude_of(const locator_seismicity *s, int row)
{
  return s->south_deg + row * s->row_deg;
}

static double column_km(const locator_seismicity *s, double latitude_deg)
{
  return s->column_deg * KM_A_DEGREE * fmax(0.02, cos(latitude_deg * (M_PI / 180)));
}

static void add(locator_seismicity *s, const epicentre *e)
{
  level *grid = &s->level[0];
  double y = (e->latitude_deg - s->south_deg) / s->row_deg, x = east_of(s, e->longitude_deg) / s->column_deg, high = KERNELS_WIDE * NODES_A_KERNEL;
  for (int row = (int)fmax(0, ceil(y - high)); row < grid->rows && row <= y + high; row++) {
    double step_km = column_km(s, latitude_of(s, row)), north = (row - y) * s->row_deg * KM_A_DEGREE / s->kernel_km;
    double wide = KERNELS_WIDE * s->kernel_km / step_km;
    for (int column = (int)fmax(0, ceil(x - wide)); column < grid->columns && column <= x + wide; column++) {
      double east = (column - x) * step_km / s->kernel_km;
      grid->log_ratio[(size_t)row * (size_t)grid->columns + (size_t)column] += (float)(e->weight * exp(-(north * north + east * east) / 2));
    }
  }
}

/* The mean of the ratio over the grid is 1, so that the whole area has as many earthquakes as it is taken to have without a list. */
static void smooth(locator_seismicity *s)
{
  level *grid = &s->level[0];
  double sum = 0, area = 0;
  for (size_t i = 0; i < s->count; i++)
    add(s, &s->of[i]);
  for (int row = 0; row < grid->rows; row++) {
    double cosine = column_km(s, latitude_of(s, row));
    area += cosine * grid->columns;
    for (int column = 0; column < grid->columns; column++)
      sum += cosine * (double)grid->log_ratio[(size_t)row * (size_t)grid->columns + (size_t)column];
  }
  for (size_t i = 0, n = (size_t)grid->rows * (size_t)grid->columns; i < n; i++)
    grid->log_ratio[i] = (float)log(fmin(s->floor + (1 - s->floor) * (double)grid->log_ratio[i] * area / sum, MOST));
}

static float node(const level *of, int row, int column, float outside)
{
  return row >= 0 && row < of->rows && column >= 0 && column < of->columns ? of->log_ratio[(size_t)row * (size_t)of->columns + (size_t)column]
                                                                           : outside;
}

static bool build_pyramid(locator_seismicity *s)
{
  float least = (float)s->floor_log;
  while (s->levels < LEVELS && (s->level[s->levels - 1].rows > 1 || s->level[s->levels - 1].columns > 1)) {
    const level *below = &s->level[s->levels - 1];
    level *above = &s->level[s->levels];
    *above = (level){(below->rows + 1) / 2, (below->columns + 1) / 2, NULL};
    above->log_ratio = malloc((size_t)above->rows * (size_t)above->columns * sizeof(float));
    if (!above->log_ratio)
      return false;
    s->levels++;
    for (int row = 0; row < above->rows; row++)
      for (int column = 0; column < above->columns; column++)
        above->log_ratio[(size_t)row * (size_t)above->columns + (size_t)column] =
            fmaxf(fmaxf(node(below, 2 * row, 2 * column, least), node(below, 2 * row, 2 * column + 1, least)),
                  fmaxf(node(below, 2 * row + 1, 2 * column, least), node(below, 2 * row + 1, 2 * column + 1, least)));
  }
  return true;
}

/* ---- asking ---- */

/* In nodes from the first. */
static void place_of(const locator_seismicity *s, double latitude_deg, double longitude_deg, double *y, double *x)
{
  *y = (latitude_deg - s->south_deg) / s->row_deg;
  *x = east_of(s, longitude_deg) / s->column_deg;
}

double locator_seismicity_log(const locator_seismicity *s, double latitude_deg, double longitude_deg)
{
  double y, x;
  place_of(s, latitude_deg, longitude_deg, &y, &x);
  const level *grid = &s->level[0];
  if (!(y >= 0 && y <= grid->rows - 1 && x >= 0 && x <= grid->columns - 1))
    return s->floor_log;
  int row = (int)y, column = (int)x;
  float outside = (float)s->floor_log;
  double up = y - row, right = x - column;
  double south = (double)node(grid, row, column, outside) * (1 - right) + (double)node(grid, row, column + 1, outside) * right;
  double north = (double)node(grid, row + 1, column, outside) * (1 - right) + (double)node(grid, row + 1, column + 1, outside) * right;
  return south * (1 - up) + north * up;
}

/* The plane's inverse to the second order, a km off at 300 km: searches ask hundreds of times. */
static void unproject_nearly(const plane *around, plane_point point, double *latitude_deg, double *longitude_deg)
{
  const double near_km = 500, polar = 0.95;
  double sine = around->up.z, cosine = around->north.z;
  if (fabs(sine) > polar || fabs(point.east_km) > near_km || fabs(point.north_km) > near_km) {
    plane_unproject(around, point, latitude_deg, longitude_deg);
    return;
  }
  double east = point.east_km / around->east_radius_km, north = point.north_km / around->north_radius_km, slant = sine / cosine;
  *latitude_deg = around->latitude_deg + (north - east * east * slant / 2) * (180 / M_PI);
  *longitude_deg = around->longitude_deg + east / cosine * (1 + north * slant) * (180 / M_PI);
}

double seismicity_at(const locator_seismicity *s, const plane *around, plane_point point)
{
  double latitude, longitude;
  if (!s)
    return 0;
  unproject_nearly(around, point, &latitude, &longitude);
  return locator_seismicity_log(s, latitude, longitude);
}

/* Of the level whose nodes are as wide as the square: three by three at most touch it. */
double seismicity_within(const locator_seismicity *s, const plane *around, plane_point point, double half_width_km)
{
  double latitude, longitude, y, x;
  if (!s)
    return 0;
  unproject_nearly(around, point, &latitude, &longitude);
  double high = half_width_km / (s->row_deg * KM_A_DEGREE), wide = half_width_km / (s->column_deg * KM_A_DEGREE * fmax(0.02, around->north.z));
  if (wide < 1)
    return locator_seismicity_log(s, latitude, longitude);
  place_of(s, latitude, longitude, &y, &x);
  size_t k = 0;
  while (k + 1 < s->levels && (double)(1 << k) < 2 * fmax(high, wide))
    k++;
  float most = (float)s->floor_log;
  int scale = 1 << k;
  for (int row = (int)floor((y - high) / scale); row <= ceil(y + high) / scale; row++)
    for (int column = (int)floor((x - wide) / scale); column <= ceil(x + wide) / scale; column++)
      most = fmaxf(most, node(&s->level[k], row, column, most));
  return (double)most;
}
