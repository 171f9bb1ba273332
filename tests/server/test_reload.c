/* SIGHUP while packets flow: the inventory is read again, and no sample is lost. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <math.h>
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

enum { TRIES = 9000, SECONDS_BEFORE = 30, SECONDS_MEANWHILE = 20, SECONDS_AFTER = 50 };

/* A private Redis, a daemon, and a connection to its port. `begins`: the first sample's time, so that the last one's is now. */
typedef struct {
  private_redis redis;
  daemon_process d;
  redisContext *c;
  int feed;
  int64_t begins;
  int sent; /* seconds of data */
} world;

static void write_text(void *user, const char *text, size_t length)
{
  assert_int_equal(fwrite(text, 1, length, user), length);
}

/* XX.S000 ... of so many stations, verticals of accelerometers; S001 with a gain of its own. */
static void write_inventory(const world *w, int stations, double gain_of_s001)
{
  char path[128];
  ingest_inventory *inventory = ingest_inventory_create();
  for (int i = 0; i < stations; i++) {
    ingest_codes codes = {.network = "XX", .channel = "HNZ"};
    snprintf(codes.station, sizeof codes.station, "S%03d", i % 1000);
    const ingest_epoch epoch = {.start = INT64_MIN,
                                .end = INT64_MAX,
                                .gain = i == 1 ? gain_of_s001 : 100000,
                                .gain_frequency_hz = 1,
                                .rate = 100,
                                .azimuth_deg = 0,
                                .dip_deg = -90,
                                .unit = INGEST_UNIT_ACCELERATION};
    assert_true(ingest_inventory_add_channel(inventory, &codes, 40 + 0.1 * i, 122, 100, 0, &epoch));
  }
  ingest_inventory_seal(inventory, NULL, NULL);
  snprintf(path, sizeof path, "%s/stations.xml", w->d.folder);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  ingest_inventory_write(inventory, 0, write_text, file);
  fclose(file);
  ingest_inventory_destroy(inventory);
}

static void break_inventory(const world *w)
{
  char path[128];
  snprintf(path, sizeof path, "%s/stations.xml", w->d.folder);
  FILE *file = fopen(path, "r+");
  assert_non_null(file);
  fseek(file, 0, SEEK_END);
  fseek(file, ftell(file) / 2, SEEK_SET);
  fputs("<<<", file);
  fclose(file);
}

static void begin(world *w)
{
  signal(SIGPIPE, SIG_IGN);
  private_redis_prepare(&w->redis);
  private_redis_start(&w->redis);
  w->c = private_redis_connect(&w->redis);
  daemon_prepare(&w->d, 1);
  write_inventory(w, 2, 100000);
  daemon_configure(&w->d, w->redis.socket, "rules: {station_report_s: 1}\ningest: {late_after_s: 600, dead_after_s: 3600}\n");
  daemon_start(&w->d, -1, (const char *const[]){"--exercise", NULL});
  daemon_await(&w->d, "READY=1");
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)w->d.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  w->feed = socket(AF_INET, SOCK_STREAM, 0);
  assert_int_equal(connect(w->feed, (struct sockaddr *)&to, sizeof to), 0);
  w->begins = (time(NULL) - SECONDS_BEFORE - SECONDS_MEANWHILE - SECONDS_AFTER) * INGEST_SECOND;
  w->sent = 0;
}

static void end(world *w)
{
  close(w->feed);
  daemon_signal(&w->d, SIGTERM);
  assert_int_equal(daemon_end(&w->d), 0);
  redisFree(w->c);
  daemon_remove(&w->d);
  private_redis_remove(&w->redis);
}

/* So many further seconds of each of the stations, S000 last. */
static void send_seconds(world *w, int seconds, int stations)
{
  for (int stop = w->sent + seconds; w->sent < stop; w->sent++)
    for (int i = stations - 1; i >= 0; i--) {
      char station[8];
      snprintf(station, sizeof station, "S%03d", i % 1000);
      made_record r = made_second(station, w->begins + w->sent * INGEST_SECOND, (uint64_t)(1000 * i + w->sent + 1));
      assert_int_equal(send(w->feed, r.bytes, r.length, 0), (ssize_t)r.length);
    }
}

/* The newest message of the stream whose member is that text; NULL if it is not among the last ones. */
static json_t *newest(const world *w, const char *stream, const char *member, const char *text)
{
  redisReply *reply = private_redis_call(w->c, "XREVRANGE", stream, "+", "-", "COUNT", "20", NULL);
  json_t *found = NULL;
  for (size_t i = 0; !found && i < reply->elements; i++) {
    const redisReply *json = reply->element[i]->element[1]->element[1];
    json_t *root = json_loadb(json->str, (size_t)json->len, JSON_REJECT_DUPLICATES, NULL);
    const char *value = json_string_value(json_object_get(root, member));
    if (value && strcmp(value, text) == 0)
      found = json_incref(root);
    json_decref(root);
  }
  freeReplyObject(reply);
  return found;
}

