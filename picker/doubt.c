#include "doubt.h"

#include <math.h>

#include "onset.h"

/* Judged on the differences of the samples, in which a spike and a step last no longer than they do, whatever the sensor's offset. */
static const double before_s = 1, margin_s = 0.1, brief_s = 0.08, later_s = 0.3;
static const double died_out = 2;       /* times the noise's energy: nothing is left later */
static const double concentrated = 0.7; /* of all energy lies in one brief window */
static const double shifted = 4;        /* times the deviation: the level is another after it */

typedef struct {
  double mean, variance;
} level;

static level level_of(const float *x, int64_t from, int64_t to)
{
  double sum = 0, square = 0, n = (double)(to > from ? to - from : 1);
  for (int64_t i = from; i < to; i++)
    sum += x[i];
  for (int64_t i = from; i < to; i++)
    square += (x[i] - sum / n) * (x[i] - sum / n);
  return (level){.mean = sum / n, .variance = square / n};
}

static double energy_of(const float *x, int64_t from, int64_t to)
{
  double energy = 0;
  for (int64_t i = from; i < to; i++)
    energy += (double)x[i] * x[i];
  return energy;
}

static double loudest(const float *x, int64_t from, int64_t to, int64_t width)
{
  double most = 0;
  for (int64_t i = from; i + width <= to; i++)
    most = fmax(most, energy_of(x, i, i + width));
  return most;
}

/* The samples from `from` on, those that are missing left out. Returns how many. */
static int64_t gather(const history *h, int64_t from, float *x)
{
  int64_t n = 0;
  for (int64_t i = from; i < h->end && n < ONSET_MAXIMUM; i++)
    if (!isnan(history_at(h, i)))
      x[n++] = history_at(h, i);
  return n;
}

const char *doubt_reason(const history *h, int64_t onset, double rate)
{
  float raw[ONSET_MAXIMUM], x[ONSET_MAXIMUM] = {0};
  int64_t from = onset - (int64_t)(before_s * rate);
  if (from < h->begin)
    from = h->begin;
  int64_t n = gather(h, from, raw), k = onset - from, margin = (int64_t)(margin_s * rate), late = k + (int64_t)(later_s * rate);
  if (k < 3 * margin || late >= n)
    return NULL;
  for (int64_t i = 1; i < n; i++)
    x[i] = raw[i] - raw[i - 1];
  double noise = energy_of(x, 1, k - margin) / (double)(k - margin - 1), later = energy_of(x, late, n) / (double)(n - late);
  if (later > died_out * noise)
    return NULL;
  int64_t brief = (int64_t)fmax(brief_s * rate, 3);
  if (loudest(x, k - margin, late, brief) < concentrated * energy_of(x, k - margin, late))
    return NULL;
  level before = level_of(raw, 0, k - margin), after = level_of(raw, late, n);
  return fabs(after.mean - before.mean) > shifted * sqrt(fmax(before.variance, after.variance)) ? "step" : "spike";
}
