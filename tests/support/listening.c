#include "listening.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 20 };
const double listening_after_p_s[LISTENING_TIMES] = {3, 5, 10, 20, 30};

static double distance_km(const scenario *s, const scenario_station *station)
{
  return locator_distance_km(s->latitude_deg, s->longitude_deg, station->latitude_deg, station->longitude_deg, NULL);
}

void listening_sort(const scenario *s, scenario_station *stations, size_t count)
{
  for (size_t i = 1; i < count; i++)
    for (size_t k = i; k > 0 && distance_km(s, &stations[k]) < distance_km(s, &stations[k - 1]); k--) {
      scenario_station kept = stations[k];
      stations[k] = stations[k - 1];
      stations[k - 1] = kept;
    }
}

/* ---- what is wrong with a station ---- */

static void swell(const scenario *s, random_source *r, float *samples, size_t count)
{
  for (int wave = 0; wave < 8; wave++) {
    double omega = 2 * M_PI / random_uniform(r, 10, 30), metres = 0.001 * random_uniform(r, 0.5, 2), phase = random_uniform(r, 0, 2 * M_PI);
    for (size_t i = 0; i < count; i++)
      samples[i] += (float)(metres * omega * omega * sin(omega * (double)i / s->rate + phase));
  }
}

static float peak_of(const float *samples, size_t count)
{
  float peak = 0;
  for (size_t i = 0; i < count; i++)
    peak = fmaxf(peak, fabsf(samples[i]));
  return peak;
}

static void spoil(const scenario *s, const listener *l, random_source *r, float *samples, size_t count)
{
  size_t jump = (size_t)((double)(l->p - s->start) / 1e9 * s->rate) + LISTENING_RATE / 2;
  float scale = l->defect == LISTENING_GAIN ? 10 : l->defect == LISTENING_POLARITY ? -1 : 1;
  float limit = l->defect == LISTENING_CLIPPED ? peak_of(samples, count) / 3 : INFINITY;
  for (size_t i = 0; i < count; i++) {
    samples[i] = fminf(fmaxf(scale * samples[i], -limit), limit);
    samples[i] += l->defect == LISTENING_STEP && i >= jump ? 0.05F : 0;
  }
  if (l->defect == LISTENING_LONG_PERIOD)
    swell(s, r, samples, count);
}

/* ---- one station listens ---- */

static void on_pick(void *user, const picker_pick *pick)
{
  listener *l = user;
  if (pick->phase != 'P' || l->pick || l->defect == LISTENING_SILENT || llabs(pick->time - l->p) > INGEST_SECOND)
    return;
  l->pick = pick->id;
  l->picked = pick->time;
}

static void on_withdraw(void *user, const picker_withdraw *withdraw)
{
  listener *l = user;
  if (withdraw->pick == l->pick)
    l->pick = 0;
}

static void on_p_wave(void *user, const picker_p_wave *w)
{
  listener *l = user;
  if (w->pick != l->pick || (double)w->window_s > l->s_minus_p_s)
    return;
  if (w->window_s <= 3)
    l->short_pd_m = w->pd_m;
  magnitude_window window = magnitude_window_of(w);
  magnitude_take_window(&l->now, &window);
}

/* Does the digitiser say that it is at its end? */
static bool is_clipped(const listener *l, const float *values, float limit)
{
  return l->defect == LISTENING_CLIPPED && peak_of(values, CHUNK) >= limit;
}

static void feel(picker *p, listener *l)
{
  picker_motion motion;
  if (!l->pick || !picker_motion_take(p, &motion) || motion.until < l->picked)
    return;
  const double vector_over_rotd50 = 1.25;
  l->now.jma_pgd_m = fmaxf(l->now.jma_pgd_m, motion.jma_pgd_m);
  l->now.wood_anderson_mm = fmaxf(l->now.wood_anderson_mm, motion.wood_anderson_mm);
  l->now.clipped |= motion.clipped;
  l->felt.ln_peak[LOCATOR_PGA] = fmax(l->felt.ln_peak[LOCATOR_PGA], log((double)motion.pga_m_s2 / vector_over_rotd50));
  l->felt.ln_peak[LOCATOR_PGV] = fmax(l->felt.ln_peak[LOCATOR_PGV], log((double)motion.pgv_m_s / vector_over_rotd50));
}

static void snapshot(listener *l, int k, int64_t until)
{
  l->at[k] = l->now;
  l->at[k].since_p_s = l->pick ? (double)(until - l->picked) / 1e9 : 0;
  l->felt_at[k] = l->felt;
  double over_s = l->s_minus_p_s + 3 + 0.06 * l->now.epicentral_km;
  l->felt_at[k].growing = l->now.clipped || l->at[k].since_p_s < over_s;
  l->short_at[k] = l->pick ? l->short_pd_m : 0;
}

