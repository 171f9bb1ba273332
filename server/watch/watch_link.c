#include "watch_link.h"

#include <fnmatch.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <hiredis/hiredis.h>

#include "clock.h"

/* `seen` is searched once a message: some thousand a second at most. */
enum { SEEN = 4096, CURSOR = 48, STREAMS = WATCH_PATTERNS + ENGINE_CHANNELS, PAGE = 200 };
static const struct timeval patience = {2, 0};
static const int64_t first_wait_ns = INT64_C(200000000), longest_wait_ns = INT64_C(5000000000), mark_every_ns = INT64_C(5000000000);

/* A stream and the place in it up to which everything was seen. */
typedef struct {
  char name[128];
  char cursor[CURSOR];
} stream;

struct watch_link {
  watch_link_setup setup;
  watch_received *received;
  void *user;
  redisContext *subscriber, *reader;
  size_t subscribed; /* confirmations so far of this connection */
  bool was_up;
  int64_t next_try, wait, next_mark;
  uint64_t seen[SEEN]; /* hashes of the newest messages, a ring */
  size_t seen_next, streams_count;
  stream streams[STREAMS];
};

static void name_streams(watch_link *link);
static redisContext *connected(watch_link *link);
static bool subscribe(watch_link *link);
static void hang_up(watch_link *link);
static void lose(watch_link *link, const char *why);
static void take(watch_link *link, redisReply *reply);
static void mark(watch_link *link);
static void catch_up(watch_link *link);

watch_link *watch_link_create(const watch_link_setup *setup, watch_received *received, void *user)
{
  watch_link *link = calloc(1, sizeof *link);
  if (!link)
    return NULL;
  link->setup = *setup;
  link->received = received;
  link->user = user;
  link->wait = first_wait_ns;
  name_streams(link);
  return link;
}

void watch_link_destroy(watch_link *link)
{
  if (!link)
    return;
  hang_up(link);
  free(link);
}

bool watch_link_up(const watch_link *link)
{
  return link->subscriber && link->subscribed >= link->setup.patterns_count;
}

void watch_link_turn(watch_link *link, int patience_ms)
{
  if (!link->subscriber && (clock_monotonic() < link->next_try || !subscribe(link))) {
    poll(NULL, 0, patience_ms);
    return;
  }
  struct pollfd readable = {.fd = link->subscriber->fd, .events = POLLIN};
  if (poll(&readable, 1, patience_ms) > 0 && redisBufferRead(link->subscriber) != REDIS_OK) {
    lose(link, link->subscriber->errstr);
    return;
  }
  void *reply = NULL;
  while (redisReaderGetReply(link->subscriber->reader, &reply) == REDIS_OK && reply) {
    take(link, reply);
    freeReplyObject(reply);
    reply = NULL;
  }
  if (watch_link_up(link) && clock_monotonic() >= link->next_mark)
    mark(link);
  if (link->reader->err)
    lose(link, link->reader->errstr);
}

/* An ACL allows a channel by matching it, but a pattern only by its letters: names are subscribed to as names. */
static bool is_pattern(const char *text)
{
  return strpbrk(text, "*?[") != NULL;
}

/* The channels of the prefix that a pattern covers, and those that are named outright. */
static void add_stream(watch_link *link, const char *name)
{
  for (size_t i = 0; i < link->streams_count; i++)
    if (strcmp(link->streams[i].name, name) == 0)
      return;
  if (link->streams_count < STREAMS)
    snprintf(link->streams[link->streams_count++].name, sizeof link->streams[0].name, "%s", name);
}

static void name_streams(watch_link *link)
{
  for (size_t p = 0; p < link->setup.patterns_count; p++) {
    const char *pattern = link->setup.patterns[p];
    if (!is_pattern(pattern))
      add_stream(link, pattern);
    for (int c = 0; c < ENGINE_CHANNELS; c++) {
      char name[128];
      snprintf(name, sizeof name, "%s%s", link->setup.prefix, engine_channel_words[c]);
      if (fnmatch(pattern, name, 0) == 0)
        add_stream(link, name);
    }
  }
}

