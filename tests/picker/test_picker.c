/* The picker as a whole on made signals. */
#include <malloc.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data.h"
#include "signals.h"

static const uint64_t seeds = 40;

/* Picks that were not taken back. */
static size_t standing(const told *t)
{
  return t->pick_count - t->withdrawal_count;
}

static void a_wave_out_of_noise_is_picked_at_its_onset(void **state)
{
  (void)state;
  static told t;
  size_t found = 0;
  for (uint64_t seed = 1; seed <= seeds; seed++) {
    random_source r = {seed};
    double onset = random_uniform(&r, 6, 30);
    signal s = signal_noise(seed, onset + 5, 100);
    signal_add_wave(&s, seed, onset, 30);
    feed_vertical(&t, &s, 100, INGEST_UNIT_VELOCITY);
    for (size_t i = 0; i < t.pick_count; i++)
      found += fabs(seconds_after_start(t.picks[i].time) - onset) <= 0.1;
    signal_free(&s);
  }
  assert_in_range(found, seeds - 1, seeds);
}

static void a_pick_is_sent_within_half_a_second_and_says_so(void **state)
{
  (void)state;
  static told t;
  signal s = signal_noise(7, 20, 100);
  signal_add_wave(&s, 7, 12.34, 30);
  feed_vertical(&t, &s, 1, INGEST_UNIT_VELOCITY);
  assert_int_equal(t.pick_count, 1);
  const picker_pick *pick = &t.picks[0];
  assert_int_equal(pick->id, 1);
  assert_int_equal(pick->phase, 'P');
  assert_true(pick->data_until > pick->time && pick->data_until - pick->time < INGEST_SECOND / 2);
  assert_true(pick->snr > 5 && pick->uncertainty_s > 0 && pick->uncertainty_s < 0.2f);
  signal_free(&s);
}

static void the_same_pick_comes_when_the_data_end_where_it_says(void **state)
{
  (void)state;
  static told whole, cut;
  signal s = signal_noise(11, 40, 100);
  signal_add_wave(&s, 11, 21.5, 12);
  feed_vertical(&whole, &s, 0, INGEST_UNIT_VELOCITY);
  assert_true(whole.pick_count > 0);
  s.n = (size_t)llround(seconds_after_start(whole.picks[0].data_until) * s.rate) + 1;
  feed_vertical(&cut, &s, 0, INGEST_UNIT_VELOCITY);
  assert_memory_equal(&cut.picks[0], &whole.picks[0], sizeof whole.picks[0]);
  s.n--;
  feed_vertical(&cut, &s, 0, INGEST_UNIT_VELOCITY);
  assert_int_equal(cut.pick_count, 0);
  signal_free(&s);
}

static void any_cutting_into_packets_gives_the_same_picks(void **state)
{
  (void)state;
  static told whole, cut;
  signal s = signal_noise(5, 90, 100);
  for (int k = 0; k < 4; k++)
    signal_add_wave(&s, (uint64_t)k, 11.3 + 20 * k, 8 << k);
  s.values[6100] += 3000;
  feed_vertical(&whole, &s, 0, INGEST_UNIT_ACCELERATION);
  assert_true(whole.pick_count >= 3 && whole.wave_count > 20);
  for (size_t packet = 1; packet <= 4096; packet = packet < 16 ? packet + 1 : packet * 3 / 2) {
    feed_vertical(&cut, &s, packet, INGEST_UNIT_ACCELERATION);
    assert_int_equal(cut.pick_count, whole.pick_count);
    assert_int_equal(cut.withdrawal_count, whole.withdrawal_count);
    assert_int_equal(cut.wave_count, whole.wave_count);
    assert_memory_equal(cut.picks, whole.picks, whole.pick_count * sizeof whole.picks[0]);
    assert_memory_equal(cut.waves, whole.waves, whole.wave_count * sizeof whole.waves[0]);
  }
  signal_free(&s);
}

