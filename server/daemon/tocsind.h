/* tocsind.h: the daemon's state, and what its parts do with it. */
#ifndef TOCSIN_TOCSIND_H
#define TOCSIN_TOCSIND_H

#include <ev.h>

#include "control.h"
#include "feeds.h"
#include "prior.h"
#include "publisher.h"
#include "recorder.h"
#include "settings.h"
#include "signer.h"
#include "spectra.h"
#include "stage.h"
#include "tocsind_options.h"
#include "virtual_clock.h"
#include "worker.h"

typedef struct {
  tocsind_options options;
  settings settings;
  settings *reloaded; /* whose rules and targets hold now; NULL: those of `settings` */
  char hash[SETTINGS_HASH_TEXT], reloaded_hash[SETTINGS_HASH_TEXT];
  struct ev_loop *loop;
  signer *signer;
  ingest_inventory *inventory;
  ingest_inventory *half_adopted; /* memory ended meanwhile: the engine may point to it */
  char *inventory_list;           /* of its files, until the recorder has it */
  locator_travel_times *tables;
  prior prior;
  engine *engine;
  recorder *recorder; /* NULL: nothing is recorded */
  publisher *publisher;
  feeds *feeds;
  control *control; /* NULL: nobody can ask */
  worker *worker;
  spectra *spectra;
  virtual_clock virtual_clock;
  int64_t now;      /* the engine's: never decreases */
  int64_t received; /* monotonic, of the packet that the engine has now; 0: none */
  stage packet, step, signing, handover;
  uint64_t packets_reported;
  int64_t started, reported; /* monotonic */
  ev_timer step_timer, clock_timer, status_timer, watchdog_timer;
  ev_signal term, interrupt, hangup;
} daemon_state;

/* ---- tocsind_inputs.c: all that enters the engine, and when ---- */

/* The engine's `now` as it is at this instant; `user` is the daemon's state. */
int64_t inputs_now(void *user);
double inputs_until_next_step(const daemon_state *d);
void inputs_on_step(struct ev_loop *loop, ev_timer *timer, int events);
void inputs_on_clock(struct ev_loop *loop, ev_timer *timer, int events);
void inputs_on_record(void *user, int32_t feed, const uint8_t *bytes, size_t length, int64_t received);
void inputs_on_feed_end(void *user, int32_t feed);
/* `text` is what `result` was made of, taken over; NULL with a NULL result. */
void inputs_settings(daemon_state *d, const engine_settings_result *result, record_text *text);
/* `inventory` NULL: it had faults. */
void inputs_inventory(daemon_state *d, const ingest_inventory *inventory, record_text *text);
void inputs_corrections(daemon_state *d, const locator_corrections *corrections, record_text *text);
/* What the configured feeds say of themselves now. */
void inputs_feeds(daemon_state *d, size_t count);
void inputs_spectrum(void *user, const engine_spectrum_result *result);

/* ---- tocsind_reload.c: configuration and inventory read again ---- */

void reload_on_hangup(struct ev_loop *loop, ev_signal *signal, int events);
void reload_on_loaded(void *user, worker_result *loaded);

/* ---- tocsind_status.c: what is told to whoever asks ---- */

json_t *status_answer(void *user, const json_t *request);

/* ---- tocsind_report.c: what the log and systemd are told ---- */

void report_on_engine_log(void *user, int severity, const char *text);
void report_on_status(struct ev_loop *loop, ev_timer *timer, int events);
void report_on_watchdog(struct ev_loop *loop, ev_timer *timer, int events);

#endif
