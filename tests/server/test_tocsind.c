#define _GNU_SOURCE /* pipe2 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "daemon_process.h"
#include "data.h"
#include "made_records.h"
#include "private_redis.h"
#include "signer.h"
#include "stream_check.h"

enum { STATIONS = 4, TRIES = 9000 };

/* A private Redis and a daemon that publishes exercises there. */
struct world {
  private_redis redis;
  daemon_process d;
  redisContext *c;
};

static const char *const exercise[] = {"--exercise", NULL};

static void prepare(struct world *w)
{
  signal(SIGPIPE, SIG_IGN);
  private_redis_prepare(&w->redis);
  private_redis_start(&w->redis);
  w->c = private_redis_connect(&w->redis);
  daemon_prepare(&w->d, STATIONS);
  daemon_configure(&w->d, w->redis.socket, "");
}

static void begin(struct world *w)
{
  prepare(w);
  daemon_start(&w->d, -1, exercise);
  daemon_await(&w->d, "READY=1");
}

static void clear(struct world *w)
{
  redisFree(w->c);
  daemon_remove(&w->d);
  private_redis_remove(&w->redis);
}

/* The newest message of a stream as JSON, NULL if it is empty; verified with the exercise key. */
static json_t *newest(struct world *w, const char *name)
{
  redisReply *reply = private_redis_call(w->c, "XREVRANGE", name, "+", "-", "COUNT", "1", NULL);
  json_t *root = NULL;
  if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 1) {
    const redisReply *text = reply->element[0]->element[1]->element[1];
    signer_keyring *ring = signer_keyring_load(NULL, 0, true);
    assert_true(signer_verify(ring, text->str, (size_t)text->len));
    signer_keyring_destroy(ring);
    root = json_loadb(text->str, (size_t)text->len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
  }
  freeReplyObject(reply);
  return root;
}

/* Waits for a message of the stream in which an integer member is at least so much; returns that member. */
static int64_t await_member(struct world *w, const char *name, const char *member, int64_t least)
{
  for (int i = 0; i < TRIES; i++, nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL)) {
    json_t *message = newest(w, name);
    int64_t value = message ? json_integer_value(json_object_get(message, member)) : INT64_MIN;
    json_decref(message);
    if (value >= least)
      return value;
  }
  size_t length;
  fail_msg("no message on %s with %s >= %lld; the daemon's log:\n%s", name, member, (long long)least, data_read(w->d.log, &length));
  return 0;
}

static int connected(const struct world *w)
{
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)w->d.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int s = socket(AF_INET, SOCK_STREAM, 0);
  assert_int_equal(connect(s, (struct sockaddr *)&to, sizeof to), 0);
  return s;
}

static void send_bytes(int s, const void *bytes, size_t length)
{
  assert_int_equal(send(s, bytes, length, 0), (ssize_t)length);
}

static void it_tells_when_it_is_ready_and_ends_cleanly_when_asked(void **state)
{
  (void)state;
  struct world w;
  begin(&w);
  daemon_signal(&w.d, SIGTERM);
  daemon_await(&w.d, "STOPPING=1");
  assert_int_equal(daemon_end(&w.d), 0);
  redisReply *lease = private_redis_call(w.c, "GET", "tocsin:exercise:lease", NULL);
  assert_int_equal(lease->type, REDIS_REPLY_NIL); /* given back, so that a standby need not wait */
  freeReplyObject(lease);
  clear(&w);
}

static void heartbeats_are_signed_marked_and_only_on_exercise_channels(void **state)
{
  (void)state;
  struct world w;
  begin(&w);
  await_member(&w, "tocsin:exercise:heartbeat", "revision", 2);
  json_t *heartbeat = newest(&w, "tocsin:exercise:heartbeat");
  assert_string_equal(json_string_value(json_object_get(heartbeat, "status")), "exercise");
  assert_int_equal(json_integer_value(json_object_get(heartbeat, "stations_all")), STATIONS);
  json_decref(heartbeat);
  redisReply *keys = private_redis_call(w.c, "KEYS", "*", NULL);
  for (size_t i = 0; i < keys->elements; i++)
    assert_memory_equal(keys->element[i]->str, "tocsin:exercise:", strlen("tocsin:exercise:"));
  freeReplyObject(keys);
  clear(&w);
}

