/* Stations that are broken, or stand out, among others. */
#include "near.h"
#include "observations.h"
#include "random.h"

static void one_station_of_wrong_gain_changes_little(void **state)
{
  (void)state;
  enum { FEW = 5 };
  random_source r = {.state = 7};
  magnitude_observation o[FEW];
  for (int i = 0; i < FEW; i++)
    o[i] = p_wave(6.2 + 0.2 * random_normal(&r), 20 + 6 * i, 5);
  double before = magnitude_of(o, FEW).magnitude;
  for (int i = 0; i < FEW; i++)
    for (double gain = 0.1; gain < 20; gain *= 100) {
      magnitude_observation kept = o[i];
      o[i].pd_m *= (float)gain;
      if (fabs((double)magnitude_of(o, FEW).magnitude - before) > 0.2)
        fail_msg("seed 7, station %d, gain %g: %g, without the fault %g", i, gain, (double)magnitude_of(o, FEW).magnitude, before);
      o[i] = kept;
    }
}

static double usual_tau_c(double magnitude)
{
  return pow(10, 0.296 * magnitude - 1.462);
}

static void a_swelling_ground_is_no_p_wave(void **state)
{
  (void)state;
  magnitude_observation o[6];
  for (int i = 0; i < 6; i++) {
    o[i] = p_wave(i < 4 ? 5.0 : 6.8, 30 + 10 * i, 4);
    o[i].tau_c_s = (float)(i < 4 ? usual_tau_c(5.0) : 12);
  }
  assert_near(magnitude_of(o, 6).magnitude, magnitude_of(o, 4).magnitude, 1e-6);
  assert_int_equal(magnitude_of(o, 6).stations, 4);
}

static void a_great_event_may_be_slow(void **state)
{
  (void)state;
  magnitude_observation o[4];
  for (int i = 0; i < 4; i++) {
    o[i] = p_wave(7.8, 60 + 10 * i, 10);
    o[i].tau_c_s = (float)(2.5 * usual_tau_c(7.8));
  }
  assert_true(magnitude_of(o, 4).magnitude > 7.6f);
}

static void too_strong_for_its_period_is_no_measurement_nor_a_bound(void **state)
{
  (void)state;
  magnitude_observation o[4];
  for (int i = 0; i < 4; i++) {
    o[i] = p_wave(6.0, 30 + 10 * i, 4);
    o[i].tau_c_s = (float)usual_tau_c(6.0);
  }
  double alone = magnitude_of(o + 1, 3).magnitude;
  o[0] = p_wave(8.4, 30, 4);
  o[0].tau_c_s = (float)(usual_tau_c(8.4) / 7);
  o[0].jma_pgd_m = (float)pgd_of(7.8, 30);
  assert_near(magnitude_of(o, 4).magnitude, alone, 1e-6);
}

/* A level of 6 at all stations; the first has heard longer, and its event has grown. */
static void growing(magnitude_observation *o, int count, double first_s)
{
  const double grown = 0.5;
  for (int i = 0; i < count; i++) {
    o[i] = p_wave(6.0, 40 + 5 * i, 1);
    o[i].early_pd_m[0] = o[i].early_pd_m[1] = o[i].pd_m;
  }
  o[0] = p_wave(6.0 + grown, 40, first_s);
  o[0].early_pd_m[0] = o[0].early_pd_m[1] = (float)pd_of(6.0, 40);
}

static void the_longest_window_counts_from_the_level_of_all(void **state)
{
  (void)state;
  magnitude_observation o[6];
  growing(o, 6, 3);
  double sound = magnitude_of(o, 6).magnitude;
  o[0].pd_m *= 10;
  for (int w = 0; w < 2; w++)
    o[0].early_pd_m[w] *= 10;
  assert_near(magnitude_of(o, 6).magnitude, sound, 0.2);
  assert_true(sound > 6.15);
}

static void a_sensor_that_leaps_alone_counts_up_to_there(void **state)
{
  (void)state;
  magnitude_observation o[6];
  growing(o, 6, 4);
  double sound = magnitude_of(o, 6).magnitude;
  o[0].pd_m *= 300;
  o[0].early_pd_m[1] *= 30;
  assert_true((double)magnitude_of(o, 6).magnitude < sound + 0.05);
  for (int i = 1; i < 6; i++) {
    o[i].pd_m *= 30;
    o[i].early_pd_m[1] *= 30;
  }
  assert_true(magnitude_of(o, 6).magnitude > 7.5f);
}

static double of_gain(double gain, double noise_gain)
{
  enum { FEW = 4 };
  magnitude_observation o[FEW];
  growing(o, FEW, 3);
  o[0].pd_m *= (float)gain;
  for (int w = 0; w < 2; w++)
    o[0].early_pd_m[w] *= (float)gain;
  o[0].noise_pd_m *= (float)noise_gain;
  return magnitude_of(o, FEW).magnitude;
}

