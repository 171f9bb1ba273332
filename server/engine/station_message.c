#include <math.h>

#include "messages.h"

const char *const station_state_words[INGEST_STATES] = {"good", "late", "noisy", "dead", "clock", "off"};

static void write_quality(writer *w, const ingest_quality *q);
static void write_noise(writer *w, const ingest_noise *noise);
static void write_path(writer *w, const station_notice *notice);

static double seconds_between(int64_t from, int64_t to)
{
  return from == 0 || from == INT64_MIN ? NAN : (double)(to - from) / 1e9;
}

/* A seismometer's noise becomes acceleration by the differences of its samples. */
static double acceleration_noise(const ingest_quality *q)
{
  return q->unit == INGEST_UNIT_VELOCITY ? (double)q->usual_step * q->rate : (double)q->usual_rms;
}

static void write_faults(writer *w, uint32_t faults)
{
  writer_open(w, "faults", '[');
  for (ingest_fault_kind fault = 0; fault < INGEST_FAULTS; fault++)
    if (faults >> fault & 1)
      writer_text(w, NULL, ingest_fault_texts[fault]);
  writer_close(w, ']');
}

void station_message(post *p, const ingest_sensor *sensor, const station_notice *notice)
{
  char name[SENSOR_NAME_TEXT];
  const ingest_status *status = notice->status;
  bool seen = status->data_until != 0;
  writer *w = post_begin(p, "tocsin.station.v1");
  writer_text(w, "id", sensor_name(sensor, name));
  writer_integer(w, "revision", notice->revision);
  writer_text(w, "station", sensor->site_code);
  writer_fixed(w, "latitude_deg", sensor->latitude_deg, 4);
  writer_fixed(w, "longitude_deg", sensor->longitude_deg, 4);
  writer_text(w, "state", station_state_words[status->state]);
  writer_time(w, "data_until", status->data_until);
  writer_time(w, "arrived_at", status->arrived);
  writer_fixed(w, "data_latency_s", seen ? seconds_between(status->data_until, p->now) : NAN, 3);
  writer_fixed(w, "feed_latency_s", (double)status->feed_latency_s, 3);
  writer_integer(w, "packets", (int64_t)status->packets);
  writer_integer(w, "gaps", (int64_t)status->gaps);
  writer_fixed(w, "gaps_hour", (double)status->gaps_hour, 1);
  writer_integer(w, "discarded_samples", (int64_t)status->discarded_samples);
  writer_fixed(w, "noise_m_s2", acceleration_noise(&notice->quality), 9);
  writer_fixed(w, "clock_quality_percent", status->timing_quality < 0 ? NAN : status->timing_quality, 0);
  write_quality(w, &notice->quality);
  write_noise(w, &notice->noise);
  write_path(w, notice);
  write_faults(w, status->faults);
  post_send(p, (engine_message){.channel = ENGINE_STATION, .expires_at = notice->expires_at});
}

static void write_quality(writer *w, const ingest_quality *q)
{
  static const char *const units[] = {
      [INGEST_UNIT_OTHER] = NULL, [INGEST_UNIT_DISPLACEMENT] = "m", [INGEST_UNIT_VELOCITY] = "m/s", [INGEST_UNIT_ACCELERATION] = "m/s2"};
  writer_text(w, "unit", units[q->unit]);
  writer_fixed(w, "offset", (double)q->offset, 9);
  writer_fixed(w, "drift_hour", (double)q->drift_hour, 9);
  writer_fixed(w, "rms", (double)q->rms, 9);
  writer_fixed(w, "usual_rms", (double)q->usual_rms, 9);
}

static void write_noise(writer *w, const ingest_noise *noise)
{
  bool known = noise->verdict != INGEST_NOISE_UNKNOWN;
  writer_text(w, "spectrum", known ? ingest_noise_verdict_words[noise->verdict] : NULL);
  writer_fixed(w, "above_high_noise_percent", known ? 100 * (double)noise->above_high : NAN, 0);
  writer_fixed(w, "below_low_noise_percent", known ? 100 * (double)noise->below_low : NAN, 0);
}

static void write_name(writer *w, const char *key, const char *name)
{
  writer_text(w, key, *name ? name : NULL);
}

static void write_path(writer *w, const station_notice *notice)
{
  writer_open(w, "path", '{');
  write_name(w, "logger", notice->logger);
  write_name(w, "link", notice->link);
  write_name(w, "provider", notice->provider);
  writer_close(w, '}');
}
