/* The places that are warned, and where an epicentre is in words. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "place.h"
#include "random.h"
#include "town.h"

static int set_up(void **state)
{
  static town t;
  town_build(&t, NULL);
  *state = &t;
  return 0;
}

static int tear_down(void **state)
{
  town_leave(*state);
  return 0;
}

static void the_configured_targets_are_the_targets(void **state)
{
  town *t = *state;
  target_table *table = targets_create(&t->settings, t->inventory);
  assert_int_equal(table->count, 4);
  assert_string_equal(table->target[1].id, "yingkou");
  targets_release(table);
}

static void without_any_each_site_is_one(void **state)
{
  town *t = *state;
  engine_settings none = {.rules = {.targets_from_stations = true, .minimum_intensity = 3}};
  target_table *table = targets_create(&none, t->inventory);
  assert_int_equal(table->count, 4);
  assert_string_equal(table->target[2].id, "ln-s2");
  assert_string_equal(table->target[2].name, "LN.S2");
  assert_float_equal(table->target[2].latitude_deg, 40.7, 1e-9);
  assert_float_equal(table->target[2].threshold, 3, 0);
  targets_release(table);
}

static void a_site_that_is_no_more_is_none(void **state)
{
  town *t = *state;
  engine_settings none = {.rules = {.targets_from_stations = true}};
  const ingest_sensor *kept = ingest_inventory_sensor(t->inventory, 2);
  ingest_codes codes = kept->codes;
  strcat(codes.channel, "Z");
  const ingest_epoch epoch = {INT64_MIN, INT64_MAX, 1e6, 1, 100, 0, -90, INGEST_UNIT_ACCELERATION};
  ingest_inventory *fresh = ingest_inventory_create();
  assert_true(ingest_inventory_add_channel(fresh, &codes, kept->latitude_deg, kept->longitude_deg, 0, 0, &epoch));
  assert_true(ingest_inventory_seal_after(fresh, t->inventory, NULL, NULL));
  target_table *table = targets_create(&none, fresh);
  assert_int_equal(table->count, 1);
  assert_string_equal(table->target[0].name, kept->site_code);
  assert_int_equal(targets_find(table, table->target[0].id), 0);
  targets_release(table);
  ingest_inventory_destroy(fresh);
}

static void without_any_and_without_leave_there_is_none(void **state)
{
  town *t = *state;
  engine_settings none = {.rules = {.targets_from_stations = false}};
  target_table *table = targets_create(&none, t->inventory);
  size_t index;
  double distance_km;
  assert_int_equal(table->count, 0);
  assert_false(targets_nearest(table, 40, 120, &index, &distance_km, NULL));
  targets_release(table);
}

static void an_id_is_found_and_a_foreign_one_is_not(void **state)
{
  town *t = *state;
  target_table *table = targets_create(&t->settings, t->inventory);
  for (size_t i = 0; i < 4; i++)
    assert_int_equal(targets_find(table, t->towns[i].id), i);
  assert_int_equal(targets_find(table, "haichen"), 4);
  assert_int_equal(targets_find(table, "zzz"), 4);
  targets_release(table);
}

static void ids_that_cannot_name_a_channel_or_are_used_twice_are_found(void **state)
{
  town *t = *state;
  static const char *const bad[] = {"Haicheng", "", "a b", "a:b", "海城", "yingkou"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    size_t index = 99;
    strcpy(t->towns[2].id, bad[i]);
    target_table *table = targets_create(&t->settings, t->inventory);
    assert_non_null(targets_fault(table, &index));
    assert_int_equal(index, 2);
    targets_release(table);
  }
  strcpy(t->towns[2].id, "shenyang");
  target_table *table = targets_create(&t->settings, t->inventory);
  size_t index;
  assert_null(targets_fault(table, &index));
  targets_release(table);
}

static void joined_tables_keep_what_was_told_and_hold_each_id_once(void **state)
{
  town *t = *state;
  target_table *old = targets_create(&t->settings, t->inventory);
  engine_target fresh_target = {"shenyang", "Shenyang", "", 41.8, 123.4, 1, 4};
  engine_settings settings = {.targets = &fresh_target, .targets_count = 1};
  target_table *fresh = targets_create(&settings, t->inventory);
  target_table *joined = targets_joined(fresh, old, (size_t[]){0, 2}, 2);
  assert_int_equal(joined->count, 2);
  assert_float_equal(joined->target[targets_find(joined, "shenyang")].threshold, 4, 0);
  assert_int_equal(targets_find(joined, "haicheng"), 1);
  targets_release(old);
  targets_release(fresh);
  targets_release(joined);
}

static void the_nearest_is_the_one_at_the_least_distance(void **state)
{
  town *t = *state;
  target_table *table = targets_create(&t->settings, t->inventory);
  random_source r = {.state = 21};
  for (int i = 0; i < 2000; i++) {
    double latitude = random_uniform(&r, 38, 43), longitude = random_uniform(&r, 119, 126), distance_km, least = INFINITY;
    size_t index;
    assert_true(targets_nearest(table, latitude, longitude, &index, &distance_km, NULL));
    for (size_t k = 0; k < 4; k++)
      least = fmin(least, locator_distance_km(t->towns[k].latitude_deg, t->towns[k].longitude_deg, latitude, longitude, NULL));
    if (distance_km > least * 1.01)
      fail_msg("seed 21, draw %d: %.3f km where %.3f km is the least", i, distance_km, least);
  }
  targets_release(table);
}

static place named(const town *t, double latitude_deg, double longitude_deg)
{
  place p;
  target_table *table = targets_create(&t->settings, t->inventory);
  place_of(table, latitude_deg, longitude_deg, &p);
  targets_release(table);
  return p;
}

static void a_place_is_named_by_distance_and_direction_from_the_nearest_target(void **state)
{
  place p = named(*state, 40.882 + 0.0764, 122.685 + 0.1007);
  assert_string_equal(p.en, "12 km NE of Haicheng");
  assert_string_equal(p.zh, "海城市东北 12 km");
  p = named(*state, 40.667, 122.235 - 0.2);
  assert_string_equal(p.en, "17 km W of Yingkou");
  assert_string_equal(p.zh, "营口市西 17 km");
  p = named(*state, 40.1, 124.355);
  assert_string_equal(p.zh, "Dandong北 11 km");
}

static void at_a_target_it_is_near_it_and_far_from_all_it_is_coordinates(void **state)
{
  place p = named(*state, 40.885, 122.690);
  assert_string_equal(p.en, "near Haicheng");
  assert_string_equal(p.zh, "海城市附近");
  p = named(*state, -12.5, -77.25);
  assert_string_equal(p.en, "12.50 S 77.25 W");
  assert_string_equal(p.zh, "南纬 12.50 度、西经 77.25 度");
}

static void every_direction_has_its_name(void **state)
{
  static const char *const winds[] = {"N", "NE", "E", "SE", "S", "SW", "W", "NW"};
  char wanted[64];
  for (int i = 0; i < 16; i++) {
    double azimuth = (i * 22.5 + 1) * M_PI / 180;
    place p = named(*state, 41.805 + 0.2 * cos(azimuth), 123.431 + 0.2 * sin(azimuth) / cos(41.805 * M_PI / 180));
    snprintf(wanted, sizeof wanted, " km %s of Shenyang", winds[(i + 1) / 2 % 8]);
    if (!strstr(p.en, wanted))
      fail_msg("azimuth %g: %s", i * 22.5 + 1, p.en);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_configured_targets_are_the_targets),
      cmocka_unit_test(without_any_each_site_is_one),
      cmocka_unit_test(a_site_that_is_no_more_is_none),
      cmocka_unit_test(without_any_and_without_leave_there_is_none),
      cmocka_unit_test(an_id_is_found_and_a_foreign_one_is_not),
      cmocka_unit_test(ids_that_cannot_name_a_channel_or_are_used_twice_are_found),
      cmocka_unit_test(joined_tables_keep_what_was_told_and_hold_each_id_once),
      cmocka_unit_test(the_nearest_is_the_one_at_the_least_distance),
      cmocka_unit_test(a_place_is_named_by_distance_and_direction_from_the_nearest_target),
      cmocka_unit_test(at_a_target_it_is_near_it_and_far_from_all_it_is_coordinates),
      cmocka_unit_test(every_direction_has_its_name),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
