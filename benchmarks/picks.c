/* What the picker finds in recordings, source by source, beside what others find in the same ones: FilterPicker (Lomax et al. 2012) with its usual
 * settings and eager ones, PhaseNet (Zhu & Beroza 2019) looking at the whole record and as a stream; and the goal. One JSON line a figure, `baseline`
 * the goal, null where there is none; the others' figures are of one run over the same recordings and stand in the table below. Without the
 * recordings it says so and measures nothing. */
#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csv.h"
#include "windows.h"

/* P found; of noise, picks an hour. NAN: not known. */
typedef struct {
  const char *of;
  double filterpicker, filterpicker_eager, phasenet, phasenet_stream, goal;
} anchor;

static const anchor windows_of[] = {{"ncedc-picks", 91, 96, 100, NAN, 98}, {"ncedc-p", 54, 54, 54, 54, 54}, {"stead", 45, 49, 47, 44, 49},
                                    {"seisan", 13, 13, 14, 14, 14},        {"swiss", 8, 8, 8, 8, 8},        {"pnsn", 3, 4, 4, 4, 4},
                                    {"martinique", 19, 50, 42, 50, 50},    {"norsar", 33, 37, 30, 23, 37}};
static const anchor noise_of[] = {{"esec, the first 60 s", 1.6, 16, 7.3, 15, 2}, {"esec", 7.7, 52, 8.6, 19, 6}, {"norsar", 4.9, 29, 9.5, NAN, 3}};

static void number(const char *name, double value)
{
  if (isnan(value))
    printf(",\"%s\":null", name);
  else
    printf(",\"%s\":%.4g", name, value);
}

static void report(const anchor *a, const char *what, double value, const char *unit)
{
  printf("{\"name\":\"%s, %s\"", a->of, what);
  number("value", value);
  printf(",\"unit\":\"%s\"", unit);
  number("baseline", a->goal);
  number("filterpicker", a->filterpicker);
  number("filterpicker_eager", a->filterpicker_eager);
  number("phasenet", a->phasenet);
  number("phasenet_stream", a->phasenet_stream);
}

typedef struct {
  size_t windows, p, labelled_s, s, early, late; /* late: P after the P that are no S */
  double noise_s;
} found;

static bool any_near(const told *t, const window *w, char phase, double label_s)
{
  for (size_t i = 0; i < t->pick_count; i++)
    if (t->picks[i].phase == phase && fabs(window_seconds(w, t->picks[i].time) - label_s) <= 0.5)
      return true;
  return false;
}

static void count_window(found *f, const told *t, const window *w)
{
  f->windows++;
  f->p += any_near(t, w, 'P', w->p_s);
  if (!isnan(w->s_s)) {
    f->labelled_s++;
    f->s += any_near(t, w, 'S', w->s_s);
  }
  f->noise_s += w->p_s - 0.5;
  for (size_t i = 0; i < t->pick_count; i++) {
    double at = window_seconds(w, t->picks[i].time);
    f->early += at < w->p_s - 0.5;
    f->late += t->picks[i].phase == 'P' && at > w->p_s + 0.5 && !(fabs(at - w->s_s) <= 0.5);
  }
}

static void report_windows(const anchor *a)
{
  static window windows[WINDOWS_MAXIMUM];
  static told t;
  char path[64] = "ncedc-picks/waveforms.mseed";
  bool kept_apart = a == windows_of;
  if (!kept_apart)
    snprintf(path, sizeof path, "labelled-windows/windows/%s.mseed", a->of);
  size_t count = kept_apart ? windows_read("ncedc-picks/picks.csv", NULL, windows) : windows_read("labelled-windows/picks.csv", a->of, windows);
  traces all = traces_read(data_path(path), '\0', 1);
  found f = {0};
  for (size_t i = 0; i < count; i++) {
    const trace *of[INGEST_COMPONENTS];
    if (!window_components(&all, &windows[i], of))
      continue;
    window_feed(&t, of, true, INT64_MAX);
    count_window(&f, &t, &windows[i]);
  }
  traces_free(&all);
  report(a, "P found", (double)f.p, "windows");
  printf(",\"windows\":%zu,\"false_an_hour\":%.1f,\"noise_min\":%.1f,\"p_after_p\":%zu,\"s\":%zu,\"windows_with_s\":%zu}\n", f.windows,
         (double)f.early * 3600 / f.noise_s, f.noise_s / 60, f.late, f.s, f.labelled_s);
}

/* Picks on the records of one source of noise, in their first `first_s`. */
static void report_noise(const anchor *a, const char *source, double first_s)
{
  static told t;
  char path[64];
  snprintf(path, sizeof path, "labelled-windows/noise/%s.mseed", source);
  traces all = traces_read(data_path(path), '\0', 1);
  csv c = csv_open("labelled-windows/noise.csv");
  size_t picks = 0;
  double seconds = 0;
  while (csv_next(&c)) {
    window w = {.s_s = NAN};
    const trace *of[INGEST_COMPONENTS];
    if (strcmp(csv_text(&c, "source"), source) != 0 || !ingest_time_parse(csv_text(&c, "start_utc"), &w.start))
      continue;
    strncpy(w.network, csv_text(&c, "network"), sizeof w.network - 1);
    strncpy(w.station, csv_text(&c, "station"), sizeof w.station - 1);
    if (!window_components(&all, &w, of))
      continue;
    window_feed(&t, of, true, INT64_MAX);
    seconds += fmin((double)of[INGEST_VERTICAL]->n / of[INGEST_VERTICAL]->rate, first_s);
    for (size_t i = 0; i < t.pick_count; i++)
      picks += window_seconds(&w, t.picks[i].time) <= first_s;
  }
  traces_free(&all);
  report(a, "P and S in noise", (double)picks * 3600 / seconds, "an hour");
  printf(",\"hours\":%.2f}\n", seconds / 3600);
}