/* A stranger, a record of next year and bytes that are none: each line names feed, place and channel. */
static void what_is_wrong_with_a_feed_is_said_with_its_place(void **state)
{
  (void)state;
  struct world w;
  begin(&w);
  int s = connected(&w);
  int64_t now = time(NULL) * INGEST_SECOND;
  made_record stranger = made_second("ZZZ", now - 2 * INGEST_SECOND, 1), early = made_second("S000", now + 365 * 86400 * INGEST_SECOND, 2),
              good = made_second("S001", now - 2 * INGEST_SECOND, 3);
  send_bytes(s, stranger.bytes, stranger.length);
  send_bytes(s, early.bytes, early.length);
  send_bytes(s, "garbage", 7);
  send_bytes(s, good.bytes, good.length);
  await_member(&w, "tocsin:exercise:heartbeat", "stations_good", 1);
  char line[128];
  assert_true(daemon_said(&w.d, ", byte 0: XX.ZZZ..HNZ: not in the inventory"));
  snprintf(line, sizeof line, "), byte %zu: XX.S000..HNZ: ends in the future", stranger.length);
  assert_true(daemon_said(&w.d, line));
  snprintf(line, sizeof line, "stepped over what is no record at byte %zu ", stranger.length + early.length);
  assert_true(daemon_said(&w.d, line));
  close(s);
  clear(&w);
}

/* Each station's last few seconds of data, as they would arrive now, with garbage in front. */
static void packets_over_tcp_make_stations_good_whatever_comes_between(void **state)
{
  (void)state;
  struct world w;
  begin(&w);
  int s = connected(&w);
  int64_t now = time(NULL) * INGEST_SECOND;
  for (int k = -4; k < 0; k++)
    for (int i = 0; i < STATIONS; i++) {
      char station[8];
      snprintf(station, sizeof station, "S%03d", i % 1000);
      made_record r = made_second(station, now + k * INGEST_SECOND, (uint64_t)(100 * i - k));
      send_bytes(s, "this is no record", 17);
      send_bytes(s, r.bytes, r.length);
    }
  await_member(&w, "tocsin:exercise:heartbeat", "stations_good", STATIONS);
  assert_true(daemon_said(&w.d, "stepped over what is no record at byte 0 "));
  close(s);
  clear(&w);
}

/* Ten seconds of a vertical are enough for one. */
static void the_spectrum_of_what_came_stands_in_the_stations_message(void **state)
{
  (void)state;
  struct world w;
  prepare(&w);
  daemon_configure(&w.d, w.redis.socket, "rules: {station_report_s: 1}\n");
  daemon_start(&w.d, -1, exercise);
  daemon_await(&w.d, "READY=1");
  int s = connected(&w);
  int64_t now = time(NULL) * INGEST_SECOND;
  for (int k = -10; k < 0; k++)
    for (int i = 0; i < STATIONS; i++) {
      char station[8];
      snprintf(station, sizeof station, "S%03d", i % 1000);
      made_record r = made_second(station, now + k * INGEST_SECOND, (uint64_t)(100 * i - k));
      send_bytes(s, r.bytes, r.length);
    }
  await_member(&w, "tocsin:exercise:station", "above_high_noise_percent", 1);
  close(s);
  clear(&w);
}

static void after_a_crash_it_goes_on_with_a_higher_epoch(void **state)
{
  (void)state;
  struct world w;
  begin(&w);
  int64_t epoch = await_member(&w, "tocsin:exercise:heartbeat", "epoch", 1);
  daemon_signal(&w.d, SIGKILL);
  assert_int_equal(daemon_end(&w.d), 128 + SIGKILL);
  daemon_start(&w.d, -1, exercise);
  daemon_await(&w.d, "READY=1");
  assert_true(await_member(&w, "tocsin:exercise:heartbeat", "epoch", epoch + 1) > epoch);
  clear(&w);
}

