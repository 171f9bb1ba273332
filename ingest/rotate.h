/* rotate.h: the channels of sensors that stand turned or tilted become up, north and east, sample by sample; for this folder's own use.
 *
 * Channels wait for each other here, and nowhere else: up to rotate_patience_s of data, then what there is goes without the one that lags, until it
 * is back. Any interleaving of the channels' pieces within that gives the same samples.
 */
#ifndef TOCSIN_INGEST_ROTATE_H
#define TOCSIN_INGEST_ROTATE_H

#include "orientation.h"

/* A long archived record of one channel is over before the next channel's begins to arrive; a tilted vertical that can go alone waits for less. */
static const double rotate_patience_s = 64, rotate_vertical_patience_s = 10;

typedef struct rotate rotate;

typedef struct {
  void (*piece)(void *user, const ingest_samples *samples);
  void (*lost)(void *user, int32_t sensor, int component, size_t samples); /* of a channel: came, and cannot be turned */
  void *user;
} rotate_sink;

/* NULL if memory is short. About 120 bytes a sensor, and 110 KB one that stands turned (at 100 samples/s). */
rotate *rotate_create(const ingest_inventory *inventory);
void rotate_destroy(rotate *r);
/* Another inventory, in which the sensors keep their indices. False, and all as before, if memory is short. */
bool rotate_adopt(rotate *r, const ingest_inventory *inventory);

/* How the sensor stands in data of `time`. */
const orientation *rotate_orientation(rotate *r, int32_t sensor, int64_t time);

/* A piece of a channel that some output mixes with others, as the channel points: what has become complete comes out. Never allocates. */
void rotate_feed(rotate *r, const orientation *o, const ingest_samples *samples, const rotate_sink *sink);

#endif
