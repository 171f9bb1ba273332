/* publisher.h: messages into Redis: one Lua script that checks the lease, publishes and appends; a bounded queue while Redis is away.
 *
 * Runs on the loop's thread through hiredis' asynchronous interface. Never blocks, never loses silently: what is dropped is counted and logged.
 */
#ifndef TOCSIN_PUBLISHER_H
#define TOCSIN_PUBLISHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ev.h>

#include "engine.h"
#include "settings.h"
#include "signer.h"
#include "stage.h"

typedef struct publisher publisher;

typedef struct {
  struct ev_loop *loop;
  const redis_settings *redis;
  const signer *signer;
  engine_status status;       /* fixes prefix ("tocsin:exercise:" unless actual), lease key and Redis user for the life of the process */
  int64_t (*now)(void *user); /* the engine's clock: what has expired is judged by it */
  void *user;
  stage *signing; /* counts how long each signature took; NULL: not counted */
} publisher_setup;

/* NULL if memory is short, or if the exercise key was to sign actual messages (said in the log). Connects at once and again for ever, with growing
 * jittered waits. */
publisher *publisher_create(const publisher_setup *setup);
/* Hands over what can still be, waiting at most `patience_s` on the loop, gives the lease back and closes. */
void publisher_destroy(publisher *p, double patience_s);

/* Takes a copy into the queue and hands over at once if the link is up. `received` is the monotonic instant of the deciding packet's reception (0:
   none). A message whose status is not this publisher's is refused, counted and logged: an exercise can never appear on an actual channel. */
void publisher_send(publisher *p, const engine_message *message, int64_t received_monotonic_ns);

typedef struct {
  bool connected, leader;
  int64_t epoch;
  uint64_t published, appended_expired, dropped, refused, reconnections, queued;
  uint64_t yielded; /* left to the process that held the lease */
} publisher_state;
void publisher_state_of(const publisher *p, publisher_state *state);

#endif
