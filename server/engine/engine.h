/* engine.h: the pure, deterministic core: four inputs in, messages out.
 *
 * Wires ingest, picker, locator and intensity together, applies the alert rules and writes messages. It has no clock, no thread, no socket and
 * opens no file: the live daemon, the replay, the drill, the benchmark and the fuzzer all drive this same code. The order of calls is
 * part of the input; the same calls give the same messages to the byte, on one binary and one kind of CPU.
 *
 * `now` is the arrival time (ns UTC) and never decreases. The engine's own steps fall on a fixed grid of 100 ms of `now`; a step sees its grid
 * instant as `now`, and steps at or before an arrival run before it. After engine_create() nothing of ours is allocated by
 * engine_packet() and engine_advance().
 */
#ifndef TOCSIN_ENGINE_H
#define TOCSIN_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "intensity.h"

#define ENGINE_STEP_NS INT64_C(100000000)

typedef enum { ENGINE_ACTUAL, ENGINE_EXERCISE, ENGINE_TEST } engine_status;
extern const char *const engine_status_words[];

/* ---- settings: alert rules and targets ---- */

/* A place that is warned. */
typedef struct {
  char id[32]; /* [a-z0-9_-]+, names its channel tocsin:alert:ID */
  char name[64], name_zh[64];
  double latitude_deg, longitude_deg;
  double site_term; /* degrees of intensity added for soft ground */
  double threshold; /* predicted intensity from which it is told by its own channel */
} engine_target;
extern const config_row engine_target_rows[];

typedef struct {
  double minimum_magnitude;   /* an alert needs at least this */
  double minimum_intensity;   /* ... and this predicted at some target */
  int64_t minimum_stations;   /* ... from so many sites */
  int64_t minimum_amplitudes; /* ... whose magnitude rests on so many */
  double minimum_likelihood;
  double maximum_uncertainty_km;                        /* ... placed at least so well (68 % radius) */
  double update_magnitude, update_km, update_intensity; /* a change that is material */
  double update_interval_s;                             /* but not more often than this, unless a level rises */
  double expires_after_s;                               /* after the last target's S */
  double report_after_s;                                /* automatic rapid report, after the origin time */
  int audience;                                         /* 0 internal, 1 public */
  bool targets_from_stations;                           /* with no target configured: each site of the inventory is one */
  double station_report_s;                              /* each station's own message this often */
} engine_rules;
extern const config_row engine_rule_rows[];
extern const char *const engine_audience_words[];

typedef struct {
  engine_rules rules;
  engine_target *targets; /* malloc'ed by the parser */
  size_t targets_count;
} engine_settings;

/* ---- messages ---- */

typedef enum {
  ENGINE_ALERT,
  ENGINE_ALERT_TARGET,
  ENGINE_EVENT,
  ENGINE_REPORT,
  ENGINE_INTENSITY,
  ENGINE_PICK,
  ENGINE_STATION,
  ENGINE_HEARTBEAT,
  ENGINE_CHANNELS
} engine_channel;
/* "alert", "alert", "event", ...: the channel's name after the prefix */
extern const char *const engine_channel_words[ENGINE_CHANNELS];

/* One message, complete up to its member `config`, without the closing brace: {"schema":...,"config":"9f2c41d0". The sink adds the tail. */
typedef struct {
  engine_channel channel;
  const char *target; /* ENGINE_ALERT_TARGET: its id; else NULL */
  const char *json;   /* valid during the call */
  size_t length;
  int64_t issued_at;
  int64_t expires_at;  /* after this it is history, not a warning; 0: never */
  int64_t sample_time; /* the deciding sample's own time, 0: none */
  int64_t arrival;     /* of the packet that held it, 0: none */
} engine_message;

typedef struct {
  void (*message)(void *user, const engine_message *message);
  /* One line for the log, counted and rate-limited by the shell; severity as syslog's (3 error, 4 warning, 5 notice, 6 info). */
  void (*log)(void *user, int severity, const char *text);
  void *user;
} engine_sink;

/* ---- the engine ---- */

