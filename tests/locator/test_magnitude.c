#include <stdlib.h>
#include <string.h>

#include "near.h"
#include "observations.h"
#include "random.h"

enum { MANY = 12 };

/* ---- relations ---- */

static void relations_give_their_printed_values(void **state)
{
  (void)state;
  assert_near(magnitude_from_pd(0.001, 30), 6.20, 0.005);
  assert_near(magnitude_from_pd(0.001, 3), magnitude_from_pd(0.001, 10), 0);
  assert_near(magnitude_local(1, 100), 3.00, 0.005);
  assert_near(magnitude_local(10, 17), 2.99, 0.005);
  assert_near(magnitude_local(1, 300), 3.908, 0.0005);
  assert_near(0.87 * magnitude_from_displacement(0.01, 50, 10), log10(1000) + log10(50) + 0.0019 * 50 - 0.05 + 0.98, 1e-9);
}

/* ---- the network value ---- */

static void agreeing_stations_give_their_magnitude(void **state)
{
  (void)state;
  magnitude_observation o[MANY];
  for (int i = 0; i < MANY; i++)
    o[i] = p_wave(6.3, 20 + 5 * i, 5);
  magnitude_estimate e = magnitude_of(o, MANY);
  assert_near(e.magnitude, 6.3, 0.01);
  assert_int_equal(e.type, LOCATOR_MPD);
  assert_int_equal(e.stations, MANY);
}

static void without_anything_to_go_by_there_is_no_magnitude(void **state)
{
  (void)state;
  magnitude_observation nothing = p_wave(6, 30, 3), broken = nothing, early = nothing;
  nothing.pd_m = 0;
  broken.pd_m = NAN;
  broken.jma_pgd_m = INFINITY;
  early.window_s = 0;
  const magnitude_observation all[] = {nothing, broken, early};
  magnitude_estimate e = magnitude_of(all, 3);
  assert_true(isnan(e.magnitude) && isnan(e.uncertainty));
  assert_int_equal(e.type, LOCATOR_NO_MAGNITUDE);
  assert_int_equal(e.stations, 0);
  assert_true(isnan(magnitude_of(NULL, 0).magnitude));
}

static void broken_numbers_never_reach_the_estimate(void **state)
{
  (void)state;
  magnitude_observation o[4] = {p_wave(6, 30, 4), p_wave(6, 40, 4), p_wave(6, 50, 4), p_wave(6, 0, 4)};
  o[1].epicentral_km = NAN;
  o[2].since_p_s = INFINITY;
  magnitude_estimate e = magnitude_of(o, 4);
  assert_near(e.magnitude, 6, 0.01);
  assert_int_equal(e.stations, 2);
}

static magnitude_observation draw(random_source *r)
{
  double km = random_uniform(r, 1, 200), p = random_uniform(r, 4, 7.5);
  magnitude_observation o = whole_record(p, p + random_uniform(r, -0.5, 0.5), km, random_uniform(r, -5, 20));
  o.window_s = (float)random_uniform(r, 0.5, 10);
  o.noise_pd_m = (float)(o.pd_m * pow(10, random_uniform(r, -4, 0)));
  o.wood_anderson_mm = (float)wood_anderson_of(p, km);
  o.clipped = random_below(r, 8) == 0;
  return o;
}

static void order_of_stations_does_not_matter(void **state)
{
  (void)state;
  random_source r = {.state = 5};
  for (int round = 0; round < 300; round++) {
    magnitude_observation o[MANY];
    for (int i = 0; i < MANY; i++)
      o[i] = draw(&r);
    magnitude_estimate before = magnitude_of(o, MANY);
    for (int i = MANY - 1; i > 0; i--) {
      int64_t j = random_below(&r, i + 1);
      magnitude_observation swapped = o[i];
      o[i] = o[j];
      o[j] = swapped;
    }
    magnitude_estimate after = magnitude_of(o, MANY);
    bool same = memcmp(&before.magnitude, &after.magnitude, sizeof before.magnitude) == 0 && memcmp(&before.up, &after.up, sizeof before.up) == 0 &&
                memcmp(&before.down, &after.down, sizeof before.down) == 0 && before.stations == after.stations;
    if (!same)
      fail_msg("seed 5, round %d: %.9g and %.9g", round, (double)before.magnitude, (double)after.magnitude);
  }
}