/* Waits until the station has told of so many packets; that message. */
static json_t *await_packets(const world *w, const char *station, int64_t packets)
{
  for (int i = 0; i < TRIES; i++, nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL)) {
    json_t *message = newest(w, "tocsin:exercise:station", "station", station);
    if (message && json_integer_value(json_object_get(message, "packets")) >= packets)
      return message;
    json_decref(message);
  }
  size_t length;
  fail_msg("%s never told of %lld packets; the daemon's log:\n%s", station, (long long)packets, data_read(w->d.log, &length));
  return NULL;
}

static void assert_nothing_lost(const world *w, const char *station, int64_t packets, int64_t gaps)
{
  json_t *message = await_packets(w, station, packets);
  assert_int_equal(json_integer_value(json_object_get(message, "packets")), packets);
  assert_int_equal(json_integer_value(json_object_get(message, "gaps")), gaps);
  assert_int_equal(json_integer_value(json_object_get(message, "discarded_samples")), 0);
  json_decref(message);
}

static void reload(world *w)
{
  daemon_signal(&w->d, SIGHUP);
  daemon_await(&w->d, "RELOADING=1");
}

static int times_said(const world *w, const char *text)
{
  size_t length;
  char *log = data_read(w->d.log, &length);
  int times = 0;
  for (const char *at = log; (at = strstr(at, text)); at++)
    times++;
  free(log);
  return times;
}

/* Noise of 3 mm/s2 is none to speak of; read with a hundredth of the gain it is strong shaking. */
static void a_new_inventory_is_adopted_and_no_sample_is_lost(void **state)
{
  (void)state;
  world w;
  begin(&w);
  send_seconds(&w, SECONDS_BEFORE, 3);
  json_decref(await_packets(&w, "XX.S000", SECONDS_BEFORE));
  write_inventory(&w, 3, 1000);
  reload(&w);
  send_seconds(&w, SECONDS_MEANWHILE, 2);
  daemon_await(&w.d, "READY=1");
  assert_true(daemon_said(&w.d, "inventory adopted: 1 channels new, 0 ended, 1 with another response or orientation"));
  assert_int_equal(times_said(&w, "XX.S002..HNZ: not in the inventory"), 1);
  send_seconds(&w, SECONDS_AFTER, 3);
  int all = SECONDS_BEFORE + SECONDS_MEANWHILE + SECONDS_AFTER;
  assert_nothing_lost(&w, "XX.S000", all, 0);
  assert_nothing_lost(&w, "XX.S001", all, 1);
  assert_nothing_lost(&w, "XX.S002", SECONDS_AFTER, 0);
  json_t *heartbeat = NULL;
  for (int i = 0; i < TRIES && (!heartbeat || json_integer_value(json_object_get(heartbeat, "stations_good")) < 3); i++) {
    json_decref(heartbeat);
    nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    heartbeat = newest(&w, "tocsin:exercise:heartbeat", "status", "exercise");
  }
  assert_int_equal(json_integer_value(json_object_get(heartbeat, "stations_all")), 3);
  assert_int_equal(json_integer_value(json_object_get(heartbeat, "stations_good")), 3);
  json_decref(heartbeat);
  redisReply *shaking = private_redis_call(w.c, "XLEN", "tocsin:exercise:intensity", NULL);
  assert_true(shaking->integer > 0);
  freeReplyObject(shaking);
  end(&w);
}

static void an_inventory_with_faults_changes_nothing(void **state)
{
  (void)state;
  world w;
  begin(&w);
  send_seconds(&w, SECONDS_BEFORE, 2);
  write_inventory(&w, 3, 1000);
  break_inventory(&w);
  reload(&w);
  send_seconds(&w, SECONDS_MEANWHILE, 2);
  daemon_await(&w.d, "READY=1");
  assert_true(daemon_said(&w.d, "stations.xml:")); /* and the line */
  assert_true(daemon_said(&w.d, "the inventory stays as it was"));
  assert_false(daemon_said(&w.d, "inventory adopted"));
  send_seconds(&w, SECONDS_AFTER, 2);
  for (int i = 0; i < 2; i++)
    assert_nothing_lost(&w, i ? "XX.S001" : "XX.S000", SECONDS_BEFORE + SECONDS_MEANWHILE + SECONDS_AFTER, 0);
  write_inventory(&w, 3, 100000);
  reload(&w);
  daemon_await(&w.d, "READY=1");
  assert_true(daemon_said(&w.d, "inventory adopted: 1 channels new, 0 ended, 0 with another"));
  end(&w);
}

static void many_hangups_leave_the_stream_whole(void **state)
{
  (void)state;
  world w;
  begin(&w);
  for (int k = 0; k < 10; k++) {
    write_inventory(&w, 2 + k % 3, 100000);
    reload(&w);
    send_seconds(&w, 10, 2);
    daemon_await(&w.d, "READY=1");
  }
  assert_nothing_lost(&w, "XX.S000", 100, 0);
  assert_nothing_lost(&w, "XX.S001", 100, 0);
  end(&w);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_new_inventory_is_adopted_and_no_sample_is_lost),
      cmocka_unit_test(an_inventory_with_faults_changes_nothing),
      cmocka_unit_test(many_hangups_leave_the_stream_whole),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
