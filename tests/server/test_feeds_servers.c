/* Feeds against many SeedLink servers at once, some of which behave as badly as they can. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data.h"
#include "feeds.h"
#include "listener.h"
#include "made_records.h"
#include "private_redis.h"
#include "random.h"
#include "seedlink_stand.h"

enum { SERVERS_MAXIMUM = 200, SECONDS_MAXIMUM = 1024, FIRST_SEQUENCE = 5000 };

struct world {
  struct ev_loop *loop;
  feeds *f;
  char state[64];
  stand servers[SERVERS_MAXIMUM];
  feed_settings settings[SERVERS_MAXIMUM];
  size_t count;
  uint8_t seen[SERVERS_MAXIMUM][SECONDS_MAXIMUM]; /* how often each second of each station came */
  int32_t number[SERVERS_MAXIMUM];                /* of the feed that brought it */
  uint64_t records;
  /* what runs meanwhile */
  ev_timer produce, kill;
  int kills_left;
  size_t victim, down;
  random_source random;
};

static void on_record(void *user, int32_t number, const uint8_t *bytes, size_t length, int64_t received)
{
  struct world *w = user;
  ingest_record r;
  assert_true(received > 0);
  assert_null(ingest_record_read(bytes, length, &r));
  size_t i = strtoul(r.codes.station + 1, NULL, 10);
  int64_t second = r.start / INGEST_SECOND - STAND_BASE_S;
  assert_true(i < w->count && second >= 0 && second < SECONDS_MAXIMUM);
  w->seen[i][second]++;
  w->number[i] = number;
  w->records++;
}

static void add_server(struct world *w, stand_manner manner, int version)
{
  size_t i = w->count++;
  char station[8];
  feed_settings *s = &w->settings[i];
  snprintf(station, sizeof station, "S%03d", (int)(i % SERVERS_MAXIMUM));
  stand_begin(&w->servers[i], w->loop, station, manner, FIRST_SEQUENCE);
  *s = (feed_settings){.kind = FEED_SEEDLINK, .port = w->servers[i].port, .version = version, .idle_s = 20, .dead_s = 40};
  snprintf(s->name, sizeof s->name, "server-%zu", i);
  snprintf(s->address, sizeof s->address, "127.0.0.1");
  snprintf(s->selections, sizeof s->selections, "XX.%s", station);
}

/* As if each feed had stopped right before the first packet, so that nothing depends on who is connected first. */
static void write_state(const struct world *w)
{
  char path[128];
  snprintf(path, sizeof path, "%s/feeds", w->state);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs("tocsin feeds 1\n", file);
  for (size_t i = 0; i < w->count; i++)
    fprintf(file, "feed %s\nXX_%s %d 2001-09-09T01:46:39.000000Z\n", w->settings[i].name, w->servers[i].station, FIRST_SEQUENCE - 1);
  fclose(file);
}

static void start_feeds(struct world *w)
{
  w->f = feeds_create(&(feeds_setup){.loop = w->loop,
                                     .address = "127.0.0.1",
                                     .port = -1,
                                     .configured = w->settings,
                                     .configured_count = w->count,
                                     .state = w->state,
                                     .retry_first_s = 0.02,
                                     .retry_longest_s = 0.2,
                                     .record = on_record,
                                     .user = w});
  assert_non_null(w->f);
}

static struct world *begin(void)
{
  struct world *w = calloc(1, sizeof *w);
  assert_non_null(w);
  signal(SIGPIPE, SIG_IGN);
  w->loop = ev_loop_new(0);
  w->random.state = 3;
  temporary_folder(w->state, sizeof w->state);
  return w;
}

static void clear(struct world *w)
{
  feeds_destroy(w->f);
  for (size_t i = 0; i < w->count; i++)
    stand_clear(&w->servers[i]);
  ev_loop_destroy(w->loop);
  remove_folder(w->state);
  free(w);
}

static feed_status status_of(const struct world *w, size_t i)
{
  feed_status s;
  feeds_describe(w->f, i, &s);
  return s;
}

/* ---- what runs meanwhile ---- */

static void on_produce(struct ev_loop *loop, ev_timer *timer, int events)
{
  (void)loop, (void)events;
  struct world *w = timer->data;
  for (size_t i = 0; i < w->count; i++)
    if (w->servers[i].produced < SECONDS_MAXIMUM)
      stand_produce(&w->servers[i]);
}

