#include "characteristic.h"

#include <math.h>

#include "filters.h"
#include "ingest.h"

typedef int32_t masks __attribute__((vector_size(sizeof(characteristic_lanes))));

/* Of the longest period's frequency; 25 times lies between the octaves because most channels end at 40 Hz. */
static const double multiples[] = {1, 2, 4, 8, 16, 25};
enum { MULTIPLES = sizeof multiples / sizeof multiples[0] };
static const double highest_of_rate = 0.42, high_hz = 3;
static const float clip = 6;

static void init_band(characteristic *c, int band, double rate, double frequency)
{
  c->high_step[band] = (float)filters_smoothing(rate, frequency / 1.4);
  c->low_step[band] = (float)filters_smoothing(rate, frequency * 1.4);
  c->short_step[band] = (float)(1 / (fmin(fmax(0.4 / frequency, 0.04), 0.3) * rate + 1));
}

void characteristic_init(characteristic *c, double rate, double longest_period_s, double memory_s, double warm_up_s, double threshold)
{
  *c = (characteristic){.threshold = (float)threshold};
  for (int i = 0; i < MULTIPLES; i++)
    if (multiples[i] / longest_period_s <= highest_of_rate * rate) {
      c->first_high += multiples[i] / longest_period_s < high_hz;
      init_band(c, c->bands++, rate, multiples[i] / longest_period_s);
    }
  c->slowest_step = (float)(1 / (memory_s * rate));
  c->block = (int32_t)lround(0.1 * rate);
  c->warm_up = (int32_t)fmin(fmax(round(warm_up_s / 0.1), 2), CHARACTERISTIC_BLOCKS);
  characteristic_restart(c, 0);
}

void characteristic_restart(characteristic *c, float first)
{
  characteristic_lanes none = {0};
  c->last = first;
  c->high_1 = c->high_2 = c->low_1 = c->low_2 = c->average = c->noise = c->sum = none;
  for (int i = 0; i < CHARACTERISTIC_BLOCKS; i++)
    c->energies[i] = none;
  for (int i = 0; i < CHARACTERISTIC_NOISES; i++)
    c->noises[i] = none;
  c->step = 1;
  c->in_block = 0;
  c->age = c->blocks = 0;
  c->was_up = false;
}

/* The lesser of each lane: written so, compilers make one instruction of it. */
__attribute__((always_inline)) static inline void lower(characteristic_lanes *a, const characteristic_lanes *b)
{
  for (int i = 0; i < CHARACTERISTIC_LANES; i++)
    (*a)[i] = (*a)[i] < (*b)[i] ? (*a)[i] : (*b)[i];
}

static inline bool any_negative(const masks *signs)
{
  union {
    masks lanes;
    uint64_t words[4];
  } all = {.lanes = *signs};
  return ((all.words[0] | all.words[1] | all.words[2] | all.words[3]) & 0x8000000080000000u) != 0;
}

/* The mean of the quieter half of the warm-up's blocks: filters that settle, and a start that is no noise, leave no trace. Were they silent, of all.
 */
static float quieter_half(const characteristic *c, int lane)
{
  float sorted[CHARACTERISTIC_BLOCKS], sum = 0, all = 0;
  for (int i = 0; i < c->warm_up; i++) {
    int place = i;
    for (; place > 0 && sorted[place - 1] > c->energies[i][lane]; place--)
      sorted[place] = sorted[place - 1];
    sorted[place] = c->energies[i][lane];
    all += c->energies[i][lane];
  }
  for (int i = 0; i < c->warm_up / 2; i++)
    sum += sorted[i];
  return sum > 0 ? sum / (float)(c->warm_up / 2) : all / (float)c->warm_up;
}

/* Filters have settled: the noise from now on. */
__attribute__((noinline)) static void end_warm_up(characteristic *c)
{
  for (int i = 0; i < c->bands; i++)
    c->noise[i] = quieter_half(c, i);
}

__attribute__((always_inline)) static inline void end_block(characteristic *c)
{
  c->energies[(uint64_t)c->blocks % CHARACTERISTIC_BLOCKS] = c->sum / (float)c->block;
  c->sum = (characteristic_lanes){0};
  c->in_block = 0;
  c->blocks++;
  if (c->blocks == c->warm_up)
    end_warm_up(c);
  c->noises[(uint64_t)(c->blocks - 1) % CHARACTERISTIC_NOISES] = c->noise;
  if (c->step > c->slowest_step)
    c->step = fmaxf(2.0f / (float)(c->age + 1), c->slowest_step);
}

