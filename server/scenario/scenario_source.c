/* The made-up earthquake: a line of omega-squared sources that break one after the other (Boore 2003; the line after Motazedian & Atkinson 2005).
 *
 * Each source sends P and S: an acceleration spectrum of known amplitude whose phase is that of one causal pulse below its corner frequency and of
 * windowed noise above. Every filter is minimum-phase, so nothing moves before its travel time.
 */
#include "scenario.h"

#include <complex.h>
#include <stdlib.h>
#include <string.h>

#include <fftw3.h>

#include "scenario_random.h"

enum { SOURCES_MAXIMUM = 64, WAVES = 2 };

typedef struct {
  double latitude_deg, longitude_deg;
  double moment_n_m, corner_hz, starts_s; /* corner of S */
} point_source;

typedef struct {
  char phase;
  double velocity_m_s;
  double radiation;     /* average over the sphere */
  double corner_ratio;  /* its corner frequency over that of S */
  double spreading_km;  /* 1/R to here, R^-0.5 beyond */
  double kappa_s;       /* near-surface attenuation (Anderson & Hough 1984) */
  double amplification; /* exponent on the crustal amplification */
  double path_duration; /* s per km that scattering adds */
  double peak_share;    /* of the window: when it is strongest */
} wave;

/* S after Boore 2003 for western North America: average radiation 0.55, kappa 0.035 s, 0.05 s per km, 1/R to 40 km (Atkinson & Silva 2000). P:
   average radiation 0.52 (Boore & Boatwright 1984), corner 1.5 times that of S (Hanks 1981), 1/R; the theory's far field with all of that is three
   times what Pd relations observe (Wu & Zhao 2006; Kuyuk & Allen 2013), so P carries 0.3 of it. */
static const wave waves[WAVES] = {
    {'P', 6000, 0.52 * 0.30, 1.5, INFINITY, 0.020, 0.5, 0.02, 0.1},
    {'S', 3500, 0.55, 1.0, 40, 0.035, 1.0, 0.05, 0.2},
};
static const double density_kg_m3 = 2800, free_surface = 2, stress_drop_bar = 100;
static const double rupture_m_s = 2800, source_km = 5, ahead_share = 0.7; /* of the length lies along strike */
static const double antialias_share = 0.35, antialias_order = 16;         /* the digitiser's low-pass, by the sampling rate */
static const double site_sigma_ln = 0.3, slip_sigma_ln = 0.5;
/* Mean squares over the sphere (Boore & Boatwright 1984), and the share of the energy that scattering takes from the pattern (Takemura et al. 2009:
   at 1 Hz within 100 km about a third). */
static const double p_mean_square = 4.0 / 15, s_mean_square = 2.0 / 5, scattered = 0.3;

/* Amplification of a western rock site of Vs30 760 m/s over the source's depth, Boore 2016. */
static const struct {
  double hz, factor;
} amplification[] = {{0.010, 1.00}, {0.045, 1.04}, {0.095, 1.09}, {0.200, 1.18},  {0.423, 1.32}, {0.894, 1.51},
                     {1.892, 1.80}, {4.000, 2.18}, {8.459, 2.56}, {17.889, 2.95}, {37.83, 3.42}, {80.00, 3.96}};
enum { AMPLIFICATIONS = sizeof amplification / sizeof amplification[0] };

struct scenario_fault {
  scenario s;
  double strike_deg, dip_deg, rake_deg, stress_bar;
  size_t sources_count;
  point_source sources[SOURCES_MAXIMUM];
  size_t n, bins;                                              /* of the transforms */
  float *time, *ln_amplification, *ln_antialias, *attenuation; /* the last: pi f / Q(f) */
  float complex *root;                                         /* exp(-2 pi i k / n) */
  float complex *filter, *pulse, *noise, *sum[INGEST_COMPONENTS];
  fftwf_plan to_time, to_spectrum; /* used on other arrays of the same alignment too */
};

/* ---- the rupture ---- */

/* Wells & Coppersmith 1994, subsurface length, all mechanisms. */
static double length_km(double magnitude)
{
  return pow(10, -2.44 + 0.59 * magnitude);
}

/* Hanks & Kanamori 1979. */
static double moment_n_m(double magnitude)
{
  return pow(10, 1.5 * magnitude + 9.05);
}

/* Brune 1970, 1971 as in Boore 2003, eq. 4: 4.9e6 beta (stress/M0)^(1/3), km/s, bar, dyn cm. */
static double corner_hz(double moment, double stress_bar)
{
  return 4.9e6 * (waves[1].velocity_m_s / 1000) * cbrt(stress_bar / (moment * 1e7));
}

