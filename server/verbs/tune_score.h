/* tune_score.h: how a picker's onsets compare with those that people set. */
#ifndef TOCSIN_TUNE_SCORE_H
#define TOCSIN_TUNE_SCORE_H

#include "tune_labels.h"

typedef struct {
  char network[9], station[9];
  char phase;
  int64_t time, emitted;
} tune_pick;

/* A P (S) within 0.5 s of the label hits; whatever comes earlier is false. */
typedef struct {
  size_t windows, p_hits, false_picks, p_after_p, windows_with_s, s_hits;
  double noise_h;
  double p_error_median_s, p_error_90_s, s_error_median_s, delay_median_s, delay_90_s; /* NAN: no hit */
} tune_score;

/* False if memory is short. `picks` are sorted. */
bool tune_score_of(const tune_labels *labels, tune_pick *picks, size_t count, tune_score *score);

#endif