static void random_packets_give_the_same_picks(void **state)
{
  (void)state;
  static told whole, cut;
  for (uint64_t seed = 1; seed <= 10; seed++) {
    random_source r = {seed};
    signal s = signal_noise(seed, 40, 50);
    signal_add_wave(&s, seed, random_uniform(&r, 5, 35), random_uniform(&r, 4, 100));
    feed_vertical(&whole, &s, 0, INGEST_UNIT_VELOCITY);
    picker_settings settings = default_picker_settings();
    settings.s_picks = false; /* as feed_vertical() */
    picker *p = picker_create(&settings, 0, 50);
    picker_sink sink = sink_into(&cut);
    memset(&cut, 0, sizeof cut);
    for (size_t from = 0, count; from < s.n; from += count) {
      count = (size_t)random_below(&r, 200) + 1;
      count = from + count < s.n ? count : s.n - from;
      ingest_samples piece = piece_of(&s, INGEST_VERTICAL, INGEST_UNIT_VELOCITY, from, count, from == 0);
      picker_feed(p, &piece, &sink);
    }
    picker_destroy(p);
    if (memcmp(&cut, &whole, sizeof cut) != 0)
      fail_msg("other output in other packets, seed %llu", (unsigned long long)seed);
    signal_free(&s);
  }
}

static void the_horizontals_neither_delay_nor_change_a_pick(void **state)
{
  (void)state;
  static told alone, with;
  signal s = signal_noise(13, 20, 100);
  signal_add_wave(&s, 13, 12, 30);
  feed_vertical(&alone, &s, 0, INGEST_UNIT_VELOCITY);
  picker_settings settings = default_picker_settings();
  picker *p = picker_create(&settings, 0, 100);
  picker_sink sink = sink_into(&with);
  memset(&with, 0, sizeof with);
  for (int component = INGEST_COMPONENTS - 1; component >= 0; component--) {
    ingest_samples piece = piece_of(&s, component, INGEST_UNIT_VELOCITY, 0, s.n, true);
    picker_feed(p, &piece, &sink);
  }
  picker_destroy(p);
  assert_int_equal(with.pick_count, alone.pick_count);
  assert_memory_equal(with.picks, alone.picks, sizeof with.picks);
  signal_free(&s);
}

static void half_an_hour_of_noise_gives_hardly_a_pick(void **state)
{
  (void)state;
  static told t;
  size_t picks = 0;
  for (uint64_t seed = 1; seed <= 10; seed++) {
    signal s = signal_noise(seed, 180, 100);
    feed_vertical(&t, &s, 0, INGEST_UNIT_VELOCITY);
    picks += t.pick_count;
    signal_free(&s);
  }
  assert_in_range(picks, 0, 1);
}

static void a_spike_gives_no_pick_or_one_that_is_taken_back(void **state)
{
  (void)state;
  static told t;
  size_t left = 0;
  for (uint64_t seed = 1; seed <= seeds; seed++) {
    signal s = signal_noise(seed, 20, 100);
    for (uint64_t k = 0; k <= seed % 3; k++)
      s.values[1000 + k] += 400;
    feed_vertical(&t, &s, 10, INGEST_UNIT_VELOCITY);
    for (size_t i = 0; i < t.withdrawal_count; i++)
      assert_int_equal(t.withdrawals[i].pick, t.picks[i].id);
    left += standing(&t);
    signal_free(&s);
  }
  assert_in_range(left, 0, 1);
}

static void the_end_of_a_flat_run_is_no_onset(void **state)
{
  (void)state;
  static told t;
  for (uint64_t seed = 1; seed <= seeds; seed++) {
    signal s = signal_noise(seed, 40, 100);
    for (size_t i = 1500; i < 1500 + 60 * seed % 1000 + 50; i++)
      s.values[i] = 77;
    feed_vertical(&t, &s, 10, INGEST_UNIT_VELOCITY);
    assert_int_equal(standing(&t), 0);
    signal_free(&s);
  }
}

static void a_gap_silences_for_the_warm_up_and_the_wave_after_it_is_found(void **state)
{
  (void)state;
  static told t;
  signal s = signal_noise(17, 60, 100);
  signal_add_wave(&s, 17, 26, 40);
  picker_settings settings = default_picker_settings();
  picker *p = picker_create(&settings, 0, 100);
  picker_sink sink = sink_into(&t);
  memset(&t, 0, sizeof t);
  for (size_t i = 2200; i < s.n; i++)
    s.values[i] += 1000;
  ingest_samples before = piece_of(&s, INGEST_VERTICAL, INGEST_UNIT_VELOCITY, 0, 2000, true);
  ingest_samples after = piece_of(&s, INGEST_VERTICAL, INGEST_UNIT_VELOCITY, 2200, s.n - 2200, true);
  picker_feed(p, &before, &sink);
  picker_feed(p, &after, &sink);
  picker_destroy(p);
  assert_int_equal(t.pick_count, 1);
  assert_true(fabs(seconds_after_start(t.picks[0].time) - 26) < 0.06);
  signal_free(&s);
}

