/* Which pick belongs to which event. */
#include <math.h>
#include <stdlib.h>

#include "event.h"

static double predicted_sigma(const event *e, char phase, plane_point at);
static event_match match_phase(const locator *l, const event *e, const kept_pick *pick, char phase);

event_match event_matches(const locator *l, const event *e, const kept_pick *pick)
{
  const event_match none = {0, INFINITY};
  const double reach_s = 400;
  double after_s = (double)(pick->time - e->epoch) / 1e9 - e->place.time_s;
  if (after_s < -10 || after_s > reach_s)
    return none;
  if (pick->label == 'S')
    return match_phase(l, e, pick, 'S');
  event_match p = match_phase(l, e, pick, 'P');
  /* A P becomes an S only where the P before it is known: on a first, rough place a site's P would often fit as S. */
  const event_arrival *before = event_arrival_at(e, pick->site, 'P');
  bool follows = before && before->pick.time < pick->time && before->pick.id != pick->id;
  event_match s = follows || (pick->tentative && !before) ? match_phase(l, e, pick, 'S') : none;
  return p.misfit <= s.misfit ? p : s;
}

/* The event's own uncertainty widens what fits, by 4 s at most: a first place may be far off. */
static event_match match_phase(const locator *l, const event *e, const kept_pick *pick, char phase)
{
  location_reading reading = event_reading(l, e, pick, phase, plane_project(&e->around, l->network.site[pick->site].point));
  location_residual r = location_residual_of(e->region->tables, &reading, &e->place);
  double tolerance = event_tolerance(l, e, phase, r.travel_s);
  if (fabs(r.residual_s) > tolerance + 4 || r.distance_km > e->reach_km)
    return (event_match){0, INFINITY};
  tolerance += fmin(4, 1.5 * predicted_sigma(e, phase, reading.at));
  double misfit = fabs(r.residual_s) / tolerance;
  return misfit <= 1 ? (event_match){phase, misfit} : (event_match){0, INFINITY};
}

/* What the uncertainty of place and time makes of the predicted time at a site. */
static double predicted_sigma(const event *e, char phase, plane_point at)
{
  double east = e->place.east_km - at.east_km, north = e->place.north_km - at.north_km, distance = hypot(east, north);
  travel_time_slopes slopes = travel_time_with_slopes(e->region->tables, phase, distance, e->place.depth_km);
  double away = distance > 1e-6 ? slopes.per_distance / distance : 0, variance = 0;
  double row[HYPOCENTRE_UNKNOWNS] = {east * away, north * away, slopes.per_depth, 1, slopes.time, phase == 'S' ? slopes.time : 0};
  for (int i = 0; i < HYPOCENTRE_UNKNOWNS; i++)
    for (int k = 0; k < HYPOCENTRE_UNKNOWNS; k++)
      variance += row[i] * row[k] * e->place.covariance[i][k];
  return sqrt(fmax(0, variance));
}

bool event_convinces(const locator *l, const event *e, const kept_pick *pick, char phase, int64_t now)
{
  const double seen = 0.85, least_gain = 1;
  location_reading reading = event_reading(l, e, pick, phase, plane_project(&e->around, l->network.site[pick->site].point));
  location_residual r = location_residual_of(e->region->tables, &reading, &e->place);
  double sigma_s = hypot(r.sigma_s, predicted_sigma(e, phase, reading.at)), d = r.residual_s / sigma_s;
  return log(seen / (sqrt(2 * M_PI) * sigma_s * event_noise_rate(l, e, pick, phase, now))) - d * d / 2 > least_gain;
}

/* A sieve for thousands: neither earlier than any P, nor later than any S. */
static bool may_belong(const locator *l, const kept_pick *pick, sphere_point epicentre, int64_t origin_time)
{
  const double fastest_km_s = 10, slowest_km_s = 1.5, slack_s = 10;
  double after_s = (double)(pick->time - origin_time) / 1e9, chord = sphere_chord_km(epicentre, l->network.site[pick->site].point);
  return after_s > chord / fastest_km_s - slack_s && after_s < chord / slowest_km_s + slack_s + 60;
}

/* Picks of other open events that this one explains far better move over; the other is placed anew at the next step. */
static size_t win_over(locator *l, event *e)
{
  const double least_gain = 0.1, far_better = 0.5, known_km = 10;
  size_t won = 0;
  for (size_t i = 0; i < EVENTS_MAXIMUM && location_radius68(&e->place) < known_km; i++) {
    event *other = &l->event[i];
    if (other == e || other->stage != EVENT_OPEN || llabs(event_origin_time(other) - event_origin_time(e)) > 60 * INGEST_SECOND)
      continue;
    for (size_t k = other->arrivals; k-- > 0;) {
      const event_arrival *a = &other->arrival[k];
      double misfit = fabs(a->residual_s) / event_tolerance(l, other, a->phase, a->travel_s);
      if (far_better * misfit < least_gain)
        continue;
      event_match match = event_matches(l, e, &a->pick);
      kept_pick pick = a->pick;
      if (!match.phase || match.misfit > far_better * misfit - least_gain || !event_add(l, e, &pick, match.phase))
        continue;
      event_remove(other, k);
      other->stale = true;
      won++;
    }
  }
  return won;
}

size_t event_adopt(locator *l, event *e, int64_t now)
{
  size_t adopted = win_over(l, e);
  double latitude, longitude;
  event_place_of(e, &latitude, &longitude);
  sphere_point epicentre = sphere_point_of(latitude, longitude);
  int64_t origin_time = event_origin_time(e);
  for (size_t i = l->pool.count; i-- > 0;) {
    kept_pick *pick = pool_newest(&l->pool, i);
    if (pick->id == 0 || !may_belong(l, pick, epicentre, origin_time))
      continue;
    event_match match = event_matches(l, e, pick);
    if (match.phase && event_add(l, e, pick, match.phase)) {
      pick->id = 0;
      adopted++;
    }
  }
  return adopted + tentative_adopt(l, e, now);
}