static void without_redis_it_starts_and_delivers_when_redis_comes(void **state)
{
  (void)state;
  struct world w;
  prepare(&w);
  private_redis_kill(&w.redis);
  daemon_start(&w.d, -1, exercise);
  daemon_await(&w.d, "READY=1");
  private_redis_start(&w.redis);
  redisFree(w.c);
  w.c = private_redis_connect(&w.redis);
  await_member(&w, "tocsin:exercise:heartbeat", "revision", 2);
  clear(&w);
}

static void a_hangup_takes_new_rules_and_faults_in_them_change_nothing(void **state)
{
  (void)state;
  struct world w;
  begin(&w);
  daemon_configure(&w.d, w.redis.socket, "targets: [{id: here, name: Here, name_zh: 此, latitude_deg: 40, longitude_deg: 122}]\n");
  daemon_signal(&w.d, SIGHUP);
  daemon_await(&w.d, "RELOADING=1");
  daemon_await(&w.d, "READY=1");
  assert_true(daemon_said(&w.d, "1 targets"));
  daemon_configure(&w.d, w.redis.socket, "rules: {minimum_magnitude: strong}\n");
  daemon_signal(&w.d, SIGHUP);
  daemon_await(&w.d, "RELOADING=1");
  daemon_await(&w.d, "READY=1");
  assert_true(daemon_said(&w.d, "has faults"));
  json_t *heartbeat = newest(&w, "tocsin:exercise:heartbeat");
  int64_t revision = json_integer_value(json_object_get(heartbeat, "revision"));
  json_decref(heartbeat);
  await_member(&w, "tocsin:exercise:heartbeat", "revision", revision + 1);
  daemon_signal(&w.d, SIGTERM);
  assert_int_equal(daemon_end(&w.d), 0);
  clear(&w);
}

static void the_watchdog_is_fed_from_the_loop(void **state)
{
  (void)state;
  struct world w;
  prepare(&w);
  setenv("WATCHDOG_USEC", "100000", 1);
  daemon_start(&w.d, -1, exercise);
  unsetenv("WATCHDOG_USEC");
  daemon_await(&w.d, "READY=1");
  for (int i = 0; i < 3; i++)
    daemon_await(&w.d, "WATCHDOG=1");
  clear(&w);
}

/* What a user types wrong is told with its remedy, and nothing starts. */
static void a_start_that_cannot_be_is_refused_with_its_reason(void **state)
{
  (void)state;
  static const struct {
    const char *arguments[4];
    int status;
    const char *says;
  } cases[] = {
      {{"--virtual-clock"}, 2, "--virtual-clock goes with --exercise only"},
      {{"--exercise", "and more"}, 2, "it takes options only"},
      {{"--no-such-option"}, 2, "--help"},
      {{NULL}, 1, "no signing key"},
      {{"--exercise", "--inventory", "/nonexistent"}, 1, "/nonexistent"},
      {{"--exercise", "--config", "/nonexistent.yaml"}, 1, "/nonexistent.yaml"},
  };
  struct world w;
  prepare(&w);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    daemon_start(&w.d, -1, cases[i].arguments);
    assert_int_equal(daemon_end(&w.d), cases[i].status);
    if (!daemon_said(&w.d, cases[i].says))
      fail_msg("case %zu: the log does not say \"%s\"", i, cases[i].says);
    unlink(w.d.log);
  }
  clear(&w);
}

/* An earthquake that code made, seen by eight stations around it. */
static void make_earthquake(const struct world *w, char *folder, size_t size)
{
  char csv[128];
  snprintf(csv, sizeof csv, "%s/list.csv", w->d.folder);
  snprintf(folder, size, "%s/quake", w->d.folder);
  FILE *file = fopen(csv, "w");
  assert_non_null(file);
  fputs("network,station,latitude_deg,longitude_deg\n", file);
  for (int i = 0; i < 8; i++)
    fprintf(file, "XX,Q%d,%.2f,%.2f\n", i, 40.5 + 0.1 * (i % 3), 122.4 + 0.15 * (i / 3));
  fclose(file);
  const char *const arguments[] = {"scenario", "--latitude", "40.6",    "--longitude", "122.6",      "--depth", "10",    "--magnitude", "6.5",
                                   "--before", "20",         "--after", "40",          "--stations", csv,       "--out", folder,        NULL};
  assert_int_equal(run_program("tocsin", NULL, arguments), 0);
}

