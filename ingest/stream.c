#include <math.h>
#include <stdio.h>
#include <string.h>

#include "stream.h"

enum { MOST_LET_GO = 1024 };

const char *const ingest_refusal_texts[INGEST_REFUSALS] = {
    [INGEST_REFUSED_MALFORMED] = "malformed",
    [INGEST_REFUSED_UNKNOWN_CHANNEL] = "not in the inventory",
    [INGEST_REFUSED_NO_EPOCH] = "no epoch of the inventory holds its time",
    [INGEST_REFUSED_FUTURE] = "ends in the future",
    [INGEST_REFUSED_RATE] = "sample rate outside 1..1000 a second",
    [INGEST_REFUSED_REPEATED] = "repeats what came before",
    [INGEST_REFUSED_OLD] = "older than what was handed on",
    [INGEST_REFUSED_UNIT] = "its unit is neither velocity nor acceleration",
    [INGEST_REFUSED_ORIENTATION] = "azimuths and dips of its sensor's channels do not say how it points",
    [INGEST_REFUSED_EXTRA_HEADERS] = "its extra headers are no JSON and were not read; its samples were",
    [INGEST_REFUSED_UNPAIRED] = "its sensor is turned, and the other channels that it takes to turn it back are missing",
};

/* A packet is being delivered: for what comes out of the rotation. */
typedef struct {
  ingest *in;
  int32_t feed;
  int64_t now;
  const ingest_sink *sink;
} delivery;

static bool find_channel(ingest *in, packet *p, int64_t now, const ingest_sink *sink);
static bool hold(ingest *in, const packet *p, int64_t now);
static void deliver(ingest *in, packet *p, int64_t now, const ingest_sink *sink);
static void let_go(ingest *in, int32_t channel, int64_t now, const ingest_sink *sink);
static void let_follow(ingest *in, int32_t channel, int64_t now, const ingest_sink *sink);
static void tell_status(ingest *in, int32_t channel, const ingest_sink *sink);

static void discard(ingest *in, int32_t channel, ingest_refusal reason, size_t samples)
{
  in->counted.discarded[reason] += samples;
  if (channel >= 0)
    health_count_discarded(in->health, channel / INGEST_COMPONENTS, samples);
}

static void tell(ingest *in, const packet *p, ingest_refusal reason, const char *detail, const ingest_sink *sink)
{
  in->counted.refused[reason]++;
  if (reason == INGEST_REFUSED_UNKNOWN_CHANNEL && !strangers_note(&in->strangers, &p->record.codes))
    return;
  if (sink->refused)
    sink->refused(sink->user, p->feed, p->bytes == in->bytes, p->record.samples > 0 ? &p->record.codes : NULL, reason, detail);
}

static void refuse(ingest *in, const packet *p, ingest_refusal reason, const char *detail, const ingest_sink *sink)
{
  if (p->record.samples > 0)
    discard(in, p->channel, reason, (size_t)p->record.samples);
  tell(in, p, reason, detail, sink);
}

void ingest_packet(ingest *in, int32_t feed, const uint8_t *bytes, size_t length, int64_t now, const ingest_sink *sink)
{
  packet p = {.feed = feed, .channel = -1, .bytes = bytes, .length = length};
  const char *fault = record_header_read(bytes, length, &p.record, &p.layout);
  if (fault) {
    refuse(in, &p, INGEST_REFUSED_MALFORMED, fault, sink);
    return;
  }
  in->counted.records++;
  in->counted.samples += (uint64_t)p.record.samples;
  if (!find_channel(in, &p, now, sink))
    return;
  if (p.record.extra_malformed)
    tell(in, &p, INGEST_REFUSED_EXTRA_HEADERS, NULL, sink);
  while (continuity_is_ahead(&in->channels[p.channel], p.record.start)) {
    if (hold(in, &p, now)) {
      tell_status(in, p.channel, sink);
      return;
    }
    if (!reorder_first(in->reorder, p.channel))
      break;
    let_go(in, p.channel, now, sink);
  }
  deliver(in, &p, now, sink);
  let_follow(in, p.channel, now, sink);
  tell_status(in, p.channel, sink);
}

