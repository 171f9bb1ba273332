/* judge.h (inside picker/): what the small network that tells P waves from all else is asked. */
#ifndef TOCSIN_PICKER_JUDGE_H
#define TOCSIN_PICKER_JUDGE_H

#include "candidate.h"

enum { JUDGE_RATIOS = 10, JUDGE_MEASURES = JUDGE_RATIOS + PAST_MEASURES };

/* Bounded, so that the network sees nothing that it was not trained on. */
void judge_measure(const candidate_evidence *e, float measures[JUDGE_MEASURES]);

/* Logarithm of the odds that this is a P wave. */
float judge_log_odds(const float measures[JUDGE_MEASURES], int look);

#endif
