#include "characteristic.h"

#include <math.h>

#include "filters.h"
#include "processor.h"

typedef int32_t masks __attribute__((vector_size(sizeof(characteristic_lanes))));

/* Of the longest period's frequency; 25 times lies between the octaves because most channels end at 40 Hz. */
static const double multiples[] = {1, 2, 4, 8, 16, 25};
enum { MULTIPLES = sizeof multiples / sizeof multiples[0] };
static const double highest_of_rate = 0.42;
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
    if (multiples[i] / longest_period_s <= highest_of_rate * rate)
      init_band(c, c->bands++, rate, multiples[i] / longest_period_s);
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
  for (int i = 0; i < CHARACTERISTIC_BLOCKS / 4; i++)
    c->noises[i] = none;
  c->step = 1;
  c->in_block = 0;
  c->age = c->blocks = 0;
}

/* a where it is below b, else b; by the sign of the difference, which compilers make of all lanes at once where a comparison may be made one by one.
 */
static inline void lower(characteristic_lanes *a, const characteristic_lanes *b)
{
  characteristic_lanes difference = *a - *b;
  masks less = (masks)difference >> 31;
  *a = (characteristic_lanes)(((masks)*a & less) | ((masks)*b & ~less));
}

static inline bool any_above(const characteristic_lanes *a, const characteristic_lanes *b)
{
  union {
    characteristic_lanes lanes;
    uint64_t words[4];
  } difference = {.lanes = *b - *a};
  uint64_t signs = (difference.words[0] | difference.words[1]) | (difference.words[2] | difference.words[3]);
  return (signs & 0x8000000080000000u) != 0;
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

static void end_block(characteristic *c)
{
  c->energies[c->blocks % CHARACTERISTIC_BLOCKS] = c->sum / (float)c->block;
  c->sum = (characteristic_lanes){0};
  c->in_block = 0;
  c->blocks++;
  if (c->blocks == c->warm_up)
    for (int i = 0; i < c->bands; i++)
      c->noise[i] = quieter_half(c, i);
  c->noises[(c->blocks - 1) % (CHARACTERISTIC_BLOCKS / 4)] = c->noise;
  c->step = fmaxf(2.0f / (float)(c->age + 1), c->slowest_step);
}

FOR_EACH_PROCESSOR size_t characteristic_run(characteristic *c, const float *samples, size_t n, bool *up)
{
  const characteristic_lanes high = c->high_step, low = c->low_step, brief = c->short_step;
  characteristic_lanes h1 = c->high_1, h2 = c->high_2, l1 = c->low_1, l2 = c->low_2, average = c->average, noise = c->noise, sum = c->sum;
  const float step = c->step, threshold = c->threshold;
  const bool warm = c->blocks >= c->warm_up;
  size_t room = (size_t)(c->block - c->in_block), most = n < room ? n : room, i = 0;
  bool triggered = false;
  float last = c->last;
  while (i < most && !triggered) {
    const float sample = samples[i++], difference = sample - last;
    characteristic_lanes x = difference - (characteristic_lanes){0};
    last = sample;
    h1 += high * (x - h1);
    x -= h1;
    h2 += high * (x - h2);
    x -= h2;
    l1 += low * (x - l1);
    l2 += low * (l1 - l2);
    characteristic_lanes energy = l2 * l2;
    sum += energy;
    average += brief * (energy - average);
    characteristic_lanes limit = clip * noise;
    lower(&energy, &limit);
    noise += step * (energy - noise);
    limit = threshold * noise;
    triggered = warm && any_above(&average, &limit);
  }
  c->high_1 = h1, c->high_2 = h2, c->low_1 = l1, c->low_2 = l2, c->average = average, c->last = last, c->noise = noise, c->sum = sum;
  c->in_block += (int32_t)i;
  c->age += (int64_t)i;
  if (c->in_block == c->block) {
    end_block(c);
  }
  *up = triggered;
  return i;
}

const characteristic_lanes *characteristic_energy(const characteristic *c, int64_t back)
{
  return &c->energies[(uint64_t)(c->blocks - 1 - back) % CHARACTERISTIC_BLOCKS];
}

const characteristic_lanes *characteristic_noise(const characteristic *c, int64_t back)
{
  return &c->noises[(uint64_t)(c->blocks - 1 - back) % (CHARACTERISTIC_BLOCKS / 4)];
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
