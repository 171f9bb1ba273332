/* convolution.h (inside picker/): one layer of a causal network over a trace: what train/train_waveform.py makes. */
#ifndef TOCSIN_PICKER_CONVOLUTION_H
#define TOCSIN_PICKER_CONVOLUTION_H

#include <stddef.h>

enum { CONVOLUTION_OUTPUTS = 16 };

/* Of each second step of `steps`, the `width` steps around it (what lies beyond the ends is zero) are weighed; negative sums count as zero. */
typedef struct {
  int steps, inputs, width;
  const float (*weights)[CONVOLUTION_OUTPUTS]; /* [width][inputs] rows */
  const float *bias;
} convolution;

static inline int convolution_steps(const convolution *c)
{
  return (c->steps + 1) / 2;
}

/* in: [steps][inputs], out: [convolution_steps()][CONVOLUTION_OUTPUTS]. */
void convolution_run(const convolution *c, const float *in, float *out);

#endif