void characteristic_expect(const characteristic *c, size_t n)
{
  enum { LINE = 64, STATE = offsetof(characteristic, energies), MOST = 16 };
  int64_t blocks = (int64_t)n / c->block + 1;
  for (size_t at = 0; at < STATE; at += LINE)
    __builtin_prefetch((const char *)c + at, 1);
  for (int64_t i = 0; i < blocks && i < MOST; i += 2)
    __builtin_prefetch(&c->energies[(uint64_t)(c->blocks + i) % CHARACTERISTIC_BLOCKS], 1);
  for (int i = 0; i < CHARACTERISTIC_NOISES; i += 2)
    __builtin_prefetch(&c->noises[i], 1);
}

/* What changes from sample to sample, in registers. */
typedef struct {
  characteristic_lanes h1, h2, l1, l2, average, noise, sum;
  float last;
} moving;

/* One sample; `margin`, where negative, says that a band is up. Always inlined: each processor's copy must be made of its own instructions. */
__attribute__((always_inline)) static inline void take(const characteristic *c, moving *m, float sample, float step, characteristic_lanes *margin)
{
  characteristic_lanes x = (sample - m->last) - (characteristic_lanes){0};
  m->last = sample;
  m->h1 += c->high_step * (x - m->h1);
  x -= m->h1;
  m->h2 += c->high_step * (x - m->h2);
  x -= m->h2;
  m->l1 += c->low_step * (x - m->l1);
  m->l2 += c->low_step * (m->l1 - m->l2);
  characteristic_lanes energy = m->l2 * m->l2, limit = clip * m->noise;
  m->sum += energy;
  m->average += c->short_step * (energy - m->average);
  lower(&energy, &limit);
  m->noise += step * (energy - m->noise);
  *margin = c->threshold * m->noise - m->average;
}

/* n samples at once; false, and *m is of no use, if one of them triggered: where it did is not known then. */
__attribute__((always_inline)) static inline bool take_quiet(const characteristic *c, moving *m, const float *samples, size_t n, float step,
                                                             bool warm)
{
  masks signs = {0};
  for (size_t i = 0; i < n; i++) {
    characteristic_lanes margin;
    take(c, m, samples[i], step, &margin);
    signs |= (masks)margin;
  }
  return !warm || !any_negative(&signs);
}

FOR_EACH_PROCESSOR size_t characteristic_run(characteristic *c, const float *samples, size_t n, bool *up)
{
  const float step = c->step;
  const bool warm = c->blocks >= c->warm_up;
  size_t room = (size_t)(c->block - c->in_block), most = n < room ? n : room, i = most;
  moving before = {c->high_1, c->high_2, c->low_1, c->low_2, c->average, c->noise, c->sum, c->last}, m = before;
  bool triggered = false;
  if (c->was_up || !take_quiet(c, &m, samples, most, step, warm)) {
    m = before;
    for (i = 0; i < most && !triggered; i++)
      triggered = !take_quiet(c, &m, samples + i, 1, step, warm);
  }
  c->high_1 = m.h1, c->high_2 = m.h2, c->low_1 = m.l1, c->low_2 = m.l2, c->average = m.average, c->noise = m.noise, c->sum = m.sum, c->last = m.last;
  c->was_up = triggered;
  c->in_block += (int32_t)i;
  c->age += (int64_t)i;
  if (c->in_block == c->block)
    end_block(c);
  *up = triggered;
  return i;
}

const characteristic_lanes *characteristic_energy(const characteristic *c, int64_t back)
{
  return &c->energies[(uint64_t)(c->blocks - 1 - back) % CHARACTERISTIC_BLOCKS];
}

const characteristic_lanes *characteristic_noise(const characteristic *c, int64_t back)
{
  return &c->noises[(uint64_t)(c->blocks - 1 - back) % (CHARACTERISTIC_NOISES)];
}

void characteristic_filter(const characteristic *c, int band, const float *samples, size_t n, float *out)
{
  int lane = band < 0 ? 0 : band;
  float high = c->high_step[lane], low = band < 0 ? 1 : c->low_step[lane];
  float h1 = n ? samples[0] : 0, h2 = 0, l1 = 0, l2 = 0;
  for (size_t i = 0; i < n; i++) {
    float x = samples[i];
    h1 += high * (x - h1);
    x -= h1;
    h2 += high * (x - h2);
    x -= h2;
    l1 += low * (x - l1);
    l2 += low * (l1 - l2);
    out[i] = l2;
  }
}
