/* P-wave parameters against closed forms. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data.h"
#include "p_wave.h"
#include "signals.h"

static const double PI = 3.14159265358979323846;
enum { FULL_MAXIMUM = 128 };

typedef struct {
  picker_p_wave full[FULL_MAXIMUM];
  int64_t until[FULL_MAXIMUM];
  size_t count;
} windows;

/* The whole signal through the chain; a pick at `onset` is opened `late` samples after it. */
static void measure(windows *w, const signal *s, ingest_unit unit, int64_t onset, int64_t late)
{
  size_t ring_capacity = 1 << 17;
  float *ring = calloc(ring_capacity, sizeof *ring), none[1];
  history h[INGEST_COMPONENTS];
  history_init(&h[INGEST_VERTICAL], ring, ring_capacity);
  history_init(&h[INGEST_NORTH], none, 1);
  history_init(&h[INGEST_EAST], none, 1);
  history_restart(&h[INGEST_VERTICAL], 0, 1 << 30);
  history_append(&h[INGEST_VERTICAL], s->values, s->n);
  p_wave p = {0};
  p_wave_restart(&p, s->rate, unit);
  w->count = 0;
  for (int64_t i = 0; i < h[INGEST_VERTICAL].end; i++) {
    p_wave_add(&p, &h[INGEST_VERTICAL], i, i + 1);
    if (i == onset + late)
      p_wave_open(&p, &h[INGEST_VERTICAL], 1, onset);
    while (w->count < FULL_MAXIMUM && p_wave_take(&p, h, &w->full[w->count], &w->until[w->count]))
      w->count++;
  }
  free(ring);
}

static void assert_near(double value, double expected, double part)
{
  if (!(fabs(value - expected) <= part * fabs(expected)))
    fail_msg("%g is not within %g of %g", value, part, expected);
}

static void tau_c_of_a_sine_is_its_period(void **state)
{
  (void)state;
  static windows w;
  for (int unit = INGEST_UNIT_VELOCITY; unit <= INGEST_UNIT_ACCELERATION; unit++)
    for (double period = 0.25; period <= 1; period *= 2) {
      signal s = signal_zero(300, 100);
      signal_add_sine(&s, 0, 1, 1 / period);
      measure(&w, &s, (ingest_unit)unit, 20000, 10);
      for (size_t i = 2; i < w.count; i++)
        assert_near((double)w.full[i].tau_c_s, period, 0.02);
      signal_free(&s);
    }
}

static void peaks_of_a_sine_are_its_amplitudes(void **state)
{
  (void)state;
  static windows w;
  double circular = 2 * PI * 2;
  signal s = signal_zero(300, 100);
  signal_add_sine(&s, 0, 3, 2);
  measure(&w, &s, INGEST_UNIT_ACCELERATION, 20000, 10);
  for (size_t i = 1; i < w.count; i++) {
    assert_near((double)w.full[i].pa_m_s2, 3, 0.01);
    assert_near((double)w.full[i].pv_m_s, 3 / circular, 0.01);
    assert_near((double)w.full[i].pd_m, 3 / circular / circular, 0.01);
    assert_near((double)w.full[i].noise_pd_m, 3 / circular / circular, 0.01);
  }
  measure(&w, &s, INGEST_UNIT_VELOCITY, 20000, 10);
  for (size_t i = 1; i < w.count; i++) {
    assert_near((double)w.full[i].pv_m_s, 3, 0.01);
    assert_near((double)w.full[i].pd_m, 3 / circular, 0.01);
    assert_near((double)w.full[i].pa_m_s2, 3 * circular, 0.02);
  }
  signal_free(&s);
}

