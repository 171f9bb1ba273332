/* messages.h: one writer a channel. The shapes are those of docs/schemas: every member always present, null where unknown. */
#ifndef TOCSIN_ENGINE_MESSAGES_H
#define TOCSIN_ENGINE_MESSAGES_H

#include "forecast.h"
#include "message.h"
#include "texts.h"

/* ---- event (event_message.c) ---- */

/* `refusal`: why it has no alert; NULL: it has one. */
void event_message(post *p, const ingest_inventory *inventory, const locator_event *event, const char *refusal);

/* The members from id to likelihood that an alert shares with its event; `revision` is the message's own. */
void event_members(writer *w, const locator_event *event, uint32_t revision);

extern const char *const event_state_words[];

/* ---- why (reasons.c) ---- */

/* Member `reasons`: what went into its likelihood. */
void reasons_members(writer *w, const ingest_inventory *inventory, const locator_event *event);
/* The same in words. */
enum { REASONS_TEXT = 600 };
char *reasons_text(const locator_event *event, const ingest_inventory *inventory, char text[REASONS_TEXT]);

/* ---- alert (alert_message.c) ---- */

typedef struct {
  const locator_event *event;
  uint32_t revision;
  alert_type type;
  int audience;
  double max_intensity; /* over all targets, NAN: unknown */
  place place;
  int64_t expires_at;
  alert_reason reason;
  texts text;
} alert_notice;

/* To all, with the `count` targets listed. */
void alert_message(post *p, const alert_notice *notice, const forecast *f, const uint32_t *listed, size_t count);
/* To one target, by its own channel. */
void alert_target_message(post *p, const alert_notice *notice, const engine_target *target, const forecast_row *row, int64_t expires_at);

/* ---- report (report_message.c) ---- */

typedef struct {
  const locator_event *event;
  uint32_t revision;
  place place;
  texts text;
} report_notice;
void report_message(post *p, const report_notice *notice);

/* ---- pick (pick_message.c) ---- */

/* What was said of one pick so far. */
typedef struct {
  picker_pick pick;      /* id 0: none */
  picker_p_wave p_wave;  /* window_s 0: none yet */
  const char *withdrawn; /* the reason; NULL: it stands */
  uint32_t revision;
} pick_notice;
void pick_message(post *p, const ingest_sensor *sensor, const pick_notice *notice);

/* "BK.BRIB.01.HN" */
enum { SENSOR_NAME_TEXT = 48 };
char *sensor_name(const ingest_sensor *sensor, char text[SENSOR_NAME_TEXT]);

/* ---- station (station_message.c) ---- */

typedef struct {
  const ingest_status *status;
  ingest_quality quality;               /* of the vertical, of any other component where there is none */
  ingest_noise noise;                   /* the worst of its components, by their newest spectra */
  const char *logger, *link, *provider; /* "": unknown */
  uint32_t revision;
  int64_t expires_at;
} station_notice;
void station_message(post *p, const ingest_sensor *sensor, const station_notice *notice);
extern const char *const station_state_words[];

/* ---- intensity (intensity_message.c) ---- */

enum { INTENSITY_ROWS = 500 }; /* stations in one message at most */
writer *intensity_message_begin(post *p, int64_t revision);
void intensity_message_row(writer *w, const ingest_sensor *sensor, const picker_motion *motion);
void intensity_message_end(post *p);

/* ---- heartbeat (heartbeat.c) ---- */

typedef struct {
  int64_t revision;
  engine_clock clock;
  size_t stations_good, stations_all;
  size_t events_open;
} heartbeat_notice;
writer *heartbeat_begin(post *p, const heartbeat_notice *notice);
void heartbeat_alert(writer *w, const char *id, uint32_t revision);
void heartbeat_end(post *p);

#endif
