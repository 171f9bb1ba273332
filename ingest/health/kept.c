#include "kept.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One channel's ring, in the store that all share. */
typedef struct {
  size_t at; /* its place in the store */
  uint32_t room, count, next;
  int64_t until; /* time just past its newest sample */
  double rate;
  ingest_unit unit;
} ring;

struct kept {
  ring *rings;
  size_t count;
  float *store;
  size_t length;
};

static const double usual_rate = 100, highest_rate = 1000;

static double rate_of(const ingest_channel *channel)
{
  double rate = channel->epoch.rate > 0 ? channel->epoch.rate : usual_rate;
  return rate < highest_rate ? rate : highest_rate;
}

/* As long as the highest rate of any epoch asks; those longer than before get a place at the end of the store. Returns its length. */
static size_t lay_out(const kept *before, ring *rings, size_t count, const ingest_inventory *inventory, double seconds)
{
  size_t length = before->length;
  for (size_t i = 0; i < ingest_inventory_channels(inventory); i++) {
    const ingest_channel *channel = ingest_inventory_channel(inventory, i);
    if (channel->sensor < 0)
      continue;
    ring *r = &rings[channel->sensor * INGEST_COMPONENTS + channel->component];
    uint32_t room = (uint32_t)ceil(seconds * rate_of(channel));
    r->room = room > r->room ? room : r->room;
  }
  for (size_t i = 0; i < count; i++) {
    if (i < before->count && rings[i].room == before->rings[i].room)
      continue;
    rings[i].at = length;
    length += rings[i].room;
  }
  return length;
}

kept *kept_create(const ingest_inventory *inventory, double seconds)
{
  kept *k = calloc(1, sizeof *k);
  if (k && kept_adopt(k, inventory, seconds))
    return k;
  kept_destroy(k);
  return NULL;
}

void kept_destroy(kept *k)
{
  if (!k)
    return;
  free(k->rings);
  free(k->store);
  free(k);
}

static void move(float *store, const ring *before, ring *after)
{
  for (uint32_t i = 0; i < before->count; i++)
    store[after->at + i] = store[before->at + (before->next + before->room - before->count + i) % before->room];
  after->next = after->count;
}

/* What is kept stays where it is, unless its ring has grown. */
bool kept_adopt(kept *k, const ingest_inventory *inventory, double seconds)
{
  size_t count = ingest_inventory_sensors(inventory) * INGEST_COMPONENTS;
  count = count > k->count ? count : k->count;
  ring *rings = calloc(count + 1, sizeof *rings);
  if (!rings)
    return false;
  if (k->count > 0)
    memcpy(rings, k->rings, k->count * sizeof *rings);
  size_t length = lay_out(k, rings, count, inventory, seconds);
  float *store = realloc(k->store, (length + 1) * sizeof *store);
  if (!store) {
    free(rings);
    return false;
  }
  for (size_t i = 0; i < k->count; i++)
    if (rings[i].room != k->rings[i].room)
      move(store, &k->rings[i], &rings[i]);
  free(k->rings);
  *k = (kept){rings, count, store, length};
  return true;
}

void kept_add(kept *k, const ingest_samples *samples)
{
  ring *r = &k->rings[samples->sensor * INGEST_COMPONENTS + samples->component];
  size_t count = samples->count < r->room ? samples->count : r->room;
  const float *values = samples->values + samples->count - count;
  if (r->room == 0)
    return;
  if (samples->gap)
    r->count = r->next = 0;
  size_t first = count < r->room - r->next ? count : r->room - r->next;
  memcpy(k->store + r->at + r->next, values, first * sizeof *values);
  memcpy(k->store + r->at, values + first, (count - first) * sizeof *values);
  r->next = (uint32_t)((r->next + count) % r->room);
  r->count = r->count + count < r->room ? (uint32_t)(r->count + count) : r->room;
  r->rate = samples->rate;
  r->unit = samples->unit;
  r->until = samples->start + llround((double)samples->count * 1e9 / samples->rate);
}

void kept_copy(const kept *k, int32_t sensor, int component, float *values, size_t capacity, ingest_samples *samples)
{
  *samples = (ingest_samples){.sensor = sensor, .component = component, .values = values};
  size_t channel = (size_t)sensor * INGEST_COMPONENTS + (size_t)component;
  if (channel >= k->count)
    return;
  const ring *r = &k->rings[channel];
  size_t count = r->count < capacity ? r->count : capacity;
  if (count == 0)
    return;
  size_t from = (r->next + r->room - count) % r->room, first = count < r->room - from ? count : r->room - from;
  memcpy(values, k->store + r->at + from, first * sizeof *values);
  memcpy(values + first, k->store + r->at, (count - first) * sizeof *values);
  samples->count = count;
  samples->rate = r->rate;
  samples->unit = r->unit;
  samples->start = r->until - llround((double)count * 1e9 / r->rate);
}
