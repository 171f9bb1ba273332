#include "handover.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "log.h"

/* Keys: lease, channel. Arguments: our epoch, the message, the stream's length, whether to publish. */
static const char hand_over_script[] = "#!lua flags=allow-oom\n"
                                       "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return redis.error_reply('LEASE is not ours') end\n"
                                       "if ARGV[4] == '1' then redis.call('PUBLISH', KEYS[2], ARGV[2]) end\n"
                                       "return redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[3], '*', 'json', ARGV[2])\n";

enum {
  ON_THE_WAY_MAXIMUM = 64, /* hiredis' own buffer has no bound */
  SHA_TEXT = 41,
  CHANNEL_TEXT = 160,
  NUMBER_TEXT = 24,
};

struct handover {
  handover_setup setup;
  char sha[SHA_TEXT]; /* "" until Redis has the script */
  size_t on_the_way;
  bool stumbled; /* an answer says that sending must begin again: first wait for the other answers */
  bool plain;    /* Redis refuses to write: PUBLISH alone, after a look at the lease */
  bool looking;
  int64_t last_signing;
  handover_counts counts;
  char *message; /* of HANDOVER_MESSAGE_MAXIMUM + SIGNER_TAIL_MAXIMUM bytes */
};

handover *handover_create(const handover_setup *setup)
{
  handover *h = calloc(1, sizeof *h);
  if (!h || !(h->message = malloc(HANDOVER_MESSAGE_MAXIMUM + SIGNER_TAIL_MAXIMUM))) {
    free(h);
    return NULL;
  }
  h->setup = *setup;
  return h;
}

void handover_destroy(handover *h)
{
  if (!h)
    return;
  free(h->message);
  free(h);
}

handover_counts handover_count(const handover *h)
{
  return h->counts;
}

/* ---- one message ---- */

/* Stamps and signs the entry into h->message. Its own signing cannot stand in what is signed: the last one's does. */
static size_t finish(handover *h, const outbox_entry *e)
{
  const publisher_setup *p = h->setup.publisher;
  int64_t start = clock_monotonic();
  signer_trace trace = {.sample_to_reception = e->arrival - e->sample_time,
                        .reception_to_decision = e->queued - e->received,
                        .decision_to_handover = start - e->queued,
                        .signing = h->last_signing};
  bool traced = e->received && e->sample_time && e->arrival;
  size_t length = signer_finish(p->signer, e->json, e->length, lease_epoch(h->setup.lease), traced ? &trace : NULL, h->message,
                                HANDOVER_MESSAGE_MAXIMUM + SIGNER_TAIL_MAXIMUM);
  h->last_signing = clock_monotonic() - start;
  if (p->signing)
    stage_add(p->signing, h->last_signing);
  return length;
}

static void channel_name(const handover *h, const outbox_entry *e, char name[CHANNEL_TEXT])
{
  snprintf(name, CHANNEL_TEXT, "%s:%s%s%s", h->setup.prefix, engine_channel_words[e->channel], *e->target ? ":" : "", e->target);
}

static bool has_expired(const handover *h, const outbox_entry *e)
{
  const publisher_setup *p = h->setup.publisher;
  return e->expires_at && e->expires_at < p->now(p->user);
}

static void on_handed_over(void *user_data, uint64_t detail, const redisReply *reply);

/* The answer's detail: the sequence twice, plus one if the message had expired. */
static bool hand_over(handover *h, const outbox_entry *e)
{
  char channel[CHANNEL_TEXT], epoch[NUMBER_TEXT], maximum[NUMBER_TEXT];
  bool expired = has_expired(h, e);
  size_t length = finish(h, e);
  channel_name(h, e, channel);
  snprintf(epoch, sizeof epoch, "%" PRId64, lease_epoch(h->setup.lease));
  snprintf(maximum, sizeof maximum, "%" PRId64, h->setup.publisher->redis->stream_length);
  const char *key = lease_key(h->setup.lease);
  const char *words[] = {"EVALSHA", h->sha, "2", key, channel, epoch, h->message, maximum, expired ? "0" : "1"};
  const size_t lengths[] = {7, strlen(h->sha), 1, strlen(key), strlen(channel), strlen(epoch), length, strlen(maximum), 1};
  return redis_link_send(h->setup.link, on_handed_over, h, e->sequence << 1 | expired, 9, words, lengths);
}

