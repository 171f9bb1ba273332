#include <math.h>

#include "data.h"
#include "doubt.h"
#include "signals.h"

static history history_of(const signal *s, float *ring, size_t capacity)
{
  history h;
  history_init(&h, ring, capacity);
  history_restart(&h, 0, 1000);
  history_append(&h, s->values, s->n);
  return h;
}

enum { CAPACITY = 2048 };
static float ring[CAPACITY];

/* What is said of `s`, whose data end when the check is due. */
static const char *said_of(signal *s, int64_t onset)
{
  s->n = (size_t)(onset + (int64_t)(doubt_s * s->rate));
  history h = history_of(s, ring, CAPACITY);
  return doubt_reason(&h, onset, s->rate);
}

static void a_wave_that_lasts_is_not_doubted(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed < 50; seed++) {
    signal s = signal_noise(seed, 15, 100);
    signal_add_wave(&s, seed, 10, 10);
    assert_null(said_of(&s, 1000));
    signal_free(&s);
  }
}

static void a_spike_and_a_step_are_named(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed < 50; seed++) {
    signal spike = signal_noise(seed, 15, 100), step = signal_noise(seed, 15, 100);
    spike.values[1000] += 100;
    for (size_t i = 1000; i < step.n; i++)
      step.values[i] += 100;
    assert_string_equal(said_of(&spike, 1000), "spike");
    assert_string_equal(said_of(&step, 1000), "step");
    signal_free(&spike);
    signal_free(&step);
  }
}

static void too_little_data_before_the_onset_says_nothing(void **state)
{
  (void)state;
  signal s = signal_noise(1, 15, 100);
  s.values[20] += 100;
  assert_null(said_of(&s, 20));
  signal_free(&s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_wave_that_lasts_is_not_doubted),
      cmocka_unit_test(a_spike_and_a_step_are_named),
      cmocka_unit_test(too_little_data_before_the_onset_says_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