static void any_input_gives_a_sane_estimate(void **state)
{
  (void)state;
  random_source r = {.state = 6};
  for (int round = 0; round < 2000; round++) {
    magnitude_observation o[MANY];
    int count = (int)random_below(&r, MANY + 1);
    for (int i = 0; i < count; i++)
      o[i] = draw(&r);
    magnitude_estimate e = magnitude_of(o, (size_t)count);
    bool sane = e.magnitude > 2 && e.magnitude < 9 && e.uncertainty >= 0.2f && e.uncertainty < 3 && e.stations >= 1 && e.stations <= count;
    if (!sane && !(isnan(e.magnitude) && e.stations == 0))
      fail_msg("seed 6, round %d: M %g +- %g of %d", round, (double)e.magnitude, (double)e.uncertainty, e.stations);
  }
}

/* ---- noise, clipping, faults ---- */

static void noise_alone_supports_no_magnitude(void **state)
{
  (void)state;
  magnitude_observation o[4];
  for (int i = 0; i < 4; i++) {
    o[i] = p_wave(6.5, 100 + 50 * i, 4);
    o[i].noise_pd_m = o[i].pd_m / 2;
    o[i].jma_pgd_m = o[i].pd_m;
    o[i].since_p_s = 60;
  }
  assert_true(isnan(magnitude_of(o, 4).magnitude));
}

/* Pd hidden by slow noise, above 0.5 Hz `times` its noise there. */
static magnitude_observation slowly_shaken(double magnitude, double km, double times)
{
  magnitude_observation o = p_wave(magnitude, km, 4);
  o.brief_pd_m = (float)pd_of(magnitude - 0.25, km);
  o.brief_noise_m = o.brief_pd_m / (float)times;
  o.pd_m = o.noise_pd_m = 1e-3f;
  return o;
}

static void what_is_quicker_than_the_noise_measures_a_small_event(void **state)
{
  (void)state;
  magnitude_observation o[4];
  for (int i = 0; i < 4; i++)
    o[i] = slowly_shaken(4.0, 30 + 10 * i, 20);
  magnitude_estimate e = magnitude_of(o, 4);
  assert_true(fabs((double)e.magnitude - 4.0) < 0.15 && e.type == LOCATOR_MPD && e.stations == 4);
}

static void hidden_there_too_it_bounds_more_closely(void **state)
{
  (void)state;
  magnitude_observation o[4];
  for (int i = 0; i < 4; i++)
    o[i] = slowly_shaken(4.0, 30 + 10 * i, 1.5);
  assert_int_equal(magnitude_of(o, 4).lack, LOCATOR_HIDDEN);
  o[0] = p_wave(5.2, 30, 4);
  double closely = magnitude_of(o, 4).magnitude;
  for (int i = 1; i < 4; i++)
    o[i].brief_pd_m = o[i].brief_noise_m = 0;
  assert_true(closely < (double)magnitude_of(o, 4).magnitude - 0.1);
}

static double most_of_hidden(double magnitude, int stations, double window_s)
{
  magnitude_observation o[8];
  for (int i = 0; i < stations; i++) {
    o[i] = p_wave(magnitude, 30 + 5 * i, window_s);
    o[i].noise_pd_m = o[i].pd_m;
  }
  magnitude_estimate e = magnitude_of(o, (size_t)stations);
  assert_int_equal(e.lack, LOCATOR_HIDDEN);
  return e.at_most;
}

static void of_a_hidden_event_it_is_said_what_would_have_shown(void **state)
{
  (void)state;
  double two = most_of_hidden(4.0, 2, 4), eight = most_of_hidden(4.0, 8, 4);
  assert_true(4.0 < eight && eight < two && two < 5.2);
  assert_true(isnan(most_of_hidden(7.0, 2, 0.5))); /* so may a giant begin */
  magnitude_observation seen[3] = {p_wave(5, 30, 4), p_wave(5, 40, 4), p_wave(5, 50, 4)};
  assert_true(isnan(magnitude_of(seen, 3).at_most));
}

