#include <math.h>

#include "messages.h"

const char *const station_state_words[INGEST_STATES] = {"good", "late", "noisy", "dead", "clock", "off"};

static double seconds_between(int64_t from, int64_t to)
{
  return from == 0 || from == INT64_MIN ? NAN : (double)(to - from) / 1e9;
}

void station_message(post *p, const ingest_sensor *sensor, const ingest_status *status, uint32_t revision, int64_t expires_at)
{
  char name[SENSOR_NAME_TEXT];
  bool seen = status->state != INGEST_OFF;
  writer *w = post_begin(p, "tocsin.station.v1");
  writer_text(w, "id", sensor_name(sensor, name));
  writer_integer(w, "revision", revision);
  writer_text(w, "station", sensor->site_code);
  writer_fixed(w, "latitude_deg", sensor->latitude_deg, 4);
  writer_fixed(w, "longitude_deg", sensor->longitude_deg, 4);
  writer_text(w, "state", station_state_words[status->state]);
  writer_time(w, "data_until", seen ? status->data_until : 0);
  writer_time(w, "arrived_at", seen ? status->arrived : 0);
  writer_fixed(w, "data_latency_s", seen ? seconds_between(status->data_until, p->now) : NAN, 3);
  writer_fixed(w, "feed_latency_s", seen ? seconds_between(status->data_until, status->arrived) : NAN, 3);
  writer_integer(w, "packets", (int64_t)status->packets);
  writer_integer(w, "gaps", (int64_t)status->gaps);
  writer_integer(w, "discarded_samples", (int64_t)status->discarded_samples);
  writer_null(w, "noise_m_s2");
  writer_null(w, "clock_quality_percent");
  writer_open(w, "faults", '[');
  if (status->state != INGEST_GOOD)
    writer_text(w, NULL, status->state == INGEST_LATE ? "data late" : status->state == INGEST_DEAD ? "no data any more" : "never seen");
  writer_close(w, ']');
  post_send(p, (engine_message){.channel = ENGINE_STATION, .expires_at = expires_at});
}
