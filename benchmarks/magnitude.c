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

#include "intensity.h"
#include "listening.h"

enum { NETWORKS = 3, CITY = 30, COUNTRY = 100, EVENTS_MAXIMUM = 5000 };
enum { BINS = 5, RESAMPLINGS = 1000 };
static const char *const network_names[NETWORKS] = {"city", "province", "country"};
static const int64_t origin = INT64_C(1600000000) * INGEST_SECOND;

/* What was said of one event at one time. */
typedef struct {
  double truth;
  int network;
  magnitude_estimate ours[LISTENING_TIMES];
  double plain[LISTENING_TIMES]; /* NAN: nothing yet */
} verdict;

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
                    .rate = LISTENING_RATE,
                    .noise_m_s2 = NAN,
                    .stress_sigma_ln = 0.6, /* Cotton et al. 2013, from how peaks vary between events */
                    .path_sigma_ln = 0.4,
                    .radiates = true,
                    .seed = random_next(r),
                    .tables = tables};
}

static double plain_magnitude(const listener *listeners, int k)
{
  double sum = 0;
  int count = 0;
  for (int i = 0; i < LISTENING_STATIONS; i++)
    if (listeners[i].short_at[k] > 0) {
      sum += magnitude_from_pd(listeners[i].short_at[k], listeners[i].now.epicentral_km);
      count++;
    }
  return count > 0 ? sum / count : (double)NAN;
}

/* From M 6 on the line source has its say. */
static magnitude_estimate with_line(magnitude_estimate point, const listener *listeners, int k)
{
  fault_site sites[LISTENING_STATIONS];
  fault_line line;
  size_t count = 0;
  for (int i = 0; i < LISTENING_STATIONS; i++)
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
  static listener listeners[LISTENING_STATIONS];
  verdict *v = &verdicts[index];
  *v = (verdict){.truth = random_uniform(&r, 3, 8), .network = index % NETWORKS};
  scenario s = make_scenario(v->network, v->truth, &r);
  size_t count = make_network(v->network, &r, stations);
  listening_sort(&s, stations, count);
  listening_hear(&s, stations, &settings, listeners);
  for (int k = 0; k < LISTENING_TIMES; k++) {
    v->ours[k] = with_line(listening_magnitude(listeners, k), listeners, k);
    v->plain[k] = plain_magnitude(listeners, k);
  }
}

/* ---- broken stations ---- */

static const char *const defect_names[LISTENING_DEFECTS] = {"none",
                                                            "one station silent",
                                                            "one station with gain x 10",
                                                            "one station upside down",
                                                            "one station clipped",
                                                            "one station with a step",
                                                            "long-period noise on a third"};

/* Of the M6.5 of the seed in the province: with the defect at the nearest station but `which`, or at each third. */
static void hear_broken(uint64_t seed, listening_defect defect, int which, listener *listeners)
{
  static scenario_station stations[COUNTRY];
  random_source r = {seed};
  scenario s = make_scenario(1, 6.5, &r);
  listening_sort(&s, stations, make_network(1, &r, stations));
  for (int i = 0; i < LISTENING_STATIONS; i++)
    listeners[i].defect = defect != LISTENING_LONG_PERIOD ? (i == which ? defect : LISTENING_SOUND) : i % 3 == which ? defect : LISTENING_SOUND;
  listening_hear(&s, stations, &settings, listeners);
}

/* Changes of the network's magnitude, at each time, where an event could have been told: with four stations and more. */
typedef struct {
  double most[LISTENING_TIMES];
  int cases[LISTENING_TIMES], over[LISTENING_TIMES]; /* over: by more than 0.2 */
} changes;

static void compare(changes *c, const listener *sound, const listener *broken)
{
  enum { ENOUGH = 4 };
  const double much = 0.2;
  for (int k = 0; k < LISTENING_TIMES; k++) {
    double change = (double)(listening_magnitude(broken, k).magnitude - listening_magnitude(sound, k).magnitude);
    if (listening_stations(broken, k) < ENOUGH || !isfinite(change))
      continue;
    c->most[k] = fabs(change) > fabs(c->most[k]) ? change : c->most[k];
    c->cases[k]++;
    c->over[k] += fabs(change) > much;
  }
}

static void print_changes(listening_defect defect, const changes *c)
{
  printf("{\"name\":\"M 6.5, %s\",\"value\":%.2f,\"unit\":\"magnitude, change at most, 30 s after the first P\",\"baseline\":0.2,"
         "\"at_3_5_10_20_s\":[%.2f,%.2f,%.2f,%.2f],\"cases\":[%d,%d,%d,%d,%d],\"over\":[%d,%d,%d,%d,%d]}\n",
         defect_names[defect], c->most[4], c->most[0], c->most[1], c->most[2], c->most[3], c->cases[0], c->cases[1], c->cases[2], c->cases[3],
         c->cases[4], c->over[0], c->over[1], c->over[2], c->over[3], c->over[4]);
}

