#include "quality.h"

#include <math.h>
#include <string.h>

enum {
  WINDOW = 30,
  LEARNED_STEPS = 60,
  LEARNED = 600,
  LEARNED_WELL = 6 * 3600,
  OFFSET_BLOCKS = 60,
  SLOW_BLOCKS = 600,
  SPIKE_BLOCKS = 600,
  CLIPPED_BLOCKS = 60
};

static void take(quality *q, const float *values, int32_t count);
static float range_of(const quality_lanes *lanes);
FOR_EACH_PROCESSOR static void take_counts(quality *q, const int32_t *counts, int32_t count);
static void close_block(quality *q, const ingest_settings *s);
static void close_window(quality *q, const ingest_settings *s);

static void set(quality *q, ingest_fault_kind fault, bool on)
{
  q->faults = on ? q->faults | UINT32_C(1) << fault : q->faults & ~(UINT32_C(1) << fault);
}

static bool has(const quality *q, ingest_fault_kind fault)
{
  return q->faults >> fault & 1;
}

/* Over its limit, or, when it is a fault already, over where that ends; a limit of 0 is never reached. */
static bool exceeds(const quality *q, ingest_fault_kind fault, double value, double limit, double ends)
{
  return limit > 0 && value > (has(q, fault) ? ends * limit : limit);
}

/* ---- samples ---- */

/* Shaking without a sample that leaves the noise far behind is no clipping, and neither is a sensor that rests between its coarse counts. */
static const float far_out = 100, stands_out = 20;

static void open_block(quality *q, float first)
{
  bool learned = q->learned >= LEARNED_STEPS;
  float step = stands_out * q->usual_step, far = 0.5F * far_out * q->usual;
  q->limits = (quality_limits){first, learned ? step * step : INFINITY, learned ? far * far : INFINITY};
  const quality_reals none = {0}, firsts = {first, first, first, first};
  const quality_counts no = {0};
  q->lanes = (quality_lanes){none, none, none, none, firsts, firsts, no, no};
  q->filled = 0;
  q->count_low = INT32_MAX;
  q->count_high = INT32_MIN;
}

static void open_window(quality *q)
{
  q->blocks = 0;
  q->low = INFINITY;
  q->high = 0;
  q->ones = q->zeros = 0;
  q->least_range = INT64_MAX;
}

/* Another sensor stands there now: what it usually has is learned anew. */
static bool is_another(const quality *q, const ingest_samples *samples)
{
  return samples->unit != q->unit || fabs(samples->rate - q->rate) > 0.1 * q->rate;
}

static void begin_anew(quality *q, const ingest_samples *samples)
{
  if (is_another(q, samples)) {
    *q = (quality){.offset = NAN, .offset_slow = NAN, .newest_low = NAN};
    q->unit = samples->unit;
  }
  q->rate = samples->rate;
  q->last = samples->values[0];
  open_block(q, q->last);
  open_window(q);
}

void quality_feed(quality *q, const ingest_settings *settings, const ingest_samples *samples, const int32_t *counts)
{
  int32_t whole = samples->rate > 1 ? (int32_t)lround(samples->rate) : 1;
  if (samples->count == 0)
    return;
  if (samples->gap || q->rate == 0)
    begin_anew(q, samples);
  if (samples->clipped)
    q->clipped = CLIPPED_BLOCKS;
  for (size_t at = 0; at < samples->count;) {
    int32_t missing = whole - q->filled, count = samples->count - at < (size_t)missing ? (int32_t)(samples->count - at) : missing;
    take(q, samples->values + at, count);
    if (counts)
      take_counts(q, counts + at, count);
    at += (size_t)count;
    if (q->filled < whole)
      continue;
    close_block(q, settings);
    open_block(q, q->last);
  }
}

/* One sample by itself, where a piece begins or ends between the lanes: the same arithmetic. */
static void take_one(quality *q, float x)
{
  quality_lanes *l = &q->lanes;
  int lane = q->filled++ % QUALITY_LANES;
  float over = x - q->limits.reference, square = over * over, step = x - q->last, step_square = step * step;
  l->sum[lane] += over;
  l->squares[lane] += square;
  l->steps[lane] += step_square;
  l->loud_steps[lane] += step_square > q->limits.loud_square ? step_square : 0;
  l->loud[lane] += step_square > q->limits.loud_square;
  l->resting[lane] += step_square == 0 && square > q->limits.far_square;
  l->lowest[lane] = x < l->lowest[lane] ? x : l->lowest[lane];
  l->highest[lane] = x > l->highest[lane] ? x : l->highest[lane];
  q->last = x;
}