static void a_great_event_is_only_bounded_by_what_is_quick(void **state)
{
  (void)state;
  magnitude_observation o[6];
  for (int i = 0; i < 6; i++)
    o[i] = i < 3 ? p_wave(7.6, 60 + 10 * i, 12) : slowly_shaken(7.0, 100 + 10 * i, 20);
  for (int i = 3; i < 6; i++)
    o[i].noise_pd_m = o[i].pd_m = 0.05f;
  assert_near(magnitude_of(o, 6).magnitude, magnitude_of(o, 3).magnitude, 0.05);
}

static void what_noise_hides_caps_but_never_lifts(void **state)
{
  (void)state;
  magnitude_observation o[6];
  for (int i = 0; i < 3; i++)
    o[i] = p_wave(5.8, 30 + 10 * i, 4);
  double alone = magnitude_of(o, 3).magnitude;
  for (int i = 3; i < 6; i++) {
    o[i] = p_wave(7.5, 200 + 10 * i, 4);
    o[i].noise_pd_m = o[i].pd_m;
  }
  assert_near(magnitude_of(o, 6).magnitude, alone, 1e-6);
  for (int i = 3; i < 6; i++) {
    o[i] = p_wave(5.0, 100, 4);
    o[i].noise_pd_m = o[i].pd_m;
  }
  assert_true(magnitude_of(o, 6).magnitude < alone - 0.1);
}

static void clipped_stations_lift_but_never_lower(void **state)
{
  (void)state;
  magnitude_observation o[6];
  for (int i = 0; i < 6; i++) {
    o[i] = p_wave(i < 3 ? 6.5 : 5.5, 30 + 10 * i, 5);
    o[i].clipped = i >= 3;
  }
  assert_near(magnitude_of(o, 6).magnitude, 6.5, 0.01);
  for (int i = 3; i < 6; i++)
    o[i].pd_m = (float)pd_of(7.3, o[i].epicentral_km);
  assert_true(magnitude_of(o, 6).magnitude > 6.7f);
}

static void clipped_whole_records_do_not_lower(void **state)
{
  (void)state;
  magnitude_observation o[6];
  for (int i = 0; i < 6; i++) {
    o[i] = whole_record(6.8, i < 3 ? 7.0 : 6.4, 30 + 5 * i, 40);
    o[i].clipped = i >= 3;
  }
  assert_near(magnitude_of(o, 6).magnitude, 7.0, 0.01);
}

/* ---- growth ---- */

static void short_windows_do_not_pull_down_long_ones(void **state)
{
  (void)state;
  magnitude_observation o[MANY];
  for (int i = 0; i < MANY; i++)
    o[i] = i < 3 ? p_wave(7.0, 90 + 5 * i, 10) : p_wave(5.5, 100 + 10 * i, 1);
  assert_true(magnitude_of(o, MANY).magnitude > 6.75f);
}

static void short_windows_of_a_small_event_count_in_full(void **state)
{
  (void)state;
  magnitude_observation o[6];
  for (int i = 0; i < 6; i++)
    o[i] = i < 2 ? p_wave(5.0, 40, 4) : p_wave(4.4, 60, 1);
  assert_true(magnitude_of(o, 6).magnitude < 4.75f);
}

static void uncertainty_shrinks_with_stations_and_with_data(void **state)
{
  (void)state;
  magnitude_observation o[MANY];
  float wider = INFINITY;
  for (size_t count = 1; count <= MANY; count++) {
    o[count - 1] = p_wave(5.5, 20 + 5 * (double)count, 8);
    float narrower = magnitude_of(o, count).uncertainty;
    assert_true(narrower < wider);
    wider = narrower;
  }
  magnitude_observation early = p_wave(7.0, 90, 2), late = p_wave(7.0, 90, 11);
  assert_true(magnitude_of(&early, 1).uncertainty > magnitude_of(&late, 1).uncertainty + 0.2f);
}

/* P stays at 6.6; whole records read 7.2 from S on. */
static void whole_records_take_over_without_a_jump(void **state)
{
  (void)state;
  float before = NAN;
  for (double t = 5; t < 60; t += 0.1) {
    magnitude_observation o[MANY];
    for (int i = 0; i < MANY; i++)
      o[i] = whole_record(6.6, 7.2, 20 + 8 * i, t - (20 + 8 * i) / 3.4);
    magnitude_estimate e = magnitude_of(o, MANY);
    if (fabsf(e.magnitude - before) > 0.12f)
      fail_msg("at %.1f s from %g to %g", t, (double)before, (double)e.magnitude);
    before = e.magnitude;
    if (t > 55)
      assert_int_equal(e.type, LOCATOR_MJMA_D);
  }
  assert_near(before, 7.2, 0.03);
}

