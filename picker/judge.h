/* judge.h (inside picker/): what the networks that tell P waves from all else are asked: a small one of all looks, a larger one, which sees the
 * trace, of those that the first does not turn away. */
#ifndef TOCSIN_PICKER_JUDGE_H
#define TOCSIN_PICKER_JUDGE_H

#include "candidate.h"

enum { JUDGE_RATIOS = 10, JUDGE_MEASURES = JUDGE_RATIOS + PAST_MEASURES };

/* Bounded, so that the network sees nothing that it was not trained on. */
void judge_measure(const candidate_evidence *e, float measures[JUDGE_MEASURES]);

/* Logarithm of the odds that this is a P wave, at first sight. */
float judge_log_odds(const float measures[JUDGE_MEASURES], int look);

/* The same from the trace as well. Trained on what is worth it only. */
float judge_closer_log_odds(const float measures[JUDGE_MEASURES], const waveform *trace, int look);

#endif