static redisContext *connected(watch_link *link)
{
  const watch_link_setup *s = &link->setup;
  redisContext *context = s->port ? redisConnectWithTimeout(s->address, s->port, patience) : redisConnectUnixWithTimeout(s->address, patience);
  if (!context || context->err)
    return context;
  redisSetTimeout(context, patience);
  if (!*s->password)
    return context;
  redisReply *reply = *s->user ? redisCommand(context, "AUTH %s %s", s->user, s->password) : redisCommand(context, "AUTH %s", s->password);
  if (reply && reply->type == REDIS_REPLY_ERROR) {
    snprintf(context->errstr, sizeof context->errstr, "%.120s", reply->str);
    context->err = REDIS_ERR_OTHER;
  }
  freeReplyObject(reply);
  return context;
}

static void say(watch_link *link, const char *text, const char *detail)
{
  char line[512];
  const watch_link_setup *s = &link->setup;
  char port[16] = "";
  if (s->port)
    snprintf(port, sizeof port, ":%d", s->port);
  snprintf(line, sizeof line, "%s Redis at %s%s%s%s", text, s->address, port, *detail ? ": " : "", detail);
  link->received(link->user, line, NULL, 0, false);
}

static void hang_up(watch_link *link)
{
  if (link->subscriber)
    redisFree(link->subscriber);
  if (link->reader)
    redisFree(link->reader);
  link->subscriber = link->reader = NULL;
}

/* `why` may be a text of the context that hang_up() frees: it is said first. */
static void lose(watch_link *link, const char *why)
{
  if (link->was_up || link->wait == first_wait_ns)
    say(link, link->was_up ? "lost" : "cannot reach", why);
  link->was_up = false;
  hang_up(link);
  link->next_try = clock_monotonic() + link->wait;
  link->wait = link->wait * 2 < longest_wait_ns ? link->wait * 2 : longest_wait_ns;
}

static bool subscribe(watch_link *link)
{
  link->subscribed = 0;
  link->subscriber = connected(link);
  link->reader = link->subscriber && !link->subscriber->err ? connected(link) : NULL;
  if (!link->reader || link->reader->err) {
    char why[160];
    const redisContext *failed = link->reader ? link->reader : link->subscriber;
    snprintf(why, sizeof why, "%s", failed ? failed->errstr : "memory is short");
    lose(link, why);
    return false;
  }
  for (size_t i = 0; i < link->setup.patterns_count; i++)
    redisAppendCommand(link->subscriber, is_pattern(link->setup.patterns[i]) ? "PSUBSCRIBE %s" : "SUBSCRIBE %s", link->setup.patterns[i]);
  int written = 0;
  while (!written)
    if (redisBufferWrite(link->subscriber, &written) != REDIS_OK) {
      lose(link, "the connection broke");
      return false;
    }
  return true;
}

/* FNV-1a (Fowler, Noll & Vo). A message's bytes hold its signature, so equal hashes are the same message. */
static uint64_t hash_of(const char *bytes, size_t length)
{
  uint64_t hash = UINT64_C(14695981039346656037);
  for (size_t i = 0; i < length; i++)
    hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C(1099511628211);
  return hash;
}

static bool seen_before(const watch_link *link, uint64_t hash)
{
  for (size_t i = 0; i < SEEN; i++)
    if (link->seen[i] == hash)
      return true;
  return false;
}

static void hand_over(watch_link *link, const char *channel, const redisReply *json, bool missed)
{
  uint64_t hash = hash_of(json->str, json->len) ^ hash_of(channel, strlen(channel));
  if (seen_before(link, hash))
    return;
  link->seen[link->seen_next++ % SEEN] = hash;
  link->received(link->user, channel, json->str, json->len, missed);
}