/* A swell of 4 mm and, from the onset on, 0.1 mm at 2 Hz. */
static void above_half_a_hertz_no_swell_hides_a_wave(void **state)
{
  (void)state;
  static windows w;
  const double swell_m = 4e-3, wave_m = 1e-4, slow = 2 * PI * 0.05, quick = 2 * PI * 2;
  signal s = signal_zero(300, 100);
  signal_add_sine(&s, 0, swell_m * slow * slow, 0.05);
  signal_add_sine(&s, 200, wave_m * quick * quick, 2);
  measure(&w, &s, INGEST_UNIT_ACCELERATION, 20000, 10);
  for (size_t i = 1; i < w.count; i++) {
    assert_true((double)w.full[i].pd_m < 3 * (double)w.full[i].noise_pd_m);
    assert_true(w.full[i].brief_pd_m > 3 * w.full[i].brief_noise_m);
    assert_true((double)w.full[i].brief_pd_m > wave_m && (double)w.full[i].brief_pd_m < 3 * wave_m); /* it starts at once, and drifts at first */
  }
  signal_free(&s);
}

static void windows_are_full_at_their_lengths_and_no_sooner(void **state)
{
  (void)state;
  static windows w;
  signal s = signal_noise(1, 100, 100);
  measure(&w, &s, INGEST_UNIT_VELOCITY, 3000, 20);
  assert_int_equal(w.count, 61);
  for (size_t i = 0; i < w.count; i++) {
    double length = i == 0 ? 0.5 : (double)i;
    assert_true(fabs((double)w.full[i].window_s - length) < 1e-6);
    assert_int_equal(w.until[i], 3000 + lround(length * 100) - 1);
    assert_true(i == 0 || w.full[i].pd_m >= w.full[i - 1].pd_m);
  }
  signal_free(&s);
}

static void a_pick_that_comes_late_changes_nothing(void **state)
{
  (void)state;
  static windows at_once, late;
  signal s = signal_noise(2, 60, 100);
  signal_add_wave(&s, 2, 40, 50);
  for (size_t i = 0; i < s.n; i++)
    s.values[i] += 500;
  measure(&at_once, &s, INGEST_UNIT_ACCELERATION, 4000, 1);
  measure(&late, &s, INGEST_UNIT_ACCELERATION, 4000, 80);
  assert_int_equal(at_once.count, late.count);
  for (size_t i = 1; i < at_once.count; i++)
    assert_memory_equal(&at_once.full[i], &late.full[i], sizeof late.full[i]);
  signal_free(&s);
}

/* The same record with an offset, and what the offset costs. */
static void an_offset_of_gravity_costs_nothing(void **state)
{
  (void)state;
  static windows plain, offset;
  for (int onset_s = 5; onset_s <= 65; onset_s += 30) {
    signal s = signal_noise(3, onset_s + 10, 100);
    for (size_t i = 0; i < s.n; i++)
      s.values[i] *= 1e-3f;
    signal_add_wave(&s, 3, onset_s, 0.1);
    measure(&plain, &s, INGEST_UNIT_ACCELERATION, onset_s * 100, 10);
    for (size_t i = 0; i < s.n; i++)
      s.values[i] += 9.81f;
    measure(&offset, &s, INGEST_UNIT_ACCELERATION, onset_s * 100, 10);
    for (size_t i = 0; i < plain.count; i++)
      assert_near((double)offset.full[i].pd_m, (double)plain.full[i].pd_m, 0.01);
    signal_free(&s);
  }
}

/* A baseline that creeps by 1 mm/s2 in an hour, and an hour of it. */
static void hours_of_drift_do_not_reach_the_displacement(void **state)
{
  (void)state;
  static windows w;
  signal s = signal_zero(1200, 100);
  for (size_t i = 0; i < s.n; i++)
    s.values[i] = (float)(1e-3 * (double)i / 360000);
  measure(&w, &s, INGEST_UNIT_ACCELERATION, 110000, 10);
  assert_true(w.count > 0 && (double)w.full[3].pd_m < 3e-5);
  signal_free(&s);
}

/* The smoothing of a second has seen a sine for long: then it is the sine's period. */
static void tau_p_of_a_sine_is_its_period(void **state)
{
  (void)state;
  static windows w;
  for (int unit = INGEST_UNIT_VELOCITY; unit <= INGEST_UNIT_ACCELERATION; unit++)
    for (double period = 0.5; period <= 1; period *= 2) {
      signal s = signal_zero(300, 100);
      signal_add_sine(&s, 0, 1, 1 / period);
      measure(&w, &s, (ingest_unit)unit, 20000, 10);
      assert_true(w.count > 5);
      for (size_t i = 4; i < w.count; i++)
        assert_near((double)w.full[i].tau_p_max_s, period, 0.2);
      signal_free(&s);
    }
}

