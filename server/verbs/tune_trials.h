/* tune_trials.h: a picker's settings tried on labelled windows, in parallel processes. */
#ifndef TOCSIN_TUNE_TRIALS_H
#define TOCSIN_TUNE_TRIALS_H

#include "pick_run.h"
#include "tune_score.h"
#include "tune_sweep.h"

/* scores[trial] of each combination, `jobs` processes at a time. False, said on stderr, if one of them failed. */
bool tune_trials(const archive *a, const ingest_inventory *inventory, const settings *s, const tune_labels *labels, const tune_sweep *sweep, int jobs,
                 tune_score *scores);

#endif
