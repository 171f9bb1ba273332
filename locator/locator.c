/* The locator's doors: what comes in, and which part answers. */
#include <math.h>
#include <stdlib.h>

#include "event.h"
#include "fault_track.h"

enum { WELL_KNOWN = 16 };

static kept_pick keep(const locator *l, const picker_pick *pick, int64_t now);
static bool forget(locator *l, uint64_t id);
static void remember_wave(locator *l, const picker_pick *pick);
static event *owner_of(locator *l, const kept_pick *pick, char *phase);
static bool take(locator *l, event *e, const kept_pick *pick, char phase, int64_t now);
static bool repeats(const event *e, const kept_pick *pick, char phase);
static void advance(locator *l, event *e, int64_t now, const locator_sink *sink);

locator *locator_create(const locator_settings *settings, const locator_travel_times *tables, const ingest_inventory *inventory, int64_t pick_delay)
{
  locator *l = calloc(1, sizeof *l);
  if (!l)
    return NULL;
  l->settings = settings;
  l->pick_delay = pick_delay;
  l->data_until = l->measured = l->missed.small = INT64_MIN;
  l->surroundings.centre = -1;
  l->faults = settings->relation ? fault_track_create(settings->relation) : NULL;
  l->inventory = inventory;
  if (regions_create(&l->regions, settings, tables) && network_create(&l->network, inventory, 2 * settings->search_radius_km) &&
      pool_create(&l->pool, l->network.sites, l->network.sensors) && !settings->relation == !l->faults) {
    locator_correct(l, settings->station_corrections);
    return l;
  }
  locator_destroy(l);
  return NULL;
}

void locator_destroy(locator *l)
{
  if (!l)
    return;
  regions_destroy(&l->regions);
  network_destroy(&l->network);
  pool_destroy(&l->pool);
  fault_track_destroy(l->faults);
  free(l);
}

/* The picks of open events lie where their sites are now; whose sites moved is placed anew at the next step. */
static void move_arrivals(locator *l, event *e)
{
  for (size_t i = 0; i < e->arrivals; i++) {
    event_arrival *a = &e->arrival[i];
    a->pick.site = l->network.sensor[a->pick.sensor].site;
    plane_point at = plane_project(&e->around, l->network.site[a->pick.site].point);
    e->stale |= at.east_km != a->at.east_km || at.north_km != a->at.north_km;
    a->at = at;
  }
}

bool locator_adopt(locator *l, const ingest_inventory *inventory)
{
  if (!pool_resize(&l->pool, ingest_inventory_sites(inventory), ingest_inventory_sensors(inventory)) ||
      !network_adopt(&l->network, inventory, 2 * l->settings->search_radius_km))
    return false;
  l->inventory = inventory;
  network_correct(&l->network, l->corrections, inventory);
  l->surroundings.centre = -1;
  for (size_t i = 0; i < EVENTS_MAXIMUM; i++)
    if (l->event[i].stage == EVENT_OPEN)
      move_arrivals(l, &l->event[i]);
  return true;
}

void locator_correct(locator *l, const locator_corrections *corrections)
{
  l->corrections = corrections;
  network_correct(&l->network, corrections, l->inventory);
  for (size_t i = 0; i < EVENTS_MAXIMUM; i++)
    l->event[i].stale = true;
}

void locator_pick(locator *l, const picker_pick *pick, int64_t now, const locator_sink *sink)
{
  if (pick->sensor < 0 || (size_t)pick->sensor >= l->network.sensors || l->network.sensor[pick->sensor].state == INGEST_CLOCK)
    return;
  l->data_until = pick->data_until;
  pool_expire(&l->pool, &l->network, now);
  kept_pick kept = keep(l, pick, now);
  bool known = forget(l, pick->id);
  if (!pick->tentative)
    remember_wave(l, pick);
  else if (!known && kept.label == 'P')
    network_count_noise(&l->network, kept.site, 'T', now);
  char phase;
  event *e = owner_of(l, &kept, &phase);
  if (e && e->stage == EVENT_OPEN && take(l, e, &kept, phase, now)) {
    if (!e->stale)
      event_settle(l, e, "pick", now, sink);
    return;
  }
  if (e && repeats(e, &kept, phase))
    return;
  pool_add(&l->pool, &kept, &l->network, now);
  tentative_wait(l, &kept);
  if (kept.doubtful || kept.tentative)
    return;
  nucleate(l, &kept, false, now, sink);
  e = review(l, &kept, now);
  if (e)
    event_settle(l, e, "pick", now, sink);
}

