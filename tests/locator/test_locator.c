#include "made.h"
#include "near.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double NEAR_KM[MADE_NETWORKS] = {40, 220, 450}, REACH_KM[MADE_NETWORKS] = {120, 300, 700};

static void add_false_picks(made_world *w, size_t count, double from_s, double until_s)
{
  for (size_t i = 0; i < count; i++)
    made_add_pick(w, (size_t)random_below(&w->random, (int64_t)ingest_inventory_sensors(w->inventory)), 'P',
                  MADE_EPOCH + SECONDS(random_uniform(&w->random, from_s, until_s)), 0.1);
}

static size_t alert_class(const made_world *w)
{
  size_t count = 0;
  for (size_t i = 0; i < w->events; i++)
    count += w->event[i].highest_likelihood >= 0.8;
  return count;
}

/* ---- single earthquakes ---- */

typedef struct {
  int found, twice, missed, others, within_68, depth_68, seeds;
  double worst_km;
} tally;

static void one_earthquake(made_network network, uint64_t seed, tally *t)
{
  made_world *w = made_world_create(network, seed);
  w->settings.model_error = 0; /* the ground is the model's */
  made_source source = made_source_near(w, NEAR_KM[network], 30);
  made_quake(w, source, REACH_KM[network], 0.2, 0.3);
  add_false_picks(w, w->picks / 10, 0, 90);
  made_run(w, 320);
  int many;
  const made_event *e = made_find(w, source, &many);
  t->seeds++;
  t->found += e != NULL;
  t->twice += many > 1;
  t->missed += e == NULL;
  for (size_t i = 0; i < w->events; i++)
    t->others += w->event[i].last.state != LOCATOR_CANCELLED;
  t->others -= many;
  if (e) {
    double error = made_error_km(e, source);
    t->worst_km = fmax(t->worst_km, error);
    t->within_68 += error <= (double)e->last.horizontal_uncertainty_km;
    t->depth_68 += fabs((double)e->last.depth_km - source.depth_km) <= (double)e->last.depth_uncertainty_km;
    assert_int_equal(e->last.state, LOCATOR_FINAL);
  }
  if (!e || many > 1 || w->faults)
    print_message("# network %d, seed %u: found %d, faults %d\n", (int)network, (unsigned)seed, many, w->faults);
  assert_int_equal(w->faults, 0);
  made_world_destroy(w);
}

static void made_earthquakes_are_found_once_and_well(made_network network, double worst_km)
{
  tally t = {0};
  for (uint64_t seed = 1; seed <= 30; seed++)
    one_earthquake(network, seed * 7919, &t);
  assert_true(t.found >= 29);
  assert_int_equal(t.twice, 0);
  assert_true(t.others <= 1);
  assert_true(t.worst_km < worst_km);
  print_message("# network %d: %d of %d within the 68 %% radius, %d depths within one sigma\n", (int)network, t.within_68, t.found, t.depth_68);
  assert_true(t.within_68 >= t.found * 55 / 100 && t.within_68 <= t.found * 85 / 100);
  assert_true(t.depth_68 >= t.found * 5 / 10 && t.depth_68 <= t.found * 9 / 10);
}

static void earthquakes_under_a_city_are_found_once(void **state)
{
  (void)state;
  made_earthquakes_are_found_once_and_well(MADE_CITY, 3);
}

static void earthquakes_of_a_province_are_found_once(void **state)
{
  (void)state;
  made_earthquakes_are_found_once_and_well(MADE_PROVINCE, 5);
}

static void earthquakes_of_a_sparse_country_are_found_once(void **state)
{
  (void)state;
  made_earthquakes_are_found_once_and_well(MADE_COUNTRY, 10);
}

static void the_first_event_comes_with_the_fourth_pick_and_says_that_it_is_unsure(void **state)
{
  (void)state;
  int with_fourth = 0, seeds = 20;
  for (int seed = 1; seed <= seeds; seed++) {
    made_world *w = made_world_create(MADE_PROVINCE, (uint64_t)seed);
    made_source source = made_source_near(w, 120, 30);
    made_quake(w, source, 300, 0, 0);
    made_run(w, 120);
    int many;
    const made_event *e = made_find(w, source, &many);
    assert_non_null(e);
    with_fourth += e->first.arrivals_count == 4;
    assert_true(e->first.horizontal_uncertainty_km > 2 * e->last.horizontal_uncertainty_km);
    made_world_destroy(w);
  }
  assert_true(with_fourth >= seeds * 8 / 10);
}

/* ---- several ---- */

