#include "histogram.h"

#include <math.h>
#include <string.h>

enum { SUB = 1 << HISTOGRAM_SUB_BITS, LARGEST_BITS = 44 };

/* Below SUB each value has its own bucket; above, each doubling has SUB of equal width. */
static unsigned bucket_of(uint64_t value)
{
  if (value < SUB)
    return (unsigned)value;
  unsigned shift = 63u - (unsigned)__builtin_clzll(value) - HISTOGRAM_SUB_BITS;
  return ((shift + 1) << HISTOGRAM_SUB_BITS) + (unsigned)((value >> shift) - SUB);
}

/* The greatest value of a bucket. */
static int64_t last_of(unsigned bucket)
{
  if (bucket < SUB)
    return bucket;
  unsigned shift = (bucket >> HISTOGRAM_SUB_BITS) - 1;
  return (int64_t)((((uint64_t)(bucket & (SUB - 1)) + SUB + 1) << shift) - 1);
}

bool histogram_add(histogram *h, int64_t value, int64_t budget)
{
  const int64_t largest = (INT64_C(1) << LARGEST_BITS) - 1;
  value = value < 0 ? 0 : value > largest ? largest : value;
  h->buckets[bucket_of((uint64_t)value)]++;
  h->count++;
  if (value > h->maximum)
    h->maximum = value;
  bool over = budget > 0 && value > budget;
  h->over_budget += over;
  return over;
}

int64_t histogram_percentile(const histogram *h, double fraction)
{
  uint64_t wanted = (uint64_t)ceil(fraction * (double)h->count), seen = 0;
  for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
    seen += h->buckets[i];
    if (seen >= wanted && seen > 0)
      return last_of(i) < h->maximum ? last_of(i) : h->maximum;
  }
  return 0;
}

void histogram_clear(histogram *h)
{
  memset(h, 0, sizeof *h);
}
