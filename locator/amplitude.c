/* What the sensors measured, and the magnitude that follows. */
#include <math.h>

#include "event.h"

/* What one sensor saw of one arrival. */
typedef struct {
  const network_sensor *sensor;
  const p_wave_windows *wave;
  picker_motion motion;
} sighting;

static bool best_sighting(const locator *l, const event_arrival *a, sighting *best);
static bool overrun(const locator *l, const event *e, const event_arrival *a, int64_t until);
static void observe(const locator *l, const event *e, event_arrival *a);
static void measure(event_arrival *a, const sighting *seen, double s_window_s);
static const p_window *window_before_s(const p_wave_windows *wave, double s_minus_p);

void amplitude_p_wave(locator *l, const picker_p_wave *p_wave)
{
  network_sensor *sensor = &l->network.sensor[p_wave->sensor];
  p_wave_windows *wave = NULL;
  for (size_t i = 0; i < NETWORK_WAVES; i++)
    if (sensor->wave[i].pick == p_wave->pick)
      wave = &sensor->wave[i];
  if (!wave || (wave->windows > 0 && wave->window[wave->windows - 1].window_s >= p_wave->window_s))
    return;
  if (wave->windows == NETWORK_WINDOWS) /* the short ones serve near sites, the longest far ones */
    wave->windows--;
  wave->window[wave->windows++] = (p_window){p_wave->window_s, p_wave->pd_m, p_wave->noise_pd_m, p_wave->tau_c_s, p_wave->clipped};
}

void amplitude_motion(locator *l, const picker_motion *motion)
{
  network_sensor *sensor = &l->network.sensor[motion->sensor];
  if (sensor->motions == 0 || sensor->motion[(sensor->motions - 1) % NETWORK_WAVES].since != motion->since)
    sensor->motions++;
  sensor->motion[(sensor->motions - 1) % NETWORK_WAVES] = *motion;
}

magnitude_estimate amplitude_magnitude(const locator *l, event *e)
{
  magnitude_observation observations[LOCATOR_PICKS_MAXIMUM];
  size_t count = 0;
  for (size_t i = 0; i < e->arrivals; i++) {
    event_arrival *a = &e->arrival[i];
    if (a->phase != 'P' || a->weight <= 0)
      continue;
    observe(l, e, a);
    if (a->seen.since_p_s > 0)
      observations[count++] = a->seen;
  }
  return magnitude_of(observations, count);
}

/* How far off the predicted S may be, from the epicentre's uncertainty. */
static double s_minus_p_sigma(const event *e)
{
  return fmin(2, 0.12 * sqrt(fmax(0, e->place.covariance[0][0] + e->place.covariance[1][1])));
}

/* What is seen stays seen, though the sensor has measured other waves since; its place in the world is always the newest. */
static void observe(const locator *l, const event *e, event_arrival *a)
{
  a->seen.epicentral_km = a->distance_km;
  a->seen.depth_km = e->place.depth_km;
  a->seen.s_minus_p_s =
      locator_travel_time(l->tables, 'S', a->distance_km, e->place.depth_km) - locator_travel_time(l->tables, 'P', a->distance_km, e->place.depth_km);
  sighting seen;
  if (!best_sighting(l, a, &seen) || !seen.sensor)
    return;
  int64_t until = seen.sensor->data_until > seen.motion.until ? seen.sensor->data_until : seen.motion.until;
  if (overrun(l, e, a, until))
    return;
  a->seen.since_p_s = fmax(1e-3, (double)(until - a->pick.time) / 1e9);
  measure(a, &seen, a->seen.s_minus_p_s - s_minus_p_sigma(e));
}

static void measure(event_arrival *a, const sighting *seen, double s_window_s)
{
  magnitude_observation *o = &a->seen;
  o->clipped = seen->motion.clipped;
  if (seen->motion.until > 0) {
    o->jma_pgd_m = seen->motion.jma_pgd_m;
    o->wood_anderson_mm = seen->motion.wood_anderson_mm;
  }
  if (!seen->wave)
    return;
  const p_window *window = window_before_s(seen->wave, s_window_s);
  o->window_s = window ? window->window_s : 0;
  o->pd_m = window ? window->pd_m : 0;
  o->noise_pd_m = window ? window->noise_pd_m : 0;
  o->tau_c_s = window ? window->tau_c_s : 0;
  o->clipped |= window && window->clipped;
}

/* A later earthquake's wave has reached the site: what is measured there now is not this one's. */
static bool overrun(const locator *l, const event *e, const event_arrival *a, int64_t until)
{
  for (size_t i = 0; i < EVENTS_MAXIMUM; i++) {
    const event *other = &l->event[i];
    if (other == e || other->stage != EVENT_OPEN || event_origin_time(other) <= event_origin_time(e))
      continue;
    plane_point at = plane_project(&other->around, l->network.site[a->pick.site].point);
    double distance = hypot(at.east_km - other->place.east_km, at.north_km - other->place.north_km);
    if (until > event_origin_time(other) + (int64_t)(locator_travel_time(l->tables, 'P', distance, other->place.depth_km) * 1e9))
      return true;
  }
  return false;
}

/* The motion in the window of shaking that holds this arrival. */
static picker_motion motion_of(const network_sensor *sensor, const event_arrival *a)
{
  picker_motion none = {0};
  for (size_t i = 0; i < NETWORK_WAVES && i < sensor->motions; i++) {
    const picker_motion *m = &sensor->motion[i];
    if (m->since <= a->pick.time + INGEST_SECOND && m->until > a->pick.time)
      return *m;
  }
  return none;
}

static const p_wave_windows *wave_of(const network_sensor *sensor, const event_arrival *a)
{
  const int64_t same_wave = 2 * INGEST_SECOND;
  for (size_t i = 0; i < NETWORK_WAVES && i < sensor->waves; i++)
    if (sensor->wave[i].time >= a->pick.time - same_wave && sensor->wave[i].time <= a->pick.time + same_wave)
      return &sensor->wave[i];
  return NULL;
}

/* Of a site's sensors that saw this P: one that is not clipped, then the one that stands highest above its noise. */
static bool best_sighting(const locator *l, const event_arrival *a, sighting *best)
{
  const network_site *site = &l->network.site[a->pick.site];
  double best_value = -1;
  *best = (sighting){0};
  for (int32_t i = site->first_sensor; i < site->first_sensor + site->sensors; i++) {
    sighting seen = {&l->network.sensor[i], wave_of(&l->network.sensor[i], a), motion_of(&l->network.sensor[i], a)};
    const p_window *last = seen.wave && seen.wave->windows > 0 ? &seen.wave->window[seen.wave->windows - 1] : NULL;
    if (!last && seen.motion.until == 0)
      continue;
    bool clipped = seen.motion.clipped || (last && last->clipped);
    double value = clipped ? 0 : last ? 1 + fmin((double)last->pd_m / fmax((double)last->noise_pd_m, 1e-12), 1e6) : 0.5;
    if (value > best_value) {
      *best = seen;
      best_value = value;
    }
  }
  return best_value >= 0;
}

/* The longest window that S does not reach; NULL if S is in all of them. */
static const p_window *window_before_s(const p_wave_windows *wave, double s_minus_p)
{
  for (size_t i = wave ? wave->windows : 0; i-- > 0;)
    if ((double)wave->window[i].window_s <= s_minus_p)
      return &wave->window[i];
  return NULL;
}
