#include "near.h"

#include "csv.h"
#include "intensity.h"

static void printed_checks_hold(void **state)
{
  (void)state;
  assert_near(intensity_csis(1.0, 0.1), 6.77, 1e-9); /* I_A 6.59, I_V 6.77: both reach 6, the velocity decides */
  assert_near(intensity_rounded(intensity_csis(1.0, 0.1)), 6.8, 1e-9);
  assert_near(intensity_csis(0.1, 0.01), 3.595, 1e-9);
  assert_near(intensity_rounded(intensity_csis(0.1, 0.01)), 3.6, 1e-9);
  assert_near(intensity_rounded(intensity_csis(1.0, 0.159155)), 7.4, 1e-9);
}

static void velocity_decides_only_when_both_reach_six(void **state)
{
  (void)state;
  assert_near(intensity_csis(3, 0.02), (3.17 * log10(3) + 6.59 + 3.00 * log10(0.02) + 9.77) / 2, 1e-12);
  assert_near(intensity_csis(0.5, 0.5), (3.17 * log10(0.5) + 6.59 + 3.00 * log10(0.5) + 9.77) / 2, 1e-12);
  assert_near(intensity_csis(5, 0.5), 3.00 * log10(0.5) + 9.77, 1e-12);
}

static void intensity_stays_between_one_and_twelve(void **state)
{
  (void)state;
  assert_near(intensity_csis(1e-6, 1e-9), 1, 0);
  assert_near(intensity_csis(1e3, 1e3), 12, 0);
  assert_near(intensity_csis(1e-3, 0), 1, 0);
}

static void what_is_no_motion_has_no_intensity(void **state)
{
  (void)state;
  assert_true(isnan(intensity_csis(0, 0)));
  assert_true(isnan(intensity_csis(NAN, 0.1)));
  assert_true(isnan(intensity_csis(1, INFINITY)));
  assert_true(isnan(intensity_csis(-1, 0.1)));
  assert_int_equal(intensity_degree(NAN), 0);
}

static void halves_go_up_and_the_degree_follows_what_is_stated(void **state)
{
  (void)state;
  assert_near(intensity_rounded(6.25), 6.3, 1e-12);
  assert_near(intensity_rounded(6.2499), 6.2, 1e-12);
  assert_int_equal(intensity_degree(6.5), 7);
  assert_int_equal(intensity_degree(6.46), 7); /* stated as 6.5 */
  assert_int_equal(intensity_degree(6.44), 6);
  assert_int_equal(intensity_degree(12), 12);
}

static void reference_values_are_met(void **state)
{
  (void)state;
  int rows = 0;
  for (csv c = csv_open("reference-values/gbt17742-2020-checks.csv"); csv_next(&c); rows++) {
    double intensity = intensity_csis(csv_number(&c, "pga_m_s2"), csv_number(&c, "pgv_m_s"));
    assert_near(intensity, csv_number(&c, "intensity_unrounded"), 0.0001);
    assert_near(intensity_rounded(intensity), csv_number(&c, "intensity"), 1e-9);
  }
  assert_true(rows > 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(printed_checks_hold),
      cmocka_unit_test(velocity_decides_only_when_both_reach_six),
      cmocka_unit_test(intensity_stays_between_one_and_twelve),
      cmocka_unit_test(what_is_no_motion_has_no_intensity),
      cmocka_unit_test(halves_go_up_and_the_degree_follows_what_is_stated),
      cmocka_unit_test(reference_values_are_met),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
