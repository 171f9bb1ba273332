#include "publisher.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "handover.h"
#include "lease.h"
#include "log.h"
#include "outbox.h"
#include "redis_link.h"

enum { LANE_BYTES = 4 << 20, PREFIX_TEXT = 80 };

struct publisher {
  publisher_setup setup;
  char prefix[PREFIX_TEXT];
  redis_link *link;
  lease *lease;
  outbox *box;
  handover *handover;
  bool was_up, told_down, told_waiting;
  int64_t told_epoch;
  int64_t down_since; /* monotonic */
  size_t backlog;     /* of the messages that waited when the link came up, so many still do */
  uint64_t backlog_expired;
  uint64_t refused, yielded, reconnections;
};

static void on_up(void *user_data);
static void on_down(void *user_data, const char *reason);
static void on_lease(void *user_data, lease_state state, const char *detail);
static void on_delivered(void *user_data, bool expired);

/* ---- creation ---- */

static bool connect_parts(publisher *p)
{
  const redis_settings *r = p->setup.redis;
  bool actual = p->setup.status == ENGINE_ACTUAL;
  p->box = outbox_create((size_t)r->queue_messages, LANE_BYTES);
  p->link = redis_link_create(&(redis_link_setup){.loop = p->setup.loop,
                                                  .redis = r,
                                                  .user = actual ? r->user : r->exercise_user,
                                                  .password_file = actual ? r->password_file : r->exercise_password_file,
                                                  .up = on_up,
                                                  .down = on_down,
                                                  .user_data = p});
  if (!p->box || !p->link)
    return false;
  p->lease = lease_create(
      &(lease_setup){.loop = p->setup.loop, .link = p->link, .prefix = p->prefix, .seconds = r->lease_s, .told = on_lease, .user_data = p});
  if (!p->lease)
    return false;
  p->handover = handover_create(&(handover_setup){
      .publisher = &p->setup, .prefix = p->prefix, .link = p->link, .lease = p->lease, .box = p->box, .delivered = on_delivered, .user_data = p});
  return p->handover != NULL;
}

static void release(publisher *p)
{
  redis_link_destroy(p->link);
  handover_destroy(p->handover);
  lease_destroy(p->lease);
  outbox_destroy(p->box);
  free(p);
}

publisher *publisher_create(const publisher_setup *setup)
{
  if (setup->status == ENGINE_ACTUAL && signer_is_exercise(setup->signer)) {
    log_line(
        3, "actual messages cannot be signed with the published exercise key; make a key with `tocsin key create FILE` and name it in `server.key`");
    return NULL;
  }
  publisher *p = calloc(1, sizeof *p);
  if (!p)
    return NULL;
  p->setup = *setup;
  snprintf(p->prefix, sizeof p->prefix, "%s%s", setup->redis->prefix, setup->status == ENGINE_ACTUAL ? "" : ":exercise");
  if (!connect_parts(p)) {
    release(p);
    return NULL;
  }
  return p;
}

/* ---- what happens in Redis ---- */

static uint64_t dropped(const publisher *p)
{
  uint64_t sum = handover_count(p->handover).dropped;
  for (int lane = 0; lane < OUTBOX_LANES; lane++)
    sum += outbox_dropped(p->box, (outbox_lane)lane);
  return sum;
}

static void on_up(void *user_data)
{
  publisher *p = user_data;
  p->backlog = outbox_count(p->box);
  p->backlog_expired = 0;
  if (p->told_down)
    log_line(5, "Redis at %s: connected after %.1f s; %zu messages wait, %" PRIu64 " were dropped so far for want of room", redis_link_name(p->link),
             (double)(clock_monotonic() - p->down_since) / 1e9, p->backlog, dropped(p));
  else
    log_line(5, "Redis at %s: connected", redis_link_name(p->link));
  p->reconnections += p->was_up;
  p->was_up = true;
  p->told_down = false;
  handover_start(p->handover);
  lease_start(p->lease);
}

static void on_down(void *user_data, const char *reason)
{
  publisher *p = user_data;
  lease_stop(p->lease);
  handover_stop(p->handover);
  if (p->told_down)
    return;
  p->told_down = true;
  p->told_waiting = false;
  p->down_since = clock_monotonic();
  log_line(4, "Redis at %s: %s (%s); up to %" PRId64 " messages wait and go out in order when it is back; is redis-server running there?",
           redis_link_name(p->link), p->was_up ? "the connection broke" : "no connection", reason, p->setup.redis->queue_messages);
}

/* While another process leads, what is older than two leases has been said by it. */
static void yield_old(publisher *p)
{
  if (lease_state_of(p->lease) == LEASE_OTHERS)
    p->yielded += outbox_trim(p->box, clock_monotonic() - (int64_t)(2e9 * p->setup.redis->lease_s));
}

