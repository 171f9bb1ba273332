#include "health.h"

#include <math.h>
#include <stdlib.h>

/* A time wheel: each sensor that can still get worse waits in the slot of the instant when it would, if nothing came. New data leave it there, as
   that instant only moves away: when it has come, the sensor is looked at and waits anew. */
enum { SLOTS = 512, MOST_LOOKS = 4096, NONE = -1 };
#define SLOT_NS INT64_C(100000000)

typedef struct {
  ingest_status status;
  int32_t next, previous; /* in its slot */
  int32_t slot;           /* NONE: waits in none */
} sensor_health;

struct health {
  int64_t late_after, dead_after;
  sensor_health *sensors;
  int32_t slots[SLOTS];
  int64_t turn; /* slots up to this one are done; INT64_MIN before the first packet */
};

static int64_t nanoseconds(double seconds)
{
  return llround(seconds * 1e9);
}

health *health_create(const ingest_settings *settings, size_t sensors)
{
  health *h = calloc(1, sizeof *h);
  if (!h)
    return NULL;
  h->sensors = calloc(sensors + 1, sizeof *h->sensors);
  if (!h->sensors) {
    free(h);
    return NULL;
  }
  h->late_after = nanoseconds(settings->late_after_s);
  h->dead_after = nanoseconds(settings->dead_after_s);
  h->turn = INT64_MIN;
  for (size_t i = 0; i < sensors; i++)
    h->sensors[i] = (sensor_health){.status = {.sensor = (int32_t)i, .state = INGEST_OFF, .path = {-1, -1, -1}}, .slot = NONE};
  for (size_t i = 0; i < SLOTS; i++)
    h->slots[i] = NONE;
  return h;
}

void health_destroy(health *h)
{
  if (!h)
    return;
  free(h->sensors);
  free(h);
}

static ingest_state state_at(const health *h, const ingest_status *status, int64_t now)
{
  if (status->data_until == 0)
    return INGEST_OFF;
  int64_t age = now - status->data_until;
  return age > h->dead_after ? INGEST_DEAD : age > h->late_after ? INGEST_LATE : INGEST_GOOD;
}

static int32_t slot_of(int64_t turn)
{
  return (int32_t)((uint64_t)turn % SLOTS);
}

static void leave_slot(health *h, sensor_health *s)
{
  if (s->slot == NONE)
    return;
  if (s->previous != NONE)
    h->sensors[s->previous].next = s->next;
  else
    h->slots[s->slot] = s->next;
  if (s->next != NONE)
    h->sensors[s->next].previous = s->previous;
  s->slot = NONE;
}

static void enter_slot(health *h, int32_t sensor)
{
  sensor_health *s = &h->sensors[sensor];
  if (s->status.state != INGEST_GOOD && s->status.state != INGEST_LATE)
    return;
  int64_t due = s->status.data_until + (s->status.state == INGEST_GOOD ? h->late_after : h->dead_after), turn = due / SLOT_NS + 1;
  if (turn <= h->turn)
    turn = h->turn + 1;
  else if (turn >= h->turn + SLOTS)
    turn = h->turn + SLOTS - 1;
  s->slot = slot_of(turn);
  s->previous = NONE;
  s->next = h->slots[s->slot];
  if (s->next != NONE)
    h->sensors[s->next].previous = sensor;
  h->slots[s->slot] = sensor;
}

void health_arrived(health *h, int32_t sensor, int64_t now)
{
  ingest_status *status = &h->sensors[sensor].status;
  if (h->turn == INT64_MIN)
    h->turn = now / SLOT_NS;
  status->packets++;
  status->arrived = now;
}

void health_data(health *h, int32_t sensor, int64_t data_until, int64_t now)
{
  sensor_health *s = &h->sensors[sensor];
  ingest_state before = s->status.state;
  s->status.data_until = data_until;
  s->status.state = state_at(h, &s->status, now);
  if (s->slot != NONE && s->status.state == before)
    return;
  leave_slot(h, s);
  enter_slot(h, sensor);
}

void health_count_gap(health *h, int32_t sensor)
{
  h->sensors[sensor].status.gaps++;
}

void health_count_discarded(health *h, int32_t sensor, size_t samples)
{
  h->sensors[sensor].status.discarded_samples += samples;
}

static bool look(health *h, int32_t sensor, int64_t now)
{
  sensor_health *s = &h->sensors[sensor];
  ingest_state before = s->status.state;
  s->status.state = state_at(h, &s->status, now);
  leave_slot(h, s);
  enter_slot(h, sensor);
  return s->status.state != before;
}

void health_advance(health *h, int64_t now, void (*changed)(void *user, const ingest_status *status), void *user)
{
  int64_t target = now / SLOT_NS;
  if (h->turn == INT64_MIN)
    return;
  if (target - h->turn > SLOTS)
    h->turn = target - SLOTS;
  for (int looks = 0; h->turn < target; h->turn++) {
    int32_t slot = slot_of(h->turn + 1);
    for (; h->slots[slot] != NONE; looks++) {
      if (looks == MOST_LOOKS)
        return;
      int32_t sensor = h->slots[slot];
      if (look(h, sensor, now))
        changed(user, &h->sensors[sensor].status);
    }
  }
}

const ingest_status *health_of(const health *h, int32_t sensor)
{
  return &h->sensors[sensor].status;
}
