#include "onset.h"

#include <math.h>

static const double clear_swing = 4; /* times the largest amplitude of the noise */
/* Fitted so that of each source of analysts' times alike (271 P of seven, 170 S of five) two of three lie within one deviation: what analysts differ
 * by at best; of Akaike's spread, which takes band-passed samples for independent; the time that a wave takes to leave the noise, which is shorter
 * the larger its amplitude in the first attack_s over that of the noise, and for S the longer its period. */
static const double analysts_s = 0.016, attack_s = 0.05, least_attack = 3;
static const double p_spread = 1, p_emergence_s = 0.3, s_spread = 2, s_emergence = 1.2, longest_period_s = 0.5;

/* k log(variance of k samples), with a floor that keeps a silent part finite. */
static double information(double sum, double square, double k, double floor)
{
  double mean = sum / k, variance = square / k - mean * mean;
  return k * log(fmax(variance, floor));
}

/* Standard deviation of the onset when each split counts by its likelihood, exp(-(AIC - least) / 2). */
static float spread(const double *aic, size_t first, size_t last, size_t best)
{
  double weight = 0, square = 0;
  for (size_t k = first; k <= last; k++) {
    double w = exp((aic[best] - aic[k]) / 2), d = (double)k - (double)best;
    weight += w;
    square += w * d * d;
  }
  return (float)sqrt(square / weight);
}

onset_estimate onset_find(const float *x, size_t n, size_t margin)
{
  double aic[ONSET_MAXIMUM], sum = 0, square = 0, left = 0, left_square = 0;
  for (size_t i = 0; i < n; i++) {
    sum += x[i];
    square += (double)x[i] * x[i];
  }
  double floor = square / (double)n * 1e-12 + 1e-300;
  size_t best = margin;
  for (size_t k = 1; k <= n - margin; k++) {
    left += x[k - 1];
    left_square += (double)x[k - 1] * x[k - 1];
    if (k < margin)
      continue;
    aic[k] = information(left, left_square, (double)k, floor) + information(sum - left, square - left_square, (double)(n - k), floor);
    if (aic[k] < aic[best])
      best = k;
  }
  double whole = information(sum, square, (double)n, floor);
  return (onset_estimate){.index = best, .uncertainty = spread(aic, margin, n - margin, best), .contrast = (float)((whole - aic[best]) / (double)n)};
}

static double root_mean_square(const float *x, size_t from, size_t to)
{
  double square = 0;
  for (size_t i = from; i < to; i++)
    square += (double)x[i] * x[i];
  return to > from ? sqrt(square / (double)(to - from)) : 0;
}

static double period_s(const float *x, size_t from, size_t to, double rate)
{
  size_t crossings = 0;
  for (size_t i = from + 1; i < to; i++)
    crossings += x[i] * x[i - 1] < 0;
  return crossings ? fmin(2 * (double)(to - from) / rate / (double)crossings, longest_period_s) : longest_period_s;
}

static double over_attack(const float *x, size_t n, size_t onset, double rate)
{
  size_t over = onset + (size_t)lround(attack_s * rate);
  double noise = root_mean_square(x, 0, onset), attack = root_mean_square(x, onset, over < n ? over : n);
  return attack > least_attack * noise ? noise / attack : 1 / least_attack;
}

float onset_p_uncertainty_s(const float *x, size_t n, const onset_estimate *onset, double rate)
{
  double spread_s = p_spread * onset->uncertainty / rate, emergence_s = p_emergence_s * over_attack(x, n, onset->index, rate);
  return (float)hypot(hypot(analysts_s, spread_s), emergence_s);
}

float onset_s_uncertainty_s(const float *x, size_t n, const onset_estimate *onset, double rate)
{
  double spread_s = s_spread * onset->uncertainty / rate;
  double emergence_s = s_emergence * period_s(x, onset->index, n, rate) * over_attack(x, n, onset->index, rate);
  return (float)hypot(hypot(analysts_s, spread_s), emergence_s);
}

int8_t onset_polarity(const float *x, size_t n, size_t onset)
{
  double noise = 0;
  for (size_t i = 0; i + 1 < onset; i++)
    noise = fmax(noise, fabs(x[i]));
  double swing = 0;
  for (size_t i = onset > 0 ? onset - 1 : 0; i < n && noise > 0; i++) {
    if (i > 0 && x[i] * x[i - 1] < 0) {
      if (swing > noise)
        return 0;
      swing = 0;
    }
    swing = fmax(swing, fabs(x[i]));
    if (swing > clear_swing * noise)
      return x[i] > 0 ? 1 : -1;
  }
  return 0;
}

float onset_snr(const float *x, size_t n, size_t onset, size_t most)
{
  double square = 0, peak = 0;
  for (size_t i = 0; i < onset; i++)
    square += (double)x[i] * x[i];
  for (size_t i = onset; i < n && i < onset + most; i++)
    peak = fmax(peak, fabs(x[i]));
  double noise = sqrt(square / (double)(onset ? onset : 1));
  return noise > 0 && peak > noise ? (float)fmin(peak / noise, 1e6) : 1;
}
