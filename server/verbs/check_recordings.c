#include "check_recordings.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "archive.h"
#include "check_noise.h"
#include "check_particle_motion.h"

enum { MOST_REMARKS = 1000 };

typedef enum { NO_CHANNEL, NO_EPOCH, OTHER_RATE } remark_kind;

/* One thing to say of one channel, however many of its records it holds for. */
typedef struct {
  remark_kind kind;
  ingest_codes codes;
  const ingest_channel *channel; /* NULL: none */
  int64_t first;
  double rate;
  uint64_t records;
} remark;

typedef struct {
  const inventory_check *check;
  recordings recordings;
  remark remarks[MOST_REMARKS];
  size_t count;
  uint64_t undecodable, untold;
  bool short_of_memory;
} reading;

static void take(reading *r, const archive_packet *packet);
static void tell_remark(const inventory_check *c, const remark *m);
static void check_presence(const inventory_check *c, const recordings *r);

void check_recordings(const inventory_check *c, char *const *paths, size_t count)
{
  static reading r;
  r = (reading){.check = c};
  archive *a = archive_open(paths, count, &(archive_options){0});
  if (!a || !recordings_begin(&r.recordings, c->inventory)) {
    tell(c->f, FAULT, "recordings", "%s", a ? "memory is short" : "a file cannot be read: see the line on stderr");
    archive_close(a);
    return;
  }
  for (size_t i = 0; i < archive_count(a) && !r.short_of_memory; i++)
    take(&r, archive_at(a, i));
  if (r.short_of_memory)
    tell(c->f, FAULT, "recordings", "memory is short: only what begins first was read; give fewer files");
  for (size_t i = 0; i < r.count; i++)
    tell_remark(c, &r.remarks[i]);
  if (r.untold)
    tell(c->f, NOTE, "recordings", "%" PRIu64 " more records like these", r.untold);
  if (r.undecodable)
    tell(c->f, NOTE, "recordings", "%" PRIu64 " records cannot be decoded; `tocsin scan --samples` names them", r.undecodable);
  check_presence(c, &r.recordings);
  check_noise(c, &r.recordings);
  check_particle_motion(c, &r.recordings);
  tell(c->f, archive_count(a) ? OK : FAULT, "recordings", "%zu records in %zu files held against the inventory", archive_count(a), count);
  recordings_release(&r.recordings);
  archive_close(a);
}

static void note(reading *r, remark_kind kind, const archive_packet *packet, const ingest_channel *channel)
{
  size_t i = 0;
  while (i < r->count && (r->remarks[i].kind != kind || memcmp(&r->remarks[i].codes, &packet->record.codes, sizeof(ingest_codes)) != 0))
    i++;
  if (i == MOST_REMARKS) {
    r->untold++;
    return;
  }
  if (i == r->count)
    r->remarks[r->count++] = (remark){kind, packet->record.codes, channel, packet->record.start, packet->record.rate, 0};
  r->remarks[i].records++;
}

static void take(reading *r, const archive_packet *packet)
{
  const ingest_channel *channel;
  recordings_result result = recordings_add(&r->recordings, packet->bytes, packet->length, &channel);
  r->undecodable += result == RECORDINGS_BROKEN;
  r->short_of_memory = result == RECORDINGS_SHORT;
  if (result == RECORDINGS_NO_CHANNEL)
    note(r, NO_CHANNEL, packet, NULL);
  else if (result == RECORDINGS_NO_EPOCH)
    note(r, NO_EPOCH, packet, channel);
  else if (channel && channel->epoch.rate > 0 && fabs(packet->record.rate - channel->epoch.rate) > 1e-3 * channel->epoch.rate)
    note(r, OTHER_RATE, packet, channel);
}

/* It may stand there with a unit that is none of ground motion, which is a fault already, or none at all. */
static bool is_known(const ingest_inventory *inventory, const ingest_codes *codes)
{
  for (size_t i = 0; i < ingest_inventory_channels(inventory); i++) {
    const ingest_codes *known = &ingest_inventory_channel(inventory, i)->codes;
    if (strcmp(known->network, codes->network) == 0 && strcmp(known->station, codes->station) == 0 && strcmp(known->location, codes->location) == 0 &&
        strcmp(known->channel, codes->channel) == 0)
      return true;
  }
  return false;
}

static void tell_remark(const inventory_check *c, const remark *m)
{
  char codes[INGEST_CODES_TEXT], time[INGEST_TIME_TEXT];
  ingest_time_format(m->first, time);
  if (m->kind == NO_CHANNEL && !is_known(c->inventory, &m->codes))
    tell(c->f, FAULT, "recordings", "%s: %" PRIu64 " records from %s on, and the inventory lacks it: they are refused; add its StationXML",
         ingest_codes_format(&m->codes, codes), m->records, time);
  else if (m->kind == NO_EPOCH)
    inventory_tell(c, FAULT, m->channel,
                   "%" PRIu64 " records, the first of %s, lie in none of its epochs: they are refused; fetch its StationXML of that time", m->records,
                   time);
  else if (m->kind == OTHER_RATE)
    inventory_tell(c, FAULT, m->channel, "its SampleRate is %g, and its data have %g samples/s; correct it", m->channel->epoch.rate, m->rate);
}

/* ---- what did not come, or does not move ---- */

static const ingest_channel *channel_without_data(const recordings *r, size_t sensor, int component, int64_t time)
{
  for (size_t i = r->first_channels[sensor]; i < ingest_inventory_channels(r->inventory); i++) {
    const ingest_channel *channel = ingest_inventory_channel(r->inventory, i);
    if (channel->sensor != (int32_t)sensor)
      return NULL;
    if (channel->component == component && channel->epoch.start <= time && time < channel->epoch.end)
      return channel;
  }
  return NULL;
}

static bool is_flat(const recorded_channel *recorded)
{
  float first = NAN;
  for (size_t i = 0; i < recorded->count; i++) {
    if (isnan(first))
      first = recorded->values[i];
    else if (recorded->values[i] < first || recorded->values[i] > first)
      return false;
  }
  return true;
}

static void check_presence(const inventory_check *c, const recordings *r)
{
  for (size_t i = 0; i < r->count; i++) {
    const recorded_sensor *sensor = &r->sensors[i];
    for (int k = 0; k < INGEST_COMPONENTS && sensor->start != 0; k++) {
      const recorded_channel *recorded = &sensor->components[k];
      const ingest_channel *missing = recorded->channel ? NULL : channel_without_data(r, i, k, sensor->start);
      if (missing)
        inventory_tell(c, NOTE, missing, "the recordings hold nothing of it, but other channels of its sensor; look at its cable and at the feed");
      if (recorded->channel && recorded->count > 1 && is_flat(recorded))
        inventory_tell(c, FAULT, recorded->channel, "all its %zu samples are the same: it is dead; look at its cable", recorded->count);
    }
  }
}
