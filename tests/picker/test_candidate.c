/* What is measured of a trigger, and what is made of it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "candidate.h"
#include "data.h"
#include "signals.h"

enum { CAPACITY = 4096, WAVE_FROM = 1490 };
static float ring[CAPACITY];

/* The first trigger of a signal from WAVE_FROM on, looked at `look` looks later. False if there is none. */
static bool evidence_of(const signal *s, int look, candidate_evidence *evidence)
{
  characteristic c;
  history h;
  past before = {0};
  candidate k = {0};
  const characteristic_lanes silence = {0};
  history_init(&h, ring, CAPACITY);
  history_restart(&h, 0, 1 << 30);
  characteristic_init(&c, s->rate, 1, 8, 2, 8);
  characteristic_restart(&c, s->values[0]);
  for (size_t i = 0; i < s->n; i++) {
    bool up;
    history_append(&h, s->values + i, 1);
    int64_t blocks = c.blocks;
    characteristic_run(&c, s->values + i, 1, &up);
    if (c.blocks != blocks)
      past_follow(&before, &c);
    if (!k.open && up && i >= WAVE_FROM)
      candidate_open(&k, &c, (int64_t)i, false, 0);
    else if (k.open && candidate_add(&k, &c, s->rate)) {
      *evidence = candidate_weigh(&k, &c, &before, &h, s->rate, &silence);
      if (k.look == look)
        return true;
      candidate_next_look(&k);
    }
  }
  return false;
}

static candidate_evidence evidence_of_wave(uint64_t seed, double amplitude, double gain, int look)
{
  signal s = signal_noise(seed, 20, 100);
  candidate_evidence e = {0};
  signal_add_wave(&s, seed, 15, amplitude);
  for (size_t i = 0; i < s.n; i++)
    s.values[i] = (float)(s.values[i] * gain);
  assert_true(evidence_of(&s, look, &e));
  signal_free(&s);
  return e;
}

static float odds_over_asked(const candidate_evidence *e, int look, double strictness)
{
  return candidate_log_odds(e, look) - candidate_asked(e, look, strictness);
}

static void a_wave_is_let_out_at_the_first_look(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 20; seed++) {
    candidate_evidence e = evidence_of_wave(seed, 100, 1, 0);
    assert_true(odds_over_asked(&e, 0, 0) >= 0);
  }
}

static void what_is_measured_stands_clear_of_the_noise(void **state)
{
  (void)state;
  for (int look = 0; look < CANDIDATE_LOOKS; look++) {
    candidate_evidence e = evidence_of_wave(4, 100, 1, look);
    assert_true(e.peak > 100 && e.mean > 10 && e.quiet_1 > 10 && e.quiet_5 > 10);
    assert_true(e.bands_up > 0.5f && e.bands_up <= 1 && e.contrast > 0.3f);
    assert_true(e.spike >= 1 && e.lasting > 0 && e.recent == 0 && e.coda == 0);
  }
}

/* Gains of powers of two leave floats their digits. */
static void the_gain_does_not_matter(void **state)
{
  (void)state;
  candidate_evidence counts = evidence_of_wave(5, 20, 1, 3);
  static const double gains[] = {0x1p-30, 0x1p-10, 0x1p20};
  for (size_t i = 0; i < sizeof gains / sizeof gains[0]; i++) {
    candidate_evidence e = evidence_of_wave(5, 20, gains[i], 3);
    assert_true(fabsf(e.peak / counts.peak - 1) < 1e-4f && fabsf(e.contrast / counts.contrast - 1) < 1e-3f);
    assert_true(e.band == counts.band && fabsf(e.quiet_5 / counts.quiet_5 - 1) < 1e-4f);
  }
}

static void strictness_turns_doubtful_ones_away_first(void **state)
{
  (void)state;
  size_t kept = 100;
  for (double strictness = -2; strictness <= 6; strictness += 0.5) {
    size_t waves = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
      candidate_evidence e = evidence_of_wave(seed, 2 + (double)seed, 1, 3);
      waves += odds_over_asked(&e, 3, strictness) >= 0;
    }
    assert_true(waves <= kept);
    kept = waves;
  }
  assert_int_equal(kept, 0);
}

static void in_the_coda_of_a_p_it_must_be_the_loudest(void **state)
{
  (void)state;
  candidate_evidence e = evidence_of_wave(6, 100, 1, 2);
  e.coda = 0.5f;
  e.over_event = 1.2f;
  assert_true(odds_over_asked(&e, 2, 0) < 0);
  e.over_event = 100;
  assert_true(odds_over_asked(&e, 2, 0) >= 0);
}

static void the_decision_is_defined_for_any_measures(void **state)
{
  (void)state;
  candidate_evidence extremes[] = {{0},
                                   {.peak = 1e9f,
                                    .mean = 1e9f,
                                    .past = {6, 8, 5, 1},
                                    .bands_up = 1,
                                    .contrast = 1e9f,
                                    .spike = 1e9f,
                                    .lasting = 1e9f,
                                    .quiet_1 = 1e9f,
                                    .quiet_5 = 1e9f,
                                    .recent = 16,
                                    .band = 5,
                                    .over_event = 1e9f}};
  for (int look = 0; look < CANDIDATE_LOOKS; look++) {
    assert_true(odds_over_asked(&extremes[0], look, 0) < 0);
    assert_true(odds_over_asked(&extremes[1], look, 1000) < 0);
    assert_true(odds_over_asked(&extremes[1], look, -1000) >= 0);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_wave_is_let_out_at_the_first_look),
      cmocka_unit_test(what_is_measured_stands_clear_of_the_noise),
      cmocka_unit_test(the_gain_does_not_matter),
      cmocka_unit_test(strictness_turns_doubtful_ones_away_first),
      cmocka_unit_test(in_the_coda_of_a_p_it_must_be_the_loudest),
      cmocka_unit_test(the_decision_is_defined_for_any_measures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