/* The one that was killed comes back; another dies. */
static void on_kill(struct ev_loop *loop, ev_timer *timer, int events)
{
  (void)events;
  struct world *w = timer->data;
  if (w->down < w->count)
    stand_restart(&w->servers[w->down]);
  w->down = SIZE_MAX;
  if (w->kills_left-- <= 0) {
    ev_timer_stop(loop, timer);
    return;
  }
  w->down = (size_t)random_below(&w->random, (int64_t)w->victim);
  stand_kill(&w->servers[w->down]);
}

static void start_timers(struct world *w, double produce_s, double kill_s)
{
  ev_timer_init(&w->produce, on_produce, produce_s, produce_s);
  ev_timer_init(&w->kill, on_kill, kill_s, kill_s);
  w->produce.data = w->kill.data = w;
  w->down = SIZE_MAX;
  ev_timer_start(w->loop, &w->produce);
  if (w->kills_left > 0)
    ev_timer_start(w->loop, &w->kill);
}

static bool killing_is_over(void *user)
{
  return !ev_is_active(&((struct world *)user)->kill);
}

static bool all_is_in(void *user)
{
  const struct world *w = user;
  for (size_t i = 0; i < w->victim; i++)
    for (int64_t k = 0; k < w->servers[i].produced; k++)
      if (!w->seen[i][k])
        return false;
  return true;
}

static void assert_each_second_once(const struct world *w, size_t i)
{
  for (int64_t k = 0; k < w->servers[i].produced; k++)
    if (w->seen[i][k] != 1)
      fail_msg("second %lld of station %zu came %d times; %s", (long long)k, i, w->seen[i][k], status_of(w, i).error);
  assert_int_equal(w->number[i], i + 1);
}

/* ---- the tests ---- */

static void two_hundred_servers_of_which_one_dies_at_each_moment_lose_nothing(void **state)
{
  (void)state;
  enum { GOOD = 196, BYTEWISE = GOOD, GARBAGE, STALLING, RESET, ALL };
  const char *longer = getenv("TOCSIN_TEST_KILLS"); /* 60 is a minute of one a second */
  struct world *w = begin();
  for (size_t i = 0; i < GOOD; i++)
    add_server(w, STAND_GOOD, i % 2 ? 3 : 4);
  add_server(w, STAND_BYTE_BY_BYTE, 4);
  add_server(w, STAND_GARBAGE, 0);
  add_server(w, STAND_STALLING, 3);
  add_server(w, STAND_GOOD, 3);
  assert_int_equal(w->count, ALL);
  w->settings[STALLING].idle_s = 0.2;
  w->settings[STALLING].dead_s = 0.4;
  write_state(w);
  start_feeds(w);
  w->victim = GOOD;
  w->kills_left = longer ? atoi(longer) : 20;
  start_timers(w, longer ? 0.1 : 0.02, longer ? 1 : 0.05);
  stand_kill(&w->servers[RESET]);
  stand_reset(&w->servers[RESET], 1);
  stand_restart(&w->servers[RESET]);
  wait_for(w->loop, killing_is_over, w, "the last killed server is back");
  ev_timer_stop(w->loop, &w->produce);
  w->victim = BYTEWISE + 1;
  wait_for(w->loop, all_is_in, w, "every second of every good server has come");
  for (size_t i = 0; i <= BYTEWISE; i++)
    assert_each_second_once(w, i);
  assert_true(status_of(w, RESET).packets > 0);
  assert_int_equal(status_of(w, GARBAGE).packets, 0);
  assert_true(status_of(w, GARBAGE).error[0]);
  clear(w);
}

static bool stalled_is_given_up(void *user)
{
  return status_of(user, 0).reconnections >= 2 && status_of(user, 1).reconnections >= 2;
}

static void a_server_that_falls_silent_or_never_speaks_is_connected_anew(void **state)
{
  (void)state;
  struct world *w = begin();
  add_server(w, STAND_STALLING, 3);
  add_server(w, STAND_SILENT, 4);
  for (size_t i = 0; i < 2; i++) {
    w->settings[i].idle_s = 0.05;
    w->settings[i].dead_s = 0.1;
  }
  start_feeds(w);
  wait_for(w->loop, stalled_is_given_up, w, "both servers are given up and tried again");
  assert_true(status_of(w, 0).error[0]);
  assert_true(status_of(w, 1).error[0]);
  clear(w);
}

static bool fifty_are_in(void *user)
{
  struct world *w = user;
  return w->records >= 50;
}

static bool hundred_are_in(void *user)
{
  struct world *w = user;
  return w->records >= 100;
}

static void produce_many(struct world *w, size_t server, int count)
{
  for (int i = 0; i < count; i++)
    stand_produce(&w->servers[server]);
}

