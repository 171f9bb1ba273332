/* past.h (inside picker/): how loud the seconds before a trigger were: what rises above a noise that has often risen so is no P. */
#ifndef TOCSIN_PICKER_PAST_H
#define TOCSIN_PICKER_PAST_H

#include "characteristic.h"

enum { PAST_STEPS = 32, PAST_BANDS = 6, PAST_MEASURES = 4 };

typedef struct {
  float loudest[PAST_STEPS][PAST_BANDS]; /* 0.1 s of each 0.5 s, ring */
  int64_t steps;
} past;

void past_restart(past *p);

/* The bank filled a block. */
void past_follow(past *p, const characteristic *c);

/* `energy` of a band against the steps before the bank had filled `blocks`: logarithms of nine tenths and of the loudest over the median and of
   `energy` over the loudest; the share of steps that are louder than `energy`. Zeros while there are less than 2 s. */
void past_measure(const past *p, int64_t blocks, int band, float energy, float measures[PAST_MEASURES]);

#endif
