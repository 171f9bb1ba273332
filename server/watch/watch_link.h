/* watch_link.h: a subscriber's link to Redis that misses nothing: it subscribes first, then reads from the streams what it was away for. */
#ifndef TOCSIN_WATCH_LINK_H
#define TOCSIN_WATCH_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WATCH_PATTERNS = 32 };

typedef struct {
  const char *address;         /* IP, or path of a Unix socket */
  int port;                    /* 0: a Unix socket */
  const char *user, *password; /* "": none */
  const char *const *patterns; /* channels, by name or as PSUBSCRIBE takes them */
  size_t patterns_count;       /* 1..WATCH_PATTERNS */
  const char *prefix;          /* "tocsin:exercise:": its channels are the streams that are read after a break */
} watch_link_setup;

/* A message, once each; `missed`: read from a stream after a break. `json` is NULL when the link itself changed: `channel` is then a line to show. */
typedef void watch_received(void *user, const char *channel, const char *json, size_t length, bool missed);

typedef struct watch_link watch_link;

/* Keeps pointers to what `setup` points to. NULL if memory is short. */
watch_link *watch_link_create(const watch_link_setup *setup, watch_received *received, void *user);
void watch_link_destroy(watch_link *link);

/* Connects where there is no link and it is time to try; hands over what comes within `patience_ms`. */
void watch_link_turn(watch_link *link, int patience_ms);

bool watch_link_up(const watch_link *link);

#endif
