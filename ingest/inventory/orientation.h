/* orientation.h: which way the channels of a sensor point, and what makes up, north and east of them, for this folder's own use. */
#ifndef TOCSIN_INGEST_ORIENTATION_H
#define TOCSIN_INGEST_ORIENTATION_H

#include "ingest.h"

/* Up, north and east as sums of what the sensor's three channels measure. A channel that goes alone is turned by its sign before it is mixed. */
typedef struct {
  uint8_t needs[INGEST_COMPONENTS]; /* of each output: bits of the channels that it is made of; 0: they do not say how they point */
  bool vertical_alone;              /* a tilted vertical is near enough to upright to go without the others */
  double weights[INGEST_COMPONENTS][INGEST_COMPONENTS]; /* output, channel */
} orientation;

/* Of data of `time`; it holds for data of [*from, *until).
 *
 * Azimuth and dip are believed where the channels are at right angles within 10 degrees; where they are not, letters are, and an azimuth or dip tells
 * a sign at most. A horizontal within 1 degree of its axis and a vertical within 5 (a vertical that waits for the others costs warning time) are
 * taken as they are, by their sign alone. */
void orientation_of(const ingest_inventory *inventory, int32_t sensor, int64_t time, orientation *o, int64_t *from, int64_t *until);

/* Does this output need other channels than its own? */
static inline bool orientation_mixes(const orientation *o, int component)
{
  return (o->needs[component] & ~(1U << component)) != 0;
}

/* Is this channel mixed into the output of another? */
static inline bool orientation_feeds(const orientation *o, int channel)
{
  for (int c = 0; c < INGEST_COMPONENTS; c++)
    if (orientation_mixes(o, c) && o->needs[c] >> channel & 1)
      return true;
  return false;
}

bool orientation_is_same(const orientation *a, const orientation *b);

/* Has the sensor, at any time, an output that needs others? */
bool orientation_ever_mixes(const ingest_inventory *inventory, int32_t sensor);

#endif