static void a_gain_too_high_shows_in_the_noise(void **state)
{
  (void)state;
  double sound = of_gain(1, 1);
  assert_near(of_gain(10, 10), sound, 0.1);
  assert_true(fabs(of_gain(4, 4) - sound) < fabs(of_gain(4, 1) - sound));
  assert_near(of_gain(1, 10), sound, 0.05);
}

static void a_quiet_sensor_is_a_good_one(void **state)
{
  (void)state;
  assert_near(of_gain(0.3, 0.01), of_gain(0.3, 1), 1e-6);
}

static double alone_with(double half, double one, double two)
{
  magnitude_observation o = p_wave(two, 40, 2);
  const double early[] = {half, one, two};
  for (int w = 0; w < 3; w++)
    o.early_pd_m[w] = (float)pd_of(early[w], 40);
  return magnitude_of(&o, 1).magnitude;
}

static void no_source_leaps_so_high_so_soon(void **state)
{
  (void)state;
  assert_true(alone_with(5.8, 6.7, 8.0) < 5.9);
  assert_true(alone_with(5.8, 6.3, 7.6) < 6.4);
  assert_true(alone_with(5.8, 6.3, 7.0) > 6.9);
}

static void what_was_cut_is_not_integrated(void **state)
{
  (void)state;
  magnitude_observation o = {.epicentral_km = 30};
  magnitude_take_window(&o, &(magnitude_window){0.5f, 1e-3f, 1e-6f, 1, .clipped = false});
  magnitude_take_window(&o, &(magnitude_window){1, 9e-3f, 1e-6f, 1, .clipped = true});
  assert_true(o.clipped && o.window_s == 0.5f && o.pd_m == 1e-3f && o.early_pd_m[1] == 0);
  magnitude_observation at_once = {.epicentral_km = 30};
  magnitude_take_window(&at_once, &(magnitude_window){0.5f, 9e-3f, 1e-6f, 1, .clipped = true});
  assert_true(at_once.clipped && at_once.pd_m == 9e-3f);
}

static double heard_longest(double magnitude, double others)
{
  magnitude_observation o[4];
  for (int i = 0; i < 4; i++)
    o[i] = whole_record(6.8, i == 0 ? magnitude : others, 36 + 4 * i, i == 0 ? 20 : 9);
  return magnitude_of(o, 4).magnitude;
}

static void a_record_alone_above_all_others_lies_beside_the_fault(void **state)
{
  (void)state;
  assert_true(heard_longest(7.9, 7.0) < 7.35);
  assert_near(heard_longest(7.9, 7.0), heard_longest(7.3, 7.0), 0.01);
  assert_true(heard_longest(7.9, 7.8) > 7.75);
}

static void two_that_contradict_each_other_are_believed_less(void **state)
{
  (void)state;
  magnitude_observation o[2] = {p_wave(5.8, 40, 4), p_wave(5.8, 50, 4)};
  float agreed = magnitude_of(o, 2).down;
  o[1] = p_wave(7.0, 50, 4);
  assert_true(magnitude_of(o, 2).down > 1.5f * agreed);
}

static void a_place_that_is_not_known_says_little_at_short_distance(void **state)
{
  (void)state;
  magnitude_observation o[4] = {p_wave(5.4, 5, 4), p_wave(6.4, 60, 4), p_wave(6.4, 70, 4), p_wave(6.4, 80, 4)};
  magnitude_estimate sure = magnitude_of(o, 4);
  for (int i = 0; i < 4; i++)
    o[i].place_sigma_km = 30;
  magnitude_estimate unsure = magnitude_of(o, 4);
  assert_true(unsure.magnitude > sure.magnitude + 0.05f && unsure.down > sure.down);
  o[0].place_sigma_km = NAN;
  assert_true(isfinite(magnitude_of(o, 4).magnitude));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_station_of_wrong_gain_changes_little),
      cmocka_unit_test(a_swelling_ground_is_no_p_wave),
      cmocka_unit_test(a_great_event_may_be_slow),
      cmocka_unit_test(too_strong_for_its_period_is_no_measurement_nor_a_bound),
      cmocka_unit_test(the_longest_window_counts_from_the_level_of_all),
      cmocka_unit_test(a_sensor_that_leaps_alone_counts_up_to_there),
      cmocka_unit_test(a_gain_too_high_shows_in_the_noise),
      cmocka_unit_test(a_quiet_sensor_is_a_good_one),
      cmocka_unit_test(no_source_leaps_so_high_so_soon),
      cmocka_unit_test(what_was_cut_is_not_integrated),
      cmocka_unit_test(a_record_alone_above_all_others_lies_beside_the_fault),
      cmocka_unit_test(two_that_contradict_each_other_are_believed_less),
      cmocka_unit_test(a_place_that_is_not_known_says_little_at_short_distance),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
