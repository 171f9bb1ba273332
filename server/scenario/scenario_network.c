/* The made-up network: where its stations stand and what they hear when nothing happens. */
#include "scenario.h"

#include <stdlib.h>
#include <string.h>

#include <fftw3.h>

#include "scenario_random.h"

const double scenario_gain = 213850; /* 2^23 counts at 4 g */
const char scenario_channels[INGEST_COMPONENTS][4] = {"HNZ", "HNN", "HNE"};

/* Rings of 10 to 20 km round Shenyang and Haicheng, 40 to 60 km apart elsewhere in the province. */
const scenario_station scenario_liaoning[] = {
    {"XL", "SY01", "", 41.80, 123.43, 45},  {"XL", "SY02", "", 41.92, 123.41, 60},  {"XL", "SY03", "", 41.68, 123.46, 40},
    {"XL", "SY04", "", 41.79, 123.62, 75},  {"XL", "SY05", "", 41.81, 123.22, 35},  {"XL", "SY06", "", 41.95, 123.60, 90},
    {"XL", "SY07", "", 41.62, 123.25, 30},  {"XL", "SY08", "", 41.60, 123.68, 110}, {"XL", "SY09", "", 42.05, 123.25, 55},
    {"XL", "SY10", "", 42.00, 122.83, 30},  {"XL", "SY11", "", 41.52, 122.72, 15},  {"XL", "SY12", "", 42.50, 123.40, 85},
    {"XL", "SY13", "", 42.74, 123.35, 90},  {"XL", "SY14", "", 42.22, 122.70, 45},  {"XL", "HC01", "", 40.85, 122.75, 25},
    {"XL", "HC02", "", 40.72, 122.62, 20},  {"XL", "HC03", "", 40.68, 122.98, 140}, {"XL", "HC04", "", 40.58, 122.78, 80},
    {"XL", "HC05", "", 40.95, 122.58, 10},  {"XL", "HC06", "", 40.98, 122.93, 70},  {"XL", "HC07", "", 40.82, 123.10, 160},
    {"XL", "HC08", "", 40.63, 122.42, 15},  {"XL", "HC09", "", 40.45, 122.58, 60},  {"XL", "HC10", "", 40.48, 123.03, 210},
    {"XL", "YK01", "", 40.67, 122.23, 5},   {"XL", "YK02", "", 40.40, 122.35, 20},  {"XL", "YK03", "", 40.16, 122.15, 35},
    {"XL", "AS01", "", 41.11, 122.99, 80},  {"XL", "AS02", "", 41.38, 122.42, 20},  {"XL", "AS03", "", 40.29, 123.28, 120},
    {"XL", "LY01", "", 41.27, 123.18, 40},  {"XL", "LY02", "", 41.42, 123.33, 50},  {"XL", "LY03", "", 41.20, 123.45, 130},
    {"XL", "BX01", "", 41.30, 123.77, 190}, {"XL", "BX02", "", 41.30, 124.13, 260}, {"XL", "BX03", "", 41.27, 125.36, 250},
    {"XL", "FS01", "", 41.88, 123.95, 90},  {"XL", "FS02", "", 42.10, 124.40, 180}, {"XL", "FS03", "", 41.73, 125.04, 330},
    {"XL", "TL01", "", 42.29, 123.84, 70},  {"XL", "TL02", "", 42.55, 124.03, 100}, {"XL", "TL03", "", 42.78, 124.12, 120},
    {"XL", "PJ01", "", 41.12, 122.07, 5},   {"XL", "PJ02", "", 41.23, 121.68, 8},   {"XL", "JZ01", "", 41.10, 121.13, 40},
    {"XL", "JZ02", "", 41.60, 121.79, 60},  {"XL", "JZ03", "", 41.54, 121.24, 85},  {"XL", "FX01", "", 42.02, 121.67, 160},
    {"XL", "FX02", "", 42.39, 122.54, 85},  {"XL", "HL01", "", 40.71, 120.84, 20},  {"XL", "HL02", "", 40.33, 120.33, 30},
    {"XL", "CY01", "", 41.57, 120.45, 175}, {"XL", "CY02", "", 41.25, 119.40, 420}, {"XL", "CY03", "", 41.80, 120.75, 200},
    {"XL", "DD01", "", 40.13, 124.38, 20},  {"XL", "DD02", "", 40.46, 124.07, 80},  {"XL", "DD03", "", 40.73, 124.78, 150},
    {"XL", "DL01", "", 38.92, 121.62, 50},  {"XL", "DL02", "", 39.40, 121.98, 30},  {"XL", "DL03", "", 39.69, 122.97, 45},
};
const size_t scenario_liaoning_count = sizeof scenario_liaoning / sizeof scenario_liaoning[0];

