#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "data.h"
#include "feeds.h"
#include "made_records.h"
#include "private_redis.h"
#include "random.h"

enum { SEEN_MAXIMUM = 4096, BASE = 1000000000 };

/* Feeds on a free port of the loopback, and what came out of them. */
struct world {
  struct ev_loop *loop;
  feeds *f;
  size_t count, wanted, ended;
  struct {
    int32_t feed;
    uint64_t hash, offset;
    size_t length;
  } seen[SEEN_MAXIMUM];
};

static uint64_t hash_of(const uint8_t *bytes, size_t length)
{
  uint64_t h = 14695981039346656037u; /* FNV-1a */
  for (size_t i = 0; i < length; i++)
    h = (h ^ bytes[i]) * 1099511628211u;
  return h;
}

static void on_record(void *user, int32_t feed, const uint8_t *bytes, size_t length, int64_t received)
{
  struct world *w = user;
  uint64_t offset = UINT64_MAX;
  assert_true(received > 0);
  assert_non_null(feeds_in_hand(w->f, feed, &offset));
  assert_null(feeds_in_hand(w->f, feed + 1, &offset));
  if (w->count < SEEN_MAXIMUM) {
    w->seen[w->count].feed = feed;
    w->seen[w->count].hash = hash_of(bytes, length);
    w->seen[w->count].length = length;
    w->seen[w->count].offset = offset;
  }
  w->count++;
}

static void on_ended(void *user, int32_t feed)
{
  (void)feed;
  ((struct world *)user)->ended++;
}

static void begin(struct world *w, bool standard_input)
{
  memset(w, 0, sizeof *w);
  signal(SIGPIPE, SIG_IGN);
  w->loop = ev_loop_new(0);
  w->f = feeds_create(&(feeds_setup){.loop = w->loop,
                                     .address = "127.0.0.1",
                                     .port = standard_input ? -1 : 0,
                                     .standard_input = standard_input,
                                     .record = on_record,
                                     .ended = on_ended,
                                     .user = w});
  assert_non_null(w->f);
}

static void clear(struct world *w)
{
  feeds_destroy(w->f);
  ev_loop_destroy(w->loop);
}

static int connected(const struct world *w)
{
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)feeds_port(w->f)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int s = socket(AF_INET, SOCK_STREAM, 0);
  assert_int_equal(connect(s, (struct sockaddr *)&to, sizeof to), 0);
  return s;
}

static feeds_counters counters_of(const struct world *w)
{
  feeds_counters c;
  feeds_count(w->f, &c);
  return c;
}

static bool bytes_are_in(void *user)
{
  struct world *w = user;
  return counters_of(w).bytes >= w->wanted;
}

static bool all_ended(void *user)
{
  struct world *w = user;
  return w->ended >= w->wanted;
}

/* Sends it all and lets the loop read it all. */
static void send_and_wait(struct world *w, int s, const uint8_t *bytes, size_t length)
{
  w->wanted = counters_of(w).bytes + length;
  while (length > 0) {
    ssize_t n = send(s, bytes, length, MSG_DONTWAIT);
    if (n > 0) {
      bytes += n;
      length -= (size_t)n;
    }
    ev_run(w->loop, EVRUN_NOWAIT);
  }
  wait_for(w->loop, bytes_are_in, w, "the bytes are read");
}

static void assert_seen(const struct world *w, size_t i, int32_t feed, const made_record *r)
{
  assert_true(i < w->count);
  assert_int_equal(w->seen[i].feed, feed);
  assert_int_equal(w->seen[i].length, r->length);
  assert_int_equal(w->seen[i].hash, hash_of(r->bytes, r->length));
}

