/* What the sensors measured, and the magnitude that follows. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "event.h"

/* What one sensor saw of one arrival: its P wave (NULL: none), and whether any of its shaking was clipped. */
typedef struct {
  const network_sensor *sensor;
  const p_wave_windows *wave;
  bool clipped;
} sighting;

static bool best_sighting(const locator *l, const event_arrival *a, sighting *best);
static double overrun_after_s(const locator *l, const event *e, const event_arrival *a);
static void observe(const locator *l, const event *e, event_arrival *a);
static double shaking_lasts_s(const event *e, const event_arrival *a);
static void measure_shaking(magnitude_observation *o, const p_wave_windows *wave, const picker_motion *motion, bool only_p);
static void measure_p_wave(magnitude_observation *o, const p_wave_windows *wave, double longest_s);

void amplitude_p_wave(locator *l, const picker_p_wave *p_wave)
{
  network_sensor *sensor = &l->network.sensor[p_wave->sensor];
  p_wave_windows *wave = NULL;
  for (size_t i = 0; i < NETWORK_WAVES; i++)
    if (sensor->wave[i].pick == p_wave->pick)
      wave = &sensor->wave[i];
  if (!wave || (wave->windows > 0 && wave->window[wave->windows - 1].seen.window_s >= p_wave->window_s))
    return;
  if (wave->windows == NETWORK_WINDOWS) /* the short ones serve near sites, the longest far ones */
    wave->windows--;
  wave->window[wave->windows++] = (p_window){magnitude_window_of(p_wave), p_wave->growth_m_s3};
  wave->azimuth_deg = p_wave->azimuth_deg;
  wave->azimuth_sigma_deg = p_wave->azimuth_sigma_deg;
}

void amplitude_motion(locator *l, const picker_motion *motion)
{
  const int64_t same_window = 2 * INGEST_SECOND; /* its beginning moves to the onset once that is known; none is so short */
  network_sensor *sensor = &l->network.sensor[motion->sensor];
  if (sensor->motions == 0 || llabs(sensor->motion[(sensor->motions - 1) % NETWORK_WAVES].since - motion->since) > same_window)
    sensor->motions++;
  sensor->motion[(sensor->motions - 1) % NETWORK_WAVES] = *motion;
}

