/* What the engine keeps of each sensor. */
#include <stdio.h>

#include "sensors.h"
#include "town.h"

static town t;
static sensors s;

static void add(ingest_inventory *inventory, const char *station, const char *channel, double rate, int64_t end)
{
  ingest_codes codes = {.network = "XX"};
  ingest_epoch epoch = {INT64_MIN, end, 1e6, 1, rate, 0, -90, INGEST_UNIT_ACCELERATION};
  snprintf(codes.station, sizeof codes.station, "%s", station);
  snprintf(codes.channel, sizeof codes.channel, "%s", channel);
  assert_true(ingest_inventory_add_channel(inventory, &codes, 40, 122, 0, 0, &epoch));
}

/* 0: A's accelerometer, 1: A's broadband sensor, 2: B's long-period one, 3: C, which has ended. */
static int set_up(void **state)
{
  (void)state;
  ingest_inventory *inventory = ingest_inventory_create();
  add(inventory, "A", "HNZ", 100, INT64_MAX);
  add(inventory, "A", "HHZ", 0, INT64_MAX);
  add(inventory, "B", "LHZ", 1, INT64_MAX);
  add(inventory, "C", "HNZ", 100, ORIGIN);
  ingest_inventory_seal(inventory, NULL, NULL);
  town_build(&t, inventory);
  assert_true(sensors_create(&s, inventory, &t.picker));
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  sensors_destroy(&s);
  town_leave(&t);
  return 0;
}

static void a_sensor_has_a_picker_unless_it_is_known_to_be_too_slow(void **state)
{
  (void)state;
  assert_int_equal(s.count, 4);
  assert_non_null(s.of[0].picker);
  assert_non_null(s.of[1].picker);
  assert_null(s.of[2].picker);
  assert_non_null(s.of[3].picker);
}

static void look_at_all(int64_t now)
{
  for (size_t i = 0; i < s.count; i++)
    sensors_look(&s, (int32_t)i, now);
}

static bool state_is(int32_t index, ingest_state state)
{
  return sensors_take_status(&s, &(ingest_status){.sensor = index, .state = state});
}

static void a_site_is_good_while_any_of_its_sensors_is(void **state)
{
  (void)state;
  look_at_all(ORIGIN);
  assert_int_equal(s.sites_good, 0);
  assert_true(state_is(0, INGEST_GOOD));
  assert_int_equal(s.sites_good, 1);
  assert_true(state_is(1, INGEST_GOOD));
  assert_int_equal(s.sites_good, 1);
  assert_true(state_is(2, INGEST_GOOD));
  assert_int_equal(s.sites_good, 2);
  assert_false(state_is(2, INGEST_GOOD));
  assert_true(state_is(0, INGEST_LATE));
  assert_int_equal(s.sites_good, 2);
  assert_true(state_is(1, INGEST_LATE));
  assert_true(state_is(1, INGEST_DEAD));
  assert_int_equal(s.sites_good, 1);
}

static void a_site_that_has_ended_is_no_station_whatever_its_last_state(void **state)
{
  (void)state;
  look_at_all(ORIGIN - 1);
  assert_int_equal(s.sites_open, 3);
  assert_true(state_is(3, INGEST_GOOD));
  assert_int_equal(s.sites_good, 1);
  look_at_all(ORIGIN);
  assert_int_equal(s.sites_open, 2);
  assert_int_equal(s.sites_good, 0);
  assert_true(state_is(3, INGEST_DEAD));
  assert_int_equal(s.sites_good, 0);
}

static void the_last_picks_are_remembered_and_older_ones_forgotten(void **state)
{
  (void)state;
  for (uint64_t id = 1; id <= SENSOR_PICKS + 2; id++)
    sensors_new_pick(&s, &(picker_pick){.id = id, .sensor = 0, .phase = 'P'})->revision = (uint32_t)id;
  assert_null(sensors_find_pick(&s, 0, 1));
  assert_null(sensors_find_pick(&s, 0, 2));
  for (uint64_t id = 3; id <= SENSOR_PICKS + 2; id++)
    assert_int_equal(sensors_find_pick(&s, 0, id)->revision, id);
  assert_null(sensors_find_pick(&s, 1, 3));
}

static void a_sensor_is_marked_once_and_in_the_order_of_marking(void **state)
{
  (void)state;
  sensors_mark_fed(&s, 3);
  sensors_mark_fed(&s, 0);
  sensors_mark_fed(&s, 3);
  assert_int_equal(s.fed.count, 2);
  assert_int_equal(s.fed.of[0], 3);
  assert_int_equal(s.fed.of[1], 0);
  sensors_mark_moved(&s, 0);
  sensors_clear_fed(&s);
  assert_int_equal(s.fed.count, 0);
  assert_int_equal(s.moved.count, 1);
  sensors_mark_fed(&s, 3);
  assert_int_equal(s.fed.count, 1);
  sensors_clear_moved(&s);
  assert_int_equal(s.moved.count, 0);
}

static void another_inventory_keeps_what_is_known_and_adds_pickers(void **state)
{
  (void)state;
  ingest_inventory *fresh = ingest_inventory_create();
  add(fresh, "A", "HNZ", 100, INT64_MAX);
  add(fresh, "A", "HHZ", 0, INT64_MAX);
  add(fresh, "B", "LHZ", 100, INT64_MAX); /* faster now */
  add(fresh, "AA", "HNZ", 100, INT64_MAX);
  add(fresh, "D", "HNZ", 250, INT64_MAX);
  assert_true(ingest_inventory_seal_after(fresh, s.inventory, NULL, NULL));
  const picker *before = s.of[0].picker;
  look_at_all(ORIGIN - 1);
  assert_true(state_is(0, INGEST_GOOD));
  sensors_new_pick(&s, &(picker_pick){.id = 7, .sensor = 0, .phase = 'P'});
  assert_true(sensors_adopt(&s, fresh, &t.picker));
  assert_int_equal(s.count, 6);
  assert_int_equal(s.sites, 5);
  look_at_all(ORIGIN - 1);
  assert_int_equal(s.sites_open, 4); /* C's last word was another inventory's */
  assert_ptr_equal(s.of[0].picker, before);
  assert_non_null(sensors_find_pick(&s, 0, 7));
  assert_non_null(s.of[2].picker);
  assert_non_null(s.of[3].picker); /* C is no more, and keeps its place */
  assert_true(s.of[4].picker && s.of[5].picker);
  assert_int_equal(s.of[5].status.state, INGEST_OFF);
  assert_int_equal(s.sites_good, 1);
  assert_true(state_is(4, INGEST_GOOD));
  assert_int_equal(s.sites_good, 2);
  sensors_mark_fed(&s, 5);
  assert_int_equal(s.fed.of[0], 5);
  sensors_return(&s, t.inventory);
  assert_int_equal(s.count, 4);
  ingest_inventory_destroy(fresh);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      T(a_sensor_has_a_picker_unless_it_is_known_to_be_too_slow),     T(a_site_is_good_while_any_of_its_sensors_is),
      T(a_site_that_has_ended_is_no_station_whatever_its_last_state), T(the_last_picks_are_remembered_and_older_ones_forgotten),
      T(a_sensor_is_marked_once_and_in_the_order_of_marking),         T(another_inventory_keeps_what_is_known_and_adds_pickers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
