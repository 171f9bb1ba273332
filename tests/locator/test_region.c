/* Regions: which one holds a place, and what their models and depths make of earthquakes. */
#include "made.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "region.h"

/* A soft, slow crust over the same mantle. */
static const locator_model slow = {5, {{0, 4.6, 2.6}, {12, 5.4, 3.1}, {12, 6.0, 3.4}, {35, 6.4, 3.6}, {35, 8.04, 4.47}}};

/* As they are where a file leaves them out. */
#define AS_ELSEWHERE .default_depth_km = -1, .depth_sigma_km = -1, .minimum_depth_km = -1, .maximum_depth_km = -1

static regions made_of(locator_region *list, size_t count)
{
  static const locator_settings plain = {.maximum_depth_km = 120, .default_depth_km = 10, .depth_sigma_km = 8};
  locator_settings s = plain;
  regions r;
  s.regions = list;
  s.regions_count = count;
  assert_true(regions_create(&r, &s, NULL));
  return r;
}

static void the_first_region_that_holds_a_place_is_it(void **state)
{
  (void)state;
  locator_region list[] = {{.outline = "41 122, 42 122, 42 123, 41 123", AS_ELSEWHERE}, {.outline = "40 121,44 121,40 125", AS_ELSEWHERE}};
  regions r = made_of(list, 2);
  assert_ptr_equal(regions_at(&r, 41.5, 122.5), &r.of[0]);
  assert_ptr_equal(regions_at(&r, 40.5, 122.5), &r.of[1]);
  assert_ptr_equal(regions_at(&r, 43.9, 124.9), &r.elsewhere);
  assert_ptr_equal(regions_at(&r, -41.5, 122.5), &r.elsewhere);
  assert_ptr_equal(regions_at(&r, 41.5, 122.5 - 360), &r.of[0]);
  regions_destroy(&r);
}

static void a_region_may_lie_across_the_date_line(void **state)
{
  (void)state;
  locator_region list[] = {{.outline = "50 170, 54 170, 54 -170, 50 -170", AS_ELSEWHERE}};
  regions r = made_of(list, 1);
  assert_ptr_equal(regions_at(&r, 52, 179.9), &r.of[0]);
  assert_ptr_equal(regions_at(&r, 52, -179.9), &r.of[0]);
  assert_ptr_equal(regions_at(&r, 52, 169), &r.elsewhere);
  assert_ptr_equal(regions_at(&r, 52, -169), &r.elsewhere);
  assert_ptr_equal(regions_at(&r, 52, 0), &r.elsewhere);
  regions_destroy(&r);
}

/* Of two that share a slanted side each place lies in exactly one. */
static void no_place_lies_between_two_neighbours_nor_in_both(void **state)
{
  (void)state;
  random_source random = {.state = 7};
  locator_region west[] = {{.outline = "40 120, 44 120, 44 122.7, 40 121.1", AS_ELSEWHERE}},
                 east[] = {{.outline = "44 122.7, 44 126, 40 126, 40 121.1", AS_ELSEWHERE}};
  regions w = made_of(west, 1), e = made_of(east, 1);
  for (int i = 0; i < 20000; i++) {
    double along = random_uniform(&random, 0, 4), off = i % 2 ? 0 : random_uniform(&random, -0.01, 0.01);
    double latitude = 40 + along, longitude = 121.1 + 0.4 * along + off;
    assert_int_not_equal(regions_at(&w, latitude, longitude) == &w.of[0], regions_at(&e, latitude, longitude) == &e.of[0]);
  }
  regions_destroy(&w);
  regions_destroy(&e);
}

static void a_bad_outline_is_named_by_its_corner(void **state)
{
  (void)state;
  static const char *const bad[][2] = {
      {"", "0 corners; give at least three"},
      {"41 122, 42 122", "2 corners; give at least three"},
      {"41 122, 42, 42 124", "corner 2, ` 42`, is not a latitude and a longitude"},
      {"41 122, 42 122, 91 124", "corner 3, ` 91 124`, is not"},
      {"41 122, 42 nan, 42 124", "corner 2, ` 42 nan`, is not"},
      {"41 122 3, 42 122, 42 124", "corner 1, `41 122 3`, is not"},
  };
  char fault[160], many[1024] = "";
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    assert_false(locator_region_outline(bad[i][0], fault));
    if (!strstr(fault, bad[i][1]))
      print_message("# %s\n", fault);
    assert_non_null(strstr(fault, bad[i][1]));
  }
  for (int i = 0; i < 65; i++)
    strcat(many, i ? ",1 2" : "1 2");
  assert_false(locator_region_outline(many, fault));
  assert_non_null(strstr(fault, "more than 64 corners"));
}

/* ---- what they make of earthquakes ---- */

typedef struct {
  made_world *w;
  locator_travel_times *base, *of_region;
  locator_region region;
} two_crusts;

/* The west, up to 123 E, is soft; whether the locator knows it. */
static void set_up(two_crusts *t, uint64_t seed, bool known)
{
  t->w = made_world_create(MADE_PROVINCE, seed);
  t->base = t->w->tables;
  t->of_region = locator_travel_times_create(&slow, 1500, t->w->settings.maximum_depth_km);
  t->region = (locator_region){.outline = "35 115, 48 115, 48 123, 35 123", .tables = t->of_region, AS_ELSEWHERE};
  t->w->settings.regions = &t->region;
  t->w->settings.regions_count = known;
  locator_destroy(t->w->locator);
  t->w->locator = locator_create(&t->w->settings, t->base, t->w->inventory, SECONDS(0.6));
  assert_non_null(t->w->locator);
}

