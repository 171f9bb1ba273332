/* baseline.h (inside picker/): the mean of the last 30 s, block by block of a second, as it stood before an instant. */
#ifndef TOCSIN_PICKER_BASELINE_H
#define TOCSIN_PICKER_BASELINE_H

#include <stdint.h>

enum { BASELINE_BLOCKS = 32, BASELINE_USED = 30 };

typedef struct {
  double sums[BASELINE_BLOCKS], sum;
  int32_t in_block, block;
  int64_t blocks, start; /* full ones; index of the first sample */
} baseline;

void baseline_restart(baseline *b, int64_t start, int32_t samples_a_second);

static inline void baseline_add(baseline *b, double sample)
{
  b->sum += sample;
  if (++b->in_block == b->block) {
    b->sums[b->blocks++ % BASELINE_BLOCKS] = b->sum;
    b->sum = 0;
    b->in_block = 0;
  }
}

/* Mean of up to 30 blocks that end at or before index `before`; with none, of what there is; 0 with nothing. */
double baseline_before(const baseline *b, int64_t before);

#endif
