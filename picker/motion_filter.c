#include "motion.h"

#include <math.h>

static const double low_hz = 0.1, high_hz = 10, high_of_rate = 0.4; /* GB/T 17742-2020's band */
static const double displacement_hz = 0.075, jma_hz = 1.0 / 6;
static const double wood_anderson_period = 0.8, wood_anderson_damping = 0.7, wood_anderson_gain = 2080; /* Uhrhammer & Collins 1990 */
static const double PI = 3.14159265358979323846;

/* Nigam & Jennings 1969, eq. 2.7-2.8: exact for an acceleration that is linear between samples. */
static void design_seismometer(motion_design *d)
{
  double z = wood_anderson_damping, w = 2 * PI / wood_anderson_period, dt = d->dt;
  double q = sqrt(1 - z * z), wd = w * q, decay = exp(-z * w * dt), sine = sin(wd * dt), cosine = cos(wd * dt);
  double k = 2 * z / (w * w * w * dt), h = (2 * z * z - 1) / (w * w * dt);
  d->seismometer[0][0] = decay * (z * sine / q + cosine);
  d->seismometer[0][1] = decay * sine / wd;
  d->seismometer[1][0] = -w * decay * sine / q;
  d->seismometer[1][1] = decay * (cosine - z * sine / q);
  d->drive[0][0] = decay * ((h + z / w) * sine / wd + (k + 1 / (w * w)) * cosine) - k;
  d->drive[0][1] = -decay * (h * sine / wd + k * cosine) - 1 / (w * w) + k;
  d->drive[1][0] = decay * ((h + z / w) * (cosine - z * sine / q) - (k + 1 / (w * w)) * (wd * sine + z * w * cosine)) + 1 / (w * w * dt);
  d->drive[1][1] = -decay * (h * (cosine - z * sine / q) - k * (wd * sine + z * w * cosine)) - 1 / (w * w * dt);
}

void motion_design_init(motion_design *d, double rate, ingest_unit unit)
{
  *d = (motion_design){.unit = unit, .rate = rate, .dt = 1 / rate};
  filters_bandpass(rate, low_hz, fmin(high_hz, high_of_rate * rate), d->band);
  d->displacement = filters_highpass(rate, displacement_hz);
  d->jma = filters_highpass(rate, jma_hz);
  design_seismometer(d);
}

void motion_clear(motion_state *s, int c)
{
  motion_lanes *lanes = (motion_lanes *)s;
  for (size_t i = 0; i < sizeof *s / sizeof *lanes; i++)
    lanes[i][c] = 0;
}

/* One step of a high-pass's recursion: w, from which its differences are taken. */
static inline void recur(const filters_section *f, const motion_lanes *x, const motion_lanes *w1, const motion_lanes *w2, motion_lanes *w)
{
  *w = *x - f->a1 * *w1 - f->a2 * *w2;
}

/* Band-passed acceleration and velocity. The running sum's pole meets the last section's zero at zero frequency: (1 - z^-2) / (1 - z^-1) = 1 + z^-1.
 */
static inline void band_pass(const motion_design *d, motion_state *s, const motion_lanes *input, motion_outputs *out)
{
  motion_lanes x = *input, w = x, w1 = x, w2 = x;
  for (int i = 0; i < FILTERS_BANDPASS_SECTIONS; i++) {
    const filters_section *f = &d->band[i];
    w1 = s->band_1[i];
    w2 = s->band_2[i];
    recur(f, &x, &w1, &w2, &w);
    s->band_2[i] = w1;
    s->band_1[i] = w;
    x = f->b0 * (w - w2);
  }
  if (d->unit == INGEST_UNIT_ACCELERATION) {
    out->band_acceleration = x;
    out->band_velocity = d->band[FILTERS_BANDPASS_SECTIONS - 1].b0 * d->dt * (w + w1);
  } else {
    out->band_acceleration = (x - s->band_output) * d->rate;
    out->band_velocity = x;
  }
  s->band_output = x;
}