static void tear_down(two_crusts *t)
{
  made_world_destroy(t->w);
  locator_travel_times_destroy(t->of_region);
}

/* Its waves run as in the crust that it lies in. */
static void quake(two_crusts *t, made_source source)
{
  t->w->tables = source.longitude_deg < 123 ? t->of_region : t->base;
  made_quake(t->w, source, 250, 0, 0.7);
  t->w->tables = t->base;
}

/* Largest error of place in km and of origin time in s, of earthquakes on both sides of the border and near it. */
static double worst_error(bool known, double *late_s, double *worst_depth_km)
{
  static const double east_deg[] = {-1, -0.3, -0.06, -0.02, 0.02, 0.06, 0.3, 1};
  double worst_km = 0;
  *late_s = *worst_depth_km = 0;
  for (size_t i = 0; i < sizeof east_deg / sizeof east_deg[0]; i++) {
    two_crusts t;
    int many;
    made_source source = {41.5, 123 + east_deg[i], 12, MADE_EPOCH + SECONDS(30)};
    set_up(&t, 11 + i, known);
    quake(&t, source);
    made_run(t.w, 200);
    const made_event *e = made_find(t.w, source, &many);
    assert_non_null(e);
    assert_int_equal(many, 1);
    worst_km = fmax(worst_km, made_error_km(e, source));
    *late_s = fmax(*late_s, fabs((double)(e->last.origin_time - source.time) / 1e9));
    *worst_depth_km = fmax(*worst_depth_km, fabs((double)e->last.depth_km - source.depth_km));
    if (known)
      assert_ptr_equal(e->last.tables, source.longitude_deg < 123 ? t.of_region : t.base);
    tear_down(&t);
  }
  return worst_km;
}

static void each_region_s_earthquakes_are_placed_by_its_own_model(void **state)
{
  (void)state;
  double blind_s, known_s, blind_deep, known_deep, blind_km = worst_error(false, &blind_s, &blind_deep),
                                                   known_km = worst_error(true, &known_s, &known_deep);
  print_message("# worst error with one model %.2f km, depth %.1f km, %.2f s; with two %.2f km, %.1f km, %.2f s\n", blind_km, blind_deep, blind_s,
                known_km, known_deep, known_s);
  assert_true(known_km < 2 && known_s < 0.25 && known_deep < 5);
  assert_true(blind_s > 4 * known_s);
}

/* P alone, of stations all around but none near: the region says how deep it is. */
static void depths_that_the_data_leave_open_are_those_of_the_region(void **state)
{
  (void)state;
  static const double usual_km[] = {6, 25, 60};
  for (size_t i = 0; i < sizeof usual_km / sizeof usual_km[0]; i++) {
    two_crusts t;
    int many;
    set_up(&t, 3, true);
    t.region = (locator_region){.outline = "35 115, 48 115, 48 130, 35 130", AS_ELSEWHERE};
    t.region.default_depth_km = usual_km[i];
    t.region.depth_sigma_km = 2;
    locator_destroy(t.w->locator);
    t.w->locator = locator_create(&t.w->settings, t.base, t.w->inventory, SECONDS(0.6));
    made_source source = {41.5, 123.3, usual_km[i], MADE_EPOCH + SECONDS(30)};
    made_quake(t.w, source, 250, 0.6, 0);
    made_run(t.w, 200);
    const made_event *e = made_find(t.w, source, &many);
    assert_non_null(e);
    assert_true(fabs((double)e->last.depth_km - usual_km[i]) < 3);
    assert_true((double)e->last.depth_uncertainty_km <= 2.001);
    tear_down(&t);
  }
}

static void no_hypocentre_lies_beyond_its_region_s_depths(void **state)
{
  (void)state;
  static const double bounds_km[][2] = {{0, 8}, {20, 30}, {40, 40}, {90, 120}};
  for (size_t i = 0; i < sizeof bounds_km / sizeof bounds_km[0]; i++) {
    two_crusts t;
    set_up(&t, 5, true);
    t.region = (locator_region){.outline = "35 115, 48 115, 48 130, 35 130", AS_ELSEWHERE};
    t.region.minimum_depth_km = bounds_km[i][0];
    t.region.maximum_depth_km = bounds_km[i][1];
    locator_destroy(t.w->locator);
    t.w->locator = locator_create(&t.w->settings, t.base, t.w->inventory, SECONDS(0.6));
    made_quake(t.w, (made_source){41.5, 123.3, 15, MADE_EPOCH + SECONDS(30)}, 250, 0, 0.5);
    made_quake(t.w, (made_source){41.9, 122.6, 60, MADE_EPOCH + SECONDS(130)}, 250, 0, 0.5);
    made_run(t.w, 300);
    assert_true(t.w->events > 0);
    for (size_t k = 0; k < t.w->events; k++)
      assert_true((double)t.w->event[k].last.depth_km >= bounds_km[i][0] - 1e-4 && (double)t.w->event[k].last.depth_km <= bounds_km[i][1] + 1e-4);
    tear_down(&t);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_first_region_that_holds_a_place_is_it),
      cmocka_unit_test(a_region_may_lie_across_the_date_line),
      cmocka_unit_test(no_place_lies_between_two_neighbours_nor_in_both),
      cmocka_unit_test(a_bad_outline_is_named_by_its_corner),
      cmocka_unit_test(each_region_s_earthquakes_are_placed_by_its_own_model),
      cmocka_unit_test(depths_that_the_data_leave_open_are_those_of_the_region),
      cmocka_unit_test(no_hypocentre_lies_beyond_its_region_s_depths),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