scenario scenario_haicheng(void)
{
  const int64_t origin = INT64_C(160745767) * INGEST_SECOND; /* 1975-02-04T11:36:07Z */
  return (scenario){
      .latitude_deg = 40.7,
      .longitude_deg = 122.8,
      .depth_km = 16,
      .magnitude = 7.3,
      .strike_deg = 300,
      .origin_time = origin,
      .start = origin - 20 * INGEST_SECOND,
      .duration_s = 140,
      .rate = 100,
      .noise_m_s2 = NAN,
      .seed = 1975,
      .stations = scenario_liaoning,
      .stations_count = scenario_liaoning_count,
  };
}

/* What a station hears: traffic and industry (a hump of local frequency whose strength comes and goes, and knocks), the sea's microseisms, the
 * instrument itself.
 */
typedef struct {
  double local_m_s2, local_hz; /* rms and frequency of the hump */
  double sea_m;                /* rms displacement of the microseisms */
  double floor_m_s2;           /* white, per root Hz */
} ambience;

static const double quietest_m_s2 = 2e-5, typical_m_s2 = 1e-4, loudest_m_s2 = 1e-3;
static const double sea_hz = 0.2, sea_width = 0.25, local_width = 0.7; /* widths in ln f */
static const double horizontal_excess = 1.2;

static ambience ambience_of(const scenario *s, const scenario_station *station, int component)
{
  scenario_random r = scenario_random_of(s->seed, station, "ambience");
  double level = typical_m_s2 * exp(0.9 * scenario_random_normal(&r));
  ambience a = {
      .local_m_s2 = isnan(s->noise_m_s2) ? fmin(fmax(level, quietest_m_s2), loudest_m_s2) : s->noise_m_s2,
      .local_hz = 3 * exp(1.4 * scenario_random_uniform(&r)),
      .sea_m = 1e-6 * (1 + 2 * scenario_random_uniform(&r)),
      .floor_m_s2 = 1e-6 * exp(1.4 * scenario_random_uniform(&r)),
  };
  if (component != INGEST_VERTICAL)
    a.local_m_s2 *= horizontal_excess;
  return a;
}

static double hump(double f, double centre, double width)
{
  double x = log(f / centre) / width;
  return exp(-x * x / 2);
}

static double local_shape(const ambience *a, double f)
{
  return hump(f, a->local_hz, local_width);
}

/* Acceleration: displacement times (2 pi f)^2. */
static double sea_shape(const ambience *a, double f)
{
  (void)a;
  double omega = 2 * M_PI * f;
  return omega * omega * hump(f, sea_hz, sea_width);
}

typedef double noise_shape(const ambience *a, double f);

typedef struct {
  size_t n;
  fftwf_complex *spectrum;
  float *time;
  fftwf_plan inverse;
} synthesis;

static bool synthesis_open(synthesis *y, size_t at_least)
{
  for (y->n = 1024; y->n < at_least;)
    y->n *= 2;
  y->spectrum = fftwf_alloc_complex(y->n / 2 + 1);
  y->time = fftwf_alloc_real(y->n);
  y->inverse = y->spectrum && y->time ? fftwf_plan_dft_c2r_1d((int)y->n, y->spectrum, y->time, FFTW_ESTIMATE) : NULL;
  return y->inverse;
}

static void synthesis_close(synthesis *y)
{
  if (y->inverse)
    fftwf_destroy_plan(y->inverse);
  fftwf_free(y->spectrum);
  fftwf_free(y->time);
}