static void whole_records_have_no_say_in_small_events(void **state)
{
  (void)state;
  magnitude_observation o[4];
  for (int i = 0; i < 4; i++)
    o[i] = whole_record(4.8, 5.3, 25 + 5 * i, 30);
  magnitude_estimate e = magnitude_of(o, 4);
  assert_int_equal(e.type, LOCATOR_MPD);
  assert_true(e.magnitude < 4.85f);
}

static void a_peak_that_is_still_of_p_is_no_whole_record(void **state)
{
  (void)state;
  magnitude_observation o[4];
  for (int i = 0; i < 4; i++) {
    o[i] = p_wave(7.0, 120 + 5 * i, 14);
    o[i].since_p_s = 40;
    o[i].jma_pgd_m = o[i].pd_m;
  }
  magnitude_estimate e = magnitude_of(o, 4);
  assert_int_equal(e.type, LOCATOR_MPD);
  assert_near(e.magnitude, 7.0, 0.01);
}

/* ---- ML ---- */

static magnitude_observation local(double p_magnitude, double ml, double km)
{
  magnitude_observation o = p_wave(p_magnitude, km, km / 8);
  o.since_p_s = 60;
  o.wood_anderson_mm = (float)wood_anderson_of(ml, km);
  return o;
}

static void local_magnitude_speaks_where_noise_hides_the_p_wave(void **state)
{
  (void)state;
  magnitude_observation o[6];
  for (int i = 0; i < 6; i++) {
    o[i] = local(3.5, 3.6, 30 + 10 * i);
    o[i].noise_pd_m = o[i].pd_m / 2;
  }
  magnitude_estimate e = magnitude_of(o, 6);
  assert_int_equal(e.type, LOCATOR_ML);
  assert_int_equal(e.stations, 6);
  assert_near(e.magnitude, 3.6, 0.01);
  for (int i = 0; i < 6; i++)
    o[i].noise_pd_m = o[i].wood_anderson_mm / 1000 / 2080;
  assert_true(isnan(magnitude_of(o, 6).magnitude));
}

static void local_magnitude_is_no_vote_against_p_waves_nor_for_near_or_great_events(void **state)
{
  (void)state;
  magnitude_observation measured[6], great[6], near[6];
  for (int i = 0; i < 6; i++) {
    measured[i] = local(6.5, 5.4, 30 + 10 * i);
    great[i] = local(3.5, 5.7, 30 + 10 * i);
    near[i] = local(3.5, 4.0, 2 + 2 * i);
    great[i].noise_pd_m = great[i].pd_m / 2;
    near[i].noise_pd_m = near[i].pd_m / 2;
  }
  assert_int_equal(magnitude_of(measured, 6).type, LOCATOR_MPD);
  assert_near(magnitude_of(measured, 6).magnitude, 6.5, 0.01);
  assert_true(isnan(magnitude_of(great, 6).magnitude));
  assert_true(isnan(magnitude_of(near, 6).magnitude));
}

/* The relation reads any wave's peak too small while S is still to come: what it says already is the least there can be. */
static void a_great_peak_before_s_is_a_lower_bound(void **state)
{
  (void)state;
  magnitude_observation early = p_wave(5.8, 60, 2), great = early, small = early;
  great.s_minus_p_s = small.s_minus_p_s = 8;
  great.jma_pgd_m = (float)(3 * pow(10, 0.87 * (7.2 + 0.2) - log10(60) - 0.0019 * 60 - 0.98) * 1e-5);
  small.jma_pgd_m = great.jma_pgd_m / 1000;
  double alone = (double)magnitude_of(&early, 1).magnitude;
  assert_true((double)magnitude_of(&great, 1).magnitude > alone + 0.3);
  assert_near(magnitude_of(&small, 1).magnitude, alone, 1e-6);
}

/* ---- periods ---- */

