/* The whole engine on made waveforms: from packets to messages. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "counting.h"
#include "made_stream.h"
#include "random.h"
#include "town.h"

/* A run of the engine over a made quake. */
typedef struct {
  made_quake quake;
  town town;
  made_stream stream;
  engine *engine;
  size_t sent;
} run;

static made_quake haicheng(double packet_s)
{
  return (made_quake){.seed = 41,
                      .stations = 8,
                      .latitude_deg = 40.70,
                      .longitude_deg = 122.80,
                      .depth_km = 10,
                      .magnitude = 6,
                      .start = ORIGIN - SECONDS(45),
                      .origin_time = ORIGIN,
                      .length_s = 120,
                      .packet_s = packet_s};
}

/* On the heap, for the engine keeps pointers into it. */
static run *set_up(const made_quake *quake)
{
  run *r = calloc(1, sizeof *r);
  assert_non_null(r);
  r->quake = *quake;
  town_build(&r->town, made_inventory(quake));
  r->stream = made_stream_build(quake, r->town.inventory, r->town.tables);
  engine_sink sink = mailbox_sink(&r->town.mail);
  r->engine = engine_create(&r->town.setup, &sink);
  assert_non_null(r->engine);
  return r;
}

static void tear_down(run *r)
{
  engine_destroy(r->engine);
  made_stream_free(&r->stream);
  town_leave(&r->town);
  free(r);
}

/* Packets that arrive up to `seconds` after the origin, then time alone. */
static void until(run *r, double seconds)
{
  int64_t end = r->quake.origin_time + SECONDS(seconds);
  for (; r->sent < r->stream.count && r->stream.packet[r->sent].arrival <= end; r->sent++) {
    const made_packet *packet = &r->stream.packet[r->sent];
    engine_packet(r->engine, 0, r->stream.bytes + packet->offset, packet->length, packet->arrival);
  }
  engine_advance(r->engine, end);
}

static run *ran(const made_quake *quake, double seconds)
{
  run *r = set_up(quake);
  until(r, seconds);
  return r;
}

static engine_counters counted(const run *r)
{
  engine_counters c;
  engine_count(r->engine, &c);
  return c;
}

static void a_quake_is_one_event_with_one_alert_from_new_to_final(void **state)
{
  (void)state;
  made_quake quake = haicheng(1);
  run *r = ran(&quake, 300);
  assert_int_equal(counted(r).events, 1);
  size_t alerts = mailbox_count(&r->town.mail, ENGINE_ALERT);
  assert_true(alerts >= 2);
  for (size_t i = 0; i < alerts; i++) {
    json_t *alert = mailbox_read(&r->town.mail, ENGINE_ALERT, (int)i);
    assert_int_equal(number_of(alert, "revision"), i + 1);
    assert_string_equal(text_of(alert, "type"), i == 0 ? "new" : i + 1 == alerts ? "final" : "update");
    assert_string_equal(text_of(alert, "status"), "exercise");
    json_decref(alert);
  }
  tear_down(r);
}

static void the_first_alert_is_early_and_near(void **state)
{
  (void)state;
  made_quake quake = haicheng(1);
  run *r = ran(&quake, 30);
  json_t *alert = mailbox_read(&r->town.mail, ENGINE_ALERT, 0);
  assert_true(mailbox_letter(&r->town.mail, ENGINE_ALERT, 0)->about.issued_at < ORIGIN + SECONDS(12));
  assert_true(locator_distance_km(number_of(alert, "latitude_deg"), number_of(alert, "longitude_deg"), 40.70, 122.80, NULL) < 10);
  assert_float_equal(number_of(alert, "magnitude"), 6, 1.0);
  json_decref(alert);
  tear_down(r);
}

static void noise_alone_is_no_event(void **state)
{
  (void)state;
  made_quake noise = haicheng(1);
  noise.magnitude = 0;
  noise.length_s = 300;
  run *r = ran(&noise, 300);
  assert_int_equal(counted(r).events, 0);
  assert_int_equal(mailbox_count(&r->town.mail, ENGINE_ALERT), 0);
  tear_down(r);
}

static void the_same_calls_give_the_same_bytes(void **state)
{
  (void)state;
  made_quake quake = haicheng(1);
  run *first = ran(&quake, 120), *second = ran(&quake, 120);
  assert_true(first->town.mail.count > 100);
  assert_same_letters(&first->town.mail, &second->town.mail);
  tear_down(first);
  tear_down(second);
}

