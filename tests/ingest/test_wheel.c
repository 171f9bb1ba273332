#include "wheel.h"

#include "made.h"

enum { WAITERS = 300 };

static wheel *w;
static int64_t now;

static int begin(void **state)
{
  (void)state;
  w = wheel_create(WAITERS);
  assert_non_null(w);
  now = INT64_C(1600000000) * INGEST_SECOND;
  return 0;
}

static int end(void **state)
{
  (void)state;
  wheel_destroy(w);
  return 0;
}

static void before_the_beginning_nobody_is_due(void **state)
{
  (void)state;
  assert_int_equal(wheel_take(w, now), -1);
  wheel_begin(w, now);
  assert_int_equal(wheel_take(w, now + 3600 * INGEST_SECOND), -1);
}

static void who_leaves_is_not_called(void **state)
{
  (void)state;
  wheel_begin(w, now);
  for (int32_t i = 0; i < 5; i++)
    wheel_wait(w, i, now + INGEST_SECOND);
  wheel_leave(w, 2);
  wheel_leave(w, 2);
  assert_false(wheel_has(w, 2));
  int called = 0;
  for (int32_t waiter; (waiter = wheel_take(w, now + 2 * INGEST_SECOND)) >= 0; called++)
    assert_int_not_equal(waiter, 2);
  assert_int_equal(called, 4);
}

/* Whoever comes, goes or waits anew: each is called once, not before its instant (or 51 s) and at most a tenth of a second after. */
static void each_is_called_in_time(void **state)
{
  (void)state;
  random_source draws = {17};
  int64_t due[WAITERS] = {0};
  wheel_begin(w, now);
  for (int step = 0; step < 20000; step++, now += INGEST_SECOND / 10) {
    int32_t waiter = (int32_t)random_below(&draws, WAITERS);
    int64_t until = now + random_below(&draws, 50) * INGEST_SECOND + random_below(&draws, INGEST_SECOND);
    wheel_wait(w, waiter, until);
    due[waiter] = until;
    for (int32_t called; (called = wheel_take(w, now)) >= 0; due[called] = 0)
      assert_true(due[called] != 0 && due[called] <= now);
    for (int32_t i = 0; i < WAITERS; i++)
      assert_true(due[i] == 0 || due[i] > now - INGEST_SECOND / 5);
  }
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
  const struct CMUnitTest tests[] = {
      T(before_the_beginning_nobody_is_due),
      T(who_leaves_is_not_called),
      T(each_is_called_in_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
