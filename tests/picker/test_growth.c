/* The steepness of a P wave's beginning against its closed form. */
#include <math.h>

#include "data.h"
#include "growth.h"

static growth grown(double b, double a, double until_s, double noise)
{
  growth g = {0};
  for (int i = -100; i <= (int)(until_s * 100); i++) {
    double t = i / 100.0;
    growth_add(&g, i < 0 ? noise : b * t * exp(-a * t), t);
  }
  return g;
}

static void an_envelope_of_the_model_gives_its_rate_back(void **state)
{
  (void)state;
  for (double b = 1e-5; b < 10; b *= 10)
    for (double a = -1; a <= 0.33; a += 0.33) {
      growth g = grown(b, a, 3, 0);
      double rate = growth_rate(&g);
      if (fabs(rate - b) > 0.02 * b)
        fail_msg("%g instead of %g", rate, b);
    }
}

static void what_comes_after_three_seconds_changes_nothing(void **state)
{
  (void)state;
  growth three = grown(0.1, 0.2, 3, 0), ten = grown(0.1, -0.2, 3, 0);
  double before = growth_rate(&three), steep = growth_rate(&ten);
  for (int i = 301; i < 1000; i++)
    growth_add(&three, 100, i / 100.0);
  assert_true(growth_rate(&three) == before);
  assert_true(fabs(steep - before) < 0.01 * before);
}

static void a_wave_within_the_noise_has_no_rate(void **state)
{
  (void)state;
  growth hidden = grown(0.1, 0.2, 3, 0.1), clear = grown(0.1, 0.2, 3, 0.01), nothing = {0}, silent = grown(0, 0, 3, 0);
  assert_true(growth_rate(&hidden) == 0 && growth_rate(&nothing) == 0 && growth_rate(&silent) == 0);
  assert_true(growth_rate(&clear) > 0);
}

static void too_few_samples_have_no_rate(void **state)
{
  (void)state;
  growth g = {0};
  for (int i = 0; i < 9; i++)
    growth_add(&g, i, i / 100.0);
  assert_true(growth_rate(&g) == 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_envelope_of_the_model_gives_its_rate_back),
      cmocka_unit_test(what_comes_after_three_seconds_changes_nothing),
      cmocka_unit_test(a_wave_within_the_noise_has_no_rate),
      cmocka_unit_test(too_few_samples_have_no_rate),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
