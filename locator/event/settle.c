/* How an event begins, and what becomes of it each time that it was placed. */
#include <math.h>
#include <stdlib.h>

#include "event.h"

enum { JOIN_EVERY = 3 }; /* picks between two looks for an event's other half */

static bool shadows(const locator *l, const event *newborn);

void nucleate(locator *l, const kept_pick *pick, bool tentative, int64_t now, const locator_sink *sink)
{
  if (!event_conceive(l, pick, NULL, tentative, now)) {
    if (!tentative)
      near_miss_note(l, now);
    return;
  }
  if (shadows(l, &l->trial))
    return;
  event *e = merge_before_birth(l, &l->trial, now);
  const char *reason = e ? "pick" : "new";
  if (!e) {
    e = event_slot(l, now, sink);
    *e = l->trial;
    e->number = ++l->events_made;
  }
  for (size_t i = 0; i < l->trial.arrivals; i++)
    pool_remove(&l->pool, l->trial.arrival[i].pick.id);
  event_relocate(l, e, now);
  event_settle(l, e, reason, now, sink);
}

/* So close to an event that is over that it must be its echo. */
static bool shadows(const locator *l, const event *newborn)
{
  double latitude, longitude;
  event_place_of(newborn, &latitude, &longitude);
  sphere_point here = sphere_point_of(latitude, longitude);
  for (size_t i = 0; i < EVENTS_MAXIMUM; i++) {
    const event *e = &l->event[i];
    if (e->stage != EVENT_PAST || llabs(e->told.origin_time - event_origin_time(newborn)) > 5 * INGEST_SECOND)
      continue;
    if (sphere_chord_km(here, sphere_point_of(e->told.latitude_deg, e->told.longitude_deg)) < 50)
      return true;
  }
  return false;
}

/* A birth needs P waves; S waves help an event to live, and doubts about its P do not kill one. */
static bool is_alive(const locator *l, event *e)
{
  event_hear(l, e);
  int needed = (int)l->settings->minimum_stations, p = e->reasons.p_voices + e->reasons.doubted, s = e->reasons.s_voices;
  return 2 * p >= needed && p + s / 2 >= needed && e->likelihood >= l->settings->minimum_likelihood;
}

/* What a false event held may be the beginning of a true one: each of its newest P picks is tried, until one makes an event. Of one that fell quiet
   nothing is new: it would be born again as it was. */
static void cancel_and_retry(locator *l, event *e, int64_t now, const locator_sink *sink)
{
  kept_pick tried[EVENT_NEWEST];
  size_t count = event_newest_p(e, tried);
  bool nothing_new = e->quiet;
  event_cancel(l, e, "contradicted", NULL, now, sink);
  if (l->retrying || nothing_new)
    return;
  l->retrying = true;
  uint64_t made = l->events_made;
  for (size_t i = 0; i < count && l->events_made == made; i++)
    if (pool_holds(&l->pool, tried[i].id))
      nucleate(l, &tried[i], false, now, sink);
  l->retrying = false;
}

void event_settle(locator *l, event *e, const char *reason, int64_t now, const locator_sink *sink)
{
  if (!is_alive(l, e) && !(reconsider(l, e, now) && is_alive(l, e))) {
    cancel_and_retry(l, e, now, sink);
    return;
  }
  if (merge_into(l, e, now, sink))
    event_relocate(l, e, now);
  if (e->arrivals % JOIN_EVERY == 0) {
    event *whole = merge_halves(l, e, now, sink);
    if (whole) {
      e = whole;
      event_relocate(l, e, now);
    }
  }
  event_tell(l, e, reason, true, now, sink);
}
