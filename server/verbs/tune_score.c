#include "tune_score.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const int64_t near_ns = INGEST_SECOND / 2, slack_ns = INGEST_SECOND;

typedef struct {
  double *p, *s, *delay; /* s; of the hits */
} errors;

static int compare_doubles(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double quantile(double *values, size_t count, double part)
{
  if (count == 0)
    return NAN;
  qsort(values, count, sizeof *values, compare_doubles);
  return values[(size_t)fmin((double)(count - 1), part * (double)count)];
}

static const tune_pick *nearest(const tune_pick *picks, size_t count, char phase, int64_t time)
{
  const tune_pick *best = NULL;
  for (size_t i = 0; i < count; i++)
    if (picks[i].phase == phase && llabs(picks[i].time - time) <= near_ns && (!best || llabs(picks[i].time - time) < llabs(best->time - time)))
      best = &picks[i];
  return best;
}

static double seconds(int64_t ns)
{
  return (double)ns / 1e9;
}

static void score_window(const tune_window *w, const tune_pick *picks, size_t count, tune_score *score, errors *e)
{
  int64_t quiet_until = w->p ? w->p - near_ns : w->end;
  const tune_pick *p = w->p ? nearest(picks, count, 'P', w->p) : NULL, *s = w->s ? nearest(picks, count, 'S', w->s) : NULL;
  score->windows += w->p != 0;
  score->windows_with_s += w->s != 0;
  score->noise_h += fmax(seconds(quiet_until - w->start), 0) / 3600;
  for (size_t i = 0; i < count; i++) {
    score->false_picks += picks[i].time < quiet_until;
    bool later = w->p && picks[i].phase == 'P' && picks[i].time > w->p + near_ns;
    score->p_after_p += later && !(w->s && llabs(picks[i].time - w->s) <= near_ns);
  }
  if (p) {
    e->delay[score->p_hits] = seconds(p->emitted - w->p);
    e->p[score->p_hits++] = fabs(seconds(p->time - w->p));
  }
  if (s)
    e->s[score->s_hits++] = fabs(seconds(s->time - w->s));
}

static int compare_picks(const void *a, const void *b)
{
  const tune_pick *x = a, *y = b;
  int order = strcmp(x->network, y->network);
  if (order == 0)
    order = strcmp(x->station, y->station);
  if (order == 0)
    order = (x->time > y->time) - (x->time < y->time);
  return order ? order : (x->phase > y->phase) - (x->phase < y->phase);
}

static bool belongs(const tune_window *w, const tune_pick *p)
{
  return strcmp(w->network, p->network) == 0 && strcmp(w->station, p->station) == 0 && p->time >= w->start - slack_ns && p->time <= w->end + slack_ns;
}

/* The picks of that window: *from is where the last one's begin and is moved on. Returns how many. */
static size_t picks_within(const tune_window *w, const tune_pick *picks, size_t count, size_t *from)
{
  tune_pick key = {.time = w->start - slack_ns};
  memcpy(key.network, w->network, sizeof key.network);
  memcpy(key.station, w->station, sizeof key.station);
  while (*from > 0 && compare_picks(&picks[*from - 1], &key) >= 0)
    --*from;
  while (*from < count && compare_picks(&picks[*from], &key) < 0)
    ++*from;
  size_t to = *from;
  while (to < count && belongs(w, &picks[to]))
    to++;
  return to - *from;
}

bool tune_score_of(const tune_labels *labels, tune_pick *picks, size_t count, tune_score *score)
{
  *score = (tune_score){0};
  double *room = malloc((3 * labels->count + 1) * sizeof *room);
  if (!room)
    return false;
  errors e = {room, room + labels->count, room + 2 * labels->count};
  if (count > 0)
    qsort(picks, count, sizeof *picks, compare_picks);
  for (size_t i = 0, from = 0; i < labels->count; i++)
    if (labels->items[i].end) {
      size_t within = picks_within(&labels->items[i], picks, count, &from);
      score_window(&labels->items[i], picks + from, within, score, &e);
    }
  score->p_error_median_s = quantile(e.p, score->p_hits, 0.5);
  score->p_error_90_s = quantile(e.p, score->p_hits, 0.9);
  score->s_error_median_s = quantile(e.s, score->s_hits, 0.5);
  score->delay_median_s = quantile(e.delay, score->p_hits, 0.5);
  score->delay_90_s = quantile(e.delay, score->p_hits, 0.9);
  free(room);
  return true;
}
