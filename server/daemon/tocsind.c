/* tocsind: the daemon: feeds into the engine, the engine's messages into Redis, time and signals around them, on one loop. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <systemd/sd-daemon.h>

#include "clock.h"
#include "files.h"
#include "log.h"
#include "model.h"
#include "tocsind.h"

static const double clock_every_s = 10, patience_s = 5;

/* ---- messages out, signals in ---- */

/* On a virtual clock the time from sample to reception has no meaning, so such messages bear no trace. */
static void on_message(void *user, const engine_message *message)
{
  daemon_state *d = user;
  recorder_message(d->recorder, message);
  publisher_send(d->publisher, message, d->options.virtual_clock ? 0 : d->received);
  if (d->received)
    stage_add(&d->handover, clock_monotonic() - d->received);
}

static void on_end(struct ev_loop *loop, ev_signal *signal, int events)
{
  (void)events;
  log_line(5, "signal %d: ending", signal->signum);
  ev_break(loop, EVBREAK_ALL);
}

/* ---- start ---- */

static void set_budgets(daemon_state *d)
{
  const budget_settings *b = &d->settings.budget;
  stage_init(&d->packet, "a packet through the engine", "packet", b->packet_ms);
  stage_init(&d->step, "a step of the engine", "step", b->step_ms);
  stage_init(&d->signing, "signing a message", "signing", b->sign_ms);
  stage_init(&d->handover, "a message's way from its packet's reception to Redis", "hand-over", b->handover_ms);
}

static bool load(daemon_state *d)
{
  if (!settings_load(&d->settings, d->options.config))
    return false;
  settings_hash(&d->settings, d->hash);
  set_budgets(d);
  const char *path = d->options.inventory ? d->options.inventory : d->settings.server.inventory;
  if (!*path) {
    log_line(3, "no inventory: name a StationXML file or folder with --inventory PATH or `server.inventory`");
    return false;
  }
  if (!d->options.exercise && !*d->settings.server.key) {
    log_line(3, "no signing key: make one with `tocsin key create FILE` and name it in `server.key`, or start with --exercise");
    return false;
  }
  d->signer = d->options.exercise ? signer_exercise() : signer_load(d->settings.server.key);
  d->inventory = d->signer ? files_inventory_listed(path, NULL, &d->inventory_list) : NULL;
  d->tables = d->inventory ? model_travel_times(&d->settings.locator) : NULL;
  return d->tables && prior_load(&d->prior, &d->settings.locator);
}

static engine *create_engine(daemon_state *d)
{
  ingest_feed_path *paths = feed_paths(d->settings.feeds, d->settings.feeds_count);
  const engine_setup setup = {.status = d->options.exercise ? ENGINE_EXERCISE : ENGINE_ACTUAL,
                              .software = "tocsin " TOCSIN_VERSION,
                              .config_hash = d->hash,
                              .ingest = &d->settings.ingest,
                              .picker = &d->settings.picker,
                              .locator = &d->settings.locator,
                              .intensity = &d->settings.intensity,
                              .settings = &d->settings.engine,
                              .inventory = d->inventory,
                              .tables = d->tables,
                              .feeds = paths,
                              .feeds_count = paths ? d->settings.feeds_count + 1 : 0};
  engine *e = engine_create(&setup, &(engine_sink){.message = on_message, .log = report_on_engine_log, .user = d});
  free(paths);
  return e;
}

/* What the engine was made of comes before its first input. */
static void open_recorder(daemon_state *d)
{
  d->recorder = recorder_create(&d->settings.recorder, d->options.exercise ? ENGINE_EXERCISE : ENGINE_ACTUAL, "tocsin " TOCSIN_VERSION);
  if (d->recorder) {
    size_t length = d->inventory_list ? strlen(d->inventory_list) : 0;
    recorder_state(d->recorder, RECORD_SETTINGS, record_text_settings(&d->settings));
    recorder_state(d->recorder, RECORD_MODEL, record_text_model(&d->settings.locator));
    recorder_state(d->recorder, RECORD_CORRECTIONS, record_text_file(d->settings.locator.corrections));
    recorder_state(d->recorder, RECORD_FILES, record_text_files(&d->settings.locator));
    recorder_state(d->recorder, RECORD_INVENTORY, record_text_create(d->inventory_list, length));
    d->inventory_list = NULL;
  }
  free(d->inventory_list);
  d->inventory_list = NULL;
}

static size_t count_channels(void *user)
{
  const daemon_state *d = user;
  return ingest_inventory_sensors(d->inventory) * INGEST_COMPONENTS;
}

static void copy_kept(void *user, int32_t sensor, int component, float *values, size_t capacity, ingest_samples *samples)
{
  const daemon_state *d = user;
  engine_kept(d->engine, sensor, component, values, capacity, samples);
}

/* On a virtual clock their results would come at another time in each run. The service goes on without them. */
static void start_spectra(daemon_state *d)
{
  double every_s = d->settings.server.spectra_s, kept_s = d->settings.ingest.kept_s;
  if (d->options.virtual_clock || every_s <= 0 || kept_s <= 0)
    return;
  d->spectra = spectra_create(&(spectra_setup){
      .loop = d->loop, .channels = count_channels, .every_s = every_s, .kept_s = kept_s, .copy = copy_kept, .done = inputs_spectrum, .user = d});
  if (!d->spectra)
    log_line(4, "no spectra of noise: memory is short or no thread can be started");
}

/* The service does not depend on it. */
static void open_control(daemon_state *d)
{
  static const control_row rows[] = {{"status", status_answer}, {0}};
  const char *path = d->settings.server.control;
  if (*path)
    d->control = control_create(&(control_setup){.loop = d->loop, .path = path, .rows = rows, .user = d});
}

