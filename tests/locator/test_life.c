#include "made.h"
#include "near.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const locator_event *last_said;
static int said;
static void hear(void *user, const locator_event *event)
{
  static locator_event copy;
  (void)user;
  copy = *event;
  last_said = &copy;
  said++;
}

static void withdrawn_picks_leave_and_too_few_cancel_the_event(void **state)
{
  (void)state;
  made_world *w = made_world_create(MADE_PROVINCE, 12);
  made_source source = {41.5, 123, 10, MADE_EPOCH + SECONDS(30)};
  made_quake(w, source, 160, 0, 0);
  made_run(w, 80);
  assert_int_equal(w->events, 1);
  locator_event before = w->event[0].last;
  const locator_sink sink = {.event = hear};
  for (size_t i = 0; i < before.arrivals_count; i++) {
    picker_withdraw withdraw = {before.arrivals[i].pick, before.arrivals[i].sensor, "spike"};
    said = 0;
    locator_withdraw(w->locator, &withdraw, w->now, &sink);
    assert_int_equal(said, 1);
    if (last_said->state == LOCATOR_CANCELLED)
      break;
    assert_int_equal(last_said->arrivals_count, before.arrivals_count - i - 1);
  }
  assert_int_equal(last_said->state, LOCATOR_CANCELLED);
  assert_string_equal(last_said->reason, "contradicted");
  assert_string_equal(last_said->id, before.id);
  assert_null(locator_open_event(w->locator, 0));
  made_world_destroy(w);
}

static void an_arrival_keeps_the_first_motion_of_its_pick(void **state)
{
  (void)state;
  made_world *w = made_world_create(MADE_PROVINCE, 12);
  made_quake(w, (made_source){41.5, 123, 10, MADE_EPOCH + SECONDS(30)}, 160, 0, 0);
  for (size_t i = 0; i < w->picks; i++)
    w->pick[i].pick.polarity = (int8_t)(w->pick[i].pick.sensor % 3 - 1);
  made_run(w, 80);
  assert_int_equal(w->events, 1);
  const locator_event *e = &w->event[0].last;
  for (size_t i = 0; i < e->arrivals_count; i++)
    assert_int_equal(e->arrivals[i].polarity, e->arrivals[i].sensor % 3 - 1);
  assert_true(e->arrivals_count >= 4);
  made_world_destroy(w);
}

static void picks_and_parameters_of_unknown_sensors_are_ignored(void **state)
{
  (void)state;
  made_world *w = made_world_create(MADE_CITY, 6);
  const locator_sink sink = {.event = hear};
  static const int32_t sensors[] = {-1, 100000};
  said = 0;
  for (size_t i = 0; i < 2; i++) {
    picker_pick pick = {.id = 7, .sensor = sensors[i], .phase = 'P', .time = w->now, .uncertainty_s = NAN};
    picker_p_wave p_wave = {.pick = 7, .sensor = sensors[i]};
    picker_motion motion = {.sensor = sensors[i]};
    ingest_status status = {.sensor = sensors[i]};
    locator_pick(w->locator, &pick, w->now, &sink);
    locator_p_wave(w->locator, &p_wave, w->now, &sink);
    locator_motion(w->locator, &motion, w->now, &sink);
    locator_station(w->locator, &status, w->now);
  }
  assert_int_equal(said, 0);
  made_world_destroy(w);
}

static void an_event_ends_after_its_last_change_and_its_echo_makes_no_other(void **state)
{
  (void)state;
  made_world *w = made_world_create(MADE_PROVINCE, 8);
  w->settings.close_after_s = 20;
  made_source source = {41.5, 123, 10, MADE_EPOCH + SECONDS(30)};
  made_quake(w, source, 200, 0, 0);
  made_run(w, 120);
  assert_int_equal(w->events, 1);
  assert_int_equal(w->event[0].last.state, LOCATOR_FINAL);
  assert_string_equal(w->event[0].last.reason, "timeout");
  assert_null(locator_open_event(w->locator, 0));
  for (size_t i = 0; i < 5; i++)
    made_add_pick(w, i, 'P', w->event[0].last.arrivals[i].time + SECONDS(0.2), 0.1);
  made_run(w, 140);
  assert_int_equal(w->events, 1);
  made_world_destroy(w);
}