/* A place `km` from the hypocentre along the strike; on the sphere, good to a few metres over a fault. */
static void place(scenario_fault *fault, point_source *source, double km)
{
  const double km_per_deg = 111.19;
  double azimuth = fault->strike_deg * M_PI / 180;
  source->latitude_deg = fault->s.latitude_deg + km * cos(azimuth) / km_per_deg;
  source->longitude_deg = fault->s.longitude_deg + km * sin(azimuth) / (km_per_deg * cos(fault->s.latitude_deg * M_PI / 180));
  source->starts_s = fabs(km) * 1000 / rupture_m_s;
}

/* A rupture grows as a disc until it is as wide as the fault, then runs along it: what breaks near its start is small by the square of the distance.
 */
static double disc_share(double km, double magnitude)
{
  double half_width_km = pow(10, -1.01 + 0.32 * magnitude) / 2; /* Wells & Coppersmith 1994, all mechanisms */
  double share = fmin((fabs(km) + source_km / 2) / half_width_km, 1);
  return share * share;
}

/* Every source keeps M0^(-1/3) times one constant as its corner, so chosen that the incoherent sum of the sources is the whole's spectrum at high
   frequencies: sum of (M0_i fc_i^2)^2 = (M0 fc^2)^2. */
static void set_corners(scenario_fault *fault, double moment)
{
  double sum = 0, corner = corner_hz(moment, fault->stress_bar);
  for (size_t i = 0; i < fault->sources_count; i++)
    sum += pow(fault->sources[i].moment_n_m / moment, 2.0 / 3);
  for (size_t i = 0; i < fault->sources_count; i++)
    fault->sources[i].corner_hz = corner / pow(sum, 0.25) / cbrt(fault->sources[i].moment_n_m / moment);
}

static void rupture(scenario_fault *fault)
{
  const scenario *s = &fault->s;
  scenario_random r = scenario_random_of(s->seed, NULL, "rupture"), character = scenario_random_of(s->seed, NULL, "character");
  fault->stress_bar = stress_drop_bar * exp(s->stress_sigma_ln * scenario_random_normal(&character));
  fault->dip_deg = 30 + 60 * scenario_random_uniform(&character);
  fault->rake_deg = 360 * scenario_random_uniform(&character);
  fault->strike_deg = isnan(s->strike_deg) ? 360 * scenario_random_uniform(&r) : s->strike_deg;
  double length = length_km(s->magnitude), moment = moment_n_m(s->magnitude), total = 0;
  size_t count = (size_t)fmin(fmax(floor(length / source_km), 1), SOURCES_MAXIMUM);
  long behind = (long)floor((1 - ahead_share) * (double)count);
  for (size_t i = 0; i < count; i++) {
    double km = (double)((long)i - behind) * length / (double)count;
    place(fault, &fault->sources[i], km);
    total += fault->sources[i].moment_n_m = disc_share(km, s->magnitude) * exp(slip_sigma_ln * scenario_random_normal(&r));
  }
  for (size_t i = 0; i < count; i++)
    fault->sources[i].moment_n_m *= moment / total;
  fault->sources_count = count;
  set_corners(fault, moment);
}

/* ---- the path ---- */

static double ln_amplification(double f)
{
  size_t i = 1;
  while (i < AMPLIFICATIONS - 1 && f > amplification[i].hz)
    i++;
  double share = log(fmax(f, amplification[0].hz) / amplification[i - 1].hz) / log(amplification[i].hz / amplification[i - 1].hz);
  return log(amplification[i - 1].factor) + fmin(share, 1) * log(amplification[i].factor / amplification[i - 1].factor);
}

/* Atkinson & Silva 2000. */
static double quality(double f)
{
  return 180 * pow(f, 0.45);
}

static double spreading_per_m(const wave *w, double km)
{
  return 1e-3 / (km <= w->spreading_km ? fmax(km, 1) : sqrt(w->spreading_km * km));
}

static double bin_hz(const scenario_fault *fault, size_t k)
{
  return (double)k * fault->s.rate / (double)fault->n;
}

/* The minimum-phase filter whose log amplitude fault->filter holds, in its place: the real cepstrum folded onto positive times (Oppenheim & Schafer
   2010, section 13.5). */
static void minimum_phase(scenario_fault *fault)
{
  size_t half = fault->n / 2;
  fftwf_execute_dft_c2r(fault->to_time, fault->filter, fault->time);
  float scale = 1 / (float)fault->n;
  fault->time[0] *= scale;
  fault->time[half] *= scale;
  for (size_t i = 1; i < half; i++)
    fault->time[i] *= 2 * scale;
  memset(fault->time + half + 1, 0, (half - 1) * sizeof *fault->time);
  fftwf_execute_dft_r2c(fault->to_spectrum, fault->time, fault->filter);
  for (size_t k = 0; k < fault->bins; k++)
    fault->filter[k] = cexpf(fault->filter[k]);
}

