#include "p_wave.h"

#include <math.h>
#include <string.h>

static const double corner_hz = 0.075, brief_corner_hz = 0.5;
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

void p_wave_restart(p_wave *p, double rate, ingest_unit unit)
{
  p->highpass = filters_highpass(rate, corner_hz);
  p->brief = filters_highpass(rate, brief_corner_hz);
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
  p->now = (p_wave_state){.index = index, .velocity = NAN};
  baseline_restart(&p->mean, index, (int32_t)lround(p->rate));
}

typedef struct {
  double displacement, velocity, acceleration, unit_displacement; /* unit: of a constant input of 1 */
  double brief;                                                   /* displacement above 0.5 Hz */
} moved;

/* What the next sample makes of the recursion. */
static moved step(const p_wave *p, p_wave_state *s, float sample)
{
  const filters_section *f = &p->highpass;
  double w = sample - p->reference - f->a1 * s->w1 - f->a2 * s->w2, difference = f->b0 * (w - s->w1);
  moved m = {0};
  if (p->unit == INGEST_UNIT_ACCELERATION) {
    m.displacement = f->b0 * w * p->dt * p->dt;
    m.velocity = difference * p->dt;
    m.acceleration = sample;
    if ((double)(s->index - p->mean.start) < settled_s * p->rate) {
      double one = 1 - f->a1 * s->unit_1 - f->a2 * s->unit_2;
      s->unit_2 = s->unit_1;
      s->unit_1 = one;
    }
    m.unit_displacement = f->b0 * s->unit_1 * p->dt * p->dt;
  } else {
    m.displacement = difference * p->dt;
    m.velocity = difference - f->b0 * (s->w1 - s->w2);
    m.acceleration = isnan(s->velocity) ? 0 : (m.velocity - s->velocity) * p->rate;
  }
  m.brief = p_wave_filter(&p->brief, &s->brief, m.displacement);
  s->w2 = s->w1;
  s->w1 = w;
  s->velocity = m.velocity;
  s->index++;
  return m;
}

static void note_extremes(p_wave *p, moved m, int32_t place)
{
  int64_t b = p->mean.blocks % P_WAVE_NOISE_BLOCKS;
  if (place == 0) {
    p->low[b] = p->high[b] = m.displacement;
    p->brief_peak[b] = 0;
  }
  p->low[b] = fmin(p->low[b], m.displacement);
  p->high[b] = fmax(p->high[b], m.displacement);
  p->brief_peak[b] = fmax(p->brief_peak[b], fabs(m.brief));
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
  if (p->mean.in_block == 0)
    p->kept[p->mean.blocks % P_WAVE_KEPT] = p->now;
  note_extremes(p, step(p, &p->now, sample), p->mean.in_block);
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

/* `offset`: what the mean, not taken off before the sums, made of the displacement. */
static void note_noise(const p_wave *p, p_wave_window *w, double offset)
{
  int64_t last = (w->onset - p->mean.start) / p->mean.block, first = last - NOISE_BLOCKS;
  for (int64_t b = first < 0 ? 0 : first; b < last && b < p->mean.blocks; b++) {
    double low = p->low[b % P_WAVE_NOISE_BLOCKS] - offset, high = p->high[b % P_WAVE_NOISE_BLOCKS] - offset;
    w->noise_pd = fmax(w->noise_pd, fmax(fabs(low), fabs(high)));
    w->brief_noise = fmax(w->brief_noise, p->brief_peak[b % P_WAVE_NOISE_BLOCKS]);
  }
}

static p_wave_window *free_window(p_wave *p)
{
  p_wave_window *oldest = &p->windows[0];
  for (int i = 0; i < P_WAVE_OPEN; i++) {
    if (!p->windows[i].open)
      return &p->windows[i];
    if (p->windows[i].pick < oldest->pick)
      oldest = &p->windows[i];
  }
  return oldest;
}

/* The recursion as it stood before that sample, or as early as it is known. */
static p_wave_state state_before(const p_wave *p, const history *h, int64_t index)
{
  int64_t block = p->mean.in_block > 0 ? p->mean.blocks : p->mean.blocks - 1, oldest = block - P_WAVE_KEPT + 1;
  while (block > 0 && block > oldest && p->kept[block % P_WAVE_KEPT].index > index)
    block--;
  p_wave_state s = p->kept[block % P_WAVE_KEPT];
  while (s.index < index)
    step(p, &s, history_at(h, s.index));
  return s;
}

void p_wave_open(p_wave *p, const history *h, uint64_t pick, int64_t onset)
{
  if (!p->running)
    return;
  double mean = baseline_before(&p->mean, onset);
  p_wave_state at_onset = state_before(p, h, onset);
  double offset = (mean - p->reference) * step(p, &at_onset, history_at(h, onset)).unit_displacement;
  p_wave_window *w = free_window(p);
  *w = (p_wave_window){.open = true,
                       .pick = pick,
                       .onset = onset,
                       .at = state_before(p, h, onset - lround(p_wave_lead_s * p->rate)),
                       .mean = mean,
                       .clipped = p->clipped_until > onset};
  note_noise(p, w, offset);
}

void p_wave_close(p_wave *p, uint64_t pick)
{
  for (int i = 0; i < P_WAVE_OPEN; i++)
    if (p->windows[i].pick == pick)
      p->windows[i].open = false;
}

/* The mean that was not taken off before the sums is taken off what they made of it. */
static void take_sample(const p_wave *p, p_wave_window *w, float sample)
{
  double since = (double)(w->at.index - w->onset) * p->dt;
  moved m = step(p, &w->at, sample);
  double u = m.displacement - (w->mean - p->reference) * m.unit_displacement, v = m.velocity, a = m.acceleration;
  if (p->unit == INGEST_UNIT_ACCELERATION)
    a -= w->mean;
  p_wave_spectrum_add(&p->spectrum, &w->spectrum, v, since);
  growth_add(&w->growth, a, since);
  if (since < 0)
    return;
  w->pd = fmax(w->pd, fabs(u));
  w->brief_pd = fmax(w->brief_pd, fabs(m.brief));
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
                         .brief_pd_m = (float)w->brief_pd,
                         .brief_noise_m = (float)w->brief_noise,
                         .clipped = w->clipped};
}

static bool advance(const p_wave *p, const history *vertical, p_wave_window *w)
{
  int64_t full = full_at(p, w);
  while (w->at.index < p->now.index && w->at.index < full)
    take_sample(p, w, history_at(vertical, w->at.index));
  return w->at.index >= full;
}

/* Again with a longer window, until the longest is looked at or the horizontals' beginning is forgotten. */
static void polarise(const p_wave *p, p_wave_window *w, const history *components)
{
  double window_s = fmin(length_of(w->length), polarisation_window_s);
  if (w->polarised_s < window_s && polarisation_measure(components, p->rate, p->unit, w->onset, lround(window_s * p->rate), &w->from))
    w->polarised_s = window_s;
}

bool p_wave_take(p_wave *p, const history components[INGEST_COMPONENTS], picker_p_wave *full, int64_t *until)
{
  for (int i = 0; i < P_WAVE_OPEN; i++) {
    p_wave_window *w = &p->windows[i];
    if (!w->open)
      continue;
    w->clipped |= p->clipped_until > w->onset;
    if (!advance(p, &components[INGEST_VERTICAL], w))
      continue;
    polarise(p, w, components);
    *full = state_of(w);
    *until = w->at.index - 1;
    w->open = ++w->length <= longest_s;
    return true;
  }
  return false;
}