static void an_id_says_time_and_place_of_the_first_solution(void **state)
{
  (void)state;
  made_world *w = made_world_create(MADE_CITY, 9);
  made_quake(w, (made_source){41.5, 123, 8, MADE_EPOCH + SECONDS(30)}, 100, 0, 0);
  made_run(w, 100);
  assert_int_equal(w->events, 1);
  const locator_event *first = &w->event[0].first;
  char expected[LOCATOR_ID_TEXT];
  snprintf(expected, sizeof expected, "-%04ldN%05ldE", lround(first->latitude_deg * 100), lround(first->longitude_deg * 100));
  assert_int_equal(strncmp(first->id, "20231114T2213", 13), 0);
  assert_string_equal(first->id + 15, expected);
  assert_string_equal(first->reason, "new");
  made_world_destroy(w);
}

/* ---- amplitudes ---- */

/* The P wave of an earthquake of that magnitude in one window (Kuyuk & Allen 2013). */
static void tell_p_wave(made_world *w, const locator_arrival *a, double magnitude, float window_s)
{
  double r = fmax((double)a->distance_km, 10), pd_cm = pow(10, (magnitude - 5.39 - 1.38 * log10(r)) / 1.23);
  picker_p_wave wave = {.pick = a->pick,
                        .sensor = a->sensor,
                        .window_s = window_s,
                        .pd_m = (float)(pd_cm / 100),
                        .noise_pd_m = 1e-7F,
                        .tau_c_s = 1.2F,
                        .data_until = a->time + SECONDS(window_s)};
  const locator_sink sink = {.event = hear};
  locator_p_wave(w->locator, &wave, w->now, &sink);
}

static void step_after(made_world *w, double seconds)
{
  const locator_sink sink = {.event = hear};
  said = 0;
  w->now += SECONDS(seconds);
  locator_step(w->locator, w->now, &sink);
}

/* An earthquake below the middle of a province's network, placed. */
static made_world *world_with_event(uint64_t seed)
{
  made_world *w = made_world_create(MADE_PROVINCE, seed);
  made_quake(w, (made_source){41.5, 123, 10, MADE_EPOCH + SECONDS(30)}, 150, 0, 0);
  made_run(w, 60);
  assert_int_equal(w->events, 1);
  return w;
}

static void amplitudes_give_a_magnitude_and_a_change_is_told(void **state)
{
  (void)state;
  made_world *w = world_with_event(10);
  locator_event before = w->event[0].last;
  assert_true(isnan(before.magnitude));
  for (size_t i = 0; i < before.arrivals_count; i++)
    tell_p_wave(w, &before.arrivals[i], 6, 3);
  step_after(w, 0.3);
  assert_int_equal(said, 1);
  assert_near((double)last_said->magnitude, 6, 0.5);
  assert_true(last_said->magnitude_stations >= 3);
  assert_string_equal(last_said->reason, "amplitude");
  assert_string_equal(locator_magnitude_type_texts[last_said->magnitude_type], "Mpd");
  step_after(w, 0.3);
  assert_int_equal(said, 0);
  made_world_destroy(w);
}

static void windows_that_s_has_reached_do_not_count(void **state)
{
  (void)state;
  made_world *w = world_with_event(11);
  locator_event before = w->event[0].last;
  for (size_t i = 0; i < before.arrivals_count; i++) {
    double s_minus_p = locator_travel_time(w->tables, 'S', (double)before.arrivals[i].distance_km, 10) -
                       locator_travel_time(w->tables, 'P', (double)before.arrivals[i].distance_km, 10);
    for (int window = 1; window <= 30; window++)
      tell_p_wave(w, &before.arrivals[i], window < s_minus_p ? 5 : 7.5, (float)window);
  }
  step_after(w, 0.3);
  assert_near((double)last_said->magnitude, 5, 0.5);
  made_world_destroy(w);
}