/* A defect at each of the two nearest stations, or at a third of all; a silent station is what no combination can do better than. */
static void print_defects(void)
{
  enum { SEEDS = 20, PLACES = 2 };
  static listener sound[LISTENING_STATIONS], broken[LISTENING_STATIONS];
  static changes of[LISTENING_DEFECTS];
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    hear_broken(seed, LISTENING_SOUND, 0, sound);
    for (listening_defect defect = LISTENING_SILENT; defect < LISTENING_DEFECTS; defect++)
      for (int which = 0; which < PLACES; which++) {
        hear_broken(seed, defect, which, broken);
        compare(&of[defect], sound, broken);
      }
  }
  for (listening_defect defect = LISTENING_SILENT; defect < LISTENING_DEFECTS; defect++)
    print_changes(defect, &of[defect]);
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

static bool holds(const verdict *v, int k)
{
  return off(v, k) <= (double)v->ours[k].down && -off(v, k) <= (double)v->ours[k].up;
}

/* RMS error over the plain relation's of some events; how many, and how many hold the truth. */
typedef struct {
  double ours, plain;
  int events, inside;
} errors;

static void add_error(errors *e, const verdict *v, int k)
{
  if (!counts(v, k))
    return;
  e->ours += off(v, k) * off(v, k);
  e->plain += (v->plain[k] - v->truth) * (v->plain[k] - v->truth);
  e->events++;
  e->inside += holds(v, k);
}

/* The ratio's 95 % limits by bootstrap (Efron 1979) over events. */
static void print_ratio(int events, int k)
{
  random_source r = {99};
  static double ratio[RESAMPLINGS];
  errors all = {0};
  for (int i = 0; i < events; i++)
    add_error(&all, &verdicts[i], k);
  for (int draw = 0; draw < RESAMPLINGS; draw++) {
    errors some = {0};
    for (int i = 0; i < events; i++)
      add_error(&some, &verdicts[random_below(&r, events)], k);
    ratio[draw] = sqrt(some.ours / some.plain);
  }
  qsort(ratio, RESAMPLINGS, sizeof *ratio, compare_doubles);
  printf("{\"name\":\"magnitude rms error, %g s after the first P\",\"value\":%.3f,\"unit\":\"magnitude\",\"baseline\":%.3f,\"ratio\":%.2f,"
         "\"ratio_95\":[%.2f,%.2f],\"inside_one_sigma\":%.2f}\n",
         listening_after_p_s[k], sqrt(all.ours / all.events), sqrt(all.plain / all.events), sqrt(all.ours / all.plain), ratio[RESAMPLINGS / 40],
         ratio[RESAMPLINGS - RESAMPLINGS / 40], (double)all.inside / all.events);
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
      inside += holds(v, k);
      n++;
    }
    if (n > 0)
      printf(
          "{\"name\":\"magnitude bias, M %d to %d, %g s after the first P\",\"value\":%.2f,\"unit\":\"magnitude\",\"baseline\":%.2f,\"scatter\":%.2f,"
          "\"inside_one_sigma\":%.2f,\"events\":%d}\n",
          bin + 3, bin + 4, listening_after_p_s[k], sum / n, plain / n, sqrt(fmax(square / n - sum / n * sum / n, 0)), (double)inside / n, n);
  }
}

static void print_network(int events, int network)
{
  for (int k = 0; k < LISTENING_TIMES; k++) {
    double sum = 0, square = 0;
    int n = 0, inside = 0;
    for (int i = 0; i < events; i++)
      if (verdicts[i].network == network && counts(&verdicts[i], k)) {
        sum += off(&verdicts[i], k);
        square += off(&verdicts[i], k) * off(&verdicts[i], k);
        inside += holds(&verdicts[i], k);
        n++;
      }
    if (n > 0)
      printf("{\"name\":\"magnitude, %s, %g s after the first "
             "P\",\"value\":%.2f,\"unit\":\"bias\",\"rms\":%.2f,\"inside_one_sigma\":%.2f,\"events\":%d}\n",
             network_names[network], listening_after_p_s[k], sum / n, sqrt(square / n), (double)inside / n, n);
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
          LISTENING_TIMES * (size + 30) + 30, size + 70);
  fprintf(file, "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n");
  for (int k = 0; k < LISTENING_TIMES; k++) {
    double left = 40 + k * (size + 30), top = 30, bottom = top + size;
    fprintf(file, "<text x=\"%g\" y=\"20\">%g s after the first P</text>\n", left, listening_after_p_s[k]);
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
  long asked = argc > 1 ? strtol(argv[1], NULL, 10) : 60;
  int events = asked < 1 ? 1 : asked > EVENTS_MAXIMUM ? EVENTS_MAXIMUM : (int)asked;
  set_up();
  print_defects();
  for (int i = 0; i < events; i++)
    judge(i);
  for (int k = 0; k < LISTENING_TIMES; k++)
    print_ratio(events, k);
  for (int k = 0; k < LISTENING_TIMES; k += 2)
    print_bins(events, k);
  for (int network = 0; network < NETWORKS; network++)
    print_network(events, network);
  if (argc > 2)
    plot(argv[2], events);
  locator_travel_times_destroy(tables);
  return 0;
}
