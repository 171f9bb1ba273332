#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "health.h"
#include "inventory_table.h"
#include "record_header.h"
#include "reorder.h"

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
};

/* What one component's stream has come to. */
typedef struct {
  int64_t first, next;          /* time of the first sample ever, and of the one that is due */
  int64_t gap_start, gap_until; /* the latest gap */
  double rate;                  /* 0: nothing came yet */
  double gain;
  ingest_unit unit;
} channel_state;

/* One record on its way. */
typedef struct {
  int32_t feed, channel;
  const uint8_t *bytes;
  size_t length;
  ingest_record record;
  record_layout layout;
} packet;

struct ingest {
  const ingest_inventory *inventory;
  int64_t reorder_ns, future_ns;
  channel_state *channels; /* sensor * INGEST_COMPONENTS + component */
  reorder *reorder;
  health *health;
  uint64_t refused[INGEST_REFUSALS];
  int32_t *counts; /* of a packet, or its values */
  double *values;
  float *motion;
  uint8_t *bytes; /* of a packet that was held */
};

static bool find_channel(ingest *in, packet *p, int64_t now, const ingest_sink *sink);
static bool hold(ingest *in, const packet *p, int64_t now);
static void deliver(ingest *in, packet *p, int64_t now, const ingest_sink *sink);
static void let_go(ingest *in, int32_t channel, int64_t now, const ingest_sink *sink);
static void let_follow(ingest *in, int32_t channel, int64_t now, const ingest_sink *sink);
static void tell_status(ingest *in, int32_t channel, const ingest_sink *sink);

ingest *ingest_create(const ingest_settings *settings, const ingest_inventory *inventory)
{
  size_t sensors = ingest_inventory_sensors(inventory), channels = sensors * INGEST_COMPONENTS;
  ingest *in = calloc(1, sizeof *in);
  if (!in)
    return NULL;
  in->inventory = inventory;
  in->reorder_ns = llround(settings->reorder_s * 1e9);
  in->future_ns = llround(settings->future_s * 1e9);
  in->channels = calloc(channels + 1, sizeof *in->channels);
  in->reorder = reorder_create(channels);
  in->health = health_create(settings, sensors);
  in->counts = calloc(RECORD_SAMPLES_MAXIMUM, sizeof *in->counts);
  in->values = calloc(RECORD_SAMPLES_MAXIMUM, sizeof *in->values);
  in->motion = calloc(RECORD_SAMPLES_MAXIMUM, sizeof *in->motion);
  in->bytes = calloc(INGEST_RECORD_MAXIMUM, 1);
  if (in->channels && in->reorder && in->health && in->counts && in->values && in->motion && in->bytes)
    return in;
  ingest_destroy(in);
  return NULL;
}

void ingest_destroy(ingest *in)
{
  if (!in)
    return;
  free(in->channels);
  reorder_destroy(in->reorder);
  health_destroy(in->health);
  free(in->counts);
  free(in->values);
  free(in->motion);
  free(in->bytes);
  free(in);
}

void ingest_status_of(const ingest *in, int32_t sensor, ingest_status *status)
{
  *status = *health_of(in->health, sensor);
}

uint64_t ingest_refused(const ingest *in, ingest_refusal reason)
{
  return in->refused[reason];
}

static void refuse(ingest *in, const packet *p, ingest_refusal reason, const char *detail, const ingest_sink *sink)
{
  in->refused[reason]++;
  if (reason != INGEST_REFUSED_MALFORMED && reason != INGEST_REFUSED_UNKNOWN_CHANNEL && p->channel >= 0)
    health_count_discarded(in->health, p->channel / INGEST_COMPONENTS, (size_t)p->record.samples);
  if (sink->refused)
    sink->refused(sink->user, p->feed, p->record.samples > 0 ? &p->record.codes : NULL, reason, detail);
}

static double sample_ns(const packet *p)
{
  return 1e9 / p->record.rate;
}

/* Ahead of its turn: later than what is due by more than half a sample. */
static bool is_ahead(const ingest *in, const packet *p)
{
  const channel_state *c = &in->channels[p->channel];
  return c->rate > 0 && (double)(p->record.start - c->next) > 0.5 * sample_ns(p);
}

void ingest_packet(ingest *in, int32_t feed, const uint8_t *bytes, size_t length, int64_t now, const ingest_sink *sink)
{
  packet p = {.feed = feed, .channel = -1, .bytes = bytes, .length = length};
  const char *fault = record_header_read(bytes, length, &p.record, &p.layout);
  if (fault) {
    refuse(in, &p, INGEST_REFUSED_MALFORMED, fault, sink);
    return;
  }
  if (!find_channel(in, &p, now, sink))
    return;
  while (is_ahead(in, &p)) {
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
  health_arrived(in->health, entry->sensor, now);
  bool is_future = ingest_record_last(&p->record) > now + in->future_ns;
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
    const channel_state *c = &in->channels[channel];
    if ((double)(first->start - c->next) > 0.5e9 / c->rate)
      return;
    packet p = take_held(in, channel);
    deliver(in, &p, now, sink);
  }
}