enum { LABELS_MAXIMUM = 512 };

typedef struct {
  char station[9], phase;
  int64_t time;
} label;

static size_t read_labels(const char *relative, label labels[LABELS_MAXIMUM])
{
  size_t count = 0;
  csv c = csv_open(relative);
  while (csv_next(&c) && count < LABELS_MAXIMUM) {
    label *l = &labels[count];
    strncpy(l->station, csv_text(&c, "station"), sizeof l->station - 1);
    l->phase = *csv_text(&c, "phase");
    count += ingest_time_parse(csv_text(&c, "time_utc"), &l->time);
  }
  return count;
}

/* Those of a station that a pick of their phase hits are struck out; returns how many picks hit none. */
static size_t strike(label *labels, size_t count, const window *w, const told *t)
{
  size_t besides = 0;
  for (size_t i = 0; i < t->pick_count; i++) {
    label *nearest = NULL;
    for (size_t k = 0; k < count; k++)
      if (labels[k].phase == t->picks[i].phase && strcmp(labels[k].station, w->station) == 0 &&
          llabs(labels[k].time - t->picks[i].time) <= INGEST_SECOND / 2)
        nearest = &labels[k];
    besides += nearest == NULL;
    if (nearest)
      nearest->phase = 0;
  }
  return besides;
}

/* Calls `with` for all that was told of each station of a folder of continuous streams. */
static void run_streams(const char *folder, void (*with)(void *user, const window *w, const told *t), void *user)
{
  static told t;
  char pattern[512];
  glob_t files;
  snprintf(pattern, sizeof pattern, "%s/*.mseed", data_path(folder));
  if (glob(pattern, 0, NULL, &files) != 0)
    return;
  traces all = {0};
  for (size_t i = 0; i < files.gl_pathc; i++) {
    traces one = traces_read(files.gl_pathv[i], '\0', 1);
    all.items = realloc(all.items, (all.count + one.count) * sizeof *all.items);
    memcpy(all.items + all.count, one.items, one.count * sizeof *one.items);
    all.count += one.count;
    free(one.items);
  }
  for (size_t i = 0; i < all.count; i++) {
    window w = {.start = all.items[i].start, .s_s = NAN};
    const trace *of[INGEST_COMPONENTS];
    memcpy(w.network, all.items[i].codes.network, sizeof w.network);
    memcpy(w.station, all.items[i].codes.station, sizeof w.station);
    if (all.items[i].codes.channel[2] != 'Z' || !window_components(&all, &w, of))
      continue;
    window_feed(&t, of, true, INT64_MAX);
    with(user, &w, &t);
  }
  traces_free(&all);
  globfree(&files);
}

typedef struct {
  label labels[LABELS_MAXIMUM];
  size_t count, picks, besides;
  int64_t from, until; /* `besides` counts picks of this time only */
} streamed;

static void count_stream(void *user, const window *w, const told *t)
{
  streamed *s = user;
  for (size_t i = 0; i < t->pick_count; i++)
    s->picks += t->picks[i].time >= s->from && t->picks[i].time < s->until;
  s->besides += strike(s->labels, s->count, w, t);
}

static void report_swarm(void)
{
  static streamed s = {.until = INT64_MAX};
  size_t labelled[2] = {0}, missed[2] = {0};
  s.count = read_labels("bardarbunga-2014/picks.csv", s.labels);
  for (size_t i = 0; i < s.count; i++)
    labelled[s.labels[i].phase == 'S']++;
  size_t of_p = labelled[0];
  run_streams("bardarbunga-2014", count_stream, &s);
  static label again[LABELS_MAXIMUM];
  read_labels("bardarbunga-2014/picks.csv", again);
  for (size_t i = 0; i < s.count; i++)
    missed[again[i].phase == 'S'] += s.labels[i].phase != 0;
  printf("{\"name\":\"bardarbunga-2014, P found\",\"value\":%zu,\"unit\":\"of its picks\",\"baseline\":%zu,\"s\":%zu,\"of_s\":%zu,"
         "\"picks\":%zu,\"besides\":%zu}\n",
         of_p - missed[0], of_p, labelled[1] - missed[1], labelled[1], s.picks, s.besides);
}

/* Nothing is to be picked in that time. */
static void report_quiet(const char *folder, const char *from, const char *until)
{
  static streamed s;
  s = (streamed){0};
  if (!ingest_time_parse(from, &s.from) || !ingest_time_parse(until, &s.until))
    return;
  run_streams(folder, count_stream, &s);
  printf("{\"name\":\"%s, picks from %s to %s\",\"value\":%zu,\"unit\":\"picks\",\"baseline\":0}\n", folder, from, until, s.picks);
}

int main(void)
{
  static const char *const needed[] = {"ncedc-picks", "labelled-windows", "bardarbunga-2014", "oaxaca-2018", "teleseism-2011"};
  for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
    if (!data_path_if_any(needed[i])) {
      fprintf(stderr, "bench_picks: %s is not in the recordings' folder (TOCSIN_DATA)\n", needed[i]);
      return 0;
    }
  for (size_t i = 0; i < sizeof windows_of / sizeof windows_of[0]; i++)
    report_windows(&windows_of[i]);
  report_noise(&noise_of[0], "esec", 60);
  report_noise(&noise_of[1], "esec", INFINITY);
  report_noise(&noise_of[2], "norsar", INFINITY);
  report_swarm();
  report_quiet("oaxaca-2018", "2018-02-16T23:35:00Z", "2018-02-16T23:39:45Z");
  report_quiet("teleseism-2011", "2011-03-11T05:50:00Z", "2011-03-11T06:25:00Z");
  return 0;
}