void ingest_advance(ingest *in, int64_t now, const ingest_sink *sink)
{
  for (int i = 0; i < MOST_LET_GO; i++) {
    const reorder_packet *oldest = reorder_oldest(in->reorder);
    if (!oldest || oldest->arrival + in->reorder_ns > now)
      break;
    int32_t channel = oldest->channel;
    let_go(in, channel, now, sink);
    tell_status(in, channel, sink);
  }
  health_advance(in->health, now, sink->status, sink->user);
}

static bool find_channel(ingest *in, packet *p, int64_t now, const ingest_sink *sink)
{
  const inventory_entry *entry = inventory_lookup(in->inventory, &p->record.codes);
  if (!entry || entry->sensor < 0) {
    refuse(in, p, entry ? INGEST_REFUSED_UNIT : INGEST_REFUSED_UNKNOWN_CHANNEL, NULL, sink);
    return false;
  }
  p->channel = entry->sensor * INGEST_COMPONENTS + entry->component;
  bool is_future = ingest_record_last(&p->record) > now + in->future_ns;
  health_record(in->health, entry->sensor, &p->record, is_future, now);
  if (!is_future && p->record.rate >= 1 && p->record.rate <= 1000)
    return true;
  char detail[80], time[INGEST_TIME_TEXT];
  if (is_future)
    snprintf(detail, sizeof detail, "its last sample is of %s", ingest_time_format(ingest_record_last(&p->record), time));
  else
    snprintf(detail, sizeof detail, "it states %g samples/s", p->record.rate);
  refuse(in, p, is_future ? INGEST_REFUSED_FUTURE : INGEST_REFUSED_RATE, detail, sink);
  tell_status(in, p->channel, sink);
  return false;
}

static bool hold(ingest *in, const packet *p, int64_t now)
{
  reorder_packet held = {.start = p->record.start, .arrival = now, .channel = p->channel, .feed = p->feed, .length = p->length};
  return in->reorder_ns > 0 && reorder_hold(in->reorder, &held, p->bytes);
}

/* Its header was read before it was held, and nothing changed it since. */
static packet take_held(ingest *in, int32_t channel)
{
  reorder_packet held = reorder_take(in->reorder, channel, in->bytes);
  packet p = {.feed = held.feed, .channel = channel, .bytes = in->bytes, .length = held.length};
  record_header_read(p.bytes, p.length, &p.record, &p.layout);
  return p;
}

/* The packet that has waited first goes on, over the gap before it. */
static void let_go(ingest *in, int32_t channel, int64_t now, const ingest_sink *sink)
{
  packet p = take_held(in, channel);
  deliver(in, &p, now, sink);
  let_follow(in, channel, now, sink);
}

/* Whatever waited for its turn and has it now. */
static void let_follow(ingest *in, int32_t channel, int64_t now, const ingest_sink *sink)
{
  const reorder_packet *first;
  while ((first = reorder_first(in->reorder, channel)) != NULL) {
    if (continuity_is_ahead(&in->channels[channel], first->start))
      return;
    packet p = take_held(in, channel);
    deliver(in, &p, now, sink);
  }
}

static void tell_status(ingest *in, int32_t channel, const ingest_sink *sink)
{
  sink->status(sink->user, health_of(in->health, channel / INGEST_COMPONENTS));
}

/* ---- what is in a packet ---- */

static const char *decode(ingest *in, const packet *p)
{
  if (record_is_steim(&p->record))
    return record_steim(p->bytes, p->length, &p->record, &p->layout, in->counts);
  return record_samples(p->bytes, p->length, &p->record, &p->layout, in->values, RECORD_SAMPLES_MAXIMUM);
}

