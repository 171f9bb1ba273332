#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "made.h"

enum { MOST = 40000 };

static ingest_spectrometer *meter;
static float values[MOST];

static int begin(void **state)
{
  (void)state;
  meter = ingest_spectrometer_create();
  return meter ? 0 : -1;
}

static int end(void **state)
{
  (void)state;
  ingest_spectrometer_destroy(meter);
  return 0;
}

static ingest_spectrum spectrum_of(size_t count, double rate, ingest_unit unit)
{
  ingest_spectrum spectrum;
  assert_true(ingest_spectrum_take(meter, &(ingest_samples){.unit = unit, .rate = rate, .count = count, .values = values}, &spectrum));
  return spectrum;
}

static void fill_noise(size_t count, double sigma)
{
  random_source draws = {8};
  for (size_t i = 0; i < count; i++)
    values[i] = (float)(sigma * random_normal(&draws));
}

/* White noise of variance s2 has 2 s2 / rate at every frequency (one-sided). */
static void white_noise_has_its_level_at_every_rate(void **state)
{
  (void)state;
  static const double rates[] = {20, 50, 100, 200, 500};
  for (int i = 0; i < 5; i++) {
    fill_noise(MOST, 1e-4);
    ingest_spectrum spectrum = spectrum_of(MOST, rates[i], INGEST_UNIT_ACCELERATION);
    double expected = 10 * log10(2 * 1e-8 / rates[i]);
    double mean = 0;
    int known = 0;
    for (size_t band = 0; band < INGEST_SPECTRUM_BANDS; band++)
      if (!isnan(spectrum.db[band])) {
        known++;
        mean += (double)spectrum.db[band] - expected;
        assert_true(fabs((double)spectrum.db[band] - expected) < 5);
        assert_true(1 / ingest_spectrum_period(band) <= 0.41 * rates[i]);
      }
    assert_true(known >= 20);
    assert_true(fabs(mean / known) < 0.7);
  }
}

/* A sine of amplitude A has the power A^2 / 2, whatever the resolution. */
static double power_of(const ingest_spectrum *spectrum, double from_hz, double to_hz)
{
  double power = 0;
  for (size_t band = 0; band < INGEST_SPECTRUM_BANDS; band++) {
    double hz = 1 / ingest_spectrum_period(band);
    if (!isnan(spectrum->db[band]) && hz > from_hz && hz < to_hz)
      power += pow(10, (double)spectrum->db[band] / 10) * hz * (exp2(0.125) - exp2(-0.125));
  }
  return power;
}

static void fill_sine(size_t count, double rate, double hz, double amplitude)
{
  for (size_t i = 0; i < count; i++)
    values[i] = (float)(amplitude * sin(2 * M_PI * hz * (double)i / rate));
}

static void the_power_of_a_sine_is_where_it_belongs(void **state)
{
  (void)state;
  fill_sine(6000, 100, 5, 1e-3);
  ingest_spectrum spectrum = spectrum_of(6000, 100, INGEST_UNIT_ACCELERATION);
  assert_true(fabs(power_of(&spectrum, 3, 8) / (0.5 * 1e-6) - 1) < 0.25);
  assert_true(power_of(&spectrum, 10, 40) < 1e-3 * power_of(&spectrum, 3, 8));
}

static void velocity_becomes_acceleration(void **state)
{
  (void)state;
  fill_noise(6000, 1e-3);
  ingest_spectrum as_acceleration = spectrum_of(6000, 100, INGEST_UNIT_ACCELERATION), as_velocity = spectrum_of(6000, 100, INGEST_UNIT_VELOCITY);
  for (size_t band = 0; band < INGEST_SPECTRUM_BANDS; band++) {
    double omega = 2 * M_PI / ingest_spectrum_period(band), db = (double)(as_velocity.db[band] - as_acceleration.db[band]);
    if (!isnan(db) && ingest_spectrum_period(band) < 2)
      assert_true(fabs(db - 20 * log10(omega)) < 2);
  }
}

static void an_offset_and_a_drift_leave_no_trace(void **state)
{
  (void)state;
  fill_noise(6000, 1e-3);
  ingest_spectrum plain = spectrum_of(6000, 100, INGEST_UNIT_ACCELERATION);
  for (int i = 0; i < 6000; i++)
    values[i] += 9.8F + 1e-4F * (float)i;
  ingest_spectrum bent = spectrum_of(6000, 100, INGEST_UNIT_ACCELERATION);
  for (size_t band = 0; band < INGEST_SPECTRUM_BANDS; band++)
    if (!isnan(plain.db[band]))
      assert_true(fabs((double)(plain.db[band] - bent.db[band])) < 1);
}

static void a_wrong_gain_shows_as_its_difference(void **state)
{
  (void)state;
  fill_noise(6000, 1e-3);
  ingest_spectrum right = spectrum_of(6000, 100, INGEST_UNIT_ACCELERATION);
  for (int i = 0; i < 6000; i++)
    values[i] *= 10;
  ingest_spectrum wrong = spectrum_of(6000, 100, INGEST_UNIT_ACCELERATION);
  assert_true(fabs(ingest_spectrum_difference(&wrong, &right) - 20) < 0.01);
  assert_true(ingest_spectrum_difference(&right, &right) == 0);
}

static void too_few_samples_are_refused(void **state)
{
  (void)state;
  ingest_spectrum spectrum;
  fill_noise(512, 1);
  assert_false(ingest_spectrum_take(meter, &(ingest_samples){.rate = 100, .count = 511, .values = values}, &spectrum));
  assert_true(ingest_spectrum_take(meter, &(ingest_samples){.rate = 100, .count = 512, .values = values}, &spectrum));
  assert_false(ingest_spectrum_take(meter, &(ingest_samples){.rate = 0, .count = 512, .values = values}, &spectrum));
}

static void what_does_not_move_has_no_spectrum(void **state)
{
  (void)state;
  memset(values, 0, sizeof values);
  ingest_spectrum spectrum = spectrum_of(6000, 100, INGEST_UNIT_ACCELERATION);
  assert_int_equal(ingest_noise_compare(&spectrum).verdict, INGEST_NOISE_UNKNOWN);
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
  const struct CMUnitTest tests[] = {
      T(white_noise_has_its_level_at_every_rate), T(the_power_of_a_sine_is_where_it_belongs), T(velocity_becomes_acceleration),
      T(an_offset_and_a_drift_leave_no_trace),    T(a_wrong_gain_shows_as_its_difference),    T(too_few_samples_are_refused),
      T(what_does_not_move_has_no_spectrum),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
