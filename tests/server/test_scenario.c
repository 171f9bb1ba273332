#include "data.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "intensity.h"
#include "magnitude.h"
#include "scenario.h"

enum { SEEDS = 21 };
static const double rate = 100, before_s = 10;

static int make_tables(void **state)
{
  locator_model model;
  if (!locator_model_named("iasp91", &model))
    return -1;
  *state = locator_travel_times_create(&model, 500, 50);
  return *state ? 0 : -1;
}

static int drop_tables(void **state)
{
  locator_travel_times_destroy(*state);
  return 0;
}

static void assert_between(double value, double least, double most, const char *what)
{
  if (!(value >= least && value <= most))
    fail_msg("%s: %g is outside %g to %g", what, value, least, most);
}

/* ---- one quiet station ---- */

typedef struct {
  size_t count;
  float *component[INGEST_COMPONENTS];
  double epicentral_km, p_s, s_s; /* since the start */
} record;

static scenario_station station_at(double km, double azimuth_deg)
{
  double north = km * cos(azimuth_deg * M_PI / 180) / 111.0, east = km * sin(azimuth_deg * M_PI / 180) / (111.3 * cos(40 * M_PI / 180));
  return (scenario_station){"XX", "AAA", "", 40 + north, 120 + east, 0};
}

static scenario quake(const locator_travel_times *tables, double magnitude, uint64_t seed)
{
  return (scenario){.latitude_deg = 40,
                    .longitude_deg = 120,
                    .depth_km = 10,
                    .magnitude = magnitude,
                    .strike_deg = 0,
                    .origin_time = (int64_t)(before_s * 1e9),
                    .duration_s = 60,
                    .rate = rate,
                    .noise_m_s2 = 0,
                    .seed = seed,
                    .tables = tables};
}

static record shake_of(scenario s, double km, uint64_t seed)
{
  const locator_travel_times *tables = s.tables;
  scenario_station station = station_at(km, 37 * (double)seed);
  record r = {.count = (size_t)(s.duration_s * rate)};
  for (int c = 0; c < INGEST_COMPONENTS; c++)
    r.component[c] = calloc(r.count, sizeof(float));
  r.epicentral_km = locator_distance_km(40, 120, station.latitude_deg, station.longitude_deg, NULL);
  r.p_s = before_s + locator_travel_time(tables, 'P', r.epicentral_km, s.depth_km);
  r.s_s = before_s + locator_travel_time(tables, 'S', r.epicentral_km, s.depth_km);
  scenario_fault *fault = scenario_fault_create(&s);
  assert_non_null(fault);
  scenario_fault_shake(fault, &station, r.component, r.count);
  scenario_fault_destroy(fault);
  return r;
}

static record shake(const locator_travel_times *tables, double magnitude, double km, uint64_t seed)
{
  return shake_of(quake(tables, magnitude, seed), km, seed);
}

static void forget(record *r)
{
  for (int c = 0; c < INGEST_COMPONENTS; c++)
    free(r->component[c]);
}

static double peak(const float *values, size_t from, size_t to)
{
  double largest = 0;
  for (size_t i = from; i < to; i++)
    largest = fmax(largest, fabs((double)values[i]));
  return largest;
}

static double peak_velocity(const float *values, size_t count)
{
  double velocity = 0, largest = 0;
  for (size_t i = 0; i < count; i++)
    largest = fmax(largest, fabs(velocity += (double)values[i] / rate));
  return largest;
}

/* Of the vertical's displacement in the 3 s after P, two-pole Butterworth high-pass at 0.075 Hz. */
static double pd_of(const record *r)
{
  double k = tan(M_PI * 0.075 / rate), a = 1 / (1 + k * sqrt(2) + k * k), velocity = 0, x[3] = {0}, y[3] = {0}, largest = 0;
  for (size_t i = 0; i < (size_t)((r->p_s + 3) * rate); i++) {
    velocity += (double)r->component[INGEST_VERTICAL][i] / rate;
    x[2] = x[1], x[1] = x[0], x[0] += velocity / rate;
    y[2] = y[1], y[1] = y[0];
    y[0] = a * (x[0] - 2 * x[1] + x[2]) - 2 * (k * k - 1) * a * y[1] - (1 - k * sqrt(2) + k * k) * a * y[2];
    largest = fmax(largest, fabs(y[0]));
  }
  return largest;
}

static int by_value(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
  qsort(values, count, sizeof *values, by_value);
  return values[count / 2];
}

/* ---- the waves ---- */

