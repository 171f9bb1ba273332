/* The azimuth of a P wave on made waves and on real ones whose source is known. */
#include "polarisation.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data.h"
#include "recordings.h"
#include "signals.h"

static const double PI = 3.14159265358979323846;
static const double rate = 100, onset_s = 6;

typedef struct {
  history of[INGEST_COMPONENTS];
  float *ring;
} sensor;

static sensor make_sensor(void)
{
  sensor s;
  size_t capacity = history_capacity(rate, 10);
  s.ring = calloc(INGEST_COMPONENTS * capacity, sizeof *s.ring);
  for (size_t c = 0; c < INGEST_COMPONENTS; c++) {
    history_init(&s.of[c], s.ring + c * capacity, capacity);
    history_restart(&s.of[c], 0, 1 << 30);
  }
  return s;
}

/* A wave from `azimuth_deg`, `steep` times as large on the vertical as along the ground, over noise of 1 that is the ground's own on each component.
 */
static sensor wave_from(double azimuth_deg, double steep, double amplitude, int8_t first, uint64_t seed)
{
  sensor s = make_sensor();
  double along[INGEST_COMPONENTS] = {steep, -cos(azimuth_deg * PI / 180), -sin(azimuth_deg * PI / 180)};
  for (uint64_t c = 0; c < INGEST_COMPONENTS; c++) {
    signal noise = signal_noise(seed * 10 + c, 8, rate), wave = signal_zero(8, rate);
    signal_add_wave(&wave, seed, onset_s, first * amplitude * along[c]);
    for (size_t i = 0; i < wave.n; i++)
      noise.values[i] += wave.values[i];
    history_append(&s.of[c], noise.values, noise.n);
    signal_free(&noise);
    signal_free(&wave);
  }
  return s;
}

static bool measure(const sensor *s, ingest_unit unit, polarisation *p)
{
  return polarisation_measure(s->of, rate, unit, (int64_t)(onset_s * rate), (int64_t)(polarisation_window_s * rate), p);
}

static double off_by(double azimuth_deg, double truth_deg)
{
  return fmod(azimuth_deg - truth_deg + 900, 360) - 180;
}

static void a_clear_wave_tells_its_azimuth_whichever_way_it_begins(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 36; seed++)
    for (int unit = INGEST_UNIT_VELOCITY; unit <= INGEST_UNIT_ACCELERATION; unit++) {
      double azimuth = (double)seed * 10 - 5;
      sensor s = wave_from(azimuth, 1.5, 1000, seed % 2 ? 1 : -1, seed);
      polarisation p;
      assert_true(measure(&s, (ingest_unit)unit, &p));
      if (!(p.sigma_deg > 0 && fabs(off_by((double)p.azimuth_deg, azimuth)) < 5))
        fail_msg("%.1f +- %.1f instead of %.1f, seed %d", (double)p.azimuth_deg, (double)p.sigma_deg, azimuth, (int)seed);
      assert_true(p.sigma_deg >= 10 && p.azimuth_deg >= 0 && p.azimuth_deg < 360);
      free(s.ring);
    }
}

static void the_steeper_the_wave_the_less_it_tells(void **state)
{
  (void)state;
  sensor flat = wave_from(40, 1, 1000, 1, 7), steep = wave_from(40, 4, 1000, 1, 7), upright = wave_from(40, 20, 1000, 1, 7);
  polarisation of_flat, of_steep, of_upright;
  assert_true(measure(&flat, INGEST_UNIT_VELOCITY, &of_flat) && measure(&steep, INGEST_UNIT_VELOCITY, &of_steep) &&
              measure(&upright, INGEST_UNIT_VELOCITY, &of_upright));
  assert_true(of_flat.sigma_deg > 0 && of_steep.sigma_deg > 2 * of_flat.sigma_deg && of_upright.sigma_deg == 0);
  free(flat.ring);
  free(steep.ring);
  free(upright.ring);
}

static void noise_has_no_azimuth(void **state)
{
  (void)state;
  int clear = 0;
  for (uint64_t seed = 1; seed <= 50; seed++) {
    sensor s = wave_from(0, 1, 0, 1, seed);
    polarisation p;
    assert_true(measure(&s, INGEST_UNIT_VELOCITY, &p));
    clear += p.sigma_deg > 0;
    free(s.ring);
  }
  assert_true(clear <= 1);
}

static void missing_samples_are_told_from_unclear_ones(void **state)
{
  (void)state;
  polarisation p;
  sensor s = wave_from(10, 1, 1000, 1, 3);
  s.of[INGEST_EAST].end = (int64_t)(onset_s * rate) + 30; /* lags */
  assert_false(measure(&s, INGEST_UNIT_VELOCITY, &p));
  s.of[INGEST_EAST].end = s.of[INGEST_NORTH].end;
  assert_true(measure(&s, INGEST_UNIT_VELOCITY, &p));
  s.of[INGEST_NORTH].values[(int64_t)(onset_s * rate) - 50] = NAN; /* a hole before it */
  assert_false(measure(&s, INGEST_UNIT_VELOCITY, &p));
  s.of[INGEST_NORTH].begin = HISTORY_EMPTY;
  s.of[INGEST_NORTH].end = HISTORY_EMPTY; /* never fed */
  assert_false(measure(&s, INGEST_UNIT_VELOCITY, &p));
  free(s.ring);
}

/* ---- Ridgecrest 2019 (M7.1, 28 to 37 km away) and Pleasant Hill 2019 (M4.5, 14 km deep, 2 to 11 km away) ---- */

typedef struct {
  const char *name;   /* of the vertical's file, up to its component */
  const char *ending; /* after it */
  const char *origin;
  double azimuth_deg, distance_km, depth_km;
} station;

