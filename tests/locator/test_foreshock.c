/* A main shock on top of what a foreshock left where it was not picked: triggers of its S waves and codas, called P. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "made.h"

enum { SITES = 10, WORLDS = 200 };
static const double MAIN_S = 20, PLACED_KM = 20, ALARMING = 0.85;

/* A ring of sites, none nearer than 15 km to its middle. */
static made_world *ring_world(uint64_t seed)
{
  random_source random = {seed ^ 0xf0e5};
  ingest_inventory *inventory = ingest_inventory_create();
  locator_model model;
  assert_true(inventory && locator_model_named("iasp91", &model));
  for (int i = 0; i < SITES; i++) {
    char name[16];
    snprintf(name, sizeof name, "R%02d", i);
    double turn = random_uniform(&random, 0, 2 * M_PI), away = random_uniform(&random, 15, 45);
    made_add_site(inventory, "LN", name, "HN", 41.5 + away * cos(turn) / 111.2, 123 + away * sin(turn) / 83.4, 0);
  }
  return made_world_of(inventory, &model, seed);
}

/* Packets of one second that all end at once: a pick is told with the packet that holds it. */
static void tell_with_packets(made_world *w)
{
  const int64_t packet = SECONDS(1);
  for (size_t i = 0; i < w->picks; i++) {
    made_pick *p = &w->pick[i];
    p->told = p->pick.data_until = (p->pick.time + SECONDS(0.2) + packet - 1) / packet * packet;
  }
}

typedef struct {
  int found, wrong_at_7s, invented;
} tally;

/* Events that would alarm somebody, elsewhere than at the main shock. */
static int elsewhere(const made_world *w, made_source shock)
{
  int count = 0;
  for (size_t i = 0; i < w->events; i++) {
    const locator_event *e = &w->event[i].last;
    count += e->state != LOCATOR_CANCELLED && (double)e->likelihood >= ALARMING && made_error_km(&w->event[i], shock) > PLACED_KM;
  }
  return count;
}

static void run(uint64_t seed, size_t strays, tally *t)
{
  made_world *w = ring_world(seed * 271);
  made_source shock = made_source_near(w, 10, MAIN_S);
  int many;
  w->latency_s = 0;
  made_quake(w, shock, 100, 0, 0.5);
  for (size_t i = 0; i < strays; i++)
    made_add_pick(w, (size_t)random_below(&w->random, SITES), 'P', shock.time + SECONDS(random_uniform(&w->random, -4, 2)), 0.2);
  tell_with_packets(w);
  made_run(w, MAIN_S + 7);
  t->wrong_at_7s += elsewhere(w, shock) > 0;
  made_run(w, MAIN_S + 120);
  t->invented += elsewhere(w, shock);
  const made_event *e = made_find(w, shock, &many);
  t->found += e && many == 1 && made_error_km(e, shock) < PLACED_KM;
  assert_int_equal(w->faults, 0);
  made_world_destroy(w);
}

/* The limits in percent of the worlds. */
static void check(size_t strays, int least_found, int most_wrong_at_7s, int most_invented)
{
  tally t = {0};
  for (uint64_t seed = 1; seed <= WORLDS; seed++)
    run(seed, strays, &t);
  print_message("# of %d main shocks %d found, %d elsewhere after 7 s, %d others invented\n", WORLDS, t.found, t.wrong_at_7s, t.invented);
  assert_true(100 * t.found >= least_found * WORLDS);
  assert_true(100 * t.wrong_at_7s <= most_wrong_at_7s * WORLDS);
  assert_true(100 * t.invented <= most_invented * WORLDS);
}

static void one_trigger_before_it_hardly_ever_misplaces_a_main_shock(void **state)
{
  (void)state;
  check(1, 100, 3, 1);
}

static void three_triggers_before_it_seldom_misplace_a_main_shock(void **state)
{
  (void)state;
  check(3, 99, 17, 4);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_trigger_before_it_hardly_ever_misplaces_a_main_shock),
      cmocka_unit_test(three_triggers_before_it_seldom_misplace_a_main_shock),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
