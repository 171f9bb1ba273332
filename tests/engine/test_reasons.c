/* Why an event is believed, as its message and the log say it. */
#include <string.h>

#include "desk.h"

static void give_reasons(void)
{
  desk.event.evidence = 9.94F;
  desk.event.reasons = (locator_reasons){.picks = 31,
                                         .silences = -2,
                                         .rarity = -18,
                                         .depth = -0.06F,
                                         .remoteness = -1,
                                         .awaited = -0.7F,
                                         .afar = -50,
                                         .reach_km = 33,
                                         .p_voices = 3,
                                         .s_voices = 1,
                                         .common_path = "link",
                                         .behind = 3,
                                         .doubted = 1,
                                         .doubted_sensor = {1},
                                         .silent = 2,
                                         .silent_site = {{2, 12.4F, -1.5F}, {3, 20, -0.5F}}};
}

static void an_event_s_message_has_its_reasons_with_numbers(void **state)
{
  (void)state;
  give_reasons();
  desk_tell(0);
  json_t *event = mailbox_read(&desk.town.mail, ENGINE_EVENT, -1);
  assert_string_equal(text_of(event, "reasons.code"), "new");
  double sum = number_of(event, "reasons.picks") + number_of(event, "reasons.silences") + number_of(event, "reasons.rarity") +
               number_of(event, "reasons.depth") + number_of(event, "reasons.remoteness");
  assert_true(number_of(event, "reasons.evidence") > sum - 0.11 && number_of(event, "reasons.evidence") < sum + 0.11);
  assert_string_equal(text_of(event, "reasons.common_path.kind"), "link");
  assert_int_equal(number_of(event, "reasons.common_path.stations"), 3);
  assert_int_equal(json_array_size(member(event, "reasons.doubted_stations")), 1);
  const json_t *silent = member(event, "reasons.silent_stations");
  assert_int_equal(json_array_size(silent), 2);
  assert_string_equal(text_of(json_array_get(silent, 0), "station"), ingest_inventory_sensor(desk.town.inventory, 2)->site_code);
  assert_true(json_is_null(member(event, "alert_refusal")));
  json_decref(event);
}

static void without_a_common_path_or_anyone_silent_it_says_so(void **state)
{
  (void)state;
  desk_tell(0);
  json_t *event = mailbox_read(&desk.town.mail, ENGINE_EVENT, -1);
  assert_true(json_is_null(member(event, "reasons.common_path")));
  assert_int_equal(json_array_size(member(event, "reasons.silent_stations")), 0);
  json_decref(event);
}

static void each_pick_has_its_first_motion_or_null_where_it_is_unclear(void **state)
{
  (void)state;
  static const char *const words[] = {"down", NULL, "up"};
  for (int sign = -1; sign <= 1; sign++) {
    desk.event.arrivals[1].polarity = (int8_t)sign;
    desk_tell(sign + 1);
    json_t *event = mailbox_read(&desk.town.mail, ENGINE_EVENT, -1);
    const json_t *polarity = member(json_array_get(member(event, "picks"), 1), "polarity");
    if (words[sign + 1])
      assert_string_equal(json_string_value(polarity), words[sign + 1]);
    else
      assert_true(json_is_null(polarity));
    json_decref(event);
  }
}

static void the_rule_that_refused_the_alert_is_named_until_there_is_one(void **state)
{
  (void)state;
  desk.event.magnitude = 3;
  desk_tell(0);
  json_t *event = mailbox_read(&desk.town.mail, ENGINE_EVENT, -1);
  assert_string_equal(text_of(event, "alert_refusal"), "the magnitude is below rules.minimum_magnitude");
  json_decref(event);
  desk.event.magnitude = 6;
  desk_tell(1);
  event = mailbox_read(&desk.town.mail, ENGINE_EVENT, -1);
  assert_true(json_is_null(member(event, "alert_refusal")));
  json_decref(event);
}

static void the_log_says_why_an_event_was_cancelled(void **state)
{
  (void)state;
  give_reasons();
  desk_tell(0);
  desk.event.state = LOCATOR_CANCELLED;
  desk.event.reason = "contradicted";
  desk_tell(1);
  assert_non_null(strstr(desk.town.mail.last_log, "cancelled (contradicted): likelihood 0.97; log odds +9.9: picks +31.0, silences -2.0 ("));
  assert_non_null(strstr(desk.town.mail.last_log, " 12 km, "));
  assert_non_null(strstr(desk.town.mail.last_log, "3 P and 1 S speak for themselves, 3 share one link, doubted: "));
}

/* Station codes may be eight letters long, and every list full. */
static void the_longest_reasons_fit(void **state)
{
  (void)state;
  char text[REASONS_TEXT];
  give_reasons();
  desk.event.reasons.silent = desk.event.reasons.doubted = 99;
  for (int i = 0; i < LOCATOR_SITES_LISTED; i++) {
    desk.event.reasons.silent_site[i].distance_km = 1234;
    desk.event.reasons.silent_site[i].sensor = desk.event.reasons.doubted_sensor[i] = i % 4;
  }
  reasons_text(&desk.event, desk.town.inventory, text);
  const size_t longer_codes = 2 * LOCATOR_SITES_LISTED * sizeof "NETWORKS.STATIONS";
  assert_true(strlen(text) + longer_codes < REASONS_TEXT);
}

int main(void)
{
#define AT_THE_DESK(name) cmocka_unit_test_setup_teardown(name, desk_open, desk_close)
  const struct CMUnitTest tests[] = {
      AT_THE_DESK(an_event_s_message_has_its_reasons_with_numbers),
      AT_THE_DESK(without_a_common_path_or_anyone_silent_it_says_so),
      AT_THE_DESK(each_pick_has_its_first_motion_or_null_where_it_is_unclear),
      AT_THE_DESK(the_rule_that_refused_the_alert_is_named_until_there_is_one),
      AT_THE_DESK(the_log_says_why_an_event_was_cancelled),
      AT_THE_DESK(the_longest_reasons_fit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