static void nothing_moves_before_p_and_p_starts_at_its_travel_time(void **state)
{
  for (uint64_t seed = 1; seed <= 8; seed++) {
    record r = shake(*state, seed % 2 ? 5 : 6.8, 30 + 5 * (double)seed, seed);
    size_t p = (size_t)ceil(r.p_s * rate);
    double largest = peak(r.component[INGEST_VERTICAL], p, p + 200);
    assert_between(peak(r.component[INGEST_VERTICAL], 0, p - 1) / largest, 0, 3e-3, "before P");
    size_t first = p;
    while (fabs((double)r.component[INGEST_VERTICAL][first]) < 0.02 * largest)
      first++;
    assert_between((double)first / rate - r.p_s, 0, 0.15, "delay of P");
    forget(&r);
  }
}

static void s_arrives_at_its_travel_time(void **state)
{
  for (uint64_t seed = 1; seed <= 8; seed++) {
    record r = shake(*state, 5.5, 60, seed);
    size_t s = (size_t)(r.s_s * rate);
    double before = peak(r.component[INGEST_NORTH], s - 200, s), after = peak(r.component[INGEST_NORTH], s, s + 200);
    assert_between(after / before, 4, INFINITY, "S over P's coda");
    size_t first = s;
    while (fabs((double)r.component[INGEST_NORTH][first]) < 1.5 * before)
      first++;
    assert_between((double)first / rate - r.s_s, -0.01, 0.4, "delay of S");
    forget(&r);
  }
}

static void peaks_of_magnitude_6_are_near_the_medians_of_bssa14(void **state)
{
  static const double distances_km[] = {20, 30, 50};
  for (int i = 0; i < 3; i++) {
    double pga[SEEDS], pgv[SEEDS];
    for (int seed = 0; seed < SEEDS; seed++) {
      record r = shake(*state, 6, distances_km[i], (uint64_t)seed + 1);
      const float *north = r.component[INGEST_NORTH], *east = r.component[INGEST_EAST];
      pga[seed] = sqrt(peak(north, 0, r.count) * peak(east, 0, r.count));
      pgv[seed] = sqrt(peak_velocity(north, r.count) * peak_velocity(east, r.count));
      forget(&r);
    }
    intensity_bssa14_case at = {6, distances_km[i], 760, INTENSITY_UNSPECIFIED, INTENSITY_GLOBAL};
    assert_between(median(pga, SEEDS) / intensity_bssa14(INTENSITY_PGA, &at, NULL), 0.5, 2, "PGA over BSSA14");
    assert_between(median(pgv, SEEDS) / intensity_bssa14(INTENSITY_PGV, &at, NULL), 0.5, 2, "PGV over BSSA14");
  }
}

static void p_displacement_follows_the_published_relation_and_saturates_as_recorded(void **state)
{
  const struct {
    double magnitude, km, least, most;
  } cases[] = {{4.5, 30, 4.1, 4.9}, {5, 30, 4.6, 5.4}, {6, 40, 5.6, 6.5}, {7.8, 60, 6.2, 7.3}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    double pd[SEEDS];
    for (int seed = 0; seed < SEEDS; seed++) {
      record r = shake(*state, cases[i].magnitude, cases[i].km, (uint64_t)seed + 1);
      pd[seed] = pd_of(&r);
      forget(&r);
    }
    assert_between(magnitude_from_pd(median(pd, SEEDS), cases[i].km), cases[i].least, cases[i].most, "magnitude by Pd of 3 s");
  }
}

static double mean_and_spread(const double *values, size_t count, double *spread)
{
  double sum = 0, square = 0;
  for (size_t i = 0; i < count; i++) {
    sum += values[i];
    square += values[i] * values[i];
  }
  *spread = sqrt(fmax(square / (double)count - sum / (double)count * (sum / (double)count), 0));
  return sum / (double)count;
}

/* ln of Pd over what it is without variety. */
static double spread_of_variety(const locator_travel_times *tables, double stress, double path, bool radiates, double *mean)
{
  double ratio[SEEDS], spread;
  for (int seed = 0; seed < SEEDS; seed++) {
    record plain = shake(tables, 6, 40, (uint64_t)seed + 1);
    scenario s = quake(tables, 6, (uint64_t)seed + 1);
    s.stress_sigma_ln = stress;
    s.path_sigma_ln = path;
    s.radiates = radiates;
    record varied = shake_of(s, 40, (uint64_t)seed + 1);
    ratio[seed] = log(pd_of(&varied) / pd_of(&plain));
    forget(&plain);
    forget(&varied);
  }
  *mean = mean_and_spread(ratio, SEEDS, &spread);
  return spread;
}

