/* geometry.h (inside locator/): places as the hot loops see them. */
#ifndef TOCSIN_LOCATOR_GEOMETRY_H
#define TOCSIN_LOCATOR_GEOMETRY_H

#include <math.h>

#include "locator.h"

/* A place as a unit vector, for sieving thousands of stations. The chord is within 0.5 % of the distance along the ellipsoid up to 1000 km. */
typedef struct {
  double x, y, z;
} sphere_point;

sphere_point sphere_point_of(double latitude_deg, double longitude_deg);
static inline double sphere_chord_km(sphere_point a, sphere_point b)
{
  double x = a.x - b.x, y = a.y - b.y, z = a.z - b.z;
  return 6371 * sqrt(x * x + y * y + z * z);
}

/* The azimuthal equidistant plane around a place, scaled with the ellipsoid's two radii of curvature there: distances from its origin are right
   within 0.05 % up to 700 km. */
typedef struct {
  double latitude_deg, longitude_deg;
  sphere_point east, north, up;
  double east_radius_km, north_radius_km;
} plane;
typedef struct {
  double east_km, north_km;
} plane_point;

plane plane_at(double latitude_deg, double longitude_deg);
plane_point plane_project(const plane *p, sphere_point place);
void plane_unproject(const plane *p, plane_point point, double *latitude_deg, double *longitude_deg);

#endif
