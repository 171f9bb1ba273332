/* quality.h: what one channel's samples are like, block by block of about a second, and what is wrong with them; for this folder's own use.
 *
 * An earthquake must not count as a fault, however strong: each judgement is of what shaking does not do. It fades (loud), it moves (flat), it is
 * above the noise before and after (deaf), its steps come in company (spiky), and it lets every low bit toggle (stuck bit).
 */
#ifndef TOCSIN_INGEST_QUALITY_H
#define TOCSIN_INGEST_QUALITY_H

#include "ingest.h"

/* Sums over every fourth sample of a block, beginning with the first, second, third and fourth: laid out for vector instructions, and the same
   however the samples are cut into pieces. */
enum { QUALITY_LANES = 4 };
typedef float quality_reals __attribute__((vector_size(QUALITY_LANES * sizeof(float))));
typedef int32_t quality_counts __attribute__((vector_size(QUALITY_LANES * sizeof(int32_t))));
typedef struct {
  quality_reals sum, squares;      /* of what exceeds the reference */
  quality_reals steps, loud_steps; /* squares of the steps from sample to sample, and of those beyond the limit */
  quality_reals lowest, highest;
  quality_counts loud;    /* steps beyond the limit */
  quality_counts resting; /* no step, far from the reference */
} quality_lanes;

typedef struct {
  float reference, loud_square, far_square;
} quality_limits;

typedef struct {
  /* the block that is being filled */
  quality_lanes lanes;
  quality_limits limits;
  float last;
  int32_t filled;
  int32_t count_low, count_high;
  uint32_t ones, zeros; /* bits that were 1, that were 0, in the window */
  /* the window of blocks that is being filled */
  float low, high;     /* rms of its quietest and loudest block */
  int64_t least_range; /* in counts, of its blocks; -1: no counts */
  int32_t blocks;
  /* learned */
  float usual, usual_step;
  float offset, offset_slow, spike_share;
  int32_t learned;
  /* how long what has lasted: blocks of flat, clipped and drifting (below 0: downwards), windows of the others */
  float loud_since_low;
  int32_t flat, clipped, drifting, loud_windows, calm_windows, deaf_windows, stuck_windows;
  float newest_low;
  double rate;
  ingest_unit unit;
  uint32_t faults;
} quality;

/* Takes a piece of clean stream; `counts` are its samples as digitised, NULL where they were no whole numbers. Any cutting gives the same. About 3 ns
   a sample. */
void quality_feed(quality *q, const ingest_settings *settings, const ingest_samples *samples, const int32_t *counts);

void quality_tell(const quality *q, ingest_quality *told);

#endif
