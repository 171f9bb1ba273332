#include "convolution.h"

#include "ingest.h"

typedef float lanes __attribute__((vector_size(CONVOLUTION_OUTPUTS / 2 * sizeof(float)), aligned(sizeof(float))));

FOR_EACH_PROCESSOR void convolution_run(const convolution *c, const float *in, float *out)
{
  const lanes *bias = (const lanes *)c->bias;
  for (int step = 0; step < convolution_steps(c); step++) {
    int first = 2 * step - c->width / 2, from = first < 0 ? -first : 0, to = first + c->width > c->steps ? c->steps - first : c->width;
    const lanes *weights = (const lanes *)c->weights[from * c->inputs];
    lanes low = bias[0], high = bias[1];
    for (int i = (first + from) * c->inputs; i < (first + to) * c->inputs; i++, weights += 2) {
      low += weights[0] * in[i];
      high += weights[1] * in[i];
    }
    lanes *sums = (lanes *)out + (size_t)step * 2;
    for (int o = 0; o < CONVOLUTION_OUTPUTS / 2; o++) {
      sums[0][o] = low[o] > 0 ? low[o] : 0;
      sums[1][o] = high[o] > 0 ? high[o] : 0;
    }
  }
}
