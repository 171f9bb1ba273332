/* history.h (inside picker/): the last seconds of one component, on the sensor's common grid of sample indices.
 *
 * Index i is the same instant in all components. What is missing (a gap, a flat run, a sample that is no number or beyond all reason) is held as NAN,
 * so that whoever reads sees the hole where it is.
 */
#ifndef TOCSIN_PICKER_HISTORY_H
#define TOCSIN_PICKER_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  float *values; /* a ring of mask + 1 samples */
  int64_t mask;
  int64_t begin, end; /* held: [begin, end), at most mask + 1 of them */
  float last;         /* of the flat run that is being counted */
  int32_t run, run_limit;
  uint64_t flat_runs, no_numbers; /* counted since history_init() */
} history;

/* Places of a ring for `seconds` at `rate`: a power of two. */
size_t history_capacity(double rate, double seconds);

/* `values`: capacity of them, the caller's. */
void history_init(history *h, float *values, size_t capacity);

/* Forgets all; the next sample has index `index`. A run of run_limit identical samples is missing from its last one on. */
void history_restart(history *h, int64_t index, int32_t run_limit);

/* Never fed: older than any index. */
#define HISTORY_EMPTY (INT64_MIN / 2)

/* The next sample does not follow the last though none is missing: the last one becomes the hole. */
void history_break(history *h);

/* Continues at `index` >= end, what lies between is missing. */
void history_skip(history *h, int64_t index);

/* Appends n <= capacity samples. */
void history_append(history *h, const float *samples, size_t n);

static inline float history_at(const history *h, int64_t index)
{
  return h->values[index & h->mask];
}

#endif
