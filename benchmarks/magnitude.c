/* Magnitudes of made earthquakes, M 3 to 8, on three networks, second by second after the first P: bias, scatter, honesty of sigma, beside the plain
 * published relation (Kuyuk & Allen 2013, windows of at most 3 s, and none of S) on the same picks.
 *
 *   bench_magnitude [EVENTS] [SVG]    one JSON line a figure; the plot, where asked for, shows estimate over truth
 *
 * The place is the true one: what is measured is the magnitude alone. The waves go through the picker as in the daemon.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fault.h"
#include "intensity.h"
#include "magnitude.h"
#include "random.h"
#include "scenario.h"

enum { TIMES = 5, NETWORKS = 3, STATIONS = 24, CITY = 30, COUNTRY = 100, RATE = 100, CHUNK = 20, BEFORE_S = 40, AFTER_S = 32, EVENTS_MAXIMUM = 5000 };
enum { BINS = 5, RESAMPLINGS = 1000 };
static const double after_p_s[TIMES] = {3, 5, 10, 20, 30};
static const char *const network_names[NETWORKS] = {"city", "province", "country"};
static const int64_t origin = INT64_C(1600000000) * INGEST_SECOND;

/* What was said of one event at one time. */
typedef struct {
  double truth;
  int network;
  magnitude_estimate ours[TIMES];
  double plain[TIMES]; /* NAN: nothing yet */
} verdict;

typedef struct {
  int64_t p;
  double s_minus_p_s;
  magnitude_observation now, at[TIMES];
  fault_site felt, felt_at[TIMES];
  double short_pd_m, short_at[TIMES]; /* of the longest window up to 3 s */
  uint64_t pick;
  int64_t picked;
} listener;

static locator_travel_times *tables;
static picker_settings settings;
static verdict verdicts[EVENTS_MAXIMUM];
static fault_search *search;

static void set_up(void)
{
  locator_model model;
  locator_model_named("north-china", &model);
  search = fault_search_create(intensity_bssa14_median);
  tables = locator_travel_times_create(&model, 600, 100);
  for (const config_row *row = picker_rows; row->name; row++)
    if (row->type == CONFIG_REAL)
      *(double *)((char *)&settings + row->offset) = strtod(row->fallback, NULL);
}

/* ---- networks ---- */

static size_t make_network(int network, random_source *r, scenario_station *stations)
{
  size_t count = network == 0 ? CITY : network == 1 ? scenario_liaoning_count : COUNTRY;
  for (size_t i = 0; i < count; i++) {
    if (network == 1) {
      stations[i] = scenario_liaoning[i];
      continue;
    }
    stations[i] = (scenario_station){.network = "XX"};
    snprintf(stations[i].station, sizeof stations[i].station, "S%02zu", i);
    double spread_deg = network == 0 ? 0.35 : 4;
    stations[i].latitude_deg = 41.8 + random_uniform(r, -spread_deg, spread_deg);
    stations[i].longitude_deg = 123.4 + 1.33 * random_uniform(r, -spread_deg, spread_deg);
  }
  return count;
}

static double distance_km(const scenario *s, const scenario_station *station)
{
  return locator_distance_km(s->latitude_deg, s->longitude_deg, station->latitude_deg, station->longitude_deg, NULL);
}

/* The nearest stations come first. */
static void sort_by_distance(const scenario *s, scenario_station *stations, size_t count)
{
  for (size_t i = 1; i < count; i++)
    for (size_t k = i; k > 0 && distance_km(s, &stations[k]) < distance_km(s, &stations[k - 1]); k--) {
      scenario_station kept = stations[k];
      stations[k] = stations[k - 1];
      stations[k - 1] = kept;
    }
}

/* ---- one station listens ---- */

static void on_pick(void *user, const picker_pick *pick)
{
  listener *l = user;
  if (pick->phase != 'P' || l->pick || llabs(pick->time - l->p) > INGEST_SECOND)
    return;
  l->pick = pick->id;
  l->picked = pick->time;
}

static void on_withdraw(void *user, const picker_withdraw *withdraw)
{
  listener *l = user;
  if (withdraw->pick == l->pick)
    l->pick = 0;
}

static void on_p_wave(void *user, const picker_p_wave *w)
{
  listener *l = user;
  if (w->pick != l->pick)
    return;
  if ((double)w->window_s > l->s_minus_p_s)
    return;
  if (w->window_s <= 3)
    l->short_pd_m = w->pd_m;
  l->now.window_s = w->window_s;
  l->now.pd_m = w->pd_m;
  l->now.noise_pd_m = w->noise_pd_m;
  l->now.tau_c_s = w->tau_c_s;
}