/* The path, its far-field constant included, into fault->filter: Boore 2003, eq. 2. */
static void path_filter(scenario_fault *fault, const wave *w, double moment, double km)
{
  double v = w->velocity_m_s;
  float seconds = (float)(km * 1000 / v), kappa = (float)(M_PI * w->kappa_s), exponent = (float)w->amplification;
  float constant = (float)(moment * w->radiation * free_surface / (4 * M_PI * density_kg_m3 * v * v * v) * spreading_per_m(w, km));
  for (size_t k = 0; k < fault->bins; k++)
    fault->filter[k] =
        exponent * fault->ln_amplification[k] + fault->ln_antialias[k] - fault->attenuation[k] * seconds - kappa * (float)bin_hz(fault, k);
  minimum_phase(fault);
  for (size_t k = 0; k < fault->bins; k++)
    fault->filter[k] *= constant;
}

/* Times the source's acceleration, (i w)^2 / (1 + i f/fc)^2 (Boore 2003, eq. 3, with Brune's causal phase); 1 / (1 + i f/fc) into fault->pulse. */
static void source_filter(scenario_fault *fault, double corner)
{
  for (size_t k = 0; k < fault->bins; k++) {
    float f = (float)bin_hz(fault, k), omega = 2 * (float)M_PI * f, x = f / (float)corner;
    fault->pulse[k] = (1 - x * I) / (1 + x * x);
    fault->filter[k] *= -omega * omega * fault->pulse[k] * fault->pulse[k];
  }
}

/* ---- the wave ---- */

/* Noise of unit power in the window of Saragoni & Hart 1974 (Boore 2003, eq. 13 to 16 with eta 0.05), from sample `at` on, into fault->noise; in the
   limit of many draws its mean squared spectrum is 1. */
static void windowed_noise(scenario_fault *fault, size_t at, double duration_s, double peak_share, scenario_random *r)
{
  const double eta = 0.05, e = peak_share;
  double b = -e * log(eta) / (1 + e * (log(e) - 1)), c = b / e, a = pow(M_E / e, b), energy = 0;
  size_t length = (size_t)(2 * duration_s * fault->s.rate) + 2;
  float pair[2] = {0, 0};
  memset(fault->time, 0, fault->n * sizeof *fault->time);
  for (size_t i = 0; i < length; i++) {
    double t = (double)i / (double)length, weight = a * pow(t, b) * exp(-c * t);
    energy += weight * weight;
    if (i % 2 == 0)
      scenario_random_normals(r, pair);
    if (at + i < fault->n)
      fault->time[at + i] = (float)weight * pair[i % 2];
  }
  float scale = energy > 0 ? (float)(1 / sqrt(energy)) : 0;
  for (size_t i = at; i < at + length && i < fault->n; i++)
    fault->time[i] *= scale;
  fftwf_execute_dft_r2c(fault->to_spectrum, fault->time, fault->noise);
}

/* Adds one wave to a component: a pulse at sample `at` with the share c = 1 / (1 + i f/fc), the noise with 1 - c, both through the filter. The powers
   of the shares add up to 1 at every frequency. */
static void add(scenario_fault *fault, int component, size_t at, float pulse, float noise)
{
  for (size_t k = 0; k < fault->bins; k++) {
    float complex onset = pulse * fault->root[at * k % fault->n];
    float complex drawn = noise * fault->noise[k];
    fault->sum[component][k] += fault->filter[k] * (drawn + fault->pulse[k] * (onset - drawn));
  }
}

/* How one station is seen from the fault. */
typedef struct {
  float p_up, p_north, p_east; /* the P wave's polarisation, first motion included */
  float s_north, s_east;       /* that of S */
  float site;                  /* amplification of its own */
  float gain[WAVES];           /* by the pattern of radiation and by the path */
  scenario_random random;
} view;

typedef struct {
  double p, sv, sh;
} radiation;