FOR_EACH_PROCESSOR static void take_gain_out(ingest *in, const packet *p, size_t skip, size_t count, double gain)
{
  double scale = 1 / gain;
  float *motion = in->motion;
  if (record_is_steim(&p->record))
    for (size_t i = 0; i < count; i++)
      motion[i] = (float)(in->counts[skip + i] * scale);
  else
    for (size_t i = 0; i < count; i++)
      motion[i] = (float)(in->values[skip + i] * scale);
}

/* Counts a unit; of a channel that goes alone with its sign, of a short-period sensor far above its corner. */
static double gain_of(const inventory_entry *entry, const orientation *o)
{
  double gain = entry->epoch.gain, at_hz = entry->epoch.gain_frequency_hz;
  if (!orientation_mixes(o, entry->component))
    gain *= o->weights[entry->component][entry->component];
  return entry->corner_hz > 0 && at_hz > 0 ? gain / response_amplitude(entry->corner_hz, entry->damping, at_hz) : gain;
}

/* ---- on to the pickers ---- */

/* A clean piece of up, north or east: all that leaves this room leaves it here. */
static void hand_on(void *user, const ingest_samples *samples)
{
  const delivery *d = user;
  ingest *in = d->in;
  int32_t sensor = samples->sensor;
  in->counted.handed_on += samples->count;
  in->channels[sensor * INGEST_COMPONENTS + samples->component].lost = false;
  kept_add(in->kept, samples);
  d->sink->samples(d->sink->user, samples);
  const ingest_sensor *s = ingest_inventory_sensor(in->inventory, (size_t)sensor);
  int64_t until = samples->start + llround((double)(samples->count - 1) * 1e9 / samples->rate), before = health_of(in->health, sensor)->data_until;
  if (samples->component == INGEST_VERTICAL || (!s->has_component[INGEST_VERTICAL] && until > before))
    health_data(in->health, sensor, until, d->now);
}

/* Said once until it works again. */
static void lose(void *user, int32_t sensor, int component, size_t samples)
{
  const delivery *d = user;
  int32_t channel = sensor * INGEST_COMPONENTS + component;
  channel_state *c = &d->in->channels[channel];
  discard(d->in, channel, INGEST_REFUSED_UNPAIRED, samples);
  if (c->lost)
    return;
  c->lost = true;
  d->in->counted.refused[INGEST_REFUSED_UNPAIRED]++;
  const inventory_entry *entry = inventory_entry_at(d->in->inventory, sensor, component, c->next - 1);
  if (d->sink->refused)
    d->sink->refused(d->sink->user, d->feed, true, entry ? &entry->codes : NULL, INGEST_REFUSED_UNPAIRED, NULL);
}

/* What is known of the channel, before its picker gets the piece. */
static void note_samples(ingest *in, const packet *p, const ingest_samples *samples, size_t skip, int64_t now)
{
  health_set_path(in->health, samples->sensor, paths_of(in->paths, samples->sensor, p->feed));
  health_samples(in->health, samples, record_is_steim(&p->record) ? in->counts + skip : NULL, now);
}

static void hand_out(ingest *in, const packet *p, const orientation *o, const ingest_samples *samples, int64_t now, const ingest_sink *sink)
{
  delivery d = {in, p->feed, now, sink};
  if (!orientation_mixes(o, samples->component))
    hand_on(&d, samples);
  if (orientation_feeds(o, samples->component))
    rotate_feed(in->rotate, o, samples, &(rotate_sink){hand_on, lose, &d});
}

/* Its time runs ahead of ours since this piece, which did not follow. */
static bool stepped_ahead(const channel_state *c, int64_t now)
{
  return c->gap_start <= now + INGEST_SECOND && c->next > now + INGEST_SECOND;
}

