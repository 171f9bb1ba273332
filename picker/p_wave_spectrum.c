#include "p_wave_spectrum.h"

#include <math.h>

/* Allen & Kanamori 2003, eq. 1-3, with Olson & Allen's (2005) first 0.05 s left out. */
static const double smoothing_s = 1, low_pass_hz = 3, period_from_s = 0.05;
/* Two octaves each, so that a window of a second tells them apart; the octave bands of Meier, Heaton & Clinton (2015) two by two. */
static const double edges_hz[PICKER_BANDS + 1] = {0, 0.375, 1.5, 6, 24};
static const double highest_of_rate = 0.42;
static const double PI = 3.14159265358979323846;

void p_wave_spectrum_design_init(p_wave_spectrum_design *d, double rate)
{
  *d = (p_wave_spectrum_design){.rate = rate, .memory = 1 - 1 / (smoothing_s * rate), .low_pass = filters_lowpass(rate, low_pass_hz)};
  for (int b = 0; b < PICKER_BANDS; b++) {
    if (b > 0)
      d->highs[b] = filters_highpass(rate, edges_hz[b]);
    d->lows[b] = filters_lowpass(rate, fmin(edges_hz[b + 1], highest_of_rate * rate));
  }
}

double p_wave_filter(const filters_section *f, p_wave_recursion *r, double x)
{
  double w = x - f->a1 * r->w1 - f->a2 * r->w2, y = f->b0 * w + f->b1 * r->w1 + f->b2 * r->w2;
  r->w2 = r->w1;
  r->w1 = w;
  return y;
}

p_wave_recursion p_wave_settled(const filters_section *f, double x)
{
  double w = x / (1 + f->a1 + f->a2);
  return (p_wave_recursion){w, w};
}

static void start(const p_wave_spectrum_design *d, p_wave_spectrum *s, double velocity)
{
  *s = (p_wave_spectrum){
      .running = true, .last = velocity, .low_pass = p_wave_settled(&d->low_pass, velocity), .lows = {p_wave_settled(&d->lows[0], velocity)}};
  for (int b = 1; b < PICKER_BANDS; b++)
    s->highs[b] = p_wave_settled(&d->highs[b], velocity);
}

static void add_to_period(const p_wave_spectrum_design *d, p_wave_spectrum *s, double velocity, bool counts)
{
  double v = p_wave_filter(&d->low_pass, &s->low_pass, velocity), slope = (v - s->last) * d->rate;
  s->last = v;
  s->square = d->memory * s->square + v * v;
  s->slope = d->memory * s->slope + slope * slope;
  if (counts && s->slope > 0)
    s->tau_p_max = fmax(s->tau_p_max, 2 * PI * sqrt(s->square / s->slope));
}

static void add_to_bands(const p_wave_spectrum_design *d, p_wave_spectrum *s, double velocity, bool counts)
{
  for (int b = 0; b < PICKER_BANDS; b++) {
    double x = b > 0 ? p_wave_filter(&d->highs[b], &s->highs[b], velocity) : velocity;
    x = p_wave_filter(&d->lows[b], &s->lows[b], x);
    if (counts)
      s->peak[b] = fmax(s->peak[b], fabs(x));
  }
}

void p_wave_spectrum_add(const p_wave_spectrum_design *d, p_wave_spectrum *s, double velocity, double since_onset_s)
{
  if (!s->running)
    start(d, s, velocity);
  add_to_period(d, s, velocity, since_onset_s >= period_from_s);
  add_to_bands(d, s, velocity, since_onset_s >= 0);
}
