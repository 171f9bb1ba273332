#include "publisher_world.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "data.h"

int64_t engine_now(void *user)
{
  return ((struct world *)user)->now;
}

void prepare(struct world *w)
{
  signal(SIGPIPE, SIG_IGN); /* as the daemon does */
  memset(w, 0, sizeof *w);
  private_redis_prepare(&w->redis);
  w->loop = ev_loop_new(0);
  w->settings =
      (redis_settings){.port = 0, .retry_first_s = 0.01, .retry_longest_s = 0.05, .queue_messages = 2000, .stream_length = 100000, .lease_s = 1};
  snprintf(w->settings.address, sizeof w->settings.address, "%s", w->redis.socket);
  snprintf(w->settings.prefix, sizeof w->settings.prefix, "tocsin");
  w->signer = signer_exercise();
  w->now = 1000 * INGEST_SECOND;
}

publisher *speaker(struct world *w)
{
  publisher *p = publisher_create(
      &(publisher_setup){.loop = w->loop, .redis = &w->settings, .signer = w->signer, .status = ENGINE_EXERCISE, .now = engine_now, .user = w});
  assert_non_null(p);
  return p;
}

void clear(struct world *w)
{
  publisher_destroy(w->p, 0);
  publisher_destroy(w->other, 0);
  ev_loop_destroy(w->loop);
  signer_destroy(w->signer);
  private_redis_remove(&w->redis);
}

void begin(struct world *w)
{
  prepare(w);
  private_redis_start(&w->redis);
  w->p = speaker(w);
}

void send_to(publisher *p, engine_channel channel, const char *status, int revision, int64_t expires_at)
{
  char json[256];
  int n = snprintf(json, sizeof json, "{\"schema\":\"tocsin.%s.v1\",\"status\":\"%s\",\"id\":\"E\",\"revision\":%d,\"config\":\"0\"",
                   engine_channel_words[channel], status, revision);
  const engine_message m = {
      .channel = channel, .target = channel == ENGINE_ALERT_TARGET ? "shenyang" : NULL, .json = json, .length = (size_t)n, .expires_at = expires_at};
  publisher_send(p, &m, 0);
}

void send_alert(publisher *p, int revision)
{
  send_to(p, ENGINE_ALERT, "exercise", revision, 0);
}

publisher_state state_of(const publisher *p)
{
  publisher_state s;
  publisher_state_of(p, &s);
  return s;
}

bool all_is_out(void *user)
{
  struct world *w = user;
  return state_of(w->p).queued == 0;
}

bool leads(void *user)
{
  return state_of(((struct world *)user)->p).leader;
}

bool is_down(void *user)
{
  return !state_of(((struct world *)user)->p).connected;
}
