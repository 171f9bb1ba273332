/* The picker on real recordings: what it finds must not become worse. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data.h"
#include "recordings.h"
#include "signals.h"

static void feed_trace(told *t, const trace *x)
{
  picker_settings settings = default_picker_settings();
  settings.s_picks = false;
  picker *p = picker_create(&settings, 0, x->rate);
  picker_sink sink = sink_into(t);
  memset(t, 0, sizeof *t);
  ingest_samples piece = {.component = INGEST_VERTICAL,
                          .gap = true,
                          .unit = INGEST_UNIT_VELOCITY,
                          .start = x->start,
                          .rate = x->rate,
                          .count = x->n,
                          .values = x->values};
  picker_feed(p, &piece, &sink);
  picker_destroy(p);
}

/* An analyst's window: where it begins and how long after P and S come. */
typedef struct {
  char network[9], station[9];
  int64_t start;
  double p_s, s_s;
} window;

static size_t read_windows(const char *path, window *windows, size_t most)
{
  size_t length, count = 0;
  char *text = data_read(path, &length), *line = strchr(text, '\n');
  while (line && *++line && count < most) {
    char start[32];
    int p_sample, s_sample;
    window *w = &windows[count];
    if (sscanf(line, "%8[^,],%8[^,],%*[^,],%31[^,],%d,%d", w->network, w->station, start, &p_sample, &s_sample) == 5 &&
        ingest_time_parse(start, &w->start)) {
      w->p_s = p_sample / 100.0;
      w->s_s = s_sample / 100.0;
      count++;
    }
    line = strchr(line, '\n');
  }
  free(text);
  return count;
}

static const trace *trace_of_window(const traces *all, const window *w)
{
  for (size_t i = 0; i < all->count; i++)
    if (strcmp(all->items[i].codes.station, w->station) == 0 && strcmp(all->items[i].codes.network, w->network) == 0 &&
        llabs(all->items[i].start - w->start) < INGEST_SECOND)
      return &all->items[i];
  return NULL;
}