/* Later packets bring later decisions; what is finally known is the same. */
static void packets_of_any_length_lead_to_the_same_final_event(void **state)
{
  (void)state;
  static const double lengths[] = {0.25, 0.5, 2, 5};
  made_quake quake = haicheng(1);
  run *whole = ran(&quake, 300);
  json_t *wanted = mailbox_read(&whole->town.mail, ENGINE_ALERT, -1);
  for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
    quake.packet_s = lengths[i];
    run *r = ran(&quake, 300);
    assert_int_equal(counted(r).events, 1);
    assert_int_equal(counted(r).picks, counted(whole).picks);
    json_t *found = mailbox_read(&r->town.mail, ENGINE_ALERT, -1);
    assert_float_equal(number_of(found, "magnitude"), number_of(wanted, "magnitude"), 0.11);
    assert_float_equal(number_of(found, "latitude_deg"), number_of(wanted, "latitude_deg"), 0.02);
    assert_float_equal(number_of(found, "longitude_deg"), number_of(wanted, "longitude_deg"), 0.02);
    json_decref(found);
    tear_down(r);
  }
  json_decref(wanted);
  tear_down(whole);
}

static void heartbeats_come_each_second_on_the_grid(void **state)
{
  (void)state;
  made_quake quake = haicheng(1);
  quake.length_s = 20;
  run *r = ran(&quake, -20);
  size_t beats = mailbox_count(&r->town.mail, ENGINE_HEARTBEAT);
  assert_int_equal(beats, 25);
  for (size_t i = 0; i < beats; i++) {
    const letter *beat = mailbox_letter(&r->town.mail, ENGINE_HEARTBEAT, (int)i);
    assert_int_equal(beat->about.issued_at, quake.start + (int64_t)(1 + i) * INGEST_SECOND);
    assert_true(beat->about.expires_at > beat->about.issued_at);
  }
  json_t *last = mailbox_read(&r->town.mail, ENGINE_HEARTBEAT, -1);
  assert_int_equal(number_of(last, "stations_all"), 8);
  assert_string_equal(text_of(last, "clock"), "unknown");
  json_decref(last);
  tear_down(r);
}

static void steps_do_not_depend_on_how_time_is_told(void **state)
{
  (void)state;
  made_quake noise = haicheng(1);
  noise.length_s = 10;
  run *fine = set_up(&noise), *coarse = set_up(&noise);
  int64_t start = ORIGIN + SECONDS(0.123), end = start + SECONDS(40);
  for (int64_t now = start; now < end; now += 7777777)
    engine_advance(fine->engine, now);
  engine_advance(fine->engine, end);
  engine_advance(coarse->engine, start);
  engine_advance(coarse->engine, end);
  assert_same_letters(&fine->town.mail, &coarse->town.mail);
  tear_down(fine);
  tear_down(coarse);
}

static void time_that_goes_back_is_held_and_counted(void **state)
{
  (void)state;
  made_quake noise = haicheng(1);
  run *r = set_up(&noise);
  engine_advance(r->engine, ORIGIN + SECONDS(10));
  size_t said = r->town.mail.count;
  engine_advance(r->engine, ORIGIN);
  assert_int_equal(r->town.mail.count, said);
  assert_int_equal(counted(r).backwards, 1);
  engine_advance(r->engine, ORIGIN + SECONDS(11));
  assert_int_equal(mailbox_letter(&r->town.mail, ENGINE_HEARTBEAT, -1)->about.issued_at, ORIGIN + SECONDS(11));
  tear_down(r);
}

static void a_skip_runs_no_steps_in_between(void **state)
{
  (void)state;
  made_quake noise = haicheng(1);
  run *r = set_up(&noise);
  engine_advance(r->engine, ORIGIN);
  size_t beats = mailbox_count(&r->town.mail, ENGINE_HEARTBEAT);
  int64_t later = ORIGIN + SECONDS(365.0 * 86400);
  engine_command(r->engine, &(engine_command_input){.kind = ENGINE_SKIP}, later + SECONDS(0.05));
  engine_advance(r->engine, later + SECONDS(1));
  assert_int_equal(mailbox_count(&r->town.mail, ENGINE_HEARTBEAT), beats + 2);
  tear_down(r);
}

static void the_clocks_state_stands_in_heartbeats(void **state)
{
  (void)state;
  made_quake noise = haicheng(1);
  run *r = set_up(&noise);
  engine_command(r->engine, &(engine_command_input){.kind = ENGINE_SET_CLOCK, .clock = ENGINE_CLOCK_FREE}, ORIGIN + 1);
  engine_advance(r->engine, ORIGIN + SECONDS(1));
  json_t *beat = mailbox_read(&r->town.mail, ENGINE_HEARTBEAT, -1);
  assert_string_equal(text_of(beat, "clock"), "free");
  json_decref(beat);
  tear_down(r);
}