static void tell_status(ingest *in, int32_t channel, const ingest_sink *sink)
{
  sink->status(sink->user, health_of(in->health, channel / INGEST_COMPONENTS));
}

/* How many of its first samples were handed on already. */
static size_t overlap(const channel_state *c, const packet *p)
{
  double ahead = c->rate > 0 ? (double)(c->next - p->record.start) / sample_ns(p) : 0;
  if (ahead <= 0.5)
    return 0;
  return ahead >= p->record.samples ? (size_t)p->record.samples : (size_t)llround(ahead);
}

static const char *decode(ingest *in, const packet *p)
{
  if (record_is_steim(&p->record))
    return record_steim(p->bytes, p->length, &p->record, &p->layout, in->counts);
  return record_samples(p->bytes, p->length, &p->record, &p->layout, in->values, RECORD_SAMPLES_MAXIMUM);
}

static void take_gain_out(ingest *in, const packet *p, size_t skip, size_t count, double gain)
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

static bool is_same_rate(double a, double b)
{
  return fabs(a - b) <= 1e-3 * b;
}

/* Stated times are rounded (to 0.1 ms at worst): within a hundredth of a sample the piece begins where the last one ended, so that the cutting into
   packets leaves no trace. */
static int64_t settle_start(const channel_state *c, const packet *p, int64_t stated, bool gap)
{
  return !gap && fabs((double)(stated - c->next)) <= 0.01 * sample_ns(p) ? c->next : stated;
}

static void hand_on(ingest *in, const packet *p, const inventory_entry *entry, size_t skip, int64_t now, const ingest_sink *sink)
{
  const ingest_epoch *epoch = &entry->epoch;
  double gain = epoch->gain * ingest_channel_sign(entry);
  channel_state *c = &in->channels[p->channel];
  int32_t sensor = p->channel / INGEST_COMPONENTS;
  size_t count = (size_t)p->record.samples - skip;
  int64_t stated = record_sample_time(&p->record, (int64_t)skip);
  bool begins = !(c->rate > 0), is_late = !begins && (double)(stated - c->next) > 0.5 * sample_ns(p);
  bool gap = begins || is_late || !is_same_rate(p->record.rate, c->rate) || gain != c->gain || epoch->unit != c->unit;
  int64_t start = settle_start(c, p, stated, gap);
  take_gain_out(in, p, skip, count, gain);
  if (gap) {
    c->gap_start = c->next;
    c->gap_until = start;
    c->first = begins ? start : c->first;
    c->rate = p->record.rate;
    c->gain = gain;
    c->unit = epoch->unit;
    if (!begins)
      health_count_gap(in->health, sensor);
  }
  c->next = start + llround((double)count * sample_ns(p));
  ingest_samples samples = {sensor, p->channel % INGEST_COMPONENTS, gap, p->record.clipped, c->unit, start, c->rate, count, in->motion};
  sink->samples(sink->user, &samples);
  const ingest_sensor *s = ingest_inventory_sensor(in->inventory, (size_t)sensor);
  int64_t until = c->next - llround(sample_ns(p)), before = health_of(in->health, sensor)->data_until;
  if (samples.component == INGEST_VERTICAL || (!s->has_component[INGEST_VERTICAL] && until > before))
    health_data(in->health, sensor, until, now);
}

static bool was_missed(const channel_state *c, const packet *p)
{
  double half = 0.5 * sample_ns(p);
  bool in_gap = (double)(p->record.start - c->gap_start) >= -half && (double)(ingest_record_end(&p->record) - c->gap_until) <= half;
  return in_gap || p->record.start < c->first;
}

static void deliver(ingest *in, packet *p, int64_t now, const ingest_sink *sink)
{
  channel_state *c = &in->channels[p->channel];
  size_t skip = overlap(c, p);
  if (skip == (size_t)p->record.samples) {
    refuse(in, p, was_missed(c, p) ? INGEST_REFUSED_OLD : INGEST_REFUSED_REPEATED, NULL, sink);
    return;
  }
  const inventory_entry *entry = inventory_entry_at(in->inventory, p->channel / INGEST_COMPONENTS, p->channel % INGEST_COMPONENTS, p->record.start);
  if (!entry || strcmp(entry->codes.channel, p->record.codes.channel) != 0) {
    char time[INGEST_TIME_TEXT];
    refuse(in, p, INGEST_REFUSED_NO_EPOCH, ingest_time_format(p->record.start, time), sink);
    return;
  }
  if (entry->epoch.unit != INGEST_UNIT_VELOCITY && entry->epoch.unit != INGEST_UNIT_ACCELERATION) {
    refuse(in, p, INGEST_REFUSED_UNIT, NULL, sink);
    return;
  }
  const char *fault = decode(in, p);
  if (fault) {
    refuse(in, p, INGEST_REFUSED_MALFORMED, fault, sink);
    return;
  }
  health_count_discarded(in->health, p->channel / INGEST_COMPONENTS, skip);
  hand_on(in, p, entry, skip, now, sink);
}
