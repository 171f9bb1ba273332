/* Made earthquakes at random places in and around three networks, told to the real locator pick by pick: found, doubled, missed; how far off, how
 * honest, how soon, how dear.
 *
 *   bench_events [EVENTS] [SVG]    one JSON line a figure; the plot, where asked for, shows error over stations used, and over the stated radius
 *
 * Picks are 0.05-0.1 s wrong (S twice that) and say so, a fifth is missing, half of the stations pick S, a tenth more is false. Below every second
 * earthquake the ground is the model's (plain); below the others all waves are off by 2 % of their travel times (S by another 1 %) and a station's by
 * 0.15 s and 1 % besides, as the 0.3 s that a good 1-D model leaves in California. An event is told 0.9 s after its P at the earliest: 0.4 s of the
 * wave that a pick needs and 0.5 s of the link.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "made_events.h"
#include "told.h"

enum { EVENTS_MAXIMUM = 3000, BANDS = 4 };
static const char *const network_names[MADE_NETWORKS] = {"city", "province", "country"};
static const int band_from[BANDS + 1] = {4, 6, 10, 20, 1000};

/* What became of one earthquake. */
typedef struct {
  made_truth made;
  int how_many;
  bool found, depth_known;
  double error_km, radius_km, depth_error_km, depth_sigma_km, first_error_km, first_radius_km, waited_s, alert_waited_s;
  int stations;
} verdict;

static verdict verdicts[EVENTS_MAXIMUM];
static size_t extra, extra_alert_class;

static void judge(const made_world *w, verdict *v)
{
  const made_event *e = made_find(w, v->made.source, &v->how_many);
  v->found = e != NULL;
  if (!e)
    return;
  const locator_event *last = &e->last, *first = &e->first;
  v->error_km = made_error_km(e, v->made.source);
  v->radius_km = (double)last->horizontal_uncertainty_km;
  v->depth_known = !last->depth_fixed;
  v->depth_error_km = fabs((double)last->depth_km - v->made.source.depth_km);
  v->depth_sigma_km = (double)last->depth_uncertainty_km;
  v->first_error_km = locator_distance_km(v->made.source.latitude_deg, v->made.source.longitude_deg, first->latitude_deg, first->longitude_deg, NULL);
  v->first_radius_km = (double)first->horizontal_uncertainty_km;
  v->waited_s = (double)(e->first_told - v->made.fourth_told) / 1e9;
  v->alert_waited_s = e->alert_told != 0 ? (double)(e->alert_told - v->made.fourth_told) / 1e9 : (double)INFINITY;
  v->stations = last->stations_used;
}

/* On stderr, with the earthquake nearest in time. */
static void name_extra(const made_event *e, const verdict *made, size_t count)
{
  const made_truth *nearest = &made[0].made;
  for (size_t k = 1; k < count; k++)
    if (llabs(e->last.origin_time - made[k].made.source.time) < llabs(e->last.origin_time - nearest->source.time))
      nearest = &made[k].made;
  fprintf(stderr, "%s: said %s, %.0f km and %+.1f s off an earthquake with %zu P %s: %d stations, rms %.2f s, radius %.0f km, likelihood %.2f\n",
          network_names[nearest->network], e->last.id, made_error_km(e, nearest->source), (double)(e->last.origin_time - nearest->source.time) / 1e9,
          nearest->p, nearest->inside ? "inside" : "outside", e->last.stations_used, (double)e->last.rms_s, (double)e->last.horizontal_uncertainty_km,
          e->highest_likelihood);
}

/* What was said and kept, and is none of the earthquakes. */
static void count_extra(const made_world *w, const verdict *made, size_t count)
{
  for (size_t i = 0; i < w->events; i++) {
    const made_event *e = &w->event[i];
    bool known = e->last.state == LOCATOR_CANCELLED;
    for (size_t k = 0; k < count && !known; k++)
      known = llabs(e->last.origin_time - made[k].made.source.time) <= SECONDS(5) && made_error_km(e, made[k].made.source) <= 60;
    extra += !known;
    extra_alert_class += !known && e->alert_told != 0;
    if (!known)
      name_extra(e, made, count);
  }
}