static void every_station_reports_once_a_minute_and_at_a_change(void **state)
{
  (void)state;
  made_quake noise = haicheng(1);
  noise.magnitude = 0;
  noise.length_s = 30;
  run *r = ran(&noise, 15);
  size_t of_first = 0, good = 0;
  for (size_t i = 0; i < mailbox_count(&r->town.mail, ENGINE_STATION); i++) {
    json_t *message = mailbox_read(&r->town.mail, ENGINE_STATION, (int)i);
    if (strcmp(text_of(message, "station"), "XX.M00") == 0) {
      assert_int_equal(number_of(message, "revision"), ++of_first);
      good += strcmp(text_of(message, "state"), "good") == 0;
    }
    json_decref(message);
  }
  assert_true(good >= 1);
  assert_true(of_first >= 3);
  tear_down(r);
}

static void picks_are_told_again_with_the_next_revision_as_the_window_grows(void **state)
{
  (void)state;
  made_quake quake = haicheng(1);
  run *r = ran(&quake, 20);
  char id[64] = "";
  int revision = 0, with_window = 0;
  for (size_t i = 0; i < mailbox_count(&r->town.mail, ENGINE_PICK); i++) {
    json_t *pick = mailbox_read(&r->town.mail, ENGINE_PICK, (int)i);
    if (!id[0] && strcmp(text_of(pick, "phase"), "P") == 0)
      snprintf(id, sizeof id, "%s", text_of(pick, "id"));
    if (strcmp(text_of(pick, "id"), id) == 0) {
      assert_int_equal(number_of(pick, "revision"), ++revision);
      with_window += json_is_object(member(pick, "p_wave"));
    }
    json_decref(pick);
  }
  assert_true(with_window >= 2);
  tear_down(r);
}

static void observed_intensities_follow_the_shaking(void **state)
{
  (void)state;
  made_quake quake = haicheng(1);
  run *r = ran(&quake, 60);
  double highest = 0;
  for (size_t i = 0; i < mailbox_count(&r->town.mail, ENGINE_INTENSITY); i++) {
    json_t *message = mailbox_read(&r->town.mail, ENGINE_INTENSITY, (int)i), *row;
    size_t k;
    assert_int_equal(number_of(message, "revision"), i + 1);
    json_array_foreach(json_object_get(message, "stations"), k, row) highest = fmax(highest, number_of(row, "intensity"));
    json_decref(message);
  }
  assert_true(highest > 4);
  tear_down(r);
}

static void an_operator_cancels_an_open_event(void **state)
{
  (void)state;
  made_quake quake = haicheng(1);
  run *r = set_up(&quake);
  until(r, 20);
  json_t *alert = mailbox_read(&r->town.mail, ENGINE_ALERT, -1);
  engine_command_input cancel = {.kind = ENGINE_CANCEL_EVENT};
  snprintf(cancel.event, sizeof cancel.event, "%s", text_of(alert, "id"));
  json_decref(alert);
  engine_command(r->engine, &cancel, ORIGIN + SECONDS(20.05));
  alert = mailbox_read(&r->town.mail, ENGINE_ALERT, -1);
  assert_string_equal(text_of(alert, "type"), "cancel");
  json_decref(alert);
  size_t alerts = mailbox_count(&r->town.mail, ENGINE_ALERT);
  until(r, 200);
  assert_int_equal(mailbox_count(&r->town.mail, ENGINE_ALERT), alerts);
  tear_down(r);
}

static void new_settings_bring_their_hash(void **state)
{
  (void)state;
  made_quake noise = haicheng(1);
  run *r = set_up(&noise);
  engine_result(r->engine, ENGINE_JOB_SETTINGS, NULL, ORIGIN);
  engine_advance(r->engine, ORIGIN + SECONDS(1));
  json_t *beat = mailbox_read(&r->town.mail, ENGINE_HEARTBEAT, -1);
  assert_string_equal(text_of(beat, "config"), "0123abcd");
  json_decref(beat);
  engine_settings_result result = {&r->town.settings, "feedbeef"};
  engine_result(r->engine, ENGINE_JOB_SETTINGS, &result, ORIGIN + SECONDS(1));
  engine_advance(r->engine, ORIGIN + SECONDS(2));
  beat = mailbox_read(&r->town.mail, ENGINE_HEARTBEAT, -1);
  assert_string_equal(text_of(beat, "config"), "feedbeef");
  json_decref(beat);
  tear_down(r);
}

