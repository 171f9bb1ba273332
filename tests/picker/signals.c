#include "signals.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

signal signal_zero(double seconds, double rate)
{
  signal s = {.n = (size_t)(seconds * rate), .rate = rate};
  s.values = calloc(s.n, sizeof *s.values);
  return s;
}

signal signal_noise(uint64_t seed, double seconds, double rate)
{
  signal s = signal_zero(seconds, rate);
  random_source r = {seed};
  double walk = 0;
  for (size_t i = 0; i < s.n; i++) {
    walk += 0.2 * random_normal(&r) - walk * 2 / rate;
    s.values[i] = (float)(0.7 * random_normal(&r) + walk * 5 / sqrt(rate));
  }
  return s;
}

void signal_free(signal *s)
{
  free(s->values);
  s->values = NULL;
}

void signal_add_wave(signal *s, uint64_t seed, double onset_s, double amplitude)
{
  enum { SINES = 8 };
  random_source r = {seed};
  double phase[SINES];
  for (int k = 0; k < SINES; k++)
    phase[k] = random_uniform(&r, 0, 6.283185307179586);
  for (size_t i = (size_t)ceil(onset_s * s->rate); i < s->n; i++) {
    double t = (double)i / s->rate - onset_s, sum = 0;
    for (int k = 0; k < SINES; k++)
      sum += sin(6.283185307179586 * (2 + k) * t + phase[k]);
    s->values[i] += (float)(amplitude * sum / 4 * exp(-t / 2));
  }
}

void signal_add_sine(signal *s, double from_s, double amplitude, double frequency_hz)
{
  for (size_t i = (size_t)ceil(from_s * s->rate); i < s->n; i++)
    s->values[i] += (float)(amplitude * sin(6.283185307179586 * frequency_hz * ((double)i / s->rate - from_s)));
}

picker_settings default_picker_settings(void)
{
  picker_settings settings = {0};
  settings.s_picks = true;
  for (const config_row *row = picker_rows; row->name; row++)
    if (row->type == CONFIG_REAL)
      *(double *)((char *)&settings + row->offset) = strtod(row->fallback, NULL);
  return settings;
}

/* Member by member, into zeros: what is told is compared byte by byte, and the bytes between members mean nothing. */
static void take_pick(void *user, const picker_pick *pick)
{
  told *t = user;
  if (t->pick_count == TOLD_MAXIMUM)
    return;
  picker_pick *kept = &t->picks[t->pick_count++];
  kept->id = pick->id;
  kept->sensor = pick->sensor;
  kept->phase = pick->phase;
  kept->polarity = pick->polarity;
  kept->time = pick->time;
  kept->uncertainty_s = pick->uncertainty_s;
  kept->snr = pick->snr;
  kept->data_until = pick->data_until;
}

static void take_withdrawal(void *user, const picker_withdraw *withdraw)
{
  told *t = user;
  if (t->withdrawal_count == TOLD_MAXIMUM)
    return;
  picker_withdraw *kept = &t->withdrawals[t->withdrawal_count++];
  kept->pick = withdraw->pick;
  kept->sensor = withdraw->sensor;
  kept->reason = withdraw->reason;
}

static void take_wave(void *user, const picker_p_wave *wave)
{
  told *t = user;
  if (t->wave_count == TOLD_MAXIMUM)
    return;
  picker_p_wave *kept = &t->waves[t->wave_count++];
  kept->pick = wave->pick;
  kept->sensor = wave->sensor;
  kept->window_s = wave->window_s;
  kept->pd_m = wave->pd_m;
  kept->pv_m_s = wave->pv_m_s;
  kept->pa_m_s2 = wave->pa_m_s2;
  kept->tau_c_s = wave->tau_c_s;
  kept->tau_p_max_s = wave->tau_p_max_s;
  kept->cav_m_s = wave->cav_m_s;
  memcpy(kept->band_m_s, wave->band_m_s, sizeof kept->band_m_s);
  kept->growth_m_s3 = wave->growth_m_s3;
  kept->azimuth_deg = wave->azimuth_deg;
  kept->azimuth_sigma_deg = wave->azimuth_sigma_deg;
  kept->noise_pd_m = wave->noise_pd_m;
  kept->brief_pd_m = wave->brief_pd_m;
  kept->brief_noise_m = wave->brief_noise_m;
  kept->clipped = wave->clipped;
  kept->data_until = wave->data_until;
}

picker_sink sink_into(told *t)
{
  return (picker_sink){.pick = take_pick, .withdraw = take_withdrawal, .p_wave = take_wave, .user = t};
}

ingest_samples piece_of(const signal *s, int component, ingest_unit unit, size_t from, size_t count, bool gap)
{
  return (ingest_samples){.component = component,
                          .gap = gap,
                          .unit = unit,
                          .start = signal_start + llround((double)from * 1e9 / s->rate),
                          .rate = s->rate,
                          .count = count,
                          .values = s->values + from};
}

void feed_vertical(told *t, const signal *s, size_t packet, ingest_unit unit)
{
  picker_settings settings = default_picker_settings();
  settings.s_picks = false;
  picker *p = picker_create(&settings, 0, s->rate);
  picker_sink sink = sink_into(t);
  memset(t, 0, sizeof *t);
  for (size_t from = 0; from < s->n; from += packet ? packet : s->n) {
    size_t count = packet && from + packet < s->n ? packet : s->n - from;
    ingest_samples piece = piece_of(s, INGEST_VERTICAL, unit, from, count, from == 0);
    picker_feed(p, &piece, &sink);
  }
  picker_destroy(p);
}

double seconds_after_start(int64_t time)
{
  return (double)(time - signal_start) / 1e9;
}
