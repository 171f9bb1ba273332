#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "made.h"

enum { DAY = 86400 };

static ingest_epoch epoch(int64_t start_day, int64_t end_day, double gain)
{
  return (ingest_epoch){.start = start_day * DAY * INGEST_SECOND,
                        .end = end_day * DAY * INGEST_SECOND,
                        .gain = gain,
                        .rate = 100,
                        .azimuth_deg = 0,
                        .dip_deg = 0,
                        .unit = INGEST_UNIT_ACCELERATION};
}

static ingest_codes codes(const char *network, const char *station, const char *location, const char *channel)
{
  ingest_codes c = {0};
  strcpy(c.network, network);
  strcpy(c.station, station);
  strcpy(c.location, location);
  strcpy(c.channel, channel);
  return c;
}

static bool add(ingest_inventory *inventory, ingest_codes c, ingest_epoch e)
{
  return ingest_inventory_add_channel(inventory, &c, 41, 123, 50, 2, &e);
}

static void count_fault(void *user, const char *name, long line, const char *text)
{
  (void)name, (void)line;
  assert_true(strlen(text) > 10);
  ++*(int *)user;
}

static int seal(ingest_inventory *inventory)
{
  int faults = 0;
  ingest_inventory_seal(inventory, count_fault, &faults);
  return faults;
}

static int32_t find(const ingest_inventory *inventory, const char *station, const char *location, const char *channel, int *component)
{
  ingest_codes c = codes("XX", station, location, channel);
  return ingest_inventory_find(inventory, &c, component);
}

static void assert_component(const char *channel, double dip, int expected)
{
  ingest_inventory *inventory = ingest_inventory_create();
  ingest_epoch e = epoch(0, 10, 100);
  e.dip_deg = dip;
  int component = -1;
  bool added = add(inventory, codes("XX", "AAA", "", channel), e);
  assert_int_equal(added, expected >= 0);
  seal(inventory);
  if (added) {
    assert_int_equal(find(inventory, "AAA", "", channel, &component), 0);
    assert_int_equal(component, expected);
  }
  ingest_inventory_destroy(inventory);
}

static void letters_and_dip_name_the_component(void **state)
{
  (void)state;
  assert_component("HNZ", -90, INGEST_VERTICAL);
  assert_component("HNZ", (double)NAN, INGEST_VERTICAL);
  assert_component("HN3", -90, INGEST_VERTICAL);
  assert_component("HN1", -90, INGEST_VERTICAL);
  assert_component("HNN", 0, INGEST_NORTH);
  assert_component("HN1", 0, INGEST_NORTH);
  assert_component("HNX", 0, INGEST_NORTH);
  assert_component("HNE", 0, INGEST_EAST);
  assert_component("HN2", 0, INGEST_EAST);
  assert_component("HNY", 0, INGEST_EAST);
  assert_component("HNU", 0, -1);
  assert_component("HNF", -35, -1);
}

static void any_order_of_adding_gives_the_same_indices(void **state)
{
  (void)state;
  static const char *const stations[] = {"AAA", "AAA", "AAA", "BBB", "BBB", "CCC"};
  static const char *const locations[] = {"", "", "10", "", "", "00"};
  static const char *const bands[] = {"HH", "HN", "HH", "EH", "HN", "HN"};
  for (uint64_t seed = 1; seed <= 50; seed++) {
    random_source random = {seed};
    ingest_inventory *inventory = ingest_inventory_create();
    int order[18];
    for (int i = 0; i < 18; i++) {
      int at = (int)random_below(&random, i + 1);
      order[i] = order[at];
      order[at] = i;
    }
    for (int i = 0; i < 18; i++) {
      char channel[4];
      snprintf(channel, sizeof channel, "%s%c", bands[order[i] / 3], "ZNE"[order[i] % 3]);
      assert_true(add(inventory, codes("XX", stations[order[i] / 3], locations[order[i] / 3], channel), epoch(0, 10, 100)));
    }
    assert_int_equal(seal(inventory), 0);
    assert_int_equal(ingest_inventory_sensors(inventory), 6);
    assert_int_equal(ingest_inventory_sites(inventory), 3);
    for (int i = 0; i < 6; i++) {
      const ingest_sensor *sensor = ingest_inventory_sensor(inventory, (size_t)i);
      assert_string_equal(sensor->codes.station, stations[i]);
      assert_string_equal(sensor->codes.location, locations[i]);
      assert_string_equal(sensor->codes.channel, bands[i]);
      assert_int_equal(sensor->site, sensor->codes.station[0] - 'A');
      assert_true(sensor->has_component[0] && sensor->has_component[1] && sensor->has_component[2]);
    }
    ingest_inventory_destroy(inventory);
  }
}

