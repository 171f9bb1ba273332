/* tocsind: the daemon: feeds into the engine, the engine's messages into Redis, time and signals around them, on one loop. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ev.h>
#include <systemd/sd-daemon.h>

#include "clock.h"
#include "feeds.h"
#include "files.h"
#include "log.h"
#include "model.h"
#include "publisher.h"
#include "settings.h"
#include "signer.h"
#include "stage.h"
#include "tocsind_options.h"
#include "virtual_clock.h"
#include "worker.h"

static const double clock_every_s = 10, patience_s = 5;

enum { STATUS_TEXT = 1024, STAGE_TEXT = 160 };

typedef struct {
  tocsind_options options;
  settings settings;
  settings *reloaded; /* whose rules and targets hold now; NULL: those of `settings` */
  char hash[SETTINGS_HASH_TEXT], reloaded_hash[SETTINGS_HASH_TEXT];
  struct ev_loop *loop;
  signer *signer;
  ingest_inventory *inventory;
  locator_travel_times *tables;
  engine *engine;
  publisher *publisher;
  feeds *feeds;
  worker *worker;
  virtual_clock virtual_clock;
  int64_t now;      /* the engine's: never decreases */
  int64_t received; /* monotonic, of the packet that the engine has now; 0: none */
  stage packet, step, signing, handover;
  uint64_t packets_reported;
  int64_t reported; /* monotonic */
  ev_timer step_timer, clock_timer, status_timer, watchdog_timer;
  ev_signal term, interrupt, hangup;
} daemon_state;

/* ---- time ---- */

static int64_t advance_clock(daemon_state *d)
{
  if (!d->options.virtual_clock) {
    int64_t now = clock_now();
    d->now = now > d->now ? now : d->now;
  }
  return d->now;
}

static int64_t engine_now(void *user)
{
  return advance_clock(user);
}

static double until_next_step(const daemon_state *d)
{
  return (double)(ENGINE_STEP_NS - d->now % ENGINE_STEP_NS) / 1e9;
}

static void on_step(struct ev_loop *loop, ev_timer *timer, int events)
{
  (void)events;
  daemon_state *d = timer->data;
  int64_t start = clock_monotonic();
  engine_advance(d->engine, advance_clock(d));
  stage_add(&d->step, clock_monotonic() - start);
  advance_clock(d);
  ev_now_update(loop);
  ev_timer_set(timer, until_next_step(d), 0);
  ev_timer_start(loop, timer);
}

static void on_clock(struct ev_loop *loop, ev_timer *timer, int events)
{
  (void)loop, (void)events;
  daemon_state *d = timer->data;
  int64_t offset = 0;
  engine_command_input command = {.kind = ENGINE_SET_CLOCK, .clock = clock_state(&offset)};
  if (llabs(offset) > INGEST_SECOND / 10)
    log_limited(4, "clock offset",
                "the arrival clock is %.3f s from the machine's, which was set by hand; restart tocsind to take the new time at once",
                (double)offset / 1e9);
  engine_command(d->engine, &command, advance_clock(d));
}

/* ---- packets in, messages out ---- */

static void on_record(void *user, int32_t feed, const uint8_t *bytes, size_t length, int64_t received)
{
  daemon_state *d = user;
  if (d->options.virtual_clock) {
    bool skipped = virtual_clock_take(&d->virtual_clock, bytes, length);
    d->now = d->virtual_clock.now;
    if (skipped)
      engine_command(d->engine, &(engine_command_input){.kind = ENGINE_SKIP}, d->now);
  }
  int64_t start = clock_monotonic();
  d->received = received;
  engine_packet(d->engine, feed, bytes, length, advance_clock(d));
  d->received = 0;
  stage_add(&d->packet, clock_monotonic() - start);
}

static void on_feed_end(void *user, int32_t feed)
{
  daemon_state *d = user;
  if (feed == FEEDS_STANDARD_INPUT && d->settings.server.listen_port == 0) {
    log_line(5, "standard input has ended, and no port is configured: done");
    ev_break(d->loop, EVBREAK_ALL);
  }
}

