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

/* As locator_travel_times_create() on a planet of that radius; a huge one is a flat Earth. */
locator_travel_times *travel_times_on(const locator_model *model, double max_distance_km, double max_depth_km, double radius_km);

#endif