static void a_location_is_blank_in_each_of_its_spellings(void **state)
{
  (void)state;
  ingest_inventory *inventory = ingest_inventory_create();
  int component;
  assert_true(add(inventory, codes("XX", "AAA", "--", "HNZ"), epoch(0, 10, 100)));
  assert_true(add(inventory, codes("XX", "BBB", "", "HNZ"), epoch(0, 10, 100)));
  assert_true(add(inventory, codes("XX", "CCC", "  ", "HNZ"), epoch(0, 10, 100)));
  seal(inventory);
  for (int i = 0; i < 3; i++) {
    const char *station = (const char *[]){"AAA", "BBB", "CCC"}[i];
    assert_int_equal(find(inventory, station, "", "HNZ", &component), i);
    assert_int_equal(find(inventory, station, "--", "HNZ", &component), i);
    assert_int_equal(find(inventory, station, "00", "HNZ", &component), -1);
    assert_string_equal(ingest_inventory_sensor(inventory, (size_t)i)->codes.location, "");
  }
  ingest_inventory_destroy(inventory);
}

static double gain_at(const ingest_inventory *inventory, int64_t day)
{
  const ingest_epoch *e = ingest_inventory_epoch(inventory, 0, INGEST_VERTICAL, day * DAY * INGEST_SECOND);
  return e ? e->gain : 0;
}

static void the_epoch_is_that_of_the_datas_own_time(void **state)
{
  (void)state;
  ingest_inventory *inventory = ingest_inventory_create();
  add(inventory, codes("XX", "AAA", "", "HNZ"), epoch(20, 30, 300));
  add(inventory, codes("XX", "AAA", "", "HNZ"), epoch(0, 10, 100));
  add(inventory, codes("XX", "AAA", "", "HNZ"), epoch(10, 18, 200));
  assert_int_equal(seal(inventory), 0);
  assert_float_equal(gain_at(inventory, 0), 100, 0);
  assert_float_equal(gain_at(inventory, 9), 100, 0);
  assert_float_equal(gain_at(inventory, 10), 200, 0);
  assert_float_equal(gain_at(inventory, 19), 0, 0);
  assert_float_equal(gain_at(inventory, 20), 300, 0);
  assert_float_equal(gain_at(inventory, 30), 0, 0);
  assert_float_equal(gain_at(inventory, -1), 0, 0);
  ingest_inventory_destroy(inventory);
}

static void where_epochs_overlap_the_later_start_wins_and_it_is_said(void **state)
{
  (void)state;
  ingest_inventory *inventory = ingest_inventory_create();
  add(inventory, codes("XX", "AAA", "", "HNZ"), epoch(0, 30, 100));
  add(inventory, codes("XX", "AAA", "", "HNZ"), epoch(10, 20, 200));
  assert_int_equal(seal(inventory), 1);
  assert_float_equal(gain_at(inventory, 15), 200, 0);
  assert_float_equal(gain_at(inventory, 25), 100, 0);
  ingest_inventory_destroy(inventory);
}

static void the_same_epoch_twice_is_one(void **state)
{
  (void)state;
  ingest_inventory *inventory = ingest_inventory_create();
  add(inventory, codes("XX", "AAA", "", "HNZ"), epoch(0, 30, 100));
  add(inventory, codes("XX", "AAA", "", "HNZ"), epoch(0, 30, 100));
  assert_int_equal(seal(inventory), 0);
  ingest_inventory_destroy(inventory);
}

static void a_sensor_lies_where_its_newest_epoch_says(void **state)
{
  (void)state;
  ingest_inventory *inventory = ingest_inventory_create();
  ingest_codes c = codes("XX", "AAA", "", "HNZ");
  ingest_epoch old = epoch(0, 10, 100), new = epoch(10, 20, 100);
  assert_true(ingest_inventory_add_channel(inventory, &c, 42, 124, 10, 0, &new));
  assert_true(ingest_inventory_add_channel(inventory, &c, 40, 120, 20, 0, &old));
  seal(inventory);
  assert_float_equal(ingest_inventory_sensor(inventory, 0)->latitude_deg, 42, 0);
  assert_string_equal(ingest_inventory_sensor(inventory, 0)->site_code, "XX.AAA");
  ingest_inventory_destroy(inventory);
}

