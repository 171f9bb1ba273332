#include <math.h>

#include "data.h"
#include "network.h"
#include "random.h"

enum { INPUTS = 7, UNITS = NETWORK_UNITS };

static void it_sums_in_float_what_double_sums(void **state)
{
  (void)state;
  const uint64_t seed = 5;
  random_source r = {.state = seed};
  static float of_input[INPUTS][UNITS], of_unit[UNITS], bias[UNITS], inputs[INPUTS];
  double odds = -0.7;
  for (int i = 0; i < INPUTS; i++)
    inputs[i] = (float)random_normal(&r);
  for (int u = 0; u < UNITS; u++) {
    double sum = bias[u] = (float)random_normal(&r);
    of_unit[u] = (float)random_normal(&r) / UNITS;
    for (int i = 0; i < INPUTS; i++) {
      of_input[i][u] = (float)random_normal(&r);
      sum += (double)of_input[i][u] * (double)inputs[i];
    }
    odds += (double)of_unit[u] * tanh(sum);
  }
  network n = {INPUTS, UNITS, of_input[0], of_unit, -0.7f};
  if (fabs((double)network_log_odds(&n, bias, inputs) - odds) > 1e-5)
    fail_msg("seed %llu", (unsigned long long)seed);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(it_sums_in_float_what_double_sums)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
