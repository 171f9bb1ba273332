#define _GNU_SOURCE /* accept4 */
#include "feeds.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "ingest.h"
#include "log.h"

enum {
  BUFFER_BYTES = 2 * INGEST_RECORD_MAXIMUM,
  READ_BYTES = 16 << 10,  /* from one feed at a time */
  ROUND_BYTES = 64 << 10, /* from all feeds in one round of the loop: about 1 ms of work */
  CONNECTIONS_MAXIMUM = 4096,
  BACKLOG = 512,
  PEER_TEXT = 80,
};

typedef struct feed feed;
struct feed {
  ev_io readable;
  feeds *owner;
  feed *previous, *next;
  int32_t number;
  size_t begin, end; /* of the bytes not yet framed */
  uint64_t skipped;
  char peer[PEER_TEXT];
  uint8_t buffer[BUFFER_BYTES];
};

struct feeds {
  feeds_setup setup;
  ev_io acceptable;
  ev_check round;
  size_t left_in_round;
  int listener;
  int32_t last_number;
  feed *first;
  feeds_counters counters;
};

static void on_readable(struct ev_loop *loop, ev_io *io, int events);

/* ---- opening and closing ---- */

static feed *open_feed(feeds *f, int descriptor, int32_t number, const char *peer)
{
  feed *c = malloc(sizeof *c);
  if (!c)
    return NULL;
  c->owner = f;
  c->number = number;
  c->begin = c->end = 0;
  c->skipped = 0;
  snprintf(c->peer, sizeof c->peer, "%s", peer);
  c->previous = NULL;
  c->next = f->first;
  if (f->first)
    f->first->previous = c;
  f->first = c;
  f->counters.open++;
  ev_io_init(&c->readable, on_readable, descriptor, EV_READ);
  ev_io_start(f->setup.loop, &c->readable);
  return c;
}

static void close_feed(feed *c)
{
  feeds *f = c->owner;
  ev_io_stop(f->setup.loop, &c->readable);
  if (c->readable.fd != STDIN_FILENO)
    close(c->readable.fd);
  *(c->previous ? &c->previous->next : &f->first) = c->next;
  if (c->next)
    c->next->previous = c->previous;
  f->counters.open--;
  free(c);
}

/* A sender may be silent for as long as it likes; one whose machine is gone is found by the kernel's probes. */
static void prepare_socket(int descriptor)
{
  setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &(int){1}, sizeof(int));
  setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, &(int){30}, sizeof(int));
  setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, &(int){10}, sizeof(int));
  setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPCNT, &(int){3}, sizeof(int));
}

static void name_peer(const struct sockaddr_storage *address, char peer[PEER_TEXT])
{
  char text[INET6_ADDRSTRLEN] = "?";
  const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;
  const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;
  bool is_v6 = address->ss_family == AF_INET6;
  inet_ntop(address->ss_family, is_v6 ? (const void *)&v6->sin6_addr : (const void *)&v4->sin_addr, text, sizeof text);
  snprintf(peer, PEER_TEXT, "%s:%d", text, ntohs(is_v6 ? v6->sin6_port : v4->sin_port));
}

