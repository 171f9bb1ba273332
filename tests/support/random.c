#include "random.h"

#include <math.h>

uint64_t random_next(random_source *r)
{
  uint64_t z = (r->state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

double random_uniform(random_source *r, double from, double below)
{
  return from + (below - from) * ((double)(random_next(r) >> 11) * 0x1p-53);
}

int64_t random_below(random_source *r, int64_t n)
{
  return (int64_t)(random_next(r) % (uint64_t)n);
}

double random_normal(random_source *r)
{
  double radius = sqrt(-2 * log(1 - random_uniform(r, 0, 1)));
  return radius * cos(6.283185307179586 * random_uniform(r, 0, 1));
}
