/* What a sensor's state means for the earthquake, and what its message says. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "made_stream.h"
#include "town.h"

enum { STATIONS = 8, DATA_QUALITY = 38 }; /* byte of a miniSEED 2 header; its highest bit: the time is doubtful */

/* What becomes of the packets of the first site of the inventory. */
typedef enum { AS_MADE, WITHOUT_WAVES, CUT_OFF, CLOCK_IN_DOUBT } fate;

typedef struct {
  town town;
  made_quake quake;
  made_stream stream, noise;
  engine *engine;
  size_t sent;
  fate fate;
} run;

static run *set_up(fate f)
{
  run *r = calloc(1, sizeof *r);
  assert_non_null(r);
  r->fate = f;
  r->quake = (made_quake){.seed = 41,
                          .stations = STATIONS,
                          .latitude_deg = 40.70,
                          .longitude_deg = 122.80,
                          .depth_km = 10,
                          .magnitude = 6,
                          .start = ORIGIN - SECONDS(90),
                          .origin_time = ORIGIN,
                          .length_s = 180,
                          .packet_s = 1};
  made_quake quiet = r->quake;
  quiet.magnitude = 0;
  town_build(&r->town, made_inventory(&r->quake));
  r->town.picker.s_picks = false; /* S waves would make a likelihood of 1 of each fate */
  r->stream = made_stream_build(&r->quake, r->town.inventory, r->town.tables);
  r->noise = made_stream_build(&quiet, r->town.inventory, r->town.tables);
  assert_int_equal(r->stream.count, r->noise.count);
  return r;
}

static run *started(fate f)
{
  run *r = set_up(f);
  engine_sink sink = mailbox_sink(&r->town.mail);
  r->engine = engine_create(&r->town.setup, &sink);
  assert_non_null(r->engine);
  return r;
}

static void tear_down(run *r)
{
  engine_destroy(r->engine);
  made_stream_free(&r->stream);
  made_stream_free(&r->noise);
  town_leave(&r->town);
  free(r);
}

static const char *chosen_site(const run *r)
{
  return ingest_inventory_sensor(r->town.inventory, 0)->site_code;
}

static bool is_of_chosen(const run *r, const uint8_t *bytes, size_t length)
{
  ingest_record record;
  char site[20];
  assert_null(ingest_record_read(bytes, length, &record));
  snprintf(site, sizeof site, "%s.%s", record.codes.network, record.codes.station);
  return strcmp(site, chosen_site(r)) == 0;
}

static void send(run *r, size_t index)
{
  const made_stream *stream = &r->stream;
  const made_packet *packet = &stream->packet[index];
  uint8_t bytes[4096];
  bool chosen = is_of_chosen(r, stream->bytes + packet->offset, packet->length);
  if (chosen && r->fate == CUT_OFF && packet->arrival > ORIGIN - SECONDS(20))
    return;
  if (chosen && r->fate == WITHOUT_WAVES) {
    stream = &r->noise;
    packet = &stream->packet[index];
  }
  assert_true(packet->length <= sizeof bytes);
  memcpy(bytes, stream->bytes + packet->offset, packet->length);
  if (chosen && r->fate == CLOCK_IN_DOUBT)
    bytes[DATA_QUALITY] |= 0x80;
  engine_packet(r->engine, 0, bytes, packet->length, packet->arrival);
}

static void until(run *r, double seconds)
{
  int64_t end = ORIGIN + SECONDS(seconds);
  for (; r->sent < r->stream.count && r->stream.packet[r->sent].arrival <= end; r->sent++)
    send(r, r->sent);
  engine_advance(r->engine, end);
}

static bool is_used(const run *r, const json_t *event)
{
  size_t i;
  const json_t *pick;
  json_array_foreach(json_object_get(event, "picks"), i, pick)
  {
    if (strcmp(json_string_value(json_object_get(pick, "station")), chosen_site(r)) == 0)
      return true;
  }
  return false;
}

