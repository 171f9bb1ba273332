#include "p_wave.h"

#include <math.h>
#include <string.h>

static const double corner_hz = 0.075;
static const double lengths_s[] = {0.5, 1};
static const int longest_s = 60;
enum { NOISE_BLOCKS = P_WAVE_NOISE_BLOCKS - 2 }; /* of 1 s before the onset; the last two of the ring may lie after it */
static const double settled_s = 60;              /* after which a constant input has reached its final displacement to 1e-8 */
static const double PI = 3.14159265358979323846;

/* 0.5, 1, 2, 3, ... s */
static double length_of(int number)
{
  return number < 2 ? lengths_s[number] : number;
}

void p_wave_init(p_wave *p, float *rings, size_t capacity)
{
  *p = (p_wave){.u = rings, .v = rings + capacity, .a = rings + 2 * capacity, .unit_u = rings + 3 * capacity, .mask = (int64_t)capacity - 1};
}

void p_wave_restart(p_wave *p, double rate, ingest_unit unit)
{
  p->highpass = filters_highpass(rate, corner_hz);
  p_wave_spectrum_design_init(&p->spectrum, rate);
  p->rate = rate;
  p->dt = 1 / rate;
  p->unit = unit;
  p->running = false;
  for (int i = 0; i < P_WAVE_OPEN; i++)
    p->windows[i].open = false;
}

static void start(p_wave *p, int64_t index, float sample)
{
  p->running = true;
  p->reference = sample;
  p->w1 = p->w2 = p->unit_1 = p->unit_2 = 0;
  p->begin = p->end = index;
  baseline_restart(&p->mean, index, (int32_t)lround(p->rate));
}

static void note_extremes(p_wave *p, double u, int32_t place)
{
  int64_t b = p->mean.blocks % P_WAVE_NOISE_BLOCKS;
  if (place == 0)
    p->low[b] = p->high[b] = u;
  p->low[b] = fmin(p->low[b], u);
  p->high[b] = fmax(p->high[b], u);
}

static void add(p_wave *p, int64_t index, float sample)
{
  if (isnan(sample)) {
    if (p->running)
      p_wave_restart(p, p->rate, p->unit);
    return;
  }
  if (!p->running)
    start(p, index, sample);
  const filters_section *f = &p->highpass;
  double w = sample - p->reference - f->a1 * p->w1 - f->a2 * p->w2, difference = f->b0 * (w - p->w1);
  double u, v, a;
  if (p->unit == INGEST_UNIT_ACCELERATION) {
    u = f->b0 * w * p->dt * p->dt;
    v = difference * p->dt;
    a = sample;
    if ((double)(index - p->mean.start) < settled_s * p->rate) {
      double one = 1 - f->a1 * p->unit_1 - f->a2 * p->unit_2;
      p->unit_2 = p->unit_1;
      p->unit_1 = one;
    }
  } else {
    u = difference * p->dt;
    v = difference - f->b0 * (p->w1 - p->w2);
    a = p->end > p->begin ? (v - p->v[(index - 1) & p->mask]) * p->rate : 0;
  }
  p->w2 = p->w1;
  p->w1 = w;
  int64_t place = index & p->mask;
  p->u[place] = (float)u;
  p->v[place] = (float)v;
  p->a[place] = (float)a;
  p->unit_u[place] = p->unit == INGEST_UNIT_ACCELERATION ? (float)(f->b0 * p->unit_1 * p->dt * p->dt) : 0;
  p->end = index + 1;
  note_extremes(p, u, p->mean.in_block);
  baseline_add(&p->mean, sample);
}

void p_wave_add(p_wave *p, const history *h, int64_t from, int64_t to)
{
  for (int64_t i = from; i < to; i++)
    add(p, i, history_at(h, i));
}

static int64_t full_at(const p_wave *p, const p_wave_window *w)
{
  return w->onset + lround(length_of(w->length) * p->rate);
}

int64_t p_wave_due(const p_wave *p)
{
  int64_t due = INT64_MAX;
  for (int i = 0; i < P_WAVE_OPEN; i++)
    if (p->windows[i].open && full_at(p, &p->windows[i]) < due)
      due = full_at(p, &p->windows[i]);
  return due;
}

static double noise_before(const p_wave *p, int64_t onset, double mean)
{
  double noise = 0, offset = (mean - p->reference) * p->unit_u[onset & p->mask];
  int64_t last = (onset - p->mean.start) / p->mean.block, first = last - NOISE_BLOCKS;
  for (int64_t b = first < 0 ? 0 : first; b < last && b < p->mean.blocks; b++) {
    noise = fmax(noise, fabs(p->low[b % P_WAVE_NOISE_BLOCKS] - offset));
    noise = fmax(noise, fabs(p->high[b % P_WAVE_NOISE_BLOCKS] - offset));
  }
  return noise;
}

