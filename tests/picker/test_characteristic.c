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

/* One band written down plainly: the same operations on one number after the other. */
typedef struct {
  float h1, h2, l1, l2, average, noise, sum, energies[4096];
  int64_t blocks;
} plain_band;

/* The mean of the quieter half of the first blocks. */
static float plain_first_noise(const plain_band *b, int count)
{
  float sorted[CHARACTERISTIC_BLOCKS], sum = 0;
  for (int i = 0; i < count; i++) {
    int place = i;
    for (; place > 0 && sorted[place - 1] > b->energies[i]; place--)
      sorted[place] = sorted[place - 1];
    sorted[place] = b->energies[i];
  }
  for (int i = 0; i < count / 2; i++)
    sum += sorted[i];
  return sum / (float)(count / 2);
}

/* Returns the index of its first trigger, s->n if there is none. */
static size_t plain_run(plain_band *b, const characteristic *c, int band, const signal *s)
{
  size_t first = s->n;
  float last = s->values[0], step = 1;
  *b = (plain_band){0};
  for (size_t i = 0; i < s->n; i++) {
    float x = s->values[i] - last;
    last = s->values[i];
    b->h1 += c->high_step[band] * (x - b->h1);
    x -= b->h1;
    b->h2 += c->high_step[band] * (x - b->h2);
    x -= b->h2;
    b->l1 += c->low_step[band] * (x - b->l1);
    b->l2 += c->low_step[band] * (b->l1 - b->l2);
    float energy = b->l2 * b->l2;
    b->sum += energy;
    b->average += c->short_step[band] * (energy - b->average);
    b->noise += step * ((energy < 6 * b->noise ? energy : 6 * b->noise) - b->noise);
    if (b->blocks >= c->warm_up && b->average > c->threshold * b->noise && first == s->n)
      first = i;
    if ((i + 1) % (size_t)c->block != 0)
      continue;
    b->energies[b->blocks++] = b->sum / (float)c->block;
    b->sum = 0;
    if (b->blocks == c->warm_up)
      b->noise = plain_first_noise(b, c->warm_up);
    step = fmaxf(2.0f / (float)(i + 2), c->slowest_step);
  }
  return first;
}

static void the_lanes_agree_with_a_plain_bank_to_the_bit(void **state)
{
  (void)state;
  static plain_band plain;
  static const double rates[] = {20, 31.25, 100, 250, 500};
  for (uint64_t seed = 1; seed <= 20; seed++) {
    signal s = signal_noise(seed, 10, rates[seed % 5]);
    signal_add_wave(&s, seed, 7, seed % 2 ? 20 : 0);
    characteristic c = bank_for(&s);
    size_t first = run(&c, &s, 77), plain_first = s.n;
    for (int band = 0; band < c.bands; band++) {
      size_t at = plain_run(&plain, &c, band, &s);
      plain_first = at < plain_first ? at : plain_first;
      assert_true(c.low_2[band] == plain.l2 && c.average[band] == plain.average && c.noise[band] == plain.noise && c.sum[band] == plain.sum);
      for (int64_t back = 0; back < CHARACTERISTIC_BLOCKS && back < c.blocks; back++)
        assert_true((*characteristic_energy(&c, back))[band] == plain.energies[c.blocks - 1 - back]);
    }
    assert_int_equal(first, plain_first);
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
