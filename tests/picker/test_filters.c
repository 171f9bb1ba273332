/* Filters against the closed forms that they are designed from. */
#include <math.h>
#include <string.h>

#include "data.h"
#include "filters.h"

static const double PI = 3.14159265358979323846;
static const double rates[] = {20, 31.25, 100, 200, 500};
enum { RATES = sizeof rates / sizeof rates[0] };

static double analogue(double rate, double frequency)
{
  return tan(PI * frequency / rate);
}

static void the_high_pass_has_butterworths_gain_at_every_frequency(void **state)
{
  (void)state;
  for (int i = 0; i < RATES; i++) {
    filters_section f = filters_highpass(rates[i], 0.075);
    for (double frequency = 0.01; frequency < rates[i] / 2; frequency *= 1.7) {
      double ratio = analogue(rates[i], 0.075) / analogue(rates[i], frequency);
      assert_true(fabs(filters_gain(&f, 1, rates[i], frequency) - 1 / sqrt(1 + pow(ratio, 4))) < 1e-6);
    }
  }
}

static void the_low_pass_has_butterworths_gain_at_every_frequency(void **state)
{
  (void)state;
  for (int i = 0; i < RATES; i++) {
    filters_section f = filters_lowpass(rates[i], 3);
    for (double frequency = 0.01; frequency < rates[i] / 2; frequency *= 1.7) {
      double ratio = analogue(rates[i], frequency) / analogue(rates[i], 3);
      assert_true(fabs(filters_gain(&f, 1, rates[i], frequency) - 1 / sqrt(1 + pow(ratio, 4))) < 1e-6);
    }
  }
}

static void the_band_pass_has_butterworths_gain_at_every_frequency(void **state)
{
  (void)state;
  for (int i = 0; i < RATES; i++) {
    double high = fmin(10, 0.4 * rates[i]);
    filters_section f[FILTERS_BANDPASS_SECTIONS];
    filters_bandpass(rates[i], 0.1, high, f);
    double low_w = analogue(rates[i], 0.1), high_w = analogue(rates[i], high);
    for (double frequency = 0.02; frequency < rates[i] / 2; frequency *= 1.3) {
      double w = analogue(rates[i], frequency), ratio = (w * w - low_w * high_w) / (w * (high_w - low_w));
      assert_true(fabs(filters_gain(f, FILTERS_BANDPASS_SECTIONS, rates[i], frequency) - 1 / sqrt(1 + pow(ratio, 8))) < 1e-6);
    }
  }
}

static void the_corners_lie_3_db_down(void **state)
{
  (void)state;
  filters_section f[FILTERS_BANDPASS_SECTIONS];
  filters_bandpass(100, 0.1, 10, f);
  assert_true(fabs(filters_gain(f, FILTERS_BANDPASS_SECTIONS, 100, 0.1) - sqrt(0.5)) < 1e-6);
  assert_true(fabs(filters_gain(f, FILTERS_BANDPASS_SECTIONS, 100, 10) - sqrt(0.5)) < 1e-6);
  assert_true(fabs(filters_gain(f, FILTERS_BANDPASS_SECTIONS, 100, 1) - 1) < 1e-3);
}

static void all_poles_lie_inside_the_unit_circle(void **state)
{
  (void)state;
  for (int i = 0; i < RATES; i++) {
    filters_section f[FILTERS_BANDPASS_SECTIONS + 1];
    filters_bandpass(rates[i], 0.1, fmin(10, 0.4 * rates[i]), f);
    f[FILTERS_BANDPASS_SECTIONS] = filters_highpass(rates[i], 0.075);
    for (int k = 0; k <= FILTERS_BANDPASS_SECTIONS; k++)
      assert_true(fabs(f[k].a2) < 1 && fabs(f[k].a1) < 1 + f[k].a2);
  }
}

static void a_steady_sine_comes_out_with_the_stated_gain(void **state)
{
  (void)state;
  filters_section f[FILTERS_BANDPASS_SECTIONS];
  filters_bandpass(100, 0.1, 10, f);
  double w1[FILTERS_BANDPASS_SECTIONS] = {0}, w2[FILTERS_BANDPASS_SECTIONS] = {0}, most = 0;
  for (int i = 0; i < 20000; i++) {
    double x = sin(2 * PI * 7.3 * i / 100);
    for (int k = 0; k < FILTERS_BANDPASS_SECTIONS; k++) {
      double w = x - f[k].a1 * w1[k] - f[k].a2 * w2[k];
      x = f[k].b0 * w + f[k].b1 * w1[k] + f[k].b2 * w2[k];
      w2[k] = w1[k];
      w1[k] = w;
    }
    if (i > 10000)
      most = fmax(most, fabs(x));
  }
  assert_true(fabs(most - filters_gain(f, FILTERS_BANDPASS_SECTIONS, 100, 7.3)) < 2e-3);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_low_pass_has_butterworths_gain_at_every_frequency),
      cmocka_unit_test(the_high_pass_has_butterworths_gain_at_every_frequency),
      cmocka_unit_test(the_band_pass_has_butterworths_gain_at_every_frequency),
      cmocka_unit_test(the_corners_lie_3_db_down),
      cmocka_unit_test(all_poles_lie_inside_the_unit_circle),
      cmocka_unit_test(a_steady_sine_comes_out_with_the_stated_gain),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
