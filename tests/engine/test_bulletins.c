/* The life cycle of alerts, driven by events made by hand. */
#include <math.h>
#include <string.h>

#include "desk.h"
#include "random.h"

static void an_event_that_meets_the_rules_is_alerted_at_once_and_before_its_own_message(void **state)
{
  (void)state;
  desk_tell(0);
  assert_int_equal(desk.town.mail.of[0].about.channel, ENGINE_ALERT);
  assert_int_equal(mailbox_letter(&desk.town.mail, ENGINE_EVENT, 0) - desk.town.mail.of, desk.town.mail.count - 1);
  desk_assert_last_alert("new", "rules_met");
}

static void a_weak_event_has_its_message_but_no_alert(void **state)
{
  (void)state;
  desk.event.magnitude = 3.4f;
  desk_tell(0);
  assert_int_equal(desk_alerts(), 0);
  assert_int_equal(mailbox_count(&desk.town.mail, ENGINE_EVENT), 1);
  desk.event.state = LOCATOR_FINAL;
  desk_tell(60);
  assert_int_equal(desk_alerts(), 0);
  assert_non_null(strstr(desk.town.mail.last_log, "minimum_magnitude"));
}

static void an_event_that_grows_into_the_rules_is_alerted_then(void **state)
{
  (void)state;
  desk.event.magnitude = NAN;
  desk_tell(0);
  desk.event.magnitude = 3.8f;
  desk_tell(0.2);
  assert_int_equal(desk_alerts(), 0);
  desk.event.magnitude = 4.6f;
  desk_tell(0.2);
  assert_int_equal(desk_alerts(), 1);
}

static void what_changed_little_is_no_update(void **state)
{
  (void)state;
  desk_tell(0);
  desk.event.magnitude += 0.1f;
  desk.event.latitude_deg += 0.02;
  desk_tell(3);
  assert_int_equal(desk_alerts(), 1);
  assert_int_equal(mailbox_count(&desk.town.mail, ENGINE_EVENT), 2);
}

static void a_material_change_is_an_update_with_its_reason(void **state)
{
  (void)state;
  desk.event.magnitude = 6.0f;
  desk_tell(0);
  desk.event.magnitude = 5.6f;
  desk_tell(2);
  desk_assert_last_alert("update", "magnitude");
  desk.event.latitude_deg += 0.15;
  desk_tell(2);
  assert_int_equal(desk_alerts(), 3);
  desk_assert_revisions(ENGINE_ALERT);
}

static void an_update_waits_for_the_interval_and_then_comes_by_itself(void **state)
{
  (void)state;
  desk.event.magnitude = 6.0f;
  desk_tell(0);
  desk.event.magnitude = 5.6f;
  desk_tell(0.3);
  assert_int_equal(desk_alerts(), 1);
  desk_steps(2);
  assert_int_equal(desk_alerts(), 2);
  json_t *update = mailbox_read(&desk.town.mail, ENGINE_ALERT, 1);
  assert_string_equal(text_of(update, "issued_at"), "2019-07-06T03:19:59.200000Z");
  json_decref(update);
}

static void a_waiting_change_that_went_back_is_never_told(void **state)
{
  (void)state;
  desk.event.magnitude = 6.0f;
  desk_tell(0);
  desk.event.magnitude = 5.6f;
  desk_tell(0.3);
  desk.event.magnitude = 6.0f;
  desk_tell(0.3);
  desk_steps(3);
  assert_int_equal(desk_alerts(), 1);
}

static void a_level_that_rises_does_not_wait(void **state)
{
  (void)state;
  desk.event.magnitude = 5.0f;
  desk_tell(0);
  desk.event.magnitude = 7.2f;
  desk_tell(0.2);
  desk_assert_last_alert("update", "level");
}