static void an_event_without_a_magnitude_waits_where_one_is_wanted(void **state)
{
  (void)state;
  made_world *w = made_world_create(MADE_PROVINCE, 12);
  w->settings.minimum_magnitude = 3;
  made_quake(w, (made_source){41.5, 123, 10, MADE_EPOCH + SECONDS(30)}, 150, 0, 0);
  made_run(w, 60);
  assert_int_equal(w->events, 0);
  assert_null(locator_open_event(w->locator, 0));
  for (size_t i = 0; i < w->picks; i++) {
    const picker_pick *p = &w->pick[i].pick;
    const ingest_sensor *s = ingest_inventory_sensor(w->inventory, (size_t)p->sensor);
    double distance = locator_distance_km(41.5, 123, s->latitude_deg, s->longitude_deg, NULL);
    tell_p_wave(w, &(locator_arrival){.pick = p->id, .sensor = p->sensor, .time = p->time, .distance_km = (float)distance}, 5, 3);
  }
  step_after(w, 0.3);
  assert_int_equal(said, 1);
  assert_int_equal(last_said->revision, 1);
  assert_string_equal(last_said->reason, "new");
  assert_non_null(locator_open_event(w->locator, 0));
  made_world_destroy(w);
}

static void a_foreshock_does_not_get_the_main_shock_s_amplitudes(void **state)
{
  (void)state;
  made_world *w = made_world_create(MADE_PROVINCE, 13);
  made_source foreshock = {41.5, 123, 10, MADE_EPOCH + SECONDS(30)}, main_shock = {41.45, 123.05, 10, foreshock.time + SECONDS(25)};
  made_quake(w, foreshock, 120, 0, 0);
  made_quake(w, main_shock, 250, 0, 0);
  made_run(w, 100);
  int many;
  const made_event *first = made_find(w, foreshock, &many), *second = made_find(w, main_shock, &many);
  assert_true(first && second && first != second);
  const locator_sink sink = {.event = hear};
  locator_event small = first->last;
  for (size_t i = 0; i < small.arrivals_count; i++) { /* one window of shaking for both */
    picker_motion motion = {.sensor = small.arrivals[i].sensor, .components = 3, .since = small.arrivals[i].time, .until = w->now, .jma_pgd_m = 0.2F};
    locator_motion(w->locator, &motion, w->now, &sink);
  }
  step_after(w, 0.3);
  const locator_event *open;
  for (size_t i = 0; (open = locator_open_event(w->locator, i)); i++)
    if (strcmp(open->id, small.id) == 0)
      assert_false((double)open->magnitude > 5);
  made_world_destroy(w);
}

/* Shaking of every sensor of the event, its window open since `since_s` and measured until `until_s` after its P. */
static void tell_shaking(made_world *w, const locator_event *e, double since_s, double until_s, float pgd_m)
{
  const locator_sink sink = {.event = hear};
  for (size_t i = 0; i < e->arrivals_count; i++) {
    int64_t p = e->arrivals[i].time;
    picker_motion motion = {
        .sensor = e->arrivals[i].sensor, .components = 3, .since = p + SECONDS(since_s), .until = p + SECONDS(until_s), .jma_pgd_m = pgd_m};
    locator_motion(w->locator, &motion, w->now, &sink);
  }
}

static void shaking_long_after_s_of_a_small_event_is_another_s(void **state)
{
  (void)state;
  made_world *w = world_with_event(15);
  locator_event small = w->event[0].last;
  tell_shaking(w, &small, 0, 60, 0.2F);
  step_after(w, 0.3);
  assert_int_equal(said, 0);
  assert_true(isnan(locator_open_event(w->locator, 0)->magnitude));
  made_world_destroy(w);
}

