/* Line sources from made shaking: sites on a disturbed grid, the relation's scatter between and within events, wrong epicentres. */
#include <math.h>

#include "data.h"
#include "fault.h"
#include "random.h"

enum { SITES_MAXIMUM = 4096 };

typedef struct {
  fault_line truth;
  fault_site site[SITES_MAXIMUM];
  size_t count;
} made_fault;

static made_fault made;
static fault_search *search;

/* Of the usual form: growth with magnitude that bends, fall-off with distance that saturates near by. */
static double relation(locator_measure measure, double magnitude, double rjb_km)
{
  double r = hypot(rjb_km, 5), m = magnitude - 6.2;
  double fall = (-1.24 + 0.15 * (magnitude - 4.5)) * log(r) - 0.0034 * r;
  return measure == LOCATOR_PGV ? 0.4 + (m < 0 ? 1.07 * m - 0.15 * m * m : 0.22 * m) + fall : 2.8 + (m < 0 ? 0.9 * m - 0.1 * m * m : 0.1 * m) + fall;
}

static double uniform(random_source *r, double from, double to)
{
  return random_uniform(r, from, to);
}

static fault_line random_line(random_source *r)
{
  double length = 20 * pow(10, uniform(r, 0, 1)), strike = uniform(r, 0, 180), ahead = uniform(r, -0.5, 0.5) * length;
  return (fault_line){.length_km = length,
                      .strike_deg = strike,
                      .east_km = ahead * sin(strike * M_PI / 180),
                      .north_km = ahead * cos(strike * M_PI / 180),
                      .magnitude = 4.38 + 1.49 * log10(length) + 0.2 * random_normal(r)};
}

static void add_site(random_source *r, const double event_term[2], double scatter, double east_km, double north_km)
{
  double d = fault_line_distance_km(&made.truth, east_km, north_km), w = random_normal(r);
  fault_site *site = &made.site[made.count++];
  *site = (fault_site){.east_km = east_km, .north_km = north_km};
  site->ln_peak[LOCATOR_PGA] = relation(LOCATOR_PGA, made.truth.magnitude, d) + event_term[0] + scatter * w;
  site->ln_peak[LOCATOR_PGV] = relation(LOCATOR_PGV, made.truth.magnitude, d) + event_term[1] + scatter * (0.7 * w + 0.714 * random_normal(r));
}

/* Sites `spacing` km apart or so, around the line and 120 km beyond it. */
static void shake(random_source *r, fault_line truth, double spacing, double scatter)
{
  double common = 0.3 * random_normal(r), event_term[2] = {common, 0.7 * common + 0.21 * random_normal(r)}, half = truth.length_km + 120;
  made.truth = truth;
  made.count = 0;
  for (double east = -half; east < half; east += spacing)
    for (double north = -half; north < half; north += spacing) {
      double e = east + uniform(r, 0, spacing), n = north + uniform(r, 0, spacing);
      if (hypot(e, n) < 250 && made.count < SITES_MAXIMUM)
        add_site(r, event_term, scatter, e, n);
    }
}

static bool found(fault_line *line)
{
  fault_search_begin(search, made.site, made.count, 2);
  while (!fault_search_run(search, 20000))
    ;
  return fault_search_result(search, line);
}

static int create(void **state)
{
  (void)state;
  search = fault_search_create(relation);
  return search ? 0 : -1;
}

static int destroy(void **state)
{
  (void)state;
  fault_search_destroy(search);
  return 0;
}

static void an_undisturbed_line_is_found_as_it_is(void **state)
{
  (void)state;
  random_source r = {7};
  fault_line line, truth = {.length_km = 80, .strike_deg = 130, .east_km = 20, .north_km = -17, .magnitude = 7.2};
  shake(&r, truth, 25, 0);
  assert_true(found(&line));
  assert_true(line.resolved);
  assert_in_range((long)(line.length_km + 0.5), 68, 92);
  assert_true(fabs(remainder(line.strike_deg - 130, 180)) < 4);
  assert_true(hypot(line.east_km - 20, line.north_km + 17) < 8);
  assert_true(fabs(line.magnitude - 7.2) < 0.2);
}

static void length_and_strike_are_right_where_sites_stand_near(void **state)
{
  (void)state;
  enum { FAULTS = 60 };
  int resolved = 0, lengths = 0, strikes = 0;
  for (int seed = 1; seed <= FAULTS; seed++) {
    random_source r = {(uint64_t)seed};
    fault_line line;
    shake(&r, random_line(&r), 25, 0.55);
    assert_true(found(&line));
    if (!line.resolved)
      continue;
    resolved++;
    lengths += fabs(line.length_km / made.truth.length_km - 1) <= 0.3;
    strikes += fabs(remainder(line.strike_deg - made.truth.strike_deg, 180)) <= 15;
  }
  print_message("# of %d made faults %d resolved, %d lengths within 30 %%, %d strikes within 15 degrees\n", FAULTS, resolved, lengths, strikes);
  assert_true(resolved >= 0.8 * FAULTS);
  assert_true(lengths >= 0.75 * resolved);
  assert_true(strikes >= 0.9 * resolved);
}

static void stated_sigmas_hold_most_truths(void **state)
{
  (void)state;
  enum { FAULTS = 60 };
  int lengths = 0, magnitudes = 0;
  for (int seed = 101; seed < 101 + FAULTS; seed++) {
    random_source r = {(uint64_t)seed};
    fault_line line;
    shake(&r, random_line(&r), 30, 0.55);
    assert_true(found(&line));
    lengths += fabs(log(line.length_km / made.truth.length_km)) <= 2 * line.ln_length_sigma;
    magnitudes += fabs(line.magnitude - made.truth.magnitude) <= 2 * line.magnitude_sigma;
  }
  print_message("# within two sigma: %d lengths and %d magnitudes of %d\n", lengths, magnitudes, FAULTS);
  assert_true(lengths >= 0.85 * FAULTS);
  assert_true(magnitudes >= 0.85 * FAULTS);
}