static void two_earthquakes_at_once_are_kept_apart(void **state)
{
  (void)state;
  static const struct {
    double apart_s, apart_km;
  } cases[] = {{0, 250}, {20, 100}, {3, 200}, {20, 180}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    for (uint64_t seed = 1; seed <= 5; seed++) {
      made_world *w = made_world_create(MADE_PROVINCE, seed * 131);
      made_source a = {41.5, 123 - cases[i].apart_km / 2 / 83.4, 10, MADE_EPOCH + SECONDS(30)};
      made_source b = {41.5, 123 + cases[i].apart_km / 2 / 83.4, 12, a.time + SECONDS(cases[i].apart_s)};
      made_quake(w, a, 180, 0.1, 0.2);
      made_quake(w, b, 180, 0.1, 0.2);
      made_run(w, 250);
      int many_a, many_b;
      const made_event *first = made_find(w, a, &many_a), *second = made_find(w, b, &many_b);
      if (!first || !second || first == second || many_a != 1 || many_b != 1)
        fail_msg("case %zu, seed %u: %d and %d events", i, (unsigned)seed, many_a, many_b);
      assert_true(made_error_km(first, a) < 10 && made_error_km(second, b) < 10);
      assert_int_equal(w->faults, 0);
      made_world_destroy(w);
    }
}

/* ---- no earthquake ---- */

static void hours_of_noise_make_no_event(void **state)
{
  (void)state;
  random_source random = {77};
  ingest_inventory *inventory = ingest_inventory_create();
  for (int i = 0; i < 200; i++) {
    char name[16];
    snprintf(name, sizeof name, "N%03d", i);
    made_add_site(inventory, "XX", name, "HN", random_uniform(&random, 40, 43), random_uniform(&random, 121, 125), 0);
  }
  locator_model model;
  assert_true(locator_model_named("iasp91", &model));
  made_world *w = made_world_of(inventory, &model, 78);
  for (int hour = 0; hour < 6; hour++) {
    made_noise(w, 5, hour * 3600, 3600);
    made_run(w, (hour + 1) * 3600);
    w->picks = w->next = 0;
  }
  assert_int_equal(alert_class(w), 0);
  assert_true(w->events <= 1);
  made_world_destroy(w);
}

static void a_small_earthquake_does_not_gather_a_country_s_noise(void **state)
{
  (void)state;
  random_source random = {79};
  ingest_inventory *inventory = ingest_inventory_create();
  for (int i = 0; i < 1600; i++) {
    char name[16];
    snprintf(name, sizeof name, "C%04d", i);
    made_add_site(inventory, "XX", name, "HN", 38 + 0.15 * (i / 40) + random_uniform(&random, -0.05, 0.05),
                  118 + 0.18 * (i % 40) + random_uniform(&random, -0.05, 0.05), 0);
  }
  locator_model model;
  assert_true(locator_model_named("iasp91", &model));
  made_world *w = made_world_of(inventory, &model, 80);
  made_source source = {41, 121.5, 10, MADE_EPOCH + SECONDS(60)};
  made_quake(w, source, 50, 0.1, 0);
  made_noise(w, 10, 20, 180);
  made_run(w, 200);
  int many;
  const made_event *e = made_find(w, source, &many);
  assert_true(e && many == 1);
  assert_int_equal(alert_class(w), 1);
  for (size_t i = 0; i < e->last.arrivals_count; i++)
    assert_true(e->last.arrivals[i].distance_km < 200);
  made_world_destroy(w);
}

static void a_distant_earthquake_crossing_the_network_is_no_alert(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 20; seed++) {
    made_world *w = made_world_create(seed % 2 ? MADE_PROVINCE : MADE_COUNTRY, seed * 31);
    double speed = random_uniform(&w->random, 12, 25), azimuth = random_uniform(&w->random, 0, 6.28);
    for (size_t i = 0; i < ingest_inventory_sensors(w->inventory); i++) {
      const ingest_sensor *s = ingest_inventory_sensor(w->inventory, i);
      double along = (s->longitude_deg - 123) * 83.4 * sin(azimuth) + (s->latitude_deg - 41.5) * 111.2 * cos(azimuth);
      if (random_uniform(&w->random, 0, 1) > 0.2)
        made_add_pick(w, i, 'P', MADE_EPOCH + SECONDS(60 + along / speed + 0.2 * random_normal(&w->random)), 0.2);
    }
    made_run(w, 250);
    if (alert_class(w) > 0)
      fail_msg("seed %u: likelihood of %zu events reached 0.8", (unsigned)seed, alert_class(w));
    made_world_destroy(w);
  }
}

/* ---- data, picks and their order ---- */

static double half_a_minute_for_every_third(size_t sensor)
{
  return sensor % 3 == 0 ? 30 : 0;
}

static void a_late_station_is_no_silent_one_and_still_serves(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 10; seed++) {
    made_world *w = made_world_create(MADE_PROVINCE, seed * 17);
    w->delay_s = half_a_minute_for_every_third;
    made_source source = made_source_near(w, 150, 30);
    made_quake(w, source, 250, 0, 0);
    made_run(w, 200);
    int many;
    const made_event *e = made_find(w, source, &many);
    assert_non_null(e);
    assert_int_equal(many, 1);
    assert_int_equal(w->events, 1);
    assert_true(made_error_km(e, source) < 3);
    int late = 0;
    for (size_t i = 0; i < e->last.arrivals_count; i++)
      late += e->last.arrivals[i].sensor % 3 == 0;
    assert_true(late >= 5);
    made_world_destroy(w);
  }
}