/* So far apart that no two earthquakes' waves overlap. A new locator each 300. */
static size_t run_network(made_network network, size_t events, verdict *made, told_cost *picks, told_cost *steps)
{
  enum { A_WORLD = 300 };
  for (size_t from = 0; from < events; from += A_WORLD) {
    size_t count = events - from < A_WORLD ? events - from : A_WORLD;
    made_world *w = made_world_create(network, 1000 * (uint64_t)network + from + 7);
    double at_s = 30;
    for (size_t i = 0; i < count; i++) {
      made_truth_make(w, network, at_s, i % 2 == 0, &made[from + i].made);
      at_s += random_uniform(&w->random, 240, 300);
    }
    told_run(w, at_s, 0.1, picks, steps);
    for (size_t i = 0; i < count; i++)
      judge(w, &made[from + i]);
    count_extra(w, made + from, count);
    made_world_destroy(w);
  }
  return events;
}

/* ---- figures ---- */

typedef bool among(const verdict *v, int which);

static bool is_of_network(const verdict *v, int network)
{
  return (int)v->made.network == network;
}

static bool is_of_band(const verdict *v, int band)
{
  return (int)v->made.p >= band_from[band] && (int)v->made.p < band_from[band + 1];
}

static bool is_inside(const verdict *v, int inside)
{
  return v->made.inside == (inside != 0);
}

static bool is_plain(const verdict *v, int plain)
{
  return v->made.plain == (plain != 0);
}

static bool is_any(const verdict *v, int unused)
{
  (void)v;
  return unused == 0;
}

static void print_found(const char *name, size_t events, among *is, int which)
{
  size_t made = 0, found = 0, twice = 0, missed = 0;
  for (size_t i = 0; i < events; i++) {
    if (!is(&verdicts[i], which))
      continue;
    made++;
    found += verdicts[i].how_many == 1;
    twice += verdicts[i].how_many > 1;
    missed += verdicts[i].how_many == 0;
  }
  if (made > 0)
    printf("{\"name\":\"events found once, %s\",\"value\":%zu,\"unit\":\"events\",\"baseline\":%zu,\"twice\":%zu,\"missed\":%zu}\n", name, found,
           made, twice, missed);
}

/* Beside it: the place of the nearest station, as good as can be had without a locator. */
static void print_errors(const char *name, size_t events, among *is, int which)
{
  static double last[EVENTS_MAXIMUM], first[EVENTS_MAXIMUM], plain[EVENTS_MAXIMUM];
  size_t n = 0, inside_last = 0, inside_first = 0, depths = 0, inside_depth = 0;
  for (size_t i = 0; i < events; i++) {
    const verdict *v = &verdicts[i];
    if (!v->found || !is(v, which))
      continue;
    last[n] = v->error_km;
    first[n] = v->first_error_km;
    plain[n++] = v->made.first_station_km;
    inside_last += v->error_km <= v->radius_km;
    inside_first += v->first_error_km <= v->first_radius_km;
    depths += v->depth_known;
    inside_depth += v->depth_known && v->depth_error_km <= v->depth_sigma_km;
  }
  if (n == 0)
    return;
  double baseline = told_quantile(plain, n, 0.5);
  printf("{\"name\":\"location error at last, %s\",\"value\":%.2f,\"unit\":\"km\",\"baseline\":%.2f,\"p90\":%.2f,\"events\":%zu}\n", name,
         told_quantile(last, n, 0.5), baseline, told_quantile(last, n, 0.9), n);
  printf("{\"name\":\"location error at first, %s\",\"value\":%.2f,\"unit\":\"km\",\"baseline\":%.2f,\"p90\":%.2f,\"events\":%zu}\n", name,
         told_quantile(first, n, 0.5), baseline, told_quantile(first, n, 0.9), n);
  printf("{\"name\":\"truth within the 68 %% radius, %s\",\"value\":%.3f,\"unit\":\"share\",\"baseline\":0.68,\"at_first\":%.3f}\n", name,
         (double)inside_last / (double)n, (double)inside_first / (double)n);
  if (depths > 0)
    printf("{\"name\":\"depth within one sigma, %s\",\"value\":%.3f,\"unit\":\"share\",\"baseline\":0.68,\"events\":%zu}\n", name,
           (double)inside_depth / (double)depths, depths);
}