/* Everything is subscribed: what was published meanwhile waits in the socket, so reading the streams now leaves no hole. */
static void arrive(watch_link *link)
{
  say(link, link->was_up ? "again linked to" : "linked to", "");
  link->was_up = true;
  link->wait = first_wait_ns;
  catch_up(link);
}

static void take(watch_link *link, redisReply *reply)
{
  if (reply->type == REDIS_REPLY_ERROR) {
    char why[320];
    size_t asked = link->subscribed < link->setup.patterns_count ? link->subscribed : 0; /* answers come in the order of the questions */
    snprintf(why, sizeof why, "%.120s: %.160s", link->setup.patterns[asked], reply->str);
    say(link, "refused by", why);
    if (++link->subscribed == link->setup.patterns_count)
      arrive(link);
    return;
  }
  if (reply->type != REDIS_REPLY_ARRAY || reply->elements < 3 || !reply->element[0]->str)
    return;
  const char *kind = reply->element[0]->str;
  const redisReply *channel = reply->element[reply->elements - 2], *json = reply->element[reply->elements - 1];
  if (strcmp(kind, "psubscribe") == 0 || strcmp(kind, "subscribe") == 0) {
    if (++link->subscribed == link->setup.patterns_count)
      arrive(link);
  } else if (channel->str && json->str) { /* message CHANNEL JSON, or pmessage PATTERN CHANNEL JSON */
    hand_over(link, channel->str, json, false);
  }
}

/* An entry of XRANGE: [id, [field, value, ...]]. */
static const redisReply *json_of(const redisReply *entry)
{
  const redisReply *fields = entry->elements == 2 ? entry->element[1] : NULL;
  for (size_t i = 0; fields && i + 1 < fields->elements; i += 2)
    if (fields->element[i]->str && strcmp(fields->element[i]->str, "json") == 0 && fields->element[i + 1]->str)
      return fields->element[i + 1];
  return NULL;
}

static void set_cursor(stream *s, const redisReply *entry)
{
  snprintf(s->cursor, sizeof s->cursor, "%s", entry->element[0]->str);
}

static bool usable(const redisReply *reply)
{
  return reply && reply->type == REDIS_REPLY_ARRAY;
}

/* Moves each cursor to the stream's newest entry once that entry was seen live: all before it was seen then, too. */
static void mark(watch_link *link)
{
  link->next_mark = clock_monotonic() + mark_every_ns;
  for (size_t i = 0; i < link->streams_count && link->reader; i++) {
    stream *s = &link->streams[i];
    redisReply *reply = redisCommand(link->reader, "XREVRANGE %s + - COUNT 1", s->name);
    if (usable(reply) && reply->elements == 1) {
      const redisReply *json = json_of(reply->element[0]);
      if (json && seen_before(link, hash_of(json->str, json->len) ^ hash_of(s->name, strlen(s->name))))
        set_cursor(s, reply->element[0]);
    }
    freeReplyObject(reply);
  }
}

static bool read_page(watch_link *link, stream *s)
{
  redisReply *reply = redisCommand(link->reader, "XRANGE %s (%s + COUNT %d", s->name, s->cursor, PAGE);
  size_t entries = usable(reply) ? reply->elements : 0;
  for (size_t i = 0; i < entries; i++) {
    const redisReply *json = json_of(reply->element[i]);
    if (json)
      hand_over(link, s->name, json, true);
    set_cursor(s, reply->element[i]);
  }
  freeReplyObject(reply);
  return entries == PAGE;
}

/* The first time, only where each stream ends now; after a break, all that came since. */
static void catch_up(watch_link *link)
{
  for (size_t i = 0; i < link->streams_count; i++) {
    stream *s = &link->streams[i];
    if (*s->cursor) {
      while (read_page(link, s))
        ;
      continue;
    }
    snprintf(s->cursor, sizeof s->cursor, "0-0");
    redisReply *reply = redisCommand(link->reader, "XREVRANGE %s + - COUNT 1", s->name);
    if (usable(reply) && reply->elements == 1)
      set_cursor(s, reply->element[0]);
    freeReplyObject(reply);
  }
}