/* On a virtual clock the time from sample to reception has no meaning, so such messages bear no trace. */
static void on_message(void *user, const engine_message *message)
{
  daemon_state *d = user;
  publisher_send(d->publisher, message, d->options.virtual_clock ? 0 : d->received);
  if (d->received)
    stage_add(&d->handover, clock_monotonic() - d->received);
}

static void on_engine_log(void *user, int severity, const char *text)
{
  (void)user;
  if (strncmp(text, "feed ", 5) == 0) /* said of a packet, and there are many */
    log_repeated(severity, text);
  else
    log_line(severity, "%s", text);
}

/* ---- signals, systemd, health ---- */

static void on_end(struct ev_loop *loop, ev_signal *signal, int events)
{
  (void)events;
  log_line(5, "signal %d: ending", signal->signum);
  ev_break(loop, EVBREAK_ALL);
}

static void on_hangup(struct ev_loop *loop, ev_signal *signal, int events)
{
  (void)loop, (void)events;
  daemon_state *d = signal->data;
  if (!d->options.config) {
    log_line(5, "SIGHUP: there is no configuration file to read again; start tocsind with --config FILE");
    return;
  }
  sd_notify(0, "RELOADING=1");
  worker_load(d->worker);
}

static void take_rules(daemon_state *d, settings *fresh)
{
  settings *before = d->reloaded;
  d->reloaded = fresh;
  settings_hash(fresh, d->reloaded_hash);
  engine_settings_result result = {.settings = &fresh->engine, .config_hash = d->reloaded_hash};
  engine_result(d->engine, ENGINE_JOB_SETTINGS, &result, advance_clock(d));
  log_line(5, "rules and %zu targets of %s hold now; changes of other sections need a restart", fresh->engine.targets_count, d->options.config);
  if (before) {
    settings_release(before);
    free(before);
  }
}

static void on_loaded(void *user, settings *fresh)
{
  daemon_state *d = user;
  if (fresh) {
    take_rules(d, fresh);
  } else {
    engine_result(d->engine, ENGINE_JOB_SETTINGS, NULL, advance_clock(d));
    log_line(3, "%s has faults (above): the old rules and targets stay; correct it and send SIGHUP again", d->options.config);
  }
  sd_notify(0, "READY=1");
}

static void on_watchdog(struct ev_loop *loop, ev_timer *timer, int events)
{
  (void)loop, (void)timer, (void)events;
  sd_notify(0, "WATCHDOG=1");
}

static void on_status(struct ev_loop *loop, ev_timer *timer, int events)
{
  (void)loop, (void)events;
  daemon_state *d = timer->data;
  char packet[STAGE_TEXT], step[STAGE_TEXT], signing[STAGE_TEXT], handover[STAGE_TEXT];
  engine_counters counted;
  feeds_counters taken;
  publisher_state redis;
  engine_count(d->engine, &counted);
  feeds_count(d->feeds, &taken);
  publisher_state_of(d->publisher, &redis);
  int64_t now = clock_monotonic();
  double rate = (double)(taken.records - d->packets_reported) / ((double)(now - d->reported) / 1e9);
  d->packets_reported = taken.records;
  d->reported = now;
  log_line(6,
           "%.0f packets/s from %" PRIu64 " feeds, %" PRIu64 " refused, %" PRIu64 " bytes skipped; %" PRIu64 " picks, %" PRIu64 " events, %" PRIu64
           " alerts; Redis %s, %s, epoch %" PRId64 ", %" PRIu64 " published, %" PRIu64 " waiting, %" PRIu64 " dropped",
           rate, taken.open, counted.refused, taken.skipped_bytes, counted.picks, counted.events, counted.alerts, redis.connected ? "up" : "down",
           redis.leader ? "leading" : "silent", redis.epoch, redis.published, redis.queued, redis.dropped);
  log_line(6, "%s; %s; %s; %s", stage_report(&d->packet, packet, sizeof packet), stage_report(&d->step, step, sizeof step),
           stage_report(&d->signing, signing, sizeof signing), stage_report(&d->handover, handover, sizeof handover));
  sd_notifyf(0, "STATUS=%.0f packets/s, %" PRIu64 " alerts, Redis %s, %s", rate, counted.alerts, redis.connected ? "up" : "down",
             redis.leader ? "leading" : "silent");
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
  d->inventory = d->signer ? files_inventory(path) : NULL;
  d->tables = d->inventory ? model_travel_times(&d->settings.locator) : NULL;
  return d->tables != NULL;
}

