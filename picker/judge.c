#include "judge.h"

#include <math.h>
#include <string.h>

#include "judge_weights.h"
#include "network.h"

/* Logarithm, of each look: the first let out only what is clear, the last is where the found and the false of all windows and noises balance. */
static const float odds_asked[CANDIDATE_LOOKS] = {1.75f, 1.25f, 0.75f, 0.05f, -0.25f};
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

float candidate_odds(const candidate_evidence *e, int look, double strictness)
{
  float asked = odds_asked[look] + (float)strictness;
  if (e->coda > 0) {
    if (e->over_event < over_event + over_young_event * e->coda * e->coda)
      return -INFINITY;
    asked += bounded(odds_of_far_louder - logf(e->over_event), 0, odds_in_coda);
  }
  float measures[JUDGE_MEASURES];
  judge_measure(e, measures);
  return judge_log_odds(measures, look) - asked;
}
