#include "associate_tune.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tune_plot.h"
#include "tune_pool.h"

typedef struct {
  double found, missed, missed_many, extra, median_km, cpu_s;
} score;

typedef struct {
  const associate_tuning *tuning;
  const associate_material *material;
  const associate_truths *truths;
} attempt;

static bool try_one(void *user, size_t trial, void *result);
static void print_scores(const associate_tuning *t, const score *scores);
static bool plot(const associate_tuning *t, const score *scores);

bool associate_tune_add(tune_sweep *sweep, const char *text)
{
  char one[512];
  for (bool good = true; good; text++) {
    size_t length = strcspn(text, ",");
    while (text[length] == ',' && text[length + 1 + strcspn(text + length + 1, ",=")] != '=')
      length += 1 + strcspn(text + length + 1, ",");
    snprintf(one, sizeof one, "%.*s", (int)fmin((double)length, sizeof one - 1), text);
    good = tune_sweep_add(sweep, one);
    text += length;
    if (*text == '\0')
      return good;
  }
  return false;
}

double associate_tune_deepest(const tune_sweep *sweep, double usual)
{
  for (size_t i = 0; i < sweep->count; i++)
    for (size_t k = 0; k < sweep->ranges[i].count && strcmp(sweep->ranges[i].row->name, "maximum_depth_km") == 0; k++)
      usual = fmax(usual, sweep->ranges[i].values[k]);
  return usual;
}

bool associate_tune(const associate_tuning *t, const associate_material *material)
{
  associate_truths truths;
  attempt of = {t, material, &truths};
  size_t trials = tune_sweep_trials(&t->sweep);
  score *scores = calloc(trials, sizeof *scores);
  bool good = associate_read_truths(t->truth, &truths) && scores && tune_pool("associate", trials, t->jobs, try_one, &of, scores, sizeof *scores);
  if (good)
    print_scores(t, scores);
  good = good && (!t->plot || plot(t, scores));
  free(truths.items);
  free(scores);
  return good;
}

/* ---- one combination ---- */

/* The event, not yet another's, that lies nearest to the earthquake, five kilometres as much as a second; NULL: none within the limits. */
static const locator_event *match(const associate_tuning *t, const associate_truth *truth, const associate_catalogue *c, const bool *taken,
                                  double *km)
{
  const double km_second = 5;
  const locator_event *best = NULL;
  double least = INFINITY;
  for (size_t i = 0; i < c->count; i++) {
    const locator_event *e = &c->events[i];
    double off_s = fabs((double)(e->origin_time - truth->origin_time)) / 1e9;
    if (taken[i] || off_s > t->within_s)
      continue;
    double away = locator_distance_km(truth->latitude_deg, truth->longitude_deg, e->latitude_deg, e->longitude_deg, NULL);
    if (away > t->within_km || away + km_second * off_s >= least)
      continue;
    best = e;
    least = away + km_second * off_s;
    *km = away;
  }
  return best;
}

static int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* One to one, the earlier earthquake first. */
static bool compare(const attempt *of, const associate_catalogue *c, score *s)
{
  const double many_phases = 20;
  bool *taken = calloc(c->count + 1, sizeof *taken);
  double *km = malloc((of->truths->count + 1) * sizeof *km);
  size_t found = 0;
  for (size_t i = 0; taken && km && i < of->truths->count; i++) {
    const locator_event *e = match(of->tuning, &of->truths->items[i], c, taken, &km[found]);
    if (e) {
      taken[e - c->events] = true;
      found++;
    } else {
      s->missed++;
      s->missed_many += of->truths->items[i].phases >= many_phases;
    }
  }
  if (km && found > 0)
    qsort(km, found, sizeof *km, ascending);
  s->found = (double)found;
  s->extra = (double)(c->count - found);
  s->median_km = km && found > 0 ? km[found / 2] : (double)NAN;
  bool good = taken && km;
  free(taken);
  free(km);
  return good;
}

static double cpu_s(void)
{
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool try_one(void *user, size_t trial, void *result)
{
  const attempt *of = user;
  const associate_material *m = of->material;
  static settings tried; /* large */
  score *s = result;
  associate_catalogue c = {0};
  tried = *m->settings;
  tune_sweep_apply(&of->tuning->sweep, trial, &tried.locator);
  double before = cpu_s();
  bool good = associate_run(m->picks, m->inventory, m->tables, &tried, &c);
  s->cpu_s = cpu_s() - before;
  good = good && compare(of, &c, s);
  free(c.events);
  return good;
}

/* ---- what is shown ---- */

static void print_scores(const associate_tuning *t, const score *scores)
{
  const tune_sweep *sweep = &t->sweep;
  for (size_t i = 0; i < sweep->count; i++)
    printf("%s,", sweep->ranges[i].row->name);
  puts("found,missed,missed_with_20_phases,extra,median_km,cpu_s");
  for (size_t trial = 0; trial < tune_sweep_trials(sweep); trial++) {
    const score *s = &scores[trial];
    for (size_t i = 0; i < sweep->count; i++)
      printf("%g,", tune_sweep_value(sweep, trial, i));
    printf("%.0f,%.0f,%.0f,%.0f,", s->found, s->missed, s->missed_many, s->extra);
    if (isfinite(s->median_km))
      printf("%.2f", s->median_km);
    printf(",%.2f\n", s->cpu_s);
  }
}

static bool plot(const associate_tuning *t, const score *scores)
{
  size_t trials = tune_sweep_trials(&t->sweep);
  double *extra = malloc(3 * trials * sizeof *extra), *found = extra + trials, *cost = found + trials;
  const tune_axis panels[TUNE_PANELS] = {{"found", found}, {"CPU, s", cost}};
  for (size_t i = 0; extra && i < trials; i++) {
    extra[i] = scores[i].extra;
    found[i] = scores[i].found;
    cost[i] = scores[i].cpu_s;
  }
  bool good = extra && tune_plot(t->plot, &t->sweep, (tune_axis){"events that are none of them", extra}, panels);
  free(extra);
  return good;
}