static void print_waits(const char *name, const double *waited, size_t n, size_t events)
{
  static double sorted[EVENTS_MAXIMUM];
  const double allowed_s = 1.5 - 0.9; /* after the P reached the station; a made pick is told 0.9 s after */
  size_t in_time = 0;
  for (size_t i = 0; i < n; i++) {
    sorted[i] = waited[i];
    in_time += waited[i] <= allowed_s;
  }
  if (n > 0)
    printf(
        "{\"name\":\"%s after the fourth P was told\",\"value\":%.2f,\"unit\":\"s\",\"baseline\":%.2f,\"p90\":%.2f,\"in_time\":%.3f,\"events\":%zu,"
        "\"of\":%zu}\n",
        name, told_quantile(sorted, n, 0.5), allowed_s, told_quantile(sorted, n, 0.9), (double)in_time / (double)n, n, events);
}

/* What small earthquakes and far ones lack to be of the alert class they may never get. */
static void print_wait(size_t events)
{
  static double solution[EVENTS_MAXIMUM], alert[EVENTS_MAXIMUM];
  size_t found = 0, alerted = 0;
  for (size_t i = 0; i < events; i++)
    if (verdicts[i].found) {
      solution[found++] = verdicts[i].waited_s;
      if (isfinite(verdicts[i].alert_waited_s))
        alert[alerted++] = verdicts[i].alert_waited_s;
    }
  print_waits("first solution", solution, found, events);
  print_waits("alert class", alert, alerted, events);
}

static void print_all(size_t events)
{
  print_found("all", events, is_any, 0);
  print_errors("all", events, is_any, 0);
  for (int i = 0; i < MADE_NETWORKS; i++) {
    print_found(network_names[i], events, is_of_network, i);
    print_errors(network_names[i], events, is_of_network, i);
  }
  for (int i = 0; i < 2; i++) {
    print_found(i ? "plain ground" : "real ground", events, is_plain, i);
    print_errors(i ? "plain ground" : "real ground", events, is_plain, i);
    print_found(i ? "inside" : "outside", events, is_inside, i);
    print_errors(i ? "inside" : "outside", events, is_inside, i);
  }
  for (int i = 0; i < BANDS; i++) {
    char name[32];
    snprintf(name, sizeof name, "%d P or more", band_from[i]);
    print_found(name, events, is_of_band, i);
    print_errors(name, events, is_of_band, i);
  }
  print_wait(events);
  printf("{\"name\":\"events that are none\",\"value\":%zu,\"unit\":\"events\",\"baseline\":0,\"alert_class\":%zu}\n", extra, extra_alert_class);
}

/* The misses and doubles, one by one, on stderr. */
static void list_failures(size_t events)
{
  for (size_t i = 0; i < events; i++) {
    const verdict *v = &verdicts[i];
    if (v->how_many != 1)
      fprintf(stderr, "%s event %zu (%s ground): %.3f %.3f, %.1f km deep, %zu P, nearest station %.0f km, %s: %s\n", network_names[v->made.network],
              i, v->made.plain ? "plain" : "real", v->made.source.latitude_deg, v->made.source.longitude_deg, v->made.source.depth_km, v->made.p,
              v->made.first_station_km, v->made.inside ? "inside" : "outside", v->how_many ? "twice" : "missed");
  }
}

