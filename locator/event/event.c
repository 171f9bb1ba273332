/* The life of an event as the world hears of it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "fault_track.h"

static void mint(locator *l, const locator_event *says, char id[LOCATOR_ID_TEXT]);
static bool moved(const locator *l, const locator_event *told, const locator_event *says);

/* Small or without a magnitude, it is only kept so that its picks make nothing else. */
static bool worth_telling(const locator *l, const event *e)
{
  const double all = -9;
  return l->settings->minimum_magnitude <= all || (double)e->magnitude.magnitude >= l->settings->minimum_magnitude;
}

void event_tell(locator *l, event *e, const char *reason, bool must, int64_t now, const locator_sink *sink)
{
  locator_event says;
  if (e->told.revision == 0 && !worth_telling(l, e))
    return;
  event_describe(l, e, &says);
  if (!must && e->told.revision > 0 && !moved(l, &e->told, &says))
    return;
  if (e->told.revision == 0)
    mint(l, &says, says.id);
  else
    memcpy(says.id, e->told.id, sizeof says.id);
  says.revision = e->told.revision + 1;
  says.reason = e->told.revision == 0 ? "new" : reason;
  e->told = says;
  e->changed = now;
  sink->event(sink->user, &e->told);
}

/* Who picked it and who did not, of those nearer than the farthest that did. */
static void count_witnesses(locator *l, const event *e)
{
  const network_site *centre = &l->network.site[e->nearest_site];
  double farthest = 0;
  for (size_t i = 0; i < e->arrivals; i++)
    if (e->arrival[i].phase == 'P' && e->arrival[i].weight > 0)
      farthest = fmax(farthest, e->arrival[i].distance_km);
  for (size_t i = 0; i <= centre->neighbours_count; i++) {
    int32_t site = i == 0 ? e->nearest_site : centre->neighbours[i - 1];
    plane_point at = plane_project(&e->around, l->network.site[site].point);
    int64_t since;
    if (network_data_until(&l->network, site, &since) != INT64_MIN &&
        hypot(at.east_km - e->place.east_km, at.north_km - e->place.north_km) < 0.7 * farthest)
      network_count_event(&l->network, site, event_arrival_at(e, site, 'P') || event_arrival_at(e, site, 'S'));
  }
}

void event_finish(locator *l, event *e, int64_t now, const locator_sink *sink)
{
  count_witnesses(l, e);
  amplitude_learn(l, e);
  if (e->told.revision == 0)
    event_describe(l, e, &e->told);
  else
    e->told.revision++;
  e->told.state = LOCATOR_FINAL;
  e->told.reason = "timeout";
  e->stage = EVENT_PAST;
  e->changed = now;
  if (e->told.revision > 0)
    sink->event(sink->user, &e->told);
  else
    near_miss_small(l, &e->told, now, sink);
}

/* A pick of a false event is free, and its site has no coda of it. */
static void release(locator *l, const event *e, const kept_pick *pick, int64_t now)
{
  network_forget_coda(&l->network, pick->site, e->number);
  pool_add(&l->pool, pick, &l->network, now);
}

void event_cancel(locator *l, event *e, const char *reason, const event *by, int64_t now, const locator_sink *sink)
{
  for (size_t i = 0; i < e->arrivals; i++)
    release(l, e, &e->arrival[i].pick, now);
  e->arrivals = 0;
  e->stage = EVENT_NONE;
  wake_note(l, e);
  if (e->told.revision == 0)
    return;
  e->told.revision++;
  e->told.state = LOCATOR_CANCELLED;
  e->told.reason = reason;
  e->told.data_until = l->data_until;
  e->told.likelihood = (float)e->likelihood;
  e->told.evidence = (float)e->evidence;
  e->told.reasons = e->reasons;
  if (by)
    memcpy(e->told.superseded_by, by->told.id, sizeof e->told.superseded_by);
  sink->event(sink->user, &e->told);
}

event *event_slot(locator *l, int64_t now, const locator_sink *sink)
{
  event *past = NULL, *still = NULL;
  for (size_t i = 0; i < EVENTS_MAXIMUM; i++) {
    event *e = &l->event[i];
    if (e->stage == EVENT_NONE)
      return e;
    event **oldest = e->stage == EVENT_PAST ? &past : &still;
    if (!*oldest || e->changed < (*oldest)->changed)
      *oldest = e;
  }
  if (past)
    return past;
  event_finish(l, still, now, sink);
  return still;
}

/* "20190706T031953-3577N11760W" */
static void mint(locator *l, const locator_event *says, char id[LOCATOR_ID_TEXT])
{
  char text[INGEST_TIME_TEXT], name[LOCATOR_ID_TEXT];
  ingest_time_format(says->origin_time, text);
  long latitude = lround(fabs(says->latitude_deg) * 100) % 10000, longitude = lround(fabs(says->longitude_deg) * 100) % 100000;
  snprintf(name, sizeof name, "%.4s%.2s%.2sT%.2s%.2s%.2s-%04ld%c%05ld%c", text, text + 5, text + 8, text + 11, text + 14, text + 17, latitude,
           says->latitude_deg < 0 ? 'S' : 'N', longitude, says->longitude_deg < 0 ? 'W' : 'E');
  int same = 1;
  for (size_t i = 0; i < MINTED_KEPT; i++)
    same += strncmp(l->minted[i], name, strlen(name)) == 0;
  memcpy(id, name, sizeof name);
  if (same > 1)
    snprintf(id, LOCATOR_ID_TEXT, "%.27s-%u", name, (unsigned)same % 1000);
  memcpy(l->minted[l->events_minted++ % MINTED_KEPT], id, LOCATOR_ID_TEXT);
}

static bool moved(const locator *l, const locator_event *told, const locator_event *says)
{
  const locator_settings *s = l->settings;
  const float likelier = 0.05F;
  bool magnitude = isnan(told->magnitude) != isnan(says->magnitude) || told->magnitude_type != says->magnitude_type ||
                   told->magnitude_may_grow != says->magnitude_may_grow || fabsf(told->magnitude - says->magnitude) > (float)s->step_magnitude;
  return magnitude || says->likelihood > told->likelihood + likelier || fault_track_differs(&told->fault, &says->fault) ||
         fabs((double)(told->origin_time - says->origin_time)) > s->step_s * 1e9 || fabs((double)(told->depth_km - says->depth_km)) > s->step_km ||
         sphere_chord_km(sphere_point_of(told->latitude_deg, told->longitude_deg), sphere_point_of(says->latitude_deg, says->longitude_deg)) >
             s->step_km;
}
