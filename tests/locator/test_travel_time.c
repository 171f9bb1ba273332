#include "near.h"
#include "random.h"
#include "travel_time.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FLAT_RADIUS_KM 6371e3 /* so large a planet that 700 km of it are flat within 0.001 s */

static locator_travel_times *tables_of(const locator_model *model, double radius_km)
{
  locator_travel_times *tables = travel_times_on(model, 1500, 700, radius_km);
  assert_non_null(tables);
  return tables;
}

static locator_travel_times *iasp91(void)
{
  locator_model model;
  assert_true(locator_model_named("iasp91", &model));
  locator_travel_times *tables = locator_travel_times_create(&model, 1500, 700);
  assert_non_null(tables);
  return tables;
}

/* Calls `check` for each row of the reference table. */
typedef struct {
  double distance, depth, p_flat, s_flat, p, s;
} reference;
static void for_each_reference(const locator_travel_times *tables, void (*check)(const locator_travel_times *, const reference *))
{
  size_t length, rows = 0;
  char *bytes = data_read(data_path("reference-values/iasp91-travel-times.csv"), &length);
  for (char *line = strtok(bytes, "\n"); line; line = strtok(NULL, "\n")) {
    reference r;
    if (sscanf(line, "%lf,%lf,%lf,%lf,%*[^,],%lf,%lf", &r.distance, &r.depth, &r.p_flat, &r.s_flat, &r.p, &r.s) != 6)
      continue;
    check(tables, &r);
    rows++;
  }
  free(bytes);
  assert_int_equal(rows, 18);
}

static void check_spherical(const locator_travel_times *tables, const reference *r)
{
  assert_near(locator_travel_time(tables, 'P', r->distance, r->depth), r->p, 0.02);
  assert_near(locator_travel_time(tables, 'S', r->distance, r->depth), r->s, 0.02);
}

static void iasp91_has_the_reference_times_of_the_spherical_earth(void **state)
{
  (void)state;
  locator_travel_times *tables = iasp91();
  for_each_reference(tables, check_spherical);
  assert_near(locator_travel_time(tables, 'P', 10 * 111.1949, 15), 143.09, 0.05);
  assert_near(locator_travel_time(tables, 'S', 10 * 111.1949, 15), 256.11, 0.05);
  locator_travel_times_destroy(tables);
}

static void check_flat(const locator_travel_times *tables, const reference *r)
{
  assert_near(locator_travel_time(tables, 'P', r->distance, r->depth), r->p_flat, 0.005);
  assert_near(locator_travel_time(tables, 'S', r->distance, r->depth), r->s_flat, 0.005);
}

static void three_flat_layers_have_their_exact_times(void **state)
{
  (void)state;
  const locator_model layers = {6, {{0, 5.80, 3.36}, {20, 5.80, 3.36}, {20, 6.50, 3.75}, {35, 6.50, 3.75}, {35, 8.04, 4.47}, {700, 8.04, 4.47}}};
  locator_travel_times *tables = tables_of(&layers, FLAT_RADIUS_KM);
  for_each_reference(tables, check_flat);
  locator_travel_times_destroy(tables);
}

static void a_uniform_medium_is_exact_everywhere(void **state)
{
  (void)state;
  const locator_model uniform = {1, {{0, 6, 3.5}}};
  locator_travel_times *tables = tables_of(&uniform, FLAT_RADIUS_KM);
  random_source random = {1};
  for (int i = 0; i < 10000; i++) {
    double x = random_uniform(&random, 0, 400), z = random_uniform(&random, 0, 100);
    assert_near(locator_travel_time(tables, 'P', x, z), hypot(x, z) / 6, 0.001);
    assert_near(locator_travel_time(tables, 'S', x, z), hypot(x, z) / 3.5, 0.001);
  }
  locator_travel_times_destroy(tables);
}

/* Aki & Richards (2002), 9.3: the time between two points of a medium whose velocity grows linearly with depth. */
static double gradient_time(double surface, double gradient, double x, double z)
{
  return acosh(1 + gradient * gradient * (x * x + z * z) / (2 * surface * (surface + gradient * z))) / gradient;
}

static void a_linear_gradient_is_right_within_a_fiftieth_of_a_second(void **state)
{
  (void)state;
  const locator_model gradient = {2, {{0, 4, 2.2}, {150, 10, 5.5}}};
  locator_travel_times *tables = tables_of(&gradient, FLAT_RADIUS_KM);
  random_source random = {2};
  for (int i = 0; i < 10000; i++) {
    double x = random_uniform(&random, 0, 250), z = random_uniform(&random, 0, 60);
    assert_near(locator_travel_time(tables, 'P', x, z), gradient_time(4, 0.04, x, z), 0.02);
    assert_near(locator_travel_time(tables, 'S', x, z), gradient_time(2.2, 0.022, x, z), 0.02);
  }
  locator_travel_times_destroy(tables);
}

/* First of the direct and the head wave of a layer over a half-space, source in the layer. */
static double layer_time(double upper, double lower, double thickness, double x, double z)
{
  double vertical = sqrt(1 / (upper * upper) - 1 / (lower * lower)), slant = 2 * thickness - z;
  double reach = slant * upper / sqrt(lower * lower - upper * upper);
  double head = x >= reach ? x / lower + slant * vertical : INFINITY;
  return fmin(hypot(x, z) / upper, head);
}