static void a_level_that_swings_breaks_the_interval_once(void **state)
{
  (void)state;
  desk.event.magnitude = 5.0f;
  desk_tell(0);
  for (int i = 0; i < 10; i++) {
    desk.event.magnitude = i % 2 ? 5.0f : 7.2f;
    desk_tell(0.02);
  }
  assert_int_equal(desk_alerts(), 2);
}

static void a_level_that_comes_back_waits_like_any_change(void **state)
{
  (void)state;
  desk.event.magnitude = 7.2f;
  desk_tell(0);
  desk.event.magnitude = 5.0f;
  desk_tell(1.5);
  assert_int_equal(desk_alerts(), 2);
  desk.event.magnitude = 7.2f;
  desk_tell(0.2);
  assert_int_equal(desk_alerts(), 2);
  desk_steps(1);
  assert_int_equal(desk_alerts(), 3);
}

/* M6.0 to 6.2 lifts a target's level, and nothing else is material. */
static size_t alerts_after_a_small_rise(double since_origin_s)
{
  desk.out.now = ORIGIN + SECONDS(since_origin_s);
  desk.event.magnitude = 6.0f;
  desk_tell(0);
  desk.event.magnitude = 6.2f;
  desk_tell(0.2);
  return desk_alerts();
}

static void a_level_that_rises_before_the_wave_cannot_wait(void **state)
{
  (void)state;
  assert_int_equal(alerts_after_a_small_rise(5.2), 2);
  desk_assert_last_alert("update", "level");
}

static void a_level_that_rises_behind_the_wave_is_no_hurry(void **state)
{
  (void)state;
  assert_int_equal(alerts_after_a_small_rise(50), 1);
}

static void targets_at_their_threshold_are_told_by_their_own_channel(void **state)
{
  (void)state;
  desk_tell(0);
  size_t told = mailbox_count(&desk.town.mail, ENGINE_ALERT_TARGET);
  assert_int_equal(told, 3);
  for (size_t i = 0; i < told; i++) {
    const letter *l = mailbox_letter(&desk.town.mail, ENGINE_ALERT_TARGET, (int)i);
    json_t *message = letter_read(l);
    assert_string_equal(text_of(message, "target.id"), l->about.target);
    assert_string_not_equal(l->about.target, "dandong");
    assert_true(number_of(message, "target.intensity") >= 3);
    assert_null(json_object_get(message, "targets"));
    assert_null(json_object_get(message, "text"));
    json_decref(message);
  }
}

static void a_target_that_was_told_is_told_of_every_later_message(void **state)
{
  (void)state;
  desk.event.magnitude = 5.5f;
  desk_tell(0);
  desk.event.magnitude = 4.0f;
  desk_tell(2);
  desk.event.state = LOCATOR_CANCELLED;
  desk.event.reason = "contradicted";
  desk_tell(2);
  size_t of_shenyang = 0;
  for (size_t i = 0; i < desk.town.mail.count; i++)
    of_shenyang += desk.town.mail.of[i].about.target && strcmp(desk.town.mail.of[i].about.target, "shenyang") == 0;
  assert_int_equal(of_shenyang, 3);
}

static void targets_are_listed_the_most_shaken_first(void **state)
{
  (void)state;
  desk_tell(0);
  json_t *alert = mailbox_read(&desk.town.mail, ENGINE_ALERT, 0);
  const json_t *rows = member(alert, "targets");
  assert_int_equal(json_array_size(rows), 4);
  for (size_t i = 1; i < 4; i++)
    assert_true(number_of(json_array_get(rows, i - 1), "intensity") >= number_of(json_array_get(rows, i), "intensity"));
  assert_float_equal(number_of(alert, "max_intensity"), number_of(json_array_get(rows, 0), "intensity"), 0);
  json_decref(alert);
}

