/* All that enters the engine, in its order: packets, time, the clock's state, adopted settings. Each input is recorded, then given. */
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "log.h"
#include "tocsind.h"

/* ---- recorded, then given ---- */

static void give_packet(daemon_state *d, int32_t feed, const uint8_t *bytes, size_t length, int64_t now)
{
  recorder_packet(d->recorder, feed, bytes, length, now);
  engine_packet(d->engine, feed, bytes, length, now);
}

static void give_time(daemon_state *d, int64_t now)
{
  recorder_advance(d->recorder, now);
  engine_advance(d->engine, now);
}

static void give_command(daemon_state *d, const engine_command_input *command, int64_t now)
{
  recorder_command(d->recorder, command, now);
  engine_command(d->engine, command, now);
}

static void give_result(daemon_state *d, engine_job job, const void *result, record_text *text, int64_t now)
{
  recorder_result(d->recorder, job, result, text, now);
  engine_result(d->engine, job, result, now);
}

/* ---- the inputs ---- */

static int64_t advance_clock(daemon_state *d)
{
  if (!d->options.virtual_clock) {
    int64_t now = clock_now();
    d->now = now > d->now ? now : d->now;
  }
  return d->now;
}

int64_t inputs_now(void *user)
{
  return advance_clock(user);
}

double inputs_until_next_step(const daemon_state *d)
{
  return (double)(ENGINE_STEP_NS - d->now % ENGINE_STEP_NS) / 1e9;
}

void inputs_on_step(struct ev_loop *loop, ev_timer *timer, int events)
{
  (void)events;
  daemon_state *d = timer->data;
  int64_t start = clock_monotonic();
  give_time(d, advance_clock(d));
  stage_add(&d->step, clock_monotonic() - start);
  advance_clock(d);
  ev_now_update(loop);
  ev_timer_set(timer, inputs_until_next_step(d), 0);
  ev_timer_start(loop, timer);
}

void inputs_on_clock(struct ev_loop *loop, ev_timer *timer, int events)
{
  (void)loop, (void)events;
  daemon_state *d = timer->data;
  int64_t offset = 0;
  engine_command_input command = {.kind = ENGINE_SET_CLOCK, .clock = clock_state(&offset)};
  if (llabs(offset) > INGEST_SECOND / 10)
    log_limited(4, "clock offset",
                "the arrival clock is %.3f s from the machine's, which was set by hand; restart tocsind to take the new time at once",
                (double)offset / 1e9);
  give_command(d, &command, advance_clock(d));
}

void inputs_on_record(void *user, int32_t feed, const uint8_t *bytes, size_t length, int64_t received)
{
  daemon_state *d = user;
  if (d->options.virtual_clock) {
    bool skipped = virtual_clock_take(&d->virtual_clock, bytes, length);
    d->now = d->virtual_clock.now;
    if (skipped)
      give_command(d, &(engine_command_input){.kind = ENGINE_SKIP}, d->now);
  }
  int64_t start = clock_monotonic();
  d->received = received;
  give_packet(d, feed, bytes, length, advance_clock(d));
  d->received = 0;
  stage_add(&d->packet, clock_monotonic() - start);
}

void inputs_on_feed_end(void *user, int32_t feed)
{
  daemon_state *d = user;
  if (feed == FEEDS_STANDARD_INPUT && d->settings.server.listen_port == 0) {
    log_line(5, "standard input has ended, and no port is configured: done");
    ev_break(d->loop, EVBREAK_ALL);
  }
}

void inputs_settings(daemon_state *d, const engine_settings_result *result, record_text *text)
{
  give_result(d, ENGINE_JOB_SETTINGS, result, text, advance_clock(d));
}

void inputs_inventory(daemon_state *d, const ingest_inventory *inventory, record_text *text)
{
  give_result(d, ENGINE_JOB_INVENTORY, inventory, text, advance_clock(d));
}

void inputs_corrections(daemon_state *d, const locator_corrections *corrections, record_text *text)
{
  give_result(d, ENGINE_JOB_CORRECTIONS, corrections, text, advance_clock(d));
}

void inputs_feeds(daemon_state *d, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    feed_status status;
    engine_command_input command = {.kind = ENGINE_SET_FEED};
    feeds_describe(d->feeds, i, &status);
    command.feed = status.number;
    snprintf(command.path.link, sizeof command.path.link, "%s", status.link);
    snprintf(command.path.provider, sizeof command.path.provider, "%s", status.provider);
    give_command(d, &command, advance_clock(d));
  }
}

void inputs_spectrum(void *user, const engine_spectrum_result *result)
{
  daemon_state *d = user;
  give_result(d, ENGINE_JOB_SPECTRUM, result, NULL, advance_clock(d));
}
