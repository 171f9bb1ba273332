/* Why an event is believed, and what nearly was one. */
#include <math.h>
#include <string.h>

#include "made.h"
#include "near.h"

static const made_source under_the_city = {41.5, 123, 8, MADE_EPOCH + SECONDS(30)};

/* An earthquake under a city that the first `sites` sites pick, and each `every`-th after them; the others are silent. */
static made_world *city(size_t sites, size_t every)
{
  made_world *w = made_world_create(MADE_CITY, 41);
  made_quake(w, under_the_city, 100, 0, 0);
  made_sort_by_time(w);
  for (size_t i = sites; i < w->picks; i++)
    if (every == 0 || (i - sites) % every != 0)
      w->pick[i].told = INT64_MAX;
  return w;
}

static double sum_of(const locator_reasons *of)
{
  return (double)of->picks + (double)of->silences + (double)of->rarity + (double)of->depth + (double)of->remoteness;
}

static void its_parts_are_together_the_evidence(void **state)
{
  (void)state;
  made_world *w = city(36, 0);
  made_run(w, 60);
  assert_int_equal(w->events, 1);
  const locator_event *of[] = {&w->event[0].first, &w->event[0].last};
  for (size_t i = 0; i < 2; i++) {
    assert_near(sum_of(&of[i]->reasons), (double)of[i]->evidence, 1e-3);
    assert_true(of[i]->reasons.picks > 0 && of[i]->reasons.rarity < 0 && of[i]->reasons.silences <= 0 && of[i]->reasons.reach_km > 0);
  }
  assert_true(w->event[0].last.reasons.p_voices > w->event[0].first.reasons.p_voices);
  made_world_destroy(w);
}

static void a_contradicted_event_names_the_silent_sites_that_brought_it_down(void **state)
{
  (void)state;
  made_world *w = made_world_create(MADE_CITY, 17);
  made_quake(w, (made_source){41.5, 123, 10, MADE_EPOCH + SECONDS(30)}, 100, 0, 0);
  made_sort_by_time(w);
  for (size_t i = 0; i < w->picks; i++)
    if (i % 3 != 0 || i >= 15)
      w->pick[i].told = INT64_MAX;
  made_run(w, 60);
  const locator_event *last = &w->event[0].last;
  assert_int_equal(last->state, LOCATOR_CANCELLED);
  assert_string_equal(last->reason, "contradicted");
  assert_true((double)last->likelihood < w->settings.minimum_likelihood && w->event[0].first.likelihood > last->likelihood);
  assert_near(sum_of(&last->reasons), (double)last->evidence, 1e-3);
  assert_true(last->reasons.silent > LOCATOR_SITES_LISTED);
  for (int i = 0; i < LOCATOR_SITES_LISTED; i++) {
    assert_true(last->reasons.silent_site[i].log_odds < 0 && last->reasons.silent_site[i].distance_km <= 1.5F * last->reasons.reach_km);
    assert_true(i == 0 || last->reasons.silent_site[i - 1].log_odds <= last->reasons.silent_site[i].log_odds);
    for (size_t k = 0; k < last->arrivals_count; k++)
      assert_int_not_equal(last->reasons.silent_site[i].sensor, last->arrivals[k].sensor);
  }
  made_world_destroy(w);
}

/* Every third of a city's nearest sites picks it; nobody knows yet what the others will say when the fourth pick comes. */
static void a_likelihood_is_told_as_if_those_about_to_speak_stayed_silent(void **state)
{
  (void)state;
  made_world *w = made_world_create(MADE_CITY, 17);
  made_quake(w, (made_source){41.5, 123, 10, MADE_EPOCH + SECONDS(30)}, 100, 0, 0);
  made_sort_by_time(w);
  for (size_t i = 0; i < w->picks; i++)
    if (i % 3 != 0 || i >= 12)
      w->pick[i].told = INT64_MAX;
  made_run(w, 60);
  const locator_event *first = &w->event[0].first;
  double known = 1 / (1 + exp(-(double)first->evidence));
  print_message("# %.2f told, %.2f known\n", (double)first->likelihood, known);
  assert_true(first->reasons.awaited < -1 && known > 0.5 && (double)first->likelihood < known - 0.3);
  assert_near(sum_of(&first->reasons), (double)first->evidence, 1e-3);
  made_world_destroy(w);
}

