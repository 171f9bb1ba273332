/* Sensors that stand upside down or point the other way give the ground motion that an upright one would. */
#include <math.h>
#include <stdlib.h>

#include "world.h"

/* The first value of the stream of one channel, with this gain, azimuth and dip; the first count is -1000. */
static double first_value(const char *channel, double gain, double azimuth_deg, double dip_deg)
{
  ingest_inventory *inventory = ingest_inventory_create();
  ingest_codes codes = codes_of(0);
  ingest_epoch epoch = epoch_of(gain, INGEST_UNIT_ACCELERATION);
  codes.channel[2] = channel[2];
  epoch.azimuth_deg = azimuth_deg;
  epoch.dip_deg = dip_deg;
  assert_true(ingest_inventory_add_channel(inventory, &codes, 41, 123, 0, 0, &epoch));
  world *w = begin_with(inventory);
  const double count = -1000;
  ingest_record record = {.codes = codes, .start = base_time(), .rate = 100, .samples = 1, .encoding = 3};
  forget_packets();
  assert_int_equal(ingest_record_write(&record, &count, 0, made_collect, &store), 1);
  ingest_packet(w->in, 0, store.bytes, store.lengths[0], ingest_record_last(&record), &w->sink);
  int component;
  assert_int_equal(ingest_inventory_find(inventory, &codes, &component), 0);
  assert_int_equal(w->streams[component].count, 1);
  double value = (double)w->streams[component].values[0];
  end(w);
  return value;
}

static void a_vertical_upside_down_is_turned(void **state)
{
  (void)state;
  assert_float_equal(first_value("HNZ", 10, 0, -90), -100, 0);
  assert_float_equal(first_value("HNZ", 10, 0, (double)NAN), -100, 0);
  assert_float_equal(first_value("HNZ", 10, 0, 90), 100, 0);
  assert_float_equal(first_value("HNZ", 10, 0, 0), -100, 0);
}

static void a_negative_sensitivity_is_reversed_polarity(void **state)
{
  (void)state;
  assert_float_equal(first_value("HNZ", -10, 0, -90), 100, 0);
  assert_float_equal(first_value("HNZ", -10, 0, 90), -100, 0);
}

static void a_horizontal_that_points_the_other_way_is_turned(void **state)
{
  (void)state;
  assert_float_equal(first_value("HNN", 10, 0, 0), -100, 0);
  assert_float_equal(first_value("HNN", 10, 180, 0), 100, 0);
  assert_float_equal(first_value("HNN", 10, 181.5, 0), 100, 0);
  assert_float_equal(first_value("HNN", 10, -180, 0), 100, 0);
  assert_float_equal(first_value("HNE", 10, 90, 0), -100, 0);
  assert_float_equal(first_value("HNE", 10, 270, 0), 100, 0);
  assert_float_equal(first_value("HN2", 10, 285, 0), 100, 0);
}

static void other_turns_of_horizontals_are_left(void **state)
{
  (void)state;
  assert_float_equal(first_value("HNN", 10, 15, 0), -100, 0);
  assert_float_equal(first_value("HNE", 10, 105, 0), -100, 0);
  assert_float_equal(first_value("HN1", 10, 120, 0), -100, 0);
  assert_float_equal(first_value("HNN", 10, (double)NAN, 0), -100, 0);
}

/* A sensor that was turned over between two epochs is another one to the filters. */
static void an_epoch_of_the_other_sign_begins_with_a_gap(void **state)
{
  (void)state;
  ingest_inventory *inventory = ingest_inventory_create();
  ingest_codes codes = codes_of(0);
  ingest_epoch before = epoch_of(GAIN, INGEST_UNIT_ACCELERATION), after = before;
  before.end = after.start = base_time() + INGEST_SECOND;
  after.dip_deg = 90;
  assert_true(ingest_inventory_add_channel(inventory, &codes, 41, 123, 0, 0, &before));
  assert_true(ingest_inventory_add_channel(inventory, &codes, 41, 123, 0, 0, &after));
  world *w = begin_with(inventory);
  forget_packets();
  add_packet(0, 0, 100, 0);
  add_packet(0, 100, 100, 0);
  play(w);
  const clean *stream = &w->streams[0];
  assert_int_equal(stream->count, 200);
  assert_true(stream->gaps[100]);
  assert_true(stream->values[99] < 0 && stream->values[100] > 0);
  end(w);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_vertical_upside_down_is_turned),
      cmocka_unit_test(a_negative_sensitivity_is_reversed_polarity),
      cmocka_unit_test(a_horizontal_that_points_the_other_way_is_turned),
      cmocka_unit_test(other_turns_of_horizontals_are_left),
      cmocka_unit_test(an_epoch_of_the_other_sign_begins_with_a_gap),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
