#include "polarisation.h"

#include <math.h>

#include "filters.h"

static const double lead_s = 3, least_lead_s = 1, guard_s = 0.1;
static const double corner_hz = 0.3;
static const double least_over_noise = 6, widest_deg = 45;
static const double PI = 3.14159265358979323846;

/* Sums of products of two components' displacements. */
typedef struct {
  double of[INGEST_COMPONENTS][INGEST_COMPONENTS];
} moments;

/* The displacement of one component, high-passed once with two poles: as in p_wave.h, integrals and filter are one recursion. */
typedef struct {
  filters_section highpass;
  double scale, mean, w1, w2;
  bool integrates_once;
} displacement;

static bool starts(const history *h, double rate, ingest_unit unit, int64_t from, int64_t onset, displacement *d);
static double next(displacement *d, double sample);
static void add(moments *m, const double u[INGEST_COMPONENTS]);
static polarisation judge(const moments *wave, double wave_count, const moments *noise, double noise_count);

bool polarisation_measure(const history components[INGEST_COMPONENTS], double rate, ingest_unit unit, int64_t onset, int64_t length, polarisation *p)
{
  int64_t from = onset - lround(lead_s * rate), quiet = onset - lround(guard_s * rate);
  for (int c = 0; c < INGEST_COMPONENTS; c++) {
    if (components[c].begin > from)
      from = components[c].begin;
    if (components[c].end < onset + length)
      return false;
  }
  displacement of[INGEST_COMPONENTS];
  if (from > onset - lround(least_lead_s * rate))
    return false;
  for (int c = 0; c < INGEST_COMPONENTS; c++)
    if (!starts(&components[c], rate, unit, from, quiet, &of[c]))
      return false;
  moments wave = {0}, noise = {0};
  const int64_t settled = from + (quiet - from) / 3;
  for (int64_t i = from; i < onset + length; i++) {
    double u[INGEST_COMPONENTS];
    for (int c = 0; c < INGEST_COMPONENTS; c++)
      u[c] = next(&of[c], (double)history_at(&components[c], i));
    if (i >= onset)
      add(&wave, u);
    else if (i >= settled && i < quiet)
      add(&noise, u);
  }
  for (int c = 0; c < INGEST_COMPONENTS; c++)
    if (isnan(wave.of[c][c]))
      return false;
  *p = judge(&wave, (double)length, &noise, (double)(quiet - settled));
  return true;
}

static bool starts(const history *h, double rate, ingest_unit unit, int64_t from, int64_t onset, displacement *d)
{
  double sum = 0;
  for (int64_t i = from; i < onset; i++)
    sum += (double)history_at(h, i);
  *d = (displacement){
      .highpass = filters_highpass(rate, corner_hz), .mean = sum / (double)(onset - from), .integrates_once = unit == INGEST_UNIT_VELOCITY};
  d->scale = d->highpass.b0 / (d->integrates_once ? rate : rate * rate);
  return !isnan(sum);
}

static double next(displacement *d, double sample)
{
  double w = sample - d->mean - d->highpass.a1 * d->w1 - d->highpass.a2 * d->w2;
  double u = d->scale * (d->integrates_once ? w - d->w1 : w);
  d->w2 = d->w1;
  d->w1 = w;
  return u;
}

static void add(moments *m, const double u[INGEST_COMPONENTS])
{
  for (int a = 0; a < INGEST_COMPONENTS; a++)
    for (int b = a; b < INGEST_COMPONENTS; b++)
      m->of[a][b] += u[a] * u[b];
}

/* Horizontal energy in the direction (north, east), of length 1. */
static double along(const moments *m, double north, double east)
{
  return north * north * m->of[INGEST_NORTH][INGEST_NORTH] + 2 * north * east * m->of[INGEST_NORTH][INGEST_EAST] +
         east * east * m->of[INGEST_EAST][INGEST_EAST];
}

/* The direction is a regression of the horizontals on the vertical. What makes it uncertain: motion that does not go with the vertical, of which a
   window has about two independent pieces; ground that is not layered, the more the steeper the wave comes, by 0.15 of the vertical; and noise.
   Found on the P waves of Ridgecrest 2019 and Pleasant Hill 2019. */
static polarisation judge(const moments *wave, double wave_count, const moments *noise, double noise_count)
{
  const double pieces = 2, crooked = 0.15, least_deg = 10;
  double zz = wave->of[INGEST_VERTICAL][INGEST_VERTICAL], zn = wave->of[INGEST_VERTICAL][INGEST_NORTH], ze = wave->of[INGEST_VERTICAL][INGEST_EAST];
  double size = hypot(zn, ze), north = -zn / size, east = -ze / size;
  polarisation unclear = {0};
  if (!(size > 0))
    return unclear;
  double radial = along(wave, north, east), across = along(noise, -east, north) / noise_count;
  double coherence2 = fmin(1, size * size / (zz * radial)), over_noise = sqrt(radial / wave_count / fmax(across, 1e-60));
  if (!(coherence2 > 0) || over_noise < least_over_noise)
    return unclear;
  double incoherent = (1 - coherence2) / coherence2 / pieces, steep = crooked * zz / size, noisy = 1 / over_noise;
  double sigma_deg = hypot(atan(sqrt(incoherent + steep * steep + noisy * noisy)) * 180 / PI, least_deg);
  if (sigma_deg > widest_deg)
    return unclear;
  double azimuth_deg = atan2(east, north) * 180 / PI;
  return (polarisation){(float)(azimuth_deg < 0 ? azimuth_deg + 360 : azimuth_deg), (float)sigma_deg};
}
