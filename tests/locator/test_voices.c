/* Witnesses that may be wrong for one reason, and sensors that are not well. */
#include "made.h"

/* Picks of so many of the nearest sites of an earthquake, of which those whose bit is set in `behind` share a link; all other sites are silent.
   Returns how many events were said. */
static size_t events_of(size_t sites, uint64_t behind, bool others_beyond)
{
  made_world *w = made_world_create(MADE_CITY, 41);
  made_source source = {41.5, 123, 8, MADE_EPOCH + SECONDS(30)};
  made_quake(w, source, 100, 0, 0);
  made_sort_by_time(w);
  for (size_t i = sites; i < w->picks; i++)
    w->pick[i].told = INT64_MAX;
  for (size_t i = 0; i < ingest_inventory_sensors(w->inventory); i++)
    w->path[i] = (ingest_path){-1, others_beyond ? -1 : 7, -1};
  for (size_t i = 0; i < sites; i++)
    if (behind >> i & 1)
      w->path[w->pick[i].pick.sensor].link = 7;
  made_run(w, 60);
  size_t events = w->events;
  made_world_destroy(w);
  return events;
}

static void stations_behind_one_link_are_one_voice_where_others_are_not(void **state)
{
  (void)state;
  assert_int_equal(events_of(5, 0, true), 1);
  assert_int_equal(events_of(5, 0x7, true), 0); /* three of five: three voices */
  assert_int_equal(events_of(5, 0x3, true), 1); /* two of five: four */
  assert_int_equal(events_of(6, 0x7, true), 1); /* three of six: four */
}

static void where_all_stations_share_a_link_each_speaks_for_itself(void **state)
{
  (void)state;
  assert_int_equal(events_of(5, 0x1f, false), 1);
}

static size_t alert_class(const made_world *w)
{
  size_t count = 0;
  for (size_t i = 0; i < w->events; i++)
    count += w->event[i].highest_likelihood >= 0.5;
  return count;
}

/* Three stations behind a faulty link, whose picks would be an earthquake's; a broken sensor and a noisy site join them. */
static void a_faulty_link_a_broken_sensor_and_a_noisy_site_make_no_event(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 20; seed++) {
    made_world *w = made_world_create(MADE_PROVINCE, seed * 11);
    made_source source = made_source_near(w, 120, 30);
    made_quake(w, source, 300, 0, 0);
    made_sort_by_time(w);
    for (size_t i = 5; i < w->picks; i++)
      w->pick[i].told = INT64_MAX;
    for (size_t i = 0; i < 3; i++)
      w->path[w->pick[i].pick.sensor].link = 3;
    w->state[w->pick[4].pick.sensor] = INGEST_NOISY;
    made_noise(w, 120, 0, 90); /* and its like all over, all the time */
    for (size_t i = 5; i < w->picks; i++)
      if (w->pick[i].pick.sensor != w->pick[4].pick.sensor)
        w->pick[i].told = INT64_MAX;
    made_run(w, 120);
    if (alert_class(w) != 0 || w->events != 0)
      fail_msg("seed %u: %zu events", (unsigned)seed, w->events);
    made_world_destroy(w);
  }
}

static void picks_of_a_sensor_with_a_wrong_clock_are_not_used(void **state)
{
  (void)state;
  made_world *w = made_world_create(MADE_PROVINCE, 12);
  made_source source = {41.5, 123, 10, MADE_EPOCH + SECONDS(30)};
  made_quake(w, source, 200, 0, 0);
  made_sort_by_time(w);
  int32_t sensor = w->pick[1].pick.sensor;
  w->state[sensor] = INGEST_CLOCK;
  made_run(w, 100);
  assert_int_equal(w->events, 1);
  for (size_t i = 0; i < w->event[0].last.arrivals_count; i++)
    assert_int_not_equal(w->event[0].last.arrivals[i].sensor, sensor);
  made_world_destroy(w);
}

/* Their picks join an event that others began. */
static void noisy_sensors_begin_no_event_and_still_serve_one(void **state)
{
  (void)state;
  for (size_t noisy = 4; noisy <= 6; noisy += 2) {
    made_world *w = made_world_create(MADE_CITY, 12);
    made_source source = {41.5, 123, 10, MADE_EPOCH + SECONDS(30)};
    made_quake(w, source, 100, 0, 0);
    made_sort_by_time(w);
    for (size_t i = 8; i < w->picks; i++)
      w->pick[i].told = INT64_MAX;
    for (size_t i = 8 - noisy; i < 8; i++)
      w->state[w->pick[i].pick.sensor] = INGEST_NOISY;
    made_run(w, 60);
    assert_int_equal(w->events, noisy == 4);
    if (noisy == 4)
      assert_int_equal(w->event[0].last.arrivals_count, 8);
    made_world_destroy(w);
  }
}

/* Each third of the sites picks; the others are silent, and well or not. */
static void the_silence_of_sensors_that_are_not_well_counts_for_nothing(void **state)
{
  (void)state;
  for (int well = 0; well < 2; well++) {
    made_world *w = made_world_create(MADE_CITY, 17);
    made_quake(w, (made_source){41.5, 123, 10, MADE_EPOCH + SECONDS(30)}, 100, 0, 0);
    made_sort_by_time(w);
    for (size_t i = 0; i < w->picks; i++)
      if (i % 3 != 0 || i >= 15) {
        w->pick[i].told = INT64_MAX;
        w->state[w->pick[i].pick.sensor] = well ? INGEST_GOOD : INGEST_DEAD;
      }
    made_run(w, 60);
    assert_int_equal(w->events, 1);
    assert_int_equal(w->event[0].last.state, well ? LOCATOR_CANCELLED : LOCATOR_OPEN);
    made_world_destroy(w);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(stations_behind_one_link_are_one_voice_where_others_are_not),
      cmocka_unit_test(where_all_stations_share_a_link_each_speaks_for_itself),
      cmocka_unit_test(a_faulty_link_a_broken_sensor_and_a_noisy_site_make_no_event),
      cmocka_unit_test(picks_of_a_sensor_with_a_wrong_clock_are_not_used),
      cmocka_unit_test(noisy_sensors_begin_no_event_and_still_serve_one),
      cmocka_unit_test(the_silence_of_sensors_that_are_not_well_counts_for_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
