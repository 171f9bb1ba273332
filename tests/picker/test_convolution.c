#include "convolution.h"

#include <math.h>

#include "data.h"
#include "random.h"

enum { STEPS = 35, INPUTS = 3, WIDTH = 7 };

static float weights[WIDTH * INPUTS][CONVOLUTION_OUTPUTS], bias[CONVOLUTION_OUTPUTS], in[STEPS][INPUTS];

static void draw(random_source *r)
{
  for (int i = 0; i < WIDTH * INPUTS; i++)
    for (int o = 0; o < CONVOLUTION_OUTPUTS; o++)
      weights[i][o] = (float)random_normal(r);
  for (int o = 0; o < CONVOLUTION_OUTPUTS; o++)
    bias[o] = (float)random_normal(r);
  for (int s = 0; s < STEPS; s++)
    for (int c = 0; c < INPUTS; c++)
      in[s][c] = (float)random_normal(r);
}

/* By the book, in double precision. */
static double expected(int steps, int width, int step, int output)
{
  double sum = bias[output];
  for (int k = 0; k < width; k++)
    for (int c = 0, at = 2 * step + k - width / 2; c < INPUTS; c++)
      if (at >= 0 && at < steps)
        sum += (double)weights[k * INPUTS + c][output] * in[at][c];
  return fmax(sum, 0);
}

static void it_gives_what_a_plain_sum_in_double_gives(void **state)
{
  (void)state;
  const uint64_t seed = 9;
  random_source r = {.state = seed};
  for (int steps = 8; steps <= STEPS; steps++)
    for (int width = 3; width <= WIDTH; width += 2) {
      float out[(STEPS + 1) / 2][CONVOLUTION_OUTPUTS];
      draw(&r);
      convolution c = {steps, INPUTS, width, weights, bias};
      convolution_run(&c, in[0], out[0]);
      assert_int_equal(convolution_steps(&c), (steps + 1) / 2);
      for (int s = 0; s < convolution_steps(&c); s++)
        for (int o = 0; o < CONVOLUTION_OUTPUTS; o++)
          if (fabs((double)out[s][o] - expected(steps, width, s, o)) > 1e-4)
            fail_msg("steps %d, width %d, step %d, output %d, seed %llu", steps, width, s, o, (unsigned long long)seed);
    }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(it_gives_what_a_plain_sum_in_double_gives)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
