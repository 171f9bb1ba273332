/* What nearly was an event: said once it is clear that nothing came of it, so that an operator can see why there was none. */
#include <math.h>
#include <stdlib.h>

#include "event.h"

static const int64_t WAIT = 20 * INGEST_SECOND;

static bool is_near(const locator *l, const event *e)
{
  const double nearly = 0.002;
  return e->likelihood >= nearly * event_birth_likelihood(l);
}

/* The same picks are tried again with each pick that comes near them. */
static bool is_known(const locator_event *known, const event *e)
{
  const double same_km = 100;
  double latitude, longitude;
  event_place_of(e, &latitude, &longitude);
  return llabs(known->origin_time - event_origin_time(e)) < 30 * INGEST_SECOND &&
         sphere_chord_km(sphere_point_of(known->latitude_deg, known->longitude_deg), sphere_point_of(latitude, longitude)) < same_km;
}

void near_miss_note(locator *l, int64_t now)
{
  near_miss *m = &l->missed;
  const event *e = &l->trial;
  if (!is_near(l, e) || (m->told && is_known(&m->event, e)) || (m->waits && e->likelihood <= (double)m->event.likelihood))
    return;
  event_describe(l, e, &m->event);
  const locator_reasons *of = &e->reasons;
  bool heard = location_enough((float)(l->settings->minimum_stations + of->doubted), (float)of->p_voices, (float)of->s_voices);
  m->event.reason = heard ? "unlikely" : "few witnesses";
  m->since = m->waits ? m->since : now;
  m->waits = true;
  m->told = false;
}

void near_miss_small(locator *l, locator_event *says, int64_t now, const locator_sink *sink)
{
  if (l->missed.small > now - WAIT)
    return;
  l->missed.small = now;
  says->reason = "small";
  if (sink->near_miss)
    sink->near_miss(sink->user, says);
}

static bool is_taken(const locator *l, uint64_t pick)
{
  bool taken = false;
  for (size_t i = 0; i < EVENTS_MAXIMUM && !taken; i++)
    for (size_t k = 0; l->event[i].stage != EVENT_NONE && k < l->event[i].arrivals && !taken; k++)
      taken = l->event[i].arrival[k].pick.id == pick;
  return taken;
}

void near_miss_step(locator *l, int64_t now, const locator_sink *sink)
{
  near_miss *m = &l->missed;
  if (!m->waits || now - m->since < WAIT)
    return;
  size_t taken = 0;
  for (size_t i = 0; i < m->event.arrivals_count; i++)
    taken += is_taken(l, m->event.arrivals[i].pick);
  m->waits = false;
  m->told = 2 * taken < m->event.arrivals_count;
  if (m->told && sink->near_miss)
    sink->near_miss(sink->user, &m->event);
}
