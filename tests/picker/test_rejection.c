/* What is no local earthquake is told apart, and counted by its reason. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data.h"
#include "recordings.h"
#include "rejection.h"
#include "signals.h"

static const uint64_t seeds = 30;
static const double onset_s = 12;

typedef struct {
  uint64_t rejected[PICKER_REJECTIONS];
  size_t picks, standing; /* standing: not taken back */
} outcome;

/* The signal through a picker, in packets that tell a gap where `gap_at` is; samples between are left out. */
static outcome outcome_of(const signal *s, size_t gap_at, size_t gap_samples)
{
  static told t;
  outcome o;
  picker_settings settings = default_picker_settings();
  picker *p = picker_create(&settings, 0, s->rate);
  picker_sink sink = sink_into(&t);
  memset(&t, 0, sizeof t);
  for (size_t from = 0, packet = 37; from < s->n; from += packet) {
    size_t count = from + packet < s->n ? packet : s->n - from;
    if (gap_samples && from + count > gap_at && from < gap_at + gap_samples)
      continue;
    ingest_samples piece = piece_of(s, INGEST_VERTICAL, INGEST_UNIT_VELOCITY, from, count, from == 0 || (gap_samples && from >= gap_at));
    gap_samples = from >= gap_at ? 0 : gap_samples;
    picker_feed(p, &piece, &sink);
  }
  picker_count(p, o.rejected);
  picker_destroy(p);
  o.picks = t.pick_count;
  o.standing = t.pick_count - t.withdrawal_count;
  return o;
}

typedef void disturb(signal *s, uint64_t seed);

/* Over many noises: hardly a pick is left, and most are said to be `reason`. */
static void assert_rejected(disturb *with, picker_rejection reason)
{
  size_t left = 0, said = 0;
  for (uint64_t seed = 1; seed <= seeds; seed++) {
    signal s = signal_noise(seed, 25, 100);
    with(&s, seed);
    outcome o = outcome_of(&s, 0, 0);
    left += o.standing;
    said += o.rejected[reason] > 0;
    signal_free(&s);
  }
  if (left > 1 || said < seeds * 9 / 10)
    fail_msg("%zu picks left, %zu of %d called %s", left, said, (int)seeds, picker_rejections[reason]);
}

static size_t place(const signal *s)
{
  return (size_t)(onset_s * s->rate);
}

static void spike(signal *s, uint64_t seed)
{
  for (uint64_t k = 0; k <= seed % 3; k++)
    s->values[place(s) + k] += seed % 2 ? 400 : -400;
}

static void step(signal *s, uint64_t seed)
{
  for (size_t i = place(s); i < s->n; i++)
    s->values[i] += seed % 2 ? 300 : -300;
}

/* The mass of a 120-s seismometer centred anew: the output jumps and creeps back. */
static void recentring(signal *s, uint64_t seed)
{
  for (size_t i = place(s); i < s->n; i++)
    s->values[i] += (float)((seed % 2 ? 3000 : -3000) * exp(-(double)(i - place(s)) / (20 * s->rate)));
}

/* A step of current through the calibration coil: up, and down again some seconds later. */
static void calibration_pulse(signal *s, uint64_t seed)
{
  for (size_t i = place(s); i < s->n && i < place(s) + (size_t)((3 + (double)(seed % 5)) * s->rate); i++)
    s->values[i] += 500;
}

/* A block of wrong bits in a packet. */
static void telemetry_burst(signal *s, uint64_t seed)
{
  random_source r = {seed};
  for (size_t i = 0; i < (size_t)(0.3 * s->rate); i++)
    s->values[place(s) + i] = (float)random_uniform(&r, -30000, 30000);
}

/* A far earthquake: nothing is left of it above a Hertz or so. */
static void teleseism(signal *s, uint64_t seed)
{
  random_source r = {seed};
  double phase = random_uniform(&r, 0, 6.28);
  for (size_t i = place(s); i < s->n; i++) {
    double t = (double)(i - place(s)) / s->rate;
    s->values[i] += (float)(60 * (1 - exp(-t * t)) * sin(2 * 3.14159265 * 0.8 * t + phase));
  }
}

static void spikes_of_one_to_three_samples_are_spikes(void **state)
{
  (void)state;
  assert_rejected(spike, PICKER_SPIKE);
}

