/* When an event is worth an alert, and which change is worth an update. */
#include <math.h>

#include "alert_rules.h"
#include "town.h"

static engine_rules rules(void)
{
  return (engine_rules){.minimum_magnitude = 4,
                        .minimum_intensity = 3,
                        .minimum_stations = 4,
                        .minimum_amplitudes = 2,
                        .minimum_likelihood = 0.7,
                        .maximum_uncertainty_km = 50,
                        .update_magnitude = 0.3,
                        .update_km = 10,
                        .update_intensity = 0.5,
                        .update_interval_s = 1};
}

static alert_refusal judged(const locator_event *event)
{
  engine_rules r = rules();
  return alert_rules_event(&r, event);
}

static void an_event_that_meets_every_rule_is_alerted(void **state)
{
  (void)state;
  locator_event event = town_event();
  assert_int_equal(judged(&event), ALERT_MET);
}

static void each_rule_alone_refuses(void **state)
{
  (void)state;
  locator_event weak = town_event(), lonely = town_event(), unlikely = town_event(), vague = town_event(), unknown = town_event(),
                loud = town_event();
  weak.magnitude = 3.9f;
  lonely.stations_used = 3;
  loud.magnitude_stations = 1;
  unlikely.likelihood = 0.69f;
  vague.horizontal_uncertainty_km = 51;
  unknown.magnitude = NAN;
  assert_int_equal(judged(&weak), ALERT_WEAK);
  assert_int_equal(judged(&lonely), ALERT_FEW_STATIONS);
  assert_int_equal(judged(&loud), ALERT_FEW_AMPLITUDES);
  assert_int_equal(judged(&unlikely), ALERT_UNLIKELY);
  assert_int_equal(judged(&vague), ALERT_UNCERTAIN);
  assert_int_equal(judged(&unknown), ALERT_NO_MAGNITUDE);
}

static void stations_that_are_not_sure_make_no_alert(void **state)
{
  (void)state;
  locator_event event = town_event();
  event.stations_tentative = event.stations_used - 3;
  assert_int_equal(judged(&event), ALERT_MET);
  event.stations_tentative++;
  assert_int_equal(judged(&event), ALERT_FEW_STATIONS);
}

static void what_is_not_a_number_never_passes(void **state)
{
  (void)state;
  engine_rules r = rules();
  locator_event likelihood = town_event(), place = town_event();
  likelihood.likelihood = NAN;
  place.horizontal_uncertainty_km = NAN;
  assert_int_equal(judged(&likelihood), ALERT_UNLIKELY);
  assert_int_equal(judged(&place), ALERT_UNCERTAIN);
  assert_int_equal(alert_rules_shaking(&r, (double)NAN, ORIGIN, 0), ALERT_NOT_FELT);
}

static void shaking_below_the_rule_and_alerts_already_over_are_refused(void **state)
{
  (void)state;
  engine_rules r = rules();
  assert_int_equal(alert_rules_shaking(&r, 3.0, ORIGIN + 1, ORIGIN), ALERT_MET);
  assert_int_equal(alert_rules_shaking(&r, 2.9, ORIGIN + 1, ORIGIN), ALERT_NOT_FELT);
  assert_int_equal(alert_rules_shaking(&r, 9, ORIGIN, ORIGIN), ALERT_TOO_LATE);
}

static alert_change changed(double magnitude, double north_km, double intensity, bool rose)
{
  engine_rules r = rules();
  locator_event event = town_event();
  alert_told told = {(double)event.magnitude, event.latitude_deg, event.longitude_deg, 6, ORIGIN};
  event.magnitude += (float)magnitude;
  event.latitude_deg += north_km / 111.2;
  return alert_rules_change(&r, &told, &event, 6 + intensity, rose);
}

static void only_a_material_change_is_one(void **state)
{
  (void)state;
  assert_int_equal(changed(0, 0, 0, false), ALERT_SAME);
  assert_int_equal(changed(0.2, 8, 0.4, false), ALERT_SAME);
  assert_int_equal(changed(-0.4, 0, 0, false), ALERT_MAGNITUDE);
  assert_int_equal(changed(0, -11, 0, false), ALERT_LOCATION);
  assert_int_equal(changed(0, 0, -0.5, false), ALERT_INTENSITY);
  assert_int_equal(changed(0.4, 11, 1, true), ALERT_LEVEL_ROSE);
}

static void updates_wait_for_the_interval_but_a_risen_level_does_not(void **state)
{
  (void)state;
  engine_rules r = rules();
  alert_told told = {.at = ORIGIN};
  assert_false(alert_rules_may_tell(&r, &told, ALERT_MAGNITUDE, ORIGIN + SECONDS(0.9)));
  assert_true(alert_rules_may_tell(&r, &told, ALERT_MAGNITUDE, ORIGIN + SECONDS(1)));
  assert_true(alert_rules_may_tell(&r, &told, ALERT_LEVEL_ROSE, ORIGIN));
  assert_false(alert_rules_may_tell(&r, &told, ALERT_SAME, ORIGIN + SECONDS(100)));
}

static void sounds_follow_the_levels(void **state)
{
  (void)state;
  assert_string_equal(alert_rules_sound(INTENSITY_RED), "alarm");
  assert_string_equal(alert_rules_sound(INTENSITY_ORANGE), "alarm");
  assert_string_equal(alert_rules_sound(INTENSITY_YELLOW), "voice");
  assert_string_equal(alert_rules_sound(INTENSITY_BLUE), "none");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_event_that_meets_every_rule_is_alerted),
      cmocka_unit_test(each_rule_alone_refuses),
      cmocka_unit_test(stations_that_are_not_sure_make_no_alert),
      cmocka_unit_test(what_is_not_a_number_never_passes),
      cmocka_unit_test(shaking_below_the_rule_and_alerts_already_over_are_refused),
      cmocka_unit_test(only_a_material_change_is_one),
      cmocka_unit_test(updates_wait_for_the_interval_but_a_risen_level_does_not),
      cmocka_unit_test(sounds_follow_the_levels),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