static void between_grid_points_a_layer_is_right_within_a_fiftieth_of_a_second(void **state)
{
  (void)state;
  const locator_model layer = {4, {{0, 6, 3.5}, {33.3, 6, 3.5}, {33.3, 8, 4.5}, {700, 8, 4.5}}};
  locator_travel_times *tables = tables_of(&layer, FLAT_RADIUS_KM);
  random_source random = {3};
  for (int i = 0; i < 20000; i++) {
    double x = random_uniform(&random, 0, 400), z = random_uniform(&random, 0, 33.2);
    assert_near(locator_travel_time(tables, 'P', x, z), layer_time(6, 8, 33.3, x, z), 0.02);
    assert_near(locator_travel_time(tables, 'S', x, z), layer_time(3.5, 4.5, 33.3, x, z), 0.02);
  }
  locator_travel_times_destroy(tables);
}

static void times_grow_with_distance_and_s_is_never_before_p(void **state)
{
  (void)state;
  locator_travel_times *tables = iasp91();
  for (double depth = 0; depth <= 700; depth += 7.7) {
    double before = 0;
    for (double distance = 0; distance <= 1500; distance += 3.3) {
      double p = locator_travel_time(tables, 'P', distance, depth), s = locator_travel_time(tables, 'S', distance, depth);
      assert_true(isfinite(p) && p >= before - 0.01);
      assert_true(s >= 1.6 * p);
      before = p;
    }
  }
  locator_travel_times_destroy(tables);
}

static void slopes_are_the_differences_of_the_times(void **state)
{
  (void)state;
  locator_travel_times *tables = iasp91();
  random_source random = {4};
  int far_off = 0;
  for (int i = 0; i < 2000; i++) {
    double x = random_uniform(&random, 2, 600), z = random_uniform(&random, 1, 300), h = 0.01;
    travel_time_slopes t = travel_time_with_slopes(tables, 'P', x, z);
    assert_near(t.time, locator_travel_time(tables, 'P', x, z), 1e-6);
    double over_x = (locator_travel_time(tables, 'P', x + h, z) - locator_travel_time(tables, 'P', x - h, z)) / (2 * h);
    double over_z = (locator_travel_time(tables, 'P', x, z + h) - locator_travel_time(tables, 'P', x, z - h)) / (2 * h);
    far_off += fabs(t.per_distance - over_x) > 0.005 || fabs(t.per_depth - over_z) > 0.005;
  }
  assert_true(far_off < 60); /* where a cell's edge or the change of branch lies between the two points */
  locator_travel_times_destroy(tables);
}

static void a_slow_layer_below_a_fast_one_still_gives_every_time(void **state)
{
  (void)state;
  const locator_model model = {6, {{0, 6, 3.5}, {10, 6, 3.5}, {10, 5, 2.9}, {20, 5, 2.9}, {20, 8, 4.5}, {200, 8.3, 4.6}}};
  locator_travel_times *tables = tables_of(&model, 6371);
  for (double depth = 0; depth < 60; depth += 1.3)
    for (double distance = 0; distance < 500; distance += 1.7) {
      double p = locator_travel_time(tables, 'P', distance, depth), line = hypot(distance, depth);
      assert_true(p >= line / 8.31 - 0.02 && p <= line / 5 + 3);
    }
  locator_travel_times_destroy(tables);
}

static void arguments_beyond_the_table_are_clamped(void **state)
{
  (void)state;
  locator_travel_times *tables = iasp91();
  assert_near(locator_travel_time(tables, 'P', 1e9, 10), locator_travel_time(tables, 'P', 1500, 10), 0);
  assert_near(locator_travel_time(tables, 'P', 100, 1e9), locator_travel_time(tables, 'P', 100, 700), 0);
  assert_near(locator_travel_time(tables, 'P', -5, -5), 0, 0);
  assert_near(travel_time_elevation(tables, 'P', 5.8), 1, 1e-6);
  locator_travel_times_destroy(tables);
}

static void no_model_no_tables(void **state)
{
  (void)state;
  const locator_model empty = {0};
  assert_null(locator_travel_times_create(&empty, 500, 100));
  locator_travel_times_destroy(NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(iasp91_has_the_reference_times_of_the_spherical_earth),
      cmocka_unit_test(three_flat_layers_have_their_exact_times),
      cmocka_unit_test(a_uniform_medium_is_exact_everywhere),
      cmocka_unit_test(a_linear_gradient_is_right_within_a_fiftieth_of_a_second),
      cmocka_unit_test(between_grid_points_a_layer_is_right_within_a_fiftieth_of_a_second),
      cmocka_unit_test(times_grow_with_distance_and_s_is_never_before_p),
      cmocka_unit_test(slopes_are_the_differences_of_the_times),
      cmocka_unit_test(a_slow_layer_below_a_fast_one_still_gives_every_time),
      cmocka_unit_test(arguments_beyond_the_table_are_clamped),
      cmocka_unit_test(no_model_no_tables),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
