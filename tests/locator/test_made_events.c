/* Made earthquakes in and around three networks: found once, and as far off as they say. */
#include <math.h>
#include <stdlib.h>

#include "made_events.h"

enum { SEEDS = 30, A_SEED = 5, MADE = SEEDS * A_SEED };

typedef struct {
  made_truth made;
  int how_many;
  bool within_radius, within_depth;
} verdict;

static verdict verdicts[MADE];
static size_t none_of_them, alerts_for_nothing;

/* As the daemon's rules have it, but for the magnitude, which made picks do not bring. */
static bool is_of_alert_class(const made_event *e)
{
  return e->highest_likelihood >= 0.85 && e->last.stations_used >= 4;
}

static void judge(const made_world *w, verdict *v)
{
  const made_event *e = made_find(w, v->made.source, &v->how_many);
  if (!e)
    return;
  v->within_radius = made_error_km(e, v->made.source) <= (double)e->last.horizontal_uncertainty_km;
  v->within_depth = fabs((double)e->last.depth_km - v->made.source.depth_km) <= (double)e->last.depth_uncertainty_km;
}

static void count_others(const made_world *w, const verdict *v)
{
  for (size_t i = 0; i < w->events; i++) {
    const made_event *e = &w->event[i];
    bool known = false;
    for (size_t k = 0; k < A_SEED; k++)
      known |= llabs(e->last.origin_time - v[k].made.source.time) <= SECONDS(5) && made_error_km(e, v[k].made.source) <= 60;
    none_of_them += !known && e->last.state != LOCATOR_CANCELLED;
    alerts_for_nothing += !known && is_of_alert_class(e);
  }
}

/* Five earthquakes a seed, so far apart that their waves do not meet. */
static int make_all(void **state)
{
  (void)state;
  for (uint64_t seed = 0; seed < SEEDS; seed++) {
    made_network network = (made_network)(seed % MADE_NETWORKS);
    made_world *w = made_world_create(network, 7919 * seed + 3);
    verdict *v = verdicts + seed * A_SEED;
    double at_s = 30;
    for (size_t i = 0; i < A_SEED; i++, at_s += 270)
      made_truth_make(w, network, at_s, i % 2 == 0, &v[i].made);
    made_run(w, at_s);
    for (size_t i = 0; i < A_SEED; i++)
      judge(w, &v[i]);
    count_others(w, v);
    if (w->faults > 0)
      return -1;
    made_world_destroy(w);
  }
  return 0;
}

static void name_failure(const verdict *v)
{
  print_message("# seed %d, network %d: %.3f %.3f, %.1f km deep, %zu P, %s: %d found\n", (int)(v - verdicts) / A_SEED, (int)v->made.network,
                v->made.source.latitude_deg, v->made.source.longitude_deg, v->made.source.depth_km, v->made.p, v->made.inside ? "inside" : "outside",
                v->how_many);
}

static void made_earthquakes_are_found_and_none_is_found_twice(void **state)
{
  (void)state;
  size_t missed = 0, missed_by_many = 0, twice = 0;
  for (size_t i = 0; i < MADE; i++) {
    const verdict *v = &verdicts[i];
    missed += v->how_many == 0;
    missed_by_many += v->how_many == 0 && v->made.p >= 10;
    twice += v->how_many > 1;
    if (v->how_many != 1)
      name_failure(v);
  }
  assert_int_equal(twice, 0);
  assert_true(missed <= 5);
  assert_true(missed_by_many <= 1);
}

static void what_is_said_beside_them_is_rare(void **state)
{
  (void)state;
  print_message("# %zu events are none of %d, %zu of the alert class\n", none_of_them, MADE, alerts_for_nothing);
  assert_true(none_of_them <= 2);
  assert_true(alerts_for_nothing <= 2);
}

static double share(bool of_depth)
{
  double found = 0, within = 0;
  for (size_t i = 0; i < MADE; i++) {
    found += verdicts[i].how_many > 0;
    within += verdicts[i].how_many > 0 && (of_depth ? verdicts[i].within_depth : verdicts[i].within_radius);
  }
  return within / found;
}

static void stated_uncertainties_hold_about_two_truths_of_three(void **state)
{
  (void)state;
  print_message("# %.2f within the radius, %.2f within the depth's sigma\n", share(false), share(true));
  assert_true(share(false) >= 0.55 && share(false) <= 0.9);
  assert_true(share(true) >= 0.55 && share(true) <= 0.9);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(made_earthquakes_are_found_and_none_is_found_twice),
      cmocka_unit_test(what_is_said_beside_them_is_rare),
      cmocka_unit_test(stated_uncertainties_hold_about_two_truths_of_three),
  };
  return cmocka_run_group_tests(tests, make_all, NULL);
}
