/* feed.h: a source of records, whichever way its bytes come: its machine, its counters, and its turn in the rounds of the loop.
 *
 * Whoever holds a socket says feed_ready() when there is something to read; in each round of the loop the ready ones are read in the order in which
 * they became so, a bounded number of bytes from each and from all, so that no feed that catches up holds back the others or a timer.
 */
#ifndef TOCSIN_FEED_H
#define TOCSIN_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <ev.h>

#include "feeds.h"
#include "protocol.h"

enum { FEED_LABEL_TEXT = 160, FEED_ERROR_TEXT = 480, FEED_READ_BYTES = 16 << 10, FEED_LINES_A_MINUTE = 6 };

typedef struct feed feed;
typedef void feed_record(void *user, int32_t number, const uint8_t *bytes, size_t length, int64_t received);

/* What all feeds of a daemon share. */
typedef struct {
  struct ev_loop *loop;
  feed_record *record;
  void *user;
  feed *first_ready, *last_ready;
  ev_check serve;
  ev_idle more; /* runs while some are ready: the loop must not sleep */
  int64_t received;
  feed *in_hand;   /* whose record is being handed on, NULL: none is */
  uint64_t offset; /* ... where it begins in the bytes of its connection */
  uint64_t bytes, records, skipped;
  uint8_t buffer[FEED_READ_BYTES];
} feed_round;

void feed_round_start(feed_round *r, struct ev_loop *loop, feed_record *record, void *user);
void feed_round_stop(feed_round *r);

enum { FEED_NOTHING_NOW = -1, FEED_BROKEN = -2 };

struct feed {
  feed_round *round;
  int32_t number;
  char label[FEED_LABEL_TEXT]; /* "feed liaoning-1 (seedlink at 10.0.0.1 port 18000)" */
  const protocol_adapter *adapter;
  protocol_client *machine;
  /* Reads at most `room` bytes: so many, 0 at the end, FEED_NOTHING_NOW, or FEED_BROKEN, which it has dealt with. */
  ssize_t (*read)(feed *f, uint8_t *bytes, size_t room);
  void (*send)(feed *f, const void *bytes, size_t length);
  /* The machine wants nothing more (sends are to be flushed), or the conversation is at its end; `f` may be gone after that. */
  void (*taken)(feed *f);
  void (*lost)(feed *f, const char *why);
  uint64_t packets, bytes, record_bytes, skipped;
  int64_t last_packet;               /* monotonic; 0: none */
  int64_t last_sample, feed_latency; /* time of the newest sample, delay of a packet: looked at ten times a second at most */
  int64_t looked_at;                 /* monotonic */
  char error[FEED_ERROR_TEXT];
  int64_t error_at;
  struct {
    uint64_t hash;
    int64_t written; /* monotonic; 0: this place is free */
  } lines[FEED_LINES_A_MINUTE];
  bool ready, garbled; /* garbled: bytes were no record */
  feed *next_ready;
};

/* There is something to read. */
void feed_ready(feed *f);
/* Whatever was said to be ready is so no more. */
void feed_unready(feed *f);

/* The machine's other calls, with the feed as its sink. feed_advance() false: call lost() with the machine's fault. */
void feed_open(feed *f);
bool feed_advance(feed *f);
/* The conversation ended: what was not framed is counted as skipped. */
void feed_end(feed *f);

/* Kept for the status, and written to the log: the same text at most once a minute, and few in all, so that one feed never fills the log. */
void feed_say(feed *f, int severity, const char *text);

/* What a feed knows of itself; all else zero or "". */
void feed_describe(const feed *f, feed_status *status);

#endif
