#include "candidate.h"

#include <math.h>

const double candidate_looks_s[CANDIDATE_LOOKS] = {0.1, 0.2, 0.3, 0.5, 0.8, 1.3};
static const double before_s = 1, settle_s = 0.5;
enum { SETTLED_LOOK = 3 };
static const float outgrown = 3;
enum { SKIPPED_BLOCKS = 1 }; /* the block before a trigger may hold the first of the wave */

static void raise_to(characteristic_lanes *most, const characteristic_lanes *values)
{
  for (int i = 0; i < CHARACTERISTIC_LANES; i++)
    if ((*values)[i] > (*most)[i])
      (*most)[i] = (*values)[i];
}

static void raise_to_loudest(characteristic_lanes *loudest, const characteristic *c, int64_t blocks)
{
  for (int64_t back = SKIPPED_BLOCKS; back < blocks + SKIPPED_BLOCKS && back < c->blocks; back++)
    raise_to(loudest, characteristic_energy(c, back));
}

void candidate_open(candidate *k, const characteristic *c, int64_t index, bool again, float recent)
{
  characteristic_lanes noise = k->noise, quiet_1 = k->quiet_1, quiet_5 = k->quiet_5;
  int64_t first = k->first, blocks = k->blocks;
  *k = (candidate){.open = true, .trigger = index, .first = index, .recent = recent, .blocks = c->blocks};
  if (again) {
    k->first = first;
    k->blocks = blocks;
    k->noise = noise;
    k->quiet_1 = quiet_1;
    k->quiet_5 = quiet_5;
    return;
  }
  k->noise = c->blocks > 3 ? *characteristic_noise(c, 2) : c->noise;
  raise_to_loudest(&k->quiet_1, c, 15);
  raise_to_loudest(&k->quiet_5, c, 50);
}

bool candidate_add(candidate *k, const characteristic *c, double rate)
{
  characteristic_lanes energy = c->low_2 * c->low_2;
  k->count++;
  k->sum += energy;
  raise_to(&k->loudest, &energy);
  raise_to(&k->peak, &c->average);
  double due = candidate_looks_s[k->look] * rate;
  if (k->count > due * 2 / 3)
    k->third += energy, k->third_from++;
  return k->count >= due;
}

int candidate_strongest_band(const candidate *k, const characteristic *c)
{
  int best = 0;
  for (int i = 1; i < c->bands; i++)
    if (k->peak[i] * k->noise[best] > k->peak[best] * k->noise[i])
      best = i;
  return best;
}

static float ratio(float a, float b)
{
  return b > 0 ? fminf(a / b, 1e9f) : 1e9f;
}

/* From `before_s` before the first trigger; what comes before that lets the filter settle. */
static float contrast(const candidate *k, const characteristic *c, const history *h, double rate)
{
  float raw[ONSET_MAXIMUM], filtered[ONSET_MAXIMUM];
  int64_t lead = (int64_t)(settle_s * rate), from = k->trigger - (int64_t)((before_s + settle_s) * rate), n = 0;
  while (from < h->begin)
    from++, lead = lead > 0 ? lead - 1 : 0;
  for (int64_t i = from; i < h->end && n < ONSET_MAXIMUM; i++) {
    float value = history_at(h, i);
    if (isnan(value)) {
      n = 0;
      lead = 0;
      continue;
    }
    raw[n++] = value;
  }
  size_t margin = (size_t)fmax(4, 0.05 * rate);
  if (n - lead < (int64_t)(2 * margin + 2))
    return 0;
  characteristic_filter(c, -1, raw, (size_t)n, filtered);
  return onset_find(filtered + lead, (size_t)(n - lead), margin).contrast;
}

candidate_evidence candidate_weigh(const candidate *k, const characteristic *c, const past *p, const history *h, double rate,
                                   const characteristic_lanes *loudest_since_pick)
{
  int b = candidate_strongest_band(k, c), up = 0;
  float count = (float)k->count, mean = k->sum[b] / count;
  for (int i = 0; i < c->bands; i++)
    up += k->sum[i] > 3 * count * k->noise[i];
  candidate_evidence e = {
      .peak = ratio(k->peak[b], k->noise[b]),
      .mean = ratio(mean, k->noise[b]),
      .bands_up = (float)up / (float)c->bands,
      .contrast = contrast(k, c, h, rate),
      .spike = ratio(k->loudest[b], mean),
      .lasting = ratio(k->third[b] / (float)(k->third_from ? k->third_from : 1), mean),
      .quiet_1 = ratio(mean, k->quiet_1[b]),
      .quiet_5 = ratio(mean, k->quiet_5[b]),
      .recent = k->recent,
      .band = (float)b,
      .over_event = ratio(k->peak[b], (*loudest_since_pick)[b]),
  };
  past_measure(p, k->blocks, b, mean, e.past);
  waveform_measure(h, k->trigger, rate, &e.trace);
  return e;
}

bool candidate_is_outgrown(const candidate *k, const characteristic *c)
{
  float most = 0, was = 0;
  for (int i = 0; i < c->bands; i++) {
    most = fmaxf(most, ratio(c->average[i], k->noise[i]));
    was = fmaxf(was, ratio(k->settled[i], k->noise[i]));
  }
  return k->look > SETTLED_LOOK && most > outgrown * was;
}

void candidate_next_look(candidate *k)
{
  if (k->look == SETTLED_LOOK)
    k->settled = k->peak;
  k->look++;
  k->third = (characteristic_lanes){0};
  k->third_from = 0;
}
