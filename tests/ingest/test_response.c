/* Known ground motion, measured by a short-period sensor as its differential equation says, and what the stream makes of it. */
#include <math.h>

#include "data.h"
#include "response.h"

enum { MOST = 60000 };

static float samples[MOST];

/* Ground velocity of a displacement of 1 mm: the wavelet (1 - 2 a) exp(-a), a = (pi f t)^2, whose spectrum peaks at f (Ricker 1953). */
static double ricker_velocity(double t, double peak_hz)
{
  double k = M_PI * peak_hz, x = k * (t - 20), a = x * x;
  return 1e-3 * 2 * k * x * (2 * a - 3) * exp(-a);
}

/* What a pendulum of corner f0 and damping h makes of the ground's velocity v: y = v - 2 h w0 p - w0^2 q with p' = y, q' = p (its mass lags behind
   by the two integrals), by Runge and Kutta in steps of a tenth of a sample. */
static void simulate(double corner_hz, double damping, double rate, double peak_hz, size_t count)
{
  enum { FINE = 10 };
  double w = 2 * M_PI * corner_hz, p = 0, q = 0, dt = 1 / (rate * FINE);
  for (size_t i = 0; i < count; i++) {
    double t = (double)i / rate;
    samples[i] = (float)(ricker_velocity(t, peak_hz) - 2 * damping * w * p - w * w * q);
    for (int k = 0; k < FINE; k++, t += dt) {
      double slope_p[4], slope_q[4], at[] = {0, dt / 2, dt / 2, dt};
      for (int j = 0; j < 4; j++) {
        double pj = p + (j ? at[j] * slope_p[j - 1] : 0), qj = q + (j ? at[j] * slope_q[j - 1] : 0);
        slope_p[j] = ricker_velocity(t + at[j], peak_hz) - 2 * damping * w * pj - w * w * qj;
        slope_q[j] = pj;
      }
      p += dt / 6 * (slope_p[0] + 2 * slope_p[1] + 2 * slope_p[2] + slope_p[3]);
      q += dt / 6 * (slope_q[0] + 2 * slope_q[1] + 2 * slope_q[2] + slope_q[3]);
    }
  }
}

static double peak_displacement_of_samples(double rate, size_t count)
{
  double sum = 0, peak = 0;
  for (size_t i = 0; i < count; i++) {
    sum += (double)samples[i] / rate;
    peak = fabs(sum) > peak ? fabs(sum) : peak;
  }
  return peak;
}

/* The wavelet peaks below the sensor's corner, and lies above twice the extended one. */
static void a_geophones_displacement_is_recovered_within_five_percent(void **state)
{
  (void)state;
  static const struct {
    double corner_hz, damping, rate;
  } cases[] = {{1, 0.7, 100}, {2, 0.7, 100}, {4.5, 0.56, 100}, {4.5, 0.7, 200}, {1, 1.2, 50}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    double corner_hz = cases[i].corner_hz, rate = cases[i].rate, peak_hz = 0.8 * corner_hz;
    size_t count = (size_t)(30 * rate);
    simulate(corner_hz, cases[i].damping, rate, peak_hz, count);
    double raw = peak_displacement_of_samples(rate, count);
    response_extend(&(response){0}, corner_hz, cases[i].damping, rate, INT64_MAX, samples, count);
    double recovered = peak_displacement_of_samples(rate, count);
    if (raw > 0.75e-3 || fabs(recovered - 1e-3) > 0.05e-3)
      fail_msg("corner %g Hz, %g/s: %g m as measured, %g m recovered of 0.001", corner_hz, rate, raw, recovered);
  }
}

/* In the steady state: |result| / |ground| over frequency. */
static double steady_gain(double corner_hz, double damping, double rate, double frequency_hz)
{
  size_t count = (size_t)(fmax(60, 30 / frequency_hz) * rate), late = count / 2;
  double amplitude = response_amplitude(corner_hz, damping, frequency_hz), peak = 0;
  assert_true(count <= MOST);
  for (size_t i = 0; i < count; i++)
    samples[i] = (float)(amplitude * sin(2 * M_PI * frequency_hz * (double)i / rate));
  response_extend(&(response){0}, corner_hz, damping, rate, INT64_MAX, samples, count);
  for (size_t i = late; i < count; i++)
    peak = fabs((double)samples[i]) > peak ? fabs((double)samples[i]) : peak;
  return peak;
}

static void the_band_is_as_stated(void **state)
{
  (void)state;
  static const double corners[] = {0.5, 1, 2, 4.5};
  for (size_t i = 0; i < sizeof corners / sizeof *corners; i++) {
    double low_hz = response_extended_hz(corners[i]);
    assert_true(fabs(steady_gain(corners[i], 0.7, 100, low_hz) - sqrt(0.5)) < 0.03);
    for (double f = 2.02 * low_hz; f < 20; f *= 1.37) {
      double gain = steady_gain(corners[i], 0.7, 100, f);
      if (fabs(gain - 1) > 0.035)
        fail_msg("corner %g Hz: %g at %g Hz", corners[i], gain, f);
    }
  }
}

static void a_constant_stays_as_it_is(void **state)
{
  (void)state;
  for (size_t i = 0; i < 1000; i++)
    samples[i] = 123.5f;
  response_extend(&(response){0}, 4.5, 0.6, 100, INT64_MAX, samples, 1000);
  for (size_t i = 0; i < 1000; i++)
    assert_true(samples[i] == 123.5f);
}

static void the_cutting_into_pieces_changes_nothing(void **state)
{
  (void)state;
  static float whole[3000];
  response one = {0}, many = {0};
  for (size_t i = 0; i < 3000; i++)
    whole[i] = samples[i] = (float)sin((double)(i * i) / 9000);
  response_extend(&one, 2, 0.7, 100, INT64_MAX, whole, 3000);
  for (size_t i = 0, n = 1; i < 3000; i += n, n = n % 170 + 13)
    response_extend(&many, 2, 0.7, 100, i ? 0 : INT64_MAX, samples + i, i + n > 3000 ? 3000 - i : n);
  assert_memory_equal(whole, samples, sizeof whole);
}

/* A hole of a sample or two is bridged; after a longer one the filter begins anew with what comes. */
static void it_starts_anew_after_a_hole_as_long_as_it_remembers(void **state)
{
  (void)state;
  response r = {0};
  float step[10];
  for (int i = 0; i < 10; i++)
    step[i] = (float)i;
  response_extend(&r, 1, 0.7, 100, INT64_MAX, step, 10);
  float after[] = {50};
  response_extend(&r, 1, 0.7, 100, 20000000, after, 1);
  assert_true(after[0] != 50);
  float anew[] = {50};
  response_extend(&r, 1, 0.7, 100, 2000000000, anew, 1);
  assert_true(anew[0] == 50);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_geophones_displacement_is_recovered_within_five_percent),
      cmocka_unit_test(the_band_is_as_stated),
      cmocka_unit_test(a_constant_stays_as_it_is),
      cmocka_unit_test(the_cutting_into_pieces_changes_nothing),
      cmocka_unit_test(it_starts_anew_after_a_hole_as_long_as_it_remembers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
