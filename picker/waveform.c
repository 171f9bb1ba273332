#include "waveform.h"

#include <math.h>

#include "filters.h"
#include "onset.h"

static const double step_s = 0.02, quarter_s = 0.25, from_s = -7.5, steps_from_s = -2, noise_to_s = -0.2, settle_s = 0.7, settled_s = 0.5;
static const double motion_hz[] = {0.7, 14}, high_hz = 9, highest_of_rate = 0.42, smoothed_s = 0.03;
static const double largest = 10, least_log = -5, most_log = 10, silence = 1e-30;

/* One-pole sections: two high-passes, then two low-passes; and two more high-passes, whose energy is smoothed. */
typedef struct {
  float high, low, higher, smooth;
  float h1, h2, l1, l2, g1, g2, energy;
} sections;

/* From the start of the steps on, and the sums of the quarters before. */
typedef struct {
  int64_t trigger;
  double rate;
  float motion[ONSET_MAXIMUM], energy[ONSET_MAXIMUM];
  int64_t start, n; /* index of the first */
  double sums[WAVEFORM_QUARTERS][WAVEFORM_CHANNELS], counts[WAVEFORM_QUARTERS];
  double noise[WAVEFORM_CHANNELS], noise_count; /* sums, too */
} filtered;

static sections still(double rate)
{
  return (sections){.high = (float)filters_smoothing(rate, motion_hz[0]),
                    .low = (float)filters_smoothing(rate, fmin(motion_hz[1], highest_of_rate * rate)),
                    .higher = (float)filters_smoothing(rate, fmin(high_hz, highest_of_rate * rate)),
                    .smooth = (float)(1 / (smoothed_s * rate + 1))};
}

static void take(sections *s, float x)
{
  s->h1 += s->high * (x - s->h1);
  x -= s->h1;
  s->h2 += s->high * (x - s->h2);
  x -= s->h2;
  s->l1 += s->low * (x - s->l1);
  s->l2 += s->low * (s->l1 - s->l2);
  s->g1 += s->higher * (x - s->g1);
  x -= s->g1;
  s->g2 += s->higher * (x - s->g2);
  x -= s->g2;
  s->energy += s->smooth * (x * x - s->energy);
}

static void forget(filtered *f)
{
  f->n = 0;
  f->noise[0] = f->noise[1] = f->noise_count = 0;
  for (int q = 0; q < WAVEFORM_QUARTERS; q++)
    f->sums[q][0] = f->sums[q][1] = f->counts[q] = 0;
}

static void keep(filtered *f, const sections *s, int64_t i, bool settled)
{
  double seconds = (double)(i - f->trigger) / f->rate;
  if (seconds >= steps_from_s && seconds < noise_to_s) {
    f->noise[0] += (double)s->l2 * (double)s->l2;
    f->noise[1] += (double)s->energy;
    f->noise_count++;
  }
  if (seconds >= steps_from_s) {
    if (f->n == 0)
      f->start = i;
    if (f->n == ONSET_MAXIMUM)
      return;
    f->motion[f->n] = s->l2;
    f->energy[f->n++] = s->energy;
    return;
  }
  int q = (int)floor((seconds - from_s) / quarter_s);
  if (q < 0 || !settled)
    return;
  f->sums[q][0] += (double)s->l2 * (double)s->l2;
  f->sums[q][1] += (double)s->energy;
  f->counts[q]++;
}

/* As much of the history is used as is there however long the newest piece of samples was (picker_feed). */
static void filter(const history *h, filtered *f)
{
  const int64_t trigger = f->trigger;
  const double rate = f->rate;
  sections s = still(rate);
  int64_t from = trigger + (int64_t)((from_s - settle_s) * rate), sure = h->end - (h->mask + 1) / 16 * 15;
  from = from < sure ? sure : from;
  from = from < h->begin ? h->begin : from;
  f->start = trigger;
  forget(f);
  for (int64_t i = from, begun = from; i < h->end; i++) {
    float x = history_at(h, i);
    if (isnan(x)) {
      begun = i + 1;
      forget(f);
      continue;
    }
    if (i == begun) {
      s = still(rate);
      s.h1 = x;
    }
    take(&s, x);
    keep(f, &s, i, (double)(i - begun) >= settled_s * rate);
  }
}

static double between(const float *x, int64_t i, double part)
{
  return part > 0 ? (double)x[i] + part * (double)(x[i + 1] - x[i]) : (double)x[i];
}

static float log_of(double value, double noise)
{
  return (float)fmin(fmax(log((value + silence) / (noise + silence)), least_log), most_log);
}

void waveform_measure(const history *h, int64_t trigger, double rate, waveform *w)
{
  static const waveform nothing;
  filtered f;
  f.trigger = trigger;
  f.rate = rate;
  filter(h, &f);
  const double count = fmax(f.noise_count, 1), noise[WAVEFORM_CHANNELS] = {f.noise[0] / count, f.noise[1] / count};
  *w = nothing;
  for (int k = 0; k < WAVEFORM_STEPS; k++) {
    double at = (k + 1 - WAVEFORM_BEFORE) * step_s * rate + (double)(trigger - f.start), whole = floor(at + 1e-4), part = fmax(at - whole, 0);
    int64_t i = (int64_t)whole;
    part = part < 1e-4 ? 0 : part;
    if (i < 0 || i + (part > 0) >= f.n)
      continue;
    w->steps[k][0] = (float)fmin(fmax(asinh(between(f.motion, i, part) / (sqrt(noise[0]) + sqrt(silence))), -largest), largest);
    w->steps[k][1] = log_of(between(f.energy, i, part), noise[1]);
  }
  for (int q = 0; q < WAVEFORM_QUARTERS; q++)
    for (int c = 0; c < WAVEFORM_CHANNELS && f.counts[q] > 0; c++)
      w->quarters[q][c] = log_of(f.sums[q][c] / f.counts[q], noise[c]);
}
