/* More targets than one portion: the near ones are told at once, the others step by step. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk.h"
#include "forecast.h"

enum { MANY = 1000 };

/* All of them within strong shaking of the event, on a spiral, nearest last in the table. */
static int open_crowded_desk(void **state)
{
  engine_target *many = calloc(MANY, sizeof *many);
  engine_settings settings;
  assert_int_equal(desk_open(state), 0);
  assert_non_null(many);
  for (int i = 0; i < MANY; i++) {
    double far = 0.4 * (MANY - i) / MANY;
    many[i] = (engine_target){.latitude_deg = 40.70 + far * (i % 2 ? 1 : -1), .longitude_deg = 122.80 + far * (i % 3 ? 1 : -1), .threshold = 3};
    snprintf(many[i].id, sizeof many[i].id, "t%d", i);
  }
  settings = (engine_settings){.rules = desk.town.settings.rules, .targets = many, .targets_count = MANY};
  assert_true(bulletins_adopt(desk.bulletins, &settings));
  free(many);
  desk.event.magnitude = 7;
  return 0;
}

static size_t told(void)
{
  return mailbox_count(&desk.town.mail, ENGINE_ALERT_TARGET);
}

static void one_decision_tells_one_portion_and_the_nearest_first(void **state)
{
  (void)state;
  desk_tell(0);
  assert_int_equal(told(), FORECAST_PORTION);
  assert_string_equal(mailbox_letter(&desk.town.mail, ENGINE_ALERT_TARGET, 0)->about.target, "t999");
  json_t *alert = mailbox_read(&desk.town.mail, ENGINE_ALERT, 0);
  assert_int_equal(json_array_size(member(alert, "targets")), FORECAST_LISTED);
  json_decref(alert);
}

static void the_steps_tell_the_others_each_once(void **state)
{
  (void)state;
  bool seen[MANY] = {false};
  desk_tell(0);
  desk_steps(1);
  assert_int_equal(told(), MANY);
  for (int i = 0; i < MANY; i++) {
    json_t *message = mailbox_read(&desk.town.mail, ENGINE_ALERT_TARGET, i);
    int target = atoi(text_of(message, "target.id") + 1);
    assert_false(seen[target]);
    seen[target] = true;
    assert_int_equal(number_of(message, "revision"), 1);
    json_decref(message);
  }
}

static void a_new_message_begins_again_with_the_nearest(void **state)
{
  (void)state;
  desk_tell(0);
  desk.event.magnitude = 7.5f;
  desk_tell(1);
  assert_int_equal(told(), 2 * FORECAST_PORTION);
  desk_steps(1);
  assert_int_equal(told(), FORECAST_PORTION + MANY);
}

static void events_at_once_share_one_portion_a_step(void **state)
{
  (void)state;
  desk_tell(0);
  snprintf(desk.event.id, sizeof desk.event.id, "another");
  desk_tell(0);
  assert_int_equal(told(), 2 * FORECAST_PORTION);
  bulletins_step(desk.bulletins);
  assert_int_equal(told(), 3 * FORECAST_PORTION);
  desk_steps(2);
  assert_int_equal(told(), 2 * MANY);
}

static void a_cancel_reaches_all_that_were_told_and_then_there_is_silence(void **state)
{
  (void)state;
  desk_tell(0);
  desk_steps(0.1);
  size_t warned = told();
  assert_in_range(warned, FORECAST_PORTION + 1, MANY - 1);
  desk.event.state = LOCATOR_CANCELLED;
  desk_tell(0.05);
  desk_steps(2);
  assert_int_equal(told(), 2 * warned);
  size_t said = desk.town.mail.count;
  desk_steps(10);
  assert_int_equal(desk.town.mail.count, said);
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_crowded_desk, desk_close)

int main(void)
{
  const struct CMUnitTest tests[] = {
      T(one_decision_tells_one_portion_and_the_nearest_first),
      T(the_steps_tell_the_others_each_once),
      T(a_new_message_begins_again_with_the_nearest),
      T(events_at_once_share_one_portion_a_step),
      T(a_cancel_reaches_all_that_were_told_and_then_there_is_silence),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
