/* Our client and our server, over lines that cut and break anywhere. What either of them must say is held by the other tests. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conversation.h"

enum { STATIONS = 6, ROUNDS = 60, ASKED = 4 };

static const char *const names[STATIONS][2] = {{"CI", "CLC"}, {"CI", "SLA"}, {"CI", "WRV2"}, {"BK", "BRIB"}, {"BK", "CMB"}, {"NC", "OUT"}};
static const protocol_selection selections[] = {{"CI", "*", "HN?"}, {"BK", "BRIB", ""}};

typedef struct {
  protocol_ring *ring;
  protocol_server *server;
  protocol_session *session;
  uint8_t line[1 << 16]; /* on the way to the client */
  size_t on_line;
} far_end;

static void put_on_line(void *user, const void *bytes, size_t length)
{
  far_end *f = user;
  assert_true(f->on_line + length <= sizeof f->line);
  memcpy(f->line + f->on_line, bytes, length);
  f->on_line += length;
}

static void note(void *user, int severity, const char *text)
{
  (void)user, (void)severity, (void)text;
}

static void open_far_end(far_end *f, int64_t now)
{
  static protocol_server_setup setup;
  f->ring = protocol_ring_create(1 << 20, 1);
  setup = (protocol_server_setup){.ring = f->ring, .software = "both", .organization = "tests", .started = now};
  f->server = protocol_server_create(&setup);
  f->session = protocol_session_create(f->server, "127.0.0.1:1", now);
}

static void close_far_end(far_end *f)
{
  protocol_session_destroy(f->session);
  protocol_server_destroy(f->server);
  protocol_ring_destroy(f->ring);
}

static void add_records(far_end *f, int second)
{
  for (size_t i = 0; i < STATIONS; i++) {
    uint8_t record[512];
    assert_null(protocol_ring_add(f->ring, record, record_of(names[i][0], names[i][1], "", second, record)));
  }
}

/* Moves what either says to the other in random portions, until both are silent or so many were moved. */
static void shuttle(conversation *c, far_end *f, random_source *random, int most)
{
  protocol_sink sink = {put_on_line, NULL, note, f};
  for (int moved = 0; moved < most && c->alive; moved++) {
    size_t said = c->said_length - c->heard, n = said ? (size_t)random_below(random, (int64_t)said) + 1 : 0;
    if (n > 0)
      assert_true(protocol_session_take(f->session, (const uint8_t *)c->said + c->heard, n, &sink));
    c->heard += n;
    if (f->on_line < sizeof f->line / 2)
      protocol_session_pour(f->session, 4096, c->now, &sink);
    if (said == 0 && f->on_line == 0)
      return;
    n = f->on_line ? (size_t)random_below(random, (int64_t)f->on_line) + 1 : 0;
    if (n > 0)
      server_sends(c, f->line, n);
    f->on_line -= n;
    memmove(f->line, f->line + n, f->on_line);
    if (c->heard == c->said_length)
      c->heard = c->said_length = 0;
  }
}

static void break_line(conversation *c, far_end *f)
{
  protocol_session_destroy(f->session);
  f->session = protocol_session_create(f->server, "127.0.0.1:1", c->now);
  f->on_line = 0;
  c->heard = c->said_length = 0;
  connect_again(c);
}

static void assert_each_once(const conversation *c, uint64_t seed)
{
  if (c->records.count != ASKED * ROUNDS)
    fail_msg("seed %llu: %zu records of %d", (unsigned long long)seed, c->records.count, ASKED * ROUNDS);
  for (size_t station = 0; station < ASKED; station++) {
    char name[PROTOCOL_STATION_TEXT];
    int64_t next = INT64_C(1577836801) * INGEST_SECOND;
    snprintf(name, sizeof name, "%s_%s", names[station][0], names[station][1]);
    for (size_t i = 0; i < c->records.count; i++) {
      ingest_record record;
      if (strcmp(c->stations[i], name) != 0)
        continue;
      assert_null(ingest_record_read(c->records.bytes + c->records.offsets[i], c->records.lengths[i], &record));
      if (record.start != next)
        fail_msg("seed %llu: %s: a record is missing or comes twice", (unsigned long long)seed, name);
      next += INGEST_SECOND;
    }
  }
}

static void converse_over_bad_lines(int version, uint64_t seed)
{
  random_source random = {seed};
  static far_end f;
  f = (far_end){.on_line = 0};
  conversation *c = converse(&protocol_seedlink, (protocol_client_setup){.selections = selections, .selections_count = 2, .version = version});
  open_far_end(&f, c->now);
  add_records(&f, 0); /* known stations, before anybody listens */
  shuttle(c, &f, &random, 1000);
  for (int second = 1; second <= ROUNDS; second++) {
    add_records(&f, second);
    if (second > 1 && random_below(&random, 3) == 0) {
      shuttle(c, &f, &random, (int)random_below(&random, 12));
      break_line(c, &f);
    }
    if (second == 1 || random_below(&random, 2))
      shuttle(c, &f, &random, 100000);
  }
  shuttle(c, &f, &random, 100000);
  if (!c->alive)
    fail_msg("version %d, seed %llu: %s", version, (unsigned long long)seed, protocol_seedlink.fault(c->client));
  assert_each_once(c, seed);
  close_far_end(&f);
  part(c);
}

static void every_record_comes_once_however_the_line_breaks(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 40; seed++)
    for (int version = 3; version <= 4; version++)
      converse_over_bad_lines(version, seed);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_record_comes_once_however_the_line_breaks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
