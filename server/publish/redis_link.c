#include "redis_link.h"

#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <hiredis/adapters/libev.h>
#include <sodium.h>

#include "clock.h"
#include "files.h"
#include "log.h"

static const double silence_s = 2; /* no answer for so long, to the connection or to a PING: the peer is dead */
static const double ping_every_s = 1;

enum { PASSWORD_TEXT = 512, REASON_TEXT = 256, COMMANDS_MAXIMUM = 1024 };

/* A command's answer must find its way back; hiredis answers in order, so a ring serves. */
struct waiting {
  redis_link_reply *done;
  void *user_data;
  uint64_t detail;
};

struct redis_link {
  redis_link_setup setup;
  redisAsyncContext *context; /* NULL between attempts */
  bool up, pinging, answering;
  unsigned attempts;
  ev_timer retry, silence, ping;
  char name[300], password[PASSWORD_TEXT];
  struct waiting ring[COMMANDS_MAXIMUM];
  size_t first, waiting;
};

static void connect_now(redis_link *l);

static bool read_password(redis_link *l)
{
  const char *path = l->setup.password_file;
  if (!path || !*path)
    return true;
  size_t length = 0;
  char *text = (char *)files_read(path, &length);
  if (!text || length >= sizeof l->password) {
    log_line(3, "%s: the Redis password cannot be read from it; correct `redis.password_file` or the file's owner", path);
    free(text);
    return false;
  }
  length = strcspn(text, "\r\n");
  memcpy(l->password, text, length);
  sodium_memzero(text, length);
  free(text);
  return true;
}

/* ---- waits ---- */

/* Full waits double up to the longest; half of each is drawn by lot, so that many clients do not come back at once. */
static double next_wait(redis_link *l)
{
  double full = fmin(l->setup.redis->retry_longest_s, l->setup.redis->retry_first_s * exp2(l->attempts));
  if (l->attempts < 30)
    l->attempts++;
  return full * (0.5 + 0.5 * randombytes_uniform(1000) / 1000.0);
}

static void set_timer(redis_link *l, ev_timer *timer, double after, double repeat)
{
  ev_timer_stop(l->setup.loop, timer);
  ev_now_update(l->setup.loop);
  ev_timer_set(timer, after, repeat);
  ev_timer_start(l->setup.loop, timer);
}

static void gone(redis_link *l, const char *reason)
{
  l->context = NULL;
  l->up = l->pinging = false;
  ev_timer_stop(l->setup.loop, &l->silence);
  ev_timer_stop(l->setup.loop, &l->ping);
  set_timer(l, &l->retry, next_wait(l), 0);
  l->setup.down(l->setup.user_data, reason);
}

void redis_link_break(redis_link *l, const char *reason)
{
  redisAsyncContext *context = l->context;
  if (!context)
    return;
  char copy[REASON_TEXT];
  snprintf(copy, sizeof copy, "%s", reason);
  l->context = NULL;
  redisAsyncFree(context); /* answers all that waits with NULL, at once or, within an answer, right after it */
  gone(l, copy);
}

static void on_silence(struct ev_loop *loop, ev_timer *timer, int events)
{
  (void)loop, (void)events;
  redis_link *l = timer->data;
  redis_link_break(l, l->up ? "no answer for 2 s" : "no connection within 2 s");
}

static void on_retry(struct ev_loop *loop, ev_timer *timer, int events)
{
  (void)loop, (void)events;
  connect_now(timer->data);
}

/* ---- commands ---- */

static void on_answer(redisAsyncContext *context, void *answer, void *unused)
{
  (void)unused;
  redis_link *l = context->data;
  struct waiting w = l->ring[l->first];
  l->first = (l->first + 1) % COMMANDS_MAXIMUM;
  l->waiting--;
  l->answering = true;
  w.done(w.user_data, w.detail, answer);
  l->answering = false;
}

static bool queue(redis_link *l, struct waiting w, int count, const char **words, const size_t *lengths)
{
  if (!l->context || l->waiting == COMMANDS_MAXIMUM)
    return false;
  if (redisAsyncCommandArgv(l->context, on_answer, NULL, count, words, lengths) != REDIS_OK)
    return false;
  l->ring[(l->first + l->waiting++) % COMMANDS_MAXIMUM] = w;
  return true;
}

bool redis_link_send(redis_link *l, redis_link_reply *done, void *user_data, uint64_t detail, int count, const char **words, const size_t *lengths)
{
  return l->up && queue(l, (struct waiting){done, user_data, detail}, count, words, lengths);
}

/* Within an answer hiredis would free the context under its own feet if the write failed; there the loop's next round must do. */
void redis_link_flush(redis_link *l)
{
  if (l->up && !l->answering)
    redisAsyncHandleWrite(l->context);
}