static const char july[] = "2019-07-06T03:19:53.040Z", october[] = "2019-10-15T05:33:42.810Z";
static const char plain[] = ".mseed", dated[] = "__20191015T053312Z__20191015T054042Z.mseed";
static const station stations[] = {
    {"ridgecrest-2019/CI.CCC..HN", plain, july, 322, 34.5, 8},         {"ridgecrest-2019/CI.JRC2..HN", plain, july, 141, 30.3, 8},
    {"ridgecrest-2019/CI.LRL..HN", plain, july, 13, 33.1, 8},          {"ridgecrest-2019/CI.SLA..HN", plain, july, 245, 31.5, 8},
    {"ridgecrest-2019/CI.WBM..HN", plain, july, 56, 31.8, 8},          {"ridgecrest-2019/CI.WCS2..HN", plain, july, 152, 32.1, 8},
    {"ridgecrest-2019/CI.WNM..HN", plain, july, 106, 28.8, 8},         {"ridgecrest-2019/CI.WRV2..HN", plain, july, 135, 37.3, 8},
    {"ridgecrest-2019/CI.WVP2..HN", plain, july, 135, 28.1, 8},        {"pleasant-hill-2019/BK.BRIB.01.HH", dated, october, 76, 8.6, 14},
    {"pleasant-hill-2019/CE.58442..HN", dated, october, 33, 10.8, 14}, {"pleasant-hill-2019/NC.CRH..HN", dated, october, 327, 10.5, 14},
    {"pleasant-hill-2019/NC.CTA..HN", dated, october, 200, 10.5, 14},  {"pleasant-hill-2019/NP.1847.10.HN", dated, october, 141, 10.7, 14},
};
enum { STATIONS = sizeof stations / sizeof stations[0] };

/* The last azimuth of the P that comes when it should; of `growth` the last, too. False if none does. */
static bool hear(const station *x, picker_p_wave *heard)
{
  static told t;
  static const char letters[INGEST_COMPONENTS] = {'Z', 'N', 'E'};
  int64_t origin;
  assert_true(ingest_time_parse(x->origin, &origin));
  picker_settings settings = default_picker_settings();
  picker *p = NULL;
  picker_sink sink = sink_into(&t);
  memset(&t, 0, sizeof t);
  static const int order[INGEST_COMPONENTS] = {INGEST_NORTH, INGEST_EAST, INGEST_VERTICAL};
  traces all[INGEST_COMPONENTS];
  for (int c = 0; c < INGEST_COMPONENTS; c++) {
    char name[128];
    snprintf(name, sizeof name, "%s%c%s", x->name, letters[c], x->ending);
    all[c] = traces_read(data_path(name), '\0', 1e-6);
  }
  p = picker_create(&settings, 0, all[0].items[0].rate);
  const size_t packet = (size_t)all[0].items[0].rate, seconds = 60;
  for (size_t k = 0; k < seconds; k++)
    for (int i = 0; i < INGEST_COMPONENTS; i++) {
      const trace *tr = &all[order[i]].items[0];
      if ((k + 1) * packet > tr->n)
        continue;
      ingest_samples piece = {.component = order[i],
                              .gap = k == 0,
                              .unit = strstr(x->name, "HH") ? INGEST_UNIT_VELOCITY : INGEST_UNIT_ACCELERATION,
                              .start = tr->start + (int64_t)k * INGEST_SECOND,
                              .rate = tr->rate,
                              .count = packet,
                              .values = tr->values + k * packet};
      picker_feed(p, &piece, &sink);
    }
  picker_destroy(p);
  for (int c = 0; c < INGEST_COMPONENTS; c++)
    traces_free(&all[c]);
  bool found = false;
  for (size_t i = 0; i < t.wave_count; i++)
    for (size_t k = 0; k < t.pick_count; k++)
      if (t.picks[k].id == t.waves[i].pick && fabs((double)(t.picks[k].time - origin) / 1e9 - hypot(x->distance_km, x->depth_km) / 6.1) < 1.5) {
        *heard = t.waves[i];
        found = true;
      }
  return found;
}

static int by_value(const void *a, const void *b)
{
  const double *x = a, *y = b;
  return (*x > *y) - (*x < *y);
}

static void real_waves_tell_where_they_come_from_and_how_well(void **state)
{
  (void)state;
  double errors[STATIONS];
  size_t clear = 0, inside = 0;
  for (size_t i = 0; i < STATIONS; i++) {
    picker_p_wave w;
    if (!hear(&stations[i], &w) || !(w.azimuth_sigma_deg > 0)) {
      print_message("# %s: unclear\n", stations[i].name);
      continue;
    }
    double off = off_by((double)w.azimuth_deg, stations[i].azimuth_deg);
    print_message("# %s: %+.0f, uncertainty %.0f\n", stations[i].name, off, (double)w.azimuth_sigma_deg);
    errors[clear++] = fabs(off);
    inside += fabs(off) <= (double)w.azimuth_sigma_deg;
  }
  qsort(errors, clear, sizeof *errors, by_value);
  print_message("# %zu of %d clear, median %.0f, %zu inside\n", clear, STATIONS, errors[clear / 2], inside);
  assert_true(clear >= 10);
  assert_true(errors[clear / 2] <= 15);
  assert_true(10 * inside >= 6 * clear);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_clear_wave_tells_its_azimuth_whichever_way_it_begins),
      cmocka_unit_test(the_steeper_the_wave_the_less_it_tells),
      cmocka_unit_test(noise_has_no_azimuth),
      cmocka_unit_test(missing_samples_are_told_from_unclear_ones),
      cmocka_unit_test(real_waves_tell_where_they_come_from_and_how_well),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
