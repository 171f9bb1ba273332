/* One earthquake, one event. */
#include <math.h>
#include <stdlib.h>

#include "event.h"

static bool explains(const locator *l, const event *e, const event *other);
static bool join(locator *l, const event *e, const event *newborn, const hypocentre *start, int64_t now);

bool merge_into(locator *l, event *e, int64_t now, const locator_sink *sink)
{
  bool merged = false;
  for (size_t i = 0; i < EVENTS_MAXIMUM; i++) {
    event *other = &l->event[i];
    if (other == e || other->stage != EVENT_OPEN || !explains(l, e, other))
      continue;
    event_cancel(l, other, "merged", e, now, sink);
    merged = true;
  }
  return merged;
}

/* The larger event, the older of two equal ones and never an untold one, explains the other if it accounts for three in five of its P picks. */
static bool explains(const locator *l, const event *e, const event *other)
{
  if (llabs(event_origin_time(e) - event_origin_time(other)) > 60 * INGEST_SECOND || e->arrivals < other->arrivals ||
      (e->arrivals == other->arrivals && e->number > other->number) || (other->told.revision > 0 && e->told.revision == 0))
    return false;
  size_t picks = 0, explained = 0;
  for (size_t i = 0; i < other->arrivals; i++)
    if (other->arrival[i].phase == 'P') {
      picks++;
      explained += event_matches(l, e, &other->arrival[i].pick).misfit <= 1;
    }
  return picks > 0 && 5 * explained >= 3 * picks;
}

event *merge_before_birth(locator *l, const event *newborn, int64_t now)
{
  double latitude, longitude;
  event_place_of(newborn, &latitude, &longitude);
  sphere_point here = sphere_point_of(latitude, longitude);
  for (size_t i = 0; i < EVENTS_MAXIMUM; i++) {
    event *e = &l->event[i];
    if (e->stage != EVENT_OPEN || llabs(event_origin_time(e) - event_origin_time(newborn)) > 20 * INGEST_SECOND)
      continue;
    event_place_of(e, &latitude, &longitude);
    if (sphere_chord_km(here, sphere_point_of(latitude, longitude)) > 100 + 2 * location_radius68(&e->place))
      continue;
    hypocentre there = newborn->place;
    plane_point moved = plane_project(&e->around, here);
    there.east_km = moved.east_km;
    there.north_km = moved.north_km;
    there.time_s += (double)(newborn->epoch - e->epoch) / 1e9;
    if (join(l, e, newborn, &e->place, now) || join(l, e, newborn, &there, now)) {
      *e = l->joined;
      e->changed = now;
      return e;
    }
  }
  return NULL;
}

/* Both events' picks from one source, in l->joined: true if at least six in seven of them agree with it. */
static bool join(locator *l, const event *e, const event *newborn, const hypocentre *start, int64_t now)
{
  event *both = &l->joined;
  *both = *e;
  size_t all = e->arrivals + newborn->arrivals, fitting = 0;
  for (size_t i = 0; i < newborn->arrivals; i++)
    event_add(l, both, &newborn->arrival[i].pick, newborn->arrival[i].phase);
  both->place = *start;
  event_place(l, both, false, now);
  for (size_t i = 0; i < both->arrivals; i++)
    fitting += fabs(both->arrival[i].residual_s) <= location_tolerance(l->settings, both->arrival[i].travel_s);
  return 7 * fitting >= 6 * all;
}