static size_t add_records(const char *folder, const char **words, size_t n, size_t room, glob_t *found)
{
  char pattern[256];
  snprintf(pattern, sizeof pattern, "%s/*.mseed", folder);
  assert_int_equal(glob(pattern, 0, NULL, found), 0);
  for (size_t i = 0; i < found->gl_pathc && n < room; i++)
    words[n++] = found->gl_pathv[i];
  return n;
}

static void an_earthquake_played_to_its_port_becomes_an_alert(void **state)
{
  (void)state;
  struct world w;
  prepare(&w);
  char folder[128], to[32], inventory[160];
  make_earthquake(&w, folder, sizeof folder);
  snprintf(inventory, sizeof inventory, "%s/stations.xml", folder);
  daemon_start(&w.d, -1, (const char *const[]){"--exercise", "--virtual-clock", "--inventory", inventory, NULL});
  daemon_await(&w.d, "READY=1");

  glob_t found;
  const char *words[62] = {"play", "--packet", "1", "--speed", "max", "--to", to};
  snprintf(to, sizeof to, "127.0.0.1:%d", w.d.port);
  add_records(folder, words, 7, 60, &found);
  assert_int_equal(run_program("tocsin", NULL, words), 0);
  await_member(&w, "tocsin:exercise:alert", "revision", 1);
  daemon_signal(&w.d, SIGTERM);
  assert_int_equal(daemon_end(&w.d), 0);

  struct stream alerts = stream_read(&w.redis, "tocsin:exercise:alert");
  for (size_t i = 0; i < alerts.count; i++) {
    assert_true(alerts.items[i].verified);
    assert_int_equal(alerts.items[i].revision, i + 1);
  }
  stream_clear(&alerts);
  globfree(&found);
  clear(&w);
}

static void standard_input_is_taken_and_its_end_ends_a_daemon_without_a_port(void **state)
{
  (void)state;
  struct world w;
  prepare(&w);
  int ends[2];
  assert_int_equal(pipe2(ends, O_CLOEXEC), 0); /* the daemon must not hold the end that it waits for */
  w.d.port = 0;
  daemon_configure(&w.d, w.redis.socket, "");
  daemon_start(&w.d, ends[0], (const char *const[]){"--exercise", "--virtual-clock", "--stdin", NULL});
  close(ends[0]);
  for (int k = 0; k < 5; k++) {
    made_record r = made_second("S000", (1000000000 + k) * INGEST_SECOND, (uint64_t)k);
    assert_int_equal(write(ends[1], r.bytes, r.length), (ssize_t)r.length);
  }
  await_member(&w, "tocsin:exercise:heartbeat", "revision", 3);
  close(ends[1]);
  assert_int_equal(daemon_end(&w.d), 0);
  clear(&w);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(it_tells_when_it_is_ready_and_ends_cleanly_when_asked),
      cmocka_unit_test(heartbeats_are_signed_marked_and_only_on_exercise_channels),
      cmocka_unit_test(what_is_wrong_with_a_feed_is_said_with_its_place),
      cmocka_unit_test(packets_over_tcp_make_stations_good_whatever_comes_between),
      cmocka_unit_test(the_spectrum_of_what_came_stands_in_the_stations_message),
      cmocka_unit_test(after_a_crash_it_goes_on_with_a_higher_epoch),
      cmocka_unit_test(without_redis_it_starts_and_delivers_when_redis_comes),
      cmocka_unit_test(a_hangup_takes_new_rules_and_faults_in_them_change_nothing),
      cmocka_unit_test(the_watchdog_is_fed_from_the_loop),
      cmocka_unit_test(a_start_that_cannot_be_is_refused_with_its_reason),
      cmocka_unit_test(an_earthquake_played_to_its_port_becomes_an_alert),
      cmocka_unit_test(standard_input_is_taken_and_its_end_ends_a_daemon_without_a_port),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
