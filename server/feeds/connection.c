#include "connection.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "dialer.h"
#include "secret.h"
#include "tls.h"
#include "transport.h"

static const double connect_limit_s = 15, secure_limit_s = 15;

struct connection {
  feed feed; /* first: a connection is a feed */
  connection_setup setup;
  feed_settings settings;
  protocol_selection *selections;
  secret password, token;
  tls_trust *trust; /* of `ca_file`; NULL: none was needed yet */
  feed_state state;
  dialer dialer;
  ev_io readable, writable;
  ev_timer timer; /* the next attempt, the handshake's limit, the machine's deadline */
  transport transport;
  uint32_t attempts, failures;                     /* in all, and in a row */
  uint64_t packets_before;                         /* this connection */
  bool told;                                       /* of its first record */
  int64_t connected_since, next_attempt, looks_at; /* looks_at: when the timer looks at the machine's deadline */
  uint64_t connected_times;
};

static bool flush(connection *c);

static connection *connection_of(feed *f)
{
  return (connection *)f;
}

/* ---- timers ---- */

static void set_timer(connection *c, double after)
{
  struct ev_loop *loop = c->setup.round->loop;
  ev_timer_stop(loop, &c->timer);
  ev_now_update(loop);
  ev_timer_set(&c->timer, after > 0 ? after : 0, 0);
  ev_timer_start(loop, &c->timer);
}

/* In [0, 1): the same feed's nth attempt always draws the same, different feeds draw differently (splitmix64; Steele et al. 2014). */
static double draw(const char *name, uint32_t attempt)
{
  uint64_t x = 14695981039346656037u; /* FNV-1a */
  for (; *name; name++)
    x = (x ^ (unsigned char)*name) * 1099511628211u;
  x += (attempt + 1) * 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return (double)((x ^ (x >> 31)) >> 11) * 0x1p-53;
}

/* Full waits double up to the longest; half of each is drawn, so that many feeds of one server do not come back at once. */
static double next_wait(connection *c)
{
  double full = fmin(c->setup.retry_longest_s, c->setup.retry_first_s * exp2(fmin(c->failures, 30)));
  c->failures++;
  return full * (0.5 + 0.5 * draw(c->settings.name, c->attempts));
}

/* ---- the end of one connection ---- */

static void hang_up(connection *c)
{
  struct ev_loop *loop = c->setup.round->loop;
  ev_timer_stop(loop, &c->timer);
  dialer_stop(&c->dialer);
  resolver_forget(c->setup.resolver, c);
  feed_end(&c->feed);
  ev_io_stop(loop, &c->readable);
  ev_io_stop(loop, &c->writable);
  transport_close(&c->transport);
}

static const char *reason_of_end(const connection *c)
{
  const char *fault = c->feed.adapter->fault(c->feed.machine);
  if (*fault)
    return fault;
  return c->feed.packets > c->packets_before
             ? "the server closed the connection"
             : "the server closed the connection before any record came; its log says why (often: too many connections, or this address is refused)";
}

/* A connection that brought something, or stood as long as the longest wait, begins the waits anew. A renewed file of authorities is read again. */
static void lose(feed *f, const char *why)
{
  connection *c = connection_of(f);
  bool stood = c->state == FEED_CONNECTED && clock_now() - c->connected_since > (int64_t)(c->setup.retry_longest_s * 1e9);
  char reason[FEED_ERROR_TEXT];
  snprintf(reason, sizeof reason, "%s", why ? why : reason_of_end(c));
  hang_up(c);
  tls_trust_free(c->trust);
  c->trust = NULL;
  c->failures = stood || c->told ? 0 : c->failures;
  c->told = false;
  c->state = FEED_WAITING;
  double wait = next_wait(c);
  c->next_attempt = clock_now() + (int64_t)(wait * 1e9);
  set_timer(c, wait);
  feed_say(f, 4, reason);
}

/* ---- talking ---- */

static void await_deadline(connection *c)
{
  int64_t deadline = c->feed.adapter->deadline(c->feed.machine);
  if (deadline != INT64_MAX)
    set_timer(c, (double)(deadline - clock_now()) / 1e9);
  c->looks_at = deadline;
}

static void note_first_record(connection *c)
{
  char text[FEED_ERROR_TEXT];
  const char *peer = c->feed.adapter->peer(c->feed.machine);
  snprintf(text, sizeof text, "records come%s%.200s", *peer ? " from " : "", peer);
  feed_say(&c->feed, 5, text);
  c->told = true;
}

