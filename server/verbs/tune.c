#include "tune.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tune_plot.h"
#include "tune_trials.h"

static void print_seconds(double s)
{
  isnan(s) ? printf(",") : printf(",%.3f", s);
}

static void print_scores(const tune_sweep *sweep, const tune_score *scores)
{
  for (size_t i = 0; i < sweep->count; i++)
    printf("%s,", sweep->ranges[i].row->name);
  puts(
      "windows,p_hits,false_per_hour,noise_h,p_after_p,p_error_median_s,p_error_90_s,emitted_after_median_s,emitted_after_90_s,windows_with_s,s_hits,"
      "s_error_median_s");
  for (size_t trial = 0; trial < tune_sweep_trials(sweep); trial++) {
    const tune_score *s = &scores[trial];
    for (size_t i = 0; i < sweep->count; i++)
      printf("%g,", tune_sweep_value(sweep, trial, i));
    printf("%zu,%zu,", s->windows, s->p_hits);
    if (s->noise_h > 0)
      printf("%.1f", (double)s->false_picks / s->noise_h);
    printf(",%.3f,%zu", s->noise_h, s->p_after_p);
    print_seconds(s->p_error_median_s);
    print_seconds(s->p_error_90_s);
    print_seconds(s->delay_median_s);
    print_seconds(s->delay_90_s);
    printf(",%zu,%zu", s->windows_with_s, s->s_hits);
    print_seconds(s->s_error_median_s);
    putchar('\n');
  }
}

static double false_an_hour(const tune_score *s)
{
  return s->noise_h > 0 ? (double)s->false_picks / s->noise_h : 0;
}

static double hits_percent(const tune_score *s)
{
  return s->windows > 0 ? 100 * (double)s->p_hits / (double)s->windows : NAN;
}

static bool plot(const tune_request *request, const tune_score *scores)
{
  size_t trials = tune_sweep_trials(&request->sweep);
  double *values = malloc(3 * trials * sizeof *values), *hits = values + trials, *delays = hits + trials;
  const tune_axis panels[TUNE_PANELS] = {{"P found, % of the windows", hits}, {"emitted after P, s, median", delays}};
  for (size_t i = 0; values && i < trials; i++) {
    values[i] = false_an_hour(&scores[i]);
    hits[i] = hits_percent(&scores[i]);
    delays[i] = scores[i].delay_median_s;
  }
  bool good = values && tune_plot(request->plot, &request->sweep, (tune_axis){"false picks an hour", values}, panels);
  free(values);
  return good;
}

int tune(const tune_request *request, const archive *a, const ingest_inventory *inventory, const settings *s)
{
  const tune_sweep *sweep = &request->sweep;
  tune_labels labels;
  tune_score *scores = calloc(tune_sweep_trials(sweep), sizeof *scores);
  bool good = tune_labels_read(request->labels, &labels) && tune_labels_match(&labels, a);
  if (good && labels.silent > 0)
    fprintf(stderr, "tocsin pick: %zu of the %zu windows are not in these recordings and do not count\n", labels.silent, labels.count);
  good = good && scores && tune_trials(a, inventory, s, &labels, sweep, request->jobs, scores);
  if (good) {
    print_scores(sweep, scores);
    good = !request->plot || plot(request, scores);
  }
  tune_labels_free(&labels);
  free(scores);
  return !good || fflush(stdout) != 0;
}
