/* The bank of band filters against one written down plainly. */
#include <complex.h>
#include <math.h>
#include <string.h>

#include "characteristic.h"
#include "data.h"
#include "signals.h"

/* Runs all samples; returns the index of the first trigger, n if there is none. */
static size_t run(characteristic *c, const signal *s, size_t portion)
{
  size_t first = s->n;
  for (size_t i = 0; i < s->n;) {
    bool up;
    size_t n = s->n - i < portion ? s->n - i : portion;
    i += characteristic_run(c, s->values + i, n, &up);
    if (up && first == s->n)
      first = i - 1;
  }
  return first;
}

static characteristic bank_for(const signal *s)
{
  characteristic c;
  characteristic_init(&c, s->rate, 1, 8, 2, 8);
  characteristic_restart(&c, s->values[0]);
  return c;
}

/* Output of one band after all samples, one section after the other: the same operations without lanes. */
static float plain_output(const characteristic *c, int band, const signal *s)
{
  float high = c->high_step[band], low = c->low_step[band], h1 = 0, h2 = 0, l1 = 0, l2 = 0, last = s->values[0];
  for (size_t i = 0; i < s->n; i++) {
    float x = s->values[i] - last;
    last = s->values[i];
    h1 += high * (x - h1);
    x -= h1;
    h2 += high * (x - h2);
    x -= h2;
    l1 += low * (x - l1);
    l2 += low * (l1 - l2);
  }
  return l2;
}

static void the_lanes_agree_with_a_plain_bank_to_the_bit(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 20; seed++) {
    signal s = signal_noise(seed, 10, 100);
    characteristic c = bank_for(&s);
    run(&c, &s, 77);
    for (int band = 0; band < c.bands; band++)
      assert_true(c.low_2[band] == plain_output(&c, band, &s));
    signal_free(&s);
  }
}

static void any_portions_give_the_same_state(void **state)
{
  (void)state;
  signal s = signal_noise(4, 20, 100);
  signal_add_wave(&s, 4, 12, 40);
  characteristic whole = bank_for(&s);
  size_t first = run(&whole, &s, s.n);
  for (size_t portion = 1; portion < 300; portion += 7) {
    characteristic c = bank_for(&s);
    assert_int_equal(run(&c, &s, portion), first);
    assert_memory_equal(&c.noise, &whole.noise, sizeof c.noise);
    assert_memory_equal(&c.average, &whole.average, sizeof c.average);
  }
  signal_free(&s);
}

static void a_rise_triggers_at_once_and_not_before_the_warm_up(void **state)
{
  (void)state;
  signal s = signal_noise(5, 20, 100);
  signal_add_wave(&s, 5, 1, 40);
  signal_add_wave(&s, 6, 15, 400);
  characteristic c = bank_for(&s);
  size_t first = run(&c, &s, s.n);
  assert_in_range(first, 200, 1515);
  signal_free(&s);
  s = signal_noise(5, 20, 100);
  signal_add_wave(&s, 5, 15, 40);
  c = bank_for(&s);
  assert_in_range(run(&c, &s, s.n), 1500, 1530);
  signal_free(&s);
}

static void bands_beyond_the_rate_are_left_out(void **state)
{
  (void)state;
  static const struct {
    double rate;
    int bands;
  } cases[] = {{20, 4}, {40, 5}, {62.5, 6}, {100, 6}, {500, 6}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    characteristic c;
    characteristic_init(&c, cases[i].rate, 1, 8, 2, 8);
    assert_int_equal(c.bands, cases[i].bands);
  }
}

static void a_great_event_does_not_poison_the_noise(void **state)
{
  (void)state;
  signal s = signal_noise(8, 30, 100);
  characteristic c = bank_for(&s);
  run(&c, &s, s.n);
  characteristic_lanes before = c.noise;
  signal loud = signal_noise(9, 1, 100);
  for (size_t i = 0; i < loud.n; i++)
    loud.values[i] *= 1e4f;
  run(&c, &loud, loud.n);
  for (int band = 0; band < c.bands; band++)
    assert_true(c.noise[band] < 3 * before[band]);
  signal_free(&s);
  signal_free(&loud);
}

static void a_start_that_is_no_noise_leaves_no_trace(void **state)
{
  (void)state;
  signal s = signal_noise(10, 10, 100), stepped = signal_noise(10, 10, 100);
  for (size_t i = 20; i < stepped.n; i++)
    stepped.values[i] += 100;
  characteristic c = bank_for(&s), d = bank_for(&stepped);
  run(&c, &s, s.n);
  run(&d, &stepped, stepped.n);
  for (int band = 0; band < c.bands; band++)
    assert_true(d.noise[band] < 3 * c.noise[band]);
  signal_free(&s);
  signal_free(&stepped);
}

/* Two one-pole high-passes (what a low-pass leaves) and two low-passes at w radians a sample. */
static double gain_of(double high_step, double low_step, double w)
{
  double complex high = 1 - high_step / (1 - (1 - high_step) * cexp(-I * w)), low = low_step / (1 - (1 - low_step) * cexp(-I * w));
  return pow(cabs(high) * cabs(low), 2);
}

static void a_band_filter_has_the_gain_of_its_sections(void **state)
{
  (void)state;
  static float out[4000];
  for (int band = 0; band < 5; band++)
    for (double frequency = 0.7; frequency < 40; frequency *= 1.9) {
      signal s = signal_zero(40, 100);
      signal_add_sine(&s, 0, 1, frequency);
      characteristic c = bank_for(&s);
      characteristic_filter(&c, band, s.values, s.n, out);
      double gain = gain_of((double)c.high_step[band], (double)c.low_step[band], 2 * 3.14159265358979 * frequency / 100), square = 0;
      for (size_t i = 2000; i < s.n; i++)
        square += (double)out[i] * (double)out[i];
      assert_true(fabs(sqrt(square / 1000) - gain) < 0.02 * gain + 1e-3);
      signal_free(&s);
    }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_lanes_agree_with_a_plain_bank_to_the_bit),
      cmocka_unit_test(any_portions_give_the_same_state),
      cmocka_unit_test(a_rise_triggers_at_once_and_not_before_the_warm_up),
      cmocka_unit_test(bands_beyond_the_rate_are_left_out),
      cmocka_unit_test(a_great_event_does_not_poison_the_noise),
      cmocka_unit_test(a_start_that_is_no_noise_leaves_no_trace),
      cmocka_unit_test(a_band_filter_has_the_gain_of_its_sections),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
