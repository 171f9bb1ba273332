/* feeds.h: all that brings records: the configured servers, the listening port, standard input. Bytes in any portions become whole records, each
 * with its feed's number.
 *
 * Each round of the loop reads a bounded number of bytes from all of them together, so that timers are served on time; a sender that is faster
 * than the engine is slowed by TCP itself. What goes wrong with one feed is named in one line, and never touches the others.
 */
#ifndef TOCSIN_FEEDS_H
#define TOCSIN_FEEDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ev.h>

#include "feed_settings.h"

typedef struct feeds feeds;

typedef struct {
  struct ev_loop *loop;
  const char *address; /* IP to listen on */
  int port;            /* 0: any free one (feeds_port() tells it), -1: none */
  bool standard_input;
  const feed_settings *configured; /* servers; copied */
  size_t configured_count;
  const char *state;                     /* folder in which is kept where each feed resumes; NULL, "": none */
  double retry_first_s, retry_longest_s; /* waits before a server is connected again */
  /* One whole record, valid during the call; `received` is the monotonic instant of its last byte's reading. */
  void (*record)(void *user, int32_t feed, const uint8_t *bytes, size_t length, int64_t received);
  void (*ended)(void *user, int32_t feed); /* that feed closed (a configured one: was removed); may be NULL */
  void *user;
} feeds_setup;

/* Numbers: standard input, then the configured ones as in the file, then connections and later ones in order of arrival. */
enum { FEEDS_STANDARD_INPUT = 0, FEEDS_FIRST_CONFIGURED = 1 };

/* NULL, said in the log, if the port cannot be opened or memory is short. */
feeds *feeds_create(const feeds_setup *setup);
/* Where each feed resumes is written before it returns. */
void feeds_destroy(feeds *f);

/* A new list of servers: those that are the same stay as they are; what is new or changed begins anew, what is gone ends. A feed keeps its number. */
void feeds_adopt(feeds *f, const feed_settings *configured, size_t count);

int feeds_port(const feeds *f);

typedef struct {
  uint64_t open, accepted, bytes, records, skipped_bytes;
  uint64_t configured, connected; /* servers */
} feeds_counters;
void feeds_count(const feeds *f, feeds_counters *counters);

/* ---- what is known of each (`tocsin status`) ---- */

typedef enum { FEED_WAITING, FEED_RESOLVING, FEED_CONNECTING, FEED_SECURING, FEED_CONNECTED, FEED_STATES } feed_state;
extern const char *const feed_state_words[FEED_STATES];

/* Texts are valid until the loop goes on; times are ns since 1970, 0: never. */
typedef struct {
  int32_t number;
  const char *name, *kind, *address, *link, *provider;
  const char *peer; /* what the server says of itself, "": nothing yet */
  feed_state state;
  int64_t connected_since, last_packet, last_sample, next_attempt;
  int64_t feed_latency; /* of its newest packet, ns */
  uint64_t packets, bytes, skipped_bytes, reconnections;
  const char *error; /* the last one, "": none */
  int64_t error_at;
} feed_status;

/* While `record` is called: "feed NAME (...)" of the record, and where it begins in the bytes of its connection. NULL: none is being handed on, or of
   another feed. */
const char *feeds_in_hand(const feeds *f, int32_t number, uint64_t *offset);

size_t feeds_known(const feeds *f);
void feeds_describe(const feeds *f, size_t index, feed_status *status);

#endif