bool redis_link_is_up(const redis_link *l)
{
  return l->up;
}

const char *redis_link_name(const redis_link *l)
{
  return l->name;
}

/* ---- from the first byte to up ---- */

static void on_pong(void *user_data, uint64_t detail, const redisReply *reply)
{
  (void)detail;
  redis_link *l = user_data;
  if (!reply || !l->context)
    return;
  if (reply->type == REDIS_REPLY_ERROR) {
    redis_link_break(l, reply->str);
    return;
  }
  l->pinging = false;
  ev_timer_stop(l->setup.loop, &l->silence);
  if (l->up)
    return;
  l->up = true;
  l->attempts = 0;
  set_timer(l, &l->ping, ping_every_s, ping_every_s);
  l->setup.up(l->setup.user_data);
}

static void ping(redis_link *l)
{
  if (l->pinging || !queue(l, (struct waiting){on_pong, l, 0}, 1, (const char *[]){"PING"}, NULL))
    return;
  l->pinging = true;
  set_timer(l, &l->silence, silence_s, 0);
}

static void on_ping_time(struct ev_loop *loop, ev_timer *timer, int events)
{
  (void)loop, (void)events;
  ping(timer->data);
}

static void on_authenticated(void *user_data, uint64_t detail, const redisReply *reply)
{
  (void)detail;
  redis_link *l = user_data;
  if (!reply || reply->type != REDIS_REPLY_ERROR)
    return;
  log_limited(3, "redis authentication",
              "Redis at %s refuses the user `%s`: %s; correct the user and password file in the section `redis`, or the ACL", l->name, l->setup.user,
              reply->str);
  redis_link_break(l, reply->str);
}

static void on_connect(const redisAsyncContext *context, int status)
{
  redis_link *l = context->data;
  if (context != l->context)
    return;
  if (status != REDIS_OK) {
    gone(l, context->errstr);
    return;
  }
  if (l->setup.redis->port)
    setsockopt(context->c.fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
  if (*l->setup.user || *l->password) {
    bool named = *l->setup.user;
    queue(l, (struct waiting){on_authenticated, l, 0}, named ? 3 : 2, (const char *[]){"AUTH", named ? l->setup.user : l->password, l->password},
          NULL);
  }
  ping(l);
}

static void on_disconnect(const redisAsyncContext *context, int status)
{
  (void)status;
  redis_link *l = context->data;
  if (context == l->context)
    gone(l, *context->errstr ? context->errstr : "closed by Redis");
}

static void connect_now(redis_link *l)
{
  const redis_settings *r = l->setup.redis;
  redisAsyncContext *context = r->port ? redisAsyncConnect(r->address, (int)r->port) : redisAsyncConnectUnix(r->address);
  if (!context || context->err) {
    char reason[REASON_TEXT];
    snprintf(reason, sizeof reason, "%s", context ? context->errstr : "no memory");
    if (context)
      redisAsyncFree(context);
    gone(l, reason);
    return;
  }
  l->context = context;
  context->data = l;
  redisLibevAttach(l->setup.loop, context);
  redisAsyncSetDisconnectCallback(context, on_disconnect);
  redisAsyncSetConnectCallback(context, on_connect);
  set_timer(l, &l->silence, silence_s, 0);
}

redis_link *redis_link_create(const redis_link_setup *setup)
{
  redis_link *l = calloc(1, sizeof *l);
  if (!l || sodium_init() < 0) {
    free(l);
    return NULL;
  }
  l->setup = *setup;
  if (setup->redis->port)
    snprintf(l->name, sizeof l->name, "%s:%d", setup->redis->address, (int)setup->redis->port);
  else
    snprintf(l->name, sizeof l->name, "%s", setup->redis->address);
  if (!read_password(l)) {
    free(l);
    return NULL;
  }
  ev_timer_init(&l->retry, on_retry, 0, 0);
  ev_timer_init(&l->silence, on_silence, 0, 0);
  ev_timer_init(&l->ping, on_ping_time, 0, 0);
  l->retry.data = l->silence.data = l->ping.data = l;
  set_timer(l, &l->retry, 0, 0);
  return l;
}

void redis_link_destroy(redis_link *l)
{
  if (!l)
    return;
  redisAsyncContext *context = l->context;
  l->context = NULL;
  l->up = false;
  if (context)
    redisAsyncFree(context);
  ev_timer_stop(l->setup.loop, &l->retry);
  ev_timer_stop(l->setup.loop, &l->silence);
  ev_timer_stop(l->setup.loop, &l->ping);
  sodium_memzero(l->password, sizeof l->password);
  free(l);
}