/* While bytes come the deadline moves on, and the timer looks again when it fires; only one that came nearer needs it set anew. */
static void on_taken(feed *f)
{
  connection *c = connection_of(f);
  if (f->packets > c->packets_before && !c->told)
    note_first_record(c);
  if (flush(c) && f->adapter->deadline(f->machine) < c->looks_at)
    await_deadline(c);
}

static void advance(connection *c)
{
  feed *f = &c->feed;
  bool due = f->adapter->deadline(f->machine) <= clock_now();
  if (due && !feed_advance(f))
    lose(f, NULL);
  else if (!due || flush(c))
    await_deadline(c);
}

static void talk(connection *c)
{
  c->state = FEED_CONNECTED;
  c->connected_since = clock_now();
  c->connected_times++;
  c->packets_before = c->feed.packets;
  feed_say(&c->feed, 6, "connected");
  feed_open(&c->feed);
  if (flush(c))
    await_deadline(c);
}

/* ---- bytes ---- */

static void watch_writable(connection *c)
{
  if (c->transport.wants_write)
    ev_io_start(c->setup.round->loop, &c->writable);
  else
    ev_io_stop(c->setup.round->loop, &c->writable);
}

/* What one reading through TLS leaves decrypted is no event of the socket, so the feed says itself that there is more. */
static ssize_t read_some(feed *f, uint8_t *bytes, size_t room)
{
  connection *c = connection_of(f);
  ssize_t n = transport_read(&c->transport, bytes, room);
  if (n == TRANSPORT_BROKEN) {
    lose(f, c->transport.fault);
    return FEED_BROKEN;
  }
  watch_writable(c);
  if (n > 0 && c->transport.tls)
    feed_ready(f);
  return n == TRANSPORT_NOTHING_NOW ? FEED_NOTHING_NOW : n;
}

/* The machine's words gather while it works and go out together. */
static void keep_for_sending(feed *f, const void *bytes, size_t length)
{
  transport_add(&connection_of(f)->transport, bytes, length);
}

/* False: the connection is lost. */
static bool flush(connection *c)
{
  if (!transport_flush(&c->transport)) {
    lose(&c->feed, c->transport.fault);
    return false;
  }
  watch_writable(c);
  return true;
}

/* ---- from nothing to a conversation ---- */

static void secure(connection *c)
{
  transport *t = &c->transport;
  int result = tls_handshake(t->tls);
  t->wants_write = result == TLS_WANTS_WRITE;
  if (result == TLS_FAILED) {
    lose(&c->feed, tls_fault(t->tls));
    return;
  }
  watch_writable(c);
  if (result == 1)
    talk(c);
}

static void on_readable(struct ev_loop *loop, ev_io *io, int events)
{
  (void)loop, (void)events;
  connection *c = io->data;
  if (c->state == FEED_SECURING)
    secure(c);
  else
    feed_ready(&c->feed);
}

static void on_writable(struct ev_loop *loop, ev_io *io, int events)
{
  (void)loop, (void)events;
  connection *c = io->data;
  if (c->state == FEED_SECURING) {
    secure(c);
  } else if (flush(c) && c->transport.tls) {
    feed_ready(&c->feed); /* a reading may have waited for this */
  }
}

static void on_connected(void *user, int descriptor, const char *fault)
{
  connection *c = user;
  if (descriptor < 0) {
    lose(&c->feed, fault);
    return;
  }
  struct ev_loop *loop = c->setup.round->loop;
  c->transport.descriptor = descriptor;
  ev_io_set(&c->readable, descriptor, EV_READ);
  ev_io_set(&c->writable, descriptor, EV_WRITE);
  ev_io_start(loop, &c->readable);
  if (!c->trust) {
    talk(c);
    return;
  }
  c->state = FEED_SECURING;
  c->transport.tls = tls_open(c->trust, descriptor, feed_server_name(&c->settings));
  if (!c->transport.tls) {
    lose(&c->feed, "memory is short for TLS");
    return;
  }
  set_timer(c, secure_limit_s);
  secure(c);
}

static void on_resolved(void *user, const resolver_addresses *addresses, const char *fault)
{
  connection *c = user;
  if (addresses->count == 0) {
    lose(&c->feed, fault);
    return;
  }
  c->state = FEED_CONNECTING;
  dialer_start(&c->dialer, c->setup.round->loop, addresses, connect_limit_s, on_connected, c);
}

