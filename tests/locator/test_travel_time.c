#include "near.h"
#include "random.h"
#include "rays.h"
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

/* First arrivals from one depth, ray by ray, nothing read from tables: between two neighbouring rays, of which there are thousands, the curve is
   Hermite's. */
typedef struct {
  rays_medium medium;
  double parameter[RAYS_PARAMETERS_MAXIMUM];
  rays_path path[2];
} shooter;

static void take_first(double *times, const double *distances, size_t count, double x1, double t1, double p1, double x2, double t2, double p2)
{
  for (size_t i = 0; i < count; i++) {
    double s = (distances[i] - x1) / (x2 - x1), r = 1 - s;
    if (s >= 0 && s <= 1)
      times[i] = fmin(times[i], t1 * r * r * (1 + 2 * s) + t2 * s * s * (1 + 2 * r) + (x2 - x1) * s * r * (p1 * r - p2 * s));
  }
}

static void shoot(shooter *g, const locator_model *model, char phase, double depth, const double *distances, double *times, size_t count)
{
  rays_medium_make(&g->medium, model, phase, depth, RAYS_EARTH_RADIUS_KM);
  size_t node = g->medium.sources - 1, rays = rays_parameters(&g->medium, g->parameter);
  assert_near(g->medium.depth_km[node], depth, 1e-9);
  for (size_t i = 0; i < count; i++)
    times[i] = INFINITY;
  for (size_t k = 0; k < rays; k++) {
    rays_path *b = &g->path[k % 2], *a = &g->path[(k + 1) % 2];
    rays_trace(&g->medium, g->parameter[k], b);
    if (k == 0 || node >= a->reached || node >= b->reached)
      continue;
    take_first(times, distances, count, a->x[node], a->t[node], a->parameter, b->x[node], b->t[node], b->parameter);
    if (a->turns && b->turns)
      take_first(times, distances, count, 2 * a->turning_x - a->x[node], 2 * a->turning_t - a->t[node], a->parameter, 2 * b->turning_x - b->x[node],
                 2 * b->turning_t - b->t[node], b->parameter);
  }
}

/* Anywhere between its grid points, from the surface to 700 km. */
static double worst_between_grid_points(const char *name, double deepest_km, double *beyond)
{
  enum { DEPTHS = 120, DISTANCES = 120 };
  static shooter g;
  double off[2 * DEPTHS * DISTANCES], distances[DISTANCES], times[DISTANCES], worst = 0;
  size_t count = 0;
  locator_model model;
  random_source random = {7};
  assert_true(locator_model_named(name, &model));
  locator_travel_times *tables = locator_travel_times_create(&model, 1500, 700);
  for (size_t i = 0; i < 2 * DEPTHS; i++) {
    double depth = i < DEPTHS ? random_uniform(&random, 0.01, 60) : random_uniform(&random, 0, deepest_km);
    for (size_t k = 0; k < DISTANCES; k++)
      distances[k] = k % 2 ? random_uniform(&random, 0.5, 300) : random_uniform(&random, 300, 1000);
    char phase = i % 2 ? 'S' : 'P';
    shoot(&g, &model, phase, depth, distances, times, DISTANCES);
    for (size_t k = 0; k < DISTANCES; k++) {
      assert_true(isfinite(times[k]));
      off[count] = fabs(locator_travel_time(tables, phase, distances[k], depth) - times[k]);
      worst = fmax(worst, off[count++]);
    }
  }
  *beyond = 0;
  for (size_t i = 0; i < count; i++)
    *beyond += off[i] > 0.02 ? 1 / (double)count : 0;
  locator_travel_times_destroy(tables);
  return worst;
}

static void the_shipped_models_are_right_within_a_fiftieth_of_a_second_from_the_surface_to_700_km(void **state)
{
  (void)state;
  static const char *const names[] = {"iasp91", "north-china"};
  for (size_t i = 0; i < 2; i++) {
    double beyond, worst = worst_between_grid_points(names[i], 700, &beyond);
    print_message("# %s, 0 to 700 km deep, 0 to 1000 km away: off by %.4f s at worst, %.6f of all by more than 0.02 s\n", names[i], worst, beyond);
    assert_true(worst < 0.025 && beyond < 1e-4); /* where a first arrival gives way to another between all four corners */
  }
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
      cmocka_unit_test(the_shipped_models_are_right_within_a_fiftieth_of_a_second_from_the_surface_to_700_km),
      cmocka_unit_test(times_grow_with_distance_and_s_is_never_before_p),
      cmocka_unit_test(slopes_are_the_differences_of_the_times),
      cmocka_unit_test(a_slow_layer_below_a_fast_one_still_gives_every_time),
      cmocka_unit_test(arguments_beyond_the_table_are_clamped),
      cmocka_unit_test(no_model_no_tables),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
