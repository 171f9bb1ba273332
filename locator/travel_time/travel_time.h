/* travel_time.h (inside locator/): what the tables give to the search. */
#ifndef TOCSIN_LOCATOR_TRAVEL_TIME_H
#define TOCSIN_LOCATOR_TRAVEL_TIME_H

#include "locator.h"

/* Travel time in s and its slopes over distance and source depth in s/km. */
typedef struct {
  double time, per_distance, per_depth;
} travel_time_slopes;

travel_time_slopes travel_time_with_slopes(const locator_travel_times *tables, char phase, double distance_km, double depth_km);

/* Seconds that a receiver `elevation_km` above sea level adds. */
double travel_time_elevation(const locator_travel_times *tables, char phase, double elevation_km);

/* For searches: times to sea level from a set of depths, at each km of distance, within 0.05 s (P) between them. */
typedef struct {
  const float *times; /* [row][km], `length` a row */
  size_t length, rows;
} travel_time_grid;

travel_time_grid travel_time_rows(const locator_travel_times *tables, char phase);

/* A row each half km down to TRAVEL_TIME_FINE_ROWS of them, then each two km: nearer than a search's cells are to each other. */
enum { TRAVEL_TIME_FINE_ROWS = 100 };
static inline const float *travel_time_row(const travel_time_grid *grid, float depth_km)
{
  float fine = depth_km * 2 + 0.5F, place = fine < TRAVEL_TIME_FINE_ROWS ? fine : 0.75F * TRAVEL_TIME_FINE_ROWS + depth_km / 2;
  size_t row = place > 0 ? (size_t)place : 0;
  return grid->times + (row < grid->rows ? row : grid->rows - 1) * grid->length;
}

/* The tables themselves, for loops that read many at once: mean slownesses along the straight line, of rays that leave upwards and of those that
   leave downwards, at each km of distance up to TRAVEL_TIME_FINE_KM, then at each TRAVEL_TIME_COARSE_KM. */
enum { TRAVEL_TIME_FINE_KM = 400, TRAVEL_TIME_COARSE_KM = 4 };
typedef struct {
  const float *slowness;      /* [row][distance][2] */
  size_t distances, next_row; /* so many numbers further; 0: there is one row alone */
  float max_distance_km, max_depth_km;
} travel_time_nodes;

travel_time_nodes travel_time_nodes_of(const locator_travel_times *tables, char phase);

/* The last row not below a depth, and what part of the way to the next the depth lies beyond it. */
size_t travel_time_row_above(const locator_travel_times *tables, char phase, double depth_km, double *beyond);

/* As locator_travel_times_create() on a planet of that radius; a huge one is a flat Earth. */
locator_travel_times *travel_times_on(const locator_model *model, double max_distance_km, double max_depth_km, double radius_km);

#endif
