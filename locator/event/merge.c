/* One earthquake, one event. */
#include <math.h>
#include <stdlib.h>

#include "event.h"

static bool explains(const locator *l, const event *e, const event *other);
static bool join(locator *l, const event *e, const event *other, const hypocentre *start, bool search, int64_t now);
static bool is_third_place(const locator *l, const event *e, const event *other, size_t fitting);
static bool are_halves(const event *a, const event *b);
static void unite(locator *l, event *e, event *other, int64_t now, const locator_sink *sink);

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
    if (join(l, e, newborn, &e->place, false, now) || join(l, e, newborn, &there, true, now)) {
      *e = l->joined;
      e->changed = now;
      return e;
    }
  }
  return NULL;
}

static bool fits(const locator *l, const event_arrival *a)
{
  return fabs(a->residual_s) <= event_tolerance(l, &l->joined, a->phase, a->travel_s);
}

/* How many of an event's picks fit in the joint one. */
static size_t fitting_of(const locator *l, const event *e)
{
  size_t fitting = 0;
  for (size_t i = 0; i < e->arrivals; i++) {
    const event_arrival *a = event_arrival_at(&l->joined, e->arrival[i].pick.site, e->arrival[i].phase);
    fitting += a && a->pick.id == e->arrival[i].pick.id && fits(l, a);
  }
  return fitting;
}

/* Both events' picks from one source, in l->joined: true if at least six in seven of them agree with it, and two in three of each: a large event does
   not outvote a small one. `search`: the source may be anywhere. */
static bool join(locator *l, const event *e, const event *other, const hypocentre *start, bool search, int64_t now)
{
  event *both = &l->joined;
  *both = *e;
  for (size_t i = 0; i < other->arrivals; i++)
    event_add(l, both, &other->arrival[i].pick, other->arrival[i].phase);
  both->place = *start;
  event_place(l, both, search, now);
  size_t of_e = fitting_of(l, e), of_other = fitting_of(l, other), all = e->arrivals + other->arrivals;
  if (3 * of_e >= 2 * e->arrivals && 3 * of_other >= 2 * other->arrivals && 7 * (of_e + of_other) >= 6 * all)
    return true;
  return search && is_third_place(l, e, other, of_e + of_other);
}

/* Each event's picks were chosen to fit its own place: one that fits as many of both together, and more closely, far from either, is the true one. */
static bool is_third_place(const locator *l, const event *e, const event *other, size_t fitting)
{
  const double far_km = 6;
  const event *both = &l->joined, *larger = e->arrivals >= other->arrivals ? e : other, *halves[] = {e, other};
  double latitude, longitude;
  event_place_of(both, &latitude, &longitude);
  sphere_point here = sphere_point_of(latitude, longitude);
  for (size_t i = 0; i < 2; i++) {
    event_place_of(halves[i], &latitude, &longitude);
    if (sphere_chord_km(here, sphere_point_of(latitude, longitude)) < far_km)
      return false;
  }
  return fitting >= larger->arrivals && both->place.rms_s < larger->place.rms_s;
}

event *merge_halves(locator *l, event *e, int64_t now, const locator_sink *sink)
{
  for (size_t i = 0; i < EVENTS_MAXIMUM; i++) {
    event *other = &l->event[i];
    if (other == e || other->stage != EVENT_OPEN || !are_halves(e, other) || !join(l, e, other, &e->place, true, now))
      continue;
    bool other_stays = other->told.revision > 0 && (e->told.revision == 0 || other->number < e->number);
    event *stays = other_stays ? other : e;
    unite(l, stays, other_stays ? e : other, now, sink);
    return stays;
  }
  return NULL;
}

/* A few wrong picks can draw one earthquake's to two wrong places: near each other in place and time, each too strong to give way. */
static bool are_halves(const event *a, const event *b)
{
  const double apart_s = 10, apart_km = 50, enough_to_tell = 12;
  double latitude, longitude;
  if (llabs(event_origin_time(a) - event_origin_time(b)) > (int64_t)(apart_s * 1e9) || (double)(a->arrivals + b->arrivals) < enough_to_tell)
    return false;
  event_place_of(a, &latitude, &longitude);
  sphere_point here = sphere_point_of(latitude, longitude);
  event_place_of(b, &latitude, &longitude);
  return sphere_chord_km(here, sphere_point_of(latitude, longitude)) <= apart_km;
}

/* The event becomes l->joined under its own name; the other ends. */
static void unite(locator *l, event *e, event *other, int64_t now, const locator_sink *sink)
{
  event_cancel(l, other, "merged", e, now, sink);
  event_become(l, e, &l->joined, now);
}
