#include "candidate.h"

#include <math.h>

#include "judge_weights.h"

/* Logarithm, of each look: the first let out only what is clear, the last is where the found and the false of all windows and noises balance. */
static const float odds_asked[CANDIDATE_LOOKS] = {0.5f, 0.25f, 0, -0.5f, -0.75f};
/* While the coda of a P lasts: better odds, and energy over the loudest of it, the more the younger it is, because large events grow for seconds. */
static const float odds_in_coda = 2.0f, over_event = 1.5f, over_young_event = 16;

static float bounded(float value, float least, float most)
{
  return fminf(fmaxf(value, least), most);
}

static float bounded_log(float value, float least, float most)
{
  return bounded(logf(fmaxf(value, 1e-6f)), least, most);
}

/* Logarithm of the odds that this is a P wave. */
static float log_odds(const candidate_evidence *e, int look)
{
  const float measures[JUDGE_MEASURES] = {
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
      bounded(e->low, -2, 7),
      bounded(e->middle, -2, 7),
      bounded(e->high, -2, 7),
  };
  float odds = judge_constant;
  for (int unit = 0; unit < JUDGE_UNITS; unit++) {
    float sum = judge_of_look[look][unit];
    for (int i = 0; i < JUDGE_MEASURES; i++)
      sum += judge_of_measure[i][unit] * measures[i];
    odds += judge_of_unit[unit] * tanhf(sum);
  }
  return odds;
}

bool candidate_is_wave(const candidate_evidence *e, int look, double strictness)
{
  float asked = odds_asked[look] + (float)strictness;
  if (e->coda > 0) {
    if (e->over_event < over_event + over_young_event * e->coda * e->coda)
      return false;
    asked += odds_in_coda;
  }
  return log_odds(e, look) >= asked;
}