static void a_common_path_is_counted(void **state)
{
  (void)state;
  made_world *w = city(6, 0);
  for (size_t i = 0; i < 3; i++)
    w->path[w->pick[i].pick.sensor].link = 7;
  made_run(w, 60);
  assert_int_equal(w->events, 1);
  const locator_reasons *of = &w->event[0].first.reasons;
  assert_string_equal(of->common_path, "link");
  assert_int_equal(of->behind, 3);
  assert_int_equal(of->p_voices, w->event[0].first.stations_used - 2);
  made_world_destroy(w);
}

/* Five sites agree, three of them behind one link. */
static void too_few_witnesses_are_a_near_miss(void **state)
{
  (void)state;
  made_world *w = city(5, 0);
  for (size_t i = 0; i < 3; i++)
    w->path[w->pick[i].pick.sensor].link = 7;
  made_run(w, 45);
  assert_int_equal(w->near_misses, 0);
  made_run(w, 120);
  assert_int_equal(w->events, 0);
  assert_int_equal(w->near_misses, 1);
  const locator_event *miss = &w->near_miss[0];
  assert_string_equal(miss->reason, "few witnesses");
  assert_int_equal(miss->revision, 0);
  assert_string_equal(miss->id, "");
  assert_int_equal(miss->arrivals_count, 5);
  assert_int_equal(miss->reasons.p_voices, 3);
  assert_int_equal(miss->reasons.behind, 3);
  assert_true(locator_distance_km(41.5, 123, miss->latitude_deg, miss->longitude_deg, NULL) < 10);
  made_world_destroy(w);
}

/* P of an earthquake 60 degrees away crosses the province at 18 km/s. */
static void a_wave_from_afar_is_a_near_miss_that_says_so(void **state)
{
  (void)state;
  made_world *w = made_world_create(MADE_PROVINCE, 93);
  for (size_t i = 0; i < ingest_inventory_sensors(w->inventory); i++) {
    const ingest_sensor *s = ingest_inventory_sensor(w->inventory, i);
    double along_km = (s->longitude_deg - 123) * 83.4;
    made_add_pick(w, i, 'P', MADE_EPOCH + SECONDS(60 + along_km / 18 + 0.1 * random_normal(&w->random)), 0.1);
  }
  made_run(w, 150);
  assert_int_equal(w->events, 0);
  assert_in_range(w->near_misses, 1, 4);
  for (size_t i = 0; i < w->near_misses; i++) {
    const locator_event *miss = &w->near_miss[i];
    assert_string_equal(miss->reason, "unlikely");
    assert_true((double)miss->likelihood < 0.4375 && miss->evidence > 0 && miss->reasons.afar > 0);
  }
  made_world_destroy(w);
}

static void what_became_an_event_is_no_near_miss(void **state)
{
  (void)state;
  made_world *w = city(36, 0);
  for (size_t i = 0; i < 3; i++)
    w->path[w->pick[i].pick.sensor].link = 7;
  made_run(w, 120);
  assert_int_equal(w->events, 1);
  assert_int_equal(w->near_misses, 0);
  made_world_destroy(w);
}

static void an_event_too_small_to_be_said_is_named_when_it_ends(void **state)
{
  (void)state;
  made_world *w = city(36, 0);
  w->settings.minimum_magnitude = 2.5;
  made_run(w, 300);
  assert_int_equal(w->events, 0);
  assert_int_equal(w->near_misses, 1);
  assert_string_equal(w->near_miss[0].reason, "small");
  assert_int_equal(w->near_miss[0].stations_used, 36);
  made_world_destroy(w);
}

/* 36 sites whose picks come at random, far more often than any sensor's. */
static void a_storm_of_noise_names_few(void **state)
{
  (void)state;
  made_world *w = made_world_create(MADE_CITY, 9);
  made_noise(w, 240, 0, 600);
  made_run(w, 630);
  assert_true(w->near_misses <= 31);
  for (size_t i = 1; i < w->near_misses; i++)
    assert_true(strcmp(w->near_miss[i].reason, "small") == 0 || w->near_miss[i].origin_time != w->near_miss[i - 1].origin_time);
  made_world_destroy(w);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(its_parts_are_together_the_evidence),
      cmocka_unit_test(a_contradicted_event_names_the_silent_sites_that_brought_it_down),
      cmocka_unit_test(a_likelihood_is_told_as_if_those_about_to_speak_stayed_silent),
      cmocka_unit_test(a_common_path_is_counted),
      cmocka_unit_test(too_few_witnesses_are_a_near_miss),
      cmocka_unit_test(a_wave_from_afar_is_a_near_miss_that_says_so),
      cmocka_unit_test(what_became_an_event_is_no_near_miss),
      cmocka_unit_test(an_event_too_small_to_be_said_is_named_when_it_ends),
      cmocka_unit_test(a_storm_of_noise_names_few),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
