/* What `tocsin status` is told of the daemon. */
#include "control.h"

#include <math.h>
#include <unistd.h>

#include "clock.h"
#include "tocsind.h"

static json_t *time_json(int64_t time)
{
  char text[INGEST_TIME_TEXT];
  return time ? json_string(ingest_time_format(time, text)) : json_null();
}

static json_t *seconds(int64_t ns)
{
  return json_real(round((double)ns / 1e6) / 1e3);
}

/* What a server says of itself may be anything. */
static json_t *text_json(const char *text)
{
  json_t *string = *text ? json_string(text) : json_null();
  return string ? string : json_string("(no UTF-8)");
}

static json_t *count(uint64_t n)
{
  return json_integer((json_int_t)n);
}

/* ---- the feeds ---- */

/* Data latency: now minus the last sample's time; feed latency: arrival minus the time of the packet's last sample, which a virtual clock has not. */
static json_t *feed_json(const feed_status *s, int64_t now, bool live)
{
  return json_pack(
      "{s:i, s:s, s:s, s:s, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "number", (int)s->number, "name", s->name,
      "kind", s->kind, "address", s->address, "link", text_json(s->link), "provider", text_json(s->provider), "state", feed_state_words[s->state],
      "server", text_json(s->peer), "connected_since", time_json(s->connected_since), "next_attempt", time_json(s->next_attempt), "last_packet",
      time_json(s->last_packet), "data_latency_s", s->last_sample ? seconds(now - s->last_sample) : json_null(), "feed_latency_s",
      s->last_sample && live ? seconds(s->feed_latency) : json_null(), "packets", count(s->packets), "bytes", count(s->bytes), "skipped_bytes",
      count(s->skipped_bytes), "reconnections", count(s->reconnections), "error", text_json(s->error), "error_at", time_json(s->error_at));
}

static json_t *feeds_json(const feeds *f, int64_t now, bool live)
{
  json_t *list = json_array();
  for (size_t i = 0; i < feeds_known(f); i++) {
    feed_status status;
    feeds_describe(f, i, &status);
    json_array_append_new(list, feed_json(&status, now, live));
  }
  return list;
}

/* ---- the rest ---- */

static json_t *clock_json(void)
{
  static const char *const words[] = {[ENGINE_CLOCK_UNKNOWN] = "unknown", [ENGINE_CLOCK_SYNCHRONISED] = "synchronised", [ENGINE_CLOCK_FREE] = "free"};
  int64_t offset = 0;
  engine_clock state = clock_state(&offset);
  return json_pack("{s:s, s:o}", "state", words[state], "offset_s", seconds(offset));
}

static json_t *rejected_json(const engine_counters *c)
{
  json_t *rejected = json_object();
  for (int reason = 0; reason < PICKER_REJECTIONS; reason++)
    json_object_set_new(rejected, picker_rejections[reason], count(c->rejected[reason]));
  return rejected;
}

/* What came otherwise than it should. */
static json_t *stream_json(const ingest_counters *c)
{
  return json_pack("{s:o, s:o, s:o, s:o}", "gaps", count(c->gaps), "clock_steps", count(c->clock_steps), "rate_changes", count(c->rate_changes),
                   "strangers", count(c->strangers));
}

static json_t *engine_json(const engine *e)
{
  engine_counters c;
  engine_count(e, &c);
  return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "packets", count(c.packets), "stream", stream_json(&c.stream), "samples",
                   count(c.samples), "refused", count(c.refused), "picks", count(c.picks), "rejected", rejected_json(&c), "events", count(c.events),
                   "events_open", count(c.events_open), "alerts", count(c.alerts), "messages", count(c.messages));
}

static json_t *publisher_json(const publisher *p)
{
  publisher_state s;
  publisher_state_of(p, &s);
  return json_pack("{s:b, s:b, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "connected", s.connected, "leader", s.leader, "epoch", (json_int_t)s.epoch,
                   "published", count(s.published), "waiting", count(s.queued), "expired", count(s.appended_expired), "dropped", count(s.dropped),
                   "refused", count(s.refused), "reconnections", count(s.reconnections));
}

static json_t *recorder_json(recorder *r)
{
  if (!r)
    return json_null();
  recorder_counters c;
  recorder_count(r, &c);
  return json_pack("{s:b, s:o, s:o, s:o}", "recording", !c.stopped, "inputs", count(c.inputs), "lost", count(c.lost), "buffered_bytes",
                   count(c.buffered));
}

static json_t *stage_json(const stage *s)
{
  const histogram *h = &s->recent;
  return json_pack("{s:s, s:o, s:f, s:f, s:f, s:f, s:f, s:o}", "stage", s->word, "count", count(h->count), "p50_ms",
                   (double)histogram_percentile(h, 0.5) / 1e6, "p99_ms", (double)histogram_percentile(h, 0.99) / 1e6, "p999_ms",
                   (double)histogram_percentile(h, 0.999) / 1e6, "maximum_ms", (double)h->maximum / 1e6, "budget_ms", (double)s->budget / 1e6,
                   "over_budget", count(s->over_budget));
}

static json_t *stages_json(const daemon_state *d)
{
  return json_pack("[o, o, o, o]", stage_json(&d->packet), stage_json(&d->step), stage_json(&d->signing), stage_json(&d->handover));
}

json_t *status_answer(void *user, const json_t *request)
{
  (void)request;
  daemon_state *d = user;
  int64_t now = inputs_now(d), uptime = clock_monotonic() - d->started;
  feeds_counters c;
  feeds_count(d->feeds, &c);
  return json_pack("{s:s, s:s, s:s, s:s, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "schema", "tocsin.daemon.v1", "software",
                   "tocsin " TOCSIN_VERSION, "status", d->options.exercise ? "exercise" : "actual", "config",
                   d->reloaded ? d->reloaded_hash : d->hash, "pid", (int)getpid(), "now", time_json(now), "time", time_json(clock_now()), "uptime_s",
                   seconds(uptime), "clock", clock_json(), "bytes", count(c.bytes), "skipped_bytes", count(c.skipped_bytes), "packets",
                   count(c.records), "engine", engine_json(d->engine), "redis", publisher_json(d->publisher), "recorder", recorder_json(d->recorder),
                   "stages", stages_json(d), "feeds", feeds_json(d->feeds, now, !d->options.virtual_clock));
}