/* The likelihood of the first event of its first seconds, 0: there was none. */
static double first_likelihood(fate f)
{
  run *r = started(f);
  until(r, 7);
  double likelihood = 0;
  if (mailbox_count(&r->town.mail, ENGINE_EVENT) > 0) {
    json_t *event = mailbox_read(&r->town.mail, ENGINE_EVENT, 0);
    likelihood = number_of(event, "likelihood");
    json_decref(event);
  }
  tear_down(r);
  return likelihood;
}

/* The nearest station of all: healthy and silent it is evidence against; late it is none. */
static void a_late_station_does_not_count_as_not_yet_arrived(void **state)
{
  (void)state;
  double silent = first_likelihood(WITHOUT_WAVES), late = first_likelihood(CUT_OFF);
  assert_true(late > 0);
  assert_true(late > silent);
}

/* The newest message of a sensor of the chosen site; the caller lets it go. */
static json_t *station_of(const run *r)
{
  for (int i = -1; i >= -(int)mailbox_count(&r->town.mail, ENGINE_STATION); i--) {
    json_t *message = mailbox_read(&r->town.mail, ENGINE_STATION, i);
    if (strcmp(text_of(message, "station"), chosen_site(r)) == 0)
      return message;
    json_decref(message);
  }
  fail_msg("no message of %s", chosen_site(r));
  return NULL;
}

static size_t picks_told(const run *r)
{
  size_t count = 0;
  for (size_t i = 0; i < mailbox_count(&r->town.mail, ENGINE_PICK); i++) {
    json_t *pick = mailbox_read(&r->town.mail, ENGINE_PICK, (int)i);
    count += strcmp(text_of(pick, "station"), chosen_site(r)) == 0;
    json_decref(pick);
  }
  return count;
}

static void a_station_whose_clock_is_in_doubt_gives_the_locator_nothing(void **state)
{
  (void)state;
  static const fate fates[] = {AS_MADE, CLOCK_IN_DOUBT};
  for (int i = 0; i < 2; i++) {
    run *r = started(fates[i]);
    until(r, 60);
    assert_true(picks_told(r) > 0);
    json_t *event = mailbox_read(&r->town.mail, ENGINE_EVENT, -1), *station = station_of(r);
    assert_int_equal(is_used(r, event), fates[i] == AS_MADE);
    assert_string_equal(text_of(station, "state"), fates[i] == AS_MADE ? "good" : "clock");
    json_decref(event);
    json_decref(station);
    tear_down(r);
  }
}

static double good_of_all(const run *r)
{
  json_t *heartbeat = mailbox_read(&r->town.mail, ENGINE_HEARTBEAT, -1);
  double good = number_of(heartbeat, "stations_good");
  json_decref(heartbeat);
  return good;
}

static void only_good_stations_are_counted_good(void **state)
{
  (void)state;
  static const fate fates[] = {AS_MADE, CUT_OFF, CLOCK_IN_DOUBT};
  for (int i = 0; i < 3; i++) {
    run *r = started(fates[i]);
    until(r, -1);
    assert_true(good_of_all(r) == (fates[i] == AS_MADE ? STATIONS : STATIONS - 1));
    tear_down(r);
  }
}

/* M6 at 12 km and less: while it shakes and after, every station stays good. */
static void shaking_leaves_every_station_good(void **state)
{
  (void)state;
  run *r = started(AS_MADE);
  for (double t = -1; t < 88; t++) {
    until(r, t);
    assert_true(good_of_all(r) == STATIONS);
  }
  tear_down(r);
}

