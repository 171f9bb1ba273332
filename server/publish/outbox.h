/* outbox.h: the bounded queue of messages between the engine and Redis.
 *
 * Messages leave in the order in which they came in, and stay until their delivery is known, so that after a break all that is in doubt can be
 * sent again. When the box is full, what a siren can do without goes first: the oldest of the least lane that holds any. All memory is taken
 * at creation.
 */
#ifndef TOCSIN_OUTBOX_H
#define TOCSIN_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine.h"

/* From the first to be dropped to the last. */
typedef enum {
  OUTBOX_ROUTINE, /* picks, stations, intensities, heartbeats */
  OUTBOX_EVENT,
  OUTBOX_ALERT, /* alerts and reports */
  OUTBOX_LANES
} outbox_lane;

outbox_lane outbox_lane_of(engine_channel channel);

enum { OUTBOX_TARGET_TEXT = 32 };

typedef struct {
  uint64_t sequence; /* given by outbox_put(), from 1 */
  engine_channel channel;
  char target[OUTBOX_TARGET_TEXT]; /* "" unless ENGINE_ALERT_TARGET */
  int64_t expires_at, sample_time, arrival;
  int64_t received, queued; /* monotonic; received 0: unknown */
  const char *json;         /* in the box, valid until the next outbox_put(), _acknowledge() or _trim() */
  size_t length;
} outbox_entry;

typedef struct outbox outbox;

/* At most `messages` in all, and `lane_bytes` of them in each lane. NULL if memory is short. */
outbox *outbox_create(size_t messages, size_t lane_bytes);
void outbox_destroy(outbox *o);

/* Takes a copy of the entry and its json, dropping what must go to make room. False if the entry itself was what had to go. */
bool outbox_put(outbox *o, const outbox_entry *entry);

/* The oldest message not yet sent, NULL if there is none. */
const outbox_entry *outbox_next(const outbox *o);
/* That one is on its way. */
void outbox_sent(outbox *o);
/* It arrived: forget it. Sequences come in the order of sending; unknown ones (dropped meanwhile) are ignored. */
void outbox_acknowledge(outbox *o, uint64_t sequence);
/* The link broke: all that is on its way is unsent again. */
void outbox_rewind(outbox *o);

/* Forgets unsent messages queued before that monotonic instant (the leader has said them). Returns how many. */
size_t outbox_trim(outbox *o, int64_t queued_before);

size_t outbox_count(const outbox *o);
/* Dropped so far for want of room, by lane. */
uint64_t outbox_dropped(const outbox *o, outbox_lane lane);

#endif
