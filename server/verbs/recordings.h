/* recordings.h: what the sensors of an inventory recorded, channel by channel, as their epochs scale it: not turned, not filtered, gaps left open. */
#ifndef TOCSIN_RECORDINGS_H
#define TOCSIN_RECORDINGS_H

#include <stdbool.h>

#include "ingest.h"

/* Of one component, on the grid of its sensor. */
typedef struct {
  const ingest_channel *channel; /* whose samples these are; NULL: there are none */
  double rate;
  float *values; /* ground motion in the channel's own unit; NAN where nothing came */
  size_t count, room;
} recorded_channel;

/* Sample i of each component is of start + i / rate. */
typedef struct {
  int64_t start;
  recorded_channel components[INGEST_COMPONENTS];
} recorded_sensor;

typedef struct {
  const ingest_inventory *inventory;
  recorded_sensor *sensors; /* by the inventory's index */
  size_t count;
  size_t *first_channels; /* of each sensor in the inventory's list */
} recordings;

/* False if memory is short. */
bool recordings_begin(recordings *r, const ingest_inventory *inventory);
void recordings_release(recordings *r);

typedef enum {
  RECORDINGS_TAKEN,
  RECORDINGS_NO_CHANNEL,
  RECORDINGS_NO_EPOCH,
  RECORDINGS_NO_MOTION,
  RECORDINGS_BROKEN,
  RECORDINGS_SHORT
} recordings_result;

/* One record; those of a sensor in the order of time. What lies more than six hours after the sensor's first sample is left out. `channel`: that of
   its time, or else the latest of these codes, NULL if there is none. SHORT: memory is. */
recordings_result recordings_add(recordings *r, const uint8_t *bytes, size_t length, const ingest_channel **channel);

#endif
