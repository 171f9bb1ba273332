#define _GNU_SOURCE /* memmem */
#include "seedlink_stand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "data.h"
#include "listener.h"
#include "made_records.h"
#include "random.h"

enum { RING_BYTES = 1 << 20, POUR_BYTES = 64 << 10 };

static const protocol_server_setup shared = {.software = "Stand/1", .organization = "a test"};

/* ---- one client ---- */

static void close_session(stand_session *k)
{
  ev_io_stop(k->owner->loop, &k->readable);
  ev_io_stop(k->owner->loop, &k->writable);
  close(k->readable.fd);
  if (k->session)
    protocol_session_destroy(k->session);
  free(k->output);
  memset(k, 0, sizeof *k);
}

static void on_send(void *user, const void *bytes, size_t length)
{
  stand_session *k = user;
  assert_true(k->end + length <= STAND_OUTPUT);
  memcpy(k->output + k->end, bytes, length);
  k->end += length;
}

static void on_note(void *user, int severity, const char *text)
{
  (void)user, (void)severity, (void)text;
}

static void flush(stand_session *k)
{
  size_t most = k->owner->manner == STAND_BYTE_BY_BYTE ? 1 : k->end - k->begin;
  if (k->end == k->begin)
    k->begin = k->end = 0;
  ssize_t n = k->end ? send(k->readable.fd, k->output + k->begin, most, MSG_NOSIGNAL | MSG_DONTWAIT) : 0;
  k->begin += n > 0 ? (size_t)n : 0;
  if (k->begin < k->end)
    ev_io_start(k->owner->loop, &k->writable);
  else
    ev_io_stop(k->owner->loop, &k->writable);
}

static void pour(stand_session *k)
{
  protocol_sink sink = {.send = on_send, .note = on_note, .user = k};
  if (k->begin == k->end)
    k->begin = k->end = 0;
  bool more = k->owner->manner != STAND_STALLING && k->end < POUR_BYTES && protocol_session_pour(k->session, POUR_BYTES, 0, &sink);
  flush(k);
  if (more)
    ev_io_start(k->owner->loop, &k->writable);
}

static void on_writable(struct ev_loop *loop, ev_io *io, int events)
{
  (void)loop, (void)events;
  pour(io->data);
}

static void answer(stand_session *k, const uint8_t *bytes, size_t length)
{
  static random_source noise = {.state = 11};
  protocol_sink sink = {.send = on_send, .note = on_note, .user = k};
  if (k->owner->manner == STAND_GARBAGE) {
    uint8_t garbage[4000];
    for (size_t i = 0; i < sizeof garbage; i++)
      garbage[i] = (uint8_t)random_below(&noise, 256);
    on_send(k, garbage, sizeof garbage);
  } else if (k->owner->manner != STAND_SILENT && !k->silent) {
    k->silent = k->owner->manner == STAND_STALLING && memmem(bytes, length, "END", 3);
    protocol_session_take(k->session, bytes, length, &sink);
  }
  pour(k);
}

static void on_readable(struct ev_loop *loop, ev_io *io, int events)
{
  (void)loop, (void)events;
  uint8_t bytes[4096];
  ssize_t n = recv(io->fd, bytes, sizeof bytes, MSG_DONTWAIT);
  if (n > 0)
    answer(io->data, bytes, (size_t)n);
  else
    close_session(io->data);
}

static void on_acceptable(struct ev_loop *loop, ev_io *io, int events)
{
  (void)events;
  stand *s = io->data;
  char peer[LISTENER_PEER_TEXT];
  int descriptor = listener_accept(s->listener, peer);
  if (descriptor < 0)
    return;
  size_t i = 0;
  while (i < STAND_SESSIONS && s->sessions[i].owner)
    i++;
  assert_true(i < STAND_SESSIONS);
  stand_session *k = &s->sessions[i];
  *k = (stand_session){.owner = s, .output = malloc(STAND_OUTPUT), .session = protocol_session_create(s->server, peer, 0)};
  assert_non_null(k->session);
  ev_io_init(&k->readable, on_readable, descriptor, EV_READ);
  ev_io_init(&k->writable, on_writable, descriptor, EV_WRITE);
  k->readable.data = k->writable.data = k;
  ev_io_start(loop, &k->readable);
  s->accepted++;
}

/* ---- the server ---- */

static void make_ring(stand *s, int64_t first)
{
  protocol_server_setup setup = shared;
  setup.ring = s->ring = protocol_ring_create(RING_BYTES, first);
  s->server = protocol_server_create(&setup);
  assert_non_null(s->ring);
  assert_non_null(s->server);
}

void stand_restart(stand *s)
{
  s->listener = listener_open("127.0.0.1", s->port);
  assert_true(s->listener >= 0);
  s->port = listener_port(s->listener);
  ev_io_init(&s->acceptable, on_acceptable, s->listener, EV_READ);
  s->acceptable.data = s;
  ev_io_start(s->loop, &s->acceptable);
}

void stand_begin(stand *s, struct ev_loop *loop, const char *station, stand_manner manner, int64_t first)
{
  *s = (stand){.loop = loop, .manner = manner};
  snprintf(s->station, sizeof s->station, "%s", station);
  make_ring(s, first);
  stand_restart(s);
}

void stand_kill(stand *s)
{
  for (size_t i = 0; i < STAND_SESSIONS; i++)
    if (s->sessions[i].owner)
      close_session(&s->sessions[i]);
  if (s->listener < 0)
    return;
  ev_io_stop(s->loop, &s->acceptable);
  close(s->listener);
  s->listener = -1;
}

void stand_reset(stand *s, int64_t first)
{
  assert_int_equal(s->listener, -1);
  protocol_server_destroy(s->server);
  protocol_ring_destroy(s->ring);
  make_ring(s, first);
}

void stand_clear(stand *s)
{
  stand_kill(s);
  protocol_server_destroy(s->server);
  protocol_ring_destroy(s->ring);
}

void stand_produce(stand *s)
{
  made_record r = made_second(s->station, (STAND_BASE_S + s->produced) * INGEST_SECOND, (uint64_t)s->produced);
  const char *fault = protocol_ring_add(s->ring, r.bytes, r.length);
  if (fault)
    fail_msg("the ring refuses a record: %s", fault);
  s->produced++;
  for (size_t i = 0; i < STAND_SESSIONS; i++)
    if (s->sessions[i].owner)
      pour(&s->sessions[i]);
}
