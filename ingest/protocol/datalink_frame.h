/* datalink_frame.h: the frames of DataLink 1.0 and 1.1: "DL", the header's length, the header, perhaps data. For this folder's own use. */
#ifndef TOCSIN_PROTOCOL_DATALINK_FRAME_H
#define TOCSIN_PROTOCOL_DATALINK_FRAME_H

#include "protocol.h"

enum {
  DATALINK_PREHEADER = 3,        /* "DL" and the header's length */
  DATALINK_HEADER_MOST = 255,    /* what one byte can say */
  DATALINK_SIZE_MOST = 16 << 20, /* of data that is stepped over; beyond it framing is lost */
  DATALINK_WORDS = 8,
};

/* The header's words (of ID one: all of it); `data` bytes follow it. */
typedef struct {
  char text[DATALINK_HEADER_MOST + 1];
  char *words[DATALINK_WORDS];
  size_t count, length;
  uint64_t data;
} datalink_frame;

/* Of a frame whose header is there. False: the size of its data cannot be read, or is too large. */
bool datalink_read_header(const uint8_t *frame, datalink_frame *h);

/* A whole decimal number up to `most`. */
bool datalink_number(const char *text, uint64_t most, int64_t *number);

/* Stream identifiers: "FDSN:NET_STA_LOC_B_S_SS/MSEED3", the older "NET_STA_LOC_CHA/MSEED", perhaps with /LABEL. */
bool datalink_is_miniseed(const char *stream);
/* "NET_STA" in `text`; NULL if the identifier has another form. */
const char *datalink_station(const char *stream, char text[PROTOCOL_STATION_TEXT]);

#endif
