#include "path.h"

#include <stdio.h>
#include <string.h>

#include "made.h"

static ingest_inventory *inventory;
static paths *p;

static void add(const char *network, const char *station)
{
  ingest_codes codes = {.channel = "HNZ"};
  ingest_epoch epoch = {.start = INT64_MIN, .end = INT64_MAX, .gain = 1, .rate = 100, .unit = INGEST_UNIT_ACCELERATION};
  snprintf(codes.network, sizeof codes.network, "%s", network);
  snprintf(codes.station, sizeof codes.station, "%s", station);
  assert_true(ingest_inventory_add_channel(inventory, &codes, 41, 123, 0, 0, &epoch));
}

/* 0: JL.CC1, 1: LN.SY1, 2: LN.SY22, 3: LN.YK1. */
static int begin(void **state)
{
  (void)state;
  inventory = ingest_inventory_create();
  add("LN", "SY1");
  add("LN", "SY22");
  add("LN", "YK1");
  add("JL", "CC1");
  ingest_inventory_seal(inventory, NULL, NULL);
  p = NULL;
  return 0;
}

static int end(void **state)
{
  (void)state;
  paths_destroy(p);
  ingest_inventory_destroy(inventory);
  return 0;
}

static void configure(ingest_path_rule *rules, size_t count)
{
  p = paths_create(&(ingest_settings){.paths = rules, .paths_count = count}, inventory);
  assert_non_null(p);
}

static const char *link_of(int32_t sensor, int32_t feed)
{
  return paths_name(p, paths_of(p, sensor, feed).link);
}

static void without_a_word_of_it_a_path_is_unknown(void **state)
{
  (void)state;
  configure(NULL, 0);
  ingest_path path = paths_of(p, 2, 7);
  assert_int_equal(path.logger, -1);
  assert_int_equal(path.link, -1);
  assert_int_equal(path.provider, -1);
  assert_string_equal(paths_name(p, -1), "");
  assert_string_equal(paths_name(p, 3), "");
}

static void patterns_choose_stations_and_the_first_that_names_a_thing_holds(void **state)
{
  (void)state;
  ingest_path_rule rules[] = {
      {.stations = "LN.SY?", .link = "fibre"}, {.stations = "LN.*", .link = "relay", .provider = "Liaoning"}, {.stations = "*C*1", .logger = "box"}};
  configure(rules, 3);
  assert_string_equal(link_of(1, 0), "fibre");
  assert_string_equal(link_of(2, 0), "relay");
  assert_string_equal(link_of(3, 0), "relay");
  assert_string_equal(link_of(0, 0), "");
  assert_string_equal(paths_name(p, paths_of(p, 1, 0).provider), "Liaoning");
  assert_string_equal(paths_name(p, paths_of(p, 0, 0).logger), "box");
  assert_int_equal(paths_of(p, 1, 0).logger, -1);
}

static void what_is_configured_goes_before_what_a_feed_says(void **state)
{
  (void)state;
  ingest_path_rule rules[] = {{.stations = "LN.YK1", .link = "satellite"}};
  configure(rules, 1);
  ingest_feed_path feed = {.link = "internet", .provider = "JMA"};
  assert_true(paths_set_feed(p, 4, &feed));
  assert_string_equal(link_of(3, 4), "satellite");
  assert_string_equal(link_of(0, 4), "internet");
  assert_string_equal(link_of(0, 3), "");
  assert_string_equal(link_of(0, 5), "");
  assert_string_equal(paths_name(p, paths_of(p, 3, 4).provider), "JMA");
  assert_false(paths_set_feed(p, -1, &feed));
}

static void equal_names_are_one_thing_wherever_they_are_said(void **state)
{
  (void)state;
  ingest_path_rule rules[] = {{.stations = "LN.SY1", .link = "hub"}};
  configure(rules, 1);
  for (int32_t feed = 0; feed < 200; feed++) {
    ingest_feed_path path = {.provider = "one"};
    snprintf(path.link, sizeof path.link, feed == 9 ? "hub" : "link %d", (int)feed);
    assert_true(paths_set_feed(p, feed, &path));
  }
  assert_int_equal(paths_of(p, 1, 3).link, paths_of(p, 0, 9).link);
  assert_int_equal(paths_of(p, 0, 0).provider, paths_of(p, 3, 199).provider);
  assert_int_not_equal(paths_of(p, 0, 8).link, paths_of(p, 0, 9).link);
  assert_string_equal(link_of(0, 199), "link 199");
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
  const struct CMUnitTest tests[] = {
      T(without_a_word_of_it_a_path_is_unknown),
      T(patterns_choose_stations_and_the_first_that_names_a_thing_holds),
      T(what_is_configured_goes_before_what_a_feed_says),
      T(equal_names_are_one_thing_wherever_they_are_said),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
