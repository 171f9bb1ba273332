/* Eight numbers at once are what the plain functions make of each. */
#include "lanes.h"

#include "data.h"
#include "random.h"

static lanes drawn(random_source *random, double from, double to)
{
  lanes x;
  for (size_t k = 0; k < LANES; k++)
    x[k] = (float)random_uniform(random, from, to);
  return x;
}

static void logarithms_powers_and_angles_are_nearly_the_plain_ones(void **state)
{
  (void)state;
  random_source random = {11};
  for (int round = 0; round < 20000; round++) {
    lanes size = drawn(&random, -30, 30), negative = drawn(&random, -80, 0), along = drawn(&random, -200, 200), across = drawn(&random, -200, 200),
          value;
    for (size_t k = 0; k < LANES; k++)
      value[k] = expf(size[k]);
    lanes log_10 = log10_of_all(value), natural = log_of_all(value), power = exp_of_all(negative), angle = angle_of_all(along, across);
    for (size_t k = 0; k < LANES; k++) {
      assert_true(fabs((double)natural[k] - log((double)value[k])) < 1.2e-4 && fabs((double)log_10[k] - log10((double)value[k])) < 6e-5);
      assert_true(fabs((double)power[k] / exp((double)negative[k]) - 1) < 2e-5);
      assert_true(fabs((double)angle[k] - atan2(fabs((double)across[k]), (double)along[k])) < 3e-5);
    }
  }
  lanes ends = {0, -1, -80, 0, 0, 0, 0, 0};
  assert_true(fabsf(exp_of_all(ends)[0] - 1) < 1e-5F && fabs((double)angle_of_all(all(0), all(0))[0] - M_PI / 2) < 1e-6);
}

static void choices_are_made_lane_by_lane(void **state)
{
  (void)state;
  lanes a = {1, 2, 3, 4, 5, 6, 7, 8}, b = {8, 7, 6, 5, 4, 3, 2, 1};
  assert_true(smaller(a, b)[1] == 2 && larger(a, b)[1] == 7 && choose(a > 4, a, b)[3] == 5 && choose(a > 4, a, b)[4] == 5);
  assert_true(none(a > 8) && !none(a > 7) && !none(always(true)) && none(always(false)));
  assert_true(sum_of(a) == 36 && root(a * a)[6] == 7);
}

static void travel_times_are_the_tables(void **state)
{
  (void)state;
  random_source random = {12};
  locator_model model;
  assert_true(locator_model_named("iasp91", &model));
  for (int depths = 0; depths < 2; depths++) {
    double deepest = depths == 0 ? 0 : 120;
    locator_travel_times *tables = locator_travel_times_create(&model, 600, deepest);
    for (int round = 0; round < 5000; round++) {
      lanes distance = drawn(&random, 0, 620), depth = drawn(&random, 0, deepest + 1);
      for (int s = 0; s < 2; s++) {
        const travel_time_nodes nodes = travel_time_nodes_of(tables, "PS"[s]);
        lane_rows rows;
        find_rows(&rows, tables, "PS"[s], depth);
        lanes found = exact_travel(&nodes, &rows, depth, distance);
        for (size_t k = 0; k < LANES; k++)
          assert_true(fabs((double)found[k] - locator_travel_time(tables, "PS"[s], (double)distance[k], (double)depth[k])) < 1e-3);
      }
    }
    locator_travel_times_destroy(tables);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(logarithms_powers_and_angles_are_nearly_the_plain_ones),
      cmocka_unit_test(choices_are_made_lane_by_lane),
      cmocka_unit_test(travel_times_are_the_tables),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