static void steps_are_steps(void **state)
{
  (void)state;
  assert_rejected(step, PICKER_STEP);
}

static void a_mass_that_is_centred_anew_is_a_step(void **state)
{
  (void)state;
  assert_rejected(recentring, PICKER_STEP);
}

static void a_calibration_pulse_is_two_steps(void **state)
{
  (void)state;
  assert_rejected(calibration_pulse, PICKER_STEP);
}

static void a_block_of_broken_samples_is_a_burst_or_a_spike(void **state)
{
  (void)state;
  assert_rejected(telemetry_burst, PICKER_BURST);
}

static void what_brings_nothing_above_3_hz_is_distant(void **state)
{
  (void)state;
  assert_rejected(teleseism, PICKER_DISTANT);
}

/* The filler of a gap: another level, and nothing on it. */
static void filled_gap(signal *s, uint64_t seed)
{
  for (size_t i = place(s); i < s->n && i < place(s) + (size_t)(5 * s->rate); i++)
    s->values[i] = seed % 2 ? 200 : -90;
}

static void spikes_steps_and_the_fillers_of_gaps_are_hardly_ever_let_out(void **state)
{
  (void)state;
  static disturb *const disturbances[] = {spike, step, filled_gap};
  size_t picks = 0;
  for (size_t d = 0; d < sizeof disturbances / sizeof disturbances[0]; d++)
    for (uint64_t seed = 1; seed <= seeds; seed++) {
      signal s = signal_noise(seed, 25, 100);
      disturbances[d](&s, seed);
      picks += outcome_of(&s, 0, 0).picks;
      signal_free(&s);
    }
  assert_in_range(picks, 0, seeds * 3 / 10);
}

/* Whether `seconds` from the place on are a leap to one who sees no more. */
static bool is_leap(const signal *s, double seconds)
{
  enum { CAPACITY = 8192 };
  static float ring[CAPACITY];
  history h;
  history_init(&h, ring, CAPACITY);
  history_restart(&h, 0, CAPACITY);
  history_append(&h, s->values, place(s) + (size_t)(seconds * s->rate));
  return rejection_is_leap(&h, (int64_t)place(s), s->rate);
}

/* A made wave that begins between two samples at its full height may look like one for 0.1 s. */
static void a_step_is_a_leap_as_soon_as_a_few_samples_follow_it_and_a_wave_is_none(void **state)
{
  (void)state;
  size_t waves = 0, leaps = 0;
  for (uint64_t seed = 1; seed <= seeds; seed++)
    for (int k = 0; k < CANDIDATE_LOOKS; k++) {
      signal wave = signal_noise(seed, 25, 100), leap = signal_noise(seed, 25, 100);
      signal_add_wave(&wave, seed, onset_s, 30);
      step(&leap, seed);
      assert_false(k > 0 && is_leap(&wave, candidate_looks_s[k]));
      waves += is_leap(&wave, candidate_looks_s[k]);
      leaps += is_leap(&leap, candidate_looks_s[k]);
      assert_false(is_leap(&leap, 0.05));
      signal_free(&wave);
      signal_free(&leap);
    }
  assert_in_range(waves, 0, seeds / 10);
  assert_in_range(leaps, seeds * CANDIDATE_LOOKS * 95 / 100, seeds * CANDIDATE_LOOKS);
}

/* A train comes nearer for a quarter of a minute, passes, and goes. */
static void a_train_that_comes_and_goes_gives_hardly_a_pick(void **state)
{
  (void)state;
  size_t left = 0;
  for (uint64_t seed = 1; seed <= seeds; seed++) {
    signal s = signal_noise(seed, 90, 100), rumble = signal_noise(seed + 1000, 90, 100);
    for (size_t i = 1; i < s.n; i++) {
      double t = ((double)i / s.rate - 45) / 12;
      s.values[i] += (float)(25 * exp(-t * t / 2)) * (rumble.values[i] - rumble.values[i - 1]);
    }
    left += outcome_of(&s, 0, 0).standing;
    signal_free(&s);
    signal_free(&rumble);
  }
  assert_in_range(left, 0, seeds / 10);
}

/* One station cannot call it a blast, but what is measured of its P shows the slow surface wave of a source at the surface, which no earthquake at
 * depth sends so soon: told to whoever weighs several stations. */