static void feed(picker *p, listener *l, float *const samples[INGEST_COMPONENTS], size_t from, int64_t start)
{
  const picker_sink sink = {on_pick, on_withdraw, on_p_wave, l};
  for (int component = 0; component < INGEST_COMPONENTS; component++) {
    ingest_samples piece = {.component = component,
                            .gap = from == 0,
                            .unit = INGEST_UNIT_ACCELERATION,
                            .start = start + (int64_t)from * (INGEST_SECOND / RATE),
                            .rate = RATE,
                            .count = CHUNK,
                            .values = samples[component] + from};
    picker_feed(p, &piece, &sink);
  }
  picker_motion motion;
  if (l->pick && picker_motion_take(p, &motion) && motion.until >= l->picked) {
    l->now.jma_pgd_m = fmaxf(l->now.jma_pgd_m, motion.jma_pgd_m);
    l->now.wood_anderson_mm = fmaxf(l->now.wood_anderson_mm, motion.wood_anderson_mm);
    l->felt.ln_peak[LOCATOR_PGA] = fmax(l->felt.ln_peak[LOCATOR_PGA], log((double)motion.pga_m_s2 / 1.25));
    l->felt.ln_peak[LOCATOR_PGV] = fmax(l->felt.ln_peak[LOCATOR_PGV], log((double)motion.pgv_m_s / 1.25));
  }
}

static void snapshot(listener *l, int k, int64_t until)
{
  l->at[k] = l->now;
  l->at[k].since_p_s = l->pick ? (double)(until - l->picked) / 1e9 : 0;
  l->felt_at[k] = l->felt;
  double over_s = l->s_minus_p_s + 3 + 0.06 * l->now.epicentral_km;
  l->felt_at[k].growing = l->at[k].since_p_s < over_s;
  l->short_at[k] = l->pick ? l->short_pd_m : 0;
}

/* From the first sample to the last of the times. */
static void listen(const scenario *s, scenario_fault *fault, const scenario_station *station, int64_t first_p, listener *l)
{
  size_t count = (size_t)(s->duration_s * RATE);
  float *samples[INGEST_COMPONENTS];
  for (int component = 0; component < INGEST_COMPONENTS; component++) {
    samples[component] = calloc(count, sizeof(float));
    scenario_noise(s, station, component, samples[component], count);
  }
  scenario_fault_shake(fault, station, samples, count);
  picker *p = picker_create(&settings, 0, RATE);
  int k = 0;
  for (size_t from = 0; from + CHUNK <= count && k < TIMES; from += CHUNK) {
    int64_t until = s->start + (int64_t)(from + CHUNK) * (INGEST_SECOND / RATE);
    feed(p, l, samples, from, s->start);
    for (; k < TIMES && until >= first_p + (int64_t)(after_p_s[k] * 1e9); k++)
      snapshot(l, k, until);
  }
  picker_destroy(p);
  for (int component = 0; component < INGEST_COMPONENTS; component++)
    free(samples[component]);
}

/* ---- one event ---- */

static scenario make_scenario(int network, double magnitude, random_source *r)
{
  double spread_deg = network == 0 ? 0.5 : network == 1 ? 1.2 : 3;
  double latitude = network == 1 ? 41.2 : 41.8;
  return (scenario){.latitude_deg = latitude + random_uniform(r, -spread_deg, spread_deg),
                    .longitude_deg = 123 + 1.33 * random_uniform(r, -spread_deg, spread_deg),
                    .depth_km = random_uniform(r, 6, 20),
                    .magnitude = magnitude,
                    .strike_deg = NAN,
                    .origin_time = origin,
                    .rate = RATE,
                    .noise_m_s2 = NAN,
                    .seed = random_next(r),
                    .tables = tables};
}

static void hear(const scenario *s, scenario_station *stations, listener *listeners)
{
  scenario_fault *fault = scenario_fault_create(s);
  for (int i = 0; i < STATIONS; i++) {
    double km = distance_km(s, &stations[i]), p_s = locator_travel_time(tables, 'P', km, s->depth_km);
    listeners[i] = (listener){.p = origin + (int64_t)(p_s * 1e9), .s_minus_p_s = locator_travel_time(tables, 'S', km, s->depth_km) - p_s};
    listeners[i].now = (magnitude_observation){.epicentral_km = km, .depth_km = s->depth_km, .s_minus_p_s = listeners[i].s_minus_p_s};
    double azimuth, away = locator_distance_km(s->latitude_deg, s->longitude_deg, stations[i].latitude_deg, stations[i].longitude_deg, &azimuth);
    listeners[i].felt =
        (fault_site){away * sin(azimuth * M_PI / 180), away * cos(azimuth * M_PI / 180), {(double)-INFINITY, (double)-INFINITY}, false};
    listen(s, fault, &stations[i], listeners[0].p, &listeners[i]);
  }
  scenario_fault_destroy(fault);
}

