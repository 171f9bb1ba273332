/* tune_sweep.h: the values that a verb's --tune tries: NAME=FROM:TO:STEP or NAME=A,B,C of one section's settings, all combinations. */
#ifndef TOCSIN_TUNE_SWEEP_H
#define TOCSIN_TUNE_SWEEP_H

#include <stdbool.h>
#include <stddef.h>

#include "config.h"

enum { TUNE_SETTINGS = 8, TUNE_VALUES = 256, TUNE_TRIALS = 10000 };

typedef struct {
  const config_row *row;
  double values[TUNE_VALUES];
  size_t count;
} tune_range;

/* Of which verb and section: the first three are the caller's. */
typedef struct {
  const char *verb, *section;
  const config_row *rows;
  tune_range ranges[TUNE_SETTINGS];
  size_t count;
} tune_sweep;

/* One more setting. False, said on stderr, if it is no such setting or value. */
bool tune_sweep_add(tune_sweep *sweep, const char *text);

/* Number of combinations; and number `trial` of them put into the section's struct, the last setting changing fastest. */
size_t tune_sweep_trials(const tune_sweep *sweep);
double tune_sweep_value(const tune_sweep *sweep, size_t trial, size_t setting);
void tune_sweep_apply(const tune_sweep *sweep, size_t trial, void *settings);

#endif