/* Files that the settings name are read at each attempt: what was put right there needs no restart. */
static bool prepare(connection *c)
{
  const feed_settings *s = &c->settings;
  char fault[TLS_FAULT_TEXT] = "";
  if (secret_read(&c->password, s->password_file, "password_file", fault) && secret_read(&c->token, s->token_file, "token_file", fault) && s->tls)
    c->trust = tls_trust_load(s->ca_file, fault);
  if (*fault)
    lose(&c->feed, fault);
  return !*fault;
}

static void begin(connection *c)
{
  resolver_addresses literal;
  int port = feed_port(&c->settings);
  c->attempts++;
  if (!prepare(c))
    return;
  if (resolver_literal(c->settings.address, port, &literal)) {
    on_resolved(c, &literal, "");
    return;
  }
  c->state = FEED_RESOLVING;
  if (!resolver_ask(c->setup.resolver, c->settings.address, port, on_resolved, c))
    lose(&c->feed, "memory is short");
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
  (void)loop, (void)events;
  connection *c = timer->data;
  if (c->state == FEED_WAITING)
    begin(c);
  else if (c->state == FEED_SECURING)
    lose(&c->feed, "the server does not answer the TLS handshake; is this its TLS port? (SeedLink with TLS is 18500)");
  else if (c->state == FEED_CONNECTED)
    advance(c);
}

/* ---- creation ---- */

static bool create_machine(connection *c)
{
  const feed_settings *s = &c->settings;
  char fault[FEED_FAULT_TEXT];
  int count = feed_read_selections(s->selections, &c->selections, fault);
  if (count < 0)
    return false;
  const protocol_client_setup setup = {.name = s->name,
                                       .selections = c->selections,
                                       .selections_count = (size_t)count,
                                       .user = s->user,
                                       .password = c->password.text,
                                       .token = c->token.text,
                                       .encrypted = s->tls,
                                       .version = (int)s->version,
                                       .idle_s = s->idle_s,
                                       .dead_s = s->dead_s,
                                       .resume = c->setup.resume};
  c->feed.adapter = feed_adapter(s);
  c->feed.machine = c->feed.adapter ? c->feed.adapter->create(&setup) : NULL;
  return c->feed.machine != NULL;
}

connection *connection_create(const connection_setup *setup)
{
  connection *c = calloc(1, sizeof *c);
  if (!c)
    return NULL;
  c->setup = *setup;
  c->settings = *setup->settings;
  c->transport.descriptor = -1;
  c->feed = (feed){.round = setup->round, .number = setup->number, .read = read_some, .send = keep_for_sending, .taken = on_taken, .lost = lose};
  snprintf(c->feed.label, sizeof c->feed.label, "feed %s (%s at %.80s port %d)", c->settings.name, feed_kinds[c->settings.kind], c->settings.address,
           feed_port(&c->settings));
  ev_init(&c->readable, on_readable);
  ev_init(&c->writable, on_writable);
  ev_timer_init(&c->timer, on_timer, 0, 0);
  c->readable.data = c->writable.data = c->timer.data = c;
  if (!create_machine(c)) {
    connection_destroy(c);
    return NULL;
  }
  set_timer(c, 0);
  return c;
}

void connection_destroy(connection *c)
{
  if (!c)
    return;
  hang_up(c);
  if (c->feed.machine)
    c->feed.adapter->destroy(c->feed.machine);
  tls_trust_free(c->trust);
  secret_forget(&c->password);
  secret_forget(&c->token);
  free(c->selections);
  transport_free(&c->transport);
  free(c);
}

/* ---- what is known ---- */

const feed_settings *connection_settings(const connection *c)
{
  return &c->settings;
}

int32_t connection_number(const connection *c)
{
  return c->feed.number;
}

bool connection_is_up(const connection *c)
{
  return c->state == FEED_CONNECTED;
}

uint64_t connection_packets(const connection *c)
{
  return c->feed.packets;
}

void connection_describe(const connection *c, feed_status *status)
{
  const feed_settings *s = &c->settings;
  feed_describe(&c->feed, status);
  status->name = s->name;
  status->kind = feed_kinds[s->kind];
  status->address = s->address;
  status->link = s->link;
  status->provider = s->provider;
  status->state = c->state;
  status->connected_since = c->state == FEED_CONNECTED ? c->connected_since : 0;
  status->next_attempt = c->state == FEED_WAITING ? c->next_attempt : 0;
  status->reconnections = c->connected_times > 0 ? c->connected_times - 1 : 0;
}