static double plain_magnitude(const listener *listeners, int k)
{
  double sum = 0;
  int count = 0;
  for (int i = 0; i < STATIONS; i++)
    if (listeners[i].short_at[k] > 0) {
      sum += magnitude_from_pd(listeners[i].short_at[k], listeners[i].now.epicentral_km);
      count++;
    }
  return count > 0 ? sum / count : (double)NAN;
}

/* From M 6 on the line source has its say. */
static magnitude_estimate with_line(magnitude_estimate point, const listener *listeners, int k)
{
  fault_site sites[STATIONS];
  fault_line line;
  size_t count = 0;
  for (int i = 0; i < STATIONS; i++)
    if (isfinite(listeners[i].felt_at[k].ln_peak[LOCATOR_PGA]))
      sites[count++] = listeners[i].felt_at[k];
  if (!(point.magnitude >= 6))
    return point;
  fault_search_begin(search, sites, count, 2);
  while (!fault_search_run(search, 100000))
    ;
  return fault_search_result(search, &line) && line.resolved ? magnitude_with_line(point, line.magnitude, line.magnitude_sigma) : point;
}

static void judge(int index)
{
  random_source r = {(uint64_t)index + 1};
  static scenario_station stations[COUNTRY];
  static listener listeners[STATIONS];
  verdict *v = &verdicts[index];
  *v = (verdict){.truth = random_uniform(&r, 3, 8), .network = index % NETWORKS};
  scenario s = make_scenario(v->network, v->truth, &r);
  size_t count = make_network(v->network, &r, stations);
  sort_by_distance(&s, stations, count);
  double first_p_s = locator_travel_time(tables, 'P', distance_km(&s, &stations[0]), s.depth_km);
  s.start = origin - BEFORE_S * INGEST_SECOND;
  s.duration_s = BEFORE_S + first_p_s + AFTER_S;
  hear(&s, stations, listeners);
  for (int k = 0; k < TIMES; k++) {
    magnitude_observation seen[STATIONS];
    size_t n = 0;
    for (int i = 0; i < STATIONS; i++)
      if (listeners[i].at[k].since_p_s > 0)
        seen[n++] = listeners[i].at[k];
    v->ours[k] = with_line(magnitude_of(seen, n), listeners, k);
    v->plain[k] = plain_magnitude(listeners, k);
  }
}

/* ---- figures ---- */

static bool counts(const verdict *v, int k)
{
  return isfinite((double)v->ours[k].magnitude) && isfinite(v->plain[k]);
}

static double off(const verdict *v, int k)
{
  return (double)v->ours[k].magnitude - v->truth;
}

static int compare_doubles(const void *a, const void *b)
{
  const double *x = a, *y = b;
  return (*x > *y) - (*x < *y);
}

/* RMS error over the plain relation's, and its 95 % limits by bootstrap (Efron 1979) over events. */
static void print_ratio(int events, int k)
{
  random_source r = {99};
  static double ratio[RESAMPLINGS];
  double whole = 0, ours_rms = 0;
  for (int draw = -1; draw < RESAMPLINGS; draw++) {
    double ours = 0, plain = 0;
    int n = 0;
    for (int i = 0; i < events; i++) {
      const verdict *v = &verdicts[draw < 0 ? i : (int)random_below(&r, events)];
      if (!counts(v, k))
        continue;
      ours += off(v, k) * off(v, k);
      plain += (v->plain[k] - v->truth) * (v->plain[k] - v->truth);
      n++;
    }
    if (draw < 0) {
      whole = sqrt(ours / plain);
      ours_rms = sqrt(ours / n);
    } else {
      ratio[draw] = sqrt(ours / plain);
    }
  }
  qsort(ratio, RESAMPLINGS, sizeof *ratio, compare_doubles);
  printf("{\"name\":\"magnitude rms error, %g s after the first P\",\"value\":%.3f,\"unit\":\"magnitude\",\"baseline\":%.3f,\"ratio\":%.2f,"
         "\"ratio_95\":[%.2f,%.2f]}\n",
         after_p_s[k], ours_rms, ours_rms / whole, whole, ratio[RESAMPLINGS / 40], ratio[RESAMPLINGS - RESAMPLINGS / 40]);
}

