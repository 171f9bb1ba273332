/* publisher_world.h: a redis-server of the test's own and up to two publishers of exercises on one loop. */
#ifndef TOCSIN_TESTS_PUBLISHER_WORLD_H
#define TOCSIN_TESTS_PUBLISHER_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "private_redis.h"
#include "publisher.h"

struct world {
  private_redis redis;
  struct ev_loop *loop;
  redis_settings settings;
  signer *signer;
  publisher *p, *other;
  int64_t now; /* of the engine */
  uint64_t wanted;
};

/* The `now` of a publisher whose `user` is a world. */
int64_t engine_now(void *user);
/* A world without a server or a publisher yet; skips the test when there is no redis-server. */
void prepare(struct world *w);
/* One more publisher of exercises. */
publisher *speaker(struct world *w);
void clear(struct world *w);
/* A world with a running server and one publisher. */
void begin(struct world *w);
/* A message of event E, as the engine would write it. */
void send_to(publisher *p, engine_channel channel, const char *status, int revision, int64_t expires_at);
void send_alert(publisher *p, int revision);
publisher_state state_of(const publisher *p);

/* For wait_for(), of a world. */
bool all_is_out(void *user);
bool leads(void *user);
bool is_down(void *user);

#endif
