#include "intake.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "listener.h"
#include "log.h"

enum { CONNECTIONS_MAXIMUM = 4096 };

/* One sender. */
typedef struct sender sender;
struct sender {
  feed feed; /* first: a sender is a feed */
  ev_io readable;
  intake *owner;
  sender *previous, *next;
  char peer[LISTENER_PEER_TEXT];
  int64_t since;
};

struct intake {
  intake_setup setup;
  ev_io acceptable;
  int listener;
  sender *first;
  uint64_t open, accepted;
};

static void close_sender(sender *s)
{
  intake *in = s->owner;
  ev_io_stop(in->setup.round->loop, &s->readable);
  feed_end(&s->feed);
  if (s->readable.fd != STDIN_FILENO)
    close(s->readable.fd);
  *(s->previous ? &s->previous->next : &in->first) = s->next;
  if (s->next)
    s->next->previous = s->previous;
  in->open--;
  s->feed.adapter->destroy(s->feed.machine);
  free(s);
}

/* ---- what a feed does ---- */

static ssize_t read_sender(feed *f, uint8_t *bytes, size_t room)
{
  sender *s = (sender *)f;
  ssize_t n = read(s->readable.fd, bytes, room);
  if (n >= 0)
    return n;
  if (errno == EAGAIN || errno == EINTR)
    return FEED_NOTHING_NOW;
  f->lost(f, strerror(errno));
  return FEED_BROKEN;
}

static void send_nothing(feed *f, const void *bytes, size_t length)
{
  (void)f, (void)bytes, (void)length;
}

static void keep_on(feed *f)
{
  (void)f;
}

static void lose_sender(feed *f, const char *why)
{
  sender *s = (sender *)f;
  intake *in = s->owner;
  int32_t number = f->number;
  bool cut = !why && f->bytes > f->record_bytes + f->skipped;
  feed_say(f, why ? 4 : 6, why ? why : cut ? "closed by its sender within a record" : "closed by its sender");
  close_sender(s);
  if (in->setup.ended)
    in->setup.ended(in->setup.user, number);
}

static void on_readable(struct ev_loop *loop, ev_io *io, int events)
{
  (void)loop, (void)events;
  feed_ready(io->data);
}

/* ---- senders come ---- */

static sender *open_sender(intake *in, int descriptor, int32_t number, const char *peer)
{
  static const protocol_client_setup setup = {.name = "raw"};
  sender *s = calloc(1, sizeof *s);
  protocol_client *machine = s ? protocol_raw.create(&setup) : NULL;
  if (!machine) {
    free(s);
    return NULL;
  }
  s->feed = (feed){.round = in->setup.round,
                   .number = number,
                   .adapter = &protocol_raw,
                   .machine = machine,
                   .read = read_sender,
                   .send = send_nothing,
                   .taken = keep_on,
                   .lost = lose_sender};
  snprintf(s->peer, sizeof s->peer, "%s", peer);
  snprintf(s->feed.label, sizeof s->feed.label, "feed %d (%s)", (int)number, peer);
  s->owner = in;
  s->since = clock_now();
  s->next = in->first;
  if (in->first)
    in->first->previous = s;
  in->first = s;
  in->open++;
  feed_open(&s->feed);
  ev_io_init(&s->readable, on_readable, descriptor, EV_READ);
  s->readable.data = &s->feed;
  ev_io_start(in->setup.round->loop, &s->readable);
  return s;
}

static void on_acceptable(struct ev_loop *loop, ev_io *io, int events)
{
  (void)loop, (void)events;
  intake *in = io->data;
  char peer[LISTENER_PEER_TEXT];
  int descriptor = listener_accept(in->listener, peer);
  if (descriptor < 0) {
    if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
      log_limited(3, "accept", "a connection to the packet port cannot be taken: %s; raise LimitNOFILE if it says too many open files",
                  strerror(errno));
    return;
  }
  if (in->open >= CONNECTIONS_MAXIMUM || !open_sender(in, descriptor, *in->setup.last_number + 1, peer)) {
    log_limited(3, "too many feeds", "%s was turned away: %" PRIu64 " feeds are connected already", peer, in->open);
    close(descriptor);
    return;
  }
  ++*in->setup.last_number;
  in->accepted++;
  log_limited(6, "feed connected", "feed %d: %s connected", (int)*in->setup.last_number, peer);
}

/* ---- the listener ---- */

static bool listen_for_senders(intake *in)
{
  const intake_setup *s = &in->setup;
  in->listener = listener_open(s->address, s->port);
  if (in->listener < 0) {
    log_line(3, "cannot listen on %s port %d: %s; correct `server.listen_address` (an IP) and `server.listen_port`, or end what holds the port",
             s->address, s->port, strerror(errno));
    return false;
  }
  ev_io_init(&in->acceptable, on_acceptable, in->listener, EV_READ);
  in->acceptable.data = in;
  ev_io_start(s->round->loop, &in->acceptable);
  return true;
}

intake *intake_create(const intake_setup *setup)
{
  intake *in = calloc(1, sizeof *in);
  if (!in)
    return NULL;
  in->setup = *setup;
  in->listener = -1;
  if ((setup->port >= 0 && !listen_for_senders(in)) ||
      (setup->standard_input && !open_sender(in, STDIN_FILENO, FEEDS_STANDARD_INPUT, "standard input"))) {
    intake_destroy(in);
    return NULL;
  }
  return in;
}

void intake_destroy(intake *in)
{
  if (!in)
    return;
  while (in->first)
    close_sender(in->first);
  if (in->listener >= 0) {
    ev_io_stop(in->setup.round->loop, &in->acceptable);
    close(in->listener);
  }
  free(in);
}

int intake_port(const intake *in)
{
  return in->listener < 0 ? -1 : listener_port(in->listener);
}

uint64_t intake_open(const intake *in)
{
  return in->open;
}

uint64_t intake_accepted(const intake *in)
{
  return in->accepted;
}

void intake_describe(const intake *in, size_t index, feed_status *status)
{
  const sender *s = in->first;
  while (index-- > 0)
    s = s->next;
  feed_describe(&s->feed, status);
  status->name = s->readable.fd == STDIN_FILENO ? "standard input" : "(a sender)";
  status->kind = "raw";
  status->address = s->peer;
  status->state = FEED_CONNECTED;
  status->connected_since = s->since;
}