/* Gaussian noise whose spectrum has that shape and whose rms is `rms`, into y->time. Bins of no weight (below 1e-6 of the largest) are left empty. */
static void coloured(synthesis *y, const scenario *s, const ambience *a, noise_shape *shape, double rms, scenario_random *r)
{
  double power = 0, step_hz = s->rate / (double)y->n;
  memset(y->spectrum, 0, (y->n / 2 + 1) * sizeof *y->spectrum);
  for (size_t k = 1; k < y->n / 2; k++) {
    double weight = shape(a, (double)k * step_hz);
    if (weight < 1e-6)
      continue;
    float pair[2];
    scenario_random_normals(r, pair);
    power += 2 * weight * weight * 2; /* of both signs of frequency, real and imaginary part */
    y->spectrum[k][0] = pair[0] * (float)weight;
    y->spectrum[k][1] = pair[1] * (float)weight;
  }
  fftwf_execute(y->inverse);
  float scale = power > 0 ? (float)(rms / sqrt(power)) : 0;
  for (size_t i = 0; i < y->n; i++)
    y->time[i] *= scale;
}

/* Vehicles pass: on average every two minutes the local noise swells to up to three times for some seconds. */
static void swell(const scenario *s, scenario_random *r, float *local, size_t count)
{
  double every_s = 120, now_s = 0, end_s = (double)count / s->rate;
  while ((now_s -= every_s * log(1 - scenario_random_uniform(r))) < end_s) {
    double width_s = 2 + 4 * scenario_random_uniform(r), gain = 2 * scenario_random_uniform(r);
    size_t from = (size_t)(fmax(now_s - 4 * width_s, 0) * s->rate), to = (size_t)((now_s + 4 * width_s) * s->rate);
    for (size_t i = from; i < to && i < count; i++) {
      double x = ((double)i / s->rate - now_s) / width_s;
      local[i] *= (float)(1 + gain * exp(-x * x / 2));
    }
  }
}

/* Something falls or a door slams nearby: on average every ten minutes a sharp start that dies away within a second or two. */
static void knock(const scenario *s, const ambience *a, scenario_random *r, float *local, size_t count)
{
  double every_s = 600, now_s = 0, end_s = (double)count / s->rate;
  while ((now_s -= every_s * log(1 - scenario_random_uniform(r))) < end_s) {
    double decay_s = 0.1 + 0.3 * scenario_random_uniform(r), hz = 4 * exp(1.2 * scenario_random_uniform(r));
    double peak = a->local_m_s2 * 5 * exp(1.5 * scenario_random_uniform(r));
    for (size_t i = (size_t)(now_s * s->rate); i < count && (double)i / s->rate < now_s + 10 * decay_s; i++) {
      double t = (double)i / s->rate - now_s;
      local[i] += (float)(peak * exp(-fmax(t, 0) / decay_s) * sin(2 * M_PI * hz * t));
    }
  }
}

bool scenario_noise(const scenario *s, const scenario_station *station, int component, float *samples, size_t count)
{
  synthesis y;
  bool opened = synthesis_open(&y, count);
  if (opened) {
    ambience a = ambience_of(s, station, component);
    scenario_random r = scenario_random_of(s->seed, station, scenario_channels[component]);
    scenario_random vehicles = scenario_random_of(s->seed, station, "vehicles");
    scenario_random knocks = scenario_random_of(s->seed, station, "knocks");
    double floor_rms = a.floor_m_s2 * sqrt(s->rate / 2), omega = 2 * M_PI * sea_hz;
    coloured(&y, s, &a, local_shape, a.local_m_s2, &r);
    swell(s, &vehicles, y.time, count);
    knock(s, &a, &knocks, y.time, count);
    memcpy(samples, y.time, count * sizeof *samples);
    coloured(&y, s, &a, sea_shape, a.sea_m * omega * omega, &r);
    for (size_t i = 0; i < count; i += 2) {
      float pair[2];
      scenario_random_normals(&r, pair);
      samples[i] += y.time[i] + (float)floor_rms * pair[0];
      if (i + 1 < count)
        samples[i + 1] += y.time[i + 1] + (float)floor_rms * pair[1];
    }
  }
  synthesis_close(&y);
  return opened;
}
