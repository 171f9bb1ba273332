/* Reports, the heartbeat's view and new settings, driven by events made by hand. */
#include <stdio.h>
#include <string.h>

#include "desk.h"

static void the_report_comes_once_and_again_only_when_the_magnitude_moved(void **state)
{
  (void)state;
  desk_tell(0);
  desk_steps(80);
  assert_int_equal(mailbox_count(&desk.town.mail, ENGINE_REPORT), 0);
  desk_steps(100);
  assert_int_equal(mailbox_count(&desk.town.mail, ENGINE_REPORT), 1);
  desk.event.magnitude = 6.3f;
  desk.event.state = LOCATOR_FINAL;
  desk_tell(1);
  assert_int_equal(mailbox_count(&desk.town.mail, ENGINE_REPORT), 2);
  desk_assert_revisions(ENGINE_REPORT);
}

static void a_report_that_has_not_changed_is_not_repeated(void **state)
{
  (void)state;
  desk_tell(0);
  desk_steps(120);
  desk.event.state = LOCATOR_FINAL;
  desk_tell(1);
  assert_int_equal(mailbox_count(&desk.town.mail, ENGINE_REPORT), 1);
}

static void an_event_that_ends_early_is_reported_at_its_end(void **state)
{
  (void)state;
  desk.event.magnitude = 3.2f;
  desk_tell(0);
  desk.event.state = LOCATOR_FINAL;
  desk_tell(30);
  assert_int_equal(mailbox_count(&desk.town.mail, ENGINE_REPORT), 1);
}

static void a_reported_event_that_is_cancelled_is_taken_back(void **state)
{
  (void)state;
  desk_tell(0);
  desk_steps(100);
  desk.event.state = LOCATOR_CANCELLED;
  desk_tell(1);
  json_t *report = mailbox_read(&desk.town.mail, ENGINE_REPORT, -1);
  assert_string_equal(text_of(report, "state"), "cancelled");
  assert_int_equal(number_of(report, "revision"), 2);
  json_decref(report);
}

static void tiny_events_are_not_reported(void **state)
{
  (void)state;
  desk.event.magnitude = 2.6f;
  desk_tell(0);
  desk_steps(200);
  desk.event.state = LOCATOR_FINAL;
  desk_tell(0);
  assert_int_equal(mailbox_count(&desk.town.mail, ENGINE_REPORT), 0);
}

static void the_heartbeat_knows_each_open_alert(void **state)
{
  (void)state;
  bulletin_open open[BULLETINS];
  locator_event second = desk.event;
  strcpy(second.id, "20190706T032010-4100N12300E");
  desk_tell(0);
  bulletins_event(desk.bulletins, &second);
  assert_int_equal(bulletins_open_alerts(desk.bulletins, open), 2);
  assert_string_equal(open[0].id, desk.event.id);
  assert_int_equal(open[0].revision, 1);
  desk.event.state = LOCATOR_FINAL;
  desk_tell(1);
  assert_int_equal(bulletins_open_alerts(desk.bulletins, open), 1);
  assert_string_equal(open[0].id, second.id);
}

static void new_targets_are_told_and_those_that_were_stay(void **state)
{
  (void)state;
  engine_target anshan = {"anshan", "Anshan", "鞍山市", 41.108, 122.994, 0, 3};
  engine_settings fresh = {.rules = desk.town.settings.rules, .targets = &anshan, .targets_count = 1};
  desk_tell(0);
  assert_true(bulletins_adopt(desk.bulletins, &fresh));
  desk_steps(0.2);
  desk_assert_last_alert("update", "level");
  json_t *update = mailbox_read(&desk.town.mail, ENGINE_ALERT, -1);
  assert_int_equal(json_array_size(member(update, "targets")), 4);
  json_decref(update);
  desk_assert_revisions(ENGINE_ALERT);
  desk.event.state = LOCATOR_CANCELLED;
  desk_tell(1);
  size_t cancelled = 0;
  for (size_t i = 0; i < mailbox_count(&desk.town.mail, ENGINE_ALERT_TARGET); i++) {
    json_t *message = mailbox_read(&desk.town.mail, ENGINE_ALERT_TARGET, (int)i);
    cancelled += strcmp(text_of(message, "type"), "cancel") == 0;
    json_decref(message);
  }
  assert_int_equal(cancelled, 4);
}

static void new_rules_hold_from_then_on(void **state)
{
  (void)state;
  engine_settings strict = desk.town.settings;
  strict.rules.minimum_magnitude = 6;
  assert_true(bulletins_adopt(desk.bulletins, &strict));
  desk_tell(0);
  assert_int_equal(desk_alerts(), 0);
}

static void more_events_than_places_never_lose_an_open_alert(void **state)
{
  (void)state;
  desk_tell(0);
  for (int i = 0; i < 3 * BULLETINS; i++) {
    locator_event small = town_event();
    snprintf(small.id, sizeof small.id, "20190706T0320%02d-%04dN12300E", i % 60, i);
    small.magnitude = 2;
    bulletins_event(desk.bulletins, &small);
  }
  desk.event.state = LOCATOR_FINAL;
  desk_tell(60);
  desk_assert_last_alert("final", "final");
  assert_int_equal(desk_alerts(), 2);
}

#define T(name) cmocka_unit_test_setup_teardown(name, desk_open, desk_close)

int main(void)
{
  const struct CMUnitTest tests[] = {
      T(the_report_comes_once_and_again_only_when_the_magnitude_moved),
      T(a_report_that_has_not_changed_is_not_repeated),
      T(an_event_that_ends_early_is_reported_at_its_end),
      T(a_reported_event_that_is_cancelled_is_taken_back),
      T(tiny_events_are_not_reported),
      T(the_heartbeat_knows_each_open_alert),
      T(new_targets_are_told_and_those_that_were_stay),
      T(new_rules_hold_from_then_on),
      T(more_events_than_places_never_lose_an_open_alert),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
