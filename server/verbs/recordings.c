#include "recordings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SAMPLES = 65535, LONGEST_S = 6 * 3600 };

static bool place(recorded_sensor *sensor, recorded_channel *c, const ingest_record *record, const double *counts, double gain);

bool recordings_begin(recordings *r, const ingest_inventory *inventory)
{
  size_t sensors = ingest_inventory_sensors(inventory);
  *r = (recordings){.inventory = inventory, .count = sensors};
  r->sensors = calloc(sensors + 1, sizeof *r->sensors);
  r->first_channels = calloc(sensors + 1, sizeof *r->first_channels);
  if (!r->sensors || !r->first_channels) {
    recordings_release(r);
    return false;
  }
  for (size_t i = ingest_inventory_channels(inventory); i-- > 0;) {
    int32_t sensor = ingest_inventory_channel(inventory, i)->sensor;
    if (sensor >= 0)
      r->first_channels[sensor] = i;
  }
  return true;
}

void recordings_release(recordings *r)
{
  for (size_t i = 0; r->sensors && i < r->count; i++)
    for (int k = 0; k < INGEST_COMPONENTS; k++)
      free(r->sensors[i].components[k].values);
  free(r->sensors);
  free(r->first_channels);
  r->sensors = NULL;
}

/* The sensor's channel of these codes, and of this time if there is one. */
static const ingest_channel *channel_of(const recordings *r, int32_t sensor, const ingest_record *record, bool *holds)
{
  const ingest_channel *latest = NULL;
  *holds = false;
  for (size_t i = r->first_channels[sensor]; i < ingest_inventory_channels(r->inventory); i++) {
    const ingest_channel *channel = ingest_inventory_channel(r->inventory, i);
    if (channel->sensor != sensor)
      break;
    if (strcmp(channel->codes.channel, record->codes.channel) != 0)
      continue;
    bool of_its_time = channel->epoch.start <= record->start && record->start < channel->epoch.end;
    latest = of_its_time || !*holds ? channel : latest;
    *holds |= of_its_time;
  }
  return latest;
}

recordings_result recordings_add(recordings *r, const uint8_t *bytes, size_t length, const ingest_channel **channel)
{
  static double counts[MOST_SAMPLES];
  ingest_record record;
  int component;
  bool holds;
  *channel = NULL;
  if (ingest_record_decode(bytes, length, &record, counts, MOST_SAMPLES))
    return RECORDINGS_BROKEN;
  int32_t index = ingest_inventory_find(r->inventory, &record.codes, &component);
  *channel = index < 0 ? NULL : channel_of(r, index, &record, &holds);
  if (!*channel)
    return RECORDINGS_NO_CHANNEL;
  if (!holds)
    return RECORDINGS_NO_EPOCH;
  ingest_unit unit = (*channel)->epoch.unit;
  if (unit != INGEST_UNIT_VELOCITY && unit != INGEST_UNIT_ACCELERATION)
    return RECORDINGS_NO_MOTION;
  recorded_sensor *sensor = &r->sensors[index];
  recorded_channel *c = &sensor->components[component];
  if (c->channel && (c->channel->epoch.gain != (*channel)->epoch.gain || fabs(c->rate - record.rate) > 1e-3 * c->rate))
    return RECORDINGS_TAKEN; /* what lies before a change of gain or rate says enough */
  c->channel = *channel;
  c->rate = record.rate;
  return place(sensor, c, &record, counts, (*channel)->epoch.gain) ? RECORDINGS_TAKEN : RECORDINGS_SHORT;
}

static bool make_room(recorded_channel *c, size_t needed)
{
  if (needed <= c->room)
    return true;
  size_t room = needed > 2 * c->room ? needed : 2 * c->room;
  float *grown = realloc(c->values, room * sizeof *grown);
  if (!grown)
    return false;
  c->values = grown;
  c->room = room;
  return true;
}

static bool place(recorded_sensor *sensor, recorded_channel *c, const ingest_record *record, const double *counts, double gain)
{
  if (sensor->start == 0)
    sensor->start = record->start;
  double at = round((double)(record->start - sensor->start) * 1e-9 * record->rate);
  if (at < 0 || at > LONGEST_S * record->rate)
    return true;
  size_t first = (size_t)at, end = first + (size_t)record->samples;
  if (!make_room(c, end))
    return false;
  for (size_t i = c->count; i < end; i++)
    c->values[i] = NAN;
  for (size_t i = first; i < end; i++)
    c->values[i] = (float)(counts[i - first] / gain);
  c->count = end > c->count ? end : c->count;
  return true;
}
