#include <math.h>
#include <stdio.h>

#include "messages.h"

static void write_p_wave(writer *w, const picker_p_wave *p_wave);

void pick_message(post *p, const ingest_sensor *sensor, const pick_notice *notice)
{
  const picker_pick *pick = &notice->pick;
  char name[SENSOR_NAME_TEXT], id[SENSOR_NAME_TEXT + 16];
  snprintf(id, sizeof id, "%s-%u", sensor_name(sensor, name), (unsigned)(pick->id & UINT32_MAX));
  writer *w = post_begin(p, "tocsin.pick.v1");
  writer_text(w, "id", id);
  writer_integer(w, "revision", notice->revision);
  writer_text(w, "state", notice->withdrawn ? "withdrawn" : "valid");
  writer_text(w, "withdrawn_because", notice->withdrawn);
  writer_text(w, "station", sensor->site_code);
  writer_text(w, "sensor", name);
  writer_text(w, "phase", (char[]){pick->phase, '\0'});
  writer_time(w, "time", pick->time);
  writer_fixed(w, "uncertainty_s", pick->uncertainty_s, 3);
  writer_fixed(w, "snr", pick->snr, 1);
  writer_text(w, "polarity", pick->polarity > 0 ? "up" : pick->polarity < 0 ? "down" : NULL);
  int64_t data_until = notice->p_wave.data_until > pick->data_until ? notice->p_wave.data_until : pick->data_until;
  writer_time(w, "data_until", data_until);
  if (notice->p_wave.window_s > 0)
    write_p_wave(w, &notice->p_wave);
  else
    writer_null(w, "p_wave");
  post_send(p, (engine_message){.channel = ENGINE_PICK, .sample_time = data_until});
}

char *sensor_name(const ingest_sensor *sensor, char text[SENSOR_NAME_TEXT])
{
  return ingest_codes_format(&sensor->codes, text);
}

static void write_p_wave(writer *w, const picker_p_wave *p_wave)
{
  writer_open(w, "p_wave", '{');
  writer_fixed(w, "window_s", p_wave->window_s, 2);
  writer_fixed(w, "pd_m", p_wave->pd_m, 9);
  writer_fixed(w, "pv_m_s", p_wave->pv_m_s, 9);
  writer_fixed(w, "pa_m_s2", p_wave->pa_m_s2, 8);
  writer_fixed(w, "tau_c_s", p_wave->tau_c_s > 0 ? p_wave->tau_c_s : NAN, 3);
  writer_fixed(w, "tau_p_max_s", p_wave->tau_p_max_s > 0 ? p_wave->tau_p_max_s : NAN, 3);
  writer_fixed(w, "cav_m_s", p_wave->cav_m_s, 8);
  writer_open(w, "band_m_s", '[');
  for (int i = 0; i < PICKER_BANDS; i++)
    writer_fixed(w, NULL, p_wave->band_m_s[i], 9);
  writer_close(w, ']');
  bool clear = p_wave->azimuth_sigma_deg > 0;
  writer_fixed(w, "growth_m_s3", p_wave->growth_m_s3 > 0 ? p_wave->growth_m_s3 : NAN, 6);
  writer_fixed(w, "azimuth_deg", clear ? p_wave->azimuth_deg : NAN, 1);
  writer_fixed(w, "azimuth_uncertainty_deg", clear ? p_wave->azimuth_sigma_deg : NAN, 1);
  writer_fixed(w, "noise_pd_m", p_wave->noise_pd_m, 9);
  writer_flag(w, "clipped", p_wave->clipped);
  writer_close(w, '}');
}