static void where_it_stopped_it_goes_on_after_a_restart(void **state)
{
  (void)state;
  for (int version = 3; version <= 4; version++) {
    struct world *w = begin();
    add_server(w, STAND_GOOD, version);
    write_state(w);
    start_feeds(w);
    produce_many(w, 0, 50);
    wait_for(w->loop, fifty_are_in, w, "the first packets are in");
    feeds_destroy(w->f);
    produce_many(w, 0, 50);
    start_feeds(w);
    wait_for(w->loop, hundred_are_in, w, "the packets of the time between are in");
    assert_each_second_once(w, 0);
    clear(w);
  }
}

static bool tenth_is_in(void *user)
{
  struct world *w = user;
  return w->seen[0][w->servers[0].produced - 1] > 0;
}

/* A ring made anew counts from 1 again, far below where the feed stopped. */
static void a_server_whose_numbers_begin_again_does_not_make_the_feed_silent(void **state)
{
  (void)state;
  for (int version = 3; version <= 4; version++) {
    struct world *w = begin();
    add_server(w, STAND_GOOD, version);
    write_state(w);
    start_feeds(w);
    produce_many(w, 0, 50);
    wait_for(w->loop, fifty_are_in, w, "the first packets are in");
    stand_kill(&w->servers[0]);
    stand_reset(&w->servers[0], 1);
    produce_many(w, 0, 10);
    stand_restart(&w->servers[0]);
    start_timers(w, 0.02, 1);
    w->victim = 1;
    wait_for(w->loop, tenth_is_in, w, "packets of the new numbers come");
    clear(w);
  }
}

static void damage_in_the_state_file_is_named_and_the_rest_is_used(void **state)
{
  (void)state;
  struct world *w = begin();
  char path[128];
  add_server(w, STAND_GOOD, 3);
  add_server(w, STAND_GOOD, 4);
  snprintf(path, sizeof path, "%s/feeds", w->state);
  FILE *file = fopen(path, "w");
  fprintf(file, "rubbish\n\x01\xff\nfeed server-0\nXX_S000 what?\nfeed \nfeed server-1\nXX_S001 %d 2001-09-09T01:46:39.000000Z\n",
          FIRST_SEQUENCE - 1);
  fclose(file);
  produce_many(w, 1, 50);
  start_feeds(w);
  wait_for(w->loop, fifty_are_in, w, "the packets that the good line asks for are in");
  assert_each_second_once(w, 1);
  clear(w);
}

static bool both_are_up(void *user)
{
  feeds_counters c;
  feeds_count(((struct world *)user)->f, &c);
  return c.connected == 2;
}

static void a_new_list_leaves_alone_what_is_the_same(void **state)
{
  (void)state;
  struct world *w = begin();
  for (int i = 0; i < 3; i++)
    add_server(w, STAND_GOOD, 4);
  w->count = 2;
  start_feeds(w);
  wait_for(w->loop, both_are_up, w, "the first two are connected");
  int64_t since = status_of(w, 0).connected_since;
  feed_settings list[2] = {w->settings[2], w->settings[0]};
  feeds_adopt(w->f, list, 2);
  wait_for(w->loop, both_are_up, w, "the new one is connected, too");
  assert_string_equal(status_of(w, 0).name, "server-2");
  assert_int_equal(status_of(w, 0).number, 3);
  assert_string_equal(status_of(w, 1).name, "server-0");
  assert_int_equal(status_of(w, 1).number, 1);
  assert_int_equal(status_of(w, 1).connected_since, since);
  assert_int_equal(status_of(w, 1).reconnections, 0);
  list[1].idle_s = 10;
  feeds_adopt(w->f, list, 2);
  wait_for(w->loop, both_are_up, w, "the changed one is connected anew");
  assert_int_equal(w->servers[0].accepted, 2);
  assert_int_equal(w->servers[2].accepted, 1);
  w->count = 3;
  clear(w);
}

static bool has_an_error(void *user)
{
  return status_of(user, 0).error[0];
}

static void assert_error(const char *address, const char *needle)
{
  struct world *w = begin();
  add_server(w, STAND_GOOD, 3);
  stand_kill(&w->servers[0]);
  snprintf(w->settings[0].address, sizeof w->settings[0].address, "%s", address);
  start_feeds(w);
  wait_for(w->loop, has_an_error, w, "the failure is told");
  if (!strstr(status_of(w, 0).error, needle))
    fail_msg("\"%s\" does not contain \"%s\"", status_of(w, 0).error, needle);
  clear(w);
}

