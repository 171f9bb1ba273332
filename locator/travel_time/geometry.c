/* Distances on the WGS84 ellipsoid, and the flat neighbourhood of a point for hot loops. */
#include <geodesic.h>
#include <math.h>

#include "geometry.h"

double locator_distance_km(double latitude1_deg, double longitude1_deg, double latitude2_deg, double longitude2_deg, double *azimuth_deg)
{
  struct geod_geodesic wgs84;
  geod_init(&wgs84, 6378137, 1 / 298.257223563);
  double metres, azimuth;
  geod_inverse(&wgs84, latitude1_deg, longitude1_deg, latitude2_deg, longitude2_deg, &metres, &azimuth, NULL);
  if (azimuth_deg)
    *azimuth_deg = azimuth < 0 ? azimuth + 360 : azimuth;
  return metres / 1000;
}

plane plane_at(double latitude_deg, double longitude_deg)
{
  double latitude = latitude_deg * (M_PI / 180), longitude = longitude_deg * (M_PI / 180);
  const double equator_km = 6378.137, eccentricity2 = 0.00669437999014;
  double w = 1 - eccentricity2 * sin(latitude) * sin(latitude);
  return (plane){.latitude_deg = latitude_deg,
                 .longitude_deg = longitude_deg,
                 .east = {-sin(longitude), cos(longitude), 0},
                 .north = {-sin(latitude) * cos(longitude), -sin(latitude) * sin(longitude), cos(latitude)},
                 .up = sphere_point_of(latitude_deg, longitude_deg),
                 .east_radius_km = equator_km / sqrt(w),
                 .north_radius_km = equator_km * (1 - eccentricity2) / (w * sqrt(w))};
}

static double dot(sphere_point a, sphere_point b)
{
  return a.x * b.x + a.y * b.y + a.z * b.z;
}

/* An arc over its sine: the series of the arc sine within 1200 km, where it is exact to 1e-9. */
static double arc_over_sine(double sine, double cosine)
{
  double s = sine * sine;
  if (cosine > 0 && s < 0.036)
    return 1 + s * (1 / 6.0 + s * (3 / 40.0 + s * (15 / 336.0 + s * 105 / 3456.0)));
  return sine > 1e-12 ? atan2(sine, cosine) / sine : 1;
}

plane_point plane_project(const plane *p, sphere_point place)
{
  double east = dot(place, p->east), north = dot(place, p->north), across = sqrt(east * east + north * north);
  double stretch = arc_over_sine(across, dot(place, p->up));
  return (plane_point){p->east_radius_km * stretch * east, p->north_radius_km * stretch * north};
}

void plane_unproject(const plane *p, plane_point point, double *latitude_deg, double *longitude_deg)
{
  double east = point.east_km / p->east_radius_km, north = point.north_km / p->north_radius_km, arc = sqrt(east * east + north * north);
  double across = arc > 1e-12 ? sin(arc) / arc : 1, along = cos(arc);
  double x = along * p->up.x + across * (east * p->east.x + north * p->north.x);
  double y = along * p->up.y + across * (east * p->east.y + north * p->north.y);
  double z = along * p->up.z + across * north * p->north.z;
  *latitude_deg = atan2(z, sqrt(x * x + y * y)) * (180 / M_PI);
  *longitude_deg = atan2(y, x) * (180 / M_PI);
}

sphere_point sphere_point_of(double latitude_deg, double longitude_deg)
{
  double latitude = latitude_deg * (M_PI / 180), longitude = longitude_deg * (M_PI / 180);
  return (sphere_point){cos(latitude) * cos(longitude), cos(latitude) * sin(longitude), sin(latitude)};
}