/* Aki & Richards 2002, eq. 4.89 to 4.91: strike, dip, rake; azimuth and take-off angle (from down) of the ray. */
static radiation radiation_of(const scenario_fault *fault, double azimuth_deg, double takeoff)
{
  double phi = (azimuth_deg - fault->strike_deg) * M_PI / 180, delta = fault->dip_deg * M_PI / 180, lambda = fault->rake_deg * M_PI / 180;
  double cl = cos(lambda), sl = sin(lambda), cd = cos(delta), sd = sin(delta), s2d = sin(2 * delta), c2d = cos(2 * delta);
  double si = sin(takeoff), ci = cos(takeoff), s2i = sin(2 * takeoff), c2i = cos(2 * takeoff);
  double sp = sin(phi), cp = cos(phi), s2p = sin(2 * phi), c2p = cos(2 * phi);
  return (radiation){
      .p = cl * sd * si * si * s2p - cl * cd * s2i * cp + sl * s2d * (ci * ci - si * si * sp * sp) + sl * c2d * s2i * sp,
      .sv = sl * c2d * c2i * sp - cl * cd * c2i * cp + 0.5 * cl * sd * s2i * s2p - 0.5 * sl * s2d * s2i * (1 + sp * sp),
      .sh = cl * cd * ci * sp + cl * sd * si * c2p + sl * c2d * ci * cp - 0.5 * sl * s2d * si * s2p,
  };
}

static float scattered_gain(double square, double mean_square)
{
  return (float)sqrt(scattered + (1 - scattered) * square / mean_square);
}

/* Straight rays upwards: a station far away sees the source from the side. Returns the sign of the first motion. */
static float see_variety(const scenario_fault *fault, const scenario_station *station, double km, double azimuth_deg, view *v)
{
  scenario_random path = scenario_random_of(fault->s.seed, station, "path");
  radiation of = radiation_of(fault, azimuth_deg, M_PI - atan2(km, fault->s.depth_km));
  for (size_t i = 0; i < WAVES; i++) {
    double square = waves[i].phase == 'P' ? of.p * of.p : of.sv * of.sv + of.sh * of.sh;
    float pattern = fault->s.radiates ? scattered_gain(square, waves[i].phase == 'P' ? p_mean_square : s_mean_square) : 1;
    v->gain[i] = pattern * (float)exp(fault->s.path_sigma_ln * scenario_random_normal(&path));
  }
  return of.p >= 0 ? 1 : -1;
}

static view view_of(const scenario_fault *fault, const scenario_station *station)
{
  view v = {.random = scenario_random_of(fault->s.seed, station, "wave")};
  double azimuth, km = locator_distance_km(fault->s.latitude_deg, fault->s.longitude_deg, station->latitude_deg, station->longitude_deg, &azimuth);
  double angle = 2 * M_PI * scenario_random_uniform(&v.random), radial = azimuth * M_PI / 180;
  v.site = (float)exp(site_sigma_ln * scenario_random_normal(&v.random));
  float first = sin(2 * (azimuth - fault->strike_deg) * M_PI / 180) >= 0 ? 1 : -1; /* quadrants of a vertical strike-slip fault */
  float pattern_first = see_variety(fault, station, km, azimuth, &v);
  first = fault->s.radiates ? pattern_first : first;
  v.p_up = first * 0.94f; /* slow ground turns P upright */
  v.p_north = first * 0.34f * (float)cos(radial);
  v.p_east = first * 0.34f * (float)sin(radial);
  v.s_north = (float)cos(angle);
  v.s_east = (float)sin(angle);
  return v;
}

static void send_p(scenario_fault *fault, view *v, const wave *w, size_t at, double duration_s)
{
  const float share[INGEST_COMPONENTS] = {v->p_up, v->p_north, v->p_east}, gain = v->site * v->gain[w - waves];
  windowed_noise(fault, at, duration_s, w->peak_share, &v->random);
  for (int component = 0; component < INGEST_COMPONENTS; component++)
    add(fault, component, at, share[component] * gain, share[component] * gain);
}

/* Half of the energy of S to each horizontal (Boore 2003), and an eighth of it more to the vertical. */
static void send_s(scenario_fault *fault, view *v, const wave *w, size_t at, double duration_s)
{
  const float pulse[INGEST_COMPONENTS] = {0, v->s_north, v->s_east};
  const float noise[INGEST_COMPONENTS] = {0.35f, 0.7071f, 0.7071f}, gain = v->site * v->gain[w - waves];
  for (int component = 0; component < INGEST_COMPONENTS; component++) {
    windowed_noise(fault, at, duration_s, w->peak_share, &v->random);
    add(fault, component, at, pulse[component] * gain, noise[component] * gain);
  }
}

