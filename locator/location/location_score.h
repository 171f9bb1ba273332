/* location_score.h (inside locator/): how well many places would explain the readings, in single precision and eight places at a time: the search
 * asks thousands of them. */
#ifndef TOCSIN_LOCATOR_LOCATION_SCORE_H
#define TOCSIN_LOCATOR_LOCATION_SCORE_H

#include "lanes.h"
#include "location.h"

enum { SCORE_SILENCES = (LOCATION_SILENCES + LANES - 1) / LANES * LANES };

/* The first readings of a problem, those of P before those of S, and its silences; silences that fill the last lanes count nothing. */
typedef struct {
  travel_time_grid p_times, s_times;
  const locator_settings *settings;
  float middle_depth, depth_sigma; /* km */
  float needed;                    /* readings of P that must gain for a cell to be worth anything, or one fewer and S instead; 0: none */
  size_t p_waves, readings, silence_lanes;
  size_t place[LOCATION_SEARCHED]; /* of each of the problem's readings among these */
  float east[LOCATION_SEARCHED], north[LOCATION_SEARCHED], time[LOCATION_SEARCHED], variance[LOCATION_SEARCHED], worth[LOCATION_SEARCHED];
  float silent_east[SCORE_SILENCES], silent_north[SCORE_SILENCES], since[SCORE_SILENCES], sure_until[SCORE_SILENCES], seen[SCORE_SILENCES];
} score_witnesses;

/* A cell's middle and half sizes, km; its origin time and score once they are known, and the distance of the farthest P that fits. */
typedef struct {
  float east, north, depth, half_width, half_depth, score, time, farthest;
  bool heard; /* the silent sites have been asked */
} score_cell;

void score_call(score_witnesses *w, const location_problem *problem);

/* What each of up to LANES cells may hold at best, nearly: log likelihood against noise at its middle, residuals measured in deviations widened
   by what the wave needs to cross the cell, gains as if they were not. Each reading counts as an arrival or as noise, whichever is likelier, so that
   false picks cost nothing. Origin times are the anchor's, a reading, or, where it is -1, the median. */
void score_readings(const score_witnesses *w, int anchor, score_cell *cells, size_t count);

/* Takes from the score what the silent sites say. */
void score_silences(const score_witnesses *w, score_cell *c);

#endif
