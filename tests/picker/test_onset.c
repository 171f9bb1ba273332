#include <math.h>

#include "data.h"
#include "onset.h"
#include "random.h"

/* Noise whose deviation changes from 1 to `ratio` at sample `change`. */
static void two_noises(float *x, size_t n, size_t change, double ratio, uint64_t seed)
{
  random_source r = {seed};
  for (size_t i = 0; i < n; i++)
    x[i] = (float)(random_normal(&r) * (i < change ? 1 : ratio));
}

static void the_change_of_variance_is_found(void **state)
{
  (void)state;
  float x[400];
  int near = 0;
  for (uint64_t seed = 1; seed <= 50; seed++) {
    size_t change = 60 + seed * 5;
    two_noises(x, 400, change, 10, seed);
    onset_estimate e = onset_find(x, 400, 5);
    near += fabs((double)e.index - (double)change) <= 2;
  }
  assert_in_range(near, 42, 50);
}

static void uncertainty_grows_as_the_contrast_falls(void **state)
{
  (void)state;
  float x[400];
  two_noises(x, 400, 200, 30, 3);
  onset_estimate clear = onset_find(x, 400, 5);
  two_noises(x, 400, 200, 1.7, 3);
  onset_estimate faint = onset_find(x, 400, 5);
  assert_true(clear.uncertainty < faint.uncertainty);
  assert_true(clear.contrast > 10 * faint.contrast);
}

/* A sine of `hz` at 100 samples/s that grows to 30 times its noise within `rise_s`; the onset is where it begins. */
static onset_estimate grown_wave(float *x, size_t n, double hz, double rise_s)
{
  const size_t onset = 200;
  random_source r = {7};
  for (size_t i = 0; i < n; i++) {
    double t = i < onset ? 0 : (double)(i - onset + 1) / 100;
    x[i] = (float)(random_normal(&r) + 30 * fmin(t / rise_s, 1) * sin(2 * 3.14159265 * hz * t));
  }
  return (onset_estimate){.index = onset, .uncertainty = 1};
}

static void the_sharper_a_wave_begins_the_surer_its_onset(void **state)
{
  (void)state;
  float x[400];
  onset_estimate o = grown_wave(x, 400, 5, 0.02);
  float sharp_p = onset_p_uncertainty_s(x, 400, &o, 100), sharp_s = onset_s_uncertainty_s(x, 400, &o, 100);
  o = grown_wave(x, 400, 5, 0.5);
  assert_true(sharp_p < 0.03f && sharp_s < 0.04f);
  assert_true(onset_p_uncertainty_s(x, 400, &o, 100) > 2 * sharp_p);
  assert_true(onset_s_uncertainty_s(x, 400, &o, 100) > 2 * sharp_s);
}

static void a_slow_s_is_less_sure_than_a_quick_one(void **state)
{
  (void)state;
  float x[400];
  onset_estimate o = grown_wave(x, 400, 8, 0.3);
  float quick = onset_s_uncertainty_s(x, 400, &o, 100);
  o = grown_wave(x, 400, 1.5, 0.3);
  assert_true(onset_s_uncertainty_s(x, 400, &o, 100) > 2 * quick);
}

static void what_akaikes_criterion_leaves_open_is_uncertain(void **state)
{
  (void)state;
  float x[400];
  onset_estimate o = grown_wave(x, 400, 5, 0.02);
  o.uncertainty = 20;
  assert_true(onset_p_uncertainty_s(x, 400, &o, 100) > 0.2f && onset_s_uncertainty_s(x, 400, &o, 100) > 0.2f);
}

static void uncertainty_of_silence_stays_finite(void **state)
{
  (void)state;
  float x[100] = {0};
  for (size_t onset = 0; onset < 100; onset += 33) {
    onset_estimate o = {.index = onset};
    assert_true(isfinite(onset_p_uncertainty_s(x, 100, &o, 100)) && isfinite(onset_s_uncertainty_s(x, 100, &o, 100)));
  }
}

static void one_noise_has_hardly_any_contrast(void **state)
{
  (void)state;
  float x[400];
  two_noises(x, 400, 200, 1, 4);
  assert_true(onset_find(x, 400, 5).contrast < 0.05f);
}

static void silence_stays_finite(void **state)
{
  (void)state;
  float x[100] = {0};
  onset_estimate e = onset_find(x, 100, 5);
  assert_true(isfinite(e.contrast) && isfinite(e.uncertainty));
  x[60] = 1;
  e = onset_find(x, 100, 5);
  assert_int_equal(e.index, 60);
  assert_true(isfinite(e.contrast) && isfinite(e.uncertainty));
}

static void polarity_needs_a_swing_clear_of_the_noise(void **state)
{
  (void)state;
  float up[] = {1, -1, 1, -1, 1, -1, 2, 9, 20}, down[] = {1, -1, 1, -1, 1, -1, -2, -9, -20}, faint[] = {1, -1, 1, -1, 1, -1, 2, -2, 2};
  assert_int_equal(onset_polarity(up, 9, 6), 1);
  assert_int_equal(onset_polarity(down, 9, 6), -1);
  assert_int_equal(onset_polarity(faint, 9, 6), 0);
}

static void a_swing_back_before_the_clear_one_leaves_polarity_open(void **state)
{
  (void)state;
  float x[] = {1, -1, 1, -1, 1, -1, 1, 2, -9, -20};
  assert_int_equal(onset_polarity(x, 10, 6), 0);
}

/* However slowly it goes through zero. */
static void a_lesser_first_swing_is_not_passed_over(void **state)
{
  (void)state;
  float x[] = {1, -1, 1, -1, 1, -1, 1, 2, 3, 2, 0.5f, -0.5f, -4, -9, -20};
  assert_int_equal(onset_polarity(x, 15, 6), 0);
  x[12] = x[13] = 0.5f;
  assert_int_equal(onset_polarity(x, 14, 6), 0);
}

static void snr_is_the_peak_over_the_noises_root_mean_square(void **state)
{
  (void)state;
  float x[] = {2, -2, 2, -2, 5, -10, 100};
  assert_true(fabs((double)onset_snr(x, 7, 4, 2) - 5) < 1e-6);
  assert_true(onset_snr(x, 4, 4, 2) == 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_change_of_variance_is_found),
      cmocka_unit_test(uncertainty_grows_as_the_contrast_falls),
      cmocka_unit_test(the_sharper_a_wave_begins_the_surer_its_onset),
      cmocka_unit_test(a_slow_s_is_less_sure_than_a_quick_one),
      cmocka_unit_test(what_akaikes_criterion_leaves_open_is_uncertain),
      cmocka_unit_test(uncertainty_of_silence_stays_finite),
      cmocka_unit_test(one_noise_has_hardly_any_contrast),
      cmocka_unit_test(silence_stays_finite),
      cmocka_unit_test(polarity_needs_a_swing_clear_of_the_noise),
      cmocka_unit_test(a_swing_back_before_the_clear_one_leaves_polarity_open),
      cmocka_unit_test(a_lesser_first_swing_is_not_passed_over),
      cmocka_unit_test(snr_is_the_peak_over_the_noises_root_mean_square),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