static void a_slow_wave_has_the_longer_predominant_period(void **state)
{
  (void)state;
  static windows slow, fast;
  signal s = signal_noise(7, 60, 100), f = signal_noise(7, 60, 100);
  signal_add_sine(&s, 40, 100, 0.7);
  signal_add_sine(&f, 40, 100, 2.8);
  measure(&slow, &s, INGEST_UNIT_VELOCITY, 4000, 10);
  measure(&fast, &f, INGEST_UNIT_VELOCITY, 4000, 10);
  assert_true(slow.full[3].tau_p_max_s > 2 * fast.full[3].tau_p_max_s && fast.full[3].tau_p_max_s > 0);
  signal_free(&s);
  signal_free(&f);
}

static void cav_of_a_sine_is_its_mean_times_the_window(void **state)
{
  (void)state;
  static windows w;
  signal s = signal_zero(300, 100);
  signal_add_sine(&s, 0, 3, 2);
  measure(&w, &s, INGEST_UNIT_ACCELERATION, 20000, 10);
  for (size_t i = 1; i < w.count; i++)
    assert_near((double)w.full[i].cav_m_s, 3 * 2 / PI * (double)w.full[i].window_s, 0.02);
  measure(&w, &s, INGEST_UNIT_VELOCITY, 20000, 10);
  for (size_t i = 1; i < w.count; i++)
    assert_near((double)w.full[i].cav_m_s, 3 * 2 * PI * 2 * 2 / PI * (double)w.full[i].window_s, 0.02);
  signal_free(&s);
}

static void a_sine_is_strongest_in_its_own_band(void **state)
{
  (void)state;
  static windows w;
  static const double rates[] = {20, 100, 500}, centres_hz[PICKER_BANDS] = {0.2, 0.75, 3, 7.5};
  for (size_t r = 0; r < sizeof rates / sizeof rates[0]; r++)
    for (int band = 0; band < PICKER_BANDS; band++) {
      signal s = signal_zero(60, rates[r]);
      signal_add_sine(&s, 0, 1, centres_hz[band]);
      measure(&w, &s, INGEST_UNIT_VELOCITY, (int64_t)(40 * rates[r]), 5);
      for (int other = 0; other < PICKER_BANDS; other++)
        if (other != band && w.full[7].band_m_s[other] >= w.full[7].band_m_s[band])
          fail_msg("%g samples/s: band %d of a sine in band %d", rates[r], other, band);
      assert_true(w.full[7].band_m_s[band] > 0.3f && w.full[7].band_m_s[band] < 1.3f);
      signal_free(&s);
    }
}

static void an_accelerometer_and_a_velocity_sensor_agree(void **state)
{
  (void)state;
  static windows of_velocity, of_acceleration;
  signal v = signal_zero(100, 200), a = signal_zero(100, 200);
  signal_add_wave(&v, 8, 70, 0.01);
  for (size_t i = 1; i < a.n; i++)
    a.values[i] = (v.values[i] - v.values[i - 1]) * 200;
  measure(&of_velocity, &v, INGEST_UNIT_VELOCITY, 14000, 20);
  measure(&of_acceleration, &a, INGEST_UNIT_ACCELERATION, 14000, 20);
  for (size_t i = 1; i < of_velocity.count && i < 6; i++) {
    const picker_p_wave *x = &of_velocity.full[i], *y = &of_acceleration.full[i];
    assert_near((double)y->pd_m, (double)x->pd_m, 0.02);
    assert_near((double)y->pv_m_s, (double)x->pv_m_s, 0.02);
    assert_near((double)y->pa_m_s2, (double)x->pa_m_s2, 0.05);
    assert_near((double)y->cav_m_s, (double)x->cav_m_s, 0.05);
    assert_near((double)y->tau_p_max_s, (double)x->tau_p_max_s, 0.02);
    for (int band = 1; band < PICKER_BANDS; band++)
      assert_near((double)y->band_m_s[band], (double)x->band_m_s[band], 0.03);
  }
  signal_free(&v);
  signal_free(&a);
}

