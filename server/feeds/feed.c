#include "feed.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "log.h"

enum { ROUND_BYTES = 64 << 10 }; /* from all feeds in one round of the loop: about 1 ms of work */
static const int64_t look_every_ns = INGEST_SECOND / 10, quiet_ns = 60 * INGEST_SECOND;

/* ---- the machine's sink ---- */

static void on_send(void *user, const void *bytes, size_t length)
{
  feed *f = user;
  f->send(f, bytes, length);
}

static void look_at_latency(feed *f, const protocol_record *record)
{
  ingest_record header;
  if ((f->looked_at && f->last_packet - f->looked_at < look_every_ns) || ingest_record_read(record->bytes, record->length, &header))
    return;
  int64_t last = ingest_record_last(&header);
  f->feed_latency = clock_now() - last;
  f->last_sample = last > f->last_sample ? last : f->last_sample;
  f->looked_at = f->last_packet;
}

static void on_record(void *user, const protocol_record *record)
{
  feed *f = user;
  f->packets++;
  f->record_bytes += record->length;
  f->round->records++;
  f->last_packet = f->round->received;
  look_at_latency(f, record);
  f->round->in_hand = f;
  f->round->offset = record->offset;
  f->round->record(f->round->user, f->number, record->bytes, record->length, f->round->received);
  f->round->in_hand = NULL;
}

static bool may_be_written(feed *f, const char *text)
{
  uint64_t hash = 14695981039346656037u; /* FNV-1a */
  int64_t now = clock_monotonic();
  size_t place = FEED_LINES_A_MINUTE;
  for (; *text; text++)
    hash = (hash ^ (unsigned char)*text) * 1099511628211u;
  for (size_t i = 0; i < FEED_LINES_A_MINUTE; i++) {
    bool recent = f->lines[i].written && now - f->lines[i].written < quiet_ns;
    if (recent && f->lines[i].hash == hash)
      return false;
    place = recent ? place : i;
  }
  if (place == FEED_LINES_A_MINUTE)
    return false;
  f->lines[place].hash = hash;
  f->lines[place].written = now;
  return true;
}

void feed_say(feed *f, int severity, const char *text)
{
  if (severity <= 4) {
    snprintf(f->error, sizeof f->error, "%s", text);
    f->error_at = clock_now();
  }
  if (may_be_written(f, text))
    log_line(severity, "%s: %s", f->label, text);
}

static void on_note(void *user, int severity, const char *text)
{
  feed *f = user;
  f->garbled = true;
  feed_say(f, severity, text);
}

static protocol_sink sink_of(feed *f)
{
  return (protocol_sink){.send = on_send, .record = on_record, .note = on_note, .user = f};
}

void feed_open(feed *f)
{
  protocol_sink sink = sink_of(f);
  f->adapter->open(f->machine, clock_now(), &sink);
}

bool feed_advance(feed *f)
{
  protocol_sink sink = sink_of(f);
  f->round->received = clock_monotonic();
  return f->adapter->advance(f->machine, clock_now(), &sink);
}

/* ---- bytes become records ---- */

/* Only of raw feeds is every byte either a record's or skipped; while none was complained of, what is no record is the beginning of one. */
static void count_skipped(feed *f)
{
  uint64_t skipped = f->bytes - f->record_bytes;
  if (f->adapter != &protocol_raw || !f->garbled)
    return;
  f->round->skipped += skipped - f->skipped;
  f->skipped = skipped;
}

void feed_end(feed *f)
{
  feed_unready(f);
  f->garbled |= f->bytes > f->record_bytes;
  count_skipped(f);
}

static void take(feed *f, const uint8_t *bytes, size_t length)
{
  protocol_sink sink = sink_of(f);
  f->round->received = clock_monotonic();
  f->round->bytes += length;
  f->bytes += length;
  bool good = f->adapter->take(f->machine, bytes, length, clock_now(), &sink);
  count_skipped(f);
  if (good)
    f->taken(f);
  else
    f->lost(f, f->adapter->fault(f->machine));
}

static void take_last(feed *f)
{
  protocol_sink sink = sink_of(f);
  if (f->adapter->end)
    f->adapter->end(f->machine, &sink);
}

/* ---- rounds ---- */

void feed_ready(feed *f)
{
  feed_round *r = f->round;
  if (f->ready)
    return;
  f->ready = true;
  f->next_ready = NULL;
  *(r->last_ready ? &r->last_ready->next_ready : &r->first_ready) = f;
  r->last_ready = f;
}

void feed_unready(feed *f)
{
  feed_round *r = f->round;
  if (!f->ready)
    return;
  feed *before = NULL;
  for (feed *other = r->first_ready; other != f; other = other->next_ready)
    before = other;
  *(before ? &before->next_ready : &r->first_ready) = f->next_ready;
  if (r->last_ready == f)
    r->last_ready = before;
  f->ready = false;
}

static void on_serve(struct ev_loop *loop, ev_check *check, int events)
{
  (void)events;
  feed_round *r = check->data;
  size_t left = ROUND_BYTES;
  while (left > 0 && r->first_ready) {
    feed *f = r->first_ready;
    feed_unready(f);
    ssize_t n = f->read(f, r->buffer, left < FEED_READ_BYTES ? left : FEED_READ_BYTES);
    if (n > 0) {
      left -= (size_t)n;
      take(f, r->buffer, (size_t)n);
    } else if (n == 0) {
      take_last(f);
      f->lost(f, NULL);
    }
  }
  if (r->first_ready)
    ev_idle_start(loop, &r->more);
  else
    ev_idle_stop(loop, &r->more);
}

static void on_more(struct ev_loop *loop, ev_idle *idle, int events)
{
  (void)loop, (void)idle, (void)events;
}

/* After all else of a round: timers and signals first, and the watchers that say who is ready. */
void feed_round_start(feed_round *r, struct ev_loop *loop, feed_record *record, void *user)
{
  *r = (feed_round){.loop = loop, .record = record, .user = user};
  ev_check_init(&r->serve, on_serve);
  ev_set_priority(&r->serve, EV_MINPRI);
  r->serve.data = r;
  ev_check_start(loop, &r->serve);
  ev_idle_init(&r->more, on_more);
}

void feed_round_stop(feed_round *r)
{
  ev_check_stop(r->loop, &r->serve);
  ev_idle_stop(r->loop, &r->more);
}

void feed_describe(const feed *f, feed_status *status)
{
  *status = (feed_status){.number = f->number,
                          .link = "",
                          .provider = "",
                          .peer = f->adapter->peer(f->machine),
                          .last_sample = f->last_sample,
                          .last_packet = f->last_packet ? clock_now() - (clock_monotonic() - f->last_packet) : 0,
                          .feed_latency = f->feed_latency,
                          .packets = f->packets,
                          .bytes = f->bytes,
                          .skipped_bytes = f->skipped,
                          .error = f->error,
                          .error_at = f->error_at};
}
