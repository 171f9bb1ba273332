#include "serve_clients.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "listener.h"
#include "log.h"

enum {
  CLIENTS_MOST = 4096,
  READ_BYTES = 4096,
  POURED = 128 << 10,      /* bytes that wait for one client before packets wait in the ring instead */
  DEAF = 1 << 20,          /* bytes that wait before no more questions are read */
  OUTPUT_MOST = 256 << 20, /* answers beyond this end the connection */
  ROUNDS = 8,              /* of pouring before the other clients have their turn */
};

typedef struct client client;
struct client {
  ev_io readable, writable;
  serve_clients *owner;
  client *previous, *next;
  protocol_session *session;
  char peer[LISTENER_PEER_TEXT];
  uint8_t *output;
  size_t begin, end, capacity; /* of the bytes that wait */
  bool broken;
};

struct serve_clients {
  serve_clients_setup setup;
  ev_io acceptable;
  int listener;
  client *first;
  size_t count;
};

static void on_readable(struct ev_loop *loop, ev_io *io, int events);
static void on_writable(struct ev_loop *loop, ev_io *io, int events);
static bool serve(client *c);

/* ---- coming and going ---- */

static void open_client(serve_clients *owner, int descriptor, const char *peer)
{
  client *c = calloc(1, sizeof *c);
  protocol_session *session = c && owner->count < CLIENTS_MOST ? protocol_session_create(owner->setup.server, peer, clock_now()) : NULL;
  if (!session) {
    log_limited(4, "too many clients", "%s was turned away: %zu clients are connected already", peer, owner->count);
    close(descriptor);
    free(c);
    return;
  }
  c->owner = owner;
  c->session = session;
  memcpy(c->peer, peer, sizeof c->peer);
  c->next = owner->first;
  if (owner->first)
    owner->first->previous = c;
  owner->first = c;
  owner->count++;
  ev_io_init(&c->readable, on_readable, descriptor, EV_READ);
  ev_io_init(&c->writable, on_writable, descriptor, EV_WRITE);
  c->readable.data = c->writable.data = c;
  ev_io_start(owner->setup.loop, &c->readable);
}

static void close_client(client *c)
{
  serve_clients *owner = c->owner;
  log_limited(6, "client left", "%s left: %" PRIu64 " packets sent, %" PRIu64 " gave way before it read them", c->peer,
              protocol_session_sent(c->session), protocol_session_lost(c->session));
  ev_io_stop(owner->setup.loop, &c->readable);
  ev_io_stop(owner->setup.loop, &c->writable);
  close(c->readable.fd);
  *(c->previous ? &c->previous->next : &owner->first) = c->next;
  if (c->next)
    c->next->previous = c->previous;
  owner->count--;
  protocol_session_destroy(c->session);
  free(c->output);
  free(c);
}

static void on_acceptable(struct ev_loop *loop, ev_io *io, int events)
{
  (void)loop, (void)events;
  char peer[LISTENER_PEER_TEXT];
  int descriptor = listener_accept(io->fd, peer);
  if (descriptor >= 0)
    open_client(io->data, descriptor, peer);
  else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
    log_limited(3, "accept", "a client cannot be taken: %s; raise the limit of open files (ulimit -n) if it says too many", strerror(errno));
}

/* ---- what is sent ---- */

static bool make_room(client *c, size_t length)
{
  if (c->begin > 0) {
    memmove(c->output, c->output + c->begin, c->end - c->begin);
    c->end -= c->begin;
    c->begin = 0;
  }
  if (c->end + length <= c->capacity)
    return true;
  size_t capacity = 2 * (c->end + length);
  uint8_t *grown = capacity <= OUTPUT_MOST ? realloc(c->output, capacity) : NULL;
  if (!grown)
    return false;
  c->output = grown;
  c->capacity = capacity;
  return true;
}

static void keep(void *user, const void *bytes, size_t length)
{
  client *c = user;
  if (c->broken || (c->capacity - c->end < length && !make_room(c, length))) {
    c->broken = true;
    return;
  }
  memcpy(c->output + c->end, bytes, length);
  c->end += length;
}