/* Displacement high-passed once (see p_wave.h), and the unfiltered motion; an acceleration sensor's velocity is of the same recursion. */
static inline void integrate(const motion_design *d, motion_state *s, const motion_lanes *input, const motion_lanes *base, motion_outputs *out)
{
  const motion_lanes x = *input, offset = *base;
  motion_lanes w, j;
  recur(&d->displacement, &x, &s->displacement_1, &s->displacement_2, &w);
  recur(&d->jma, &x, &s->jma_1, &s->jma_2, &j);
  double g = d->displacement.b0, gj = d->jma.b0, dt = d->dt;
  if (d->unit == INGEST_UNIT_ACCELERATION) {
    const motion_lanes constant = {1, 1, 1, 1};
    motion_lanes one, jma_one;
    recur(&d->displacement, &constant, &s->unit_1, &s->unit_2, &one);
    recur(&d->jma, &constant, &s->jma_unit_1, &s->jma_unit_2, &jma_one);
    out->acceleration = x - offset;
    out->velocity = g * dt * (w - s->displacement_1 - offset * (one - s->unit_1));
    out->displacement = g * dt * dt * (w - offset * one);
    out->jma = gj * dt * dt * (j - offset * jma_one);
    s->unit_2 = s->unit_1, s->unit_1 = one, s->jma_unit_2 = s->jma_unit_1, s->jma_unit_1 = jma_one;
  } else {
    out->acceleration = (x - s->input) * d->rate;
    out->velocity = x - offset;
    out->displacement = g * dt * (w - s->displacement_1);
    out->jma = gj * dt * (j - s->jma_1);
  }
  s->displacement_2 = s->displacement_1, s->displacement_1 = w, s->jma_2 = s->jma_1, s->jma_1 = j;
}

/* The seismometer driven by velocity moves as its own derivative would under acceleration. */
static inline void swing(const motion_design *d, motion_state *s, const motion_lanes *input, const motion_lanes *base, motion_outputs *out)
{
  const motion_lanes x = *input;
  motion_lanes position = d->seismometer[0][0] * s->swing + d->seismometer[0][1] * s->speed + d->drive[0][0] * s->input + d->drive[0][1] * x;
  s->speed = d->seismometer[1][0] * s->swing + d->seismometer[1][1] * s->speed + d->drive[1][0] * s->input + d->drive[1][1] * x;
  s->swing = position;
  double w = 2 * PI / wood_anderson_period;
  out->wood_anderson = wood_anderson_gain * (d->unit == INGEST_UNIT_ACCELERATION ? position + *base / (w * w) : s->speed);
}

FOR_EACH_PROCESSOR void motion_filter(const motion_design *d, motion_state *s, const motion_lanes *x, const motion_lanes *offset, motion_outputs *out)
{
  band_pass(d, s, x, out);
  integrate(d, s, x, offset, out);
  swing(d, s, x, offset, out);
  s->input = *x;
}

static inline double square_of(const motion_lanes *v)
{
  return (*v)[0] * (*v)[0] + (*v)[1] * (*v)[1] + (*v)[2] * (*v)[2];
}

static inline bool raise_to(double *most, double value)
{
  if (!(value > *most))
    return false;
  *most = value;
  return true;
}

bool motion_grow(motion_maxima *m, const motion_outputs *out, bool *any)
{
  bool filtered = raise_to(&m->band_acceleration, square_of(&out->band_acceleration));
  filtered |= raise_to(&m->band_velocity, square_of(&out->band_velocity));
  filtered |= raise_to(&m->jma, square_of(&out->jma));
  bool other = raise_to(&m->acceleration, square_of(&out->acceleration));
  other |= raise_to(&m->velocity, square_of(&out->velocity));
  other |= raise_to(&m->displacement, square_of(&out->displacement));
  for (int c = INGEST_NORTH; c <= INGEST_EAST; c++) {
    double most = m->wood_anderson[c];
    other |= raise_to(&most, fabs(out->wood_anderson[c]));
    m->wood_anderson[c] = most;
  }
  *any |= filtered || other;
  return filtered;
}

int motion_components(int seen)
{
  int count = (seen & 1) + (seen >> 1 & 1) + (seen >> 2 & 1);
  return count == 2 && (seen & 1 << INGEST_VERTICAL) ? 1 : count;
}

void motion_report(const motion_maxima *m, int components, picker_motion *motion)
{
  double north = m->wood_anderson[INGEST_NORTH], east = m->wood_anderson[INGEST_EAST];
  motion->components = components;
  motion->pga_m_s2 = (float)sqrt(m->acceleration);
  motion->pgv_m_s = (float)sqrt(m->velocity);
  motion->pgd_m = (float)sqrt(m->displacement);
  motion->csis_pga_m_s2 = (float)sqrt(m->band_acceleration);
  motion->csis_pgv_m_s = (float)sqrt(m->band_velocity);
  motion->jma_pgd_m = (float)sqrt(m->jma);
  motion->wood_anderson_mm = (float)(1000 * (north > 0 && east > 0 ? (north + east) / 2 : north + east));
}
