/* message.h: what every message begins and ends with, and its way to the sink. */
#ifndef TOCSIN_ENGINE_MESSAGE_H
#define TOCSIN_ENGINE_MESSAGE_H

#include "engine.h"
#include "writer.h"

/* The engine's mouth: one message at a time in one buffer. */
typedef struct {
  engine_status status;
  const char *software;
  char config_hash[32];
  engine_sink sink;
  int64_t now;     /* issued_at of what is sent */
  int64_t arrival; /* of the packet being worked on, 0: none */
  uint64_t sent, oversized;
  writer out;
  char *buffer;
} post;

enum { POST_CAPACITY = 256 * 1024 };

bool post_create(post *p, const engine_setup *setup, const engine_sink *sink);
void post_destroy(post *p);

/* Starts a message: {"schema":...,"status":...,"issued_at":... */
writer *post_begin(post *p, const char *schema);

/* Ends it with software and config and hands it over; `letter` names channel, target, expires_at and sample_time. A message that does not fit
   the buffer is logged and not sent. */
void post_send(post *p, engine_message letter);

void post_log(post *p, int severity, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
