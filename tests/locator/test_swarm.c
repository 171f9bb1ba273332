/* A city in a storm, a country in a swarm, and telemetry that comes a minute late. */
#include "made.h"

#include <stdio.h>

/* A network of `across` x `across` sites about `spacing_km` apart. */
static made_world *wide_world(int across, double spacing_km, uint64_t seed)
{
  random_source random = {seed};
  ingest_inventory *inventory = ingest_inventory_create();
  locator_model model;
  assert_true(inventory && locator_model_named("iasp91", &model));
  for (int i = 0; i < across * across; i++) {
    char name[16];
    snprintf(name, sizeof name, "W%05d", i);
    double east = spacing_km * (i % across - (across - 1) / 2.0 + random_uniform(&random, -0.3, 0.3));
    double north = spacing_km * ((double)(i / across) - (across - 1) / 2.0 + random_uniform(&random, -0.3, 0.3));
    made_add_site(inventory, "LN", name, "HN", 41.5 + north / 111.2, 123 + east / 83.4, 0);
  }
  return made_world_of(inventory, &model, seed);
}

static size_t alert_class(const made_world *w)
{
  size_t count = 0;
  for (size_t i = 0; i < w->events; i++)
    count += w->event[i].highest_likelihood >= 0.8;
  return count;
}

static size_t said(const made_world *w)
{
  size_t count = 0;
  for (size_t i = 0; i < w->events; i++)
    count += w->event[i].last.state != LOCATOR_CANCELLED;
  return count;
}

/* A storm: all sites of a city pick ten times as often for five minutes. */
static void a_storm_over_a_city_makes_no_event_of_the_alert_class(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 5; seed++) {
    made_world *w = made_world_create(MADE_CITY, seed * 101);
    made_noise(w, 10, 0, 600);
    made_noise(w, 50, 600, 300);
    made_run(w, 1000);
    if (alert_class(w) != 0)
      fail_msg("seed %u: %zu events, %zu of the alert class", (unsigned)seed, w->events, alert_class(w));
    made_world_destroy(w);
  }
}

/* Ten earthquakes a minute in a country of 18,000 sites. */
static void each_earthquake_of_a_national_swarm_is_found_once(void **state)
{
  (void)state;
  enum { EARTHQUAKES = 100 };
  made_world *w = wide_world(134, 15, 99);
  made_source sources[EARTHQUAKES];
  for (size_t i = 0; i < EARTHQUAKES; i++) {
    sources[i] = made_source_near(w, 900, 20 + 6 * (double)i);
    made_quake(w, sources[i], 80, 0.1, 0.5);
  }
  made_noise(w, 5, 0, 640);
  made_run(w, 740);
  size_t once = 0;
  for (size_t i = 0; i < EARTHQUAKES; i++) {
    int many;
    const made_event *e = made_find(w, sources[i], &many);
    once += e && many == 1 && made_error_km(e, sources[i]) < 5;
  }
  print_message("# %zu of %d found once, %zu said\n", once, EARTHQUAKES, said(w));
  assert_int_equal(once, EARTHQUAKES);
  assert_int_equal(said(w), EARTHQUAKES);
  assert_int_equal(w->faults, 0);
  made_world_destroy(w);
}

/* A large earthquake, and while its S waves cross the place, another. */
static void an_earthquake_amid_the_waves_of_a_large_one_is_not_lost(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 20; seed++) {
    made_world *w = wide_world(24, 23, seed * 53);
    made_source large = made_source_near(w, 100, 20), next = large;
    next.latitude_deg += 0.3;
    next.longitude_deg += 0.3;
    next.time += SECONDS(12);
    made_quake(w, large, 220, 0.2, 0.5);
    made_quake(w, next, 150, 0.2, 0.5);
    made_run(w, 150);
    int many_large, many_next;
    const made_event *first = made_find(w, large, &many_large), *second = made_find(w, next, &many_next);
    if (!first || !second || many_large != 1 || many_next != 1 || made_error_km(second, next) > 5 || said(w) != 2)
      fail_msg("seed %u: %d and %d there, %zu in all", (unsigned)seed, many_large, many_next, said(w));
    made_world_destroy(w);
  }
}

/* Ten times as many waves as an event holds. */
static void a_thousand_picks_of_one_earthquake_are_one_event(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 5; seed++) {
    made_world *w = wide_world(30, 15, seed * 59);
    made_source source = made_source_near(w, 50, 20);
    made_quake(w, source, 300, 0.1, 0.8);
    assert_true(w->picks > 1000);
    made_run(w, 300);
    int many;
    const made_event *e = made_find(w, source, &many);
    if (!e || many != 1 || made_error_km(e, source) > 3 || said(w) != 1)
      fail_msg("seed %u: %d there, %zu in all", (unsigned)seed, many, said(w));
    assert_int_equal(w->faults, 0);
    made_world_destroy(w);
  }
}

static double up_to_a_minute(size_t sensor)
{
  return (double)(sensor * 37 % 61);
}

/* Telemetry of 0 to 60 s a station: what comes late serves, and undoes nothing. */
static void late_data_serve_later_updates_and_undo_nothing(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 10; seed++) {
    made_world *w = made_world_create(MADE_PROVINCE, seed * 71);
    w->delay_s = up_to_a_minute;
    made_source source = made_source_near(w, 120, 80);
    made_quake(w, source, 250, 0.1, 0.3);
    made_noise(w, 5, 0, 200);
    made_run(w, 400);
    int many;
    const made_event *e = made_find(w, source, &many);
    if (!e || many != 1 || made_error_km(e, source) > 4 || e->last.state != LOCATOR_FINAL || e->last.stations_used < 15)
      fail_msg("seed %u: %d there, %.1f km off, %d stations", (unsigned)seed, many, e ? made_error_km(e, source) : 0, e ? e->last.stations_used : 0);
    assert_int_equal(w->faults, 0);
    made_world_destroy(w);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_storm_over_a_city_makes_no_event_of_the_alert_class),   cmocka_unit_test(each_earthquake_of_a_national_swarm_is_found_once),
      cmocka_unit_test(an_earthquake_amid_the_waves_of_a_large_one_is_not_lost), cmocka_unit_test(a_thousand_picks_of_one_earthquake_are_one_event),
      cmocka_unit_test(late_data_serve_later_updates_and_undo_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