static void the_order_of_picks_does_not_change_the_result(void **state)
{
  (void)state;
  locator_event ends[4];
  for (int order = 0; order < 4; order++) {
    made_world *w = made_world_create(MADE_PROVINCE, 99);
    made_source source = {41.7, 123.2, 11, MADE_EPOCH + SECONDS(30)};
    made_quake(w, source, 250, 0, 0.3);
    random_source shuffle = {(uint64_t)order};
    for (size_t i = 0; order > 0 && i < w->picks; i++)
      w->pick[i].told += SECONDS(random_uniform(&shuffle, 0, 20));
    made_run(w, 220);
    int many;
    const made_event *e = made_find(w, source, &many);
    assert_true(e && many == 1);
    ends[order] = e->last;
    assert_true(locator_distance_km(ends[0].latitude_deg, ends[0].longitude_deg, e->last.latitude_deg, e->last.longitude_deg, NULL) < 0.3);
    assert_near((double)ends[0].depth_km, (double)e->last.depth_km, 1);
    assert_near((double)(ends[0].origin_time - e->last.origin_time) / 1e9, 0, 0.1);
    assert_true(ends[0].arrivals_count - e->last.arrivals_count + 2 <= 4);
    made_world_destroy(w);
  }
}

static void the_same_inputs_give_the_same_events(void **state)
{
  (void)state;
  made_event ends[2];
  for (int run = 0; run < 2; run++) {
    made_world *w = made_world_create(MADE_CITY, 5);
    made_quake(w, made_source_near(w, 30, 30), 100, 0.2, 0.3);
    made_run(w, 150);
    assert_true(w->events > 0);
    ends[run] = w->event[0];
    made_world_destroy(w);
  }
  assert_int_equal(ends[0].revisions, ends[1].revisions);
  assert_true(ends[0].last.latitude_deg == ends[1].last.latitude_deg && ends[0].last.longitude_deg == ends[1].last.longitude_deg);
  assert_true(ends[0].last.origin_time == ends[1].last.origin_time);
  assert_string_equal(ends[0].last.id, ends[1].last.id);
}

static void two_sensors_of_one_site_vote_once(void **state)
{
  (void)state;
  ingest_inventory *inventory = ingest_inventory_create();
  for (int i = 0; i < 8; i++) {
    char name[16];
    snprintf(name, sizeof name, "D%d", i);
    double latitude = 41 + 0.3 * (i / 3), longitude = 123 + 0.4 * (i % 3);
    made_add_site(inventory, "XX", name, "HH", latitude, longitude, 0);
    made_add_site(inventory, "XX", name, "HN", latitude, longitude, 0);
  }
  locator_model model;
  assert_true(locator_model_named("iasp91", &model));
  made_world *w = made_world_of(inventory, &model, 3);
  made_source source = {41.3, 123.5, 10, MADE_EPOCH + SECONDS(30)};
  made_quake(w, source, 300, 0, 0);
  assert_int_equal(w->picks, 16);
  made_run(w, 60);
  int many;
  const made_event *e = made_find(w, source, &many);
  assert_true(e && many == 1);
  assert_int_equal(e->last.stations_used, 8);
  assert_int_equal(e->last.arrivals_count, 8);
  assert_int_equal(e->first.stations_used, 4);
  made_world_destroy(w);
}

static void three_sites_are_too_few(void **state)
{
  (void)state;
  made_world *w = made_world_create(MADE_PROVINCE, 4);
  made_source source = {41.5, 123, 10, MADE_EPOCH + SECONDS(30)};
  made_quake(w, source, 60, 0, 1);
  size_t sites = 0;
  for (size_t i = 0; i < w->picks; i++)
    if (w->pick[i].pick.phase == 'P' && ++sites > 3)
      w->pick[i].told = INT64_MAX;
  made_run(w, 100);
  assert_int_equal(w->events, 0);
  made_world_destroy(w);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(earthquakes_under_a_city_are_found_once),
      cmocka_unit_test(earthquakes_of_a_province_are_found_once),
      cmocka_unit_test(earthquakes_of_a_sparse_country_are_found_once),
      cmocka_unit_test(the_first_event_comes_with_the_fourth_pick_and_says_that_it_is_unsure),
      cmocka_unit_test(two_earthquakes_at_once_are_kept_apart),
      cmocka_unit_test(hours_of_noise_make_no_event),
      cmocka_unit_test(a_small_earthquake_does_not_gather_a_country_s_noise),
      cmocka_unit_test(a_distant_earthquake_crossing_the_network_is_no_alert),
      cmocka_unit_test(a_late_station_is_no_silent_one_and_still_serves),
      cmocka_unit_test(the_order_of_picks_does_not_change_the_result),
      cmocka_unit_test(the_same_inputs_give_the_same_events),
      cmocka_unit_test(two_sensors_of_one_site_vote_once),
      cmocka_unit_test(three_sites_are_too_few),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