static void a_blast_is_a_pick_whose_bands_tell_of_its_surface_wave(void **state)
{
  (void)state;
  static told quake, blast;
  for (uint64_t seed = 1; seed <= 10; seed++) {
    signal s = signal_noise(seed, 40, 100);
    signal_add_wave(&s, seed, onset_s, 60);
    feed_vertical(&quake, &s, 0, INGEST_UNIT_VELOCITY);
    for (size_t i = place(&s) + 300; i < s.n; i++) {
      double t = (double)(i - place(&s)) / s.rate - 6;
      s.values[i] += (float)(90 * exp(-t * t / 4) * sin(2 * 3.14159265 * 0.9 * t));
    }
    feed_vertical(&blast, &s, 0, INGEST_UNIT_VELOCITY);
    assert_true(quake.pick_count >= 1 && blast.pick_count >= 1 && quake.wave_count >= 10 && blast.wave_count >= 10);
    const picker_p_wave *deep = &quake.waves[9], *shallow = &blast.waves[9];
    assert_true(deep->window_s == shallow->window_s && deep->window_s >= 7);
    assert_true(shallow->band_m_s[1] / shallow->band_m_s[2] > 3 * deep->band_m_s[1] / deep->band_m_s[2]);
    signal_free(&s);
  }
}

static void an_end_of_samples_while_it_rises_is_a_gap(void **state)
{
  (void)state;
  size_t said = 0;
  for (uint64_t seed = 1; seed <= seeds; seed++) {
    signal s = signal_noise(seed, 25, 100);
    signal_add_wave(&s, seed, onset_s, 30);
    outcome o = outcome_of(&s, place(&s) + 30, 300);
    said += o.rejected[PICKER_GAP] > 0;
    assert_int_equal(o.standing, 0);
    signal_free(&s);
  }
  assert_in_range(said, seeds * 9 / 10, seeds);
}

static void a_restart_on_another_level_is_no_onset(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= seeds; seed++) {
    signal s = signal_noise(seed, 25, 100);
    for (size_t i = place(&s); i < s.n; i++)
      s.values[i] += 5000;
    assert_int_equal(outcome_of(&s, place(&s) - 100, 100 + 100 * (seed % 3)).standing, 0);
    signal_free(&s);
  }
}

static void a_flat_run_and_a_clipped_rail_are_counted_as_flat(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= seeds; seed++) {
    signal s = signal_noise(seed, 40, 100);
    for (size_t i = 1500; i < 1600 + 20 * seed; i++)
      s.values[i] = seed % 2 ? 77 : 8388607;
    outcome o = outcome_of(&s, 0, 0);
    assert_int_equal(o.rejected[PICKER_FLAT], 1);
    assert_int_equal(o.standing, 0);
    signal_free(&s);
  }
}

static void a_dead_channel_says_nothing(void **state)
{
  (void)state;
  signal s = signal_zero(120, 100);
  outcome o = outcome_of(&s, 0, 0);
  assert_int_equal(o.standing, 0);
  assert_int_equal(o.rejected[PICKER_FLAT], 1);
  assert_int_equal(o.rejected[PICKER_NOISE], 0);
  signal_free(&s);
}

static void samples_that_are_no_numbers_are_counted(void **state)
{
  (void)state;
  signal s = signal_noise(3, 30, 100);
  s.values[1000] = NAN;
  s.values[1500] = INFINITY;
  s.values[2000] = -3e38f;
  outcome o = outcome_of(&s, 0, 0);
  assert_int_equal(o.rejected[PICKER_VALUE], 3);
  assert_int_equal(o.standing, 0);
  signal_free(&s);
}

static void pieces_that_cannot_be_taken_are_counted(void **state)
{
  (void)state;
  static told t;
  uint64_t rejected[PICKER_REJECTIONS];
  signal s = signal_noise(4, 10, 100);
  picker_settings settings = default_picker_settings();
  picker *p = picker_create(&settings, 0, 100);
  picker_sink sink = sink_into(&t);
  static const double rates[] = {0, -100, 19, 101, 501, NAN, INFINITY};
  for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
    ingest_samples piece = piece_of(&s, INGEST_VERTICAL, INGEST_UNIT_VELOCITY, 0, s.n, true);
    piece.rate = rates[i];
    picker_feed(p, &piece, &sink);
  }
  ingest_samples piece = piece_of(&s, INGEST_VERTICAL, INGEST_UNIT_OTHER, 0, s.n, true);
  picker_feed(p, &piece, &sink);
  picker_count(p, rejected);
  assert_int_equal(rejected[PICKER_PIECE], sizeof rates / sizeof rates[0] + 1);
  picker_destroy(p);
  signal_free(&s);
}