static void send(scenario_fault *fault, view *v, const scenario_station *station, const wave *w, const point_source *source)
{
  const scenario *s = &fault->s;
  double epicentral = locator_distance_km(source->latitude_deg, source->longitude_deg, station->latitude_deg, station->longitude_deg, NULL);
  double km = hypot(epicentral, s->depth_km), corner = source->corner_hz * w->corner_ratio;
  double since_start =
      (double)(s->origin_time - s->start) * 1e-9 + source->starts_s + locator_travel_time(s->tables, w->phase, epicentral, s->depth_km);
  double sample = ceil(since_start * s->rate);
  if (sample < 0 || sample >= (double)fault->n)
    return;
  path_filter(fault, w, source->moment_n_m, km);
  source_filter(fault, corner);
  (w->phase == 'P' ? send_p : send_s)(fault, v, w, (size_t)sample, 1 / corner + w->path_duration * km);
}

void scenario_fault_shake(scenario_fault *fault, const scenario_station *station, float *const samples[INGEST_COMPONENTS], size_t count)
{
  view v = view_of(fault, station);
  for (int component = 0; component < INGEST_COMPONENTS; component++)
    memset(fault->sum[component], 0, fault->bins * sizeof *fault->sum[component]);
  for (size_t index = 0; index < WAVES; index++)
    for (size_t i = 0; i < fault->sources_count; i++)
      send(fault, &v, station, &waves[index], &fault->sources[i]);
  float scale = (float)(fault->s.rate / (double)fault->n); /* spectra are in m/s2 s: the inverse transform times df */
  for (int component = 0; component < INGEST_COMPONENTS; component++) {
    fftwf_execute_dft_c2r(fault->to_time, fault->sum[component], fault->time);
    for (size_t i = 0; i < count && i < fault->n; i++)
      samples[component][i] += fault->time[i] * scale;
  }
}

/* ---- memory ---- */

static bool allocate(scenario_fault *fault)
{
  size_t at_least = (size_t)((fault->s.duration_s + 60) * fault->s.rate); /* room for what rings past the end */
  for (fault->n = 1024; fault->n < at_least;)
    fault->n *= 2;
  fault->bins = fault->n / 2 + 1;
  fault->time = fftwf_alloc_real(fault->n);
  fault->ln_amplification = fftwf_alloc_real(fault->bins);
  fault->ln_antialias = fftwf_alloc_real(fault->bins);
  fault->attenuation = fftwf_alloc_real(fault->bins);
  fault->root = fftwf_alloc_complex(fault->n);
  float complex **arrays[] = {&fault->filter, &fault->pulse, &fault->noise, &fault->sum[0], &fault->sum[1], &fault->sum[2]};
  bool all = fault->time && fault->ln_amplification && fault->ln_antialias && fault->attenuation && fault->root;
  for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
    all &= (*arrays[i] = fftwf_alloc_complex(fault->bins)) != NULL;
  if (!all)
    return false;
  fault->to_time = fftwf_plan_dft_c2r_1d((int)fault->n, fault->noise, fault->time, FFTW_ESTIMATE);
  fault->to_spectrum = fftwf_plan_dft_r2c_1d((int)fault->n, fault->time, fault->noise, FFTW_ESTIMATE);
  return fault->to_time && fault->to_spectrum;
}

static void tabulate(scenario_fault *fault)
{
  for (size_t k = 0; k < fault->n; k++)
    fault->root[k] = (float complex)cexp(-2 * M_PI * (double)k / (double)fault->n * I);
  for (size_t k = 0; k < fault->bins; k++) {
    double f = bin_hz(fault, k);
    fault->ln_amplification[k] = (float)ln_amplification(f);
    fault->ln_antialias[k] = (float)(-0.5 * log1p(pow(f / (antialias_share * fault->s.rate), antialias_order)));
    fault->attenuation[k] = f > 0 ? (float)(M_PI * f / quality(f)) : 0;
  }
}

scenario_fault *scenario_fault_create(const scenario *s)
{
  scenario_fault *fault = calloc(1, sizeof *fault);
  if (!fault)
    return NULL;
  fault->s = *s;
  if (!allocate(fault)) {
    scenario_fault_destroy(fault);
    return NULL;
  }
  rupture(fault);
  tabulate(fault);
  return fault;
}

void scenario_fault_destroy(scenario_fault *fault)
{
  if (!fault)
    return;
  if (fault->to_time)
    fftwf_destroy_plan(fault->to_time);
  if (fault->to_spectrum)
    fftwf_destroy_plan(fault->to_spectrum);
  void *arrays[] = {fault->time,  fault->ln_amplification, fault->ln_antialias, fault->attenuation, fault->root, fault->filter, fault->pulse,
                    fault->noise, fault->sum[0],           fault->sum[1],       fault->sum[2]};
  for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
    fftwf_free(arrays[i]);
  free(fault);
}
