#include "near.h"

#include "csv.h"
#include "intensity.h"

typedef struct {
  intensity_bssa14_case at;
  double pgv_cm_s, pga_g, pgv_sigma, pga_sigma; /* sigma 0: not printed */
} check;

static double relative(double value, double truth)
{
  return fabs(value / truth - 1);
}

static void assert_check(const check *c, double tolerance)
{
  double pgv_sigma, pga_sigma;
  double pgv = intensity_bssa14(INTENSITY_PGV, &c->at, &pgv_sigma), pga = intensity_bssa14(INTENSITY_PGA, &c->at, &pga_sigma);
  if (relative(pgv * 100, c->pgv_cm_s) > tolerance || relative(pga / 9.80665, c->pga_g) > tolerance)
    fail_msg("M%g %g km: PGV %g cm/s, not %g; PGA %g g, not %g", c->at.magnitude, c->at.rjb_km, pgv * 100, c->pgv_cm_s, pga / 9.80665, c->pga_g);
  if (c->pgv_sigma > 0) {
    assert_near(pgv_sigma, c->pgv_sigma, 0.00006);
    assert_near(pga_sigma, c->pga_sigma, 0.00006);
  }
}

static void printed_checks_hold(void **state)
{
  (void)state;
  const check checks[] = {
      {{6, 20, 400, INTENSITY_STRIKE_SLIP, INTENSITY_GLOBAL}, 8.95944, 0.135537, 0.6515, 0.6051},
      {{6, 0, 200, INTENSITY_STRIKE_SLIP, INTENSITY_GLOBAL}, 38.1869, 0.435753, 0.5852, 0.5493},
      {{7, 100, 600, INTENSITY_REVERSE, INTENSITY_GLOBAL}, 2.87823, 0.0309468, 0, 0},
      {{8, 20, 400, INTENSITY_REVERSE, INTENSITY_GLOBAL}, 38.2438, 0.285423, 0, 0},
      {{3, 0, 200, INTENSITY_NORMAL, INTENSITY_GLOBAL}, 0.219327, 0.0122054, 0.6920, 0.7410},
      {{4.5, 8, 760, INTENSITY_REVERSE, INTENSITY_CHINA}, 0.96259, 0.030706, 0.7586, 0.8009},
  };
  for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
    assert_check(&checks[i], 1e-4);
}

static int index_of(const char *word, const char *const *words, int count)
{
  for (int i = 0; i < count; i++)
    if (strcmp(word, words[i]) == 0)
      return i;
  fail_msg("unknown word %s", word);
  return -1;
}

static void reference_values_are_met(void **state)
{
  (void)state;
  static const char *const mechanisms[] = {"U", "SS", "NS", "RS"}, *const regions[] = {"global", "china", "japan"};
  int rows = 0;
  for (csv c = csv_open("reference-values/bssa14-checks.csv"); csv_next(&c); rows++) {
    check one = {{csv_number(&c, "magnitude"), csv_number(&c, "rjb_km"), csv_number(&c, "vs30_m_s"),
                  (intensity_mechanism)index_of(csv_text(&c, "mechanism"), mechanisms, 4),
                  (intensity_region)index_of(csv_text(&c, "region"), regions, 3)},
                 csv_number(&c, "pgv_cm_s_median"),
                 csv_number(&c, "pga_g_median"),
                 csv_number(&c, "pgv_cm_s_sigma"),
                 csv_number(&c, "pga_g_sigma")};
    assert_check(&one, 1e-4);
  }
  assert_true(rows > 0);
}

static void soft_ground_shakes_more_until_it_yields(void **state)
{
  (void)state;
  intensity_bssa14_case weak = {4, 100, 760, INTENSITY_UNSPECIFIED, INTENSITY_GLOBAL},
                        strong = {7.5, 1, 760, INTENSITY_UNSPECIFIED, INTENSITY_GLOBAL};
  double weak_rock = intensity_bssa14(INTENSITY_PGA, &weak, NULL), strong_rock = intensity_bssa14(INTENSITY_PGA, &strong, NULL);
  weak.vs30_m_s = strong.vs30_m_s = 200;
  double weak_gain = intensity_bssa14(INTENSITY_PGA, &weak, NULL) / weak_rock,
         strong_gain = intensity_bssa14(INTENSITY_PGA, &strong, NULL) / strong_rock;
  assert_true(weak_gain > 1.5);
  assert_true(strong_gain < 0.7 * weak_gain);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(printed_checks_hold),
      cmocka_unit_test(reference_values_are_met),
      cmocka_unit_test(soft_ground_shakes_more_until_it_yields),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