static ingest_inventory *first_sites(const ingest_inventory *before, int32_t sites)
{
  ingest_inventory *fresh = ingest_inventory_create();
  for (size_t i = 0; i < ingest_inventory_channels(before); i++) {
    const ingest_channel *c = ingest_inventory_channel(before, i);
    if (ingest_inventory_sensor(before, (size_t)c->sensor)->site < sites)
      assert_true(ingest_inventory_add_channel(fresh, &c->codes, c->latitude_deg, c->longitude_deg, c->elevation_m, c->depth_m, &c->epoch));
  }
  assert_true(ingest_inventory_seal_after(fresh, before, NULL, NULL));
  return fresh;
}

static double stations_of_heartbeat(const run *r)
{
  json_t *beat = mailbox_read(&r->town.mail, ENGINE_HEARTBEAT, -1);
  double stations = number_of(beat, "stations_all");
  json_decref(beat);
  return stations;
}

static void stations_and_targets_made_of_them_are_those_of_the_inventory_in_use(void **state)
{
  (void)state;
  made_quake noise = haicheng(1);
  run *r = set_up(&noise);
  engine_settings of_stations = r->town.settings;
  engine_settings_result result = {&of_stations, "feedbeef"};
  of_stations.targets_count = 0;
  engine_result(r->engine, ENGINE_JOB_SETTINGS, &result, ORIGIN);
  engine_advance(r->engine, ORIGIN + SECONDS(1));
  assert_int_equal(stations_of_heartbeat(r), 8);
  ingest_inventory *fresh = first_sites(r->town.inventory, 5);
  engine_result(r->engine, ENGINE_JOB_INVENTORY, fresh, ORIGIN + SECONDS(1));
  assert_non_null(strstr(r->town.mail.last_log, "9 ended"));
  assert_non_null(strstr(r->town.mail.last_log, "5 stations and 5 targets now"));
  engine_advance(r->engine, ORIGIN + SECONDS(2));
  assert_int_equal(stations_of_heartbeat(r), 5);
  mailbox_empty(&r->town.mail);
  engine_advance(r->engine, ORIGIN + SECONDS(62));
  assert_int_equal(mailbox_count(&r->town.mail, ENGINE_STATION), 5);
  tear_down(r);
  ingest_inventory_destroy(fresh);
}

static void any_bytes_are_refused_and_counted(void **state)
{
  (void)state;
  made_quake noise = haicheng(1);
  run *r = set_up(&noise);
  uint8_t junk[512] = {0};
  engine_packet(r->engine, 3, junk, sizeof junk, ORIGIN);
  memcpy(junk, r->stream.bytes, 64);
  engine_packet(r->engine, 3, junk, sizeof junk, ORIGIN);
  assert_int_equal(counted(r).refused, 2);
  assert_int_equal(counted(r).packets, 2);
  tear_down(r);
}

/* Bits turned, packets lost, doubled, cut and late: the engine takes it all and says only what can be read. */
static void any_damage_to_packets_is_survived(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 6; seed++) {
    random_source random = {.state = seed};
    made_quake quake = haicheng(1);
    run *r = set_up(&quake);
    for (size_t i = 0; i < r->stream.count; i++) {
      const made_packet *packet = &r->stream.packet[i];
      uint8_t bytes[4096];
      size_t length = packet->length;
      memcpy(bytes, r->stream.bytes + packet->offset, length);
      for (int64_t turned = random_below(&random, 3) ? 0 : 1 + random_below(&random, 8); turned > 0; turned--)
        bytes[random_below(&random, (int64_t)length)] ^= (uint8_t)(1 << random_below(&random, 8));
      if (random_below(&random, 20) == 0)
        length = (size_t)random_below(&random, (int64_t)length);
      for (int64_t times = random_below(&random, 20) ? 1 : random_below(&random, 3); times > 0; times--)
        engine_packet(r->engine, 0, bytes, length, packet->arrival + random_below(&random, 3) * INGEST_SECOND);
    }
    engine_advance(r->engine, ORIGIN + SECONDS(200));
    for (size_t i = 0; i < r->town.mail.count; i++)
      json_decref(letter_read(&r->town.mail.of[i]));
    assert_true(counted(r).refused > 0);
    tear_down(r);
  }
}