static void a_point_source_shows_no_line(void **state)
{
  (void)state;
  int resolved = 0;
  for (int seed = 1; seed <= 30; seed++) {
    random_source r = {(uint64_t)seed};
    fault_line line;
    shake(&r, (fault_line){.length_km = 1, .magnitude = 5.8}, 25, 0.55);
    assert_true(found(&line));
    resolved += line.resolved;
  }
  assert_true(resolved <= 2);
}

/* While the rupture runs, far sites have felt little: that must not count as quiet. */
static void a_peak_that_still_grows_is_a_lower_bound(void **state)
{
  (void)state;
  random_source r = {11};
  fault_line whole, counted, line = {.length_km = 100, .strike_deg = 40, .magnitude = 7.4};
  shake(&r, line, 25, 0.3);
  assert_true(found(&whole));
  for (size_t i = 0; i < made.count; i++)
    if (hypot(made.site[i].east_km, made.site[i].north_km) > 100)
      for (int m = 0; m < LOCATOR_MEASURES; m++)
        made.site[i].ln_peak[m] -= 4;
  assert_true(found(&counted));
  for (size_t i = 0; i < made.count; i++)
    made.site[i].growing = hypot(made.site[i].east_km, made.site[i].north_km) > 100;
  assert_true(found(&line));
  assert_true(fabs(log(line.length_km / whole.length_km)) < 0.3);
  assert_true(fabs(log(line.length_km / whole.length_km)) <= fabs(log(counted.length_km / whole.length_km)));
}

static void one_broken_sensor_does_not_bend_the_line(void **state)
{
  (void)state;
  random_source r = {5};
  fault_line before, after;
  shake(&r, (fault_line){.length_km = 60, .strike_deg = 75, .magnitude = 7.0}, 25, 0.4);
  assert_true(found(&before));
  for (int m = 0; m < LOCATOR_MEASURES; m++)
    made.site[made.count / 2].ln_peak[m] += log(10);
  assert_true(found(&after));
  assert_true(fabs(log(after.length_km / before.length_km)) < 0.25);
  assert_true(fabs(remainder(after.strike_deg - before.strike_deg, 180)) < 8);
  assert_true(fabs(after.magnitude - before.magnitude) < 0.2);
}

static void slices_of_any_size_find_the_same(void **state)
{
  (void)state;
  random_source r = {3};
  fault_line whole, sliced;
  shake(&r, random_line(&r), 30, 0.5);
  assert_true(found(&whole));
  fault_search_begin(search, made.site, made.count, 2);
  while (!fault_search_run(search, 1))
    ;
  assert_true(fault_search_result(search, &sliced));
  assert_memory_equal(&whole, &sliced, sizeof whole);
}

static void too_few_sites_give_nothing(void **state)
{
  (void)state;
  fault_line line;
  made.count = 2;
  assert_false(found(&line));
  made.count = 3;
  for (size_t i = 0; i < 3; i++)
    made.site[i] = (fault_site){.east_km = NAN, .ln_peak = {NAN, NAN}};
  assert_false(found(&line));
}

static void sites_without_a_peak_say_nothing(void **state)
{
  (void)state;
  random_source r = {9};
  fault_line before, after;
  shake(&r, (fault_line){.length_km = 50, .strike_deg = 20, .magnitude = 6.9}, 40, 0.4);
  assert_true(found(&before));
  for (size_t i = made.count; i-- > 0;)
    made.site[made.count + i] = (fault_site){made.site[i].east_km + 300, made.site[i].north_km + 300, {NAN, NAN}, false};
  made.count *= 2;
  assert_true(found(&after));
  assert_true(fabs(after.length_km - before.length_km) < 1);
}

static void the_ends_lie_half_a_length_from_the_middle(void **state)
{
  (void)state;
  fault_line line = {.length_km = 10, .strike_deg = 90, .east_km = 3, .north_km = 4};
  double east, north;
  fault_line_end(&line, 1, &east, &north);
  assert_true(fabs(east - 8) < 1e-9 && fabs(north - 4) < 1e-9);
  assert_true(fabs(fault_line_distance_km(&line, 8, 7) - 3) < 1e-9);
  assert_true(fabs(fault_line_distance_km(&line, 12, 7) - 5) < 1e-9);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(an_undisturbed_line_is_found_as_it_is, create, destroy),
      cmocka_unit_test_setup_teardown(length_and_strike_are_right_where_sites_stand_near, create, destroy),
      cmocka_unit_test_setup_teardown(stated_sigmas_hold_most_truths, create, destroy),
      cmocka_unit_test_setup_teardown(a_point_source_shows_no_line, create, destroy),
      cmocka_unit_test_setup_teardown(a_peak_that_still_grows_is_a_lower_bound, create, destroy),
      cmocka_unit_test_setup_teardown(one_broken_sensor_does_not_bend_the_line, create, destroy),
      cmocka_unit_test_setup_teardown(slices_of_any_size_find_the_same, create, destroy),
      cmocka_unit_test_setup_teardown(too_few_sites_give_nothing, create, destroy),
      cmocka_unit_test_setup_teardown(sites_without_a_peak_say_nothing, create, destroy),
      cmocka_unit_test(the_ends_lie_half_a_length_from_the_middle),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