void locator_withdraw(locator *l, const picker_withdraw *withdraw, int64_t now, const locator_sink *sink)
{
  if (pool_remove(&l->pool, withdraw->pick))
    return;
  for (size_t i = 0; i < EVENTS_MAXIMUM; i++) {
    event *e = &l->event[i];
    for (size_t k = 0; e->stage == EVENT_OPEN && k < e->arrivals; k++) {
      if (e->arrival[k].pick.id != withdraw->pick)
        continue;
      event_remove(e, k);
      event_relocate(l, e, now);
      event_settle(l, e, "pick", now, sink);
      return;
    }
  }
}

static network_site *site_of(const locator *l, int32_t sensor)
{
  return &l->network.site[l->network.sensor[sensor].site];
}

void locator_p_wave(locator *l, const picker_p_wave *p_wave, int64_t now, const locator_sink *sink)
{
  (void)sink;
  if (p_wave->sensor < 0 || (size_t)p_wave->sensor >= l->network.sensors)
    return;
  l->data_until = p_wave->data_until;
  l->measured = site_of(l, p_wave->sensor)->measured = now;
  amplitude_p_wave(l, p_wave);
}

void locator_motion(locator *l, const picker_motion *motion, int64_t now, const locator_sink *sink)
{
  (void)sink;
  if (motion->sensor < 0 || (size_t)motion->sensor >= l->network.sensors)
    return;
  l->data_until = motion->until;
  l->measured = site_of(l, motion->sensor)->measured = now;
  amplitude_motion(l, motion);
}

void locator_station(locator *l, const ingest_status *status, int64_t now)
{
  (void)now;
  network_status(&l->network, status);
}

void locator_step(locator *l, int64_t now, const locator_sink *sink)
{
  if (l->faults)
    fault_track_step(l, now);
  for (size_t i = 0; i < EVENTS_MAXIMUM; i++)
    if (l->event[i].stage == EVENT_OPEN)
      advance(l, &l->event[i], now, sink);
  tentative_step(l, now, sink);
  near_miss_step(l, now, sink);
}

const locator_event *locator_open_event(const locator *l, size_t index)
{
  for (size_t i = 0; i < EVENTS_MAXIMUM; i++)
    if (l->event[i].stage == EVENT_OPEN && l->event[i].told.revision > 0 && index-- == 0)
      return &l->event[i].told;
  return NULL;
}

/* Did amplitudes of its sites come since its magnitude was computed? */
static bool has_grown(const locator *l, const event *e)
{
  for (size_t i = 0; i < e->arrivals; i++)
    if (l->network.site[e->arrival[i].pick.site].measured >= e->measured)
      return true;
  return false;
}

/* Silence speaks soon after a change, then ever more slowly; amplitudes as they come. */
static void advance(locator *l, event *e, int64_t now, const locator_sink *sink)
{
  if (now - e->changed >= (int64_t)(l->settings->close_after_s * 1e9)) {
    event_finish(l, e, now, sink);
    return;
  }
  const int64_t quiet_after = 4 * INGEST_SECOND;
  bool falls_quiet = !e->quiet && now - e->placed >= quiet_after;
  e->quiet |= falls_quiet;
  if (e->stale || falls_quiet) {
    e->stale = false;
    event_relocate(l, e, now);
    event_settle(l, e, "pick", now, sink);
    return;
  }
  const int64_t interval = (int64_t)(l->settings->amplitude_interval_s * 1e9), age = now - e->changed;
  if (e->vague && now - e->placed >= INGEST_SECOND && has_grown(l, e))
    event_relocate(l, e, now);
  bool weigh = now - e->weighed >= (age / 3 > interval ? age / 3 : interval), measure = now - e->measured >= interval && has_grown(l, e);
  if (weigh)
    event_weigh(l, e, now);
  if (measure)
    event_measure(l, e, now);
  if (!weigh && !measure)
    return;
  if (e->likelihood >= l->settings->minimum_likelihood)
    event_tell(l, e, "amplitude", false, now, sink);
  else if (reconsider(l, e, now) && e->likelihood >= l->settings->minimum_likelihood)
    event_settle(l, e, "pick", now, sink);
  else
    event_cancel(l, e, "contradicted", NULL, now, sink);
}

