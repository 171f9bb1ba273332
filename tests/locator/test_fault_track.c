#include "made.h"

#include <math.h>
#include <string.h>

#include "fault.h"
#include "magnitude.h"

static const double spread_km = 8; /* of the made relation: peaks are the same within it */

static double relation(locator_measure measure, double magnitude, double rjb_km)
{
  double level = measure == LOCATOR_PGA ? 1.2 + 0.7 * (magnitude - 7) : -0.9 + 1.2 * (magnitude - 7);
  return level - 1.3 * log(hypot(rjb_km, spread_km) / 10);
}

typedef struct {
  made_world *w;
  made_source source;
  fault_line line;       /* what shakes */
  double p_magnitude;    /* what the P waves speak of */
  int64_t until;         /* motions and windows have been told up to here */
  int lines, sparse;     /* revisions with a line, and with word that there are too few sites */
  float magnitude, most; /* just before the first line, and the greatest */
} quake;

static quake begin(made_network network, fault_line line, double p_magnitude)
{
  quake q = {.w = made_world_create(network, 7), .line = line, .p_magnitude = p_magnitude};
  locator_destroy(q.w->locator);
  q.w->settings.relation = relation;
  q.w->locator = locator_create(&q.w->settings, q.w->tables, q.w->inventory, SECONDS(0.6));
  assert_non_null(q.w->locator);
  q.source = (made_source){41.5, 123, 10, MADE_EPOCH + SECONDS(20)};
  made_quake(q.w, q.source, 200, 0, 0);
  return q;
}

static double east_of(const ingest_sensor *s)
{
  return (s->longitude_deg - 123) * 83.4;
}

static double north_of(const ingest_sensor *s)
{
  return (s->latitude_deg - 41.5) * 111.2;
}

static void tell_window(quake *q, const picker_pick *pick, double epicentral_km, double window_s)
{
  picker_p_wave wave = {.pick = pick->id, .sensor = pick->sensor, .window_s = (float)window_s, .noise_pd_m = 1e-7f, .data_until = q->w->now};
  wave.pd_m = (float)(0.01 * pow(10, (q->p_magnitude - 5.39 - 1.38 * log10(fmax(epicentral_km, 10))) / 1.23));
  locator_p_wave(q->w->locator, &wave, q->w->now, NULL);
}

/* At first the P wave's tenth, then all of it. */
static void tell_motion(quake *q, const picker_pick *pick, const ingest_sensor *s, double since_s_s)
{
  double d = fault_line_distance_km(&q->line, east_of(s), north_of(s)), share = since_s_s > 0 ? 1.25 : 0.125;
  picker_motion motion = {.sensor = pick->sensor, .components = 3, .since = pick->time - SECONDS(0.5), .until = q->w->now - SECONDS(0.5)};
  motion.pga_m_s2 = (float)(share * exp(relation(LOCATOR_PGA, q->line.magnitude, d)));
  motion.pgv_m_s = (float)(share * exp(relation(LOCATOR_PGV, q->line.magnitude, d)));
  locator_motion(q->w->locator, &motion, q->w->now, NULL);
}

static void tell(quake *q)
{
  for (size_t i = 0; i < q->w->next; i++) {
    const picker_pick *pick = &q->w->pick[i].pick;
    const ingest_sensor *s = ingest_inventory_sensor(q->w->inventory, (size_t)pick->sensor);
    double km = hypot(east_of(s), north_of(s)), p = locator_travel_time(q->w->tables, 'P', km, 10),
           s_s = locator_travel_time(q->w->tables, 'S', km, 10);
    double since_s = (double)(q->w->now - q->source.time) / 1e9 - 0.5;
    if (since_s - p >= 1)
      tell_window(q, pick, km, floor(fmin(since_s, s_s) - p));
    tell_motion(q, pick, s, since_s - s_s);
  }
}

static const locator_event *run(quake *q, double until_s)
{
  for (double t = 20; t <= until_s; t += 0.5) {
    made_run(q->w, t);
    tell(q);
    const locator_event *e = q->w->events > 0 ? &q->w->event[0].last : NULL;
    if (!e)
      continue;
    q->lines += e->fault.search == LOCATOR_FAULT_FOUND;
    q->sparse += e->fault.search == LOCATOR_FAULT_SPARSE;
    q->magnitude = q->lines == 0 ? e->magnitude : q->magnitude;
    q->most = fmaxf(q->most, e->magnitude);
  }
  assert_int_equal(q->w->faults, 0);
  assert_int_equal(q->w->events, 1);
  return &q->w->event[0].last;
}

