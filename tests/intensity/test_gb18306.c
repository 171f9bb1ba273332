#include "near.h"

#include "csv.h"
#include "intensity.h"
#include "random.h"

static void printed_checks_hold(void **state)
{
  (void)state;
  assert_near(intensity_gb18306_long(INTENSITY_EAST, 7, 10), 8.626, 0.0005);
  assert_near(intensity_gb18306_short(INTENSITY_EAST, 7, 10), 8.376, 0.0005);
  assert_near(intensity_gb18306_sigma(INTENSITY_EAST), 0.5826, 0);
  assert_near(intensity_gb18306_sigma(INTENSITY_QINGZANG), 0.6636, 0);
}

static void reference_values_are_met(void **state)
{
  (void)state;
  int rows = 0;
  for (csv c = csv_open("reference-values/gb18306-2015-checks.csv"); csv_next(&c); rows++) {
    const char *region = csv_text(&c, "region");
    intensity_zone zone = 0;
    while (zone < INTENSITY_ZONES && strcmp(region, intensity_zone_words[zone]) != 0)
      zone++;
    assert_true(zone < INTENSITY_ZONES);
    bool along = strcmp(csv_text(&c, "axis"), "long") == 0;
    double ms = csv_number(&c, "ms"), km = csv_number(&c, "r_km");
    assert_near(along ? intensity_gb18306_long(zone, ms, km) : intensity_gb18306_short(zone, ms, km), csv_number(&c, "intensity"), 0.0001);
  }
  assert_true(rows > 0);
}

/* Inverts one axis by bisection, apart from the code under test. */
static double semi_axis(double (*axis)(intensity_zone, double, double), intensity_zone zone, double ms, double intensity)
{
  double near = 0, far = 1e5;
  for (int i = 0; i < 200; i++) {
    double middle = (near + far) / 2;
    *(axis(zone, ms, middle) > intensity ? &near : &far) = middle;
  }
  return (near + far) / 2;
}

static void circle_has_the_area_of_the_ellipse_of_its_intensity(void **state)
{
  (void)state;
  random_source r = {.state = 11};
  for (int i = 0; i < 500; i++) {
    intensity_zone zone = (intensity_zone)random_below(&r, INTENSITY_ZONES);
    double ms = random_uniform(&r, 4, 8), km = random_uniform(&r, 5, 600);
    double intensity = intensity_gb18306_circle(zone, ms, km);
    double a = semi_axis(intensity_gb18306_long, zone, ms, intensity), b = semi_axis(intensity_gb18306_short, zone, ms, intensity);
    if (fabs(sqrt(a * b) - km) > 1e-6)
      fail_msg("seed 11, draw %d: zone %d, Ms %g, %g km: axes %g and %g km", i, (int)zone, ms, km, a, b);
  }
}

static void the_ellipse_goes_through_the_place(void **state)
{
  (void)state;
  random_source r = {.state = 12};
  for (int i = 0; i < 500; i++) {
    intensity_zone zone = (intensity_zone)random_below(&r, INTENSITY_ZONES);
    double ms = random_uniform(&r, 4, 8), km = random_uniform(&r, 5, 600), angle = random_uniform(&r, 0, 6.28);
    double along = km * cos(angle), across = km * sin(angle), intensity = intensity_gb18306_ellipse(zone, ms, along, across);
    double a = semi_axis(intensity_gb18306_long, zone, ms, intensity), b = semi_axis(intensity_gb18306_short, zone, ms, intensity);
    if (fabs(hypot(along / a, across / b) - 1) > 1e-5)
      fail_msg("seed 12, draw %d: zone %d, Ms %g, %g and %g km: axes %g and %g km", i, (int)zone, ms, along, across, a, b);
  }
}

static void the_ellipse_is_the_axis_on_an_axis(void **state)
{
  (void)state;
  for (double km = 0; km < 500; km += 7) {
    assert_near(intensity_gb18306_ellipse(INTENSITY_EAST, 7.3, km, 0), intensity_gb18306_long(INTENSITY_EAST, 7.3, km), 1e-3);
    assert_near(intensity_gb18306_ellipse(INTENSITY_EAST, 7.3, 0, -km), intensity_gb18306_short(INTENSITY_EAST, 7.3, km), 1e-3);
  }
}

static void circle_falls_with_distance_and_lies_between_the_axes(void **state)
{
  (void)state;
  for (int zone = 0; zone < INTENSITY_ZONES; zone++) {
    double nearer = INFINITY;
    for (double km = 0; km < 1000; km += 0.5) {
      double at = intensity_gb18306_circle((intensity_zone)zone, 7, km);
      double along = intensity_gb18306_long((intensity_zone)zone, 7, km), across = intensity_gb18306_short((intensity_zone)zone, 7, km);
      assert_true(at < nearer);
      assert_true(at >= fmin(along, across) - 1e-9 && at <= fmax(along, across) + 1e-9);
      nearer = at;
    }
  }
}

static void axes_meet_at_the_epicentre(void **state)
{
  (void)state;
  for (int zone = 0; zone < INTENSITY_ZONES; zone++) {
    double along = intensity_gb18306_long((intensity_zone)zone, 6, 0), across = intensity_gb18306_short((intensity_zone)zone, 6, 0);
    assert_near(along, across, 0.001);
    assert_near(intensity_gb18306_circle((intensity_zone)zone, 6, 0), along, 0.001);
  }
}

static void moment_magnitude_becomes_its_ms(void **state)
{
  (void)state;
  assert_near(intensity_ms_equivalent(5), (5 - 2.07) / 0.67, 1e-12);
  assert_near(intensity_ms_equivalent(7.1), (7.1 - 0.08) / 0.99, 1e-12);
  /* Mw fed as Ms would overpredict eastern intensity by 0.85 at Mw 5, 0.5 at 5.5, 0.2 at 6 */
  assert_near(1.3626 * (5 - intensity_ms_equivalent(5)), 0.85, 0.02);
  assert_near(1.3626 * (5.5 - intensity_ms_equivalent(5.5)), 0.5, 0.03);
  assert_near(1.3626 * (6 - intensity_ms_equivalent(6)), 0.2, 0.03);
  for (double mw = 3; mw < 8.5; mw += 0.01)
    assert_true(intensity_ms_equivalent(mw + 0.01) > intensity_ms_equivalent(mw));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(printed_checks_hold),
      cmocka_unit_test(reference_values_are_met),
      cmocka_unit_test(circle_has_the_area_of_the_ellipse_of_its_intensity),
      cmocka_unit_test(the_ellipse_goes_through_the_place),
      cmocka_unit_test(the_ellipse_is_the_axis_on_an_axis),
      cmocka_unit_test(circle_falls_with_distance_and_lies_between_the_axes),
      cmocka_unit_test(axes_meet_at_the_epicentre),
      cmocka_unit_test(moment_magnitude_becomes_its_ms),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