static void short_periods_guard_small_events_alone(void **state)
{
  (void)state;
  magnitude_observation o[8];
  for (int i = 0; i < 8; i++)
    o[i] = p_wave(4.9, 30 + 5 * i, 3);
  double without = magnitude_of(o, 8).magnitude;
  for (int i = 0; i < 8; i++)
    o[i].tau_c_s = 0.5f;
  assert_true(magnitude_of(o, 8).magnitude < without - 0.05);
  for (int i = 0; i < 8; i++)
    o[i].tau_c_s = 2;
  assert_near(magnitude_of(o, 8).magnitude, without, 1e-6);
  for (int i = 0; i < 8; i++) {
    o[i] = p_wave(6.2, 30 + 5 * i, 3);
    o[i].tau_c_s = 0.5f;
  }
  assert_near(magnitude_of(o, 8).magnitude, 6.2, 0.01);
  assert_near(magnitude_from_tau_c(0.5), 4.23, 0.01);
}

static void what_may_grow_is_said(void **state)
{
  (void)state;
  magnitude_observation o[6];
  for (int i = 0; i < 6; i++)
    o[i] = p_wave(7.0, 30 + 5 * i, 3);
  assert_true(magnitude_of(o, 6).may_grow);
  for (int i = 0; i < 6; i++)
    o[i] = p_wave(7.0, 90 + 5 * i, 10);
  assert_false(magnitude_of(o, 6).may_grow);
  assert_false(magnitude_of(NULL, 0).may_grow);
}

/* ---- what is learned of a site ---- */

static void a_term_is_learned_slowly_and_kept_small(void **state)
{
  (void)state;
  magnitude_term t = {0};
  assert_true(magnitude_term_value(&t) == 0);
  magnitude_term_learn(&t, 0.6);
  assert_near(magnitude_term_value(&t), 0.6 / 2.56, 0.01);
  for (int i = 0; i < 40; i++)
    magnitude_term_learn(&t, 0.6);
  assert_near(magnitude_term_value(&t), 0.6, 0.03);
  magnitude_term_learn(&t, NAN);
  assert_int_equal(t.events, 41);
  magnitude_term broken = {0};
  for (int i = 0; i < 4; i++)
    magnitude_term_learn(&broken, 5);
  assert_near(magnitude_term_value(&broken), 0.5, 1e-9);
  for (int i = 0; i < 40; i++)
    magnitude_term_learn(&broken, 5);
  assert_near(magnitude_term_value(&broken), 1, 1e-9);
}

static void a_site_s_term_is_taken_off_its_p_magnitude(void **state)
{
  (void)state;
  magnitude_observation o[4];
  for (int i = 0; i < 4; i++) {
    o[i] = p_wave(6.3, 30 + 10 * i, 5);
    o[i].site_term = 0.3f;
  }
  assert_near(magnitude_of(o, 4).magnitude, 6.0, 0.01);
  assert_near(magnitude_of_p_wave(&o[0]), 6.3, 0.01);
  o[0].site_term = NAN;
  assert_true(isfinite(magnitude_of(o, 1).magnitude));
  o[0].clipped = true;
  assert_true(isnan(magnitude_of_p_wave(&o[0])));
}

/* ---- single stations ---- */

static void one_station_at_no_distance_is_defined(void **state)
{
  (void)state;
  magnitude_observation o = p_wave(5.5, 0, 2);
  o.depth_km = 0;
  o.jma_pgd_m = (float)pgd_of(6, 1);
  o.since_p_s = 30;
  magnitude_estimate e = magnitude_of(&o, 1);
  assert_true(isfinite(e.magnitude) && isfinite(e.uncertainty) && e.uncertainty > 0.4f && e.stations == 1);
}

static void without_horizontals_there_is_no_local_magnitude(void **state)
{
  (void)state;
  magnitude_observation o[4];
  for (int i = 0; i < 4; i++) {
    o[i] = whole_record(3.5, 3.5, 40 + 10 * i, 40);
    o[i].noise_pd_m = o[i].pd_m;
    o[i].jma_pgd_m = 0;
    o[i].wood_anderson_mm = 0;
  }
  assert_int_equal(magnitude_of(o, 4).type, LOCATOR_NO_MAGNITUDE);
}

