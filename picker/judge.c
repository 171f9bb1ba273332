#include "judge.h"

#include <math.h>
#include <string.h>

#include "closer_weights.h"
#include "convolution.h"
#include "judge_weights.h"
#include "network.h"

/* Logarithm, of each look: the first let out only what is clear, the last is where the found and the false of all windows and noises balance. */
static const float odds_asked[CANDIDATE_LOOKS] = {2, 1.5f, 1.2f, 0.8f, 0.4f, 0};
static const float worth_a_closer_look = -4;
/* While the coda of a P lasts: better odds, the less so the louder it is, and energy over the loudest of it, the more the younger it is, because
 * large events grow for seconds. */
static const float odds_in_coda = 2, odds_of_far_louder = 5, over_event = 1.5f, over_young_event = 16;

static float bounded(float value, float least, float most)
{
  return fminf(fmaxf(value, least), most);
}

static float bounded_log(float value, float least, float most)
{
  return bounded(logf(fmaxf(value, 1e-6f)), least, most);
}

void judge_measure(const candidate_evidence *e, float measures[JUDGE_MEASURES])
{
  const float ratios[JUDGE_RATIOS] = {
      bounded_log(e->peak, -14, 6),
      bounded_log(e->mean, -14, 6),
      e->bands_up,
      fminf(e->contrast, 3),
      bounded_log(e->spike, -14, 9),
      bounded_log(e->lasting, -14, 1.5f),
      bounded_log(e->quiet_1, -3, 5),
      bounded_log(e->quiet_5, -3, 5),
      fminf(e->recent, 12) / 5,
      e->band / 3,
  };
  memcpy(measures, ratios, sizeof ratios);
  memcpy(measures + JUDGE_RATIOS, e->past, sizeof e->past);
}

float judge_log_odds(const float measures[JUDGE_MEASURES], int look)
{
  static const network judge = {JUDGE_MEASURES, JUDGE_UNITS, judge_of_measure[0], judge_of_unit, JUDGE_CONSTANT};
  return network_log_odds(&judge, judge_of_look[look], measures);
}

float judge_closer_log_odds(const float measures[JUDGE_MEASURES], const waveform *trace, int look)
{
  enum { HALF = (WAVEFORM_STEPS + 1) / 2, QUARTER = (HALF + 1) / 2 };
  static const convolution first = {WAVEFORM_STEPS, WAVEFORM_CHANNELS, 7, closer_1, closer_bias_1},
                           second = {HALF, CONVOLUTION_OUTPUTS, 5, closer_2, closer_bias_2},
                           third = {QUARTER, CONVOLUTION_OUTPUTS, 5, closer_3, closer_bias_3};
  static const network hidden = {CLOSER_INPUTS, CLOSER_UNITS, closer_of_input[0], closer_of_unit, CLOSER_CONSTANT};
  float halved[HALF * CONVOLUTION_OUTPUTS], quartered[QUARTER * CONVOLUTION_OUTPUTS], inputs[CLOSER_INPUTS];
  convolution_run(&first, trace->steps[0], halved);
  convolution_run(&second, halved, quartered);
  convolution_run(&third, quartered, inputs);
  memcpy(inputs + CLOSER_TRACE, trace->quarters, sizeof trace->quarters);
  memcpy(inputs + CLOSER_INPUTS - JUDGE_MEASURES, measures, JUDGE_MEASURES * sizeof *measures);
  return network_log_odds(&hidden, closer_of_look[look], inputs);
}

float candidate_log_odds(const candidate_evidence *e, int look)
{
  float measures[JUDGE_MEASURES];
  judge_measure(e, measures);
  float odds = judge_log_odds(measures, look);
  return odds > worth_a_closer_look ? judge_closer_log_odds(measures, &e->trace, look) : odds;
}

float candidate_asked(const candidate_evidence *e, int look, double strictness)
{
  float asked = odds_asked[look] + (float)strictness;
  if (e->coda > 0) {
    if (e->over_event < over_event + over_young_event * e->coda * e->coda)
      return INFINITY;
    asked += bounded(odds_of_far_louder - logf(e->over_event), 0, odds_in_coda);
  }
  return asked;
}
