/* New events out of free picks. */
#include <math.h>
#include <stdlib.h>

#include "event.h"

typedef struct {
  double order;
  kept_pick pick;
} candidate;

/* Log odds of readings that no place or time in the uncertainty's usual range could make an earthquake of. */
static const double WORTH = 12;

static size_t gather(const locator *l, const kept_pick *pick, candidate *candidates);
static size_t sift(const locator *l, candidate *candidates, size_t count);
static bool enough(size_t needed, size_t p, size_t s);
static size_t sites_of(const candidate *candidates, size_t count, char label);
static int pose(locator *l, const candidate *candidates, size_t count, const plane *around, int64_t now);
static bool conceive(locator *l, candidate *candidates, size_t count, const plane *around, int64_t now);
static bool holds(locator *l, event *e, int64_t now);
static bool shadows(const locator *l, const event *newborn);

void nucleate(locator *l, const kept_pick *pick, int64_t now, const locator_sink *sink)
{
  candidate candidates[LOCATION_SEARCHED];
  size_t count = sift(l, candidates, gather(l, pick, candidates));
  if (!enough((size_t)l->settings->minimum_stations, sites_of(candidates, count, 'P'), sites_of(candidates, count, 'S')))
    return;
  const network_site *site = &l->network.site[pick->site];
  plane around = plane_at(site->latitude_deg, site->longitude_deg);
  if (!conceive(l, candidates, count, &around, now) || shadows(l, &l->trial))
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

/* Could one earthquake have made both? Wherever it was, its P reaches the second of two sites no later than P takes from the first to it; the same
   holds of S; and S lags P by no more than it does at the distances where a birth is looked for. */
static bool compatible(const kept_pick *a, const kept_pick *b, double chord_km)
{
  const double slowest_p_km_s = 4.5, slowest_s_km_s = 2.5, slack_s = 1, longest_lag_s = 10;
  if (a->site == b->site && (a->label == b->label || (a->label == 'P') != (a->time < b->time)))
    return false;
  double later_s = (double)(b->time - a->time) / 1e9;
  if (a->label == b->label)
    return fabs(later_s) <= chord_km / (a->label == 'P' ? slowest_p_km_s : slowest_s_km_s) + slack_s;
  if (a->label == 'S')
    later_s = -later_s;
  return later_s >= -chord_km / slowest_p_km_s - slack_s && later_s <= chord_km / slowest_s_km_s + slack_s + longest_lag_s;
}

/* The pick itself and the nearest free picks that a wave could join to it, nearest first; an S must be far nearer than a P to be among them. */
static size_t gather(const locator *l, const kept_pick *pick, candidate *candidates)
{
  const double widest_km = network_neighbourhood(&l->network, pick->site), cost_of_s = 1.5, longest_s = widest_km / 2.5 + 16;
  size_t count = 1;
  candidates[0] = (candidate){-1, *pick};
  for (size_t i = 0; i < l->pool.count; i++) {
    const kept_pick *other = pool_newest(&l->pool, i);
    if (other->id == 0 || other->id == pick->id || fabs((double)(other->time - pick->time) / 1e9) > longest_s)
      continue;
    double chord = sphere_chord_km(l->network.site[pick->site].point, l->network.site[other->site].point);
    if (chord > widest_km || !compatible(pick, other, chord))
      continue;
    double order = other->label == 'S' ? cost_of_s * chord : chord;
    size_t k = count;
    if (count < LOCATION_SEARCHED)
      count++;
    else if (candidates[--k].order <= order)
      continue;
    for (; candidates[k - 1].order > order; k--)
      candidates[k] = candidates[k - 1];
    candidates[k] = (candidate){order, *other};
  }
  return count;
}

/* Drops candidates that too few others could share a source with. Returns how many stay; the first, the new pick, always does. */
static size_t sift(const locator *l, candidate *candidates, size_t count)
{
  const size_t needed = (size_t)l->settings->minimum_stations;
  uint64_t friends[LOCATION_SEARCHED] = {0}, alive = (UINT64_C(1) << count) - 1, p_waves = 0;
  for (size_t i = 0; i < count; i++) {
    p_waves |= (uint64_t)(candidates[i].pick.label == 'P') << i;
    for (size_t k = 0; k < i; k++) {
      const kept_pick *a = &candidates[i].pick, *b = &candidates[k].pick;
      if (!compatible(a, b, sphere_chord_km(l->network.site[a->site].point, l->network.site[b->site].point)))
        continue;
      friends[i] |= UINT64_C(1) << k;
      friends[k] |= UINT64_C(1) << i;
    }
  }
  for (bool dropped = true; dropped;) {
    dropped = false;
    for (size_t i = 1; i < count; i++) {
      uint64_t company = (friends[i] | UINT64_C(1) << i) & alive;
      if (!(alive >> i & 1) || enough(needed, (size_t)__builtin_popcountll(company & p_waves), (size_t)__builtin_popcountll(company & ~p_waves)))
        continue;
      alive &= ~(UINT64_C(1) << i);
      dropped = true;
    }
  }
  size_t stay = 0;
  for (size_t i = 0; i < count; i++)
    if (alive >> i & 1)
      candidates[stay++] = candidates[i];
  return stay;
}

/* Enough sites for a birth: with a P each, or one P fewer where S waves of further picks more than make up for it. */
static bool enough(size_t needed, size_t p, size_t s)
{
  return p >= needed || (p + 1 >= needed && p + s / 2 >= needed + 1);
}

static size_t sites_of(const candidate *candidates, size_t count, char label)
{
  size_t sites = 0;
  for (size_t i = 0; i < count; i++) {
    bool first = candidates[i].pick.label == label;
    for (size_t k = 0; k < i && first; k++)
      first = candidates[k].pick.site != candidates[i].pick.site || candidates[k].pick.label != label;
    sites += first;
  }
  return sites;
}

/* The candidates as readings, silences of the new pick's neighbours. Returns the new pick's reading, -1 if it is not among them. */
static int pose(locator *l, const candidate *candidates, size_t count, const plane *around, int64_t now)
{
  event *e = &l->trial;
  e->stage = EVENT_OPEN;
  e->around = *around;
  e->epoch = candidates[0].pick.time;
  e->nearest_site = candidates[0].pick.site;
  e->place = (hypocentre){.depth_km = l->settings->default_depth_km};
  e->arrivals = 0;
  e->likelihood = 0;
  e->magnitude = (magnitude_estimate){NAN, NAN, LOCATOR_NO_MAGNITUDE, 0};
  e->changed = e->weighed = now;
  e->fresh_amplitudes = e->robbed = false;
  e->told = (locator_event){0};
  for (size_t i = 0; i < count; i++)
    event_add(l, e, &candidates[i].pick, candidates[i].pick.label);
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

/* An event of those candidates that agree with the new pick, in l->trial. False if they make none. */
static bool conceive(locator *l, candidate *candidates, size_t count, const plane *around, int64_t now)
{
  int anchor = pose(l, candidates, count, around, now);
  event *e = &l->trial;
  e->place = location_search(
      &l->problem, (location_box){0, 0, network_reach(&l->network, candidates[0].pick.site, l->settings->search_radius_km), anchor, 2.5, WORTH});
  if (e->place.misfit > -WORTH)
    return false;
  for (size_t i = 0; i < count; i++) {
    const network_site *site = &l->network.site[candidates[i].pick.site];
    location_reading reading = {.at = plane_project(around, site->point),
                                .elevation_km = site->elevation_km,
                                .time_s = (double)(candidates[i].pick.time - e->epoch) / 1e9,
                                .phase = candidates[i].pick.label};
    location_residual r = location_residual_of(l->tables, &reading, &e->place);
    candidates[i].order = i == 0 ? -1 : fabs(r.residual_s) / location_tolerance(l->settings, r.travel_s);
  }
  qsort(candidates, count, sizeof *candidates, by_order);
  for (size_t i = 0; i < count && candidates[i].order <= 1.5; i++)
    event_add(l, e, &candidates[i].pick, candidates[i].pick.label);
  return holds(l, e, now);
}

/* Placed, without what does not fit after all: enough sites, and likely enough. A birth needs more than staying alive does. */
static bool holds(locator *l, event *e, int64_t now)
{
  size_t needed = (size_t)l->settings->minimum_stations;
  for (int round = 0; round < 2 && e->arrivals >= needed; round++) {
    event_place(l, e, false, now);
    for (size_t i = e->arrivals; i-- > 0;)
      if (fabs(e->arrival[i].residual_s) > location_tolerance(l->settings, e->arrival[i].travel_s))
        event_remove(e, i);
  }
  if (!enough(needed, event_sites(e, 'P'), event_sites(e, 'S')))
    return false;
  event_pose(l, e, now);
  e->likelihood = location_likelihood(&l->problem, &e->place);
  double least = l->settings->minimum_likelihood;
  return e->likelihood >= least + 0.25 * (1 - least);
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
