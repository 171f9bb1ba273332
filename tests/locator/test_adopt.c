/* The inventory is another: stations are new, or placed elsewhere, while events are open. */
#include "made.h"
#include "near.h"
#include "network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const made_source QUAKE = {41.5, 123, 10, MADE_EPOCH + SECONDS(30)};

/* The world's stations, the first of them `north_deg` away, and so many more near the quake. */
static ingest_inventory *another_inventory(const made_world *w, double north_deg, int more)
{
  ingest_inventory *inventory = ingest_inventory_create();
  for (size_t i = 0; i < ingest_inventory_sensors(w->inventory); i++) {
    const ingest_sensor *s = ingest_inventory_sensor(w->inventory, i);
    made_add_site(inventory, "LN", s->site_code + 3, "HN", s->latitude_deg + (i == 0 ? north_deg : 0), s->longitude_deg, s->elevation_m);
  }
  for (int i = 0; i < more; i++) {
    char name[16];
    snprintf(name, sizeof name, "A%03d", i); /* sorts before all others, stands behind them */
    made_add_site(inventory, "LN", name, "HN", 41.55, 123.05 + 0.1 * i, 0);
  }
  assert_true(ingest_inventory_seal_after(inventory, w->inventory, NULL, NULL));
  return inventory;
}

static void adopt(made_world *w, ingest_inventory *inventory)
{
  assert_true(locator_adopt(w->locator, inventory));
  ingest_inventory_destroy(w->inventory);
  w->inventory = inventory;
}

static void new_stations_serve_an_event_that_is_open(void **state)
{
  (void)state;
  made_world *w = made_world_create(MADE_PROVINCE, 12);
  made_quake(w, QUAKE, 160, 0, 0);
  made_run(w, 45);
  assert_int_equal(w->events, 1);
  locator_event before = w->event[0].last;
  size_t sensors = ingest_inventory_sensors(w->inventory);
  adopt(w, another_inventory(w, 0, 2));
  assert_int_equal(ingest_inventory_sensors(w->inventory), sensors + 2);
  made_quake(w, QUAKE, 20, 0, 0); /* the new ones are the nearest; what the old ones picked already is said again */
  made_run(w, 60);
  assert_int_equal(w->events, 1);
  assert_string_equal(w->event[0].last.id, before.id);
  size_t new_ones = 0;
  for (size_t i = 0; i < w->event[0].last.arrivals_count; i++)
    new_ones += (size_t)w->event[0].last.arrivals[i].sensor >= sensors;
  assert_int_equal(new_ones, 2);
  assert_int_equal(w->faults, 0);
  made_world_destroy(w);
}

static void a_station_put_right_moves_its_event(void **state)
{
  (void)state;
  made_world *w = made_world_create(MADE_CITY, 3);
  made_source source = {41.5, 123, 10, MADE_EPOCH + SECONDS(30)};
  adopt(w, another_inventory(w, 0.02, 0));
  made_quake(w, source, 100, 0, 0);
  made_run(w, 45);
  const locator_event *wrong = locator_open_event(w->locator, 0);
  assert_non_null(wrong);
  double residual = NAN, now = NAN;
  for (size_t i = 0; i < wrong->arrivals_count; i++)
    residual = wrong->arrivals[i].sensor == 0 ? (double)wrong->arrivals[i].residual_s : residual;
  adopt(w, another_inventory(w, -0.02, 0));
  made_run(w, 46);
  const locator_event *right = locator_open_event(w->locator, 0);
  for (size_t i = 0; i < right->arrivals_count; i++)
    now = right->arrivals[i].sensor == 0 ? (double)right->arrivals[i].residual_s : now;
  assert_true(isfinite(residual) && isfinite(now) && fabs(now - residual) > 0.1);
  made_world_destroy(w);
}

static void what_was_learned_of_the_sites_stays(void **state)
{
  (void)state;
  made_world *w = made_world_create(MADE_CITY, 5);
  network n;
  assert_true(network_create(&n, w->inventory, 400));
  ingest_status status = {.sensor = 4, .state = INGEST_GOOD, .path = {1, 2, 3}, .data_until = 99};
  network_status(&n, &status);
  network_count_noise(&n, 4, 'P', MADE_EPOCH);
  double rate = network_noise_rate(&n, 4, 'P', 10, MADE_EPOCH, 0, MADE_EPOCH);
  ingest_inventory *more = another_inventory(w, 0, 3);
  size_t sites = n.sites;
  assert_true(network_adopt(&n, more, 400));
  assert_int_equal(n.sites, sites + 3);
  int64_t since;
  assert_true(network_data_until(&n, 4, &since) == 99);
  assert_near(network_noise_rate(&n, 4, 'P', 10, MADE_EPOCH, 0, MADE_EPOCH), rate, 1e-12);
  assert_int_equal(n.sensor[4].path.link, 2);
  assert_true(network_data_until(&n, (int32_t)sites, &since) == INT64_MIN);
  network_destroy(&n);
  ingest_inventory_destroy(more);
  made_world_destroy(w);
}

static void a_second_sensor_of_an_old_site_is_found_behind_the_others(void **state)
{
  (void)state;
  made_world *w = made_world_create(MADE_CITY, 5);
  ingest_inventory *more = another_inventory(w, 0, 0);
  ingest_inventory_destroy(more);
  more = ingest_inventory_create();
  for (size_t i = 0; i < ingest_inventory_sensors(w->inventory); i++) {
    const ingest_sensor *s = ingest_inventory_sensor(w->inventory, i);
    made_add_site(more, "LN", s->site_code + 3, "HN", s->latitude_deg, s->longitude_deg, s->elevation_m);
    if (i == 2)
      made_add_site(more, "LN", s->site_code + 3, "HH", s->latitude_deg, s->longitude_deg, s->elevation_m);
  }
  assert_true(ingest_inventory_seal_after(more, w->inventory, NULL, NULL));
  network n;
  assert_true(network_create(&n, w->inventory, 400) && network_adopt(&n, more, 400));
  int32_t site = n.sensor[2].site;
  assert_int_equal(n.site[site].sensors, 2);
  ingest_status status = {.sensor = (int32_t)n.sensors - 1, .state = INGEST_GOOD, .data_until = 77};
  network_status(&n, &status);
  int64_t since;
  assert_true(network_data_until(&n, site, &since) == 77);
  network_destroy(&n);
  ingest_inventory_destroy(more);
  made_world_destroy(w);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(new_stations_serve_an_event_that_is_open),
      cmocka_unit_test(a_station_put_right_moves_its_event),
      cmocka_unit_test(what_was_learned_of_the_sites_stays),
      cmocka_unit_test(a_second_sensor_of_an_old_site_is_found_behind_the_others),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
