/* What is too weak for one station alone: several together make it count, and nothing else does. */
#include "made.h"

/* The P of an earthquake under the city at 30 s, each told as it reaches its station; those after the first `sure` are tentative. */
static made_world *weak_earthquake(uint64_t seed, size_t sure, double odds, made_source *source)
{
  made_world *w = made_world_create(MADE_CITY, seed);
  *source = made_source_near(w, 20, 30);
  made_quake(w, *source, 25, 0, 0);
  made_sort_by_time(w);
  for (size_t i = sure; i < w->picks; i++) {
    w->pick[i].pick.tentative = true;
    w->pick[i].pick.odds = (float)odds;
  }
  return w;
}

static void weak_picks_around_sure_ones_are_an_earthquake(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 10; seed++) {
    made_source source;
    int many;
    made_world *w = weak_earthquake(seed, 2, -1.5, &source);
    made_run(w, 120);
    const made_event *e = made_find(w, source, &many);
    assert_int_equal(many, 1);
    assert_true(made_error_km(e, source) < 10);
    assert_true(e->last.stations_used - e->last.stations_tentative <= 2);
    size_t tentative = 0;
    for (size_t i = 0; i < e->last.arrivals_count; i++)
      tentative += e->last.arrivals[i].tentative;
    assert_true(tentative >= (size_t)e->last.stations_tentative && tentative >= 4);
    made_world_destroy(w);
  }
}

static void the_weakest_alone_are_none(void **state)
{
  (void)state;
  made_source source;
  made_world *w = weak_earthquake(1, 0, -2, &source);
  made_run(w, 120);
  assert_true(w->next > 8);
  assert_int_equal(w->events, 0);
  made_world_destroy(w);
}

static void many_that_are_not_quite_sure_are_one_that_no_alert_rests_on(void **state)
{
  (void)state;
  made_source source;
  int many;
  made_world *w = weak_earthquake(1, 0, -0.5, &source);
  made_run(w, 120);
  const made_event *e = made_find(w, source, &many);
  assert_int_equal(many, 1);
  assert_int_equal(e->last.stations_used, e->last.stations_tentative);
  made_world_destroy(w);
}

static void they_are_asked_after_the_sure_ones(void **state)
{
  (void)state;
  made_source source;
  int many;
  made_world *w = weak_earthquake(2, 2, -1, &source);
  int64_t second = w->pick[1].told;
  made_run(w, 120);
  assert_true(made_find(w, source, &many)->first_told >= second + SECONDS(4));
  made_world_destroy(w);
}

static void where_enough_are_sure_weak_ones_are_left_alone(void **state)
{
  (void)state;
  made_source source;
  int many;
  made_world *w = weak_earthquake(3, 10, -0.5, &source);
  assert_true(w->picks > 12);
  made_run(w, 120);
  assert_int_equal(made_find(w, source, &many)->last.stations_tentative, 0);
  made_world_destroy(w);
}

/* Tells the world's second pick again, sure now. */
static void tell_again(made_world *w, size_t which)
{
  made_pick again = w->pick[which];
  again.pick.tentative = false;
  again.pick.odds = 0;
  again.told += SECONDS(20);
  w->pick[w->picks++] = again;
}

static void what_becomes_sure_stays_one_arrival(void **state)
{
  (void)state;
  made_source source;
  int many;
  made_world *w = weak_earthquake(5, 2, -1, &source);
  tell_again(w, 3);
  made_run(w, 45);
  const made_event *e = made_find(w, source, &many);
  size_t arrivals = e->last.arrivals_count;
  int tentative = e->last.stations_tentative;
  made_run(w, 120);
  assert_int_equal(e->last.arrivals_count, arrivals);
  assert_int_equal(e->last.stations_tentative, tentative - 1);
  made_world_destroy(w);
}

static void ignore(void *user, const locator_event *event)
{
  (void)user, (void)event;
}

static void what_is_withdrawn_is_gone(void **state)
{
  (void)state;
  const locator_sink sink = {.event = ignore};
  made_source source;
  int many;
  made_world *w = weak_earthquake(7, 2, -1, &source);
  made_run(w, 45);
  const made_event *e = made_find(w, source, &many);
  uint64_t taken = 0;
  for (size_t i = 0; i < e->last.arrivals_count; i++)
    taken = e->last.arrivals[i].tentative ? e->last.arrivals[i].pick : taken;
  assert_true(taken != 0);
  locator_withdraw(w->locator, &(picker_withdraw){.pick = taken, .sensor = (int32_t)(taken >> 32), .reason = "noise"}, w->now, &sink);
  const locator_event *now = locator_open_event(w->locator, 0);
  assert_non_null(now);
  for (size_t i = 0; i < now->arrivals_count; i++)
    assert_true(now->arrivals[i].pick != taken);
  made_world_destroy(w);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(weak_picks_around_sure_ones_are_an_earthquake),
      cmocka_unit_test(the_weakest_alone_are_none),
      cmocka_unit_test(many_that_are_not_quite_sure_are_one_that_no_alert_rests_on),
      cmocka_unit_test(they_are_asked_after_the_sure_ones),
      cmocka_unit_test(where_enough_are_sure_weak_ones_are_left_alone),
      cmocka_unit_test(what_becomes_sure_stays_one_arrival),
      cmocka_unit_test(what_is_withdrawn_is_gone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