static void what_may_grow_is_less_sure_upwards(void **state)
{
  (void)state;
  magnitude_observation o[6];
  for (int i = 0; i < 6; i++)
    o[i] = p_wave(6.5, 30 + 5 * i, 2);
  magnitude_estimate early = magnitude_of(o, 6);
  assert_true(early.up > early.down + 0.4f);
  assert_near(early.uncertainty, (double)(early.up + early.down) / 2, 1e-6);
  for (int i = 0; i < 6; i++)
    o[i] = p_wave(4.9, 60 + 5 * i, 6);
  magnitude_estimate late = magnitude_of(o, 6);
  assert_near(late.up, late.down, 0.01);
}

static void a_line_lifts_but_never_lowers(void **state)
{
  (void)state;
  magnitude_estimate point = {.magnitude = 6.8F, .uncertainty = 0.3F, .up = 0.4F, .down = 0.2F, .type = LOCATOR_MJMA_D, .stations = 20};
  magnitude_estimate lifted = magnitude_with_line(point, 7.4, 0.2), same = magnitude_with_line(point, 6.5, 0.1);
  assert_true((double)lifted.magnitude > 7.0 && (double)lifted.magnitude < 7.4);
  assert_true(lifted.uncertainty < point.uncertainty);
  assert_memory_equal(&same, &point, sizeof point);
  same = magnitude_with_line(point, (double)NAN, 0.2);
  assert_memory_equal(&same, &point, sizeof point);
}

static void counting_statistics_shift_small_events_alone(void **state)
{
  (void)state;
  magnitude_observation small = p_wave(4.5, 40, 4), great = p_wave(5.6, 40, 4);
  assert_near(magnitude_of(&small, 1).magnitude, 4.5 - log(10) * 0.2 * 0.2, 0.001);
  assert_near(magnitude_of(&great, 1).magnitude, 5.6, 0.001);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(relations_give_their_printed_values),
      cmocka_unit_test(agreeing_stations_give_their_magnitude),
      cmocka_unit_test(without_anything_to_go_by_there_is_no_magnitude),
      cmocka_unit_test(broken_numbers_never_reach_the_estimate),
      cmocka_unit_test(order_of_stations_does_not_matter),
      cmocka_unit_test(any_input_gives_a_sane_estimate),
      cmocka_unit_test(noise_alone_supports_no_magnitude),
      cmocka_unit_test(what_is_quicker_than_the_noise_measures_a_small_event),
      cmocka_unit_test(hidden_there_too_it_bounds_more_closely),
      cmocka_unit_test(of_a_hidden_event_it_is_said_what_would_have_shown),
      cmocka_unit_test(a_great_event_is_only_bounded_by_what_is_quick),
      cmocka_unit_test(what_noise_hides_caps_but_never_lifts),
      cmocka_unit_test(clipped_stations_lift_but_never_lower),
      cmocka_unit_test(short_periods_guard_small_events_alone),
      cmocka_unit_test(what_may_grow_is_said),
      cmocka_unit_test(a_term_is_learned_slowly_and_kept_small),
      cmocka_unit_test(a_site_s_term_is_taken_off_its_p_magnitude),
      cmocka_unit_test(one_station_at_no_distance_is_defined),
      cmocka_unit_test(without_horizontals_there_is_no_local_magnitude),
      cmocka_unit_test(clipped_whole_records_do_not_lower),
      cmocka_unit_test(short_windows_do_not_pull_down_long_ones),
      cmocka_unit_test(short_windows_of_a_small_event_count_in_full),
      cmocka_unit_test(uncertainty_shrinks_with_stations_and_with_data),
      cmocka_unit_test(whole_records_take_over_without_a_jump),
      cmocka_unit_test(whole_records_have_no_say_in_small_events),
      cmocka_unit_test(a_peak_that_is_still_of_p_is_no_whole_record),
      cmocka_unit_test(local_magnitude_speaks_where_noise_hides_the_p_wave),
      cmocka_unit_test(local_magnitude_is_no_vote_against_p_waves_nor_for_near_or_great_events),
      cmocka_unit_test(a_great_peak_before_s_is_a_lower_bound),
      cmocka_unit_test(what_may_grow_is_less_sure_upwards),
      cmocka_unit_test(a_line_lifts_but_never_lowers),
      cmocka_unit_test(counting_statistics_shift_small_events_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
