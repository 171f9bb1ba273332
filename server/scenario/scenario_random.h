/* scenario_random.h: seeded draws, the same everywhere (splitmix64; Steele, Lea & Flood 2014). */
#ifndef TOCSIN_SCENARIO_RANDOM_H
#define TOCSIN_SCENARIO_RANDOM_H

#include <math.h>
#include <stdint.h>

#include "scenario.h"

typedef struct {
  uint64_t state;
} scenario_random;

/* Draws of a station depend on the seed, its name and the purpose alone, not on its place in the list. */
static inline scenario_random scenario_random_of(uint64_t seed, const scenario_station *station, const char *purpose)
{
  const char *parts[] = {station ? station->network : "", ".", station ? station->station : "", ".", station ? station->location : "", ".", purpose};
  uint64_t hash = 14695981039346656037u; /* FNV-1a */
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
    for (const char *c = parts[i]; *c; c++)
      hash = (hash ^ (uint8_t)*c) * 1099511628211u;
  return (scenario_random){seed * 0x9e3779b97f4a7c15u ^ hash};
}

static inline uint64_t scenario_random_next(scenario_random *r)
{
  uint64_t z = (r->state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

/* [0, 1) */
static inline double scenario_random_uniform(scenario_random *r)
{
  return (double)(scenario_random_next(r) >> 11) * 0x1p-53;
}

/* Two independent draws of mean 0 and sigma 1 (Box & Muller 1958). */
static inline void scenario_random_normals(scenario_random *r, float pair[2])
{
  float radius = sqrtf(-2 * logf(1 - (float)(scenario_random_next(r) >> 40) * 0x1p-24f));
  float angle = 6.2831853f * (float)(scenario_random_next(r) >> 40) * 0x1p-24f;
  pair[0] = radius * cosf(angle);
  pair[1] = radius * sinf(angle);
}

static inline double scenario_random_normal(scenario_random *r)
{
  float pair[2];
  scenario_random_normals(r, pair);
  return pair[0];
}

#endif