static void on_lease(void *user_data, lease_state state, const char *detail)
{
  publisher *p = user_data;
  if (state == LEASE_HELD && lease_epoch(p->lease) != p->told_epoch) {
    p->told_epoch = lease_epoch(p->lease);
    p->told_waiting = false;
    log_line(5, "this process speaks now on %s:*, with epoch %" PRId64, p->prefix, p->told_epoch);
  } else if (state == LEASE_OTHERS && !p->told_waiting) {
    p->told_waiting = true;
    log_line(5, "another process holds the lease %s (epoch %s): this one is silent and takes over when that lease ends", lease_key(p->lease), detail);
  }
  yield_old(p);
  handover_lease(p->handover, state, detail);
}

static void on_delivered(void *user_data, bool expired)
{
  publisher *p = user_data;
  if (p->backlog == 0)
    return;
  p->backlog_expired += expired;
  if (--p->backlog == 0)
    log_line(5, "the messages that had waited are delivered; %" PRIu64 " of them had expired and were appended to their streams only",
             p->backlog_expired);
}

/* ---- messages of the engine ---- */

/* Each message begins {"schema":"...","status":"...": the publisher's own must stand there. */
static bool has_own_status(const publisher *p, const engine_message *m)
{
  static const char schema[] = "{\"schema\":\"", status[] = "\",\"status\":\"";
  const char *word = engine_status_words[p->setup.status], *end = m->json + m->length;
  if (m->length < sizeof schema || memcmp(m->json, schema, sizeof schema - 1) != 0)
    return false;
  const char *at = m->json + sizeof schema - 1;
  while (at < end && *at != '"' && *at != '\\')
    at++;
  if ((size_t)(end - at) < sizeof status + strlen(word) || memcmp(at, status, sizeof status - 1) != 0)
    return false;
  at += sizeof status - 1;
  return memcmp(at, word, strlen(word)) == 0 && at[strlen(word)] == '"';
}

static void refuse(publisher *p, const char *kind, const char *why)
{
  p->refused++;
  log_limited(3, kind, "a message was refused: %s", why);
}

static void enqueue(publisher *p, const engine_message *m, int64_t received)
{
  outbox_entry entry = {.channel = m->channel,
                        .expires_at = m->expires_at,
                        .sample_time = m->sample_time,
                        .arrival = m->arrival,
                        .received = received,
                        .queued = clock_monotonic(),
                        .json = m->json,
                        .length = m->length};
  if (m->target)
    snprintf(entry.target, sizeof entry.target, "%s", m->target);
  uint64_t before = dropped(p);
  outbox_put(p->box, &entry);
  if (dropped(p) > before)
    log_limited(4, "queue full",
                "the queue for Redis is full: the oldest that is no alert goes first; dropped so far: %" PRIu64 ", alerts among them: %" PRIu64,
                dropped(p), outbox_dropped(p->box, OUTBOX_ALERT));
}

void publisher_send(publisher *p, const engine_message *message, int64_t received)
{
  if (!has_own_status(p, message)) {
    refuse(p, "foreign status", "its status is not this publisher's; an exercise never goes out as actual, nor the reverse");
    return;
  }
  if (message->length > HANDOVER_MESSAGE_MAXIMUM) {
    refuse(p, "too long", "it is longer than 1 MiB");
    return;
  }
  yield_old(p);
  enqueue(p, message, received);
  handover_pump(p->handover);
}

void publisher_state_of(const publisher *p, publisher_state *state)
{
  handover_counts counts = handover_count(p->handover);
  *state = (publisher_state){.connected = redis_link_is_up(p->link),
                             .leader = handover_flows(p->handover),
                             .epoch = lease_epoch(p->lease),
                             .published = counts.published,
                             .appended_expired = counts.appended_expired,
                             .dropped = dropped(p),
                             .refused = p->refused + counts.refused,
                             .reconnections = p->reconnections,
                             .queued = outbox_count(p->box),
                             .yielded = p->yielded};
}

/* ---- the end ---- */

static void on_patience_over(struct ev_loop *loop, ev_timer *timer, int events)
{
  (void)loop, (void)events;
  *(bool *)timer->data = true;
}

static void on_released(void *user_data, uint64_t detail, const redisReply *reply)
{
  (void)detail, (void)reply;
  *(bool *)user_data = true;
}

void publisher_destroy(publisher *p, double patience_s)
{
  if (!p)
    return;
  bool over = false, released;
  ev_timer patience;
  ev_now_update(p->setup.loop);
  ev_timer_init(&patience, on_patience_over, patience_s, 0);
  patience.data = &over;
  ev_timer_start(p->setup.loop, &patience);
  while (!over && lease_is_asking(p->lease)) /* a lease that is granted after the end would hold up the standby */
    ev_run(p->setup.loop, EVRUN_ONCE);
  while (!over && handover_flows(p->handover) && outbox_count(p->box) > 0)
    ev_run(p->setup.loop, EVRUN_ONCE);
  released = !lease_release(p->lease, on_released, &released);
  while (!over && !released)
    ev_run(p->setup.loop, EVRUN_ONCE);
  ev_timer_stop(p->setup.loop, &patience);
  if (outbox_count(p->box) > 0 && lease_state_of(p->lease) != LEASE_OTHERS)
    log_line(4, "%zu messages were not delivered: Redis at %s did not take them in time", outbox_count(p->box), redis_link_name(p->link));
  release(p);
}