static void print_bins(int events, int k)
{
  for (int bin = 0; bin < BINS; bin++) {
    double sum = 0, square = 0, plain = 0;
    int n = 0, inside = 0;
    for (int i = 0; i < events; i++) {
      const verdict *v = &verdicts[i];
      if ((int)(v->truth - 3) != bin || !counts(v, k))
        continue;
      sum += off(v, k);
      square += off(v, k) * off(v, k);
      plain += v->plain[k] - v->truth;
      inside += fabs(off(v, k)) <= (double)v->ours[k].uncertainty;
      n++;
    }
    if (n > 0)
      printf(
          "{\"name\":\"magnitude bias, M %d to %d, %g s after the first P\",\"value\":%.2f,\"unit\":\"magnitude\",\"baseline\":%.2f,\"scatter\":%.2f,"
          "\"inside_one_sigma\":%.2f,\"events\":%d}\n",
          bin + 3, bin + 4, after_p_s[k], sum / n, plain / n, sqrt(fmax(square / n - sum / n * sum / n, 0)), (double)inside / n, n);
  }
}

static void print_network(int events, int network)
{
  for (int k = 0; k < TIMES; k++) {
    double sum = 0, square = 0;
    int n = 0, inside = 0;
    for (int i = 0; i < events; i++)
      if (verdicts[i].network == network && counts(&verdicts[i], k)) {
        sum += off(&verdicts[i], k);
        square += off(&verdicts[i], k) * off(&verdicts[i], k);
        inside += fabs(off(&verdicts[i], k)) <= (double)verdicts[i].ours[k].uncertainty;
        n++;
      }
    if (n > 0)
      printf("{\"name\":\"magnitude, %s, %g s after the first "
             "P\",\"value\":%.2f,\"unit\":\"bias\",\"rms\":%.2f,\"inside_one_sigma\":%.2f,\"events\":%d}\n",
             network_names[network], after_p_s[k], sum / n, sqrt(square / n), (double)inside / n, n);
  }
}

/* A panel a time: truth to the right, estimate upwards, ours filled, the plain relation's as rings. */
static void plot(const char *path, int events)
{
  const double size = 220, scale = size / 6;
  FILE *file = fopen(path, "w");
  if (!file)
    return;
  fprintf(file, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%g\" height=\"%g\" font-family=\"sans-serif\" font-size=\"12\">\n",
          TIMES * (size + 30) + 30, size + 70);
  fprintf(file, "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n");
  for (int k = 0; k < TIMES; k++) {
    double left = 40 + k * (size + 30), top = 30, bottom = top + size;
    fprintf(file, "<text x=\"%g\" y=\"20\">%g s after the first P</text>\n", left, after_p_s[k]);
    fprintf(file, "<rect x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\" fill=\"none\" stroke=\"#999\"/>\n", left, top, size, size);
    fprintf(file, "<line x1=\"%g\" y1=\"%g\" x2=\"%g\" y2=\"%g\" stroke=\"#999\"/>\n", left, bottom, left + size, top);
    for (int m = 3; m <= 8; m++)
      fprintf(file, "<text x=\"%g\" y=\"%g\">%d</text>\n<text x=\"%g\" y=\"%g\">%d</text>\n", left + (m - 2.5) * scale - 4, bottom + 15, m, left - 12,
              bottom - (m - 2.5) * scale + 4, m);
    for (int i = 0; i < events; i++) {
      const verdict *v = &verdicts[i];
      if (!counts(v, k))
        continue;
      double x = left + (v->truth - 2.5) * scale;
      fprintf(file, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\" fill=\"none\" stroke=\"#d95f02\"/>\n", x, bottom - (v->plain[k] - 2.5) * scale);
      fprintf(file, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\" fill=\"#1b6ca8\"/>\n", x, bottom - ((double)v->ours[k].magnitude - 2.5) * scale);
    }
  }
  fprintf(file,
          "<text x=\"40\" y=\"%g\">truth to the right, estimate upwards; blue: Tocsin, orange: Kuyuk &amp; Allen 2013 with windows of at most 3 "
          "s</text>\n</svg>\n",
          size + 65);
  fclose(file);
}

int main(int argc, char **argv)
{
  int events = argc > 1 ? atoi(argv[1]) : 60;
  events = events < 1 ? 1 : events > EVENTS_MAXIMUM ? EVENTS_MAXIMUM : events;
  set_up();
  for (int i = 0; i < events; i++)
    judge(i);
  for (int k = 0; k < TIMES; k++)
    print_ratio(events, k);
  for (int k = 0; k < TIMES; k += 2)
    print_bins(events, k);
  for (int network = 0; network < NETWORKS; network++)
    print_network(events, network);
  if (argc > 2)
    plot(argv[2], events);
  locator_travel_times_destroy(tables);
  return 0;
}