static void seconds_left_are_from_the_time_of_issue(void **state)
{
  (void)state;
  desk_tell(0);
  json_t *message = mailbox_read(&desk.town.mail, ENGINE_ALERT_TARGET, 0);
  int64_t issued_at, s_arrival;
  assert_true(ingest_time_parse(text_of(message, "issued_at"), &issued_at));
  assert_true(ingest_time_parse(text_of(message, "target.s_arrival"), &s_arrival));
  assert_float_equal(number_of(message, "target.seconds_left"), (float)(s_arrival - issued_at) / 1e9f, 0.051f);
  json_decref(message);
}

static void a_final_ends_the_alert_and_nothing_follows(void **state)
{
  (void)state;
  desk_tell(0);
  desk.event.state = LOCATOR_FINAL;
  desk_tell(60);
  desk_assert_last_alert("final", "final");
  size_t said = desk.town.mail.count;
  desk_steps(200);
  assert_int_equal(desk.town.mail.count, said);
  assert_int_equal(bulletins_open_events(desk.bulletins), 0);
}

static void a_contradicted_event_cancels_its_alert(void **state)
{
  (void)state;
  desk_tell(0);
  desk.event.state = LOCATOR_CANCELLED;
  desk.event.reason = "contradicted";
  desk_tell(1);
  desk_assert_last_alert("cancel", "contradicted");
  json_t *cancel = mailbox_read(&desk.town.mail, ENGINE_ALERT, -1);
  assert_string_equal(text_of(cancel, "state"), "cancelled");
  assert_non_null(strstr(text_of(cancel, "text.en"), "No strong shaking is to come"));
  json_decref(cancel);
}

static void a_merged_event_is_cancelled_in_favour_of_the_other(void **state)
{
  (void)state;
  desk_tell(0);
  desk.event.state = LOCATOR_CANCELLED;
  desk.event.reason = "merged";
  strcpy(desk.event.superseded_by, "20190706T031952-4069N12281E");
  desk_tell(1);
  json_t *cancel = mailbox_read(&desk.town.mail, ENGINE_ALERT, -1);
  assert_string_equal(text_of(cancel, "superseded_by"), desk.event.superseded_by);
  assert_string_equal(text_of(cancel, "reason.code"), "merged");
  json_decref(cancel);
}

static void a_cancel_and_a_final_never_go_stale(void **state)
{
  (void)state;
  desk_tell(0);
  assert_true(mailbox_letter(&desk.town.mail, ENGINE_ALERT, 0)->about.expires_at > desk.out.now);
  desk.event.state = LOCATOR_CANCELLED;
  desk_tell(1);
  assert_int_equal(mailbox_letter(&desk.town.mail, ENGINE_ALERT, 1)->about.expires_at, 0);
  assert_int_equal(mailbox_letter(&desk.town.mail, ENGINE_ALERT_TARGET, -1)->about.expires_at, 0);
}

static void an_operators_cancel_ends_event_and_alert_for_good(void **state)
{
  (void)state;
  desk_tell(0);
  assert_true(bulletins_cancel(desk.bulletins, desk.event.id));
  desk_assert_last_alert("cancel", "operator");
  json_t *event = mailbox_read(&desk.town.mail, ENGINE_EVENT, -1);
  assert_string_equal(text_of(event, "state"), "cancelled");
  assert_int_equal(number_of(event, "revision"), 2);
  json_decref(event);
  size_t said = desk.town.mail.count;
  desk.event.magnitude = 7;
  desk_tell(1);
  desk.event.state = LOCATOR_FINAL;
  desk_tell(60);
  desk_steps(100);
  assert_int_equal(desk.town.mail.count, said);
  assert_false(bulletins_cancel(desk.bulletins, desk.event.id));
}

static void an_event_that_was_cancelled_before_any_alert_is_never_alerted(void **state)
{
  (void)state;
  desk.event.magnitude = 3;
  desk_tell(0);
  assert_true(bulletins_cancel(desk.bulletins, desk.event.id));
  desk.event.magnitude = 7;
  desk_tell(1);
  assert_int_equal(desk_alerts(), 0);
}

