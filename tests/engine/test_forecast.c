/* What one event means at each target: order, portions and the most shaken. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "forecast.h"
#include "random.h"
#include "town.h"

enum { MANY = 1500 };

static town t;
static engine_target *many;
static forecast f;

static int set_up(void **state)
{
  (void)state;
  random_source r = {.state = 31};
  town_build(&t, NULL);
  many = calloc(MANY, sizeof *many);
  for (int i = 0; i < MANY; i++) {
    many[i] = (engine_target){.latitude_deg = random_uniform(&r, 38, 44), .longitude_deg = random_uniform(&r, 118, 127), .threshold = 3};
    many[i].site_term = i % 7 == 0 ? 0.7 : 0;
    snprintf(many[i].id, sizeof many[i].id, "t%d", i);
  }
  engine_settings settings = {.targets = many, .targets_count = MANY};
  target_table *table = targets_create(&settings, t.inventory);
  assert_true(forecast_create(&f, table));
  targets_release(table);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  forecast_destroy(&f);
  free(many);
  town_leave(&t);
  return 0;
}

static void targets_come_nearest_first_and_each_once(void **state)
{
  (void)state;
  bool seen[MANY] = {false};
  locator_event event = town_event();
  forecast_arrange(&f, &event);
  double before = 0;
  for (size_t k = 0; k < MANY; k++) {
    size_t i = forecast_nearest(&f, k);
    double distance_km = locator_distance_km(event.latitude_deg, event.longitude_deg, many[i].latitude_deg, many[i].longitude_deg, NULL);
    assert_false(seen[i]);
    seen[i] = true;
    if (distance_km < before * 0.99)
      fail_msg("seed 31: the %zu-th nearest at %.2f km comes after one at %.2f km", k, distance_km, before);
    before = distance_km;
  }
  assert_int_equal(forecast_nearest(&f, MANY), MANY);
}

static void asking_again_gives_the_same_target(void **state)
{
  (void)state;
  locator_event event = town_event();
  forecast_arrange(&f, &event);
  size_t third = forecast_nearest(&f, 3), first = forecast_nearest(&f, 0);
  forecast_nearest(&f, 900);
  assert_int_equal(forecast_nearest(&f, 3), third);
  assert_int_equal(forecast_nearest(&f, 0), first);
}

static void the_most_shaken_are_the_highest_of_all_that_are_predicted(void **state)
{
  (void)state;
  uint32_t listed[FORECAST_LISTED];
  locator_event event = town_event();
  event.magnitude = 7;
  forecast_clear(&f);
  assert_int_equal(forecast_strongest(&f, listed), 0);
  forecast_arrange(&f, &event);
  for (size_t i = 0; i < MANY; i += 2)
    forecast_predict(&f, i, &event, &t.intensity, t.tables);
  assert_int_equal(forecast_strongest(&f, listed), FORECAST_LISTED);
  size_t higher = 0;
  for (size_t i = 0; i < MANY; i++)
    higher += f.row[i].shaking.intensity > f.row[listed[FORECAST_LISTED - 1]].shaking.intensity;
  assert_true(higher < FORECAST_LISTED);
  for (size_t i = 1; i < FORECAST_LISTED; i++)
    assert_true(f.row[listed[i - 1]].shaking.intensity >= f.row[listed[i]].shaking.intensity);
}

static void intensities_are_kept_as_they_are_published(void **state)
{
  (void)state;
  locator_event event = town_event();
  for (size_t i = 0; i < 100; i++) {
    forecast_predict(&f, i, &event, &t.intensity, t.tables);
    double intensity = f.row[i].shaking.intensity;
    assert_float_equal(intensity * 10, round(intensity * 10), 1e-9);
  }
}

static void an_order_holds_until_the_event_has_another_revision(void **state)
{
  (void)state;
  locator_event event = town_event();
  event.revision = 8;
  forecast_arrange(&f, &event);
  size_t nearest = forecast_nearest(&f, 0), farthest = forecast_nearest(&f, MANY - 1);
  event.latitude_deg = many[farthest].latitude_deg;
  event.longitude_deg = many[farthest].longitude_deg;
  forecast_arrange(&f, &event);
  assert_int_equal(forecast_nearest(&f, 0), nearest);
  event.revision = 9;
  forecast_arrange(&f, &event);
  assert_int_equal(forecast_nearest(&f, 0), farthest);
}

static void what_is_carried_is_listed_once_and_is_to_be_predicted_anew(void **state)
{
  (void)state;
  uint32_t listed[FORECAST_LISTED];
  forecast_row row = {.shaking.intensity = 6, .event_revision = 3, .told = true, .told_level = 2};
  forecast_clear(&f);
  forecast_carry(&f, 9, &row);
  forecast_carry(&f, 9, &row);
  assert_int_equal(forecast_strongest(&f, listed), 1);
  assert_int_equal(listed[0], 9);
  assert_true(f.row[9].told);
  assert_int_equal(f.row[9].event_revision, 0);
}

static void clearing_forgets_an_earlier_event(void **state)
{
  (void)state;
  locator_event event = town_event();
  forecast_predict(&f, 5, &event, &t.intensity, t.tables);
  f.row[5].told = true;
  f.row[5].told_level = 3;
  forecast_clear(&f);
  assert_false(f.row[5].told);
  assert_int_equal(f.row[5].told_level, -1);
  assert_true(isnan(f.row[5].shaking.intensity));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(targets_come_nearest_first_and_each_once),
      cmocka_unit_test(asking_again_gives_the_same_target),
      cmocka_unit_test(the_most_shaken_are_the_highest_of_all_that_are_predicted),
      cmocka_unit_test(intensities_are_kept_as_they_are_published),
      cmocka_unit_test(an_order_holds_until_the_event_has_another_revision),
      cmocka_unit_test(what_is_carried_is_listed_once_and_is_to_be_predicted_anew),
      cmocka_unit_test(clearing_forgets_an_earlier_event),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