static void a_gap_right_after_an_onset_takes_the_pick_back(void **state)
{
  (void)state;
  static told t;
  signal s = signal_noise(19, 30, 100);
  signal_add_wave(&s, 19, 12, 40);
  picker_settings settings = default_picker_settings();
  picker *p = picker_create(&settings, 0, 100);
  picker_sink sink = sink_into(&t);
  memset(&t, 0, sizeof t);
  ingest_samples before = piece_of(&s, INGEST_VERTICAL, INGEST_UNIT_VELOCITY, 0, 1230, true);
  ingest_samples after = piece_of(&s, INGEST_VERTICAL, INGEST_UNIT_VELOCITY, 1400, 100, true);
  picker_feed(p, &before, &sink);
  picker_feed(p, &after, &sink);
  picker_destroy(p);
  assert_int_equal(t.pick_count, 1);
  assert_int_equal(t.withdrawal_count, 1);
  assert_string_equal(t.withdrawals[0].reason, "gap");
  signal_free(&s);
}

static void what_is_no_number_is_a_gap(void **state)
{
  (void)state;
  static told t;
  signal s = signal_noise(23, 60, 100);
  signal_add_wave(&s, 23, 40, 40);
  for (size_t i = 1000; i < 1100; i++)
    s.values[i] = i % 3 == 0 ? NAN : i % 3 == 1 ? INFINITY : -INFINITY;
  s.values[2000] = NAN;
  feed_vertical(&t, &s, 33, INGEST_UNIT_ACCELERATION);
  assert_int_equal(t.pick_count, 1);
  assert_true(fabs(seconds_after_start(t.picks[0].time) - 40) < 0.06);
  for (size_t i = 0; i < t.wave_count; i++)
    assert_true(isfinite(t.waves[i].pd_m) && isfinite(t.waves[i].tau_c_s));
  signal_free(&s);
}

static void full_scale_and_zeros_do_no_harm(void **state)
{
  (void)state;
  static told t;
  signal s = signal_zero(60, 100);
  for (size_t i = 2000; i < 4000; i++)
    s.values[i] = i % 2 ? 3e38f : -3e38f;
  feed_vertical(&t, &s, 100, INGEST_UNIT_ACCELERATION);
  for (size_t i = 0; i < t.pick_count; i++)
    assert_true(isfinite(t.picks[i].snr) && isfinite(t.picks[i].uncertainty_s));
  signal_free(&s);
}

static void rates_from_20_to_500_are_taken_and_no_others(void **state)
{
  (void)state;
  static told t;
  picker_settings settings = default_picker_settings();
  assert_null(picker_create(&settings, 0, 19.9));
  assert_null(picker_create(&settings, 0, 500.1));
  assert_null(picker_create(&settings, 0, NAN));
  static const double rates[] = {20, 31.25, 40, 62.5, 100, 125, 200, 250, 500};
  for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
    signal s = signal_noise(29, 30, rates[i]);
    signal_add_wave(&s, 29, 20, 60);
    feed_vertical(&t, &s, 0, INGEST_UNIT_VELOCITY);
    if (t.pick_count != 1 || fabs(seconds_after_start(t.picks[0].time) - 20) > 0.1)
      fail_msg("%zu picks at %g samples/s", t.pick_count, rates[i]);
    signal_free(&s);
  }
}

static void a_rate_that_the_picker_was_not_made_for_is_ignored(void **state)
{
  (void)state;
  static told t;
  signal s = signal_noise(31, 30, 200);
  signal_add_wave(&s, 31, 20, 60);
  picker_settings settings = default_picker_settings();
  picker *p = picker_create(&settings, 0, 100);
  picker_sink sink = sink_into(&t);
  memset(&t, 0, sizeof t);
  ingest_samples piece = piece_of(&s, INGEST_VERTICAL, INGEST_UNIT_VELOCITY, 0, s.n, true);
  picker_feed(p, &piece, &sink);
  picker_destroy(p);
  assert_int_equal(t.pick_count, 0);
  signal_free(&s);
}