static void what_is_no_ground_motion_is_no_sensor(void **state)
{
  (void)state;
  ingest_inventory *inventory = ingest_inventory_create();
  ingest_epoch volts = epoch(0, 10, 100), metres = volts;
  int component;
  volts.unit = INGEST_UNIT_OTHER;
  metres.unit = INGEST_UNIT_DISPLACEMENT;
  assert_true(add(inventory, codes("XX", "AAA", "", "VMZ"), volts));
  assert_true(add(inventory, codes("XX", "AAA", "", "LYZ"), metres));
  assert_true(add(inventory, codes("XX", "BBB", "", "HNZ"), epoch(0, 10, 100)));
  seal(inventory);
  assert_int_equal(ingest_inventory_sensors(inventory), 1);
  assert_int_equal(ingest_inventory_sites(inventory), 1);
  assert_int_equal(find(inventory, "AAA", "", "VMZ", &component), -1);
  assert_int_equal(find(inventory, "BBB", "", "HNZ", &component), 0);
  ingest_inventory_destroy(inventory);
}

static void a_channel_without_place_gain_or_codes_is_left_out(void **state)
{
  (void)state;
  ingest_inventory *inventory = ingest_inventory_create();
  ingest_codes c = codes("XX", "AAA", "", "HNZ");
  ingest_epoch good = epoch(0, 10, 100);
  assert_false(ingest_inventory_add_channel(inventory, &c, 0, 0, 0, 0, &good));
  assert_false(ingest_inventory_add_channel(inventory, &c, 91, 0, 0, 0, &good));
  assert_false(ingest_inventory_add_channel(inventory, &c, 10, 181, 0, 0, &good));
  assert_false(ingest_inventory_add_channel(inventory, &c, (double)NAN, 10, 0, 0, &good));
  assert_false(add(inventory, c, epoch(0, 10, 0)));
  assert_false(add(inventory, c, epoch(0, 10, (double)NAN)));
  assert_false(add(inventory, c, epoch(0, 10, (double)INFINITY)));
  assert_false(add(inventory, c, epoch(10, 10, 100)));
  assert_false(add(inventory, codes("XX", "AAA", "", "HZ"), good));
  assert_false(add(inventory, codes("", "AAA", "", "HNZ"), good));
  assert_false(add(inventory, codes("XX", "A\"A", "", "HNZ"), good));
  assert_true(add(inventory, c, epoch(0, 10, -100)));
  seal(inventory);
  assert_int_equal(ingest_inventory_sensors(inventory), 1);
  ingest_inventory_destroy(inventory);
}

static void an_empty_inventory_finds_nothing(void **state)
{
  (void)state;
  ingest_inventory *inventory = ingest_inventory_create();
  int component;
  assert_int_equal(seal(inventory), 0);
  assert_int_equal(ingest_inventory_sensors(inventory), 0);
  assert_int_equal(find(inventory, "AAA", "", "HNZ", &component), -1);
  ingest_inventory_destroy(inventory);
}

static void every_one_of_many_channels_is_found(void **state)
{
  (void)state;
  ingest_inventory *inventory = ingest_inventory_create();
  char station[16];
  int component;
  for (int i = 0; i < 18000; i++)
    for (int k = 0; k < 3; k++) {
      snprintf(station, sizeof station, "S%05d", i);
      assert_true(add(inventory, codes("XX", station, "00", (const char *[]){"HNZ", "HNN", "HNE"}[k]), epoch(0, 10, 100)));
    }
  assert_int_equal(seal(inventory), 0);
  for (int i = 0; i < 18000; i += 7) {
    snprintf(station, sizeof station, "S%05d", i);
    assert_int_equal(find(inventory, station, "00", "HNE", &component), i);
    assert_int_equal(component, INGEST_EAST);
    assert_int_equal(find(inventory, station, "01", "HNE", &component), -1);
  }
  ingest_inventory_destroy(inventory);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(letters_and_dip_name_the_component),
      cmocka_unit_test(any_order_of_adding_gives_the_same_indices),
      cmocka_unit_test(a_location_is_blank_in_each_of_its_spellings),
      cmocka_unit_test(the_epoch_is_that_of_the_datas_own_time),
      cmocka_unit_test(where_epochs_overlap_the_later_start_wins_and_it_is_said),
      cmocka_unit_test(the_same_epoch_twice_is_one),
      cmocka_unit_test(a_sensor_lies_where_its_newest_epoch_says),
      cmocka_unit_test(what_is_no_ground_motion_is_no_sensor),
      cmocka_unit_test(a_channel_without_place_gain_or_codes_is_left_out),
      cmocka_unit_test(an_empty_inventory_finds_nothing),
      cmocka_unit_test(every_one_of_many_channels_is_found),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
