#include <math.h>

#include "motion.h"

static const double before_onset_s = 30, without_onset_s = 5;

/* The mean of the 30 s before the onset, else of the first 5 s. */
static double baseline_of(const float *x, size_t count, double rate, size_t onset)
{
  size_t span = (size_t)lround((onset ? before_onset_s : without_onset_s) * rate), to = onset && onset <= count ? onset : span;
  if (to > count)
    to = count;
  size_t from = onset && to > span ? to - span : 0;
  double sum = 0;
  for (size_t i = from; i < to; i++)
    sum += x[i];
  return to > from ? sum / (double)(to - from) : 0;
}

bool picker_record_motion(const float *component[INGEST_COMPONENTS], size_t count, double rate, ingest_unit unit, size_t onset, picker_motion *motion)
{
  if (!(rate >= 20 && rate <= 500))
    return false;
  motion_design design;
  motion_state state = {0};
  motion_maxima maxima = {0};
  motion_outputs out;
  motion_lanes mean = {0}, x = {0}, none = {0};
  int seen = 0;
  motion_design_init(&design, rate, unit);
  for (int c = 0; c < INGEST_COMPONENTS; c++) {
    if (!component[c])
      continue;
    mean[c] = baseline_of(component[c], count, rate, onset);
    seen |= 1 << c;
  }
  for (size_t i = 0; i < count; i++) {
    bool any = false;
    for (int c = 0; c < INGEST_COMPONENTS; c++)
      if (component[c])
        x[c] = component[c][i] - mean[c];
    motion_filter(&design, &state, &x, &none, &out);
    motion_grow(&maxima, &out, &any);
  }
  *motion = (picker_motion){0};
  motion_report(&maxima, motion_components(seen), motion);
  return true;
}
