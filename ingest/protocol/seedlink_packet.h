/* seedlink_packet.h: what comes after the handshake of SeedLink 3 and 4, packet by packet. For this folder's own use. */
#ifndef TOCSIN_PROTOCOL_SEEDLINK_PACKET_H
#define TOCSIN_PROTOCOL_SEEDLINK_PACKET_H

#include "protocol.h"

/* The longest header (version 4 with a station of 255 bytes) and packet that is read; longer ones of version 4 are stepped over. */
enum { SEEDLINK_HEADER_MOST = 17 + 255, SEEDLINK_PACKET_MOST = SEEDLINK_HEADER_MOST + INGEST_RECORD_MAXIMUM };

typedef enum {
  SEEDLINK_PARTIAL, /* `length` bytes are needed to go on */
  SEEDLINK_RECORD,
  SEEDLINK_INFO,    /* a piece of an answer to INFO: text */
  SEEDLINK_SKIPPED, /* `length` bytes (of which some may be still to come) to step over; `reason` says why, NULL: nothing is wrong */
  SEEDLINK_END,     /* END: the server is done */
  SEEDLINK_ERROR,   /* ERROR: the server gives up */
  SEEDLINK_LOST     /* no packet begins here; `reason` */
} seedlink_packet_kind;

typedef struct {
  seedlink_packet_kind kind;
  uint64_t length; /* of the whole packet */
  const uint8_t *payload;
  size_t payload_length;
  int64_t sequence;
  char station[PROTOCOL_STATION_TEXT]; /* of version 4; "": none */
  bool last, refused;                  /* of an answer to INFO: its last piece; it is an error */
  const char *reason;
} seedlink_packet;

seedlink_packet seedlink_packet_3(const uint8_t *bytes, size_t length);
seedlink_packet seedlink_packet_4(const uint8_t *bytes, size_t length);

#endif
