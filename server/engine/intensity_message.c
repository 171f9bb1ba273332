#include <math.h>

#include "messages.h"

writer *intensity_message_begin(post *p, int64_t revision)
{
  writer *w = post_begin(p, "tocsin.intensity.v1");
  writer_text(w, "id", "observed");
  writer_integer(w, "revision", revision);
  writer_text(w, "scale", "csis");
  writer_null(w, "grid");
  writer_open(w, "stations", '[');
  return w;
}

void intensity_message_row(writer *w, const ingest_sensor *sensor, const picker_motion *motion)
{
  char name[SENSOR_NAME_TEXT];
  double intensity = intensity_csis((double)motion->csis_pga_m_s2, (double)motion->csis_pgv_m_s);
  writer_open(w, NULL, '{');
  writer_text(w, "station", sensor->site_code);
  writer_text(w, "sensor", sensor_name(sensor, name));
  writer_fixed(w, "latitude_deg", sensor->latitude_deg, 4);
  writer_fixed(w, "longitude_deg", sensor->longitude_deg, 4);
  writer_integer(w, "components", motion->components);
  writer_time(w, "since", motion->since);
  writer_time(w, "until", motion->until);
  writer_fixed(w, "intensity", isnan(intensity) ? NAN : intensity_rounded(intensity), 1);
  writer_fixed(w, "pga_m_s2", (double)motion->csis_pga_m_s2, 6);
  writer_fixed(w, "pgv_m_s", (double)motion->csis_pgv_m_s, 7);
  writer_flag(w, "clipped", motion->clipped);
  writer_close(w, '}');
}

void intensity_message_end(post *p)
{
  writer_close(&p->out, ']');
  post_send(p, (engine_message){.channel = ENGINE_INTENSITY});
}
