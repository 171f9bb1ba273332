/* redis_link.h: one connection to Redis that is made again for ever: growing jittered waits, limits on connecting and on silence.
 *
 * hiredis' asynchronous interface on the loop's thread. Nothing here blocks.
 */
#ifndef TOCSIN_REDIS_LINK_H
#define TOCSIN_REDIS_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ev.h>
#include <hiredis/async.h>
#include <hiredis/hiredis.h>

#include "settings.h"

typedef struct redis_link redis_link;

typedef struct {
  struct ev_loop *loop;
  const redis_settings *redis;
  const char *user, *password_file;                  /* "": none */
  void (*up)(void *user_data);                       /* authenticated, and Redis answers */
  void (*down)(void *user_data, const char *reason); /* the link broke, or an attempt to connect failed */
  void *user_data;
} redis_link_setup;

/* `reply` is NULL when the link broke before the answer. It is hiredis' and valid during the call. */
typedef void redis_link_reply(void *user_data, uint64_t detail, const redisReply *reply);

/* Starts connecting. NULL, said in the log, if memory is short or the password file cannot be read. */
redis_link *redis_link_create(const redis_link_setup *setup);
void redis_link_destroy(redis_link *l);

bool redis_link_is_up(const redis_link *l);
/* "127.0.0.1:6379" or the socket's path. */
const char *redis_link_name(const redis_link *l);

/* Queues one command of `count` words (`lengths` NULL: texts); answers come in the order of sending. False if the link is down or has too much
   on its way (then `done` is not called). */
bool redis_link_send(redis_link *l, redis_link_reply *done, void *user_data, uint64_t detail, int count, const char **words, const size_t *lengths);
/* Writes what is queued now instead of in the loop's next round. */
void redis_link_flush(redis_link *l);
/* What Redis answered makes no sense to go on with: break, wait, connect again. */
void redis_link_break(redis_link *l, const char *reason);

#endif
