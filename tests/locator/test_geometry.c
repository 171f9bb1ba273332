#include "near.h"
#include "geometry.h"
#include "random.h"

#include <math.h>

static void distances_are_those_of_the_ellipsoid(void **state)
{
  (void)state;
  double azimuth;
  /* A degree of the meridian at the equator and at 45 degrees, a degree of the equator (WGS84). */
  assert_near(locator_distance_km(0, 0, 1, 0, &azimuth), 110.574, 0.001);
  assert_near(azimuth, 0, 1e-9);
  assert_near(locator_distance_km(44.5, 10, 45.5, 10, NULL), 111.132, 0.001);
  assert_near(locator_distance_km(0, 5, 0, 4, &azimuth), 111.320, 0.001);
  assert_near(azimuth, 270, 1e-9);
  assert_near(locator_distance_km(0, 179.5, 0, -179.5, &azimuth), 111.320, 0.001);
  assert_near(azimuth, 90, 1e-9);
}

static void the_plane_keeps_distances_from_its_origin(void **state)
{
  (void)state;
  random_source random = {5};
  for (int i = 0; i < 5000; i++) {
    double latitude = random_uniform(&random, -65, 65), longitude = random_uniform(&random, -180, 180);
    double there_latitude = latitude + random_uniform(&random, -5, 5), there_longitude = longitude + random_uniform(&random, -5, 5);
    plane p = plane_at(latitude, longitude);
    plane_point at = plane_project(&p, sphere_point_of(there_latitude, there_longitude));
    double azimuth, distance = locator_distance_km(latitude, longitude, there_latitude, there_longitude, &azimuth);
    assert_near(hypot(at.east_km, at.north_km), distance, 0.001 + 0.0005 * distance);
    assert_true(fabs(remainder(atan2(at.east_km, at.north_km) * 180 / M_PI - azimuth, 360)) < 0.3);
  }
}

static void what_is_projected_comes_back(void **state)
{
  (void)state;
  random_source random = {6};
  for (int i = 0; i < 5000; i++) {
    double latitude = random_uniform(&random, -80, 80), longitude = random_uniform(&random, -180, 180), back_latitude, back_longitude;
    plane p = plane_at(random_uniform(&random, -5, 5) + latitude, longitude + random_uniform(&random, -5, 5));
    plane_unproject(&p, plane_project(&p, sphere_point_of(latitude, longitude)), &back_latitude, &back_longitude);
    assert_near(back_latitude, latitude, 1e-9);
    assert_true(fabs(remainder(back_longitude - longitude, 360)) < 1e-9);
  }
}

static void a_chord_is_near_the_distance(void **state)
{
  (void)state;
  random_source random = {7};
  for (int i = 0; i < 2000; i++) {
    double latitude = random_uniform(&random, -60, 60), there_latitude = latitude + random_uniform(&random, -6, 6),
           there_longitude = random_uniform(&random, -6, 6);
    double distance = locator_distance_km(latitude, 0, there_latitude, there_longitude, NULL);
    assert_near(sphere_chord_km(sphere_point_of(latitude, 0), sphere_point_of(there_latitude, there_longitude)), distance, 0.01 + 0.006 * distance);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(distances_are_those_of_the_ellipsoid),
      cmocka_unit_test(the_plane_keeps_distances_from_its_origin),
      cmocka_unit_test(what_is_projected_comes_back),
      cmocka_unit_test(a_chord_is_near_the_distance),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