void p_wave_open(p_wave *p, uint64_t pick, int64_t onset)
{
  if (!p->running)
    return;
  p_wave_window *place = &p->windows[0];
  for (int i = 0; i < P_WAVE_OPEN; i++) {
    if (!p->windows[i].open) {
      place = &p->windows[i];
      break;
    }
    if (p->windows[i].pick < place->pick)
      place = &p->windows[i];
  }
  int64_t oldest = p->end - p->mask - 1;
  if (oldest < p->mean.start)
    oldest = p->mean.start;
  int64_t lead = onset - lround(p_wave_lead_s * p->rate), from = lead < oldest ? oldest : lead;
  double mean = baseline_before(&p->mean, onset);
  *place = (p_wave_window){.open = true,
                           .pick = pick,
                           .onset = onset,
                           .next = from,
                           .mean = mean,
                           .noise_pd = noise_before(p, onset, mean),
                           .clipped = p->clipped_until > onset};
}

void p_wave_close(p_wave *p, uint64_t pick)
{
  for (int i = 0; i < P_WAVE_OPEN; i++)
    if (p->windows[i].pick == pick)
      p->windows[i].open = false;
}

/* The mean that was not taken off before the sums is taken off what they made of it. */
static void take_sample(const p_wave *p, p_wave_window *w)
{
  int64_t since = w->next - w->onset, place = w->next++ & p->mask;
  double u = p->u[place] - (w->mean - p->reference) * p->unit_u[place], v = p->v[place], a = p->a[place];
  if (p->unit == INGEST_UNIT_ACCELERATION)
    a -= w->mean;
  p_wave_spectrum_add(&p->spectrum, &w->spectrum, v, (double)since * p->dt);
  growth_add(&w->growth, a, (double)since * p->dt);
  if (since < 0)
    return;
  w->pd = fmax(w->pd, fabs(u));
  w->pv = fmax(w->pv, fabs(v));
  w->pa = fmax(w->pa, fabs(a));
  w->cav += fabs(a) * p->dt;
  w->square_u += u * u;
  w->square_v += v * v;
}

static picker_p_wave state_of(const p_wave_window *w)
{
  double tau_c = w->square_v > 0 ? 2 * PI * sqrt(w->square_u / w->square_v) : 0;
  const double *band = w->spectrum.peak;
  return (picker_p_wave){.pick = w->pick,
                         .window_s = (float)length_of(w->length),
                         .pd_m = (float)w->pd,
                         .pv_m_s = (float)w->pv,
                         .pa_m_s2 = (float)w->pa,
                         .tau_c_s = (float)tau_c,
                         .tau_p_max_s = (float)w->spectrum.tau_p_max,
                         .cav_m_s = (float)w->cav,
                         .band_m_s = {(float)band[0], (float)band[1], (float)band[2], (float)band[3]},
                         .growth_m_s3 = (float)growth_rate(&w->growth),
                         .azimuth_deg = w->from.azimuth_deg,
                         .azimuth_sigma_deg = w->from.sigma_deg,
                         .noise_pd_m = (float)w->noise_pd,
                         .clipped = w->clipped};
}

static bool advance(p_wave *p, p_wave_window *w)
{
  int64_t full = full_at(p, w);
  while (w->next < p->end && w->next < full)
    take_sample(p, w);
  return w->next >= full;
}

/* Again with a longer window, until the longest is looked at or the horizontals' beginning is forgotten. */
static void polarise(const p_wave *p, p_wave_window *w, const history *components)
{
  double window_s = fmin(length_of(w->length), polarisation_window_s);
  if (components && w->polarised_s < window_s && polarisation_measure(components, p->rate, p->unit, w->onset, lround(window_s * p->rate), &w->from))
    w->polarised_s = window_s;
}

bool p_wave_take(p_wave *p, const history *components, picker_p_wave *full, int64_t *until)
{
  for (int i = 0; i < P_WAVE_OPEN; i++) {
    p_wave_window *w = &p->windows[i];
    if (!w->open)
      continue;
    w->clipped |= p->clipped_until > w->onset;
    if (!advance(p, w))
      continue;
    polarise(p, w, components);
    *full = state_of(w);
    *until = w->next - 1;
    w->open = ++w->length <= longest_s;
    return true;
  }
  return false;
}