static void variety_is_as_wide_as_asked_for_about_the_same_middle(void **state)
{
  double mean;
  assert_between(spread_of_variety(*state, 0, 0, false, &mean), 0, 0, "spread without variety");
  assert_between(spread_of_variety(*state, 0, 0.5, false, &mean), 0.3, 0.7, "spread by the path");
  assert_between(mean, -0.35, 0.35, "mean by the path");
  assert_between(spread_of_variety(*state, 0.6, 0, false, &mean), 0.02, 0.6, "spread by the stress drop");
  assert_between(spread_of_variety(*state, 0, 0, true, &mean), 0.15, 0.6, "spread by the pattern");
  assert_between(mean, -0.4, 0.2, "mean by the pattern");
}

/* |integral of a exp(-i w t) dt| of a component. */
static double amplitude_at(const float *values, size_t count, double hz)
{
  double re = 0, im = 0;
  for (size_t i = 0; i < count; i++) {
    double angle = 2 * M_PI * hz * (double)i / rate;
    re += (double)values[i] * cos(angle) / rate;
    im -= (double)values[i] * sin(angle) / rate;
  }
  return hypot(re, im);
}

/* Boore 2003, M5 at 25 km, with this scenario's constants written out once more; the amplification at these frequencies after Boore 2016. */
static double brune_amplitude(double hz, double amplification)
{
  double moment = pow(10, 1.5 * 5 + 9.05), km = hypot(25, 10), corner = 4.9e6 * 3.5 * cbrt(100 / (moment * 1e7));
  double far_field = moment * 0.55 * 2 / sqrt(2) / (4 * M_PI * 2800 * pow(3500, 3) * km * 1000);
  double source = pow(2 * M_PI * hz, 2) / (1 + pow(hz / corner, 2));
  return far_field * source * exp(-M_PI * hz * km / (180 * pow(hz, 0.45) * 3.5)) * exp(-M_PI * 0.035 * hz) * amplification;
}

static void the_spectrum_is_omega_squared(void **state)
{
  const struct {
    double hz, amplification;
  } bins[] = {{0.3, 1.26}, {0.894, 1.51}, {1.892, 1.80}, {4, 2.18}, {8.459, 2.56}};
  for (size_t i = 0; i < sizeof bins / sizeof bins[0]; i++) {
    double sum = 0;
    enum { DRAWS = 60 };
    for (uint64_t seed = 1; seed <= DRAWS; seed++) {
      record r = shake(*state, 5, 25, seed);
      for (int c = INGEST_NORTH; c <= INGEST_EAST; c++) {
        double a = amplitude_at(r.component[c], r.count, bins[i].hz);
        sum += a * a / (2 * DRAWS);
      }
      forget(&r);
    }
    char what[64];
    snprintf(what, sizeof what, "amplitude at %g Hz over the model's", bins[i].hz);
    assert_between(sqrt(sum) / brune_amplitude(bins[i].hz, bins[i].amplification), 0.75, 1.4, what);
  }
}

static void haicheng_is_destructive_near_its_source(void **state)
{
  scenario s = scenario_haicheng();
  s.tables = *state;
  size_t count = (size_t)(s.duration_s * s.rate);
  scenario_fault *fault = scenario_fault_create(&s);
  double strongest = 0;
  for (size_t i = 0; i < s.stations_count; i++) {
    const scenario_station *station = &s.stations[i];
    if (strncmp(station->station, "HC", 2) != 0)
      continue;
    float *samples[INGEST_COMPONENTS];
    for (int c = 0; c < INGEST_COMPONENTS; c++)
      samples[c] = calloc(count, sizeof(float));
    scenario_fault_shake(fault, station, samples, count);
    picker_motion motion;
    assert_true(picker_record_motion((const float *[]){samples[0], samples[1], samples[2]}, count, s.rate, INGEST_UNIT_ACCELERATION, 0, &motion));
    double intensity = intensity_csis(motion.csis_pga_m_s2, motion.csis_pgv_m_s);
    assert_between(intensity, 6, 10, station->station);
    strongest = fmax(strongest, intensity);
    for (int c = 0; c < INGEST_COMPONENTS; c++)
      free(samples[c]);
  }
  scenario_fault_destroy(fault);
  assert_between(strongest, 8, 10, "strongest intensity");
}

/* ---- determinism ---- */

typedef struct {
  uint64_t hash[8]; /* of each station's channels, in the order of their codes */
} digest;

static void add_to_digest(void *user, const ingest_record *header, const double *counts)
{
  digest *d = user;
  uint64_t *hash = &d->hash[header->codes.station[2] - '0'];
  for (int32_t i = 0; i < header->samples; i++)
    *hash = (*hash ^ (uint64_t)(int64_t)counts[i]) * 1099511628211u;
}