static void say(void *user, int severity, const char *text)
{
  (void)user;
  log_repeated(severity, text, text);
}

static protocol_sink sink_of(client *c)
{
  return (protocol_sink){.send = keep, .note = say, .user = c};
}

/* Sends what waits, as far as the socket takes it. */
static void flush(client *c)
{
  while (c->begin < c->end && !c->broken) {
    ssize_t n = send(c->writable.fd, c->output + c->begin, c->end - c->begin, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0 && errno == EAGAIN)
      return;
    if (n <= 0)
      c->broken = true;
    else
      c->begin += (size_t)n;
  }
  c->begin = c->end = 0;
}

static void watch(const client *c, ev_io *io, bool wanted)
{
  if (wanted)
    ev_io_start(c->owner->setup.loop, io);
  else
    ev_io_stop(c->owner->setup.loop, io);
}

/* Packets from the ring and then onto the socket; false once the connection is closed. */
static bool serve(client *c)
{
  const protocol_sink sink = sink_of(c);
  bool more = true;
  for (int round = 0; round < ROUNDS && more && !c->broken; round++) {
    size_t waiting = c->end - c->begin;
    more = waiting >= POURED || protocol_session_pour(c->session, POURED - waiting, c->owner->setup.now(c->owner->setup.user), &sink);
    flush(c);
    if (c->end > c->begin)
      break;
  }
  if (c->broken || (protocol_session_finished(c->session) && c->end == c->begin)) {
    close_client(c);
    return false;
  }
  size_t waiting = c->end - c->begin;
  watch(c, &c->writable, waiting > 0 || more);
  watch(c, &c->readable, waiting < DEAF);
  return true;
}

static void on_writable(struct ev_loop *loop, ev_io *io, int events)
{
  (void)loop, (void)events;
  client *c = io->data;
  serve_clients *owner = c->owner;
  serve(c);
  owner->setup.changed(owner->setup.user);
}

/* ---- what is asked ---- */

static void on_readable(struct ev_loop *loop, ev_io *io, int events)
{
  (void)loop, (void)events;
  client *c = io->data;
  serve_clients *owner = c->owner;
  const protocol_sink sink = sink_of(c);
  uint8_t bytes[READ_BYTES];
  ssize_t n = read(io->fd, bytes, sizeof bytes);
  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (n <= 0 || !protocol_session_take(c->session, bytes, (size_t)n, &sink)) {
    flush(c);
    close_client(c);
  } else {
    serve(c);
  }
  owner->setup.changed(owner->setup.user);
}

/* ---- all of them ---- */

serve_clients *serve_clients_create(const serve_clients_setup *setup)
{
  serve_clients *c = calloc(1, sizeof *c);
  int listener = c ? listener_open(setup->address, setup->port) : -1;
  if (listener < 0) {
    free(c);
    return NULL;
  }
  c->setup = *setup;
  c->listener = listener;
  ev_io_init(&c->acceptable, on_acceptable, listener, EV_READ);
  c->acceptable.data = c;
  ev_io_start(setup->loop, &c->acceptable);
  return c;
}

void serve_clients_destroy(serve_clients *c)
{
  if (!c)
    return;
  while (c->first)
    close_client(c->first);
  ev_io_stop(c->setup.loop, &c->acceptable);
  close(c->listener);
  free(c);
}

int serve_clients_port(const serve_clients *c)
{
  return listener_port(c->listener);
}

void serve_clients_pour(serve_clients *c)
{
  for (client *at = c->first, *next; at; at = next) {
    next = at->next;
    serve(at);
  }
}

size_t serve_clients_flowing(const serve_clients *c, int64_t *earliest)
{
  size_t flowing = 0;
  *earliest = INT64_MAX;
  for (const client *at = c->first; at; at = at->next) {
    int64_t place = protocol_session_place(at->session);
    flowing += place > 0;
    if (place > 0 && place < *earliest)
      *earliest = place;
  }
  return flowing;
}
