/* random.h: seeded draws for property tests: the same seed gives the same draws everywhere. */
#ifndef TOCSIN_TESTS_RANDOM_H
#define TOCSIN_TESTS_RANDOM_H

#include <stdint.h>

typedef struct {
  uint64_t state;
} random_source; /* .state = seed */

uint64_t random_next(random_source *r);                             /* 64 bits (splitmix64; Steele et al. 2014) */
double random_uniform(random_source *r, double from, double below); /* [from, below) */
int64_t random_below(random_source *r, int64_t n);                  /* 0 .. n - 1 */
double random_normal(random_source *r);                             /* mean 0, sigma 1 (Box & Muller 1958) */

#endif
