#include "health.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clock_health.h"
#include "quality.h"
#include "wheel.h"

enum { MOST_LOOKS = 4096, FEED_RECORDS = 64 };

#define BIT(fault) (UINT32_C(1) << INGEST_FAULT_##fault)
/* What makes each state; a fault in none of them is only told. */
static const uint32_t makes[INGEST_STATES] = {
    [INGEST_LATE] = BIT(LATE) | BIT(OLD),
    [INGEST_NOISY] = BIT(LOUD) | BIT(DEAF) | BIT(SPIKY) | BIT(STUCK_BIT),
    [INGEST_DEAD] = BIT(SILENT) | BIT(FLAT),
    [INGEST_CLOCK] = BIT(FUTURE) | BIT(DOUBTFUL) | BIT(UNLOCKED) | BIT(TIMING),
    [INGEST_OFF] = BIT(UNSEEN),
};
static const double gap_window_s = 600, late_ends = 0.7, fault_ends = 0.5;

const char *const ingest_fault_texts[INGEST_FAULTS] = {
    [INGEST_FAULT_UNSEEN] = "never seen: see that the station is on, and that a feed delivers it under this name",
    [INGEST_FAULT_SILENT] = "no data any more: see power, link and feed of the station",
    [INGEST_FAULT_LATE] = "data late: see the link's load and the packets' length",
    [INGEST_FAULT_OLD] = "packets come, but of the past: a backlog is being sent, or the station's clock is slow",
    [INGEST_FAULT_FUTURE] = "packets end in the future and are refused: set the station's clock",
    [INGEST_FAULT_DOUBTFUL] = "the digitiser calls its time doubtful: see its clock's antenna",
    [INGEST_FAULT_UNLOCKED] = "the clock lost its reference too long ago: see its antenna and receiver",
    [INGEST_FAULT_TIMING] = "timing quality is low: see the clock's antenna and receiver",
    [INGEST_FAULT_FLAT] = "a component does not move: see sensor, cable and digitiser",
    [INGEST_FAULT_LOUD] = "noise far above the usual for long: see what runs near the station, its ground and its mains",
    [INGEST_FAULT_DEAF] = "noise far below the usual for long: see sensor and cable, and that the gain is still that of the inventory",
    [INGEST_FAULT_SPIKY] = "spikes: see cable, connectors and power",
    [INGEST_FAULT_STUCK_BIT] = "a bit of the digitiser does not move: replace it",
    [INGEST_FAULT_CLIPPED] = "clipped: amplitudes are lower bounds",
    [INGEST_FAULT_OFFSET] = "mean far from zero: centre or level the sensor",
    [INGEST_FAULT_DRIFT] = "the mean drifts: see the sensor's seat, temperature and mass position",
    [INGEST_FAULT_GAPS] = "many gaps: see the link",
    [INGEST_FAULT_SLOW_FEED] = "packets take long to arrive: see the link, and shorten the packets",
};

typedef struct {
  ingest_status status;
  quality components[INGEST_COMPONENTS];
  clock_health clock;
  uint32_t clock_faults;
} sensor_health;

/* Each sensor that can still get worse waits on the wheel for the instant when it would, if nothing came. New data leave it there, as that instant
   only moves away: when it has come, the sensor is looked at and waits anew. */
struct health {
  const ingest_settings *settings;
  int64_t late_after, dead_after;
  sensor_health *sensors;
  size_t count;
  wheel *wheel;
};

static void judge(health *h, sensor_health *s, int64_t now);
static void wait_for_worse(health *h, const sensor_health *s);

health *health_create(const ingest_settings *settings, size_t sensors)
{
  health *h = calloc(1, sizeof *h);
  if (!h)
    return NULL;
  h->settings = settings;
  h->wheel = wheel_create(0);
  if (!h->wheel || !health_grow(h, sensors)) {
    health_destroy(h);
    return NULL;
  }
  h->late_after = llround(settings->late_after_s * 1e9);
  h->dead_after = llround(settings->dead_after_s * 1e9);
  return h;
}