static void on_acceptable(struct ev_loop *loop, ev_io *io, int events)
{
  (void)loop, (void)events;
  feeds *f = io->data;
  struct sockaddr_storage address;
  char peer[PEER_TEXT];
  int descriptor = accept4(f->listener, (struct sockaddr *)&address, &(socklen_t){sizeof address}, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (descriptor < 0) {
    if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
      log_limited(3, "accept", "a connection to the packet port cannot be taken: %s; raise LimitNOFILE if it says too many open files",
                  strerror(errno));
    return;
  }
  name_peer(&address, peer);
  prepare_socket(descriptor);
  if (f->counters.open >= CONNECTIONS_MAXIMUM || !open_feed(f, descriptor, f->last_number + 1, peer)) {
    log_limited(3, "too many feeds", "%s was turned away: %" PRIu64 " feeds are connected already", peer, f->counters.open);
    close(descriptor);
    return;
  }
  f->last_number++;
  f->counters.accepted++;
  log_limited(6, "feed connected", "feed %d: %s connected", (int)f->last_number, peer);
}

/* ---- bytes become records ---- */

static void skip_bytes(feed *c, size_t length, const char *reason)
{
  c->skipped += length;
  c->owner->counters.skipped_bytes += length;
  log_limited(4, "garbage in a feed", "feed %d (%s): %zu bytes that are no record were skipped: %s; %" PRIu64 " from it so far", (int)c->number,
              c->peer, length, reason, c->skipped);
}

static void frame(feed *c, int64_t received)
{
  feeds *f = c->owner;
  while (c->begin < c->end) {
    ingest_frame_result next = ingest_frame(c->buffer + c->begin, c->end - c->begin);
    if (next.framing == INGEST_FRAME_PARTIAL)
      break;
    if (next.framing == INGEST_FRAME_SKIP) {
      skip_bytes(c, next.length, next.reason);
    } else {
      f->counters.records++;
      f->setup.record(f->setup.user, c->number, c->buffer + c->begin, next.length, received);
    }
    c->begin += next.length;
  }
}

/* The unframed rest goes to the front when there is no room behind it. A rest that fills the whole buffer is no record. */
static void make_room(feed *c)
{
  if (c->begin == c->end) {
    c->begin = c->end = 0;
  } else if (BUFFER_BYTES - c->end < READ_BYTES) {
    if (c->end - c->begin > BUFFER_BYTES - READ_BYTES) {
      skip_bytes(c, 1, "no record begins here");
      c->begin++;
    }
    memmove(c->buffer, c->buffer + c->begin, c->end - c->begin);
    c->end -= c->begin;
    c->begin = 0;
  }
}

static void end_feed(feed *c, const char *why)
{
  feeds *f = c->owner;
  int32_t number = c->number;
  if (c->end > c->begin)
    skip_bytes(c, c->end - c->begin, "the feed ended within a record");
  log_limited(6, "feed closed", "feed %d (%s): %s", (int)number, c->peer, why);
  close_feed(c);
  if (f->setup.ended)
    f->setup.ended(f->setup.user, number);
}

static void on_readable(struct ev_loop *loop, ev_io *io, int events)
{
  (void)loop, (void)events;
  feed *c = (feed *)io;
  feeds *f = c->owner;
  if (f->left_in_round == 0)
    return; /* it is still readable in the next round */
  make_room(c);
  ssize_t n = read(io->fd, c->buffer + c->end, READ_BYTES);
  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (n <= 0) {
    end_feed(c, n == 0 ? "closed by its sender" : strerror(errno));
    return;
  }
  f->counters.bytes += (uint64_t)n;
  f->left_in_round -= (size_t)n < f->left_in_round ? (size_t)n : f->left_in_round;
  c->end += (size_t)n;
  frame(c, clock_monotonic());
}

static void on_round(struct ev_loop *loop, ev_check *check, int events)
{
  (void)loop, (void)events;
  feeds *f = check->data;
  f->left_in_round = ROUND_BYTES;
}

/* ---- the listener ---- */

static int open_listener(const char *address, int port)
{
  struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
  bool is_v4 = inet_pton(AF_INET, address, &v4.sin_addr) == 1;
  if (!is_v4 && inet_pton(AF_INET6, address, &v6.sin6_addr) != 1) {
    errno = EINVAL;
    return -1;
  }
  int descriptor = socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0)
    return -1;
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
  const struct sockaddr *name = is_v4 ? (const struct sockaddr *)&v4 : (const struct sockaddr *)&v6;
  if (bind(descriptor, name, is_v4 ? sizeof v4 : sizeof v6) == 0 && listen(descriptor, BACKLOG) == 0)
    return descriptor;
  int error = errno;
  close(descriptor);
  errno = error;
  return -1;
}

static bool listen_for_feeds(feeds *f)
{
  f->listener = open_listener(f->setup.address, f->setup.port);
  if (f->listener < 0) {
    log_line(3, "cannot listen on %s port %d: %s; correct `server.listen_address` (an IP) and `server.listen_port`, or end what holds the port",
             f->setup.address, f->setup.port, strerror(errno));
    return false;
  }
  ev_io_init(&f->acceptable, on_acceptable, f->listener, EV_READ);
  f->acceptable.data = f;
  ev_io_start(f->setup.loop, &f->acceptable);
  return true;
}

feeds *feeds_create(const feeds_setup *setup)
{
  feeds *f = calloc(1, sizeof *f);
  if (!f)
    return NULL;
  f->setup = *setup;
  f->listener = -1;
  ev_check_init(&f->round, on_round);
  ev_set_priority(&f->round, EV_MAXPRI);
  f->round.data = f;
  ev_check_start(setup->loop, &f->round);
  if ((setup->port >= 0 && !listen_for_feeds(f)) || (setup->standard_input && !open_feed(f, STDIN_FILENO, FEEDS_STANDARD_INPUT, "standard input"))) {
    feeds_destroy(f);
    return NULL;
  }
  return f;
}

void feeds_destroy(feeds *f)
{
  if (!f)
    return;
  while (f->first)
    close_feed(f->first);
  if (f->listener >= 0) {
    ev_io_stop(f->setup.loop, &f->acceptable);
    close(f->listener);
  }
  ev_check_stop(f->setup.loop, &f->round);
  free(f);
}

int feeds_port(const feeds *f)
{
  struct sockaddr_storage address;
  if (f->listener < 0 || getsockname(f->listener, (struct sockaddr *)&address, &(socklen_t){sizeof address}) != 0)
    return -1;
  return ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port : ((struct sockaddr_in *)&address)->sin_port);
}

void feeds_count(const feeds *f, feeds_counters *counters)
{
  *counters = f->counters;
}