static void a_second_wave_is_picked_only_when_it_stands_out_of_the_first(void **state)
{
  (void)state;
  static told t;
  for (int larger = 0; larger < 2; larger++) {
    signal s = signal_noise(37, 40, 100);
    signal_add_wave(&s, 37, 12, 50);
    signal_add_wave(&s, 38, 17, larger ? 500 : 5);
    feed_vertical(&t, &s, 0, INGEST_UNIT_VELOCITY);
    assert_int_equal(standing(&t), larger ? 2 : 1);
    signal_free(&s);
  }
}

/* While the looks at a lesser thing before it go on. */
static void a_wave_soon_after_a_rustle_is_picked_at_its_own_onset(void **state)
{
  (void)state;
  static told t;
  size_t found = 0;
  for (uint64_t seed = 1; seed <= seeds; seed++) {
    signal s = signal_noise(seed, 30, 100), rustle = signal_zero(30, 100);
    signal_add_wave(&rustle, seed, 15, 5);
    for (size_t i = 1515; i < rustle.n; i++)
      rustle.values[i] = 0;
    for (size_t i = 0; i < s.n; i++)
      s.values[i] += rustle.values[i];
    signal_add_wave(&s, seed + 1, 15.9, 120);
    feed_vertical(&t, &s, 0, INGEST_UNIT_VELOCITY);
    for (size_t i = 0; i < t.pick_count; i++)
      found += fabs(seconds_after_start(t.picks[i].time) - 15.9) < 0.1;
    signal_free(&s);
    signal_free(&rustle);
  }
  assert_in_range(found, seeds * 7 / 10, seeds);
}

static void polarity_is_that_of_a_clear_first_swing(void **state)
{
  (void)state;
  static told t;
  for (int sign = -1; sign <= 1; sign += 2) {
    signal s = signal_noise(41, 30, 100);
    signal_add_sine(&s, 15, sign * 200, 4);
    feed_vertical(&t, &s, 0, INGEST_UNIT_VELOCITY);
    assert_true(t.pick_count > 0);
    assert_int_equal(t.picks[0].polarity, sign);
    signal_free(&s);
  }
}

static void the_delay_covers_every_pick(void **state)
{
  (void)state;
  static told t;
  picker_settings settings = default_picker_settings();
  for (uint64_t seed = 1; seed <= seeds; seed++) {
    signal s = signal_noise(seed, 30, 100);
    signal_add_wave(&s, seed, 15, 4 + (double)seed / 4);
    feed_vertical(&t, &s, 0, INGEST_UNIT_VELOCITY);
    for (size_t i = 0; i < t.pick_count; i++)
      assert_true(t.picks[i].data_until - t.picks[i].time <= picker_delay(&settings));
    signal_free(&s);
  }
}

static void a_clipped_piece_marks_what_is_measured_after_the_onset(void **state)
{
  (void)state;
  static told t;
  for (int clipped = 0; clipped < 2; clipped++) {
    signal s = signal_noise(43, 30, 100);
    signal_add_wave(&s, 43, 20, 60);
    picker_settings settings = default_picker_settings();
    picker *p = picker_create(&settings, 0, 100);
    picker_sink sink = sink_into(&t);
    picker_motion motion = {0};
    memset(&t, 0, sizeof t);
    for (size_t from = 0; from < s.n; from += 100)
      for (int c = 0; c < INGEST_COMPONENTS; c++) {
        ingest_samples piece = piece_of(&s, c, INGEST_UNIT_ACCELERATION, from, 100, from == 0);
        piece.clipped = from == (clipped ? 2200 : 1000);
        picker_feed(p, &piece, &sink);
      }
    assert_true(picker_motion_take(p, &motion) && t.wave_count > 3);
    assert_int_equal(motion.clipped, clipped);
    assert_int_equal(t.waves[1].clipped, 0);
    assert_int_equal(t.waves[t.wave_count - 1].clipped, clipped);
    picker_destroy(p);
    signal_free(&s);
  }
}

/* P, S, motion, a gap, another rate and back: all that a sensor may do. */
static void feeding_allocates_nothing(void **state)
{
  (void)state;
  static told t;
  signal s = signal_noise(47, 60, 100);
  signal_add_wave(&s, 47, 20, 60);
  signal_add_wave(&s, 48, 24, 200);
  picker_settings settings = default_picker_settings();
  picker *p = picker_create(&settings, 0, 100);
  picker_sink sink = sink_into(&t);
  picker_motion motion;
  memset(&t, 0, sizeof t);
  size_t before = mallinfo2().uordblks;
  for (size_t from = 0; from < s.n; from += 100)
    for (int c = 0; c < INGEST_COMPONENTS; c++) {
      ingest_samples piece = piece_of(&s, c, INGEST_UNIT_ACCELERATION, from, 100, from == 0 || from == 4000);
      piece.rate = from >= 5000 && from < 5500 ? 50 : 100;
      picker_feed(p, &piece, &sink);
      picker_motion_take(p, &motion);
      assert_int_equal(mallinfo2().uordblks, before);
    }
  assert_true(t.pick_count > 0 && t.wave_count > 0);
  picker_destroy(p);
  signal_free(&s);
}

