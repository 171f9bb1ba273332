/* Crowded sequences: earthquakes on one network whose waves overlap. */
#include "made.h"

/* A small earthquake somewhere below the network every 20 to 90 s, P and S picked, a tenth of the picks missing. Returns how many. */
static size_t make_sequence(made_world *w, made_source *sources, size_t count)
{
  double at_s = 30;
  for (size_t i = 0; i < count; i++) {
    sources[i] = made_source_near(w, 30, at_s);
    made_quake(w, sources[i], random_uniform(&w->random, 25, 70), 0.1, 0.8);
    at_s += random_uniform(&w->random, 20, 90);
  }
  made_noise(w, 10, 0, at_s);
  made_run(w, at_s + 120);
  return count;
}

static size_t published(const made_world *w)
{
  size_t count = 0;
  for (size_t i = 0; i < w->events; i++)
    count += w->event[i].last.state != LOCATOR_CANCELLED;
  return count;
}

static void each_earthquake_of_a_crowded_sequence_is_found_once(void **state)
{
  (void)state;
  enum { EARTHQUAKES = 40 };
  size_t made = 0, found = 0, said = 0;
  for (uint64_t seed = 1; seed <= 3; seed++) {
    made_world *w = made_world_create(MADE_CITY, seed * 613);
    made_source sources[EARTHQUAKES];
    made += make_sequence(w, sources, EARTHQUAKES);
    for (size_t i = 0; i < EARTHQUAKES; i++) {
      int many;
      const made_event *e = made_find(w, sources[i], &many);
      found += e && many == 1 && made_error_km(e, sources[i]) < 3;
    }
    said += published(w);
    assert_int_equal(w->faults, 0);
    made_world_destroy(w);
  }
  print_message("# %zu of %zu found, %zu said\n", found, made, said);
  assert_true(50 * found >= 49 * made);
  assert_true(said <= found + made / 40);
}

/* An earthquake of which only so many sites, the nearest in the list, picked P; all picked S. */
static size_t events_with_p_at(size_t sites_with_p, double with_s)
{
  made_world *w = made_world_create(MADE_CITY, 29);
  made_source source = {41.5, 123, 9, MADE_EPOCH + SECONDS(30)};
  made_quake(w, source, 30, 0, with_s);
  size_t p = 0;
  for (size_t i = 0; i < w->picks; i++)
    if (w->pick[i].pick.phase == 'P' && ++p > sites_with_p)
      w->pick[i].told = INT64_MAX;
  made_run(w, 120);
  int many;
  const made_event *e = made_find(w, source, &many);
  assert_true(!e || made_error_km(e, source) < 4);
  size_t events = published(w);
  made_world_destroy(w);
  return events;
}

static void s_waves_of_many_sites_make_up_for_one_p(void **state)
{
  (void)state;
  assert_int_equal(events_with_p_at(3, 1), 1);
}

static void s_waves_do_not_make_up_for_two(void **state)
{
  (void)state;
  assert_int_equal(events_with_p_at(2, 1), 0);
}

static void three_p_without_s_are_too_few(void **state)
{
  (void)state;
  assert_int_equal(events_with_p_at(3, 0), 0);
}

/* Wrong picks before an earthquake begin an event at a wrong place: it moves, or gives way, and one at the right place is left. */
static void wrong_picks_before_an_earthquake_do_not_split_it(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 10; seed++) {
    made_world *w = made_world_create(MADE_CITY, seed * 37);
    made_source source = made_source_near(w, 20, 30);
    made_quake(w, source, 60, 0.1, 0.8);
    for (size_t i = 0; i < 8; i++)
      made_add_pick(w, (size_t)random_below(&w->random, (int64_t)ingest_inventory_sensors(w->inventory)), i % 2 ? 'P' : 'S',
                    source.time + SECONDS(random_uniform(&w->random, -2, 4)), 0.1);
    made_run(w, 150);
    int many;
    const made_event *e = made_find(w, source, &many);
    if (!e || many != 1 || published(w) != 1 || made_error_km(e, source) > 3)
      fail_msg("seed %u: %d there, %zu in all", (unsigned)seed, many, published(w));
    made_world_destroy(w);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_earthquake_of_a_crowded_sequence_is_found_once),
      cmocka_unit_test(s_waves_of_many_sites_make_up_for_one_p),
      cmocka_unit_test(s_waves_do_not_make_up_for_two),
      cmocka_unit_test(three_p_without_s_are_too_few),
      cmocka_unit_test(wrong_picks_before_an_earthquake_do_not_split_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
