#include "baseline.h"

void baseline_restart(baseline *b, int64_t start, int32_t samples_a_second)
{
  *b = (baseline){.start = start, .block = samples_a_second};
}

double baseline_before(const baseline *b, int64_t before)
{
  int64_t last = (before - b->start) / b->block, oldest = b->blocks - BASELINE_BLOCKS;
  if (last > b->blocks)
    last = b->blocks;
  int64_t first = last - BASELINE_USED;
  if (first < oldest)
    first = oldest;
  if (first < 0)
    first = 0;
  double sum = 0;
  for (int64_t i = first; i < last; i++)
    sum += b->sums[i % BASELINE_BLOCKS];
  if (last > first)
    return sum / ((double)(last - first) * b->block);
  return b->in_block ? b->sum / b->in_block : 0;
}
