#include "pick_run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"

typedef struct {
  picker_settings settings;
  picker **pickers; /* one a sensor, made at its first samples */
  double *rates;    /* for which each was made */
  picker_sink sink;
  const picker_sink *told;
  pick_summary *summary;
  bool failed;
} run;

static const double nowhere_deg = 90; /* picks need no place */

static ingest_inventory *inventory_of_records(const archive *a)
{
  ingest_inventory *inventory = ingest_inventory_create();
  ingest_codes last = {0};
  for (size_t i = 0; inventory && i < archive_count(a); i++) {
    const ingest_record *record = &archive_at(a, i)->record;
    if (memcmp(&record->codes, &last, sizeof last) == 0)
      continue;
    last = record->codes;
    const ingest_epoch epoch = {
        .start = INT64_MIN, .end = INT64_MAX, .gain = 1, .rate = record->rate, .azimuth_deg = NAN, .dip_deg = NAN, .unit = INGEST_UNIT_VELOCITY};
    ingest_inventory_add_channel(inventory, &last, nowhere_deg, 0, 0, 0, &epoch);
  }
  if (inventory)
    ingest_inventory_seal(inventory, NULL, NULL);
  return inventory;
}

ingest_inventory *pick_inventory(const char *path, const archive *a)
{
  ingest_inventory *inventory = path ? files_inventory(path) : inventory_of_records(a);
  if (!inventory && !path)
    fputs("tocsin pick: memory is short\n", stderr);
  return inventory;
}

static void on_pick(void *user, const picker_pick *pick)
{
  const run *r = user;
  if (r->told->pick)
    r->told->pick(r->told->user, pick);
}

static void on_withdraw(void *user, const picker_withdraw *withdraw)
{
  const run *r = user;
  r->summary->withdrawn++;
  if (r->told->withdraw)
    r->told->withdraw(r->told->user, withdraw);
}

static void on_p_wave(void *user, const picker_p_wave *p_wave)
{
  const run *r = user;
  if (r->told->p_wave)
    r->told->p_wave(r->told->user, p_wave);
}

/* A picker made for a lower rate gives way to one that can take this. */
static picker *picker_for(run *r, const ingest_samples *samples)
{
  picker **p = &r->pickers[samples->sensor];
  if (*p && samples->rate <= r->rates[samples->sensor])
    return *p;
  picker *fresh = picker_create(&r->settings, samples->sensor, samples->rate);
  if (!fresh) {
    bool taken = samples->rate >= 20 && samples->rate <= 500;
    r->failed |= taken;
    r->summary->rejected[PICKER_PIECE] += !taken;
    return NULL;
  }
  if (*p)
    picker_succeed(fresh, *p);
  picker_destroy(*p);
  r->rates[samples->sensor] = samples->rate;
  return *p = fresh;
}

static void feed_samples(void *user, const ingest_samples *samples)
{
  run *r = user;
  picker *p = picker_for(r, samples);
  if (p)
    picker_feed(p, samples, &r->sink);
}

static void ignore_refusal(void *user, int32_t feed, bool waited, const ingest_codes *codes, ingest_refusal reason, const char *detail)
{
  (void)user, (void)feed, (void)waited, (void)codes, (void)reason, (void)detail;
}

static void ignore_status(void *user, const ingest_status *status)
{
  (void)user, (void)status;
}

/* So often what waits after a gap is looked after; else a sensor's components would come tens of seconds apart. */
static const int64_t tick = INGEST_SECOND / 5;

static void run_packets(const archive *a, ingest *in, run *r)
{
  const ingest_sink sink = {.samples = feed_samples, .status = ignore_status, .refused = ignore_refusal, .user = r};
  int64_t now = 0, advanced = INT64_MIN;
  for (size_t i = 0; i < archive_count(a); i++) {
    const archive_packet *packet = archive_at(a, i);
    now = packet->arrival;
    if (advanced == INT64_MIN || now - advanced >= tick) {
      ingest_advance(in, now, &sink);
      advanced = now;
    }
    ingest_packet(in, 0, packet->bytes, packet->length, now, &sink);
  }
  ingest_advance(in, now + 3600 * INGEST_SECOND, &sink);
}

static void sum_up(const run *r, const ingest *in, size_t sensors)
{
  pick_summary *sum = r->summary;
  for (size_t i = 0; i < sensors; i++) {
    uint64_t rejected[PICKER_REJECTIONS];
    if (!r->pickers[i])
      continue;
    picker_count(r->pickers[i], rejected);
    for (int reason = 0; reason < PICKER_REJECTIONS; reason++)
      sum->rejected[reason] += rejected[reason];
  }
  for (int reason = 0; reason < INGEST_REFUSALS; reason++)
    sum->refused[reason] = ingest_refused(in, (ingest_refusal)reason);
}

bool pick_run(const archive *a, const ingest_inventory *inventory, const settings *s, const picker_sink *sink, pick_summary *summary)
{
  size_t sensors = ingest_inventory_sensors(inventory);
  run r = {.settings = s->picker, .told = sink, .summary = summary, .sink = {.pick = on_pick, .withdraw = on_withdraw, .p_wave = on_p_wave}};
  r.sink.user = &r;
  r.settings.s_picks = true; /* the setting is the locator's choice */
  *summary = (pick_summary){0};
  r.pickers = calloc(sensors + 1, sizeof *r.pickers);
  r.rates = calloc(sensors + 1, sizeof *r.rates);
  ingest *in = ingest_create(&s->ingest, inventory);
  r.failed = !r.pickers || !r.rates || !in;
  if (!r.failed) {
    run_packets(a, in, &r);
    sum_up(&r, in, sensors);
  }
  for (size_t i = 0; r.pickers && i < sensors; i++)
    picker_destroy(r.pickers[i]);
  free(r.pickers);
  free(r.rates);
  ingest_destroy(in);
  return !r.failed;
}
