/* handover.h: from the queue into Redis: stamped, signed and given to hiredis, one script call a message; what to do with each answer. */
#ifndef TOCSIN_HANDOVER_H
#define TOCSIN_HANDOVER_H

#include <stdbool.h>
#include <stdint.h>

#include "lease.h"
#include "outbox.h"
#include "publisher.h"
#include "redis_link.h"

typedef struct handover handover;

typedef struct {
  const publisher_setup *publisher;
  const char *prefix; /* "tocsin" or "tocsin:exercise" */
  redis_link *link;
  lease *lease;
  outbox *box;
  void (*delivered)(void *user_data, bool expired); /* one message is in Redis */
  void *user_data;
} handover_setup;

typedef struct {
  uint64_t published, appended_expired, refused, dropped;
} handover_counts;

enum { HANDOVER_MESSAGE_MAXIMUM = 1 << 20 };

/* Keeps what `setup` points to. NULL if memory is short. */
handover *handover_create(const handover_setup *setup);
void handover_destroy(handover *h);

/* The link came up, or went down. */
void handover_start(handover *h);
void handover_stop(handover *h);
/* Redis answered the lease's question. */
void handover_lease(handover *h, lease_state state, const char *detail);

/* Sends what waits, as far as link, lease and the bound on what is on its way allow. */
void handover_pump(handover *h);
/* Whether what waits can go out now. */
bool handover_flows(const handover *h);

handover_counts handover_count(const handover *h);

#endif
