#include <math.h>
#include <string.h>

#include "made.h"

typedef struct {
  double period_s, db;
} level;

/* Peterson (1993), tables 3 and 4: the models' levels at their corners. */
static const level low[] = {{0.10, -168.0}, {0.17, -166.7}, {0.40, -166.7}, {0.80, -169.2}, {1.24, -163.7}, {2.40, -148.6}, {4.30, -141.1},
                            {5.00, -141.1}, {6.00, -149.0}, {10.0, -163.8}, {12.0, -166.2}, {15.6, -162.1}, {21.9, -177.5}, {31.6, -185.0},
                            {45.0, -187.5}, {70.0, -187.5}, {101, -185.0},  {154, -185.0},  {328, -187.5},  {600, -184.4},  {10000, -151.9}};
static const level high[] = {{0.10, -91.5}, {0.22, -97.4},  {0.32, -110.5}, {0.80, -120.0}, {3.80, -98.0},  {4.60, -96.5},
                             {6.30, -101},  {7.90, -113.5}, {15.4, -120.0}, {20.0, -138.5}, {354.8, -126.0}};

static void both_models_have_their_published_levels(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof low / sizeof *low; i++)
    assert_true(fabs(ingest_noise_low(low[i].period_s) - low[i].db) < 0.1);
  for (size_t i = 0; i < sizeof high / sizeof *high; i++)
    assert_true(fabs(ingest_noise_high(high[i].period_s) - high[i].db) < 0.1);
  assert_true(fabs(ingest_noise_low(100000) - -103.1) < 0.1);
  assert_true(fabs(ingest_noise_high(100000) - -48.5) < 0.1);
}

static void both_models_are_continuous_and_apart(void **state)
{
  (void)state;
  for (double period = 0.1; period < 99000; period *= 1.001) {
    assert_true(fabs(ingest_noise_low(period * 1.001) - ingest_noise_low(period)) < 0.3);
    assert_true(fabs(ingest_noise_high(period * 1.001) - ingest_noise_high(period)) < 0.3);
    assert_true(ingest_noise_high(period) > ingest_noise_low(period) + 20);
  }
}

static void outside_their_periods_they_say_nothing(void **state)
{
  (void)state;
  static const double outside[] = {0, -1, 0.09, 100001, (double)NAN};
  for (int i = 0; i < 5; i++) {
    assert_true(isnan(ingest_noise_low(outside[i])));
    assert_true(isnan(ingest_noise_high(outside[i])));
  }
}

/* A spectrum so many dB above the low model, over the periods of 0.04 s and more. */
static ingest_spectrum above_low(double db)
{
  ingest_spectrum spectrum;
  for (size_t band = 0; band < INGEST_SPECTRUM_BANDS; band++) {
    double period = ingest_spectrum_period(band);
    spectrum.db[band] = period < 0.04 ? NAN : (float)(ingest_noise_low(fmax(period, 0.1)) + db);
  }
  return spectrum;
}

static void verdicts_follow_the_models(void **state)
{
  (void)state;
  static const struct {
    double db;
    ingest_noise_verdict verdict;
  } cases[] = {
      {10, INGEST_NOISE_NORMAL}, {-3, INGEST_NOISE_DEAF}, {-40, INGEST_NOISE_MISGAINED}, {70, INGEST_NOISE_NOISY}, {140, INGEST_NOISE_MISGAINED}};
  for (int i = 0; i < 5; i++) {
    ingest_spectrum spectrum = above_low(cases[i].db);
    assert_int_equal(ingest_noise_compare(&spectrum).verdict, cases[i].verdict);
  }
}

static void shares_count_the_periods_beyond_a_model(void **state)
{
  (void)state;
  ingest_spectrum spectrum = above_low(10);
  for (size_t band = 0; ingest_spectrum_period(band) < 0.42; band++)
    spectrum.db[band] = -60;
  ingest_noise noise = ingest_noise_compare(&spectrum);
  assert_true(noise.above_high > 0.2F && noise.above_high < 0.4F);
  assert_true(noise.below_low == 0);
}

static void a_spectrum_of_nothing_has_no_verdict(void **state)
{
  (void)state;
  ingest_spectrum spectrum;
  for (size_t band = 0; band < INGEST_SPECTRUM_BANDS; band++)
    spectrum.db[band] = NAN;
  ingest_noise noise = ingest_noise_compare(&spectrum);
  assert_int_equal(noise.verdict, INGEST_NOISE_UNKNOWN);
  assert_true(isnan(noise.above_high));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(both_models_have_their_published_levels), cmocka_unit_test(both_models_are_continuous_and_apart),
      cmocka_unit_test(outside_their_periods_they_say_nothing),  cmocka_unit_test(verdicts_follow_the_models),
      cmocka_unit_test(shares_count_the_periods_beyond_a_model), cmocka_unit_test(a_spectrum_of_nothing_has_no_verdict),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
