/* onset.h (inside picker/): where in a short filtered trace the wave begins, how sure that is, which way it goes first. */
#ifndef TOCSIN_PICKER_ONSET_H
#define TOCSIN_PICKER_ONSET_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
  size_t index;      /* first sample of the wave */
  float uncertainty; /* one standard deviation, samples */
  float contrast;    /* log-likelihood that two noises are better than one, per sample */
} onset_estimate;

enum { ONSET_MAXIMUM = 2048 };

/* The split of x into two noises of different variance that Akaike's criterion likes best (Maeda 1985, eq. 3). Neither part is shorter than
   `margin` samples; n <= ONSET_MAXIMUM, at least 2 margin + 2. */
onset_estimate onset_find(const float *x, size_t n, size_t margin);

/* One standard deviation, s, of the onset of a P, or of an S, that onset_find() put into x: two of three analysts' times lie within it, be the wave
   sharp or emergent, clear or weak. */
float onset_p_uncertainty_s(const float *x, size_t n, const onset_estimate *onset, double rate);
float onset_s_uncertainty_s(const float *x, size_t n, const onset_estimate *onset, double rate);

/* +1 or -1 where the first swing after `onset` that is louder than all that came before it stands clear of it, else 0. */
int8_t onset_polarity(const float *x, size_t n, size_t onset);

/* Peak from `onset` on over the root mean square before it, >= 1. */
float onset_snr(const float *x, size_t n, size_t onset, size_t most);

#endif
