#include "kept.h"

#include <math.h>

#include "made.h"

enum { RATE = 100, SECONDS_KEPT = 3, ROOM = RATE * SECONDS_KEPT };

static ingest_inventory *inventory;
static kept *k;
static float next_value;
static int64_t next_time;

static int begin(void **state)
{
  (void)state;
  ingest_codes codes = {"XX", "A", "", "HNZ"};
  ingest_epoch epoch = {.start = INT64_MIN, .end = INT64_MAX, .gain = 1, .rate = RATE, .unit = INGEST_UNIT_VELOCITY};
  inventory = ingest_inventory_create();
  assert_true(ingest_inventory_add_channel(inventory, &codes, 41, 123, 0, 0, &epoch));
  ingest_inventory_seal(inventory, NULL, NULL);
  k = kept_create(inventory, SECONDS_KEPT);
  assert_non_null(k);
  next_value = 0;
  next_time = INT64_C(1600000000) * INGEST_SECOND;
  return 0;
}

static int end(void **state)
{
  (void)state;
  kept_destroy(k);
  ingest_inventory_destroy(inventory);
  return 0;
}

static void add(size_t count, bool gap)
{
  float values[1000];
  for (size_t i = 0; i < count; i++)
    values[i] = next_value++;
  kept_add(k, &(ingest_samples){.gap = gap, .unit = INGEST_UNIT_VELOCITY, .start = next_time, .rate = RATE, .count = count, .values = values});
  next_time += (int64_t)count * INGEST_SECOND / RATE;
}

/* The newest `count` samples are there, with their time. */
static void assert_newest(size_t capacity, size_t count)
{
  float values[1000];
  ingest_samples samples;
  kept_copy(k, 0, INGEST_VERTICAL, values, capacity, &samples);
  assert_int_equal(samples.count, count);
  assert_ptr_equal(samples.values, values);
  for (size_t i = 0; i < count; i++)
    assert_true(values[i] == next_value - (float)(count - i));
  assert_int_equal(samples.start, next_time - (int64_t)count * INGEST_SECOND / RATE);
  assert_int_equal(samples.unit, INGEST_UNIT_VELOCITY);
}

static void nothing_is_kept_of_what_never_came(void **state)
{
  (void)state;
  float values[10];
  ingest_samples samples;
  kept_copy(k, 0, INGEST_VERTICAL, values, 10, &samples);
  assert_int_equal(samples.count, 0);
  kept_copy(k, 0, INGEST_EAST, values, 10, &samples);
  assert_int_equal(samples.count, 0);
}

static void the_newest_seconds_are_kept_whatever_the_pieces(void **state)
{
  (void)state;
  random_source draws = {3};
  add(1, true);
  for (size_t all = 1; all < 5000;) {
    size_t count = 1 + (size_t)random_below(&draws, all > 2000 ? 700 : 60);
    add(count, false);
    all += count;
    assert_newest(1000, all < ROOM ? all : ROOM);
    assert_newest(37, all < 37 ? all : 37);
  }
}

static void a_gap_forgets_what_was_before(void **state)
{
  (void)state;
  add(250, true);
  next_time += 7 * INGEST_SECOND;
  add(120, true);
  assert_newest(1000, 120);
  add(60, false);
  assert_newest(1000, 180);
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
  const struct CMUnitTest tests[] = {
      T(nothing_is_kept_of_what_never_came),
      T(the_newest_seconds_are_kept_whatever_the_pieces),
      T(a_gap_forgets_what_was_before),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
