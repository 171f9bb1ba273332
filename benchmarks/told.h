/* told.h: a made world whose picks are told to the real locator as the engine would, with the CPU time of each call. */
#ifndef TOCSIN_TOLD_H
#define TOCSIN_TOLD_H

#include "made.h"

/* What calls took, in microseconds of this thread's CPU. */
typedef struct {
  double *us;
  size_t count, capacity;
} told_cost;

/* This thread's CPU time so far; and what a call took of it, kept (`cost` may be NULL). */
double told_thread_us(void);
void told_count(told_cost *cost, double us);

/* Runs the world's clock to `until_s`: picks in the order of their telling, statuses each second, steps each `step_s`. Adds the cost of each pick to
   `picks` and of each step to `steps` (either may be NULL). What was said is in the world's events. */
void told_run(made_world *w, double until_s, double step_s, told_cost *picks, told_cost *steps);

/* Three JSON lines: mean, 99th percentile and largest, over the cost of one travel time. Sorts. */
void told_report(const char *name, told_cost *cost, double baseline_us);

/* One travel time, the unit of all this work. */
double told_lookup_us(const locator_travel_times *tables);

double told_quantile(double *values, size_t count, double share);

#endif
