/* An event thought over, when picks of its own sites speak against it. */
#include <math.h>

#include "event.h"

static event *spoken_against_by_s(locator *l, const kept_pick *dissenter);
static event *spoken_against_by_p(locator *l, const kept_pick *dissenter);
static bool shares_half(const locator *l, const event *e);
static bool explains_more(locator *l, const event *e, int64_t now);
static void become(locator *l, event *e, int64_t now);

event *review(locator *l, const kept_pick *dissenter, int64_t now)
{
  event *e = dissenter->label == 'S' ? spoken_against_by_s(l, dissenter) : spoken_against_by_p(l, dissenter);
  if (!e)
    return NULL;
  bool again = ++e->dissents >= 2 && (e->dissents & (e->dissents - 1)) == 0;
  if (!(dissenter->label == 'P' || again) || !event_conceive(l, dissenter, e, false, now) || !explains_more(l, e, now))
    return NULL;
  become(l, e, now);
  event_relocate(l, e, now);
  return e;
}

bool reconsider(locator *l, event *e, int64_t now)
{
  kept_pick tried[EVENT_NEWEST];
  size_t count = event_newest_p(e, tried);
  for (size_t i = 0; i < count; i++)
    if (event_conceive(l, &tried[i], e, false, now) && shares_half(l, e)) {
      become(l, e, now);
      event_relocate(l, e, now);
      return true;
    }
  return false;
}

/* The open event that has this site's P shortly before an S that it does not explain. */
static event *spoken_against_by_s(locator *l, const kept_pick *dissenter)
{
  const int64_t longest_lag = 30 * INGEST_SECOND;
  event *nearest = NULL;
  int64_t least = longest_lag;
  for (size_t i = 0; i < EVENTS_MAXIMUM; i++) {
    event *e = &l->event[i];
    const event_arrival *p = e->stage == EVENT_OPEN ? event_arrival_at(e, dissenter->site, 'P') : NULL;
    if (!p || event_arrival_at(e, dissenter->site, 'S') || dissenter->time < p->pick.time || dissenter->time - p->pick.time >= least)
      continue;
    nearest = e;
    least = dissenter->time - p->pick.time;
  }
  return nearest;
}

/* The young open event whose P is the nearest to a P that it does not explain, of a site whose P it does not know. */
static event *spoken_against_by_p(locator *l, const kept_pick *dissenter)
{
  const size_t young = 12;
  event *nearest = NULL;
  double least = 10;
  for (size_t i = 0; i < EVENTS_MAXIMUM; i++) {
    event *e = &l->event[i];
    if (e->stage != EVENT_OPEN || e->arrivals >= young)
      continue;
    double distance_km = sphere_chord_km(e->epicentre, l->network.site[dissenter->site].point);
    double off = (double)(dissenter->time - event_origin_time(e)) / 1e9 - locator_travel_time(e->region->tables, 'P', distance_km, e->place.depth_km);
    if (distance_km > e->reach_km || fabs(off) >= least)
      continue;
    nearest = e;
    least = fabs(off);
  }
  return nearest;
}

static double log_odds(locator *l, const event *e, int64_t now)
{
  event_pose(l, e, now);
  return location_log_odds(&l->problem, &e->place);
}

/* It is the same earthquake if it shares half of the P picks. */
static bool shares_half(const locator *l, const event *e)
{
  size_t p = 0, shared = 0;
  for (size_t i = 0; i < e->arrivals; i++) {
    const event_arrival *a = &e->arrival[i], *there = event_arrival_at(&l->trial, a->pick.site, 'P');
    p += a->phase == 'P';
    shared += a->phase == 'P' && there && there->pick.id == a->pick.id;
  }
  return 2 * shared >= p;
}

/* Its picks beside the shared ones make it much likelier. */
static bool explains_more(locator *l, const event *e, int64_t now)
{
  const double much = 2;
  return shares_half(l, e) && log_odds(l, &l->trial, now) > log_odds(l, e, now) + much;
}

/* The event has the trial's picks and place from now on; what it had beside them is free. */
static void become(locator *l, event *e, int64_t now)
{
  for (size_t i = 0; i < e->arrivals; i++)
    pool_add(&l->pool, &e->arrival[i].pick, &l->network, now);
  event_become(l, e, &l->trial, now);
}