bool health_grow(health *h, size_t sensors)
{
  if (h->sensors && sensors <= h->count)
    return true;
  sensor_health *more = realloc(h->sensors, (sensors + 1) * sizeof *more);
  if (!more)
    return false;
  h->sensors = more;
  if (!wheel_grow(h->wheel, h->count, sensors))
    return false;
  for (; h->count < sensors; h->count++) {
    memset(&more[h->count], 0, sizeof *more);
    more[h->count].status = (ingest_status){
        .sensor = (int32_t)h->count, .state = INGEST_OFF, .faults = BIT(UNSEEN), .path = {-1, -1, -1}, .feed_latency_s = NAN, .timing_quality = -1};
  }
  return true;
}

void health_destroy(health *h)
{
  if (!h)
    return;
  free(h->sensors);
  wheel_destroy(h->wheel);
  free(h);
}

/* ---- what comes ---- */

static void note_gaps(ingest_status *status, int64_t now)
{
  double passed = status->arrived == 0 ? 0 : (double)(now - status->arrived) / (gap_window_s * 1e9);
  status->gaps_hour = passed >= 1 ? 0 : (float)((double)status->gaps_hour * (1 - passed));
}

static void note_latency(ingest_status *status, const ingest_record *record, int64_t now)
{
  float latency = (float)((double)(now - ingest_record_last(record)) / 1e9);
  if (isnan(status->feed_latency_s))
    status->feed_latency_s = latency;
  status->feed_latency_s += (latency - status->feed_latency_s) / FEED_RECORDS;
}

void health_record(health *h, int32_t sensor, const ingest_record *record, bool future, int64_t now)
{
  sensor_health *s = &h->sensors[sensor];
  ingest_status *status = &s->status;
  wheel_begin(h->wheel, now);
  note_gaps(status, now);
  if (!future)
    note_latency(status, record, now);
  status->packets++;
  status->arrived = now;
  status->clock_locked = record->clock_locked;
  if (record->timing_quality >= 0)
    status->timing_quality = record->timing_quality;
  s->clock_faults = clock_health_take(&s->clock, h->settings, record, future, now);
  judge(h, s, now);
}

void health_samples(health *h, const ingest_samples *samples, const int32_t *counts, int64_t now)
{
  sensor_health *s = &h->sensors[samples->sensor];
  quality *q = &s->components[samples->component];
  uint32_t before = q->faults;
  quality_feed(q, h->settings, samples, counts);
  if (q->faults != before)
    judge(h, s, now);
}

void health_data(health *h, int32_t sensor, int64_t data_until, int64_t now)
{
  sensor_health *s = &h->sensors[sensor];
  s->status.data_until = data_until;
  judge(h, s, now);
}

void health_set_path(health *h, int32_t sensor, ingest_path path)
{
  h->sensors[sensor].status.path = path;
}

void health_count_gap(health *h, int32_t sensor)
{
  ingest_status *status = &h->sensors[sensor].status;
  status->gaps++;
  status->gaps_hour += (float)(3600 / gap_window_s);
}

void health_count_discarded(health *h, int32_t sensor, size_t samples)
{
  h->sensors[sensor].status.discarded_samples += samples;
}

/* ---- what it makes of a sensor ---- */

/* A fault that is there ends only well below where it began; a limit of 0 is never reached. */
static uint32_t above(uint32_t before, uint32_t fault, double value, double limit)
{
  return limit > 0 && value > (before & fault ? fault_ends * limit : limit) ? fault : 0;
}