static engine *create_engine(daemon_state *d)
{
  const engine_setup setup = {.status = d->options.exercise ? ENGINE_EXERCISE : ENGINE_ACTUAL,
                              .software = "tocsin " TOCSIN_VERSION,
                              .config_hash = d->hash,
                              .ingest = &d->settings.ingest,
                              .picker = &d->settings.picker,
                              .locator = &d->settings.locator,
                              .intensity = &d->settings.intensity,
                              .settings = &d->settings.engine,
                              .inventory = d->inventory,
                              .tables = d->tables};
  return engine_create(&setup, &(engine_sink){.message = on_message, .log = on_engine_log, .user = d});
}

static bool open_world(daemon_state *d)
{
  const server_settings *s = &d->settings.server;
  d->publisher = publisher_create(&(publisher_setup){.loop = d->loop,
                                                     .redis = &d->settings.redis,
                                                     .signer = d->signer,
                                                     .status = d->options.exercise ? ENGINE_EXERCISE : ENGINE_ACTUAL,
                                                     .now = engine_now,
                                                     .user = d,
                                                     .signing = &d->signing});
  d->engine = d->publisher ? create_engine(d) : NULL;
  d->worker = d->engine ? worker_create(&(worker_setup){.loop = d->loop, .config = d->options.config, .loaded = on_loaded, .user = d}) : NULL;
  d->feeds = !d->worker ? NULL
                        : feeds_create(&(feeds_setup){.loop = d->loop,
                                                      .address = s->listen_address,
                                                      .port = s->listen_port ? (int)s->listen_port : -1,
                                                      .standard_input = d->options.standard_input,
                                                      .record = on_record,
                                                      .ended = on_feed_end,
                                                      .user = d});
  if (!d->feeds)
    log_line(3, "tocsind cannot start (above: why; nothing above: memory is short)");
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
  d->reported = clock_monotonic();
  advance_clock(d);
  if (!d->options.virtual_clock) {
    start_timer(d, &d->step_timer, on_step, until_next_step(d), 0, EV_MAXPRI);
    start_timer(d, &d->clock_timer, on_clock, 0, clock_every_s, 0);
  }
  start_timer(d, &d->status_timer, on_status, every, every, 0);
  if (sd_watchdog_enabled(0, &watchdog_us) > 0)
    start_timer(d, &d->watchdog_timer, on_watchdog, 0, (double)watchdog_us / 2e6, EV_MAXPRI);
  start_signal(d, &d->term, SIGTERM, on_end);
  start_signal(d, &d->interrupt, SIGINT, on_end);
  start_signal(d, &d->hangup, SIGHUP, on_hangup);
}

/* ---- end ---- */

static void close_world(daemon_state *d)
{
  sd_notify(0, "STOPPING=1");
  ev_timer_stop(d->loop, &d->step_timer);
  ev_timer_stop(d->loop, &d->clock_timer);
  ev_timer_stop(d->loop, &d->status_timer);
  feeds_destroy(d->feeds);
  worker_destroy(d->worker);
  publisher_destroy(d->publisher, patience_s);
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
  if (d->inventory)
    ingest_inventory_destroy(d->inventory);
  signer_destroy(d->signer);
  settings_release(&d->settings);
}

static bool run(daemon_state *d)
{
  if (!load(d) || !open_world(d))
    return false;
  start_watchers(d);
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
