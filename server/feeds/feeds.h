/* feeds.h: raw miniSEED from standard input and over TCP: bytes in any portions become whole records, each with its feed's number.
 *
 * Each round of the loop reads a bounded number of bytes from all of them together, so that timers are served on time; a sender that is faster
 * than the engine is slowed by TCP itself. Garbage between records is stepped over and named; the connection stays.
 */
#ifndef TOCSIN_FEEDS_H
#define TOCSIN_FEEDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ev.h>

typedef struct feeds feeds;

typedef struct {
  struct ev_loop *loop;
  const char *address; /* IP to listen on */
  int port;            /* 0: any free one (feeds_port() tells it), -1: none */
  bool standard_input;
  /* One whole record, valid during the call; `received` is the monotonic instant of its last byte's reading. */
  void (*record)(void *user, int32_t feed, const uint8_t *bytes, size_t length, int64_t received);
  void (*ended)(void *user, int32_t feed); /* that feed closed; may be NULL */
  void *user;
} feeds_setup;

enum { FEEDS_STANDARD_INPUT = 0 }; /* its number; connections are 1, 2, 3 ... in order of arrival */

/* NULL, said in the log, if the port cannot be opened or memory is short. */
feeds *feeds_create(const feeds_setup *setup);
void feeds_destroy(feeds *f);

int feeds_port(const feeds *f);

typedef struct {
  uint64_t open, accepted, bytes, records, skipped_bytes;
} feeds_counters;
void feeds_count(const feeds *f, feeds_counters *counters);

#endif