static quality_reals load(const float *values)
{
  quality_reals loaded;
  memcpy(&loaded, values, sizeof loaded);
  return loaded;
}

/* Written lane by lane, these become one instruction each. */
static inline quality_reals lower(quality_reals a, quality_reals b)
{
  for (int lane = 0; lane < QUALITY_LANES; lane++)
    a[lane] = a[lane] < b[lane] ? a[lane] : b[lane];
  return a;
}

static inline quality_reals higher(quality_reals a, quality_reals b)
{
  for (int lane = 0; lane < QUALITY_LANES; lane++)
    a[lane] = a[lane] > b[lane] ? a[lane] : b[lane];
  return a;
}

static inline __attribute__((always_inline)) void take_four(quality_lanes *l, const quality_limits *limits, quality_reals x, quality_reals before)
{
  const quality_reals nothing = {0};
  quality_reals over = x - limits->reference, square = over * over, step = x - before, step_square = step * step;
  quality_counts is_loud = step_square > limits->loud_square;
  l->sum += over;
  l->squares += square;
  l->steps += step_square;
  l->loud_steps += (quality_reals)((quality_counts)step_square & is_loud);
  l->loud -= is_loud;
  l->resting -= (step_square == nothing) & (square > limits->far_square);
  l->lowest = lower(x, l->lowest);
  l->highest = higher(x, l->highest);
}

/* Four by four; the first step leads there from the piece before. */
FOR_EACH_PROCESSOR static void take_fours(quality *q, const float *values, int32_t count)
{
  quality_lanes l = q->lanes;
  const quality_limits limits = q->limits;
  take_four(&l, &limits, load(values), (quality_reals){q->last, values[0], values[1], values[2]});
  for (int32_t i = QUALITY_LANES; i < count; i += QUALITY_LANES)
    take_four(&l, &limits, load(values + i), load(values + i - 1));
  q->lanes = l;
  q->last = values[count - 1];
  q->filled += count;
}

static void take(quality *q, const float *values, int32_t count)
{
  int32_t i = 0;
  while (i < count && q->filled % QUALITY_LANES != 0)
    take_one(q, values[i++]);
  int32_t fours = (count - i) / QUALITY_LANES * QUALITY_LANES;
  if (fours > 0)
    take_fours(q, values + i, fours);
  for (i += fours; i < count; i++)
    take_one(q, values[i]);
  if ((q->flat > 0 || has(q, INGEST_FAULT_FLAT)) && range_of(&q->lanes) > 0) {
    q->flat = 0;
    set(q, INGEST_FAULT_FLAT, false);
  }
}

FOR_EACH_PROCESSOR static void take_counts(quality *q, const int32_t *counts, int32_t count)
{
  uint32_t ones = q->ones, zeros = q->zeros;
  int32_t low = q->count_low, high = q->count_high;
  for (int32_t i = 0; i < count; i++) {
    ones |= (uint32_t)counts[i];
    zeros |= ~(uint32_t)counts[i];
    low = counts[i] < low ? counts[i] : low;
    high = counts[i] > high ? counts[i] : high;
  }
  q->ones = ones;
  q->zeros = zeros;
  q->count_low = low;
  q->count_high = high;
}

/* ---- a block of about a second ---- */

/* A median learned by steps of one size, up or down: the strongest earthquake moves it no more than any other noise above it. The first minutes it
   follows fast; what stands far above, only at the slowest rate. */
static void learn(float *usual, float value, int32_t learned, const ingest_settings *s)
{
  const float first_steps = 3;
  float slowest = (float)(1 / (s->usual_hours * 3600)), step = fmaxf(slowest, first_steps / (float)(learned + 1));
  if (learned == 0) {
    *usual = value;
    return;
  }
  if (learned >= LEARNED && value > *usual * (float)s->noisy_ratio)
    step = slowest;
  *usual *= value > *usual ? 1 + step : value < *usual ? 1 / (1 + step) : 1;
}