static bool publish_plainly(handover *h, const outbox_entry *e)
{
  char channel[CHANNEL_TEXT];
  size_t length = finish(h, e);
  channel_name(h, e, channel);
  const char *words[] = {"PUBLISH", channel, h->message};
  const size_t lengths[] = {7, strlen(channel), length};
  return redis_link_send(h->setup.link, on_handed_over, h, e->sequence << 1, 3, words, lengths);
}

/* Alerts do not wait for the loop's next round. */
static void send_some(handover *h, bool (*send)(handover *, const outbox_entry *))
{
  bool urgent = false;
  const outbox_entry *e;
  while (h->on_the_way < ON_THE_WAY_MAXIMUM && (e = outbox_next(h->setup.box)) && send(h, e)) {
    urgent |= outbox_lane_of(e->channel) == OUTBOX_ALERT;
    outbox_sent(h->setup.box);
    h->on_the_way++;
  }
  if (urgent)
    redis_link_flush(h->setup.link);
}

/* ---- answers ---- */

static bool begins(const char *text, const char *word)
{
  return strncmp(text, word, strlen(word)) == 0;
}

/* Refusals that time mends. */
static bool will_pass(const char *error)
{
  static const char *const words[] = {"LOADING", "BUSY", "READONLY", "MASTERDOWN", "TRYAGAIN", "OOM", "CLUSTERDOWN", "NOREPLICAS"};
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    if (begins(error, words[i]))
      return true;
  return false;
}

static void wait_for_better_times(handover *h, const char *error)
{
  log_limited(4, "redis refuses", "Redis at %s does not take messages now: %s; they wait", redis_link_name(h->setup.link), error);
  redis_link_break(h->setup.link, error);
}

static void enter_plain(handover *h, const char *error)
{
  if (!h->plain)
    log_line(3, "Redis at %s cannot write: %s; messages are published but missing from their streams; see to its disk and its log",
             redis_link_name(h->setup.link), error);
  h->plain = true;
}

static void on_refusal(handover *h, uint64_t sequence, const char *error)
{
  if (will_pass(error)) {
    wait_for_better_times(h, error);
  } else if (begins(error, "NOSCRIPT")) {
    h->stumbled = true;
    h->sha[0] = '\0';
  } else if (begins(error, "LEASE")) {
    h->stumbled = true;
    lease_lost(h->setup.lease);
  } else if (begins(error, "MISCONF")) {
    h->stumbled = true;
    enter_plain(h, error);
  } else {
    h->counts.refused++;
    outbox_acknowledge(h->setup.box, sequence);
    log_limited(3, "redis refuses one", "Redis at %s refused a message for good: %s; correct its user's ACL, or the key of that name",
                redis_link_name(h->setup.link), error);
  }
}

static void on_handed_over(void *user_data, uint64_t detail, const redisReply *reply)
{
  handover *h = user_data;
  bool expired = detail & 1;
  h->on_the_way--;
  if (!reply)
    return;
  if (reply->type == REDIS_REPLY_ERROR) {
    on_refusal(h, detail >> 1, reply->str);
  } else {
    outbox_acknowledge(h->setup.box, detail >> 1);
    *(expired ? &h->counts.appended_expired : &h->counts.published) += 1;
    h->setup.delivered(h->setup.user_data, expired);
  }
  handover_pump(h);
}

/* ---- while Redis cannot write ---- */

static const char *text_of(const redisReply *reply)
{
  return reply->type == REDIS_REPLY_STRING ? reply->str : "";
}

