#include "lease.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Keys: lease, epoch. Arguments: the epoch we hold or held, the least new one, milliseconds. Returns whether it is ours, and its epoch. Numbers of
   Lua are doubles: exact for epochs up to 2^53. */
static const char ask_script[] = "#!lua flags=allow-oom\n"
                                 "local held = redis.call('GET', KEYS[1])\n"
                                 "if held == ARGV[1] then redis.call('PEXPIRE', KEYS[1], ARGV[3]) return {1, held} end\n"
                                 "if held then return {0, held} end\n"
                                 "local last = tonumber(redis.call('GET', KEYS[2]) or '0') or 0\n"
                                 "local epoch = string.format('%.0f', math.max(last + 1, tonumber(ARGV[2])))\n"
                                 "redis.call('SET', KEYS[2], epoch)\n"
                                 "redis.call('SET', KEYS[1], epoch, 'PX', ARGV[3])\n"
                                 "return {1, epoch}\n";
static const char release_script[] = "#!lua flags=allow-oom\n"
                                     "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end\n"
                                     "return 1\n";

enum { NUMBER_TEXT = 24, KEY_TEXT = 100 };

struct lease {
  lease_setup setup;
  lease_state state;
  int64_t epoch;
  bool asking;
  ev_timer renew;
  char key[KEY_TEXT], epoch_key[KEY_TEXT];
};

static void ask(lease *l);

static void on_renew(struct ev_loop *loop, ev_timer *timer, int events)
{
  (void)loop, (void)events;
  ask(timer->data);
}

lease *lease_create(const lease_setup *setup)
{
  lease *l = calloc(1, sizeof *l);
  if (!l)
    return NULL;
  l->setup = *setup;
  snprintf(l->key, sizeof l->key, "%s:lease", setup->prefix);
  snprintf(l->epoch_key, sizeof l->epoch_key, "%s:epoch", setup->prefix);
  ev_timer_init(&l->renew, on_renew, setup->seconds / 3, setup->seconds / 3);
  l->renew.data = l;
  return l;
}

void lease_destroy(lease *l)
{
  if (!l)
    return;
  lease_stop(l);
  free(l);
}

void lease_start(lease *l)
{
  ev_timer_again(l->setup.loop, &l->renew);
  ask(l);
}

void lease_stop(lease *l)
{
  ev_timer_stop(l->setup.loop, &l->renew);
  l->state = LEASE_UNKNOWN;
}

void lease_lost(lease *l)
{
  l->state = LEASE_UNKNOWN;
  ask(l);
}

/* {1 ours | 0 another's, epoch} */
static lease_state read_answer(lease *l, const redisReply *reply, const char **detail)
{
  if (reply->type == REDIS_REPLY_ERROR) {
    *detail = reply->str;
    return LEASE_REFUSED;
  }
  if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2 || reply->element[0]->type != REDIS_REPLY_INTEGER || !reply->element[1]->str) {
    *detail = "the lease script's answer is not understood";
    return LEASE_REFUSED;
  }
  *detail = reply->element[1]->str;
  if (reply->element[0]->integer != 1)
    return LEASE_OTHERS;
  l->epoch = strtoll(*detail, NULL, 10);
  return LEASE_HELD;
}

static void on_answer(void *user_data, uint64_t detail, const redisReply *reply)
{
  (void)detail;
  lease *l = user_data;
  l->asking = false;
  if (!reply)
    return;
  const char *said = NULL;
  l->state = read_answer(l, reply, &said);
  l->setup.told(l->setup.user_data, l->state, said);
}

static void ask(lease *l)
{
  char own[NUMBER_TEXT], least[NUMBER_TEXT], milliseconds[NUMBER_TEXT];
  int64_t seconds = time(NULL);
  snprintf(own, sizeof own, "%" PRId64, l->epoch);
  snprintf(least, sizeof least, "%" PRId64, seconds > l->epoch ? seconds : l->epoch + 1);
  snprintf(milliseconds, sizeof milliseconds, "%.0f", l->setup.seconds * 1000);
  const char *words[] = {"EVAL", ask_script, "2", l->key, l->epoch_key, own, least, milliseconds};
  if (!l->asking)
    l->asking = redis_link_send(l->setup.link, on_answer, l, 0, sizeof words / sizeof words[0], words, NULL);
}

bool lease_release(lease *l, redis_link_reply *done, void *user_data)
{
  if (l->state != LEASE_HELD)
    return false;
  ev_timer_stop(l->setup.loop, &l->renew);
  char own[NUMBER_TEXT];
  snprintf(own, sizeof own, "%" PRId64, l->epoch);
  const char *words[] = {"EVAL", release_script, "1", l->key, own};
  return redis_link_send(l->setup.link, done, user_data, 0, sizeof words / sizeof words[0], words, NULL);
}

bool lease_is_asking(const lease *l)
{
  return l->asking;
}

lease_state lease_state_of(const lease *l)
{
  return l->state;
}

int64_t lease_epoch(const lease *l)
{
  return l->epoch;
}

const char *lease_key(const lease *l)
{
  return l->key;
}

const char *lease_epoch_key(const lease *l)
{
  return l->epoch_key;
}
