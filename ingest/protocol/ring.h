/* ring.h: what the SeedLink server reads of a ring beside its packets: the streams in it. For this folder's own use. */
#ifndef TOCSIN_PROTOCOL_RING_H
#define TOCSIN_PROTOCOL_RING_H

#include "protocol.h"

enum { RING_STATION_TEXT = 20, RING_STREAM_TEXT = 24 };

typedef struct {
  ingest_codes codes;
  char station_id[RING_STATION_TEXT]; /* "NET_STA" */
  char stream_id[RING_STREAM_TEXT];   /* "LOC_B_S_SS" */
  uint8_t version;                    /* of its newest record */
  int64_t first, last;                /* sequences of its oldest packet that is held and of its newest; first > last: none is held */
  int64_t end;                        /* just past its newest sample */
} ring_stream;

size_t ring_streams(const protocol_ring *ring);
/* By index, in order of appearance. */
const ring_stream *ring_stream_at(const protocol_ring *ring, size_t index);
/* The same, sorted by network, station, location, channel. */
const ring_stream *ring_stream_sorted(const protocol_ring *ring, size_t place);

#endif