static uint32_t faults_of_age(const health *h, const ingest_status *status, int64_t now)
{
  if (status->data_until == 0)
    return BIT(UNSEEN);
  int64_t age = now - status->data_until;
  bool was_late = status->faults & (BIT(LATE) | BIT(OLD) | BIT(SILENT)),
       late = age > (was_late ? (int64_t)(late_ends * (double)h->late_after) : h->late_after);
  if (age <= h->dead_after)
    return late ? BIT(LATE) : 0;
  return now - status->arrived > h->late_after ? BIT(SILENT) : BIT(LATE) | BIT(OLD);
}

static uint32_t faults_of_feed(const health *h, const ingest_status *status)
{
  return above(status->faults, BIT(GAPS), (double)status->gaps_hour / 60, h->settings->gaps_minute) |
         above(status->faults, BIT(SLOW_FEED), (double)status->feed_latency_s, h->settings->feed_late_s);
}

static uint32_t faults_of_samples(const sensor_health *s)
{
  uint32_t faults = 0;
  for (int component = 0; component < INGEST_COMPONENTS; component++)
    faults |= s->components[component].faults;
  return faults;
}

/* The vertical is what P is picked on; without one, any other. */
static bool is_flat(const sensor_health *s)
{
  const quality *vertical = &s->components[INGEST_VERTICAL];
  return (vertical->rate > 0 ? vertical->faults : faults_of_samples(s)) & BIT(FLAT);
}

/* Times in the future first, for such samples never come in; then what does not come; then what comes and cannot be believed. */
static ingest_state state_of(const sensor_health *s, uint32_t faults)
{
  if (faults & BIT(FUTURE))
    return INGEST_CLOCK;
  if (faults & (BIT(UNSEEN) | BIT(SILENT)))
    return faults & BIT(UNSEEN) ? INGEST_OFF : INGEST_DEAD;
  if (faults & makes[INGEST_LATE])
    return INGEST_LATE;
  if (faults & makes[INGEST_CLOCK])
    return INGEST_CLOCK;
  return is_flat(s) ? INGEST_DEAD : faults & makes[INGEST_NOISY] ? INGEST_NOISY : INGEST_GOOD;
}

ingest_fault_kind ingest_fault_of(const ingest_status *status)
{
  uint32_t found = status->faults & makes[status->state];
  ingest_fault_kind fault = 0;
  while (fault < INGEST_FAULTS && !(found >> fault & 1))
    fault++;
  return fault;
}

static void judge(health *h, sensor_health *s, int64_t now)
{
  ingest_status *status = &s->status;
  ingest_state before = status->state;
  status->faults = faults_of_age(h, status, now) | faults_of_feed(h, status) | faults_of_samples(s) | s->clock_faults;
  status->state = state_of(s, status->faults);
  if (status->state != before || !wheel_has(h->wheel, status->sensor))
    wait_for_worse(h, s);
}

static void wait_for_worse(health *h, const sensor_health *s)
{
  const ingest_status *status = &s->status;
  wheel_leave(h->wheel, status->sensor);
  if (status->faults & (BIT(UNSEEN) | BIT(SILENT)))
    return;
  int64_t dead = status->data_until + h->dead_after, silent = status->arrived + h->late_after;
  wheel_wait(h->wheel, status->sensor, !(status->faults & BIT(LATE)) ? status->data_until + h->late_after : dead > silent ? dead : silent);
}

void health_advance(health *h, int64_t now, void (*changed)(void *user, const ingest_status *status), void *user)
{
  for (int looks = 0; looks < MOST_LOOKS; looks++) {
    int32_t sensor = wheel_take(h->wheel, now);
    if (sensor < 0)
      return;
    sensor_health *s = &h->sensors[sensor];
    ingest_state before = s->status.state;
    judge(h, s, now);
    if (s->status.state != before)
      changed(user, &s->status);
  }
}

const ingest_status *health_of(const health *h, int32_t sensor)
{
  return &h->sensors[sensor].status;
}

void health_quality(const health *h, int32_t sensor, int component, ingest_quality *told)
{
  quality_tell(&h->sensors[sensor].components[component], told);
}
