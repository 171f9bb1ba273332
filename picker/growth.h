/* growth.h (inside picker/): how steeply a P wave begins: near an earthquake its envelope jumps up, far away it swells.
 *
 * y(t) = B t exp(-A t) is fitted to the largest |acceleration| so far, as least squares of ln(y / t) over t (Odaka et al. 2003). B falls with
 * distance; y(t) = C t alone (Yamamoto et al. 2012) says the same of less.
 */
#ifndef TOCSIN_PICKER_GROWTH_H
#define TOCSIN_PICKER_GROWTH_H

/* Sums over the samples from growth_from_s to growth_until_s after the onset. */
typedef struct {
  double noise, top; /* largest |acceleration| before and since the onset */
  double count, t, tt, y, yt;
} growth;

static const double growth_from_s = 0.05, growth_until_s = 3;

/* The next sample, `since_s` after the onset (negative: noise). */
void growth_add(growth *g, double acceleration, double since_s);

/* B in m/s3; 0 where the wave does not stand out of the noise, or there is too little of it. */
double growth_rate(const growth *g);

#endif
