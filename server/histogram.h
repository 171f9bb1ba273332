/* histogram.h: how long things took: counts in buckets whose width grows with the value (as HdrHistogram's; Tene 2014), so that any percentile is
 * known within 1.6 % from nanoseconds to hours, in fixed memory and without a branch that depends on the past.
 */
#ifndef TOCSIN_HISTOGRAM_H
#define TOCSIN_HISTOGRAM_H

#include <stdbool.h>
#include <stdint.h>

enum { HISTOGRAM_SUB_BITS = 6, HISTOGRAM_BUCKETS = (44 - HISTOGRAM_SUB_BITS + 1) << HISTOGRAM_SUB_BITS };

/* Zeroed is empty. About 20 KB. */
typedef struct {
  uint64_t count, over_budget;
  int64_t maximum;
  uint64_t buckets[HISTOGRAM_BUCKETS];
} histogram;

/* Counts one value (ns; negative counts as 0, over 2^44 ns = 4.9 h as that). `budget` 0: none. Returns true if the value is over it. */
bool histogram_add(histogram *h, int64_t value, int64_t budget);

/* The value that the fraction (0..1) of all counted ones do not exceed, 0 if none is counted; never under the true one. */
int64_t histogram_percentile(const histogram *h, double fraction);

void histogram_clear(histogram *h);

#endif