static void a_record_cut_anywhere_arrives_whole(void **state)
{
  (void)state;
  struct world w;
  begin(&w, false);
  made_record r = made_second("S000", BASE * INGEST_SECOND, 1);
  int s = connected(&w);
  for (size_t cut = 1; cut < r.length; cut++) {
    send_and_wait(&w, s, r.bytes, cut);
    assert_int_equal(w.count, cut - 1);
    send_and_wait(&w, s, r.bytes + cut, r.length - cut);
    assert_seen(&w, cut - 1, 1, &r);
  }
  assert_int_equal(counters_of(&w).skipped_bytes, 0);
  close(s);
  clear(&w);
}

static void garbage_between_records_is_stepped_over_and_the_feed_stays(void **state)
{
  (void)state;
  struct world w;
  begin(&w, false);
  int s = connected(&w);
  random_source random = {.state = 42};
  size_t garbage = 0, sent = 0;
  for (uint64_t i = 0; i < 100; i++) {
    uint8_t noise[3000];
    size_t length = (size_t)random_below(&random, sizeof noise);
    for (size_t k = 0; k < length; k++)
      noise[k] = (uint8_t)(128 + random_below(&random, 128)); /* no digit, so no record's beginning */
    send_and_wait(&w, s, noise, length);
    made_record r = made_second("S000", (BASE + (int64_t)i) * INGEST_SECOND, i);
    send_and_wait(&w, s, r.bytes, r.length);
    garbage += length;
    assert_int_equal(w.count, i + 1);
    assert_seen(&w, i, 1, &r);
    assert_int_equal(w.seen[i].offset, sent + length);
    sent += length + r.length;
  }
  assert_int_equal(counters_of(&w).skipped_bytes, garbage);
  assert_int_equal(counters_of(&w).open, 1);
  close(s);
  clear(&w);
}

static void any_bytes_at_all_neither_stop_the_reading_nor_end_it(void **state)
{
  (void)state;
  struct world w;
  begin(&w, false);
  int s = connected(&w);
  random_source random = {.state = 7};
  static uint8_t noise[400000];
  for (size_t k = 0; k < sizeof noise; k++)
    noise[k] = (uint8_t)(random_below(&random, 3) ? '0' + random_below(&random, 10) : random_below(&random, 256));
  send_and_wait(&w, s, noise, sizeof noise);
  assert_int_equal(counters_of(&w).open, 1);
  close(s);
  w.wanted = 1;
  wait_for(w.loop, all_ended, &w, "the feed's end is seen");
  uint64_t framed = 0;
  for (size_t i = 0; i < w.count; i++)
    framed += w.seen[i].length;
  assert_int_equal(counters_of(&w).skipped_bytes + framed, sizeof noise);
  clear(&w);
}

static void each_of_many_clients_has_its_own_number_and_its_own_bytes(void **state)
{
  (void)state;
  enum { CLIENTS = 40 };
  struct world w;
  int sockets[CLIENTS];
  made_record records[CLIENTS];
  begin(&w, false);
  for (int i = 0; i < CLIENTS; i++) {
    char station[8];
    snprintf(station, sizeof station, "S%03d", i);
    records[i] = made_second(station, BASE * INGEST_SECOND, (uint64_t)i + 1);
    sockets[i] = connected(&w);
    send_and_wait(&w, sockets[i], records[i].bytes, 100 + (size_t)i);
  }
  assert_int_equal(w.count, 0);
  for (int i = CLIENTS - 1; i >= 0; i--)
    send_and_wait(&w, sockets[i], records[i].bytes + 100 + i, records[i].length - 100 - (size_t)i);
  assert_int_equal(w.count, CLIENTS);
  for (int i = 0; i < CLIENTS; i++)
    assert_seen(&w, (size_t)(CLIENTS - 1 - i), i + 1, &records[i]);
  for (int i = 0; i < CLIENTS; i++)
    close(sockets[i]);
  w.wanted = CLIENTS;
  wait_for(w.loop, all_ended, &w, "all ends are seen");
  assert_int_equal(counters_of(&w).open, 0);
  clear(&w);
}

