/* An inventory that takes the place of another. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "world.h"

static void add(ingest_inventory *inventory, const char *station, const char *channel, double gain)
{
  ingest_codes codes = {.network = "XX", .location = "00"};
  ingest_epoch epoch = epoch_of(gain, INGEST_UNIT_ACCELERATION);
  snprintf(codes.station, sizeof codes.station, "%s", station);
  snprintf(codes.channel, sizeof codes.channel, "%s", channel);
  assert_true(ingest_inventory_add_channel(inventory, &codes, 41, 123, 0, 0, &epoch));
}

static ingest_inventory *sealed(ingest_inventory *inventory, const ingest_inventory *previous)
{
  assert_true(ingest_inventory_seal_after(inventory, previous, NULL, NULL));
  return inventory;
}

/* "BBB.HN" of sensor `index`. */
static bool is_named(const ingest_inventory *inventory, size_t index, const char *name)
{
  const ingest_sensor *s = ingest_inventory_sensor(inventory, index);
  char text[32];
  snprintf(text, sizeof text, "%s.%s", s->codes.station, s->codes.channel);
  return strcmp(text, name) == 0;
}

static void sensors_keep_their_indices_and_new_ones_follow(void **state)
{
  (void)state;
  ingest_inventory *first = ingest_inventory_create(), *second = ingest_inventory_create(), *third = ingest_inventory_create();
  add(first, "BBB", "HNZ", 1);
  add(first, "DDD", "HNZ", 1);
  sealed(first, NULL);
  add(second, "AAA", "HNZ", 1);
  add(second, "DDD", "HHZ", 1);
  add(second, "DDD", "HNZ", 1);
  add(second, "EEE", "HHZ", 1);
  add(second, "EEE", "HNZ", 1);
  sealed(second, first);
  static const char *const names[] = {"BBB.HN", "DDD.HN", "AAA.HN", "DDD.HH", "EEE.HH", "EEE.HN"};
  static const int32_t sites[] = {0, 1, 2, 1, 3, 3};
  assert_int_equal(ingest_inventory_sensors(second), 6);
  assert_int_equal(ingest_inventory_sites(second), 4);
  for (size_t i = 0; i < 6; i++) {
    assert_true(is_named(second, i, names[i]));
    assert_int_equal(ingest_inventory_sensor(second, i)->site, sites[i]);
  }
  add(third, "BBB", "HNZ", 1);
  add(third, "CCC", "HNZ", 1);
  sealed(third, second);
  assert_int_equal(ingest_inventory_sensors(third), 7);
  assert_true(is_named(third, 0, "BBB.HN") && is_named(third, 5, "EEE.HN") && is_named(third, 6, "CCC.HN"));
  assert_non_null(ingest_inventory_epoch(third, 0, INGEST_VERTICAL, base_time()));
  ingest_inventory_destroy(first);
  ingest_inventory_destroy(second);
  ingest_inventory_destroy(third);
}

static void those_that_are_no_more_stay_without_an_epoch(void **state)
{
  (void)state;
  ingest_inventory *first = ingest_inventory_create(), *second = ingest_inventory_create();
  add(first, "BBB", "HNZ", 1);
  add(first, "DDD", "HNZ", 1);
  sealed(first, NULL);
  add(second, "DDD", "HNZ", 1);
  sealed(second, first);
  assert_int_equal(ingest_inventory_sensors(second), 2);
  assert_null(ingest_inventory_epoch(second, 0, INGEST_VERTICAL, base_time()));
  assert_false(ingest_inventory_sensor(second, 0)->has_component[INGEST_VERTICAL]);
  assert_float_equal(ingest_inventory_sensor(second, 0)->latitude_deg, 41, 0);
  int component;
  ingest_codes codes = {"XX", "BBB", "00", "HNZ"};
  assert_int_equal(ingest_inventory_find(second, &codes, &component), -1);
  codes.station[0] = codes.station[1] = codes.station[2] = 'D';
  assert_int_equal(ingest_inventory_find(second, &codes, &component), 1);
  ingest_inventory_destroy(first);
  ingest_inventory_destroy(second);
}

static void the_same_again_changes_no_index(void **state)
{
  (void)state;
  static const char *const stations[] = {"AAA", "BBB", "CCC"}, *const channels[] = {"HHZ", "HNN", "HNZ"};
  ingest_inventory *first = ingest_inventory_create(), *second = ingest_inventory_create();
  for (int i = 0; i < 9; i++) {
    add(first, stations[i / 3], channels[i % 3], 1);
    add(second, stations[2 - i / 3], channels[2 - i % 3], 1);
  }
  sealed(first, NULL);
  sealed(second, first);
  assert_int_equal(ingest_inventory_sensors(second), ingest_inventory_sensors(first));
  for (size_t i = 0; i < ingest_inventory_sensors(first); i++)
    assert_memory_equal(ingest_inventory_sensor(first, i), ingest_inventory_sensor(second, i), sizeof(ingest_sensor));
  ingest_inventory_changes changes = ingest_inventory_compare(first, second, base_time());
  assert_int_equal(changes.added + changes.ended + changes.changed + changes.moved, 0);
  ingest_inventory_destroy(first);
  ingest_inventory_destroy(second);
}

