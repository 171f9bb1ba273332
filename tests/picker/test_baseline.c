#include <math.h>

#include "baseline.h"
#include "data.h"

static void it_is_the_mean_of_the_30_s_before_an_instant(void **state)
{
  (void)state;
  baseline b;
  baseline_restart(&b, 500, 100);
  for (int i = 0; i < 10000; i++)
    baseline_add(&b, i);
  /* up to the end of the block that is full before index 500 + 9950: samples 6900 .. 9899 */
  assert_true(fabs(baseline_before(&b, 500 + 9950) - (6900 + 9899) / 2.0) < 1e-9);
}

static void with_less_than_30_s_it_is_the_mean_of_what_there_is(void **state)
{
  (void)state;
  baseline b;
  baseline_restart(&b, 0, 50);
  assert_true(baseline_before(&b, 100) == 0);
  for (int i = 0; i < 30; i++)
    baseline_add(&b, 3);
  assert_true(fabs(baseline_before(&b, 29) - 3) < 1e-12);
  for (int i = 0; i < 100; i++)
    baseline_add(&b, 5);
  assert_true(fabs(baseline_before(&b, 129) - (30 * 3 + 70 * 5) / 100.0) < 1e-12);
}

static void what_comes_after_the_instant_does_not_count(void **state)
{
  (void)state;
  baseline b;
  baseline_restart(&b, 0, 100);
  for (int i = 0; i < 1200; i++)
    baseline_add(&b, i < 1000 ? 1 : 1000);
  assert_true(fabs(baseline_before(&b, 1000) - 1) < 1e-12);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(it_is_the_mean_of_the_30_s_before_an_instant),
      cmocka_unit_test(with_less_than_30_s_it_is_the_mean_of_what_there_is),
      cmocka_unit_test(what_comes_after_the_instant_does_not_count),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
