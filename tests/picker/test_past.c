#include <math.h>

#include "data.h"
#include "past.h"
#include "signals.h"

enum { BAND = 3 };

/* The bank's blocks and the past after `seconds` of the signal. */
static void follow(past *p, characteristic *c, const signal *s, double seconds)
{
  bool up;
  past_restart(p);
  characteristic_init(c, s->rate, 1, 8, 2, 1e9);
  characteristic_restart(c, s->values[0]);
  for (size_t i = 0; i < s->n && (double)i < seconds * s->rate; i++) {
    int64_t blocks = c->blocks;
    characteristic_run(c, s->values + i, 1, &up);
    if (c->blocks != blocks)
      past_follow(p, c);
  }
}

static void steady_noise_is_never_far_above_its_median(void **state)
{
  (void)state;
  past p;
  characteristic c;
  float m[PAST_MEASURES];
  signal s = signal_noise(1, 20, 100);
  follow(&p, &c, &s, 18);
  past_measure(&p, c.blocks, BAND, 100 * c.noise[BAND], m);
  assert_true(m[0] >= 0 && m[0] < 1.5f && m[1] >= m[0] && m[1] < 2.5f);
  assert_true(m[2] > 2 && m[3] == 0);
  signal_free(&s);
}

static void a_burst_is_remembered_for_twelve_seconds(void **state)
{
  (void)state;
  past p;
  characteristic c;
  float m[PAST_MEASURES];
  signal s = signal_noise(2, 40, 100);
  signal_add_wave(&s, 2, 10, 100);
  follow(&p, &c, &s, 14);
  past_measure(&p, c.blocks, BAND, 30 * c.noise[BAND], m);
  assert_true(m[1] > 4 && m[2] < 0 && m[3] > 0);
  follow(&p, &c, &s, 39);
  past_measure(&p, c.blocks, BAND, 30 * c.noise[BAND], m);
  assert_true(m[1] < 3 && m[2] > 1 && m[3] == 0);
  signal_free(&s);
}

static void what_follows_the_trigger_is_not_its_past(void **state)
{
  (void)state;
  past p;
  characteristic c;
  float before[PAST_MEASURES], later[PAST_MEASURES];
  signal s = signal_noise(3, 30, 100);
  signal_add_wave(&s, 3, 15.2, 200);
  follow(&p, &c, &s, 15.15);
  int64_t blocks = c.blocks;
  past_measure(&p, blocks, BAND, 1, before);
  follow(&p, &c, &s, 16.1);
  past_measure(&p, blocks, BAND, 1, later);
  assert_memory_equal(before, later, sizeof before);
  signal_free(&s);
}

static void nothing_is_said_of_a_stream_that_has_just_begun(void **state)
{
  (void)state;
  past p;
  characteristic c;
  float m[PAST_MEASURES];
  signal s = signal_noise(4, 10, 100);
  follow(&p, &c, &s, 2.5);
  past_measure(&p, c.blocks, BAND, 1e6f, m);
  for (int i = 0; i < PAST_MEASURES; i++)
    assert_true(m[i] == 0);
  signal_free(&s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(steady_noise_is_never_far_above_its_median),
      cmocka_unit_test(a_burst_is_remembered_for_twelve_seconds),
      cmocka_unit_test(what_follows_the_trigger_is_not_its_past),
      cmocka_unit_test(nothing_is_said_of_a_stream_that_has_just_begun),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