static void peaks_are_the_same_at_every_rate(void **state)
{
  (void)state;
  static windows w;
  static const double rates[] = {20, 31.25, 50, 100, 200, 500};
  const double circular = 2 * PI;
  for (size_t r = 0; r < sizeof rates / sizeof rates[0]; r++) {
    signal s = signal_zero(220, rates[r]);
    signal_add_sine(&s, 0, 1, 1);
    for (int unit = INGEST_UNIT_VELOCITY; unit <= INGEST_UNIT_ACCELERATION; unit++) {
      measure(&w, &s, (ingest_unit)unit, (int64_t)(200 * rates[r]), 5);
      assert_true(w.count > 4);
      for (size_t i = 2; i < w.count; i++)
        assert_near((double)w.full[i].pd_m, unit == INGEST_UNIT_VELOCITY ? 1 / circular : 1 / circular / circular, 0.05);
    }
    signal_free(&s);
  }
}

static void a_hole_ends_the_windows(void **state)
{
  (void)state;
  static windows w;
  signal s = signal_noise(5, 60, 100);
  s.values[4250] = NAN;
  measure(&w, &s, INGEST_UNIT_VELOCITY, 4000, 10);
  assert_int_equal(w.count, 3);
  signal_free(&s);
}

/* Displacement by plain double sums and the filter written out, as the papers do it. */
static double plain_pd(const signal *s, double mean, size_t onset, size_t n)
{
  filters_section f = filters_highpass(s->rate, 0.075);
  double velocity = 0, displacement = 0, w1 = 0, w2 = 0, most = 0;
  for (size_t i = 0; i < onset + n; i++) {
    velocity += (s->values[i] - mean) / s->rate;
    displacement += velocity / s->rate;
    double w = displacement - f.a1 * w1 - f.a2 * w2, u = f.b0 * w + f.b1 * w1 + f.b2 * w2;
    w2 = w1;
    w1 = w;
    if (i >= onset)
      most = fmax(most, fabs(u));
  }
  return most;
}

static void it_equals_two_running_sums_and_one_filter(void **state)
{
  (void)state;
  static windows w;
  signal s = signal_noise(6, 60, 100);
  signal_add_wave(&s, 6, 45, 20);
  measure(&w, &s, INGEST_UNIT_ACCELERATION, 4500, 10);
  double mean = 0;
  for (size_t i = 1500; i < 4500; i++)
    mean += s.values[i] / 3000.0;
  for (size_t i = 1; i < w.count; i++)
    assert_near((double)w.full[i].pd_m, plain_pd(&s, mean, 4500, (size_t)lround((double)w.full[i].window_s * 100)), 1e-4);
  signal_free(&s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tau_c_of_a_sine_is_its_period),
      cmocka_unit_test(peaks_of_a_sine_are_its_amplitudes),
      cmocka_unit_test(above_half_a_hertz_no_swell_hides_a_wave),
      cmocka_unit_test(windows_are_full_at_their_lengths_and_no_sooner),
      cmocka_unit_test(a_pick_that_comes_late_changes_nothing),
      cmocka_unit_test(an_offset_of_gravity_costs_nothing),
      cmocka_unit_test(hours_of_drift_do_not_reach_the_displacement),
      cmocka_unit_test(tau_p_of_a_sine_is_its_period),
      cmocka_unit_test(a_slow_wave_has_the_longer_predominant_period),
      cmocka_unit_test(cav_of_a_sine_is_its_mean_times_the_window),
      cmocka_unit_test(a_sine_is_strongest_in_its_own_band),
      cmocka_unit_test(an_accelerometer_and_a_velocity_sensor_agree),
      cmocka_unit_test(peaks_are_the_same_at_every_rate),
      cmocka_unit_test(a_hole_ends_the_windows),
      cmocka_unit_test(it_equals_two_running_sums_and_one_filter),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
