/* lease.h: who may speak: a key in Redis with an epoch in it that lasts a few seconds unless renewed.
 *
 * An epoch is never given twice: it is the greatest of the last one given + 1, this process' own + 1 and the Unix seconds, so that neither a
 * leader that slept nor a Redis that came back empty makes anybody speak with an old one.
 */
#ifndef TOCSIN_LEASE_H
#define TOCSIN_LEASE_H

#include <stdint.h>

#include "redis_link.h"

typedef enum {
  LEASE_UNKNOWN, /* not asked yet, or the link is down */
  LEASE_HELD,
  LEASE_OTHERS,  /* another process speaks */
  LEASE_REFUSED, /* Redis did not run the script; `detail` says why */
} lease_state;

typedef struct {
  struct ev_loop *loop;
  redis_link *link;
  const char *prefix;                                                   /* "tocsin" or "tocsin:exercise" */
  double seconds;                                                       /* how long it lasts; renewed at a third of that */
  void (*told)(void *user_data, lease_state state, const char *detail); /* Redis answered */
  void *user_data;
} lease_setup;

typedef struct lease lease;

/* NULL if memory is short. */
lease *lease_create(const lease_setup *setup);
void lease_destroy(lease *l);

/* The link came up: ask now and from time to time. The link went down: stop asking. */
void lease_start(lease *l);
void lease_stop(lease *l);
/* Redis said that the lease is not ours: ask again now. */
void lease_lost(lease *l);
/* Gives it back; `done` once Redis answered. False if there is nothing to give back. */
bool lease_release(lease *l, redis_link_reply *done, void *user_data);

/* An answer is on its way: whose the lease is will be known with it. */
bool lease_is_asking(const lease *l);
lease_state lease_state_of(const lease *l);
/* The last epoch that was ours, 0: none yet. */
int64_t lease_epoch(const lease *l);
const char *lease_key(const lease *l);
const char *lease_epoch_key(const lease *l);

#endif