/* From the first sample to the last of the times. */
static void follow(const scenario *s, const picker_settings *settings, float *const samples[INGEST_COMPONENTS], size_t count, int64_t first_p,
                   listener *l)
{
  const picker_sink sink = {on_pick, on_withdraw, on_p_wave, .user = l};
  picker *p = picker_create(settings, 0, LISTENING_RATE);
  float limit[INGEST_COMPONENTS];
  for (int component = 0; component < INGEST_COMPONENTS; component++)
    limit[component] = peak_of(samples[component], count);
  int k = 0;
  for (size_t from = 0; from + CHUNK <= count && k < LISTENING_TIMES; from += CHUNK) {
    for (int component = 0; component < INGEST_COMPONENTS; component++) {
      float *values = samples[component] + from;
      ingest_samples piece = {.component = component,
                              .gap = from == 0,
                              .unit = INGEST_UNIT_ACCELERATION,
                              .clipped = is_clipped(l, values, limit[component]),
                              .start = s->start + (int64_t)from * (INGEST_SECOND / LISTENING_RATE),
                              .rate = LISTENING_RATE,
                              .count = CHUNK,
                              .values = values};
      picker_feed(p, &piece, &sink);
    }
    feel(p, l);
    int64_t until = s->start + (int64_t)(from + CHUNK) * (INGEST_SECOND / LISTENING_RATE);
    for (; k < LISTENING_TIMES && until >= first_p + (int64_t)(listening_after_p_s[k] * 1e9); k++)
      snapshot(l, k, until);
  }
  picker_destroy(p);
}

static void listen(const scenario *s, scenario_fault *fault, const scenario_station *station, const picker_settings *settings, int64_t first_p,
                   listener *l)
{
  size_t count = (size_t)(s->duration_s * LISTENING_RATE);
  random_source r = {s->seed};
  float *samples[INGEST_COMPONENTS];
  for (int component = 0; component < INGEST_COMPONENTS; component++) {
    samples[component] = calloc(count, sizeof(float));
    scenario_noise(s, station, component, samples[component], count);
  }
  scenario_fault_shake(fault, station, samples, count);
  for (int component = 0; component < INGEST_COMPONENTS; component++)
    spoil(s, l, &r, samples[component], count);
  follow(s, settings, samples, count, first_p, l);
  for (int component = 0; component < INGEST_COMPONENTS; component++)
    free(samples[component]);
}

void listening_hear(scenario *s, const scenario_station *stations, const picker_settings *settings, listener *listeners)
{
  double first_p_s = locator_travel_time(s->tables, 'P', distance_km(s, &stations[0]), s->depth_km);
  s->start = s->origin_time - LISTENING_BEFORE_S * INGEST_SECOND;
  s->duration_s = LISTENING_BEFORE_S + first_p_s + LISTENING_AFTER_S;
  scenario_fault *fault = scenario_fault_create(s);
  for (int i = 0; i < LISTENING_STATIONS; i++) {
    double azimuth, km = locator_distance_km(s->latitude_deg, s->longitude_deg, stations[i].latitude_deg, stations[i].longitude_deg, &azimuth);
    double p_s = locator_travel_time(s->tables, 'P', km, s->depth_km), s_minus_p_s = locator_travel_time(s->tables, 'S', km, s->depth_km) - p_s;
    listener *l = &listeners[i];
    *l = (listener){.defect = l->defect, .p = s->origin_time + (int64_t)(p_s * 1e9), .s_minus_p_s = s_minus_p_s};
    l->now = (magnitude_observation){.epicentral_km = km, .depth_km = s->depth_km, .s_minus_p_s = s_minus_p_s};
    l->felt = (fault_site){km * sin(azimuth * M_PI / 180), km * cos(azimuth * M_PI / 180), {(double)-INFINITY, (double)-INFINITY}, false};
    listen(s, fault, &stations[i], settings, s->origin_time + (int64_t)(first_p_s * 1e9), l);
  }
  scenario_fault_destroy(fault);
}

int listening_stations(const listener *listeners, int time)
{
  int stations = 0;
  for (int i = 0; i < LISTENING_STATIONS; i++)
    stations += listeners[i].at[time].since_p_s > 0;
  return stations;
}

magnitude_estimate listening_magnitude(const listener *listeners, int time)
{
  magnitude_observation seen[LISTENING_STATIONS];
  size_t n = 0;
  for (int i = 0; i < LISTENING_STATIONS; i++)
    if (listeners[i].at[time].since_p_s > 0)
      seen[n++] = listeners[i].at[time];
  return magnitude_of(seen, n);
}