static int compare_doubles(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

typedef struct {
  size_t hits, false_picks, later_picks, within_sigma;
  double errors[128], delays[128]; /* of the hits, s; sorted */
} score;

static void count_picks(score *s, const told *t, const window *w)
{
  bool hit = false;
  for (size_t i = 0; i < t->pick_count; i++) {
    double error = (double)(t->picks[i].time - w->start) / 1e9 - w->p_s;
    s->false_picks += error < -0.5;
    s->later_picks += error > 0.5;
    if (fabs(error) <= 0.5 && !hit) {
      s->errors[s->hits] = fabs(error);
      s->within_sigma += fabs(error) <= (double)t->picks[i].uncertainty_s;
      s->delays[s->hits++] = (double)(t->picks[i].data_until - w->start) / 1e9 - w->p_s;
      hit = true;
    }
  }
}

static score score_of_windows(void)
{
  static window windows[128];
  static told t;
  score s = {0};
  traces all = traces_read(data_path("ncedc-picks/waveforms.mseed"), 'Z', 1);
  size_t count = read_windows(data_path("ncedc-picks/picks.csv"), windows, 128);
  assert_int_equal(count, 100);
  for (size_t i = 0; i < count; i++) {
    const trace *x = trace_of_window(&all, &windows[i]);
    assert_non_null(x);
    feed_trace(&t, x);
    count_picks(&s, &t, &windows[i]);
  }
  traces_free(&all);
  qsort(s.errors, s.hits, sizeof s.errors[0], compare_doubles);
  qsort(s.delays, s.hits, sizeof s.delays[0], compare_doubles);
  return s;
}

static void ninety_six_of_a_hundred_analysts_onsets_are_found(void **state)
{
  (void)state;
  score s = score_of_windows();
  print_message("# %zu hits, %zu before P, %zu after, error %.3f s median, %.3f s at 90 %%, sent after %.2f and %.2f s, %zu within sigma\n", s.hits,
                s.false_picks, s.later_picks, s.errors[s.hits / 2], s.errors[s.hits * 9 / 10], s.delays[s.hits / 2], s.delays[s.hits * 9 / 10],
                s.within_sigma);
  assert_in_range(s.hits, 96, 100);
  assert_in_range(s.false_picks, 0, 6);
  assert_in_range(s.later_picks, 0, 14);
  assert_true(s.errors[s.hits / 2] <= 0.021 && s.errors[s.hits * 9 / 10] <= 0.081);
  assert_true(s.delays[s.hits / 2] <= 0.3 && s.delays[s.hits * 9 / 10] <= 0.6);
}

/* The window behind `seconds` of its own noise, folded to and fro: what a station that runs all the time would have recorded. */
static trace behind_noise(const trace *x, size_t p, double seconds)
{
  size_t noise = p - 100, before = (size_t)(seconds * x->rate);
  trace longer = *x;
  longer.n = before + x->n;
  longer.start = x->start - (int64_t)((double)before / x->rate * 1e9);
  longer.values = malloc(longer.n * sizeof *longer.values);
  assert_non_null(longer.values);
  for (size_t i = 0; i < before; i++) {
    size_t folded = (before - i) % (2 * noise - 2);
    longer.values[i] = x->values[folded < noise ? folded : 2 * noise - 2 - folded];
  }
  memcpy(longer.values + before, x->values, x->n * sizeof *x->values);
  return longer;
}

static const picker_pick *p_of_window(const told *t, const window *w)
{
  for (size_t i = 0; i < t->pick_count; i++)
    if (fabs((double)(t->picks[i].time - w->start) / 1e9 - w->p_s) <= 0.5)
      return &t->picks[i];
  return NULL;
}

static void a_pick_does_not_know_where_its_window_starts(void **state)
{
  (void)state;
  static window windows[128];
  static told alone, joined;
  size_t hits = 0, joined_hits = 0, same = 0, count = read_windows(data_path("ncedc-picks/picks.csv"), windows, 128);
  traces all = traces_read(data_path("ncedc-picks/waveforms.mseed"), 'Z', 1);
  for (size_t i = 0; i < count; i++) {
    const trace *x = trace_of_window(&all, &windows[i]);
    trace longer = behind_noise(x, (size_t)(windows[i].p_s * x->rate), 20 + 3 * (double)(i % 20));
    feed_trace(&alone, x);
    feed_trace(&joined, &longer);
    const picker_pick *a = p_of_window(&alone, &windows[i]), *b = p_of_window(&joined, &windows[i]);
    hits += a != NULL;
    joined_hits += b != NULL;
    same += a && b && llabs(a->time - b->time) <= INGEST_SECOND / 50;
    free(longer.values);
  }
  traces_free(&all);
  print_message("# %zu hits alone, %zu behind noise, %zu the same within 0.02 s\n", hits, joined_hits, same);
  assert_true(joined_hits + 2 >= hits);
  assert_true(same + 5 >= hits);
}

static void uncertainties_hold_two_of_three_errors(void **state)
{
  (void)state;
  score s = score_of_windows();
  assert_in_range(s.within_sigma * 100 / s.hits, 60, 76);
}

/* Of the first swing at the analyst's P, as anyone would read it off the plain record: 8 times louder than all of the 2 s before, nothing of the
 * other sign before it. 0: mistakable. */
static int unmistakable_sign(const trace *x, size_t p)
{
  double mean = 0, noise = 0, other = 0, swing = 0;
  size_t from = p - 200, quiet = p - 6;
  for (size_t i = from; i < quiet; i++)
    mean += (double)x->values[i] / (double)(quiet - from);
  for (size_t i = from; i < quiet; i++)
    noise = fmax(noise, fabs((double)x->values[i] - mean));
  size_t i = p - 5, end = p + 40;
  for (; i < end && fabs((double)x->values[i] - mean) <= 3 * noise; i++)
    ;
  int sign = i < end && (double)x->values[i] > mean ? 1 : -1;
  for (size_t k = p - 5; k < i; k++)
    other = fmax(other, -sign * ((double)x->values[k] - mean));
  for (; i < end && sign * ((double)x->values[i] - mean) > 0; i++)
    swing = fmax(swing, sign * ((double)x->values[i] - mean));
  return noise > 0 && swing > 8 * noise && other < 1.2 * noise ? sign : 0;
}

static void an_unmistakable_first_motion_is_never_read_the_other_way(void **state)
{
  (void)state;
  static window windows[128];
  static told t;
  size_t unmistakable = 0, read = 0;
  traces all = traces_read(data_path("ncedc-picks/waveforms.mseed"), 'Z', 1);
  size_t count = read_windows(data_path("ncedc-picks/picks.csv"), windows, 128);
  for (size_t i = 0; i < count; i++) {
    const trace *x = trace_of_window(&all, &windows[i]);
    int sign = unmistakable_sign(x, (size_t)lround(windows[i].p_s * 100));
    if (sign == 0)
      continue;
    feed_trace(&t, x);
    unmistakable++;
    for (size_t k = 0; k < t.pick_count; k++)
      if (fabs((double)(t.picks[k].time - windows[i].start) / 1e9 - windows[i].p_s) < 0.1) {
        assert_int_not_equal(t.picks[k].polarity, -sign);
        read += t.picks[k].polarity == sign;
      }
  }
  traces_free(&all);
  assert_true(unmistakable >= 20);
  assert_in_range(read, unmistakable * 9 / 10, unmistakable);
}

/* The window's components; false: no vertical. */
static bool components_of_window(const traces *all, const window *w, const trace *found[INGEST_COMPONENTS])
{
  int horizontals = 0;
  memset(found, 0, INGEST_COMPONENTS * sizeof *found);
  for (size_t i = 0; i < all->count; i++) {
    const trace *x = &all->items[i];
    if (strcmp(x->codes.station, w->station) != 0 || strcmp(x->codes.network, w->network) != 0 || llabs(x->start - w->start) > INGEST_SECOND)
      continue;
    if (x->codes.channel[2] == 'Z')
      found[INGEST_VERTICAL] = x;
    else if (horizontals < 2)
      found[++horizontals] = x;
  }
  return found[INGEST_VERTICAL] != NULL;
}

static void feed_components(told *t, const trace *const of[INGEST_COMPONENTS])
{
  picker_settings settings = default_picker_settings();
  picker *p = picker_create(&settings, 0, of[0]->rate);
  picker_sink sink = sink_into(t);
  memset(t, 0, sizeof *t);
  for (size_t from = 0; from < of[0]->n; from += 100)
    for (int c = 0; c < INGEST_COMPONENTS; c++) {
      if (!of[c] || from >= of[c]->n)
        continue;
      ingest_samples piece = {.component = c,
                              .gap = from == 0,
                              .unit = INGEST_UNIT_VELOCITY,
                              .start = of[c]->start + llround((double)from * 1e9 / of[c]->rate),
                              .rate = of[c]->rate,
                              .count = from + 100 < of[c]->n ? 100 : of[c]->n - from,
                              .values = of[c]->values + from};
      picker_feed(p, &piece, &sink);
    }
  picker_destroy(p);
}

/* The S after the P that hits; those elsewhere are wrong. */
static void count_s_picks(score *s, const told *t, const window *w)
{
  for (size_t i = 0; i < t->pick_count; i++) {
    const picker_pick *pick = &t->picks[i];
    if (pick->phase != 'S')
      continue;
    double error = (double)(pick->time - w->start) / 1e9 - w->s_s;
    if (fabs(error) > 0.5) {
      s->false_picks++;
      continue;
    }
    s->errors[s->hits] = fabs(error);
    s->within_sigma += fabs(error) <= (double)pick->uncertainty_s;
    s->delays[s->hits++] = (double)(pick->data_until - w->start) / 1e9 - w->s_s;
  }
}

static void four_of_five_s_are_found_and_hardly_a_wrong_one(void **state)
{
  (void)state;
  static window windows[128];
  static told t;
  score s = {0};
  traces all = traces_read(data_path("ncedc-picks/waveforms.mseed"), '\0', 1);
  size_t count = read_windows(data_path("ncedc-picks/picks.csv"), windows, 128);
  for (size_t i = 0; i < count; i++) {
    const trace *components[INGEST_COMPONENTS];
    assert_true(components_of_window(&all, &windows[i], components));
    feed_components(&t, components);
    count_s_picks(&s, &t, &windows[i]);
  }
  traces_free(&all);
  qsort(s.errors, s.hits, sizeof s.errors[0], compare_doubles);
  qsort(s.delays, s.hits, sizeof s.delays[0], compare_doubles);
  print_message("# S: %zu hits, %zu elsewhere, error %.3f s median, sent after %.2f s, %zu within sigma\n", s.hits, s.false_picks,
                s.errors[s.hits / 2], s.delays[s.hits / 2], s.within_sigma);
  assert_in_range(s.hits, 81, 100);
  assert_in_range(s.false_picks, 0, 12);
  assert_true(s.errors[s.hits / 2] <= 0.08 && s.delays[s.hits / 2] <= 0.5);
  assert_in_range(s.within_sigma * 100 / s.hits, 60, 80);
}

/* One station of a network with inventory, as the stream would hand it on. */
typedef struct {
  ingest_inventory *inventory;
  int32_t sensor;
  traces components[INGEST_COMPONENTS];
  ingest_unit unit;
} recorded;

static recorded read_station(const char *folder, const char *name, const char *channels[INGEST_COMPONENTS])
{
  recorded r = {0};
  char path[256];
  size_t length;
  snprintf(path, sizeof path, "%s/%s.xml", folder, name);
  char *xml = data_read(data_path(path), &length);
  r.inventory = ingest_inventory_create();
  assert_true(ingest_inventory_add(r.inventory, name, xml, length, NULL, NULL));
  ingest_inventory_seal(r.inventory, NULL, NULL);
  free(xml);
  for (int c = 0; c < INGEST_COMPONENTS; c++) {
    int component;
    snprintf(path, sizeof path, "%s/%s..%s.mseed", folder, name, channels[c]);
    r.components[c] = traces_read(data_path(path), '\0', 1);
    trace *x = &r.components[c].items[0];
    r.sensor = ingest_inventory_find(r.inventory, &x->codes, &component);
    const ingest_epoch *epoch = ingest_inventory_epoch(r.inventory, r.sensor, component, x->start);
    assert_non_null(epoch);
    assert_int_equal(component, c);
    for (size_t i = 0; i < x->n; i++)
      x->values[i] = (float)((double)x->values[i] / epoch->gain);
    r.unit = epoch->unit;
  }
  return r;
}

static void free_station(recorded *r)
{
  ingest_inventory_destroy(r->inventory);
  for (int c = 0; c < INGEST_COMPONENTS; c++)
    traces_free(&r->components[c]);
}

static size_t shortest(const recorded *r)
{
  size_t n = r->components[0].items[0].n;
  for (int c = 1; c < INGEST_COMPONENTS; c++)
    n = r->components[c].items[0].n < n ? r->components[c].items[0].n : n;
  return n;
}

static void raise_to(float *most, float value)
{
  *most = fmaxf(*most, value);
}

/* The largest of all windows, each for itself; `since` of the first. */
static void take_largest(picker_motion *most, const picker_motion *motion)
{
  if (most->components == 0)
    *most = *motion;
  raise_to(&most->pga_m_s2, motion->pga_m_s2);
  raise_to(&most->csis_pga_m_s2, motion->csis_pga_m_s2);
  raise_to(&most->csis_pgv_m_s, motion->csis_pgv_m_s);
  raise_to(&most->jma_pgd_m, motion->jma_pgd_m);
  raise_to(&most->wood_anderson_mm, motion->wood_anderson_mm);
}

static picker_motion stream_station(const recorded *r, told *t)
{
  picker_settings settings = default_picker_settings();
  double rate = r->components[0].items[0].rate;
  picker *p = picker_create(&settings, 0, rate);
  picker_sink sink = sink_into(t);
  picker_motion most = {0}, motion;
  memset(t, 0, sizeof *t);
  for (size_t from = 0, n = shortest(r); from < n; from += 100) {
    for (int c = 0; c < INGEST_COMPONENTS; c++) {
      const trace *x = &r->components[c].items[0];
      ingest_samples piece = {.component = c,
                              .gap = from == 0,
                              .unit = r->unit,
                              .rate = rate,
                              .count = from + 100 < n ? 100 : n - from,
                              .start = x->start + llround((double)from * 1e9 / rate),
                              .values = x->values + from};
      picker_feed(p, &piece, &sink);
    }
    if (picker_motion_take(p, &motion))
      take_largest(&most, &motion);
  }
  picker_destroy(p);
  return most;
}

static const char *const ridgecrest_stations[] = {"CI.CCC", "CI.JRC2", "CI.LRL", "CI.MPM",  "CI.SLA",
                                                  "CI.WBM", "CI.WCS2", "CI.WNM", "CI.WRV2", "CI.WVP2"};
enum { STATIONS = sizeof ridgecrest_stations / sizeof ridgecrest_stations[0] };
static const char *hn[INGEST_COMPONENTS] = {"HNZ", "HNN", "HNE"};

/* Seconds of a straight P at 6 km/s from Ridgecrest's hypocentre. */
static double straight_p(const ingest_sensor *sensor)
{
  double north = (sensor->latitude_deg - 35.7695) * 111.19, east = (sensor->longitude_deg + 117.5993) * 111.19 * cos(35.7695 * 0.0174533);
  return sqrt(north * north + east * east + 64) / 6;
}

static void ridgecrests_p_is_picked_at_all_ten_stations(void **state)
{
  (void)state;
  static told t;
  int64_t origin;
  assert_true(ingest_time_parse("2019-07-06T03:19:53.040Z", &origin));
  for (int i = 0; i < STATIONS; i++) {
    recorded r = read_station("ridgecrest-2019", ridgecrest_stations[i], hn);
    stream_station(&r, &t);
    double predicted = straight_p(ingest_inventory_sensor(r.inventory, (size_t)r.sensor));
    size_t near = 0;
    for (size_t k = 0; k < t.pick_count; k++)
      near += fabs((double)(t.picks[k].time - origin) / 1e9 - predicted) < 0.8;
    if (near != 1)
      fail_msg("%s: %zu picks near P", ridgecrest_stations[i], near);
    free_station(&r);
  }
}

static void the_stream_equals_the_record_at_ridgecrest(void **state)
{
  (void)state;
  static told t;
  for (int i = 0; i < STATIONS; i++) {
    recorded r = read_station("ridgecrest-2019", ridgecrest_stations[i], hn);
    picker_motion stream = stream_station(&r, &t), record;
    const trace *z = &r.components[0].items[0];
    const float *components[] = {z->values, r.components[1].items[0].values, r.components[2].items[0].values};
    size_t onset = (size_t)llround((double)(stream.since - z->start) * z->rate / 1e9);
    assert_true(picker_record_motion(components, shortest(&r), z->rate, r.unit, onset, &record));
    assert_true(fabsf(stream.csis_pga_m_s2 / record.csis_pga_m_s2 - 1) < 1e-3f);
    assert_true(fabsf(stream.csis_pgv_m_s / record.csis_pgv_m_s - 1) < 1e-3f);
    assert_true(fabsf(stream.pga_m_s2 / record.pga_m_s2 - 1) < 1e-3f);
    assert_true(fabsf(stream.jma_pgd_m / record.jma_pgd_m - 1) < 0.01f);
    assert_true(fabsf(stream.wood_anderson_mm / record.wood_anderson_mm - 1) < 1e-3f);
    free_station(&r);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ninety_six_of_a_hundred_analysts_onsets_are_found),
      cmocka_unit_test(a_pick_does_not_know_where_its_window_starts),
      cmocka_unit_test(uncertainties_hold_two_of_three_errors),
      cmocka_unit_test(an_unmistakable_first_motion_is_never_read_the_other_way),
      cmocka_unit_test(four_of_five_s_are_found_and_hardly_a_wrong_one),
      cmocka_unit_test(ridgecrests_p_is_picked_at_all_ten_stations),
      cmocka_unit_test(the_stream_equals_the_record_at_ridgecrest),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
