#include "history.h"

#include <math.h>

static const float largest = 1e15f; /* more is no ground motion in any unit, and its square no float */

size_t history_capacity(double rate, double seconds)
{
  size_t capacity = 64;
  while ((double)capacity < rate * seconds)
    capacity *= 2;
  return capacity;
}

void history_init(history *h, float *values, size_t capacity)
{
  *h = (history){.values = values, .mask = (int64_t)capacity - 1, .begin = HISTORY_EMPTY, .end = HISTORY_EMPTY};
}

void history_restart(history *h, int64_t index, int32_t run_limit)
{
  h->begin = h->end = index;
  h->last = NAN;
  h->run = 0;
  h->run_limit = run_limit;
}

static void put(history *h, float value)
{
  h->values[h->end & h->mask] = value;
  h->end++;
}

static void drop_overwritten(history *h)
{
  if (h->end - h->begin > h->mask + 1)
    h->begin = h->end - (h->mask + 1);
}

void history_break(history *h)
{
  if (h->end > h->begin)
    h->values[(h->end - 1) & h->mask] = NAN;
  h->last = NAN;
  h->run = 0;
}

void history_skip(history *h, int64_t index)
{
  h->last = NAN;
  h->run = 0;
  if (index - h->end > h->mask) {
    h->begin = h->end = index - 1;
  }
  while (h->end < index)
    put(h, NAN);
  drop_overwritten(h);
}

void history_append(history *h, const float *samples, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    float value = samples[i];
    if (value == h->last) {
      h->run++;
      h->flat_runs += h->run == h->run_limit;
      put(h, h->run >= h->run_limit ? NAN : value);
      continue;
    }
    h->run = 1;
    h->last = fabsf(value) < largest ? value : NAN;
    h->no_numbers += isnan(h->last) != 0;
    put(h, h->last);
  }
  drop_overwritten(h);
}
