#include "network.h"

#include <math.h>

float network_log_odds(const network *n, const float *bias, const float *inputs)
{
  float sums[NETWORK_UNITS], odds = n->constant;
  for (int unit = 0; unit < n->units; unit++)
    sums[unit] = bias[unit];
  for (int i = 0; i < n->inputs; i++)
    for (int unit = 0; unit < n->units; unit++)
      sums[unit] += n->of_input[i * n->units + unit] * inputs[i];
  for (int unit = 0; unit < n->units; unit++)
    odds += n->of_unit[unit] * tanhf(sums[unit]);
  return odds;
}