static void begin_after_gap(ingest *in, const packet *p, channel_state *c, int64_t start)
{
  bool begins = !(c->rate > 0);
  c->gap_start = p->stepped ? start : c->next;
  c->gap_until = start;
  c->first = begins || start < c->first ? start : c->first;
  if (begins)
    return;
  in->counted.gaps++;
  in->counted.rate_changes += !continuity_is_same_rate(p->record.rate, c->rate);
  health_count_gap(in->health, p->channel / INGEST_COMPONENTS);
}

static void take(ingest *in, const packet *p, const inventory_entry *entry, const orientation *o, size_t skip, int64_t now, const ingest_sink *sink)
{
  channel_state *c = &in->channels[p->channel];
  size_t count = (size_t)p->record.samples - skip;
  int64_t stated = record_sample_time(&p->record, (int64_t)skip);
  double gain = gain_of(entry, o);
  bool begins = !(c->rate > 0), is_late = continuity_is_ahead(c, stated);
  bool gap = begins || is_late || p->stepped || !continuity_is_same_rate(p->record.rate, c->rate) || gain != c->gain ||
             entry->epoch.unit != c->unit || o->needs[entry->component] != c->needs;
  int64_t start = continuity_start(c, p, skip, gap), missing = begins ? INT64_MAX : start > c->next ? start - c->next : c->next - start;
  in->counted.realigned += !gap && start != c->next;
  take_gain_out(in, p, skip, count, gain);
  if (gap) {
    begin_after_gap(in, p, c, start);
    c->rate = p->record.rate;
    c->gain = gain;
    c->unit = entry->epoch.unit;
    c->needs = o->needs[entry->component];
  }
  if (entry->corner_hz > 0)
    response_extend(&in->responses[p->channel], entry->corner_hz, entry->damping, c->rate, gap ? missing : 0, in->motion, count);
  c->next = start + llround((double)count * continuity_sample_ns(p));
  c->old_next = 0;
  in->counted.clock_steps += p->stepped || (gap && !begins && stepped_ahead(c, now));
  ingest_samples samples = {p->channel / INGEST_COMPONENTS, entry->component, gap, p->record.clipped, c->unit, start, c->rate, count, in->motion};
  note_samples(in, p, &samples, skip, now);
  hand_out(in, p, o, &samples, now, sink);
}

static void deliver(ingest *in, packet *p, int64_t now, const ingest_sink *sink)
{
  channel_state *c = &in->channels[p->channel];
  size_t skip = continuity_overlap(c, p);
  if (skip == (size_t)p->record.samples) {
    p->stepped = continuity_steps_back(c, p, now);
    if (!p->stepped) {
      refuse(in, p, continuity_was_missed(c, p) ? INGEST_REFUSED_OLD : INGEST_REFUSED_REPEATED, NULL, sink);
      return;
    }
    skip = 0;
  }
  int32_t sensor = p->channel / INGEST_COMPONENTS;
  const inventory_entry *entry = inventory_entry_at(in->inventory, sensor, p->channel % INGEST_COMPONENTS, p->record.start);
  if (!entry || strcmp(entry->codes.channel, p->record.codes.channel) != 0) {
    char time[INGEST_TIME_TEXT];
    refuse(in, p, INGEST_REFUSED_NO_EPOCH, ingest_time_format(p->record.start, time), sink);
    return;
  }
  const orientation *o = rotate_orientation(in->rotate, sensor, p->record.start);
  bool is_motion = entry->epoch.unit == INGEST_UNIT_VELOCITY || entry->epoch.unit == INGEST_UNIT_ACCELERATION;
  if (!is_motion || o->needs[entry->component] == 0) {
    refuse(in, p, is_motion ? INGEST_REFUSED_ORIENTATION : INGEST_REFUSED_UNIT, NULL, sink);
    return;
  }
  const char *fault = decode(in, p);
  if (fault) {
    refuse(in, p, INGEST_REFUSED_MALFORMED, fault, sink);
    return;
  }
  discard(in, p->channel, INGEST_REFUSED_REPEATED, skip);
  take(in, p, entry, o, skip, now, sink);
}