static void a_record_that_the_end_cuts_off_is_counted_as_skipped(void **state)
{
  (void)state;
  struct world w;
  begin(&w, false);
  made_record r = made_second("S000", BASE * INGEST_SECOND, 1);
  int s = connected(&w);
  send_and_wait(&w, s, r.bytes, r.length - 1);
  close(s);
  w.wanted = 1;
  wait_for(w.loop, all_ended, &w, "the end is seen");
  assert_int_equal(w.count, 0);
  assert_int_equal(counters_of(&w).skipped_bytes, r.length - 1);
  clear(&w);
}

/* So that a timer never waits for more than one round's work, however much lies in the sockets. */
static void one_round_of_the_loop_reads_a_bounded_number_of_bytes(void **state)
{
  (void)state;
  enum { CLIENTS = 8 };
  struct world w;
  int sockets[CLIENTS];
  made_record r = made_second("S000", BASE * INGEST_SECOND, 1);
  begin(&w, false);
  for (int i = 0; i < CLIENTS; i++) {
    sockets[i] = connected(&w);
    send_and_wait(&w, sockets[i], r.bytes, r.length);
  }
  for (int i = 0; i < CLIENTS; i++)
    for (int k = 0; k < 60; k++)
      assert_int_equal(send(sockets[i], r.bytes, r.length, MSG_DONTWAIT), (ssize_t)r.length);
  w.wanted = counters_of(&w).bytes + (size_t)(CLIENTS * 60) * r.length;
  uint64_t most = 0;
  while (!bytes_are_in(&w)) {
    uint64_t before = counters_of(&w).bytes;
    ev_run(w.loop, EVRUN_NOWAIT);
    uint64_t read = counters_of(&w).bytes - before;
    most = read > most ? read : most;
  }
  assert_true(most > 0 && most < (64 + 16) << 10);
  for (int i = 0; i < CLIENTS; i++)
    close(sockets[i]);
  clear(&w);
}

static void standard_input_is_feed_zero_and_its_end_is_told(void **state)
{
  (void)state;
  struct world w;
  int ends[2], before = dup(STDIN_FILENO);
  assert_int_equal(pipe(ends), 0);
  dup2(ends[0], STDIN_FILENO);
  close(ends[0]);
  begin(&w, true);
  made_record r = made_second("S000", BASE * INGEST_SECOND, 1);
  assert_int_equal(write(ends[1], r.bytes, r.length), (ssize_t)r.length);
  close(ends[1]);
  w.wanted = 1;
  wait_for(w.loop, all_ended, &w, "the end is seen");
  assert_seen(&w, 0, FEEDS_STANDARD_INPUT, &r);
  assert_int_equal(feeds_port(w.f), -1);
  clear(&w);
  dup2(before, STDIN_FILENO);
  close(before);
}

static void a_port_that_is_taken_or_an_address_that_is_none_is_an_error(void **state)
{
  (void)state;
  struct world w;
  begin(&w, false);
  feeds_setup setup = {.loop = w.loop, .address = "127.0.0.1", .port = feeds_port(w.f), .record = on_record, .user = &w};
  assert_null(feeds_create(&setup));
  setup.address = "localhost";
  assert_null(feeds_create(&setup));
  clear(&w);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_record_cut_anywhere_arrives_whole),
      cmocka_unit_test(garbage_between_records_is_stepped_over_and_the_feed_stays),
      cmocka_unit_test(any_bytes_at_all_neither_stop_the_reading_nor_end_it),
      cmocka_unit_test(each_of_many_clients_has_its_own_number_and_its_own_bytes),
      cmocka_unit_test(a_record_that_the_end_cuts_off_is_counted_as_skipped),
      cmocka_unit_test(one_round_of_the_loop_reads_a_bounded_number_of_bytes),
      cmocka_unit_test(standard_input_is_feed_zero_and_its_end_is_told),
      cmocka_unit_test(a_port_that_is_taken_or_an_address_that_is_none_is_an_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