picker_motion amplitude_shaking(const network_sensor *sensor)
{
  return sensor->motions > 0 ? sensor->motion[(sensor->motions - 1) % NETWORK_WAVES] : (picker_motion){0};
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

/* From events that many P waves measured in full. */
void amplitude_learn(locator *l, const event *e)
{
  const int enough = 6;
  const magnitude_estimate *m = &e->magnitude;
  if (m->type != LOCATOR_MPD || m->may_grow || m->stations < enough)
    return;
  for (size_t i = 0; i < e->arrivals; i++) {
    const event_arrival *a = &e->arrival[i];
    if (a->phase == 'P' && a->weight > 0)
      magnitude_term_learn(&l->network.site[a->pick.site].term, magnitude_of_p_wave(&a->seen) - (double)m->magnitude);
  }
}

/* How its growth stands: the longest window that measured it. */
static void witness_growth(witness *x, const p_wave_windows *wave)
{
  for (size_t i = wave->windows; i-- > 0 && x->growth_m_s3 == 0;) {
    x->growth_m_s3 = (double)wave->window[i].growth_m_s3;
    x->growth_s = (double)wave->window[i].seen.window_s;
  }
}

static void witness_peaks(witness *x, const p_wave_windows *wave)
{
  for (size_t i = 0; i < wave->windows; i++) {
    const magnitude_window *of = &wave->window[i].seen;
    for (int k = 0; k < WITNESS_WINDOWS; k++)
      if (of->window_s == witness_windows_s[k])
        x->pd_m[k] = (double)of->pd_m;
    x->noise_pd_m = (double)of->noise_pd_m;
    x->clipped |= of->clipped;
  }
}

/* Its peak in all windows of shaking up to what is another earthquake's. */
static void witness_shaking(witness *x, const network_sensor *sensor, int64_t p)
{
  double alone_s = x->seen_s;
  int64_t until = sensor->data_until;
  for (size_t i = 0; i < NETWORK_WAVES && i < sensor->motions; i++) {
    const picker_motion *m = &sensor->motion[i];
    until = m->until > until ? m->until : until;
    if (m->until > p && (double)(m->until - p) / 1e9 <= alone_s)
      x->displacement_m = fmax(x->displacement_m, (double)m->jma_pgd_m);
  }
  x->seen_s = fmin(alone_s, fmax(0, (double)(until - p) / 1e9));
}

void amplitude_witnesses(const locator *l, const event *e, witnesses *w)
{
  w->tables = e->region->tables;
  w->count = 0;
  for (size_t i = 0; i < e->arrivals && w->count < WITNESSES_MAXIMUM; i++) {
    const event_arrival *a = &e->arrival[i];
    sighting seen;
    if (a->phase != 'P' || !best_sighting(l, a, &seen))
      continue;
    witness *x = &w->of[w->count++];
    *x = (witness){.at = a->at,
                   .site_term = magnitude_term_value(&l->network.site[a->pick.site].term),
                   .clipped = seen.clipped,
                   .seen_s = overrun_after_s(l, e, a)};
    witness_shaking(x, seen.sensor, a->pick.time);
    if (!seen.wave)
      continue;
    x->azimuth_deg = (double)seen.wave->azimuth_deg;
    x->azimuth_sigma_deg = (double)seen.wave->azimuth_sigma_deg;
    witness_growth(x, seen.wave);
    witness_peaks(x, seen.wave);
  }
}

/* S less P at the arrival's site, as seen or else as predicted; and until when after P there is none of S for sure: a prediction may be as far off as
   the epicentre. */
static double s_minus_p_s(const event *e, const event_arrival *a, double *only_p_s)
{
  const event_arrival *s = event_arrival_at(e, a->pick.site, 'S');
  double sigma = fmin(2, 0.12 * sqrt(fmax(0, e->place.covariance[0][0] + e->place.covariance[1][1])));
  double predicted = locator_travel_time(e->region->tables, 'S', a->distance_km, e->place.depth_km) -
                     locator_travel_time(e->region->tables, 'P', a->distance_km, e->place.depth_km);
  bool seen = s && s->weight > 0.8 && s->pick.time > a->pick.time;
  double s_after_p = seen ? (double)(s->pick.time - a->pick.time) / 1e9 : predicted;
  *only_p_s = seen ? s_after_p - 2 * (double)s->pick.sigma_s : predicted - sigma;
  return s_after_p;
}

/* What is seen stays seen, though the sensor has measured other waves since; its place in the world is always the newest. */
static void observe(const locator *l, const event *e, event_arrival *a)
{
  sighting seen;
  double only_p_s;
  a->seen.epicentral_km = a->distance_km;
  a->seen.depth_km = e->place.depth_km;
  a->seen.place_sigma_km = sqrt(fmax(0, e->place.covariance[0][0] + e->place.covariance[1][1]) / 2);
  a->seen.site_term = (float)magnitude_term_value(&l->network.site[a->pick.site].term);
  a->seen.term_events = l->network.site[a->pick.site].term.events;
  a->seen.s_minus_p_s = s_minus_p_s(e, a, &only_p_s);
  if (!best_sighting(l, a, &seen))
    return;
  double alone_s = overrun_after_s(l, e, a);
  int64_t until = seen.sensor->data_until;
  for (size_t i = 0; i < NETWORK_WAVES && i < seen.sensor->motions; i++) {
    const picker_motion *m = &seen.sensor->motion[i];
    until = m->until > until ? m->until : until;
    if (m->until > a->pick.time && (double)(m->until - a->pick.time) / 1e9 <= fmin(alone_s, shaking_lasts_s(e, a)))
      measure_shaking(&a->seen, seen.wave, m, (double)(m->until - a->pick.time) / 1e9 < only_p_s);
  }
  a->seen.since_p_s = fmax(1e-3, fmin(alone_s, (double)(until - a->pick.time) / 1e9));
  a->seen.clipped = seen.clipped;
  if (seen.wave)
    measure_p_wave(&a->seen, seen.wave, fmin(alone_s, only_p_s));
}

/* After P: the strongest shaking comes with S and what disperses behind it, and again while the source still goes on. Where the place is vague,
   nobody knows when. */
static double shaking_lasts_s(const event *e, const event_arrival *a)
{
  if (e->vague)
    return INFINITY;
  const double least_s = 3, dispersion_s_km = 0.06, small = 2.5;
  double source = isnan(e->magnitude.magnitude) ? small : (double)e->magnitude.magnitude;
  return a->seen.s_minus_p_s + least_s + dispersion_s_km * a->distance_km + 4 * magnitude_half_duration_s(source);
}

static double grown(float now, float before)
{
  const double least = 1.2;
  return (double)now > least * (double)before ? (double)now : 0;
}

static void measure_shaking(magnitude_observation *o, const p_wave_windows *wave, const picker_motion *motion, bool only_p)
{
  bool same = wave && wave->before.since == motion->since;
  double displacement = grown(motion->jma_pgd_m, same ? wave->before.jma_pgd_m : 0),
         wood_anderson = grown(motion->wood_anderson_mm, same ? wave->before.wood_anderson_mm : 0);
  o->jma_pgd_m = fmaxf(o->jma_pgd_m, (float)displacement);
  o->wood_anderson_mm = fmaxf(o->wood_anderson_mm, (float)wood_anderson);
  if (only_p)
    o->wood_anderson_p_mm = fmaxf(o->wood_anderson_p_mm, motion->wood_anderson_mm);
}

/* The windows that no other wave reaches. */
static void measure_p_wave(magnitude_observation *o, const p_wave_windows *wave, double longest_s)
{
  magnitude_take_window(o, &(magnitude_window){0});
  memset(o->early_pd_m, 0, sizeof o->early_pd_m);
  for (size_t i = 0; i < wave->windows; i++) {
    const magnitude_window *w = &wave->window[i].seen;
    if ((double)w->window_s > longest_s)
      return;
    magnitude_take_window(o, w);
  }
}

/* Seconds after this arrival at which a later earthquake's P reached the site: what is measured there from then on is not this one's. */
static double overrun_after_s(const locator *l, const event *e, const event_arrival *a)
{
  double first = INFINITY;
  for (size_t i = 0; i < EVENTS_MAXIMUM; i++) {
    const event *other = &l->event[i];
    if (other == e || other->stage != EVENT_OPEN || event_origin_time(other) <= event_origin_time(e))
      continue;
    plane_point at = plane_project(&other->around, l->network.site[a->pick.site].point);
    double distance = hypot(at.east_km - other->place.east_km, at.north_km - other->place.north_km);
    double after =
        (double)(event_origin_time(other) - a->pick.time) / 1e9 + locator_travel_time(other->region->tables, 'P', distance, other->place.depth_km);
    first = fmin(first, fmax(after, 0));
  }
  return first;
}

/* Is any of the sensor's shaking from this arrival on; and was it clipped? */
static bool has_shaken(const network_sensor *sensor, const event_arrival *a, bool *clipped)
{
  bool any = false;
  *clipped = false;
  for (size_t i = 0; i < NETWORK_WAVES && i < sensor->motions; i++) {
    const picker_motion *m = &sensor->motion[i];
    bool holds = m->since <= a->pick.time + INGEST_SECOND && m->until > a->pick.time;
    any |= holds;
    *clipped |= holds && m->clipped;
  }
  return any;
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
  for (int32_t i = site->first_sensor; i >= 0; i = l->network.sensor[i].next) {
    sighting seen = {.sensor = &l->network.sensor[i], .wave = wave_of(&l->network.sensor[i], a)};
    const magnitude_window *last = seen.wave && seen.wave->windows > 0 ? &seen.wave->window[seen.wave->windows - 1].seen : NULL;
    bool shaken = has_shaken(seen.sensor, a, &seen.clipped);
    if (!last && !shaken)
      continue;
    bool clipped = seen.clipped || (last && last->clipped);
    double value = clipped ? 0 : last ? 1 + fmin((double)last->pd_m / fmax((double)last->noise_pd_m, 1e-12), 1e6) : 0.5;
    if (value > best_value) {
      *best = seen;
      best_value = value;
    }
  }
  return best->sensor != NULL;
}