typedef struct {
  engine_status status;
  const char *software;    /* "tocsin 0.1" */
  const char *config_hash; /* first 8 hex digits of the SHA-256 of the sorted settings */
  const ingest_settings *ingest;
  const picker_settings *picker;
  const locator_settings *locator;
  const intensity_settings *intensity;
  const engine_settings *settings;
  const ingest_inventory *inventory;
  const locator_travel_times *tables;
  const ingest_feed_path *feeds; /* what feed number i says of itself, copied; may be NULL */
  size_t feeds_count;
} engine_setup;

typedef struct engine engine;

/* NULL if memory is short. What `setup` points to is kept by pointer and must outlive the engine. */
engine *engine_create(const engine_setup *setup, const engine_sink *sink);
void engine_destroy(engine *e);

/* Exactly one record, from feed number `feed`, at `now`. */
void engine_packet(engine *e, int32_t feed, const uint8_t *record, size_t length, int64_t now);

/* Time passes: steps at grid instants up to and including `now` run. */
void engine_advance(engine *e, int64_t now);

/* A worker is done: its result enters here. ENGINE_JOB_SETTINGS: `result` is an engine_settings_result whose rules and targets are copied, or NULL if
   the file had faults. They hold from this instant; an open alert keeps the targets that it told. ENGINE_JOB_SPECTRUM: an engine_spectrum_result,
   told by the station's messages; it decides nothing. ENGINE_JOB_INVENTORY: an ingest_inventory, made by ingest_inventory_seal_after() of the one in
   use, or NULL if it had faults; it holds from this instant, for targets made of stations too, and must outlive the engine; the one before is needed
   no more once engine_inventory() is the new one. ENGINE_JOB_CORRECTIONS: locator_corrections, or NULL if they had faults; they hold from this
   instant, those before are needed no more. */
typedef enum { ENGINE_JOB_SETTINGS, ENGINE_JOB_SPECTRUM, ENGINE_JOB_INVENTORY, ENGINE_JOB_CORRECTIONS } engine_job;
typedef struct {
  const engine_settings *settings;
  const char *config_hash;
} engine_settings_result;
typedef struct {
  int32_t sensor;
  int component;
  ingest_noise noise;
} engine_spectrum_result;
void engine_result(engine *e, engine_job job, const void *result, int64_t now);

typedef enum { ENGINE_CLOCK_UNKNOWN, ENGINE_CLOCK_SYNCHRONISED, ENGINE_CLOCK_FREE } engine_clock;
extern const char *const engine_clock_words[];

/* An operator's act or the world's: exactly what a recording would hold. */
typedef struct {
  enum { ENGINE_SET_CLOCK, ENGINE_SKIP, ENGINE_CANCEL_EVENT, ENGINE_SET_FEED } kind;
  engine_clock clock;          /* SET_CLOCK: stands in heartbeats */
  char event[LOCATOR_ID_TEXT]; /* CANCEL_EVENT: by an operator */
  int32_t feed;                /* SET_FEED: what that feed says of itself from now on */
  ingest_feed_path path;
} engine_command_input;
/* SKIP: the stream jumps to `now` over more than 60 s without data (a file replay): no steps are run in between. */
void engine_command(engine *e, const engine_command_input *command, int64_t now);

/* What the engine has counted, for `tocsin status`, benchmarks and tests. */
typedef struct {
  uint64_t packets, samples, refused, picks, events, alerts, messages;
  uint64_t backwards;                   /* inputs whose `now` was earlier than the last one's; it was held */
  uint64_t events_open;                 /* now */
  uint64_t rejected[PICKER_REJECTIONS]; /* what rose and was no pick, by reason */
  ingest_counters stream;
} engine_counters;
void engine_count(const engine *e, engine_counters *counters);

/* The one in use. */
const ingest_inventory *engine_inventory(const engine *e);

/* As ingest_kept(): the newest samples of one channel, for a worker. */
void engine_kept(const engine *e, int32_t sensor, int component, float *values, size_t capacity, ingest_samples *samples);

#endif
