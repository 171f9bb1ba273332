/* region.h (inside locator/): which velocity model holds where, and how deep earthquakes are there. */
#ifndef TOCSIN_LOCATOR_REGION_H
#define TOCSIN_LOCATOR_REGION_H

#include "locator.h"

enum { REGION_CORNERS = 64 };

/* Student's t around the middle, between bounds. */
typedef struct {
  double middle_km, sigma_km, least_km, most_km;
} depth_prior;

/* As the settings have it where there is no region. */
depth_prior region_depth(const locator_settings *settings);

typedef struct {
  const locator_travel_times *tables;
  depth_prior depth;
} region;

/* Corners in order, longitudes within half a turn of the first one's; sides are straight in latitude and longitude. */
typedef struct {
  size_t corners;
  double latitude_deg[REGION_CORNERS], longitude_deg[REGION_CORNERS];
} outline;

typedef struct {
  size_t count;
  region elsewhere, *of;
  outline *around; /* each region */
} regions;

/* False if memory is short. A region whose outline is none holds nowhere. */
bool regions_create(regions *r, const locator_settings *settings, const locator_travel_times *tables);
void regions_destroy(regions *r);

/* The first region that the place lies in, or elsewhere. A point on a side lies on one side of it, the same each time. */
const region *regions_at(const regions *r, double latitude_deg, double longitude_deg);

#endif
