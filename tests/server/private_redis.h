/* private_redis.h: a redis-server of the test's own: in a temporary folder, on a Unix socket, without a port; and waiting for what must come true. */
#ifndef TOCSIN_TESTS_PRIVATE_REDIS_H
#define TOCSIN_TESTS_PRIVATE_REDIS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <ev.h>
#include <hiredis/hiredis.h>

enum { PRIVATE_REDIS_EXTRA = 8 };

typedef struct {
  char folder[64], socket[96];
  const char *config;                         /* a configuration file to begin with, NULL: none */
  const char *extra[PRIVATE_REDIS_EXTRA + 1]; /* further arguments of redis-server, NULL at the end */
  pid_t pid;                                  /* 0: not running */
} private_redis;

/* Makes the folder; nothing runs yet. Skips the calling test, saying why, when there is no redis-server. */
void private_redis_prepare(private_redis *r);
/* Starts the server and waits until it answers; again after a kill: in the same folder. */
void private_redis_start(private_redis *r);
/* SIGKILL, as a crash would. */
void private_redis_kill(private_redis *r);
/* Ends it and removes the folder. */
void private_redis_remove(private_redis *r);

/* A blocking connection; the caller frees it. Fails the test if there is none within the deadline. */
redisContext *private_redis_connect(const private_redis *r);
/* One command, NULL-terminated words; the caller frees the reply. Fails the test when the link is broken. */
redisReply *private_redis_call(redisContext *c, ...);

/* An empty folder of the test's own below /tmp in `path` (of `size` bytes); and all that is in it away. */
void temporary_folder(char *path, size_t size);
void remove_folder(const char *path);

/* Runs the loop until `is_true` says so; fails the test, naming `what`, if it has not within a generous deadline. */
void wait_for(struct ev_loop *loop, bool (*is_true)(void *), void *user, const char *what);

#endif
