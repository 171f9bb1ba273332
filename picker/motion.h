/* motion.h (inside picker/): what three components do to a building: filters that run on every sample, and the maxima of a window of shaking.
 *
 * All filters are linear and start from rest; a component's first sample is taken off as a reference, and the baseline that belongs (the mean before
 * the pick, frozen) is put in its place afterwards, in the outputs, exactly where an output still carries a constant. The three components lie side
 * by side in one vector, which each line of motion_filter() treats as one.
 */
#ifndef TOCSIN_PICKER_MOTION_H
#define TOCSIN_PICKER_MOTION_H

#include "baseline.h"
#include "filters.h"
#include "history.h"
#include "picker.h"

typedef double motion_lanes __attribute__((vector_size(32))); /* vertical, north, east, unused */

/* The same for all components. */
typedef struct {
  ingest_unit unit;
  double rate, dt;
  filters_section band[FILTERS_BANDPASS_SECTIONS]; /* GB/T 17742-2020 */
  filters_section displacement, jma;               /* high-passes of displacement, 0.075 and 1/6 Hz */
  double seismometer[2][2], drive[2][2];           /* Wood-Anderson's exact step: [x v] = S [x v] + D [a_i a_i+1] */
} motion_design;

typedef struct {
  motion_lanes band_1[FILTERS_BANDPASS_SECTIONS], band_2[FILTERS_BANDPASS_SECTIONS];
  motion_lanes displacement_1, displacement_2, unit_1, unit_2; /* unit: the same recursion for a constant of 1 */
  motion_lanes jma_1, jma_2, jma_unit_1, jma_unit_2;
  motion_lanes swing, speed, input, band_output; /* Wood-Anderson's state, last input, last band-passed primary quantity */
} motion_state;

/* One sample's outputs, SI; of each component. */
typedef struct {
  motion_lanes acceleration, velocity, displacement, band_acceleration, band_velocity, jma, wood_anderson;
} motion_outputs;

void motion_design_init(motion_design *d, double rate, ingest_unit unit);

/* x: the samples less their reference; offset: baseline less reference. */
void motion_filter(const motion_design *d, motion_state *s, const motion_lanes *x, const motion_lanes *offset, motion_outputs *out);
void motion_clear(motion_state *s, int component);

/* Maxima of vector sums and components. `alive`: the components that are there. */
typedef struct {
  double acceleration, velocity, displacement, band_acceleration, band_velocity, jma; /* squared vectors */
  motion_lanes wood_anderson;                                                         /* absolute */
} motion_maxima;

/* True if a filtered maximum grew. */
bool motion_grow(motion_maxima *m, const motion_outputs *out, bool *any);
/* 3; 2: horizontals; 1 */
int motion_components(int seen);
void motion_report(const motion_maxima *m, int components, picker_motion *motion);

/* ---- the stream ---- */

typedef struct {
  motion_design design;
  motion_state state;
  baseline mean[INGEST_COMPONENTS];
  double reference[INGEST_COMPONENTS];
  double last_mean[INGEST_COMPONENTS]; /* before it stopped; NAN: never ran */
  bool running[INGEST_COMPONENTS], expected[INGEST_COMPONENTS];
  bool started;
  int64_t next; /* index of the sample that is taken next */
  int64_t age;  /* since a component last started */
  double noise; /* running mean of the squared band-passed acceleration */
  bool open, closed, grown;
  int seen;                                    /* components seen in the window */
  int64_t since, until, last_growth, opens_at; /* opens_at: a pick's onset that is not reached yet, INT64_MAX: none */
  int64_t clipped_until;                       /* end of the last piece that was clipped */
  motion_lanes offset;
  motion_maxima maxima;
} motion_stream;

void motion_restart(motion_stream *m, double rate, ingest_unit unit);

/* Takes all samples that are complete; with `forced` below what the fullest component holds, up to there without those that are behind. */
void motion_run(motion_stream *m, const history components[INGEST_COMPONENTS], int64_t forced, double quiet_s);

/* A P with its onset there: opens the window, or keeps it open. */
void motion_open(motion_stream *m, int64_t onset);

#endif
