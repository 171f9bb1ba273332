#include "clock_health.h"

#include "made.h"

static const ingest_settings settings = {.clock_percent = 30, .clock_after_s = 60, .unlocked_after_s = 3600};
static clock_health c;
static int64_t now;

static int begin(void **state)
{
  (void)state;
  c = (clock_health){0};
  now = INT64_C(1600000000) * INGEST_SECOND;
  return 0;
}

/* A record a second says the same for so long; the faults at the end. */
static uint32_t says(int seconds, ingest_record record, bool future)
{
  uint32_t faults = 0;
  for (int i = 0; i < seconds; i++, now += INGEST_SECOND)
    faults = clock_health_take(&c, &settings, &record, future, now);
  return faults;
}

static uint32_t says_locked(int seconds, bool locked)
{
  return says(seconds, (ingest_record){.timing_quality = -1, .clock_locked = locked}, false);
}

static uint32_t says_doubtful(int seconds, bool doubtful)
{
  return says(seconds, (ingest_record){.timing_quality = -1, .time_doubtful = doubtful}, false);
}

static uint32_t says_quality(int seconds, int8_t quality)
{
  return says(seconds, (ingest_record){.timing_quality = quality}, false);
}

#define FAULT(name) (UINT32_C(1) << INGEST_FAULT_##name)

static void silence_about_the_clock_is_no_fault(void **state)
{
  (void)state;
  assert_int_equal(says_locked(10000, false), 0);
  assert_int_equal(says_quality(10000, 0), 0);
}

static void doubt_counts_after_a_minute_and_ends_after_one(void **state)
{
  (void)state;
  assert_int_equal(says_doubtful(60, true), 0);
  assert_int_equal(says_doubtful(1, true), FAULT(DOUBTFUL));
  assert_int_equal(says_doubtful(60, false), FAULT(DOUBTFUL));
  assert_int_equal(says_doubtful(1, false), 0);
}

static void doubt_that_comes_and_goes_does_not_flap(void **state)
{
  (void)state;
  for (int i = 0; i < 100; i++) {
    assert_int_equal(says_doubtful(50, true), 0);
    assert_int_equal(says_doubtful(5, false), 0);
  }
}

static void a_lost_lock_is_held_over_for_an_hour(void **state)
{
  (void)state;
  says_locked(10, true);
  assert_int_equal(says_locked(3600, false), 0);
  assert_int_equal(says_locked(1, false), FAULT(UNLOCKED));
  assert_int_equal(says_locked(61, true), 0);
}

static void timing_quality_that_falls_counts_and_must_rise_well_above(void **state)
{
  (void)state;
  says_quality(10, 100);
  assert_int_equal(says_quality(61, 29), FAULT(TIMING));
  assert_int_equal(says_quality(300, 35), FAULT(TIMING));
  assert_int_equal(says_quality(300, -1), FAULT(TIMING));
  assert_int_equal(says_quality(61, 40), 0);
}

static void packets_of_the_future_count_soon_and_one_alone_does_not(void **state)
{
  (void)state;
  const ingest_record plain = {.timing_quality = -1};
  assert_int_equal(says(1, plain, true), 0);
  assert_int_equal(says(100, plain, false), 0);
  assert_int_equal(says(6, plain, true), FAULT(FUTURE));
  assert_int_equal(says(60, plain, false), FAULT(FUTURE));
  assert_int_equal(says(1, plain, false), 0);
}

#define T(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
  const struct CMUnitTest tests[] = {
      T(silence_about_the_clock_is_no_fault),
      T(doubt_counts_after_a_minute_and_ends_after_one),
      T(doubt_that_comes_and_goes_does_not_flap),
      T(a_lost_lock_is_held_over_for_an_hour),
      T(timing_quality_that_falls_counts_and_must_rise_well_above),
      T(packets_of_the_future_count_soon_and_one_alone_does_not),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