static digest digest_of(const locator_travel_times *tables, uint64_t seed, const scenario_station *stations, size_t count)
{
  digest d = {0};
  scenario s = quake(tables, 6.2, seed);
  s.noise_m_s2 = NAN;
  s.stations = stations;
  s.stations_count = count;
  assert_true(scenario_make(&s, add_to_digest, &d));
  return d;
}

static void the_same_seed_gives_the_same_samples_and_another_gives_others(void **state)
{
  const scenario_station stations[] = {{"XX", "AA1", "", 40.2, 120.3, 0}, {"XX", "AA2", "", 39.8, 120.1, 0}};
  digest one = digest_of(*state, 1, stations, 2), again = digest_of(*state, 1, stations, 2), other = digest_of(*state, 2, stations, 2);
  assert_memory_equal(&one, &again, sizeof one);
  assert_true(one.hash[1] != other.hash[1] && one.hash[2] != other.hash[2]);
  assert_true(one.hash[1] != one.hash[2]);
}

static void a_station_hears_the_same_in_any_list(void **state)
{
  const scenario_station forth[] = {{"XX", "AA1", "", 40.2, 120.3, 0}, {"XX", "AA2", "", 39.8, 120.1, 0}}, back[] = {forth[1]};
  assert_true(digest_of(*state, 3, forth, 2).hash[2] == digest_of(*state, 3, back, 1).hash[2]);
}

/* ---- noise ---- */

static double rms(const float *values, size_t count)
{
  double sum = 0;
  for (size_t i = 0; i < count; i++)
    sum += (double)values[i] * (double)values[i];
  return sqrt(sum / (double)count);
}

static void noise_differs_by_station_within_what_cities_have(void **state)
{
  (void)state;
  enum { COUNT = 30000 };
  static float samples[COUNT];
  scenario s = scenario_haicheng();
  double quietest = INFINITY, loudest = 0;
  for (size_t i = 0; i < s.stations_count; i++) {
    assert_true(scenario_noise(&s, &s.stations[i], INGEST_VERTICAL, samples, COUNT));
    double level = rms(samples, COUNT);
    assert_between(level, 1.9e-5, 1.5e-3, s.stations[i].station);
    quietest = fmin(quietest, level);
    loudest = fmax(loudest, level);
  }
  assert_true(loudest > 5 * quietest);
}

static void stated_noise_is_what_every_station_has(void **state)
{
  (void)state;
  enum { COUNT = 60000 };
  static float samples[COUNT];
  scenario s = scenario_haicheng();
  s.noise_m_s2 = 3e-4;
  for (size_t i = 0; i < 5; i++) {
    assert_true(scenario_noise(&s, &s.stations[i], INGEST_VERTICAL, samples, COUNT));
    assert_between(rms(samples, COUNT), 2.5e-4, 5e-4, s.stations[i].station);
  }
}

static void the_built_in_network_has_sixty_stations_of_their_own_in_liaoning(void **state)
{
  (void)state;
  assert_int_equal(scenario_liaoning_count, 60);
  for (size_t i = 0; i < scenario_liaoning_count; i++) {
    const scenario_station *a = &scenario_liaoning[i];
    assert_between(a->latitude_deg, 38.7, 43.5, a->station);
    assert_between(a->longitude_deg, 118.8, 125.8, a->station);
    for (size_t j = 0; j < i; j++)
      assert_string_not_equal(a->station, scenario_liaoning[j].station);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nothing_moves_before_p_and_p_starts_at_its_travel_time),
      cmocka_unit_test(s_arrives_at_its_travel_time),
      cmocka_unit_test(peaks_of_magnitude_6_are_near_the_medians_of_bssa14),
      cmocka_unit_test(p_displacement_follows_the_published_relation_and_saturates_as_recorded),
      cmocka_unit_test(variety_is_as_wide_as_asked_for_about_the_same_middle),
      cmocka_unit_test(the_spectrum_is_omega_squared),
      cmocka_unit_test(haicheng_is_destructive_near_its_source),
      cmocka_unit_test(the_same_seed_gives_the_same_samples_and_another_gives_others),
      cmocka_unit_test(a_station_hears_the_same_in_any_list),
      cmocka_unit_test(noise_differs_by_station_within_what_cities_have),
      cmocka_unit_test(stated_noise_is_what_every_station_has),
      cmocka_unit_test(the_built_in_network_has_sixty_stations_of_their_own_in_liaoning),
  };
  return cmocka_run_group_tests(tests, make_tables, drop_tables);
}
