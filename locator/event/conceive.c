/* Which picks make an event, and where. */
#include <math.h>
#include <stdlib.h>

#include "event.h"

/* Log odds of readings that no place or time in the uncertainty's usual range could make an earthquake of. */
static const double WORTH = 14;
/* Log odds that a birth needs where tentative picks make up the number. */
static const double COHERENT = 7;

static int pose(locator *l, const candidate *candidates, size_t count, const plane *around, int64_t now);
static bool fit(locator *l, candidate *candidates, size_t count, const plane *around, int64_t now);
static bool take_sides(locator *l, candidate *candidates, size_t count, const kept_pick *head, const plane *around, const hypocentre *place,
                       int64_t now);
static bool has_voices(const locator *l, event *e);
static bool holds(locator *l, event *e, int64_t now);

bool event_conceive(locator *l, const kept_pick *pick, const event *with, bool tentative, int64_t now)
{
  candidate candidates[LOCATION_SEARCHED];
  l->trial.likelihood = 0;
  l->trial.number = with ? with->number : 0; /* what follows an event's own P is no coda to it */
  l->trial.magnitude = with ? with->magnitude : (magnitude_estimate){.magnitude = NAN, .uncertainty = NAN};
  const network_site *site = &l->network.site[pick->site];
  plane around = plane_at(site->latitude_deg, site->longitude_deg);
  size_t count = candidates_gather(l, pick, with, tentative, now, candidates);
  return count > 0 && fit(l, candidates, count, &around, now);
}

static bool has_pick(const event *e, uint64_t id)
{
  for (size_t i = 0; i < e->arrivals; i++)
    if (e->arrival[i].pick.id == id)
      return true;
  return false;
}

/* The candidates as readings, silences of the new pick's neighbours. Returns the new pick's reading, -1 if it is not among them. */
static int pose(locator *l, const candidate *candidates, size_t count, const plane *around, int64_t now)
{
  event *e = &l->trial;
  e->stage = EVENT_OPEN;
  e->around = *around;
  e->epoch = candidates[0].pick.time;
  e->region = regions_at(&l->regions, around->latitude_deg, around->longitude_deg);
  e->nearest_site = candidates[0].pick.site;
  e->place = (hypocentre){.depth_km = e->region->depth.middle_km};
  e->arrivals = 0;
  e->likelihood = 0;
  e->changed = e->placed = e->weighed = e->measured = now;
  e->quiet = e->stale = false;
  e->dissents = 0;
  e->told = (locator_event){0};
  for (size_t i = 0; i < count; i++)
    event_add(l, e, &candidates[i].pick, candidates[i].phase);
  event_pose(l, e, now);
  int anchor = -1;
  for (size_t i = 0; i < l->problem.readings; i++)
    if (e->arrival[i].pick.id == candidates[0].pick.id)
      anchor = (int)i;
  e->arrivals = 0;
  return anchor;
}

static int by_order(const void *a, const void *b)
{
  const candidate *x = a, *y = b;
  if (x->order != y->order)
    return x->order < y->order ? -1 : 1;
  return (x->pick.id > y->pick.id) - (x->pick.id < y->pick.id);
}

/* An event of those candidates that agree with the new pick, in l->trial. False if they make none. Few readings often fit at two places: where the
   second is nearly as good in the search's rough terms, both are weighed in full. */
static bool fit(locator *l, candidate *candidates, size_t count, const plane *around, int64_t now)
{
  const double apart_km = 25, nearly = 3;
  const size_t sure = 8;
  const kept_pick head = candidates[0].pick;
  location_box box = {.radius_km = network_reach(&l->network, candidates[0].pick.site, l->settings->search_radius_km),
                      .anchor = pose(l, candidates, count, around, now),
                      .needed = (double)l->settings->minimum_stations,
                      .finest_km = 2.5,
                      .least = WORTH};
  hypocentre best = location_search(&l->problem, box);
  if (-best.misfit < box.least)
    return false;
  bool holds_first = take_sides(l, candidates, count, &head, around, &best, now);
  if (!holds_first || l->trial.arrivals >= sure)
    return holds_first;
  if (holds_first)
    l->joined = l->trial;
  pose(l, candidates, count, around, now);
  box.known_east_km = best.east_km;
  box.known_north_km = best.north_km;
  box.known_km = apart_km;
  box.least = fmax(WORTH, -best.misfit - nearly);
  hypocentre second = location_search(&l->problem, box);
  bool holds_second = -second.misfit >= box.least && take_sides(l, candidates, count, &head, around, &second, now);
  if (holds_first && (!holds_second || l->joined.evidence >= l->trial.evidence))
    l->trial = l->joined;
  return holds_first || holds_second;
}

/* The new pick and those that agree with it on that place, in l->trial. */
static bool take_sides(locator *l, candidate *candidates, size_t count, const kept_pick *head, const plane *around, const hypocentre *place,
                       int64_t now)
{
  event *e = &l->trial;
  e->around = *around;
  e->nearest_site = head->site;
  e->place = *place;
  e->arrivals = 0;
  for (size_t i = 0; i < count; i++) {
    const kept_pick *pick = &candidates[i].pick;
    location_reading reading = event_reading(l, e, pick, candidates[i].phase, plane_project(around, l->network.site[pick->site].point));
    location_residual r = location_residual_of(e->region->tables, &reading, &e->place);
    candidates[i].order = pick->id == head->id ? -1 : fabs(r.residual_s) / location_tolerance(l->settings, r.travel_s);
  }
  qsort(candidates, count, sizeof *candidates, by_order);
  for (size_t i = 0; i < count && candidates[i].order <= 1.5; i++)
    if (!has_pick(e, candidates[i].pick.id))
      event_add(l, e, &candidates[i].pick, candidates[i].phase);
  return holds(l, e, now);
}

/* Witnesses enough for a birth; where P waves are doubted, as many more. Among the aftershocks of a great earthquake S waves are no witnesses. */
static bool has_voices(const locator *l, event *e)
{
  size_t after_great = 0;
  for (size_t i = 0; i < e->arrivals; i++)
    after_great += network_after_great_one(&l->network, e->arrival[i].pick.site, e->arrival[i].pick.time);
  event_hear(l, e);
  const locator_reasons *of = &e->reasons;
  float needed = (float)(l->settings->minimum_stations + of->doubted);
  return location_enough(needed, (float)of->p_voices, 2 * after_great > e->arrivals ? 0 : (float)of->s_voices);
}

/* Placed, without what does not fit after all: enough sites, and likely enough. */
static bool holds(locator *l, event *e, int64_t now)
{
  size_t needed = (size_t)l->settings->minimum_stations;
  for (int round = 0; round < 2 && e->arrivals >= needed; round++) {
    event_place(l, e, false, now);
    for (size_t i = e->arrivals; i-- > 0;)
      if (fabs(e->arrival[i].residual_s) > location_tolerance(l->settings, e->arrival[i].travel_s))
        event_remove(e, i);
  }
  bool heard = has_voices(l, e);
  if (!heard && event_sites(e, 'P') < needed)
    return false;
  event_pose(l, e, now);
  event_judge(l, e);
  bool sure = location_enough((float)needed, (float)event_sure_sites(e, 'P'), (float)event_sure_sites(e, 'S'));
  return heard && (sure || e->evidence >= COHERENT) && e->likelihood >= event_birth_likelihood(l);
}
