#include "rejection.h"

#include <math.h>
#include <string.h>

#include "doubt.h"

const char *const picker_rejections[PICKER_REJECTIONS] = {"spike", "step", "burst", "distant", "coda", "noise",
                                                          "weak",  "gap",  "flat",  "value",   "piece"};

/* A knock, a block of broken samples or a jump is over within brief_s and leaves no coda; an earthquake so far above its noise does. */
static const double brief_s = 0.5, frame_s = 0.1, still = 2, loud = 1000, shifted = 4;
static const double leap = 7;                    /* deviations of the noise's differences, in one sample */
enum { FEW = 4, FEWEST_AFTER = 4, BEFORE = 10 }; /* samples that a spike lasts, with its flanks; samples; frames */
/* Of the differences' energy; an earthquake within 1000 km has more of it in each octave up to 4 Hz, anelasticity takes that from a teleseism. What
 * the filters let through of one band in another is less than `let_through`. */
static const float risen = 10, not_risen = 2, let_through = 0.2f;

typedef struct {
  double mean, variance;
} level;

/* Of the samples, or of their differences, in [from, to), as far as they are there. */
static level level_of(const history *h, int64_t from, int64_t to, bool differences)
{
  double sum = 0, square = 0, count = 0;
  for (int64_t i = from > h->begin ? from : h->begin + 1; i < to && i < h->end; i++) {
    double value = (double)history_at(h, i) - (differences ? (double)history_at(h, i - 1) : (double)history_at(h, from));
    if (isnan(value))
      continue;
    sum += value;
    square += value * value;
    count++;
  }
  double mean = count > 0 ? sum / count : 0;
  return (level){mean + (differences ? 0 : (double)history_at(h, from)), count > 0 ? fmax(square / count - mean * mean, 0) : 0};
}

/* Broken samples, or a level that jumps, though it creep back: PICKER_BURST, PICKER_STEP. */
static picker_rejection brief_thing(const history *h, int64_t onset, double rate)
{
  int64_t frame = lround(frame_s * rate), over = onset + lround(brief_s * rate), first = onset - BEFORE * frame;
  if (h->end - over < 2 * frame || first < h->begin || isnan(history_at(h, first)) || isnan(history_at(h, over)))
    return PICKER_REJECTIONS;
  double before = level_of(h, first, onset - frame, true).variance, after = level_of(h, over, h->end, true).variance, most = 0;
  for (int64_t i = onset - frame; i < over; i += frame)
    most = fmax(most, level_of(h, i, i + frame, true).variance);
  if (!(before > 0 && after <= still * before && most >= loud * before))
    return PICKER_REJECTIONS;
  level was = level_of(h, first, onset - frame, false), is = level_of(h, over, h->end, false);
  return fabs(is.mean - was.mean) > shifted * sqrt(fmax(was.variance, is.variance)) ? PICKER_STEP : PICKER_BURST;
}

picker_rejection rejection_after(const history *h, int64_t onset, double rate)
{
  const char *doubt = doubt_reason(h, onset, rate);
  if (!doubt)
    return brief_thing(h, onset, rate);
  return strcmp(doubt, picker_rejections[PICKER_STEP]) == 0 ? PICKER_STEP : PICKER_SPIKE;
}

/* A wave swings on. Of a spike, a step, or the first of a flat run nothing is left after a few samples, long before rejection_after() can name it. */
bool rejection_is_leap(const history *h, int64_t trigger, double rate)
{
  int64_t frame = lround(frame_s * rate), first = trigger - (BEFORE + 1) * frame, at = trigger;
  double most = 0;
  if (first < h->begin)
    return false;
  for (int64_t i = trigger - frame; i < h->end; i++) {
    double difference = fabs((double)history_at(h, i) - (double)history_at(h, i - 1));
    if (difference > most)
      most = difference, at = i;
  }
  double before = level_of(h, first, trigger - frame, true).variance, after = level_of(h, at + FEW, h->end, true).variance;
  return h->end - at >= FEW + FEWEST_AFTER && most > leap * sqrt(before) && after <= still * before;
}

bool rejection_is_distant(const candidate *k, const characteristic *c)
{
  float low = 0, count = (float)k->count;
  bool has_risen = false;
  for (int i = 0; i < c->first_high; i++) {
    has_risen |= k->sum[i] > risen * count * k->noise[i];
    low = fmaxf(low, k->sum[i]);
  }
  for (int i = c->first_high; i < c->bands; i++)
    if (k->sum[i] - not_risen * count * k->noise[i] > let_through * low)
      return false;
  return has_risen && c->first_high < c->bands;
}