/* A national network's sensors are visited in any order: each costs the cache what it is long. The samples themselves are a ring of 10 s of floats,
   a power of two long. */
static void a_channel_keeps_at_most_4_kb_beside_its_samples(void **state)
{
  (void)state;
  picker_settings settings = default_picker_settings();
  static const double rates[] = {20, 31.25, 50, 100, 200, 500};
  for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
    size_t ring = 1;
    while ((double)ring < 10 * rates[i])
      ring *= 2;
    picker *p = picker_create(&settings, 0, rates[i]);
    assert_in_range(malloc_usable_size(p), INGEST_COMPONENTS * ring * sizeof(float), INGEST_COMPONENTS * (ring * sizeof(float) + 4096));
    picker_destroy(p);
  }
}

static void a_gap_ends_the_windows_of_a_p(void **state)
{
  (void)state;
  static told t;
  for (size_t missing = 0; missing <= 400; missing += 200) {
    signal s = signal_noise(51, 40, 100);
    signal_add_wave(&s, 51, 15, 60);
    picker_settings settings = default_picker_settings();
    settings.s_picks = false;
    picker *p = picker_create(&settings, 0, 100);
    picker_sink sink = sink_into(&t);
    memset(&t, 0, sizeof t);
    ingest_samples before = piece_of(&s, INGEST_VERTICAL, INGEST_UNIT_VELOCITY, 0, 1850, true);
    ingest_samples after = piece_of(&s, INGEST_VERTICAL, INGEST_UNIT_VELOCITY, 1850 + missing, s.n - 1850 - missing, true);
    picker_feed(p, &before, &sink);
    size_t waves = t.wave_count;
    assert_int_equal(waves, 4);
    picker_feed(p, &after, &sink);
    for (size_t i = waves; i < t.wave_count; i++)
      assert_true(t.waves[i].pick != t.picks[0].id);
    picker_destroy(p);
    signal_free(&s);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_wave_out_of_noise_is_picked_at_its_onset),
      cmocka_unit_test(a_pick_is_sent_within_half_a_second_and_says_so),
      cmocka_unit_test(the_same_pick_comes_when_the_data_end_where_it_says),
      cmocka_unit_test(any_cutting_into_packets_gives_the_same_picks),
      cmocka_unit_test(random_packets_give_the_same_picks),
      cmocka_unit_test(the_horizontals_neither_delay_nor_change_a_pick),
      cmocka_unit_test(half_an_hour_of_noise_gives_hardly_a_pick),
      cmocka_unit_test(a_spike_gives_no_pick_or_one_that_is_taken_back),
      cmocka_unit_test(the_end_of_a_flat_run_is_no_onset),
      cmocka_unit_test(a_gap_silences_for_the_warm_up_and_the_wave_after_it_is_found),
      cmocka_unit_test(a_gap_right_after_an_onset_takes_the_pick_back),
      cmocka_unit_test(what_is_no_number_is_a_gap),
      cmocka_unit_test(full_scale_and_zeros_do_no_harm),
      cmocka_unit_test(rates_from_20_to_500_are_taken_and_no_others),
      cmocka_unit_test(a_rate_that_the_picker_was_not_made_for_is_ignored),
      cmocka_unit_test(a_second_wave_is_picked_only_when_it_stands_out_of_the_first),
      cmocka_unit_test(a_wave_soon_after_a_rustle_is_picked_at_its_own_onset),
      cmocka_unit_test(polarity_is_that_of_a_clear_first_swing),
      cmocka_unit_test(the_delay_covers_every_pick),
      cmocka_unit_test(a_clipped_piece_marks_what_is_measured_after_the_onset),
      cmocka_unit_test(feeding_allocates_nothing),
      cmocka_unit_test(a_channel_keeps_at_most_4_kb_beside_its_samples),
      cmocka_unit_test(a_gap_ends_the_windows_of_a_p),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