static void its_message_and_the_log_tell_path_noise_and_faults(void **state)
{
  (void)state;
  run *r = set_up(CLOCK_IN_DOUBT);
  ingest_path_rule rule = {.stations = "*", .logger = "", .link = "", .provider = "city"};
  const ingest_feed_path feed = {.link = "relay 3", .provider = "other"};
  r->town.ingest.paths = &rule;
  r->town.ingest.paths_count = 1;
  r->town.setup.feeds = &feed;
  r->town.setup.feeds_count = 1;
  engine_sink sink = mailbox_sink(&r->town.mail);
  r->engine = engine_create(&r->town.setup, &sink);
  until(r, -5);
  json_t *message = station_of(r);
  assert_true(json_is_null(member(message, "path.logger")));
  assert_string_equal(text_of(message, "path.link"), "relay 3");
  assert_string_equal(text_of(message, "path.provider"), "city");
  assert_string_equal(text_of(message, "unit"), "m/s2");
  assert_true(number_of(message, "noise_m_s2") > 0);
  assert_true(json_is_null(member(message, "spectrum")));
  assert_string_equal(json_string_value(json_array_get(member(message, "faults"), 0)), ingest_fault_texts[INGEST_FAULT_DOUBTFUL]);
  assert_non_null(strstr(r->town.mail.last_log, ingest_fault_texts[INGEST_FAULT_DOUBTFUL]));
  json_decref(message);
  engine_command(r->engine, &(engine_command_input){.kind = ENGINE_SET_FEED, .feed = 0, .path = {.link = "fibre"}}, ORIGIN - 5 * INGEST_SECOND);
  until(r, 60);
  message = station_of(r);
  assert_string_equal(text_of(message, "path.link"), "fibre");
  json_decref(message);
  tear_down(r);
}

static void a_spectrum_is_told_from_when_it_comes_and_decides_nothing(void **state)
{
  (void)state;
  run *with = started(AS_MADE), *without = started(AS_MADE);
  until(with, -20);
  engine_result(with->engine, ENGINE_JOB_SPECTRUM, &(engine_spectrum_result){0, INGEST_NORTH, {INGEST_NOISE_DEAF, 0.1F, 0.75F}},
                ORIGIN - SECONDS(20));
  engine_result(with->engine, ENGINE_JOB_SPECTRUM, &(engine_spectrum_result){0, INGEST_EAST, {INGEST_NOISE_NORMAL, 0.2F, 0}}, ORIGIN - SECONDS(20));
  engine_result(with->engine, ENGINE_JOB_SPECTRUM, &(engine_spectrum_result){1 << 20, 0, {INGEST_NOISE_DEAF, 0, 1}}, ORIGIN - SECONDS(20));
  until(with, 80);
  until(without, 80);
  json_t *message = station_of(with);
  assert_string_equal(text_of(message, "spectrum"), "deaf");
  assert_true(number_of(message, "above_high_noise_percent") == 20);
  assert_true(number_of(message, "below_low_noise_percent") == 75);
  assert_string_equal(text_of(message, "state"), "good");
  json_decref(message);
  assert_int_equal(mailbox_count(&with->town.mail, ENGINE_EVENT), mailbox_count(&without->town.mail, ENGINE_EVENT));
  const letter *a = mailbox_letter(&with->town.mail, ENGINE_EVENT, -1), *b = mailbox_letter(&without->town.mail, ENGINE_EVENT, -1);
  assert_int_equal(a->about.length, b->about.length);
  assert_memory_equal(a->about.json, b->about.json, b->about.length);
  tear_down(with);
  tear_down(without);
}

static void the_newest_minute_is_kept(void **state)
{
  (void)state;
  static float values[10000];
  ingest_samples samples;
  run *r = started(AS_MADE);
  until(r, 0);
  engine_kept(r->engine, 0, INGEST_VERTICAL, values, 10000, &samples);
  assert_int_equal(samples.count, 6000);
  assert_true(samples.unit == INGEST_UNIT_ACCELERATION && samples.rate == 100);
  assert_true(llabs(samples.start + SECONDS(60) - ORIGIN) <= SECONDS(1));
  tear_down(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_late_station_does_not_count_as_not_yet_arrived),
      cmocka_unit_test(a_station_whose_clock_is_in_doubt_gives_the_locator_nothing),
      cmocka_unit_test(only_good_stations_are_counted_good),
      cmocka_unit_test(shaking_leaves_every_station_good),
      cmocka_unit_test(its_message_and_the_log_tell_path_noise_and_faults),
      cmocka_unit_test(a_spectrum_is_told_from_when_it_comes_and_decides_nothing),
      cmocka_unit_test(the_newest_minute_is_kept),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