/* Of 135 weak P (norsar, martinique) and 13.1 h of noise (esec, norsar), judged by networks that saw neither station: sure are 61 and 3.5 an hour,
   with odds of 0 to -1 below that 11 and 1.3, to -2 15 and 5.0, to -2.5 4 and 4.5, to -3 5 and 6.2: the ratio of P to noise falls as the odds do. */
static float mark_of(const picker_pick *pick)
{
  const float at_the_bar = -0.7F, of_s = -2;
  return pick->phase == 'S' ? of_s : at_the_bar + fminf(pick->odds, 0);
}

static kept_pick keep(const locator *l, const picker_pick *pick, int64_t now)
{
  const double least_s = 0.03, most_s = 2;
  double sigma = isfinite(pick->uncertainty_s) ? fmin(fmax((double)pick->uncertainty_s, least_s), most_s) : most_s;
  const network_sensor *sensor = &l->network.sensor[pick->sensor];
  return (kept_pick){.id = pick->id,
                     .sensor = pick->sensor,
                     .site = sensor->site,
                     .label = pick->phase == 'S' ? 'S' : 'P',
                     .time = pick->time,
                     .told = now,
                     .sigma_s = (float)sigma,
                     .snr = pick->snr,
                     .polarity = pick->polarity,
                     .mark = pick->tentative ? mark_of(pick) : 0,
                     .tentative = pick->tentative,
                     .doubtful = sensor->state == INGEST_NOISY || sensor->state == INGEST_DEAD};
}

/* A tentative pick that is told again is taken out, wherever it is. */
static bool forget(locator *l, uint64_t id)
{
  if (pool_forget_tentative(&l->pool, id))
    return true;
  for (size_t i = 0; i < EVENTS_MAXIMUM; i++) {
    event *e = &l->event[i];
    for (size_t k = 0; e->stage == EVENT_OPEN && k < e->arrivals; k++) {
      if (e->arrival[k].pick.id != id || !e->arrival[k].pick.tentative)
        continue;
      event_remove(e, k);
      e->stale = true;
      return true;
    }
  }
  return false;
}

/* The P-wave parameters that follow on this sensor are this pick's. */
static void remember_wave(locator *l, const picker_pick *pick)
{
  network_sensor *sensor = &l->network.sensor[pick->sensor];
  network_site *site = &l->network.site[sensor->site];
  if (pick->phase == 'S') {
    site->picked_s = pick->time > site->picked_s ? pick->time : site->picked_s;
    return;
  }
  sensor->wave[sensor->waves++ % NETWORK_WAVES] = (p_wave_windows){.pick = pick->id, .time = pick->time, .before = amplitude_shaking(sensor)};
  if (pick->time > site->picked)
    site->picked = pick->time;
}

/* The event, open or over, that a pick fits best. */
static event *owner_of(locator *l, const kept_pick *pick, char *phase)
{
  event *owner = NULL;
  double least = INFINITY;
  for (size_t i = 0; i < EVENTS_MAXIMUM; i++) {
    event *e = &l->event[i];
    if (e->stage == EVENT_NONE)
      continue;
    event_match match = event_matches(l, e, pick);
    if (match.phase && match.misfit < least) {
      owner = e;
      least = match.misfit;
      *phase = match.phase;
    }
  }
  return owner;
}

/* Nothing new: the wave is known at that site at about that time, or the event is over. */
static bool repeats(const event *e, const kept_pick *pick, char phase)
{
  const event_arrival *known = event_arrival_at(e, pick->site, phase);
  return !known || llabs(known->pick.time - pick->time) < INGEST_SECOND;
}

/* A site votes once: of two picks for one phase the far better one stays, else the first. False if nothing changed. */
static bool take(locator *l, event *e, const kept_pick *pick, char phase, int64_t now)
{
  const event_arrival *known = event_arrival_at(e, pick->site, phase);
  if (pick->tentative && (known || !tentative_may_join(e, now) || !event_convinces(l, e, pick, phase, now)))
    return false;
  if (known) {
    if (!known->pick.tentative && event_matches(l, e, pick).misfit > 0.5 * event_matches(l, e, &known->pick).misfit - 0.1)
      return false;
    event_remove(e, (size_t)(known - e->arrival));
  }
  double misfit = event_matches(l, e, pick).misfit;
  if (!event_add(l, e, pick, phase))
    return false;
  e->changed = now;
  e->quiet = false;
  if (e->arrivals > WELL_KNOWN && misfit < 0.4) {
    e->stale = true;
    return true;
  }
  event_relocate(l, e, now);
  return true;
}
