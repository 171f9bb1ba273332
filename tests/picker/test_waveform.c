/* The trace around a trigger as a network sees it. */
#include "waveform.h"

#include <math.h>
#include <string.h>

#include "data.h"
#include "signals.h"

enum { CAPACITY = 8192 };
static const double trigger_s = 12;

/* Samples up to `end_s` at gain and offset; those from hole_s on for 0.1 s are missing (0: none). */
static waveform seen(const signal *s, double end_s, double gain, double offset, double hole_s)
{
  static float ring[CAPACITY];
  history h;
  waveform w;
  history_init(&h, ring, CAPACITY);
  history_restart(&h, 0, 1 << 30);
  for (size_t i = 0; i < s->n && (double)i < end_s * s->rate; i++) {
    bool missing = hole_s > 0 && fabs((double)i / s->rate - hole_s) < 0.05;
    float value = missing ? NAN : (float)(gain * (double)s->values[i] + offset);
    history_append(&h, &value, 1);
  }
  const int64_t trigger = llround(trigger_s * s->rate);
  waveform_measure(&h, trigger, s->rate, &w);
  return w;
}

static signal quake(uint64_t seed)
{
  signal s = signal_noise(seed, 16, 100);
  signal_add_wave(&s, seed, trigger_s, 40);
  return s;
}

static void it_rises_with_the_wave_and_knows_nothing_after_the_newest_sample(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 10; seed++) {
    signal s = quake(seed);
    waveform w = seen(&s, trigger_s + 0.3, 1, 0, 0);
    float before = 0, after = 0;
    for (int k = 0; k < WAVEFORM_BEFORE - 5; k++)
      before = fmaxf(before, fabsf(w.steps[k][0]));
    for (int k = WAVEFORM_BEFORE; k < WAVEFORM_BEFORE + 14; k++)
      after = fmaxf(after, fabsf(w.steps[k][0]));
    assert_true(after > before + 0.7f && before > 0.5f && before < 3);
    for (int k = WAVEFORM_BEFORE + 16; k < WAVEFORM_STEPS; k++)
      assert_true(w.steps[k][0] == 0 && w.steps[k][1] == 0);
    signal_free(&s);
  }
}

static void what_comes_later_changes_nothing_before_it(void **state)
{
  (void)state;
  signal s = quake(3);
  waveform early = seen(&s, trigger_s + 0.2, 1, 0, 0), late = seen(&s, trigger_s + 0.8, 1, 0, 0);
  assert_memory_equal(early.quarters, late.quarters, sizeof early.quarters);
  for (int k = 0; k < WAVEFORM_BEFORE + 8; k++)
    assert_memory_equal(early.steps[k], late.steps[k], sizeof early.steps[k]);
  signal_free(&s);
}

static void assert_alike(const waveform *a, const waveform *b, float most)
{
  const float *x = (const float *)a, *y = (const float *)b;
  for (size_t i = 0; i < WAVEFORM_VALUES; i++)
    if (!(fabsf(x[i] - y[i]) <= most))
      fail_msg("value %zu: %g, %g", i, (double)x[i], (double)y[i]);
}

static void neither_gain_nor_offset_matters(void **state)
{
  (void)state;
  signal s = quake(4);
  waveform as_is = seen(&s, trigger_s + 0.5, 1, 0, 0), metres = seen(&s, trigger_s + 0.5, 1e-7, 0, 0),
           counts = seen(&s, trigger_s + 0.5, 64, 4096, 0);
  assert_alike(&as_is, &metres, 0.01f);
  assert_alike(&as_is, &counts, 0.05f);
  signal_free(&s);
}

static void a_hole_hides_what_is_before_it(void **state)
{
  (void)state;
  signal s = quake(5);
  waveform w = seen(&s, trigger_s + 0.5, 1, 0, trigger_s - 5);
  for (int q = 0; q < 12; q++)
    assert_true(w.quarters[q][0] == 0 && w.quarters[q][1] == 0);
  assert_true(w.quarters[WAVEFORM_QUARTERS - 1][0] != 0 && w.steps[0][0] != 0);
  w = seen(&s, trigger_s + 0.5, 1, 0, trigger_s - 1);
  assert_true(w.quarters[WAVEFORM_QUARTERS - 1][0] == 0 && w.steps[0][0] == 0 && w.steps[WAVEFORM_BEFORE][0] != 0);
  signal_free(&s);
}

static void every_value_is_a_number_within_bounds(void **state)
{
  (void)state;
  const double rates[] = {20, 31.25, 100, 250, 500};
  for (size_t r = 0; r < sizeof rates / sizeof rates[0]; r++) {
    signal s = signal_zero(14, rates[r]);
    for (size_t i = 0; i < s.n; i++)
      s.values[i] = i % 7 == 0 && (double)i > trigger_s * s.rate ? 1e15f : 0;
    waveform w = seen(&s, 14, 1, 0, 0);
    const float *values = w.steps[0];
    for (size_t i = 0; i < WAVEFORM_STEPS * WAVEFORM_CHANNELS; i++)
      assert_true(fabsf(values[i]) <= 10);
    for (int q = 0; q < WAVEFORM_QUARTERS; q++)
      assert_true(fabsf(w.quarters[q][0]) <= 10 && fabsf(w.quarters[q][1]) <= 10);
    signal_free(&s);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(it_rises_with_the_wave_and_knows_nothing_after_the_newest_sample),
      cmocka_unit_test(what_comes_later_changes_nothing_before_it),
      cmocka_unit_test(neither_gain_nor_offset_matters),
      cmocka_unit_test(a_hole_hides_what_is_before_it),
      cmocka_unit_test(every_value_is_a_number_within_bounds),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
