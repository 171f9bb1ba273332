/* seedlink_stand.h: SeedLink servers on the test's own loop that can be killed, started again, and behave badly. */
#ifndef TOCSIN_TESTS_SEEDLINK_STAND_H
#define TOCSIN_TESTS_SEEDLINK_STAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ev.h>

#include "protocol.h"

enum { STAND_SESSIONS = 4, STAND_OUTPUT = 1 << 20, STAND_BASE_S = 1000000000 };

/* GOOD; each byte alone; noise in place of a conversation; a conversation that falls silent once data should flow; silence from the beginning. */
typedef enum { STAND_GOOD, STAND_BYTE_BY_BYTE, STAND_GARBAGE, STAND_STALLING, STAND_SILENT } stand_manner;

typedef struct stand stand;

typedef struct {
  stand *owner; /* NULL: this place is free */
  ev_io readable, writable;
  protocol_session *session;
  uint8_t *output;
  size_t begin, end;
  bool silent; /* it stalls, and has been told to let data flow */
} stand_session;

struct stand {
  struct ev_loop *loop;
  stand_manner manner;
  char station[8];
  protocol_ring *ring;
  protocol_server *server;
  int listener, port; /* -1: it is down */
  int64_t produced;   /* its station's seconds so far, from STAND_BASE_S on */
  ev_io acceptable;
  stand_session sessions[STAND_SESSIONS];
  uint64_t accepted;
};

/* A server of station XX.`station`, whose first packet gets the sequence `first`; on a free port of the loopback, kept over restarts. */
void stand_begin(stand *s, struct ev_loop *loop, const char *station, stand_manner manner, int64_t first);
void stand_clear(stand *s);

/* One more second of data, which is in the ring whether the server is up or not. */
void stand_produce(stand *s);

/* All connections are cut as by a crash; the ring stays. */
void stand_kill(stand *s);
void stand_restart(stand *s);
/* The ring is made anew: its numbers begin at `first` again. */
void stand_reset(stand *s, int64_t first);

#endif