static fault_line line_of(double length_km, double strike_deg, double magnitude)
{
  double ahead = 0.3 * length_km, angle = strike_deg * M_PI / 180;
  return (fault_line){
      .east_km = ahead * sin(angle), .north_km = ahead * cos(angle), .length_km = length_km, .strike_deg = strike_deg, .magnitude = magnitude};
}

static void a_great_event_shows_its_line_and_grows_by_it(void **state)
{
  (void)state;
  quake q = begin(MADE_PROVINCE, line_of(75, 50, 7.2), 6.5);
  const locator_event *e = run(&q, 100);
  assert_int_equal(e->fault.search, LOCATOR_FAULT_FOUND);
  assert_true(fabs(log((double)e->fault.length_km / 75)) < log(1.3));
  assert_true(fabs(remainder((double)e->fault.strike_deg - 50, 180)) < 15);
  print_message("# M %.2f before the line, %.2f with it, %.2f at most\n", (double)q.magnitude, (double)e->magnitude, (double)q.most);
  assert_true(e->magnitude > q.magnitude + 0.15f && q.most < 7.4f);
  made_world_destroy(q.w);
}

static void its_ends_lie_where_the_line_ends(void **state)
{
  (void)state;
  quake q = begin(MADE_PROVINCE, line_of(75, 50, 7.2), 6.5);
  const locator_event *e = run(&q, 100);
  for (int end = 0; end < 2; end++) {
    double east, north, least = INFINITY;
    fault_line_end(&q.line, end, &east, &north);
    for (int i = 0; i < 2; i++)
      least = fmin(least, locator_distance_km(e->fault.latitude_deg[i], e->fault.longitude_deg[i], 41.5 + north / 111.2, 123 + east / 83.4, NULL));
    assert_true(least < 20);
  }
  made_world_destroy(q.w);
}

static void a_line_is_published_when_it_comes(void **state)
{
  (void)state;
  quake q = begin(MADE_PROVINCE, line_of(75, 50, 7.2), 7.3);
  q.w->settings.step_magnitude = 5;
  run(&q, 100);
  assert_true(q.lines > 0);
  made_world_destroy(q.w);
}

static void a_small_event_is_never_searched(void **state)
{
  (void)state;
  quake q = begin(MADE_PROVINCE, line_of(8, 50, 5.6), 5.5);
  const locator_event *e = run(&q, 100);
  assert_int_equal(e->fault.search, LOCATOR_FAULT_NOT_SOUGHT);
  assert_int_equal(q.lines + q.sparse, 0);
  made_world_destroy(q.w);
}

static void without_a_relation_none_is_searched(void **state)
{
  (void)state;
  quake q = begin(MADE_PROVINCE, line_of(75, 50, 7.2), 6.5);
  locator_destroy(q.w->locator);
  q.w->settings.relation = NULL;
  q.w->locator = locator_create(&q.w->settings, q.w->tables, q.w->inventory, SECONDS(0.6));
  const locator_event *e = run(&q, 100);
  assert_int_equal(e->fault.search, LOCATOR_FAULT_NOT_SOUGHT);
  assert_true(q.most < 6.75f);
  made_world_destroy(q.w);
}

static void where_stations_are_sparse_no_line_is_applied_and_it_is_said(void **state)
{
  (void)state;
  quake q = begin(MADE_COUNTRY, line_of(30, 50, 6.7), 6.6);
  const locator_event *e = run(&q, 120);
  assert_int_equal(q.lines, 0);
  assert_true(q.sparse > 0);
  assert_int_equal(e->fault.length_km, 0);
  assert_true(e->magnitude < 6.8f);
  made_world_destroy(q.w);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_great_event_shows_its_line_and_grows_by_it),
      cmocka_unit_test(its_ends_lie_where_the_line_ends),
      cmocka_unit_test(a_line_is_published_when_it_comes),
      cmocka_unit_test(a_small_event_is_never_searched),
      cmocka_unit_test(without_a_relation_none_is_searched),
      cmocka_unit_test(where_stations_are_sparse_no_line_is_applied_and_it_is_said),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
