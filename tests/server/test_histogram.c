#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data.h"
#include "histogram.h"
#include "random.h"
#include "stage.h"

static int ascending(const void *a, const void *b)
{
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return x < y ? -1 : x > y;
}

static void percentiles_are_within_two_percent_of_the_sorted_values(void **state)
{
  (void)state;
  enum { N = 20000 };
  static int64_t values[N];
  static histogram h;
  for (uint64_t seed = 1; seed <= 5; seed++) {
    random_source r = {.state = seed};
    histogram_clear(&h);
    for (size_t i = 0; i < N; i++)
      histogram_add(&h, values[i] = (int64_t)exp(random_uniform(&r, 0, 28)), 0);
    qsort(values, N, sizeof values[0], ascending);
    for (double fraction = 0.001; fraction < 1; fraction += 0.013) {
      int64_t truth = values[(size_t)ceil(fraction * N) - 1], told = histogram_percentile(&h, fraction);
      if (told < truth || (double)told > (double)truth * 1.016 + 1)
        fail_msg("seed %llu, %.3f: %lld told, %lld true", (unsigned long long)seed, fraction, (long long)told, (long long)truth);
    }
  }
}

static void the_greatest_value_is_the_last_percentile(void **state)
{
  (void)state;
  histogram h = {0};
  histogram_add(&h, 1000003, 0);
  histogram_add(&h, 5, 0);
  assert_int_equal(histogram_percentile(&h, 1), 1000003);
  assert_int_equal(h.maximum, 1000003);
}

static void nothing_counted_has_no_percentile(void **state)
{
  (void)state;
  histogram h = {0};
  assert_int_equal(histogram_percentile(&h, 0.5), 0);
}

static void impossible_times_are_counted_at_the_ends(void **state)
{
  (void)state;
  histogram h = {0};
  histogram_add(&h, -5, 0);
  histogram_add(&h, INT64_MAX, 0);
  assert_int_equal(h.count, 2);
  assert_int_equal(histogram_percentile(&h, 0.5), 0);
  assert_int_equal(histogram_percentile(&h, 1), (INT64_C(1) << 44) - 1);
}

static void only_what_is_over_its_budget_counts_as_over(void **state)
{
  (void)state;
  histogram h = {0};
  assert_false(histogram_add(&h, 100, 100));
  assert_true(histogram_add(&h, 101, 100));
  assert_false(histogram_add(&h, 101, 0));
  assert_int_equal(h.over_budget, 1);
}

static void a_stage_reports_and_begins_anew(void **state)
{
  (void)state;
  static stage s;
  char text[160];
  stage_init(&s, "a test's stage", "stage", 1);
  stage_add(&s, 500000);
  stage_add(&s, 2000000);
  assert_non_null(strstr(stage_report(&s, text, sizeof text), "stage 2 p50 0.5"));
  assert_non_null(strstr(text, "max 2.000 ms, 1 over budget"));
  assert_non_null(strstr(stage_report(&s, text, sizeof text), "stage 0 p50 0.000"));
  assert_int_equal(s.over_budget, 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(percentiles_are_within_two_percent_of_the_sorted_values),
      cmocka_unit_test(the_greatest_value_is_the_last_percentile),
      cmocka_unit_test(nothing_counted_has_no_percentile),
      cmocka_unit_test(impossible_times_are_counted_at_the_ends),
      cmocka_unit_test(only_what_is_over_its_budget_counts_as_over),
      cmocka_unit_test(a_stage_reports_and_begins_anew),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
