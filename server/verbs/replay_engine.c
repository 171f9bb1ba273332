/* The engine of a replay, and its time. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "clock.h"
#include "replay.h"

bool replay_create_engine(replay *r)
{
  ingest_feed_path *paths = feed_paths(r->settings.feeds, r->settings.feeds_count);
  const engine_setup setup = {.status = ENGINE_EXERCISE,
                              .software = "tocsin " TOCSIN_VERSION,
                              .config_hash = r->hash,
                              .ingest = &r->settings.ingest,
                              .picker = &r->settings.picker,
                              .locator = &r->settings.locator,
                              .intensity = &r->settings.intensity,
                              .settings = &r->settings.engine,
                              .inventory = r->inventory,
                              .tables = r->tables,
                              .feeds = paths,
                              .feeds_count = paths ? r->settings.feeds_count + 1 : 0};
  r->engine = engine_create(&setup, &(engine_sink){replay_message, replay_log, r});
  free(paths);
  if (!r->engine)
    fputs("tocsin replay: memory is short for so many stations and targets\n", stderr);
  return r->engine != NULL;
}

void replay_begin(replay *r, int64_t now)
{
  r->began_monotonic = clock_monotonic();
  r->began = r->now = now;
  r->epoch = now / INGEST_SECOND;
}

static void sleep_until(const replay *r, int64_t time)
{
  int64_t at = r->began_monotonic + (int64_t)((double)(time - r->began) / r->options.how.speed);
  struct timespec until = {.tv_sec = at / INGEST_SECOND, .tv_nsec = at % INGEST_SECOND};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
    continue;
}

void replay_advance(replay *r, int64_t to)
{
  if (r->options.how.speed > 0) {
    for (int64_t t = r->now - r->now % ENGINE_STEP_NS + ENGINE_STEP_NS; t < to; t += ENGINE_STEP_NS) {
      sleep_until(r, t);
      engine_advance(r->engine, t);
      fflush(stdout);
    }
    sleep_until(r, to);
  }
  engine_advance(r->engine, to);
  r->now = to;
}