static void what_changed_is_counted(void **state)
{
  (void)state;
  ingest_inventory *first = ingest_inventory_create(), *second = ingest_inventory_create();
  add(first, "AAA", "HNZ", 1);
  add(first, "BBB", "HNZ", 1);
  add(first, "CCC", "HNZ", 1);
  add(second, "BBB", "HNZ", 2);
  add(second, "CCC", "HNZ", 1);
  add(second, "DDD", "HNZ", 1);
  add(second, "DDD", "HNN", 1);
  sealed(first, NULL);
  sealed(second, first);
  ingest_inventory_changes changes = ingest_inventory_compare(first, second, base_time());
  assert_int_equal(changes.added, 2);
  assert_int_equal(changes.ended, 1);
  assert_int_equal(changes.changed, 1);
  assert_int_equal(changes.moved, 0);
  ingest_inventory_destroy(first);
  ingest_inventory_destroy(second);
}

/* ---- the stream over it ---- */

static ingest_inventory *network(const char *const *stations, double gain)
{
  ingest_inventory *inventory = ingest_inventory_create();
  for (; *stations; stations++)
    for (int c = 0; c < 3; c++) {
      ingest_codes codes = codes_of(c);
      snprintf(codes.station, sizeof codes.station, "%s", *stations);
      ingest_epoch epoch = epoch_of(gain, INGEST_UNIT_ACCELERATION);
      assert_true(ingest_inventory_add_channel(inventory, &codes, 41, 123, 0, 0, &epoch));
    }
  return inventory;
}

static void adopt(world *w, const char *const *stations, double gain)
{
  ingest_inventory *fresh = sealed(network(stations, gain), w->inventory);
  assert_true(ingest_adopt(w->in, fresh));
  ingest_inventory_destroy(w->inventory);
  w->inventory = fresh;
}

static void the_stream_goes_on_without_a_gap_and_new_stations_are_heard(void **state)
{
  (void)state;
  static const char *const before[] = {"S1", NULL}, *const after[] = {"S0", "S1", "S2", NULL};
  world *w = begin_with(network(before, GAIN));
  forget_packets();
  add_packet(3, 0, 100, 0);
  add_packet(3, 200, 100, 0); /* waits for the one before it */
  add_packet(0, 0, 100, 0);
  for (size_t i = 0; i < 3; i++)
    feed(w, i);
  assert_int_equal(w->refusals[INGEST_REFUSED_UNKNOWN_CHANNEL], 1);
  adopt(w, after, GAIN);
  add_packet(3, 100, 100, 0);
  add_packet(0, 0, 100, 0);
  add_packet(6, 0, 100, 0);
  for (size_t i = 3; i < 6; i++)
    feed(w, i);
  assert_stream_is(&w->streams[0], 3, 0, 300); /* S1 was the only one, and keeps its index */
  assert_stream_is(&w->streams[3], 0, 0, 100);
  assert_stream_is(&w->streams[6], 6, 0, 100);
  end(w);
}

static void a_changed_gain_is_used_from_then_on_after_a_gap(void **state)
{
  (void)state;
  static const char *const stations[] = {"S0", NULL};
  world *w = begin_with(network(stations, GAIN));
  forget_packets();
  add_packet(0, 0, 100, 0);
  add_packet(0, 100, 100, 0);
  feed(w, 0);
  adopt(w, stations, GAIN / 2);
  feed(w, 1);
  const clean *stream = &w->streams[0];
  assert_int_equal(stream->count, 200);
  assert_true(stream->gaps[100]);
  assert_true(stream->values[100] == (float)(-700 / (GAIN / 2)) && stream->values[99] == (float)(-703 / GAIN));
  end(w);
}

static void a_station_that_is_no_more_is_refused(void **state)
{
  (void)state;
  static const char *const before[] = {"S0", "S1", NULL}, *const after[] = {"S1", NULL};
  world *w = begin_with(network(before, GAIN));
  forget_packets();
  add_packet(0, 0, 100, 0);
  add_packet(0, 100, 100, 0);
  add_packet(3, 0, 100, 0);
  feed(w, 0);
  adopt(w, after, GAIN);
  feed(w, 1);
  feed(w, 2);
  assert_int_equal(w->streams[0].count, 100);
  assert_int_equal(w->streams[3].count, 100);
  assert_int_equal(w->refusals[INGEST_REFUSED_UNKNOWN_CHANNEL], 1);
  end(w);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sensors_keep_their_indices_and_new_ones_follow),
      cmocka_unit_test(those_that_are_no_more_stay_without_an_epoch),
      cmocka_unit_test(the_same_again_changes_no_index),
      cmocka_unit_test(what_changed_is_counted),
      cmocka_unit_test(the_stream_goes_on_without_a_gap_and_new_stations_are_heard),
      cmocka_unit_test(a_changed_gain_is_used_from_then_on_after_a_gap),
      cmocka_unit_test(a_station_that_is_no_more_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
