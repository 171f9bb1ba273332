#include "health.h"
#include "made.h"

enum { SENSORS = 5000 };

static const ingest_settings settings = {.late_after_s = 10,
                                         .dead_after_s = 120,
                                         .flat_after_s = 60,
                                         .clock_after_s = 60,
                                         .gaps_minute = 1,
                                         .feed_late_s = 5,
                                         .noisy_ratio = 10,
                                         .usual_hours = 24};
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

static void record(health *h, int32_t sensor, int64_t until, bool doubtful, bool future)
{
  const ingest_record header = {.start = until, .rate = 100, .samples = 1, .timing_quality = -1, .time_doubtful = doubtful};
  health_record(h, sensor, &header, future, clock_now);
}

static void data(health *h, int32_t sensor, int64_t until)
{
  record(h, sensor, until, false, false);
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

static bool has(const health *h, int32_t sensor, ingest_fault_kind fault)
{
  return health_of(h, sensor)->faults >> fault & 1;
}

static void a_backlog_is_late_however_old_until_nothing_comes_any_more(void **state)
{
  (void)state;
  health *h = begin(1);
  int64_t age = 1800 * INGEST_SECOND;
  for (int i = 0; i < 300; i++) {
    data(h, 0, clock_now - age);
    run_to(h, clock_now + INGEST_SECOND);
    assert_int_equal(health_of(h, 0)->state, INGEST_LATE);
    assert_true(has(h, 0, INGEST_FAULT_OLD));
  }
  run_to(h, clock_now + 12 * INGEST_SECOND);
  assert_int_equal(states[0], INGEST_DEAD);
  assert_true(has(h, 0, INGEST_FAULT_SILENT));
  assert_false(has(h, 0, INGEST_FAULT_OLD));
  health_destroy(h);
}

/* A link whose delay swings about the limit. */
static void lateness_ends_well_below_where_it_began(void **state)
{
  (void)state;
  health *h = begin(1);
  data(h, 0, clock_now - 11 * INGEST_SECOND);
  assert_int_equal(health_of(h, 0)->state, INGEST_LATE);
  data(h, 0, clock_now - 8 * INGEST_SECOND);
  assert_int_equal(health_of(h, 0)->state, INGEST_LATE);
  data(h, 0, clock_now - 6 * INGEST_SECOND);
  assert_int_equal(health_of(h, 0)->state, INGEST_GOOD);
  data(h, 0, clock_now - 5 * INGEST_SECOND);
  run_to(h, clock_now + 4 * INGEST_SECOND);
  assert_int_equal(health_of(h, 0)->state, INGEST_GOOD);
  health_destroy(h);
}

static void a_doubtful_clock_is_a_state_of_its_own_while_data_come(void **state)
{
  (void)state;
  health *h = begin(1);
  for (int i = 0; i < 62; i++) {
    assert_true(health_of(h, 0)->state == (i == 0 ? INGEST_OFF : INGEST_GOOD));
    record(h, 0, clock_now, true, false);
    health_data(h, 0, clock_now, clock_now);
    run_to(h, clock_now + INGEST_SECOND);
    if (health_of(h, 0)->state == INGEST_CLOCK)
      break;
  }
  assert_int_equal(health_of(h, 0)->state, INGEST_CLOCK);
  run_to(h, clock_now + 15 * INGEST_SECOND);
  assert_int_equal(health_of(h, 0)->state, INGEST_LATE);
  health_destroy(h);
}

static void a_clock_in_the_future_is_named_though_no_sample_was_ever_taken(void **state)
{
  (void)state;
  health *h = begin(1);
  for (int i = 0; i < 10; i++, clock_now += INGEST_SECOND)
    record(h, 0, clock_now + 3600 * INGEST_SECOND, false, true);
  assert_int_equal(health_of(h, 0)->state, INGEST_CLOCK);
  assert_true(has(h, 0, INGEST_FAULT_FUTURE));
  health_destroy(h);
}

static void feed(health *h, int component, float from, float step, int seconds)
{
  float values[100];
  for (int second = 0; second < seconds; second++) {
    for (int i = 0; i < 100; i++)
      values[i] = from + step * (float)(i % 7);
    health_samples(h, &(ingest_samples){.component = component, .rate = 100, .count = 100, .values = values}, NULL, clock_now);
    if (component == INGEST_VERTICAL)
      data(h, 0, clock_now);
    run_to(h, clock_now + INGEST_SECOND);
  }
}

static void a_flat_vertical_is_dead_and_alive_with_its_first_motion(void **state)
{
  (void)state;
  health *h = begin(1);
  feed(h, INGEST_VERTICAL, 5, 0, 50);
  assert_int_equal(health_of(h, 0)->state, INGEST_GOOD);
  feed(h, INGEST_VERTICAL, 5, 0, 20);
  assert_int_equal(health_of(h, 0)->state, INGEST_DEAD);
  health_samples(h, &(ingest_samples){.rate = 100, .count = 2, .values = (const float[]){5, 6}}, NULL, clock_now);
  assert_int_equal(health_of(h, 0)->state, INGEST_GOOD);
  health_destroy(h);
}

static void a_flat_horizontal_is_told_and_no_more(void **state)
{
  (void)state;
  health *h = begin(1);
  feed(h, INGEST_EAST, 5, 0, 70);
  feed(h, INGEST_VERTICAL, 5, 1, 5);
  assert_int_equal(health_of(h, 0)->state, INGEST_GOOD);
  assert_true(has(h, 0, INGEST_FAULT_FLAT));
  health_destroy(h);
}

static void gaps_are_counted_an_hour_and_forgotten(void **state)
{
  (void)state;
  health *h = begin(1);
  for (int second = 0; second < 600; second++) {
    data(h, 0, clock_now);
    if (second % 20 == 0)
      health_count_gap(h, 0);
    run_to(h, clock_now + INGEST_SECOND);
  }
  assert_true(has(h, 0, INGEST_FAULT_GAPS));
  assert_true(health_of(h, 0)->gaps_hour > 100 && health_of(h, 0)->gaps_hour < 200);
  for (int second = 0; second < 1200; second++, clock_now += INGEST_SECOND)
    data(h, 0, clock_now);
  assert_false(has(h, 0, INGEST_FAULT_GAPS));
  assert_int_equal(health_of(h, 0)->gaps, 30);
  health_destroy(h);
}

static void a_slow_feed_is_told(void **state)
{
  (void)state;
  health *h = begin(1);
  for (int second = 0; second < 300; second++, clock_now += INGEST_SECOND)
    data(h, 0, clock_now - 6 * INGEST_SECOND);
  assert_true(has(h, 0, INGEST_FAULT_SLOW_FEED));
  assert_true(health_of(h, 0)->feed_latency_s > 5.9F && health_of(h, 0)->feed_latency_s < 6.1F);
  assert_int_equal(health_of(h, 0)->state, INGEST_GOOD);
  health_destroy(h);
}

static void every_fault_has_its_text(void **state)
{
  (void)state;
  for (ingest_fault_kind fault = 0; fault < INGEST_FAULTS; fault++)
    assert_non_null(ingest_fault_texts[fault]);
}

static void the_fault_that_makes_the_state_is_named(void **state)
{
  (void)state;
  const uint32_t faults = 1U << INGEST_FAULT_GAPS | 1U << INGEST_FAULT_SPIKY | 1U << INGEST_FAULT_TIMING | 1U << INGEST_FAULT_FLAT;
  assert_int_equal(ingest_fault_of(&(ingest_status){.state = INGEST_NOISY, .faults = faults}), INGEST_FAULT_SPIKY);
  assert_int_equal(ingest_fault_of(&(ingest_status){.state = INGEST_CLOCK, .faults = faults}), INGEST_FAULT_TIMING);
  assert_int_equal(ingest_fault_of(&(ingest_status){.state = INGEST_DEAD, .faults = faults}), INGEST_FAULT_FLAT);
  assert_int_equal(ingest_fault_of(&(ingest_status){.state = INGEST_GOOD, .faults = faults}), INGEST_FAULTS);
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
  int64_t until[FEW] = {0}, arrived[FEW] = {0};
  for (int step = 0; step < STEPS; step++, clock_now += INGEST_SECOND / 10) {
    for (int64_t n = random_below(&random, 3); n > 0; n--) {
      int32_t sensor = (int32_t)random_below(&random, 1 + random_below(&random, FEW));
      int64_t newest = clock_now - random_below(&random, 200) * random_below(&random, 1000) * 1000000;
      until[sensor] = newest > until[sensor] ? newest : until[sensor];
      data(h, sensor, until[sensor]);
      arrived[sensor] = clock_now;
    }
    health_advance(h, clock_now, note, NULL);
    for (int32_t i = 0; i < FEW; i++) {
      int64_t age = clock_now - INGEST_SECOND / 5 - until[i];
      ingest_state now = health_of(h, i)->state;
      bool silent = clock_now - INGEST_SECOND / 5 - arrived[i] > 10 * INGEST_SECOND;
      if (until[i] != 0 && ((age > 120 * INGEST_SECOND && now != (silent ? INGEST_DEAD : INGEST_LATE) && now != INGEST_DEAD) ||
                            (age > 10 * INGEST_SECOND && now == INGEST_GOOD)))
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
      cmocka_unit_test(a_backlog_is_late_however_old_until_nothing_comes_any_more),
      cmocka_unit_test(lateness_ends_well_below_where_it_began),
      cmocka_unit_test(a_doubtful_clock_is_a_state_of_its_own_while_data_come),
      cmocka_unit_test(a_clock_in_the_future_is_named_though_no_sample_was_ever_taken),
      cmocka_unit_test(a_flat_vertical_is_dead_and_alive_with_its_first_motion),
      cmocka_unit_test(a_flat_horizontal_is_told_and_no_more),
      cmocka_unit_test(gaps_are_counted_an_hour_and_forgotten),
      cmocka_unit_test(a_slow_feed_is_told),
      cmocka_unit_test(every_fault_has_its_text),
      cmocka_unit_test(the_fault_that_makes_the_state_is_named),
      cmocka_unit_test(thousands_at_once_are_all_told),
      cmocka_unit_test(a_long_jump_of_time_is_survived),
      cmocka_unit_test(states_follow_the_age_of_the_data_whatever_comes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