/* ---- the plot ---- */

static double log_place(double value, double least, double decades, double from, double length)
{
  return from + length * fmin(fmax(log10(fmax(value, 1e-9) / least) / decades, 0), 1);
}

static void draw_axes(FILE *file, double left, const char *title, const char *unit, double x_least, int x_decades)
{
  const double size = 300, top = 40;
  fprintf(file, "<text x=\"%g\" y=\"24\">%s</text>\n<rect x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\" fill=\"none\" stroke=\"#999\"/>\n", left,
          title, left, top, size, size);
  for (int i = 0; i <= 4; i++)
    fprintf(file, "<text x=\"%g\" y=\"%g\" text-anchor=\"end\">%g</text>\n", left - 4, top + size - size * i / 4 + 4, pow(10, i - 1));
  for (int i = 0; i <= x_decades; i++)
    fprintf(file, "<text x=\"%g\" y=\"%g\" text-anchor=\"middle\">%g</text>\n", left + size * i / x_decades, top + size + 16, x_least * pow(10, i));
  fprintf(file, "<text x=\"%g\" y=\"%g\">%s</text>\n", left + 90, top + size + 34, unit);
}

/* Error in km (0.1 to 1000, upwards) over stations used, and over the stated radius. */
static void plot(const char *path, size_t events)
{
  static const char *const colours[MADE_NETWORKS] = {"#1b6ca8", "#d95f02", "#7a7a7a"};
  const double size = 300, top = 40, left[2] = {50, 420};
  FILE *file = fopen(path, "w");
  if (!file)
    return;
  fputs("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"760\" height=\"420\" font-family=\"sans-serif\" font-size=\"12\">\n"
        "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
        file);
  draw_axes(file, left[0], "error of the place, km", "stations used", 1, 2);
  draw_axes(file, left[1], "error of the place, km", "stated 68 % radius, km", 0.1, 4);
  fprintf(file, "<line x1=\"%g\" y1=\"%g\" x2=\"%g\" y2=\"%g\" stroke=\"#999\"/>\n", left[1], top + size, left[1] + size, top);
  for (size_t i = 0; i < events; i++) {
    const verdict *v = &verdicts[i];
    if (!v->found)
      continue;
    double y = top + size - log_place(v->error_km, 0.1, 4, 0, size);
    double x[2] = {log_place(v->stations, 1, 2, left[0], size), log_place(v->radius_km, 0.1, 4, left[1], size)};
    for (int k = 0; k < 2; k++)
      fprintf(file, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2\" fill=\"%s\" fill-opacity=\"0.6\"/>\n", x[k], y, colours[v->made.network]);
  }
  fputs(
      "<text x=\"50\" y=\"408\">blue: city, orange: province, grey: country; below the line the truth lies within the stated radius</text>\n</svg>\n",
      file);
  fclose(file);
}

int main(int argc, char **argv)
{
  size_t events = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 1000, made = 0;
  told_cost picks = {0}, steps = {0};
  events = events < MADE_NETWORKS ? MADE_NETWORKS : events > EVENTS_MAXIMUM ? EVENTS_MAXIMUM : events;
  for (int i = 0; i < MADE_NETWORKS; i++)
    made += run_network((made_network)i, (events - made) / (size_t)(MADE_NETWORKS - i), verdicts + made, &picks, &steps);
  made_world *w = made_world_create(MADE_CITY, 1);
  double lookup_us = told_lookup_us(w->tables);
  made_world_destroy(w);
  print_all(made);
  told_report("made events, CPU a pick,", &picks, lookup_us);
  told_report("made events, CPU a step,", &steps, lookup_us);
  list_failures(made);
  if (argc > 2)
    plot(argv[2], made);
  free(picks.us);
  free(steps.us);
  return 0;
}
