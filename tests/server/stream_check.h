/* stream_check.h: what a stream in Redis holds, read as a subscriber would. */
#ifndef TOCSIN_TESTS_STREAM_CHECK_H
#define TOCSIN_TESTS_STREAM_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "private_redis.h"

struct streamed {
  char *text;
  int64_t epoch, revision; /* revision 0: it has none */
  bool verified;           /* with the exercise key */
};

struct stream {
  size_t count;
  struct streamed *items;
};

/* The whole stream; clear it. */
struct stream stream_read(const private_redis *r, const char *name);
void stream_clear(struct stream *s);

int64_t revision_of(const char *message);

/* The stream holds these revisions, each once and in order. */
void assert_revisions_exactly(const private_redis *r, const char *name, int64_t first, int64_t last);
/* The same, but resends (an equal or higher epoch of a revision that was there) may stand among them. */
void assert_revisions_in_order(const private_redis *r, const char *name, int64_t first, int64_t last);

#endif
