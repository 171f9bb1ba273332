/* The judge's network in C against what its trainer computed. */
#include <math.h>
#include <string.h>

#include "closer_examples.h"
#include "data.h"
#include "judge.h"
#include "judge_examples.h"

enum { EXAMPLES = sizeof judge_examples_odds / sizeof judge_examples_odds[0] };

static void c_and_its_trainer_give_the_same_odds(void **state)
{
  (void)state;
  for (int i = 0; i < EXAMPLES; i++) {
    int look = (int)judge_examples[i][JUDGE_MEASURES];
    assert_true(fabsf(judge_log_odds(judge_examples[i], look) - judge_examples_odds[i]) < 0.01f);
  }
}

static void c_and_its_trainer_give_the_same_odds_of_a_trace(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof closer_odds / sizeof closer_odds[0]; i++) {
    waveform trace;
    memcpy(&trace, closer_traces[i], sizeof trace);
    assert_true(fabsf(judge_closer_log_odds(closer_measures[i], &trace, (int)closer_measures[i][JUDGE_MEASURES]) - closer_odds[i]) < 0.02f);
  }
}

static void the_trace_matters(void **state)
{
  (void)state;
  waveform trace, still = {0};
  memcpy(&trace, closer_traces[0], sizeof trace);
  int look = (int)closer_measures[0][JUDGE_MEASURES];
  assert_true(fabsf(judge_closer_log_odds(closer_measures[0], &trace, look) - judge_closer_log_odds(closer_measures[0], &still, look)) > 0.5f);
}

static void the_examples_differ_enough_to_tell_a_wrong_table(void **state)
{
  (void)state;
  float least = judge_examples_odds[0], most = least;
  for (int i = 1; i < EXAMPLES; i++) {
    least = fminf(least, judge_examples_odds[i]);
    most = fmaxf(most, judge_examples_odds[i]);
  }
  assert_true(most - least > 1);
}

static void a_louder_past_makes_the_same_wave_less_likely(void **state)
{
  (void)state;
  candidate_evidence e = {.peak = 40, .mean = 20, .bands_up = 0.8f, .contrast = 0.8f, .spike = 5, .lasting = 1, .quiet_1 = 10, .quiet_5 = 8};
  float calm[JUDGE_MEASURES], restless[JUDGE_MEASURES];
  const float quiet[PAST_MEASURES] = {0.4f, 0.8f, 2, 0}, loud[PAST_MEASURES] = {2, 3.5f, -0.5f, 0.1f};
  for (int i = 0; i < PAST_MEASURES; i++)
    e.past[i] = quiet[i];
  judge_measure(&e, calm);
  for (int i = 0; i < PAST_MEASURES; i++)
    e.past[i] = loud[i];
  judge_measure(&e, restless);
  for (int look = 0; look < CANDIDATE_LOOKS; look++)
    assert_true(judge_log_odds(calm, look) > judge_log_odds(restless, look) + 0.5f);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(c_and_its_trainer_give_the_same_odds),
      cmocka_unit_test(c_and_its_trainer_give_the_same_odds_of_a_trace),
      cmocka_unit_test(the_trace_matters),
      cmocka_unit_test(the_examples_differ_enough_to_tell_a_wrong_table),
      cmocka_unit_test(a_louder_past_makes_the_same_wave_less_likely),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
