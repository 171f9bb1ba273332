#include "made.h"

#include <math.h>

#include "event.h"
#include "near.h"

enum { LOUD = 9 }; /* a site near the middle whose ground shakes more */
static const double magnitude = 4.6, louder = 0.6;

typedef struct {
  made_world *w;
  made_source source;
} quake;

static quake begin(double with_s)
{
  quake q = {.w = made_world_create(MADE_CITY, 11), .source = {41.5, 123, 10, MADE_EPOCH + SECONDS(20)}};
  made_quake(q.w, q.source, 60, 0, with_s);
  return q;
}

static double distance_of(const quake *q, int32_t sensor)
{
  const ingest_sensor *s = ingest_inventory_sensor(q->w->inventory, (size_t)sensor);
  return locator_distance_km(q->source.latitude_deg, q->source.longitude_deg, s->latitude_deg, s->longitude_deg, NULL);
}

/* Windows of 1 and 2 s of every P told so far. */
static void tell_windows(const quake *q)
{
  for (size_t i = 0; i < q->w->next; i++) {
    const picker_pick *pick = &q->w->pick[i].pick;
    double m = magnitude + (pick->sensor == LOUD ? louder : 0), km = fmax(distance_of(q, pick->sensor), 10);
    for (int window = 1; pick->phase == 'P' && window <= 2; window++) {
      picker_p_wave wave = {.pick = pick->id,
                            .sensor = pick->sensor,
                            .window_s = (float)window,
                            .pd_m = (float)(0.01 * pow(10, (m - 5.39 - 1.38 * log10(km)) / 1.23)),
                            .noise_pd_m = 1e-8f,
                            .data_until = q->w->now};
      locator_p_wave(q->w->locator, &wave, q->w->now, NULL);
    }
  }
}

static const event *run(const quake *q, double until_s)
{
  made_run(q->w, 35);
  tell_windows(q);
  made_run(q->w, until_s);
  assert_int_equal(q->w->events, 1);
  for (size_t i = 0; i < EVENTS_MAXIMUM; i++)
    if (q->w->locator->event[i].stage != EVENT_NONE)
      return &q->w->locator->event[i];
  fail_msg("no event");
  return NULL;
}

static void a_finished_event_teaches_its_sites_terms(void **state)
{
  (void)state;
  quake q = begin(0);
  const event *e = run(&q, 40);
  assert_true(e->stage == EVENT_OPEN && fabs((double)e->magnitude.magnitude - magnitude) < 0.2);
  const network *n = &q.w->locator->network;
  int32_t loud = n->sensor[LOUD].site;
  assert_int_equal(n->site[loud].term.events, 0);
  made_run(q.w, 120);
  assert_int_equal(e->stage, EVENT_PAST);
  assert_int_equal(n->site[loud].term.events, 1);
  assert_true(magnitude_term_value(&n->site[loud].term) > 0.15);
  for (size_t i = 0; i < n->sites; i++)
    assert_true((int32_t)i == loud || fabs(magnitude_term_value(&n->site[i].term)) < 0.1);
  made_world_destroy(q.w);
}

static void an_s_that_was_seen_ends_the_p_wave(void **state)
{
  (void)state;
  quake q = begin(1);
  const event *e = run(&q, 40);
  int seen = 0;
  for (size_t i = 0; i < e->arrivals; i++) {
    const event_arrival *p = &e->arrival[i], *s = event_arrival_at(e, p->pick.site, 'S');
    if (p->phase != 'P' || !s || s->weight <= 0.8 || p->weight <= 0)
      continue;
    double apart_s = (double)(s->pick.time - p->pick.time) / 1e9;
    assert_true(fabs(p->seen.s_minus_p_s - apart_s) < 1e-9);
    assert_true((double)p->seen.window_s < apart_s);
    seen++;
  }
  assert_true(seen > 10);
  made_world_destroy(q.w);
}

static void move_ground(const quake *q, int32_t sensor, double since_s, double until_s, float pgd_m)
{
  picker_motion m = {.sensor = sensor,
                     .components = 3,
                     .since = MADE_EPOCH + SECONDS(since_s),
                     .until = MADE_EPOCH + SECONDS(until_s),
                     .jma_pgd_m = pgd_m,
                     .wood_anderson_mm = 1};
  locator_motion(q->w->locator, &m, q->w->now, NULL);
}

static const event_arrival *arrival_of(const event *e, const locator *l, int32_t sensor)
{
  const event_arrival *a = event_arrival_at(e, l->network.sensor[sensor].site, 'P');
  assert_non_null(a);
  return a;
}

static void shaking_counts_though_its_window_s_beginning_moves(void **state)
{
  (void)state;
  quake q = begin(0);
  const event *e = run(&q, 40);
  const locator *l = q.w->locator;
  double p_s = (double)(arrival_of(e, l, LOUD)->pick.time - MADE_EPOCH) / 1e9;
  move_ground(&q, LOUD, p_s + 0.4, p_s + 1, 1e-4F);
  move_ground(&q, LOUD, p_s, p_s + 5, 3e-4F);
  assert_int_equal(l->network.sensor[LOUD].motions, 1);
  made_run(q.w, 41);
  assert_near((double)arrival_of(e, l, LOUD)->seen.jma_pgd_m, 3e-4, 1e-9);
  made_world_destroy(q.w);
}

static void shaking_of_s_counts_in_a_window_of_its_own(void **state)
{
  (void)state;
  quake q = begin(0);
  const event *e = run(&q, 40);
  const locator *l = q.w->locator;
  double p_s = (double)(arrival_of(e, l, LOUD)->pick.time - MADE_EPOCH) / 1e9;
  move_ground(&q, LOUD, p_s, p_s + 2, 1e-4F);
  move_ground(&q, LOUD, p_s + 3, p_s + 5, 8e-4F);
  move_ground(&q, LOUD, p_s + 60, p_s + 70, 1);
  made_run(q.w, 41);
  assert_near((double)arrival_of(e, l, LOUD)->seen.jma_pgd_m, 8e-4, 1e-9);
  made_world_destroy(q.w);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_finished_event_teaches_its_sites_terms),
      cmocka_unit_test(an_s_that_was_seen_ends_the_p_wave),
      cmocka_unit_test(shaking_counts_though_its_window_s_beginning_moves),
      cmocka_unit_test(shaking_of_s_counts_in_a_window_of_its_own),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
