#include "magnitude_listen.h"

#include <math.h>
#include <stdlib.h>

/* A pick belongs to the earthquake if it is no further from the predicted P than this and a share of its travel time: models differ. */
static const double pick_within_s = 2, pick_within_share = 0.05;

typedef struct {
  picker *picker;
  double p_s, s_s; /* predicted, after the origin time */
  uint64_t pick;   /* 0: none yet */
  int64_t picked, data_until;
  magnitude_observation seen;
} ear;

struct magnitude_listener {
  const settings *settings;
  const solution *event;
  ingest *ingest;
  size_t count;
  ear *ears;
};

static void predict(magnitude_listener *l, const ingest_inventory *inventory, const locator_travel_times *tables)
{
  for (size_t i = 0; i < l->count; i++) {
    const ingest_sensor *sensor = ingest_inventory_sensor(inventory, i);
    double km = locator_distance_km(l->event->latitude_deg, l->event->longitude_deg, sensor->latitude_deg, sensor->longitude_deg, NULL);
    ear *e = &l->ears[i];
    e->p_s = locator_travel_time(tables, 'P', km, l->event->depth_km);
    e->s_s = locator_travel_time(tables, 'S', km, l->event->depth_km);
    e->seen = (magnitude_observation){.epicentral_km = km, .depth_km = l->event->depth_km, .s_minus_p_s = e->s_s - e->p_s};
  }
}

magnitude_listener *magnitude_listener_create(const settings *s, const ingest_inventory *inventory, const locator_travel_times *tables,
                                              const solution *event)
{
  magnitude_listener *l = calloc(1, sizeof *l);
  if (!l)
    return NULL;
  *l = (magnitude_listener){.settings = s, .event = event, .ingest = ingest_create(&s->ingest, inventory)};
  l->count = ingest_inventory_sensors(inventory);
  l->ears = calloc(l->count + 1, sizeof *l->ears);
  if (l->ingest && l->ears) {
    predict(l, inventory, tables);
    return l;
  }
  magnitude_listener_destroy(l);
  return NULL;
}

void magnitude_listener_destroy(magnitude_listener *l)
{
  if (!l)
    return;
  for (size_t i = 0; l->ears && i < l->count; i++)
    picker_destroy(l->ears[i].picker);
  free(l->ears);
  ingest_destroy(l->ingest);
  free(l);
}

static void on_pick(void *user, const picker_pick *pick)
{
  magnitude_listener *l = user;
  ear *e = &l->ears[pick->sensor];
  double off_s = (double)(pick->time - l->event->origin_time) / 1e9 - e->p_s;
  if (pick->phase != 'P' || e->pick || fabs(off_s) > pick_within_s + pick_within_share * e->p_s)
    return;
  e->pick = pick->id;
  e->picked = pick->time;
}

static void on_withdraw(void *user, const picker_withdraw *withdraw)
{
  ear *e = &((magnitude_listener *)user)->ears[withdraw->sensor];
  if (e->pick == withdraw->pick)
    e->pick = 0;
}

static void on_p_wave(void *user, const picker_p_wave *w)
{
  ear *e = &((magnitude_listener *)user)->ears[w->sensor];
  if (w->pick != e->pick || (double)w->window_s > e->seen.s_minus_p_s)
    return;
  magnitude_window window = magnitude_window_of(w);
  magnitude_take_window(&e->seen, &window);
}

static void take_motion(ear *e)
{
  picker_motion motion;
  if (!picker_motion_take(e->picker, &motion) || !e->pick || motion.until < e->picked)
    return;
  e->seen.jma_pgd_m = fmaxf(e->seen.jma_pgd_m, motion.jma_pgd_m);
  e->seen.wood_anderson_mm = fmaxf(e->seen.wood_anderson_mm, motion.wood_anderson_mm);
  e->seen.clipped |= motion.clipped;
}

static void on_samples(void *user, const ingest_samples *samples)
{
  magnitude_listener *l = user;
  const picker_sink sink = {on_pick, on_withdraw, on_p_wave, .user = l};
  ear *e = &l->ears[samples->sensor];
  if (!e->picker)
    e->picker = picker_create(&l->settings->picker, samples->sensor, samples->rate);
  if (!e->picker)
    return;
  picker_feed(e->picker, samples, &sink);
  take_motion(e);
}

static void on_status(void *user, const ingest_status *status)
{
  ((magnitude_listener *)user)->ears[status->sensor].data_until = status->data_until;
}

static void on_refused(void *user, int32_t feed, bool waited, const ingest_codes *codes, ingest_refusal reason, const char *detail)
{
  (void)user, (void)feed, (void)waited, (void)codes, (void)reason, (void)detail;
}

size_t magnitude_listen(magnitude_listener *l, const archive *a, size_t from, int64_t until)
{
  const ingest_sink sink = {.samples = on_samples, .status = on_status, .refused = on_refused, .user = l};
  for (; from < archive_count(a) && archive_at(a, from)->arrival <= until; from++) {
    const archive_packet *packet = archive_at(a, from);
    ingest_packet(l->ingest, 0, packet->bytes, packet->length, packet->arrival, &sink);
  }
  ingest_advance(l->ingest, until, &sink);
  return from;
}

bool magnitude_heard(const magnitude_listener *l, size_t sensor, int64_t until, magnitude_observation *seen)
{
  const ear *e = &l->ears[sensor];
  if (!e->pick)
    return false;
  int64_t data_until = e->data_until < until ? e->data_until : until;
  *seen = e->seen;
  seen->since_p_s = fmax((double)(data_until - e->picked) / 1e9, 1e-3);
  return true;
}
