/* why_source.h: messages of tocsind to be read again: from Redis' streams, or from JSON Lines. */
#ifndef TOCSIN_WHY_SOURCE_H
#define TOCSIN_WHY_SOURCE_H

#include <jansson.h>

#include "settings.h"

/* A message; taken over. */
typedef void why_take(void *user, json_t *message);

/* Lines of `tocsin replay` or `tocsin watch --json`; "-": standard input; what is no message is passed over. False, said on stderr, if it cannot be
   read. */
bool why_read_lines(const char *path, why_take *take, void *user);

/* The newest `count` entries, oldest first, of the stream `channel` ("event"), of exercises or in earnest. False, said on stderr. */
bool why_read_stream(const redis_settings *redis, bool exercise, const char *channel, unsigned count, why_take *take, void *user);

#endif
