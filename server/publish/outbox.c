#include "outbox.h"

#include <stdlib.h>
#include <string.h>

/* One first-in first-out ring of entries over one ring of bytes. Since each lane drops only at its head, neither ring ever has a hole. */
struct lane {
  outbox_entry *entries; /* of `messages` places */
  char *bytes;
  size_t head, count; /* of entries */
  size_t sent;        /* the first so many of them are on their way */
  uint64_t dropped;
};

struct outbox {
  size_t messages, lane_bytes;
  uint64_t last_sequence;
  struct lane lanes[OUTBOX_LANES];
};

outbox_lane outbox_lane_of(engine_channel channel)
{
  switch (channel) {
  case ENGINE_ALERT:
  case ENGINE_ALERT_TARGET:
  case ENGINE_REPORT:
    return OUTBOX_ALERT;
  case ENGINE_EVENT:
    return OUTBOX_EVENT;
  default:
    return OUTBOX_ROUTINE;
  }
}

outbox *outbox_create(size_t messages, size_t lane_bytes)
{
  outbox *o = calloc(1, sizeof *o);
  if (!o)
    return NULL;
  o->messages = messages ? messages : 1;
  o->lane_bytes = lane_bytes;
  for (int i = 0; i < OUTBOX_LANES; i++) {
    o->lanes[i].entries = calloc(o->messages, sizeof(outbox_entry));
    o->lanes[i].bytes = malloc(lane_bytes);
    if (!o->lanes[i].entries || !o->lanes[i].bytes) {
      outbox_destroy(o);
      return NULL;
    }
  }
  return o;
}

void outbox_destroy(outbox *o)
{
  if (!o)
    return;
  for (int i = 0; i < OUTBOX_LANES; i++) {
    free(o->lanes[i].entries);
    free(o->lanes[i].bytes);
  }
  free(o);
}

static outbox_entry *at(const outbox *o, const struct lane *l, size_t index)
{
  return &l->entries[(l->head + index) % o->messages];
}

static void pop(const outbox *o, struct lane *l)
{
  l->head = (l->head + 1) % o->messages;
  l->count--;
  if (l->sent > 0)
    l->sent--;
}

static void drop(const outbox *o, struct lane *l)
{
  pop(o, l);
  l->dropped++;
}

/* Room for `length` bytes in one piece, NULL if there is none before the head moves on. */
static char *find_room(const outbox *o, const struct lane *l, size_t length)
{
  if (l->count == 0)
    return length <= o->lane_bytes ? l->bytes : NULL;
  const outbox_entry *first = at(o, l, 0), *last = at(o, l, l->count - 1);
  size_t begin = (size_t)(first->json - l->bytes), end = (size_t)(last->json - l->bytes) + last->length;
  if (last->json < first->json) /* the bytes have wrapped: free is what lies between */
    return begin - end >= length ? l->bytes + end : NULL;
  if (o->lane_bytes - end >= length)
    return l->bytes + end;
  return begin >= length ? l->bytes : NULL;
}

size_t outbox_count(const outbox *o)
{
  size_t count = 0;
  for (int i = 0; i < OUTBOX_LANES; i++)
    count += o->lanes[i].count;
  return count;
}

/* Makes place for one more entry in `lane`: false if every message that waits is worth more. */
static bool make_place(outbox *o, outbox_lane lane)
{
  if (outbox_count(o) < o->messages)
    return true;
  for (int i = 0; i <= (int)lane; i++)
    if (o->lanes[i].count > 0) {
      drop(o, &o->lanes[i]);
      return true;
    }
  return false;
}

bool outbox_put(outbox *o, const outbox_entry *entry)
{
  outbox_lane lane = outbox_lane_of(entry->channel);
  struct lane *l = &o->lanes[lane];
  if (entry->length == 0 || entry->length > o->lane_bytes || !make_place(o, lane)) {
    l->dropped++;
    return false;
  }
  char *room;
  while (!(room = find_room(o, l, entry->length)))
    drop(o, l);
  memcpy(room, entry->json, entry->length);
  outbox_entry *place = at(o, l, l->count++);
  *place = *entry;
  place->json = room;
  place->sequence = ++o->last_sequence;
  return true;
}

/* The lane whose first unsent message is the oldest, NULL if all is sent. */
static struct lane *oldest_lane(const outbox *o)
{
  const struct lane *found = NULL;
  for (int i = 0; i < OUTBOX_LANES; i++) {
    const struct lane *l = &o->lanes[i];
    if (l->sent < l->count && (!found || at(o, l, l->sent)->sequence < at(o, found, found->sent)->sequence))
      found = l;
  }
  return (struct lane *)found;
}

const outbox_entry *outbox_next(const outbox *o)
{
  const struct lane *l = oldest_lane(o);
  return l ? at(o, l, l->sent) : NULL;
}

void outbox_sent(outbox *o)
{
  struct lane *l = oldest_lane(o);
  if (l)
    l->sent++;
}

void outbox_acknowledge(outbox *o, uint64_t sequence)
{
  for (int i = 0; i < OUTBOX_LANES; i++) {
    struct lane *l = &o->lanes[i];
    if (l->count > 0 && at(o, l, 0)->sequence == sequence) {
      pop(o, l);
      return;
    }
  }
}

void outbox_rewind(outbox *o)
{
  for (int i = 0; i < OUTBOX_LANES; i++)
    o->lanes[i].sent = 0;
}

size_t outbox_trim(outbox *o, int64_t queued_before)
{
  size_t trimmed = 0;
  for (int i = 0; i < OUTBOX_LANES; i++) {
    struct lane *l = &o->lanes[i];
    while (l->count > 0 && l->sent == 0 && at(o, l, 0)->queued < queued_before) {
      pop(o, l);
      trimmed++;
    }
  }
  return trimmed;
}

uint64_t outbox_dropped(const outbox *o, outbox_lane lane)
{
  return o->lanes[lane].dropped;
}
