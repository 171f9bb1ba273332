#include <math.h>
#include <stdlib.h>

#include "data.h"
#include "history.h"

enum { CAPACITY = 64 };

static history fresh(float *values, int32_t run_limit)
{
  history h;
  history_init(&h, values, CAPACITY);
  history_restart(&h, 1000, run_limit);
  return h;
}

static void it_holds_the_last_samples_under_their_indices(void **state)
{
  (void)state;
  float values[CAPACITY];
  history h = fresh(values, 1000);
  for (int i = 0; i < 200; i++)
    history_append(&h, &(float){(float)i}, 1);
  assert_int_equal(h.end, 1200);
  assert_int_equal(h.begin, 1200 - CAPACITY);
  for (int64_t i = h.begin; i < h.end; i++)
    assert_true(history_at(&h, i) == (float)(i - 1000));
}

static void what_a_gap_left_out_is_missing(void **state)
{
  (void)state;
  float values[CAPACITY];
  history h = fresh(values, 1000);
  history_append(&h, (float[]){1, 2, 3}, 3);
  history_skip(&h, 1006);
  history_append(&h, (float[]){4}, 1);
  assert_int_equal(h.end, 1007);
  for (int64_t i = 1003; i < 1006; i++)
    assert_true(isnan(history_at(&h, i)));
  assert_true(history_at(&h, 1006) == 4);
}

static void a_gap_longer_than_the_ring_leaves_one_hole(void **state)
{
  (void)state;
  float values[CAPACITY];
  history h = fresh(values, 1000);
  history_append(&h, (float[]){1, 2, 3}, 3);
  history_skip(&h, 1000000000);
  assert_int_equal(h.end, 1000000000);
  assert_int_equal(h.end - h.begin, 1);
  assert_true(isnan(history_at(&h, h.begin)));
}

static void a_flat_run_is_missing_from_its_limit_on(void **state)
{
  (void)state;
  float values[CAPACITY];
  history h = fresh(values, 5);
  history_append(&h, (float[]){7, 7, 7}, 3);
  history_append(&h, (float[]){7, 7, 7, 8}, 4);
  for (int64_t i = 1000; i < 1007; i++)
    assert_int_equal(isnan(history_at(&h, i)) != 0, i == 1004 || i == 1005);
}

static void what_is_no_number_is_missing(void **state)
{
  (void)state;
  float values[CAPACITY];
  history h = fresh(values, 5);
  history_append(&h, (float[]){NAN, INFINITY, -INFINITY, 1}, 4);
  assert_true(isnan(history_at(&h, 1000)) && isnan(history_at(&h, 1001)) && isnan(history_at(&h, 1002)));
  assert_true(history_at(&h, 1003) == 1);
}

static void a_break_without_missing_samples_makes_the_last_one_a_hole(void **state)
{
  (void)state;
  float values[CAPACITY];
  history h = fresh(values, 5);
  history_append(&h, (float[]){1, 2}, 2);
  history_break(&h);
  assert_int_equal(h.end, 1002);
  assert_true(isnan(history_at(&h, 1001)));
}

static void its_size_is_a_power_of_two_that_holds_the_time(void **state)
{
  (void)state;
  assert_int_equal(history_capacity(100, 10), 1024);
  assert_int_equal(history_capacity(20, 0.1), 64);
  assert_int_equal(history_capacity(500, 10), 8192);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(it_holds_the_last_samples_under_their_indices),
      cmocka_unit_test(what_a_gap_left_out_is_missing),
      cmocka_unit_test(a_gap_longer_than_the_ring_leaves_one_hole),
      cmocka_unit_test(a_flat_run_is_missing_from_its_limit_on),
      cmocka_unit_test(what_is_no_number_is_missing),
      cmocka_unit_test(a_break_without_missing_samples_makes_the_last_one_a_hole),
      cmocka_unit_test(its_size_is_a_power_of_two_that_holds_the_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