static float total(quality_reals lanes)
{
  return (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
}

static int32_t count_of(quality_counts lanes)
{
  return lanes[0] + lanes[1] + lanes[2] + lanes[3];
}

static float range_of(const quality_lanes *lanes)
{
  float lowest = lanes->lowest[0], highest = lanes->highest[0];
  for (int lane = 1; lane < QUALITY_LANES; lane++) {
    lowest = lanes->lowest[lane] < lowest ? lanes->lowest[lane] : lowest;
    highest = lanes->highest[lane] > highest ? lanes->highest[lane] : highest;
  }
  return highest - lowest;
}

/* Some steps stand far out while all others are as they use to be. At an onset, and while it shakes, the others rise too. */
static bool is_spiky(const quality *q)
{
  const float others = 2.5F;
  float step = others * q->usual_step;
  int32_t few = q->filled / 20 > 2 ? q->filled / 20 : 2, loud = count_of(q->lanes.loud);
  return loud > 0 && loud <= few && total(q->lanes.steps) - total(q->lanes.loud_steps) <= step * step * (float)q->filled;
}

static void judge_spikes(quality *q, const ingest_settings *s)
{
  q->spike_share += ((is_spiky(q) ? 1.0F : 0.0F) - q->spike_share) / SPIKE_BLOCKS;
  double minute = 60 * (double)q->spike_share;
  set(q, INGEST_FAULT_SPIKY, exceeds(q, INGEST_FAULT_SPIKY, minute, s->spikes_minute, 0.3));
}

/* Samples that rest far outside the noise stand at the end of an amplifier or a digitiser. */
static void judge_clipping(quality *q, float range)
{
  int32_t few = q->filled / 16 > 3 ? q->filled / 16 : 3;
  if (count_of(q->lanes.resting) >= few && range > far_out * q->usual)
    q->clipped = CLIPPED_BLOCKS;
  else if (q->clipped > 0)
    q->clipped--;
  set(q, INGEST_FAULT_CLIPPED, q->clipped > 0);
}

static void judge_offset(quality *q, double mean, const ingest_settings *s)
{
  const double gravity = 9.81, about = 0.6;
  if (isnan(q->offset))
    q->offset = q->offset_slow = (float)mean;
  q->offset += ((float)mean - q->offset) / OFFSET_BLOCKS;
  q->offset_slow += ((float)mean - q->offset_slow) / SLOW_BLOCKS;
  bool accelerates = q->unit == INGEST_UNIT_ACCELERATION;
  double far = fabs((double)q->offset), limit = accelerates ? s->offset_m_s2 : s->offset_m_s;
  if (accelerates && fabs(far - gravity) < about)
    far = 0;
  set(q, INGEST_FAULT_OFFSET, exceeds(q, INGEST_FAULT_OFFSET, far, limit, 0.8));
}

/* The slow mean lags the fast one by the difference of their lengths. */
static float drift_a_block(const quality *q)
{
  return (q->offset - q->offset_slow) / (SLOW_BLOCKS - OFFSET_BLOCKS);
}

/* In one direction for ten minutes: the long waves of a great earthquake far away come back sooner. */
static void judge_drift(quality *q, const ingest_settings *s)
{
  double minute = 60 * (double)drift_a_block(q), limit = s->drift_ratio * (double)q->usual;
  bool beyond = q->learned >= LEARNED && exceeds(q, INGEST_FAULT_DRIFT, fabs(minute), limit, 0.3), down = minute < 0;
  if (!beyond || down != (q->drifting < 0))
    q->drifting = 0;
  if (beyond)
    q->drifting += down ? -1 : 1;
  set(q, INGEST_FAULT_DRIFT, q->drifting >= SLOW_BLOCKS || q->drifting <= -SLOW_BLOCKS);
}

static void close_block(quality *q, const ingest_settings *s)
{
  float n = (float)q->filled, mean = total(q->lanes.sum) / n, variance = total(q->lanes.squares) / n - mean * mean, range = range_of(&q->lanes);
  float rms = sqrtf(fmaxf(variance, 0));
  judge_offset(q, (double)mean + (double)q->limits.reference, s);
  if (range > 0 && variance > 0) {
    judge_spikes(q, s);
    judge_clipping(q, range);
    judge_drift(q, s);
    learn(&q->usual, rms, q->learned, s);
    learn(&q->usual_step, sqrtf(total(q->lanes.steps) / n), q->learned, s);
    q->learned += q->learned < INT32_MAX;
  } else if (q->flat < INT32_MAX) {
    set(q, INGEST_FAULT_FLAT, ++q->flat >= s->flat_after_s && s->flat_after_s > 0);
  }
  q->low = fminf(q->low, rms);
  q->high = fmaxf(q->high, rms);
  int64_t counts = q->count_high >= q->count_low ? (int64_t)q->count_high - q->count_low : 0;
  q->least_range = counts < q->least_range ? counts : q->least_range;
  if (++q->blocks < WINDOW)
    return;
  close_window(q, s);
  open_window(q);
}

/* ---- a window of half a minute ---- */

/* Loud by its quietest second, even, and neither fading nor growing: an earthquake fades as its coda does, by a third each time that its age grows by
   a half, and aftershocks stand out of each other's codas. */
static void judge_loud(quality *q, const ingest_settings *s)
{
  const float fades = 0.7F, even = 10;
  const int32_t calm_windows = 4;
  double over = (double)q->low / (double)q->usual;
  if (has(q, INGEST_FAULT_LOUD)) {
    q->calm_windows = over < 0.5 * s->noisy_ratio ? q->calm_windows + 1 : 0;
    set(q, INGEST_FAULT_LOUD, q->calm_windows < calm_windows);
    q->loud_windows = 0;
    return;
  }
  q->calm_windows = 0;
  if (!(over > s->noisy_ratio && q->high < even * q->low))
    q->loud_windows = 0;
  else if (q->loud_windows > 0 && q->low > fades * q->loud_since_low && q->low < q->loud_since_low / fades)
    q->loud_windows++;
  else
    q->loud_windows = 1;
  if (q->loud_windows == 1)
    q->loud_since_low = q->low;
  set(q, INGEST_FAULT_LOUD, q->loud_windows * WINDOW >= s->noisy_after_s);
}

/* An open input or a lost sensor: even the loudest second is far below the usual one, which must be known well: it may have been learned while the
   earth shook. */
static void judge_deaf(quality *q, const ingest_settings *s)
{
  double over = (double)q->high / (double)q->usual, limit = (has(q, INGEST_FAULT_DEAF) ? 2 : 1) / s->noisy_ratio;
  q->deaf_windows = q->learned >= LEARNED_WELL && over < limit ? q->deaf_windows + (q->deaf_windows < INT32_MAX) : 0;
  set(q, INGEST_FAULT_DEAF, q->deaf_windows * (double)WINDOW >= s->noisy_after_s);
}

/* Bits whose weight is a quarter of the quietest second's range or less cannot rest for half a minute. Those below the lowest that moves are a
   digitiser's resolution, not a fault. */
static uint32_t resting_bits(const quality *q)
{
  uint32_t moving = q->ones & q->zeros, expected = 0;
  if (q->least_range == INT64_MAX || moving == 0)
    return 0;
  for (int bit = 0; bit < 31 && INT64_C(4) << bit <= q->least_range; bit++)
    expected |= UINT32_C(1) << bit;
  uint32_t lowest = moving & (~moving + 1);
  return expected & ~moving & ~(lowest - 1);
}

static void judge_bits(quality *q)
{
  const int32_t sure = 3;
  bool on = has(q, INGEST_FAULT_STUCK_BIT), rests = resting_bits(q) != 0;
  q->stuck_windows = rests != on ? q->stuck_windows + 1 : 0;
  if (q->stuck_windows < sure)
    return;
  set(q, INGEST_FAULT_STUCK_BIT, rests);
  q->stuck_windows = 0;
}

static void close_window(quality *q, const ingest_settings *s)
{
  q->newest_low = q->low;
  judge_bits(q);
  if (q->learned < LEARNED || !(q->low > 0) || !(s->noisy_after_s > 0))
    return;
  judge_loud(q, s);
  judge_deaf(q, s);
}

void quality_tell(const quality *q, ingest_quality *told)
{
  bool fed = q->rate > 0, learned = q->learned >= LEARNED_STEPS;
  *told = (ingest_quality){.offset = fed ? q->offset : NAN,
                           .drift_hour = learned ? 3600 * drift_a_block(q) : NAN,
                           .rms = fed ? q->newest_low : NAN,
                           .usual_rms = learned ? q->usual : NAN,
                           .usual_step = learned ? q->usual_step : NAN,
                           .rate = q->rate,
                           .unit = q->unit,
                           .faults = q->faults};
}