static void what_keeps_a_feed_away_is_said_with_its_remedy(void **state)
{
  (void)state;
  assert_error("127.0.0.1", "refuses connections: nothing listens there; start that server or correct `port`");
  assert_error("::1", "::1");
  assert_error("no-such-host.invalid", "no-such-host.invalid");
}

static bool two_are_in(void *user)
{
  return ((struct world *)user)->records >= 2;
}

static void a_server_is_found_by_its_name(void **state)
{
  (void)state;
  struct world *w = begin();
  add_server(w, STAND_GOOD, 4);
  snprintf(w->settings[0].address, sizeof w->settings[0].address, "localhost");
  write_state(w);
  start_feeds(w);
  produce_many(w, 0, 2);
  wait_for(w->loop, two_are_in, w, "records come from a server found by its name");
  assert_string_equal(status_of(w, 0).peer[0] ? "it said who it is" : "", "it said who it is");
  assert_true(status_of(w, 0).last_packet > 0 && status_of(w, 0).bytes > 0);
  clear(w);
}

/* Whoever connects gets two seconds of S000 and a beginning of a third, then the end. */
static void on_raw_client(struct ev_loop *loop, ev_io *io, int events)
{
  (void)loop, (void)events;
  char peer[LISTENER_PEER_TEXT];
  int descriptor = listener_accept(io->fd, peer);
  assert_true(descriptor >= 0);
  for (int k = 0; k < 3; k++) {
    made_record r = made_second("S000", (STAND_BASE_S + k) * INGEST_SECOND, (uint64_t)k);
    size_t length = k < 2 ? r.length : 100;
    assert_int_equal(send(descriptor, r.bytes, length, MSG_NOSIGNAL), (ssize_t)length);
  }
  close(descriptor);
}

static bool has_come_again(void *user)
{
  return status_of(user, 0).reconnections >= 1 && ((struct world *)user)->records >= 4;
}

static void raw_records_are_fetched_by_connecting_again_and_again(void **state)
{
  (void)state;
  struct world *w = begin();
  ev_io acceptable;
  int listener = listener_open("127.0.0.1", 0);
  add_server(w, STAND_GOOD, 0);
  w->settings[0].kind = FEED_RAW;
  w->settings[0].port = listener_port(listener);
  w->settings[0].selections[0] = '\0';
  ev_io_init(&acceptable, on_raw_client, listener, EV_READ);
  ev_io_start(w->loop, &acceptable);
  start_feeds(w);
  wait_for(w->loop, has_come_again, w, "records of two connections are in");
  assert_true(w->seen[0][0] >= 2 && w->seen[0][1] >= 2 && w->seen[0][2] == 0);
  assert_int_equal(status_of(w, 0).skipped_bytes % 100, 0);
  ev_io_stop(w->loop, &acceptable);
  close(listener);
  clear(w);
}

/* A feed that catches up never holds back those whose packets come as they are made. */
static bool backlog_is_in(void *user)
{
  return ((struct world *)user)->seen[0][SECONDS_MAXIMUM - 1] > 0;
}

static void a_feed_that_catches_up_does_not_hold_back_the_others(void **state)
{
  (void)state;
  enum { LIVE = 8 };
  struct world *w = begin();
  for (int i = 0; i <= LIVE; i++)
    add_server(w, STAND_GOOD, 4);
  write_state(w);
  produce_many(w, 0, SECONDS_MAXIMUM);
  start_feeds(w);
  start_timers(w, 0.001, 1);
  wait_for(w->loop, backlog_is_in, w, "the backlog has come");
  ev_timer_stop(w->loop, &w->produce);
  w->victim = LIVE + 1;
  wait_for(w->loop, all_is_in, w, "every second has come");
  for (size_t i = 0; i <= LIVE; i++)
    assert_each_second_once(w, i);
  clear(w);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(two_hundred_servers_of_which_one_dies_at_each_moment_lose_nothing),
      cmocka_unit_test(a_server_that_falls_silent_or_never_speaks_is_connected_anew),
      cmocka_unit_test(where_it_stopped_it_goes_on_after_a_restart),
      cmocka_unit_test(a_server_whose_numbers_begin_again_does_not_make_the_feed_silent),
      cmocka_unit_test(damage_in_the_state_file_is_named_and_the_rest_is_used),
      cmocka_unit_test(a_new_list_leaves_alone_what_is_the_same),
      cmocka_unit_test(what_keeps_a_feed_away_is_said_with_its_remedy),
      cmocka_unit_test(a_server_is_found_by_its_name),
      cmocka_unit_test(raw_records_are_fetched_by_connecting_again_and_again),
      cmocka_unit_test(a_feed_that_catches_up_does_not_hold_back_the_others),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
