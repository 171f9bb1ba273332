/* `tocsin replay`, the whole chain: on made earthquakes, and on recordings of real ones. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "data.h"
#include "engine.h"
#include "random.h"
#include "signer.h"

enum { PATH = 1200 };

typedef struct {
  char *bytes; /* all that went to stdout */
  size_t length, lines;
  json_t **line;
  int status;
} replayed;

static char folder[64];

static int make_folder(void **state)
{
  (void)state;
  snprintf(folder, sizeof folder, "/tmp/tocsin-replay-XXXXXX");
  return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
  (void)state;
  char command[128];
  snprintf(command, sizeof command, "rm -rf %s", folder);
  return system(command);
}

static char *read_all(FILE *from, size_t *length)
{
  size_t capacity = 1 << 20;
  char *bytes = malloc(capacity);
  assert_non_null(bytes);
  *length = 0;
  for (size_t n; (n = fread(bytes + *length, 1, capacity - *length - 1, from)) > 0;) {
    *length += n;
    if (capacity - *length < 2) {
      bytes = realloc(bytes, capacity *= 2);
      assert_non_null(bytes);
    }
  }
  bytes[*length] = '\0';
  return bytes;
}

static int run(const char *arguments)
{
  char command[4096];
  snprintf(command, sizeof command, "%s %s >/dev/null 2>%s/stderr", build_path("tocsin"), arguments, folder);
  int status = system(command);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static replayed replay(const char *arguments)
{
  replayed r = {0};
  char command[4096];
  snprintf(command, sizeof command, "%s replay %s 2>%s/stderr", build_path("tocsin"), arguments, folder);
  FILE *out = popen(command, "r");
  assert_non_null(out);
  r.bytes = read_all(out, &r.length);
  r.status = pclose(out);
  for (char *at = r.bytes; at < r.bytes + r.length; at = strchr(at, '\n') + 1) {
    if (r.lines % 4096 == 0)
      r.line = realloc(r.line, (r.lines + 4096) * sizeof(json_t *));
    assert_non_null(r.line);
    r.line[r.lines] = json_loads(at, JSON_DISABLE_EOF_CHECK, NULL);
    assert_non_null(r.line[r.lines++]);
  }
  return r;
}

static void let_go(replayed *r)
{
  for (size_t i = 0; i < r->lines; i++)
    json_decref(r->line[i]);
  free(r->line);
  free(r->bytes);
}

static char *said_on_stderr(void)
{
  char path[PATH];
  size_t length;
  snprintf(path, sizeof path, "%s/stderr", folder);
  return data_read(path, &length);
}

static const char *channel_of(const replayed *r, size_t i)
{
  return json_string_value(json_object_get(r->line[i], "channel"));
}

static const json_t *message_of(const replayed *r, size_t i)
{
  return json_object_get(r->line[i], "message");
}

static const char *text(const json_t *message, const char *name)
{
  const char *value = json_string_value(json_object_get(message, name));
  return value ? value : "";
}

static double number(const json_t *message, const char *name)
{
  const json_t *value = json_object_get(message, name);
  return json_is_number(value) ? json_number_value(value) : NAN;
}

static size_t count(const replayed *r, const char *channel)
{
  size_t n = 0;
  for (size_t i = 0; i < r->lines; i++)
    n += strcmp(channel_of(r, i), channel) == 0;
  return n;
}

static size_t events(const replayed *r)
{
  size_t n = 0;
  for (size_t i = 0; i < r->lines; i++)
    n += strcmp(channel_of(r, i), "tocsin:exercise:event") == 0 && number(message_of(r, i), "revision") == 1;
  return n;
}

/* Did it begin within 6 s of that instant? A foreshock 12 s before and aftershocks are other events, and so is what lies nearer to them. */
static bool is_of(const replayed *r, size_t i, int64_t origin)
{
  int64_t time = 0;
  return strcmp(channel_of(r, i), "tocsin:exercise:event") == 0 && ingest_time_parse(text(message_of(r, i), "origin_time"), &time) &&
         llabs(time - origin) < 6 * INGEST_SECOND;
}

static size_t events_at(const replayed *r, int64_t origin)
{
  size_t n = 0;
  for (size_t i = 0; i < r->lines; i++)
    n += is_of(r, i, origin) && number(message_of(r, i), "revision") == 1;
  return n;
}

static const json_t *last_of(const replayed *r, int64_t origin)
{
  const json_t *last = NULL;
  for (size_t i = 0; i < r->lines; i++)
    if (is_of(r, i, origin))
      last = message_of(r, i);
  return last;
}

static int64_t time_of(const json_t *message)
{
  int64_t time = 0;
  assert_true(ingest_time_parse(text(message, "issued_at"), &time));
  return time;
}

/* The newest event message that was out at that time; NULL if there was none. */
static const json_t *known_at(const replayed *r, int64_t time)
{
  const json_t *known = NULL;
  for (size_t i = 0; i < r->lines; i++)
    if (strcmp(channel_of(r, i), "tocsin:exercise:event") == 0 && time_of(message_of(r, i)) <= time)
      known = message_of(r, i);
  return known;
}

static double off_km(const json_t *event, double latitude_deg, double longitude_deg)
{
  return locator_distance_km(number(event, "latitude_deg"), number(event, "longitude_deg"), latitude_deg, longitude_deg, NULL);
}

/* A made earthquake of half a minute in folder/NAME, made once. */
static const char *scenario(const char *name, const char *options)
{
  static char arguments[PATH];
  char path[PATH];
  snprintf(path, sizeof path, "%s/%s/stations.xml", folder, name);
  snprintf(arguments, sizeof arguments, "scenario %s --out %s/%s", options, folder, name);
  if (access(path, R_OK) != 0)
    assert_int_equal(run(arguments), 0);
  snprintf(arguments, sizeof arguments, "--inventory %s/%s --packet 1 %s/%s", folder, name, folder, name);
  return arguments;
}

static const char *haicheng(void)
{
  return scenario("haicheng", "--magnitude 6.8 --before 30 --after 60");
}

static void the_same_replay_gives_the_same_bytes(void **state)
{
  (void)state;
  replayed first = replay(haicheng()), second = replay(haicheng());
  assert_true(first.length > 10000);
  assert_int_equal(first.length, second.length);
  assert_memory_equal(first.bytes, second.bytes, first.length);
  let_go(&first);
  let_go(&second);
}

static void the_speed_changes_no_byte(void **state)
{
  (void)state;
  char arguments[PATH];
  snprintf(arguments, sizeof arguments, "--speed 500 %s", haicheng());
  replayed fast = replay(haicheng()), paced = replay(arguments);
  assert_int_equal(fast.length, paced.length);
  assert_memory_equal(fast.bytes, paced.bytes, fast.length);
  let_go(&fast);
  let_go(&paced);
}

static void a_made_earthquake_is_one_event_with_an_alert(void **state)
{
  (void)state;
  replayed r = replay(haicheng());
  assert_int_equal(events(&r), 1);
  assert_true(count(&r, "tocsin:exercise:alert") >= 2);
  let_go(&r);
}

static void all_is_exercise_and_signed(void **state)
{
  (void)state;
  replayed r = replay(haicheng());
  signer_keyring *ring = signer_keyring_load(NULL, 0, true);
  assert_non_null(ring);
  for (char *at = r.bytes; at < r.bytes + r.length; at = strchr(at, '\n') + 1) {
    const char *message = strstr(at, "\"message\":") + strlen("\"message\":"), *end = strchr(at, '\n') - 1;
    if (!signer_verify(ring, message, (size_t)(end - message)))
      fail_msg("no valid signature: %.*s", (int)(end - message), message);
  }
  for (size_t i = 0; i < r.lines; i++) {
    assert_int_equal(strncmp(channel_of(&r, i), "tocsin:exercise:", strlen("tocsin:exercise:")), 0);
    assert_string_equal(text(message_of(&r, i), "status"), "exercise");
    assert_true(json_is_null(json_object_get(message_of(&r, i), "trace")));
  }
  signer_keyring_destroy(ring);
  let_go(&r);
}

static void a_target_is_told_by_its_own_channel_right_after_all(void **state)
{
  (void)state;
  replayed r = replay(haicheng());
  size_t told = 0;
  double revision = 0;
  for (size_t i = 0; i < r.lines; i++) {
    if (strcmp(channel_of(&r, i), "tocsin:exercise:alert") == 0)
      revision = number(message_of(&r, i), "revision");
    if (strncmp(channel_of(&r, i), "tocsin:exercise:alert:", strlen("tocsin:exercise:alert:")) != 0)
      continue;
    told++;
    assert_float_equal(number(message_of(&r, i), "revision"), revision, 0);
    assert_string_equal(channel_of(&r, i) + strlen("tocsin:exercise:alert:"), text(json_object_get(message_of(&r, i), "target"), "id"));
  }
  assert_true(told > 0);
  let_go(&r);
}

static void the_data_time_is_the_time_of_issue_and_never_decreases(void **state)
{
  (void)state;
  replayed r = replay(haicheng());
  const char *before = "";
  for (size_t i = 0; i < r.lines; i++) {
    const char *now = text(r.line[i], "data_time");
    assert_string_equal(now, text(message_of(&r, i), "issued_at"));
    assert_true(strcmp(before, now) <= 0);
    before = now;
  }
  let_go(&r);
}

static void a_delay_comes_on_top_of_every_arrival(void **state)
{
  (void)state;
  char arguments[PATH];
  snprintf(arguments, sizeof arguments, "--delay 2 %s", haicheng());
  replayed prompt = replay(haicheng()), late = replay(arguments);
  int64_t first_prompt = 0, first_late = 0;
  for (size_t i = prompt.lines; i-- > 0;)
    if (strcmp(channel_of(&prompt, i), "tocsin:exercise:pick") == 0)
      first_prompt = time_of(message_of(&prompt, i));
  for (size_t i = late.lines; i-- > 0;)
    if (strcmp(channel_of(&late, i), "tocsin:exercise:pick") == 0)
      first_late = time_of(message_of(&late, i));
  assert_int_equal(first_late - first_prompt, 2 * INGEST_SECOND);
  let_go(&prompt);
  let_go(&late);
}

static void a_gap_of_hours_costs_no_heartbeats(void **state)
{
  (void)state;
  char arguments[PATH];
  scenario("early", "--noise-only --minutes 1 --time 2020-01-01T00:00:00Z");
  scenario("late", "--noise-only --minutes 1 --time 2020-01-02T00:00:00Z");
  snprintf(arguments, sizeof arguments, "--inventory %s/early %s/early %s/late", folder, folder, folder);
  replayed r = replay(arguments);
  size_t beats = count(&r, "tocsin:exercise:heartbeat");
  assert_true(beats > 100 && beats < 400);
  assert_int_equal(events(&r), 0);
  let_go(&r);
}

static void half_an_hour_of_noise_over_sixty_stations_is_no_event(void **state)
{
  (void)state;
  replayed r = replay(scenario("noise", "--noise-only --minutes 30"));
  assert_true(r.lines > 1000);
  assert_int_equal(events(&r), 0);
  let_go(&r);
}

static void the_summary_compares_with_the_truth(void **state)
{
  (void)state;
  char arguments[PATH];
  snprintf(arguments, sizeof arguments, "--truth %s/haicheng/event.json %s", folder, haicheng());
  replayed r = replay(arguments);
  char *said = said_on_stderr();
  assert_non_null(strstr(said, "1 events"));
  assert_non_null(strstr(said, "  first, "));
  assert_non_null(strstr(said, " km off"));
  free(said);
  let_go(&r);
}

static void a_wrong_call_is_told_what_is_right(void **state)
{
  (void)state;
  assert_int_equal(run("replay"), 2);
  assert_int_equal(run("replay --packet abc x"), 2);
  assert_int_equal(run("replay --speed 0 x"), 2);
  assert_int_equal(run("replay --nonsense x"), 2);
  assert_int_equal(run("replay /nonexistent.mseed"), 1);
  char *said = said_on_stderr();
  assert_non_null(strstr(said, "--inventory"));
  free(said);
  assert_int_equal(run("replay --inventory /nonexistent /nonexistent.mseed"), 1);
  assert_int_equal(run("replay --delay CI.CCC=soon x"), 2);
  assert_int_equal(run("replay --help"), 0);
}

/* ---- recordings ---- */

#define RIDGECREST INT64_C(1562383193040000000)
#define PLEASANT_HILL INT64_C(1571117622810000000)

static const char *recording(const char *name)
{
  static char arguments[PATH];
  const char *path = data_path(name);
  snprintf(arguments, sizeof arguments, "--inventory %s --packet 1 %s", path, path);
  return arguments;
}

static void ridgecrest_is_one_event_early_near_and_large(void **state)
{
  (void)state;
  replayed r = replay(recording("ridgecrest-2019"));
  assert_int_equal(events_at(&r, RIDGECREST), 1);
  assert_non_null(known_at(&r, RIDGECREST + 10 * INGEST_SECOND));
  assert_true(off_km(known_at(&r, RIDGECREST + 15 * INGEST_SECOND), 35.7695, -117.5993) <= 15);
  assert_true(number(known_at(&r, RIDGECREST + 20 * INGEST_SECOND), "magnitude") >= 6);
  assert_true(count(&r, "tocsin:exercise:alert") >= 2);
  for (size_t i = 0; i < r.lines; i++)
    assert_string_not_equal(text(message_of(&r, i), "status"), "actual");
  let_go(&r);
}

static void pleasant_hill_is_one_event_near_and_of_its_size(void **state)
{
  (void)state;
  replayed r = replay(recording("pleasant-hill-2019"));
  const json_t *known = known_at(&r, PLEASANT_HILL + 30 * INGEST_SECOND);
  assert_int_equal(events_at(&r, PLEASANT_HILL), 1);
  assert_non_null(known);
  assert_true(off_km(known, 37.938, -122.057) <= 10);
  assert_true(fabs(number(known, "magnitude") - 4.46) <= 0.7);
  let_go(&r);
}

static void the_half_minute_before_ridgecrest_holds_its_foreshock_alone(void **state)
{
  (void)state;
  char arguments[3 * PATH];
  snprintf(arguments, sizeof arguments, "--until 2019-07-06T03:19:53.040Z %s", recording("ridgecrest-2019"));
  replayed r = replay(arguments);
  assert_true(count(&r, "tocsin:exercise:station") > 10);
  assert_int_equal(count(&r, "tocsin:exercise:alert"), 0);
  assert_int_equal(events(&r), events_at(&r, RIDGECREST - 12 * INGEST_SECOND));
  assert_int_equal(events(&r), 1);
  let_go(&r);
}

/* A small shock 12 s before lies in the same windows of shaking. */
static void ridgecrest_is_one_event_wherever_the_replay_begins(void **state)
{
  (void)state;
  static const int from_s[] = {3, 10, 20};
  for (size_t i = 0; i < sizeof from_s / sizeof *from_s; i++) {
    char arguments[3 * PATH];
    snprintf(arguments, sizeof arguments, "--from +%d %s", from_s[i], recording("ridgecrest-2019"));
    replayed r = replay(arguments);
    assert_int_equal(events_at(&r, RIDGECREST), 1);
    assert_true(number(known_at(&r, RIDGECREST + 20 * INGEST_SECOND), "magnitude") >= 6);
    let_go(&r);
  }
}

/* Telemetry up to a minute late, another for each station. */
static replayed ridgecrest_late(uint64_t seed)
{
  static const char *const stations[] = {"CCC", "JRC2", "LRL", "MPM", "SLA", "WBM", "WCS2", "WNM", "WRV2", "WVP2"};
  char arguments[4 * PATH];
  random_source random = {seed};
  size_t length = (size_t)snprintf(arguments, sizeof arguments, "%s", recording("ridgecrest-2019"));
  for (size_t i = 0; i < sizeof stations / sizeof *stations; i++)
    length += (size_t)snprintf(arguments + length, sizeof arguments - length, " --delay CI.%s=%.1f", stations[i], random_uniform(&random, 0, 60));
  return replay(arguments);
}

static void what_comes_late_from_ridgecrest_serves_and_undoes_nothing(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 12; seed++) {
    replayed r = ridgecrest_late(seed);
    const json_t *known = last_of(&r, RIDGECREST);
    if (events_at(&r, RIDGECREST) != 1 || !known || strcmp(text(known, "state"), "final") != 0 || !(off_km(known, 35.7695, -117.5993) <= 5) ||
        !(fabs(number(known, "magnitude") - 7.1) <= 0.3) || !(fabs(number(known, "depth_km") - 8) <= 8) || number(known, "stations_used") < 9)
      fail_msg("seed %u: %zu events, the last %s, M%.1f, %.0f km deep, of %.0f stations", (unsigned)seed, events_at(&r, RIDGECREST),
               known ? text(known, "state") : "none", known ? number(known, "magnitude") : NAN, known ? number(known, "depth_km") : NAN,
               known ? number(known, "stations_used") : 0);
    let_go(&r);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_same_replay_gives_the_same_bytes),
      cmocka_unit_test(the_speed_changes_no_byte),
      cmocka_unit_test(a_made_earthquake_is_one_event_with_an_alert),
      cmocka_unit_test(all_is_exercise_and_signed),
      cmocka_unit_test(a_target_is_told_by_its_own_channel_right_after_all),
      cmocka_unit_test(the_data_time_is_the_time_of_issue_and_never_decreases),
      cmocka_unit_test(a_delay_comes_on_top_of_every_arrival),
      cmocka_unit_test(a_gap_of_hours_costs_no_heartbeats),
      cmocka_unit_test(half_an_hour_of_noise_over_sixty_stations_is_no_event),
      cmocka_unit_test(the_summary_compares_with_the_truth),
      cmocka_unit_test(a_wrong_call_is_told_what_is_right),
      cmocka_unit_test(ridgecrest_is_one_event_early_near_and_large),
      cmocka_unit_test(pleasant_hill_is_one_event_near_and_of_its_size),
      cmocka_unit_test(the_half_minute_before_ridgecrest_holds_its_foreshock_alone),
      cmocka_unit_test(ridgecrest_is_one_event_wherever_the_replay_begins),
      cmocka_unit_test(what_comes_late_from_ridgecrest_serves_and_undoes_nothing),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