/* Cuts every occurrence of `what` out of a text. */
static void cut_out(char *text, const char *what)
{
  for (char *at; (at = strstr(text, what)) != NULL;)
    memmove(at, at + strlen(what), strlen(at + strlen(what)) + 1);
}

static void an_exercise_differs_from_the_actual_by_status_and_mark_alone(void **state)
{
  (void)state;
  made_quake quake = haicheng(1);
  run *exercise = ran(&quake, 130), *actual = set_up(&quake);
  engine_destroy(actual->engine);
  actual->town.setup.status = ENGINE_ACTUAL;
  engine_sink sink = mailbox_sink(&actual->town.mail);
  actual->engine = engine_create(&actual->town.setup, &sink);
  until(actual, 130);
  assert_int_equal(exercise->town.mail.count, actual->town.mail.count);
  for (size_t i = 0; i < actual->town.mail.count; i++) {
    char *marked = (char *)exercise->town.mail.of[i].about.json, *plain = (char *)actual->town.mail.of[i].about.json;
    cut_out(marked, "\"status\":\"exercise\"");
    cut_out(plain, "\"status\":\"actual\"");
    cut_out(marked, "【演练】");
    cut_out(marked, "EXERCISE: ");
    assert_string_equal(marked, plain);
  }
  tear_down(exercise);
  tear_down(actual);
}

static void stations_that_fall_silent_are_good_no_more(void **state)
{
  (void)state;
  made_quake noise = haicheng(1);
  noise.stations = 3;
  noise.length_s = 20;
  run *r = ran(&noise, -20);
  json_t *beat = mailbox_read(&r->town.mail, ENGINE_HEARTBEAT, -1);
  assert_int_equal(number_of(beat, "stations_good"), 3);
  json_decref(beat);
  until(r, 100);
  beat = mailbox_read(&r->town.mail, ENGINE_HEARTBEAT, -1);
  assert_int_equal(number_of(beat, "stations_good"), 0);
  assert_int_equal(number_of(beat, "stations_all"), 3);
  json_decref(beat);
  tear_down(r);
}

static void count_message(void *user, const engine_message *message)
{
  (void)message;
  ++*(size_t *)user;
}

static void nothing_is_allocated_on_the_way_from_packet_to_message(void **state)
{
  (void)state;
  made_quake quake = haicheng(1);
  size_t messages = 0;
  run *r = set_up(&quake);
  engine_sink sink = {count_message, NULL, &messages};
  engine *e = engine_create(&r->town.setup, &sink);
  size_t before = counting_allocations();
  for (size_t i = 0; i < r->stream.count; i++)
    engine_packet(e, 0, r->stream.bytes + r->stream.packet[i].offset, r->stream.packet[i].length, r->stream.packet[i].arrival);
  engine_advance(e, ORIGIN + SECONDS(200));
  size_t after = counting_allocations();
  assert_true(before > 0);
  assert_true(messages > 100);
  assert_int_equal(after - before, 0);
  engine_destroy(e);
  tear_down(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_quake_is_one_event_with_one_alert_from_new_to_final),
      cmocka_unit_test(the_first_alert_is_early_and_near),
      cmocka_unit_test(noise_alone_is_no_event),
      cmocka_unit_test(the_same_calls_give_the_same_bytes),
      cmocka_unit_test(packets_of_any_length_lead_to_the_same_final_event),
      cmocka_unit_test(heartbeats_come_each_second_on_the_grid),
      cmocka_unit_test(steps_do_not_depend_on_how_time_is_told),
      cmocka_unit_test(time_that_goes_back_is_held_and_counted),
      cmocka_unit_test(a_skip_runs_no_steps_in_between),
      cmocka_unit_test(the_clocks_state_stands_in_heartbeats),
      cmocka_unit_test(every_station_reports_once_a_minute_and_at_a_change),
      cmocka_unit_test(picks_are_told_again_with_the_next_revision_as_the_window_grows),
      cmocka_unit_test(observed_intensities_follow_the_shaking),
      cmocka_unit_test(an_operator_cancels_an_open_event),
      cmocka_unit_test(new_settings_bring_their_hash),
      cmocka_unit_test(stations_and_targets_made_of_them_are_those_of_the_inventory_in_use),
      cmocka_unit_test(any_bytes_are_refused_and_counted),
      cmocka_unit_test(any_damage_to_packets_is_survived),
      cmocka_unit_test(an_exercise_differs_from_the_actual_by_status_and_mark_alone),
      cmocka_unit_test(stations_that_fall_silent_are_good_no_more),
      cmocka_unit_test(nothing_is_allocated_on_the_way_from_packet_to_message),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
