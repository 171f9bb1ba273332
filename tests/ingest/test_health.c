#include "health.h"
#include "made.h"

enum { SENSORS = 5000 };

static const ingest_settings settings = {.late_after_s = 10, .dead_after_s = 120};
static int changes[SENSORS];
static ingest_state states[SENSORS];
static int64_t change_times[SENSORS], clock_now;

static void note(void *user, const ingest_status *status)
{
  (void)user;
  changes[status->sensor]++;
  states[status->sensor] = status->state;
  change_times[status->sensor] = clock_now;
}

static health *begin(size_t sensors)
{
  health *h = health_create(&settings, sensors);
  assert_non_null(h);
  for (size_t i = 0; i < SENSORS; i++) {
    changes[i] = 0;
    states[i] = INGEST_OFF;
  }
  clock_now = INT64_C(1600000000) * INGEST_SECOND;
  return h;
}

static void data(health *h, int32_t sensor, int64_t until)
{
  health_arrived(h, sensor, clock_now);
  health_data(h, sensor, until, clock_now);
}

static void run_to(health *h, int64_t until)
{
  for (; clock_now < until; clock_now += INGEST_SECOND / 10)
    health_advance(h, clock_now, note, NULL);
}

static void a_sensor_is_off_until_data_come(void **state)
{
  (void)state;
  health *h = begin(2);
  assert_int_equal(health_of(h, 0)->state, INGEST_OFF);
  run_to(h, clock_now + 300 * INGEST_SECOND);
  assert_int_equal(changes[0], 0);
  data(h, 0, clock_now - INGEST_SECOND);
  assert_int_equal(health_of(h, 0)->state, INGEST_GOOD);
  assert_int_equal(health_of(h, 1)->state, INGEST_OFF);
  health_destroy(h);
}

static void silence_makes_it_late_and_then_dead_each_told_once_and_in_time(void **state)
{
  (void)state;
  health *h = begin(1);
  int64_t until = clock_now - INGEST_SECOND;
  data(h, 0, until);
  run_to(h, until + 10 * INGEST_SECOND);
  assert_int_equal(changes[0], 0);
  run_to(h, until + 11 * INGEST_SECOND);
  assert_int_equal(changes[0], 1);
  assert_int_equal(states[0], INGEST_LATE);
  assert_true(change_times[0] - until <= 10 * INGEST_SECOND + INGEST_SECOND / 5);
  run_to(h, until + 500 * INGEST_SECOND);
  assert_int_equal(changes[0], 2);
  assert_int_equal(states[0], INGEST_DEAD);
  assert_true(change_times[0] - until <= 120 * INGEST_SECOND + INGEST_SECOND / 5);
  health_destroy(h);
}

static void new_data_make_it_good_again_and_its_next_silence_is_seen_in_time(void **state)
{
  (void)state;
  static const int64_t silences[] = {5, 30, 300};
  for (int i = 0; i < 3; i++) {
    health *h = begin(1);
    data(h, 0, clock_now);
    run_to(h, clock_now + silences[i] * INGEST_SECOND);
    int64_t until = clock_now;
    data(h, 0, until);
    assert_int_equal(health_of(h, 0)->state, INGEST_GOOD);
    int before = changes[0];
    run_to(h, until + 12 * INGEST_SECOND);
    assert_int_equal(changes[0], before + 1);
    assert_int_equal(states[0], INGEST_LATE);
    assert_true(change_times[0] - until <= 10 * INGEST_SECOND + INGEST_SECOND / 5);
    health_destroy(h);
  }
}

static void old_data_leave_it_late(void **state)
{
  (void)state;
  health *h = begin(1);
  data(h, 0, clock_now - 60 * INGEST_SECOND);
  assert_int_equal(health_of(h, 0)->state, INGEST_LATE);
  data(h, 0, clock_now - 50 * INGEST_SECOND);
  assert_int_equal(health_of(h, 0)->state, INGEST_LATE);
  health_destroy(h);
}

/* A call looks at so many at most, so all are told, in the end. */
static void thousands_at_once_are_all_told(void **state)
{
  (void)state;
  health *h = begin(SENSORS);
  int64_t until = clock_now;
  for (int32_t i = 0; i < SENSORS; i++)
    data(h, i, until);
  run_to(h, until + 15 * INGEST_SECOND);
  for (int i = 0; i < SENSORS; i++)
    assert_int_equal(changes[i], 1);
  health_destroy(h);
}

static void a_long_jump_of_time_is_survived(void **state)
{
  (void)state;
  health *h = begin(100);
  for (int32_t i = 0; i < 100; i++)
    data(h, i, clock_now - i * INGEST_SECOND / 20);
  clock_now += INT64_C(1000000) * INGEST_SECOND;
  health_advance(h, clock_now, note, NULL);
  for (int i = 0; i < 100; i++) {
    assert_int_equal(changes[i], 1);
    assert_int_equal(states[i], INGEST_DEAD);
  }
  health_destroy(h);
}

/* At any time after a step, each state is the one that the age of its data gives, at most two steps late. */
static void states_follow_the_age_of_the_data_whatever_comes(void **state)
{
  (void)state;
  enum { FEW = 40, STEPS = 30000 };
  random_source random = {5};
  health *h = begin(FEW);
  int64_t until[FEW] = {0};
  for (int step = 0; step < STEPS; step++, clock_now += INGEST_SECOND / 10) {
    for (int64_t n = random_below(&random, 3); n > 0; n--) {
      int32_t sensor = (int32_t)random_below(&random, 1 + random_below(&random, FEW));
      int64_t newest = clock_now - random_below(&random, 200) * random_below(&random, 1000) * 1000000;
      until[sensor] = newest > until[sensor] ? newest : until[sensor];
      data(h, sensor, until[sensor]);
    }
    health_advance(h, clock_now, note, NULL);
    for (int32_t i = 0; i < FEW; i++) {
      int64_t age = clock_now - INGEST_SECOND / 5 - until[i];
      ingest_state now = health_of(h, i)->state;
      if (until[i] != 0 && ((age > 120 * INGEST_SECOND && now != INGEST_DEAD) || (age > 10 * INGEST_SECOND && now == INGEST_GOOD)))
        fail_msg("sensor %d is in state %d though its data are %.1f s old", i, (int)now, (double)age * 1e-9);
    }
  }
  health_destroy(h);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_sensor_is_off_until_data_come),
      cmocka_unit_test(silence_makes_it_late_and_then_dead_each_told_once_and_in_time),
      cmocka_unit_test(new_data_make_it_good_again_and_its_next_silence_is_seen_in_time),
      cmocka_unit_test(old_data_leave_it_late),
      cmocka_unit_test(thousands_at_once_are_all_told),
      cmocka_unit_test(a_long_jump_of_time_is_survived),
      cmocka_unit_test(states_follow_the_age_of_the_data_whatever_comes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