/* The window of a great shock is still open when the next one's P comes. */
static void only_what_grew_since_the_pick_is_the_event_s_shaking(void **state)
{
  (void)state;
  for (int grows = 0; grows < 2; grows++) {
    made_world *w = made_world_create(MADE_PROVINCE, 16);
    made_quake(w, (made_source){41.5, 123, 10, MADE_EPOCH + SECONDS(30)}, 60, 0, 0);
    const locator_sink sink = {.event = hear};
    for (int32_t sensor = 0; sensor < (int32_t)ingest_inventory_sensors(w->inventory); sensor++)
      locator_motion(w->locator, &(picker_motion){.sensor = sensor, .since = MADE_EPOCH, .until = MADE_EPOCH + SECONDS(29), .jma_pgd_m = 0.1F},
                     MADE_EPOCH, &sink);
    made_run(w, 60);
    locator_event second = w->event[0].last;
    for (size_t i = 0; i < second.arrivals_count; i++) {
      picker_motion motion = {.sensor = second.arrivals[i].sensor,
                              .components = 3,
                              .since = MADE_EPOCH,
                              .until = second.arrivals[i].time + SECONDS(11),
                              .jma_pgd_m = grows ? 0.3F : 0.1F};
      locator_motion(w->locator, &motion, w->now, &sink);
    }
    step_after(w, 0.3);
    assert_int_equal(said, grows);
    assert_int_equal(isnan(locator_open_event(w->locator, 0)->magnitude), !grows);
    made_world_destroy(w);
  }
}

static void a_p_without_a_p_before_it_is_not_taken_for_s(void **state)
{
  (void)state;
  made_world *w = made_world_create(MADE_PROVINCE, 14);
  made_source source = {41.5, 123, 10, MADE_EPOCH + SECONDS(30)};
  made_quake(w, source, 150, 0, 1);
  uint64_t without_p = 0;
  int32_t sensor = w->pick[4].pick.sensor;
  for (size_t i = 0; i < w->picks; i++) {
    made_pick *p = &w->pick[i];
    if (p->pick.sensor == sensor && p->pick.phase == 'P')
      p->told = INT64_MAX;
    else if (p->pick.sensor == sensor)
      without_p = p->pick.id;
    p->pick.phase = 'P';
  }
  made_run(w, 90);
  assert_int_equal(w->events, 1);
  int as_s = 0;
  for (size_t i = 0; i < w->event[0].last.arrivals_count; i++) {
    assert_true(w->event[0].last.arrivals[i].pick != without_p);
    as_s += w->event[0].last.arrivals[i].phase == 'S';
  }
  assert_true(as_s >= 5); /* others', whose P is known, are */
  made_world_destroy(w);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(withdrawn_picks_leave_and_too_few_cancel_the_event),
      cmocka_unit_test(an_arrival_keeps_the_first_motion_of_its_pick),
      cmocka_unit_test(picks_and_parameters_of_unknown_sensors_are_ignored),
      cmocka_unit_test(an_event_ends_after_its_last_change_and_its_echo_makes_no_other),
      cmocka_unit_test(an_id_says_time_and_place_of_the_first_solution),
      cmocka_unit_test(amplitudes_give_a_magnitude_and_a_change_is_told),
      cmocka_unit_test(windows_that_s_has_reached_do_not_count),
      cmocka_unit_test(an_event_without_a_magnitude_waits_where_one_is_wanted),
      cmocka_unit_test(a_foreshock_does_not_get_the_main_shock_s_amplitudes),
      cmocka_unit_test(shaking_long_after_s_of_a_small_event_is_another_s),
      cmocka_unit_test(only_what_grew_since_the_pick_is_the_event_s_shaking),
      cmocka_unit_test(a_p_without_a_p_before_it_is_not_taken_for_s),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