static void an_unknown_event_cannot_be_cancelled(void **state)
{
  (void)state;
  assert_false(bulletins_cancel(desk.bulletins, "20190706T031953-0000N00000E"));
}

static void an_alert_does_not_open_when_all_waves_have_passed(void **state)
{
  (void)state;
  desk.out.now = ORIGIN + SECONDS(400);
  desk_tell(0);
  assert_int_equal(desk_alerts(), 0);
}

/* Whatever the locator says, in whatever order: revisions have no holes, and nothing follows an end. */
static void any_course_of_events_keeps_the_life_cycle(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 200; seed++) {
    random_source r = {.state = seed};
    desk_close(NULL);
    desk_open(NULL);
    for (int i = 0; i < 40 && desk.event.state == LOCATOR_OPEN; i++) {
      desk.event.magnitude = (float)(random_below(&r, 10) == 0 ? (double)NAN : random_uniform(&r, 2, 8));
      desk.event.latitude_deg += random_normal(&r) * 0.1;
      desk.event.likelihood = (float)random_uniform(&r, 0.5, 1);
      desk.event.state = random_below(&r, 15) == 0 ? (random_below(&r, 2) ? LOCATOR_FINAL : LOCATOR_CANCELLED) : LOCATOR_OPEN;
      desk_tell(random_uniform(&r, 0, 2));
      desk_steps(random_uniform(&r, 0, 1));
    }
    if (desk.event.state == LOCATOR_OPEN) {
      desk.event.state = LOCATOR_FINAL;
      desk_tell(60);
    }
    desk_steps(5);
    desk_assert_revisions(ENGINE_ALERT);
    for (size_t i = 0; i < desk_alerts(); i++) {
      json_t *alert = mailbox_read(&desk.town.mail, ENGINE_ALERT, (int)i);
      const char *type = text_of(alert, "type");
      bool last = i + 1 == desk_alerts(), ends = strcmp(type, "cancel") == 0 || strcmp(type, "final") == 0;
      if ((strcmp(type, "new") == 0) != (i == 0) || ends != last)
        fail_msg("seed %d: alert %zu of %zu is %s", (int)seed, i + 1, desk_alerts(), type);
      json_decref(alert);
    }
  }
}

#define T(name) cmocka_unit_test_setup_teardown(name, desk_open, desk_close)

int main(void)
{
  const struct CMUnitTest tests[] = {
      T(an_event_that_meets_the_rules_is_alerted_at_once_and_before_its_own_message),
      T(a_weak_event_has_its_message_but_no_alert),
      T(an_event_that_grows_into_the_rules_is_alerted_then),
      T(what_changed_little_is_no_update),
      T(a_material_change_is_an_update_with_its_reason),
      T(an_update_waits_for_the_interval_and_then_comes_by_itself),
      T(a_waiting_change_that_went_back_is_never_told),
      T(a_level_that_rises_does_not_wait),
      T(a_level_that_swings_breaks_the_interval_once),
      T(a_level_that_comes_back_waits_like_any_change),
      T(a_level_that_rises_before_the_wave_cannot_wait),
      T(a_level_that_rises_behind_the_wave_is_no_hurry),
      T(targets_at_their_threshold_are_told_by_their_own_channel),
      T(a_target_that_was_told_is_told_of_every_later_message),
      T(targets_are_listed_the_most_shaken_first),
      T(seconds_left_are_from_the_time_of_issue),
      T(a_final_ends_the_alert_and_nothing_follows),
      T(a_contradicted_event_cancels_its_alert),
      T(a_merged_event_is_cancelled_in_favour_of_the_other),
      T(a_cancel_and_a_final_never_go_stale),
      T(an_operators_cancel_ends_event_and_alert_for_good),
      T(an_event_that_was_cancelled_before_any_alert_is_never_alerted),
      T(an_unknown_event_cannot_be_cancelled),
      T(an_alert_does_not_open_when_all_waves_have_passed),
      T(any_course_of_events_keeps_the_life_cycle),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