/* {lease, last epoch}. Nobody can take or renew a lease now, so ours may have run out; the last epoch still tells whether it was taken from us. */
static void on_look(void *user_data, uint64_t detail, const redisReply *reply)
{
  (void)detail;
  handover *h = user_data;
  h->looking = false;
  if (!reply || !h->plain || h->stumbled || reply->type != REDIS_REPLY_ARRAY || reply->elements != 2)
    return;
  char own[NUMBER_TEXT];
  snprintf(own, sizeof own, "%" PRId64, lease_epoch(h->setup.lease));
  const char *holder = text_of(reply->element[0]), *last = text_of(reply->element[1]);
  if (strcmp(last, own) == 0 && (!*holder || strcmp(holder, own) == 0))
    send_some(h, publish_plainly);
}

/* With nothing on its way, the next message is the first of its lane. */
static void drop_expired(handover *h)
{
  const outbox_entry *e;
  while (h->on_the_way == 0 && (e = outbox_next(h->setup.box)) && has_expired(h, e)) {
    h->counts.dropped++;
    outbox_acknowledge(h->setup.box, e->sequence);
    log_limited(4, "expired unwritten", "messages expired while Redis could not write: they are dropped");
  }
}

static void look(handover *h)
{
  const char *words[] = {"MGET", lease_key(h->setup.lease), lease_epoch_key(h->setup.lease)};
  drop_expired(h);
  if (!h->looking && lease_epoch(h->setup.lease) > 0 && outbox_next(h->setup.box))
    h->looking = redis_link_send(h->setup.link, on_look, h, 0, 3, words, NULL);
}

/* ---- start, stop and the pump ---- */

static void on_loaded(void *user_data, uint64_t detail, const redisReply *reply)
{
  (void)detail;
  handover *h = user_data;
  if (!reply)
    return;
  if (reply->type != REDIS_REPLY_STRING || strlen(reply->str) >= sizeof h->sha) {
    const char *error = reply->type == REDIS_REPLY_ERROR ? reply->str : "the answer to SCRIPT LOAD is not understood";
    log_limited(3, "script load", "Redis at %s does not load the script: %s; its user needs `+script|load +evalsha`", redis_link_name(h->setup.link),
                error);
    redis_link_break(h->setup.link, error);
    return;
  }
  memcpy(h->sha, reply->str, strlen(reply->str) + 1);
  handover_pump(h);
}

void handover_start(handover *h)
{
  redis_link_send(h->setup.link, on_loaded, h, 0, 3, (const char *[]){"SCRIPT", "LOAD", hand_over_script}, NULL);
}

/* Whatever was on its way is in doubt; its answers (none) have come or come right after this. */
void handover_stop(handover *h)
{
  outbox_rewind(h->setup.box);
  h->sha[0] = '\0';
  h->stumbled = h->plain = h->looking = false;
}

void handover_lease(handover *h, lease_state state, const char *detail)
{
  if (state == LEASE_HELD && h->plain) {
    h->plain = false;
    log_line(5, "Redis at %s writes again", redis_link_name(h->setup.link));
  } else if (state == LEASE_REFUSED && begins(detail, "MISCONF") && lease_epoch(h->setup.lease) > 0) {
    enter_plain(h, detail);
  } else if (state == LEASE_REFUSED && will_pass(detail)) {
    wait_for_better_times(h, detail);
    return;
  } else if (state == LEASE_REFUSED) {
    log_limited(3, "lease refused", "Redis at %s gives no lease: %s; nothing is published until it does; its user needs the key %s",
                redis_link_name(h->setup.link), detail, lease_key(h->setup.lease));
  }
  handover_pump(h);
}

/* All answers are in after a stumble: what is in doubt is unsent again. */
static void stand_up(handover *h)
{
  h->stumbled = false;
  outbox_rewind(h->setup.box);
  if (!*h->sha)
    handover_start(h);
}

bool handover_flows(const handover *h)
{
  return redis_link_is_up(h->setup.link) && (h->plain || lease_state_of(h->setup.lease) == LEASE_HELD);
}

void handover_pump(handover *h)
{
  if (!redis_link_is_up(h->setup.link))
    return;
  if (h->stumbled && h->on_the_way == 0)
    stand_up(h);
  if (h->stumbled || !handover_flows(h))
    return;
  if (h->plain)
    look(h);
  else if (*h->sha)
    send_some(h, hand_over);
}