static bool open_world(daemon_state *d)
{
  const server_settings *s = &d->settings.server;
  d->publisher = publisher_create(&(publisher_setup){.loop = d->loop,
                                                     .redis = &d->settings.redis,
                                                     .signer = d->signer,
                                                     .status = d->options.exercise ? ENGINE_EXERCISE : ENGINE_ACTUAL,
                                                     .now = inputs_now,
                                                     .user = d,
                                                     .signing = &d->signing});
  d->engine = d->publisher ? create_engine(d) : NULL;
  d->worker = d->engine ? worker_create(&(worker_setup){.loop = d->loop,
                                                        .config = d->options.config,
                                                        .inventory = d->options.inventory,
                                                        .in_use = (const ingest_inventory *const *)&d->inventory,
                                                        .loaded = reload_on_loaded,
                                                        .user = d})
                        : NULL;
  d->feeds = !d->worker ? NULL
                        : feeds_create(&(feeds_setup){.loop = d->loop,
                                                      .address = s->listen_address,
                                                      .port = s->listen_port ? (int)s->listen_port : -1,
                                                      .standard_input = d->options.standard_input,
                                                      .configured = d->settings.feeds,
                                                      .configured_count = d->settings.feeds_count,
                                                      .state = s->state,
                                                      .retry_first_s = s->feed_retry_first_s,
                                                      .retry_longest_s = s->feed_retry_longest_s,
                                                      .record = inputs_on_record,
                                                      .ended = inputs_on_feed_end,
                                                      .user = d});
  if (!d->feeds)
    log_line(3, "tocsind cannot start (above: why; nothing above: memory is short)");
  else
    open_recorder(d);
  return d->feeds != NULL;
}

/* Steps are due: their timer comes before any packet of the same round. */
static void start_timer(daemon_state *d, ev_timer *timer, void (*call)(struct ev_loop *, ev_timer *, int), double after, double repeat, int priority)
{
  ev_init(timer, call);
  ev_set_priority(timer, priority);
  ev_timer_set(timer, after, repeat);
  timer->data = d;
  ev_timer_start(d->loop, timer);
}

static void start_signal(daemon_state *d, ev_signal *signal, int number, void (*call)(struct ev_loop *, ev_signal *, int))
{
  ev_signal_init(signal, call, number);
  ev_set_priority(signal, EV_MAXPRI);
  signal->data = d;
  ev_signal_start(d->loop, signal);
}

static void start_watchers(daemon_state *d)
{
  uint64_t watchdog_us = 0;
  double every = d->settings.server.status_interval_s;
  d->started = d->reported = clock_monotonic();
  inputs_now(d);
  if (!d->options.virtual_clock) {
    start_timer(d, &d->step_timer, inputs_on_step, inputs_until_next_step(d), 0, EV_MAXPRI);
    start_timer(d, &d->clock_timer, inputs_on_clock, 0, clock_every_s, 0);
  }
  start_timer(d, &d->status_timer, report_on_status, every, every, 0);
  if (sd_watchdog_enabled(0, &watchdog_us) > 0)
    start_timer(d, &d->watchdog_timer, report_on_watchdog, 0, (double)watchdog_us / 2e6, EV_MAXPRI);
  start_signal(d, &d->term, SIGTERM, on_end);
  start_signal(d, &d->interrupt, SIGINT, on_end);
  start_signal(d, &d->hangup, SIGHUP, reload_on_hangup);
}

/* ---- end ---- */

static void close_world(daemon_state *d)
{
  sd_notify(0, "STOPPING=1");
  ev_timer_stop(d->loop, &d->step_timer);
  ev_timer_stop(d->loop, &d->clock_timer);
  ev_timer_stop(d->loop, &d->status_timer);
  control_destroy(d->control);
  feeds_destroy(d->feeds);
  worker_destroy(d->worker);
  spectra_destroy(d->spectra);
  publisher_destroy(d->publisher, patience_s);
  recorder_destroy(d->recorder); /* its disk may not answer: messages come first */
  if (d->engine)
    engine_destroy(d->engine);
  ev_timer_stop(d->loop, &d->watchdog_timer);
  if (d->reloaded) {
    settings_release(d->reloaded);
    free(d->reloaded);
  }
}

static void unload(daemon_state *d)
{
  if (d->tables)
    locator_travel_times_destroy(d->tables);
  prior_release(&d->prior);
  if (d->inventory)
    ingest_inventory_destroy(d->inventory);
  ingest_inventory_destroy(d->half_adopted);
  signer_destroy(d->signer);
  settings_release(&d->settings);
}

static bool run(daemon_state *d)
{
  if (!load(d) || !open_world(d))
    return false;
  start_watchers(d);
  start_spectra(d);
  open_control(d);
  log_line(5, "tocsin %s: %zu sensors at %zu sites, settings %s, %s; packets are taken on %s port %d", TOCSIN_VERSION,
           ingest_inventory_sensors(d->inventory), ingest_inventory_sites(d->inventory), d->hash, d->options.exercise ? "an exercise" : "in earnest",
           d->settings.server.listen_address, feeds_port(d->feeds));
  sd_notify(0, "READY=1\nSTATUS=waiting for packets");
  ev_run(d->loop, 0);
  return true;
}

int main(int argc, char **argv)
{
  static daemon_state d;
  int status = 0;
  if (!tocsind_options_read(&d.options, argc, argv, &status))
    return status;
  signal(SIGPIPE, SIG_IGN);
  d.loop = ev_default_loop(0);
  if (!d.loop) {
    log_line(3, "libev found no way to wait for events");
    return 1;
  }
  bool good = run(&d);
  close_world(&d);
  unload(&d);
  if (good)
    log_line(5, "ended");
  return good ? 0 : 1;
}