static void counts_outlive_a_change_of_rate_and_of_the_picker(void **state)
{
  (void)state;
  static told t;
  uint64_t before[PICKER_REJECTIONS], after[PICKER_REJECTIONS];
  signal s = signal_noise(5, 25, 100);
  spike(&s, 5);
  s.values[2000] = NAN;
  picker_settings settings = default_picker_settings();
  picker *p = picker_create(&settings, 0, 100), *next = picker_create(&settings, 0, 200);
  picker_sink sink = sink_into(&t);
  ingest_samples piece = piece_of(&s, INGEST_VERTICAL, INGEST_UNIT_VELOCITY, 0, s.n, true);
  picker_feed(p, &piece, &sink);
  picker_count(p, before);
  assert_true(before[PICKER_SPIKE] > 0 && before[PICKER_VALUE] == 1);
  piece.rate = 50;
  piece.count = 10;
  picker_feed(p, &piece, &sink);
  picker_count(p, after);
  assert_memory_equal(before, after, sizeof before);
  picker_succeed(next, p);
  picker_count(next, after);
  assert_memory_equal(before, after, sizeof before);
  picker_destroy(p);
  picker_destroy(next);
  signal_free(&s);
}

static void the_real_teleseism_is_no_pick(void **state)
{
  (void)state;
  static told t;
  int64_t p_time;
  assert_true(ingest_time_parse("2011-03-11T05:58:18Z", &p_time));
  for (int i = 1; i <= 8; i++) {
    char path[64];
    snprintf(path, sizeof path, "teleseism-2011/XX.VP%d..BHZ.mseed", i);
    traces all = traces_read(data_path(path), 'Z', 1);
    picker_settings settings = default_picker_settings();
    picker *p = picker_create(&settings, 0, all.items[0].rate);
    picker_sink sink = sink_into(&t);
    memset(&t, 0, sizeof t);
    const trace *x = &all.items[0];
    ingest_samples piece = {.gap = true, .unit = INGEST_UNIT_VELOCITY, .start = x->start, .rate = x->rate, .count = x->n, .values = x->values};
    picker_feed(p, &piece, &sink);
    for (size_t k = 0; k < t.pick_count; k++)
      assert_true(llabs(t.picks[k].time - p_time) > 600 * INGEST_SECOND);
    picker_destroy(p);
    traces_free(&all);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(spikes_of_one_to_three_samples_are_spikes),
      cmocka_unit_test(steps_are_steps),
      cmocka_unit_test(a_mass_that_is_centred_anew_is_a_step),
      cmocka_unit_test(a_calibration_pulse_is_two_steps),
      cmocka_unit_test(a_block_of_broken_samples_is_a_burst_or_a_spike),
      cmocka_unit_test(what_brings_nothing_above_3_hz_is_distant),
      cmocka_unit_test(spikes_steps_and_the_fillers_of_gaps_are_hardly_ever_let_out),
      cmocka_unit_test(a_step_is_a_leap_as_soon_as_a_few_samples_follow_it_and_a_wave_is_none),
      cmocka_unit_test(a_train_that_comes_and_goes_gives_hardly_a_pick),
      cmocka_unit_test(a_blast_is_a_pick_whose_bands_tell_of_its_surface_wave),
      cmocka_unit_test(an_end_of_samples_while_it_rises_is_a_gap),
      cmocka_unit_test(a_restart_on_another_level_is_no_onset),
      cmocka_unit_test(a_flat_run_and_a_clipped_rail_are_counted_as_flat),
      cmocka_unit_test(a_dead_channel_says_nothing),
      cmocka_unit_test(samples_that_are_no_numbers_are_counted),
      cmocka_unit_test(pieces_that_cannot_be_taken_are_counted),
      cmocka_unit_test(counts_outlive_a_change_of_rate_and_of_the_picker),
      cmocka_unit_test(the_real_teleseism_is_no_pick),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
