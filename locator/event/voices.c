/* How many witnesses an event has that cannot all be wrong for one reason: stations behind one logger, link or provider are one voice where others
   near by are not behind it. */
#include <math.h>

#include "event.h"

enum { PATH_KINDS = 3 };

static bool others_are_there(const locator *l, const event *e, size_t kind, int32_t id);

static int32_t path_of(const locator *l, int32_t sensor, size_t kind)
{
  const ingest_path *path = &l->network.sensor[sensor].path;
  const int32_t ids[PATH_KINDS] = {path->logger, path->link, path->provider};
  return ids[kind];
}

static bool votes(const event_arrival *a, char phase)
{
  return a->phase == phase && a->weight > 0;
}

static bool is_behind(const locator *l, const event_arrival *a, event_path path)
{
  return path.id >= 0 && path_of(l, a->pick.sensor, path.kind) == path.id;
}

static size_t sites_behind(const locator *l, const event *e, event_path path, char phase)
{
  size_t sites = 0;
  for (size_t i = 0; i < e->arrivals; i++)
    sites += votes(&e->arrival[i], phase) && is_behind(l, &e->arrival[i], path);
  return sites;
}

static bool is_first_behind(const locator *l, const event *e, event_path path, size_t arrival)
{
  for (size_t i = 0; i < arrival; i++)
    if (votes(&e->arrival[i], 'P') && is_behind(l, &e->arrival[i], path))
      return false;
  return true;
}

event_path event_common_path(const locator *l, const event *e)
{
  event_path common = {.id = -1};
  size_t most = 1;
  for (size_t kind = 0; l->network.has_paths && kind < PATH_KINDS; kind++)
    for (size_t i = 0; i < e->arrivals; i++) {
      event_path path = {kind, path_of(l, e->arrival[i].pick.sensor, kind)};
      if (path.id < 0 || !votes(&e->arrival[i], 'P') || !is_first_behind(l, e, path, i))
        continue;
      size_t sites = sites_behind(l, e, path, 'P');
      if (sites <= most || !others_are_there(l, e, kind, path.id))
        continue;
      common = path;
      most = sites;
    }
  return common;
}

static bool site_is_behind(const locator *l, int32_t site, size_t kind, int32_t id)
{
  for (int32_t i = l->network.site[site].first_sensor; i >= 0; i = l->network.sensor[i].next)
    if (path_of(l, i, kind) == id)
      return true;
  return false;
}

/* Is there a site with data among the nearest that is not behind that path? */
static bool others_are_there(const locator *l, const event *e, size_t kind, int32_t id)
{
  const network_site *centre = &l->network.site[e->nearest_site];
  for (size_t i = 0; i <= centre->neighbours_count; i++) {
    int32_t site = i == 0 ? e->nearest_site : centre->neighbours[i - 1];
    int64_t since;
    if (!site_is_behind(l, site, kind, id) && network_data_until(&l->network, site, &since) != INT64_MIN)
      return true;
  }
  return false;
}

bool event_is_echo(const locator *l, const event *e, event_path common, size_t arrival)
{
  bool echo = false;
  for (size_t i = 0; i < arrival && is_behind(l, &e->arrival[arrival], common) && !echo; i++)
    echo = is_behind(l, &e->arrival[i], common);
  return echo;
}

static int voices(const event *e, char phase, int silenced)
{
  int sites = (int)event_sites(e, phase);
  return silenced < sites ? sites - silenced : 0;
}

void event_hear(const locator *l, event *e)
{
  static const char *const kinds[PATH_KINDS] = {"logger", "link", "provider"};
  event_path common = event_common_path(l, e);
  locator_reasons *of = &e->reasons;
  int p_behind = (int)sites_behind(l, e, common, 'P'), s_behind = (int)sites_behind(l, e, common, 'S');
  of->doubted = 0;
  for (size_t i = 0; i < e->arrivals; i++) {
    if (!votes(&e->arrival[i], 'P') || !event_is_doubted(l, e, i))
      continue;
    if (of->doubted < LOCATOR_SITES_LISTED)
      of->doubted_sensor[of->doubted] = e->arrival[i].pick.sensor;
    of->doubted++;
  }
  of->common_path = common.id >= 0 ? kinds[common.kind] : NULL;
  of->behind = p_behind;
  of->p_voices = voices(e, 'P', of->doubted + (p_behind > 1 ? p_behind - 1 : 0));
  of->s_voices = voices(e, 'S', s_behind > 1 ? s_behind - 1 : 0);
}

/* An S much earlier or later than this event's is another's, and then the P before it may be, too. */
bool event_is_doubted(const locator *l, const event *e, size_t arrival)
{
  const double earliest_s = 0.3, after_s = 3;
  const event_arrival *p = &e->arrival[arrival];
  int64_t s = l->network.site[p->pick.site].picked_s;
  if (p->phase != 'P' || s <= p->pick.time || event_arrival_at(e, p->pick.site, 'S'))
    return false;
  double lag_s = (double)(s - p->pick.time) / 1e9,
         expected_s = locator_travel_time(e->region->tables, 'S', p->distance_km, e->place.depth_km) - p->travel_s;
  return lag_s > earliest_s && lag_s < expected_s + after_s && fabs(lag_s - expected_s) > event_tolerance(l, e, 'S', p->travel_s + expected_s);
}
