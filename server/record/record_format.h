/* record_format.h: the bytes of a recording (docs/recording.md): segments of entries, each with a check sum. Numbers are little-endian. */
#ifndef TOCSIN_RECORD_FORMAT_H
#define TOCSIN_RECORD_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine.h"

/* A segment begins with these eight bytes, the last of which is the format's version, and a RECORD_HEADER. */
#define RECORD_MAGIC "tocsinR1"
#define RECORD_SUFFIX ".rec"
#define RECORD_CURRENT "current" RECORD_SUFFIX /* the segment being written; closed it is named by its first instant */

enum {
  RECORD_MAGIC_LENGTH = 8,
  RECORD_MARK = 0x43455254, /* "TREC": where an entry may begin */
  RECORD_LENGTH_MAXIMUM = 1 << 20,
  RECORD_SHA_TEXT = 65, /* 64 hex digits of SHA-256 and NUL */
  RECORD_NAME_TEXT = 48,
};

typedef enum {
  RECORD_PACKET = 1, /* the inputs of the engine: a packet's bytes */
  RECORD_ADVANCE,    /* nothing further */
  RECORD_COMMAND,    /* detail: its kind; what it holds (record_inputs.h) */
  RECORD_RESULT,     /* detail: the job; what it holds (record_inputs.h) */
  RECORD_HEADER,     /* lines name=value: of the segment */
  RECORD_STATE,      /* detail: a record_state; what is in force before the next input */
  RECORD_GAP,        /* record_gap: inputs that were not recorded */
  RECORD_EVENT,      /* in the buffer alone: an event's id, and its origin as `now` */
} record_kind;

/* All but the clock's are the SHA-256 of a text in the folder `texts`, in hex. */
typedef enum {
  RECORD_SETTINGS,    /* those of the start, as canonical lines */
  RECORD_MODEL,       /* the velocity model's CSV, unless one that ships */
  RECORD_INVENTORY,   /* a line "SHA-256  path" each document */
  RECORD_RULES,       /* settings read again: their rules and targets hold */
  RECORD_CLOCK,       /* uint32_t engine_clock */
  RECORD_CORRECTIONS, /* the station corrections' CSV, if there ever were any */
  RECORD_FILES,       /* a line "SHA-256  path" each other file that the locator's settings name, if there are any */
  RECORD_STATES
} record_state;

typedef struct {
  uint32_t mark, crc; /* CRC-32C of all that follows, padding left out */
  uint32_t length;    /* of the bytes behind this head; zeros pad them to a multiple of eight */
  uint16_t kind, detail;
  int32_t feed;
  uint32_t number; /* of the input in this run, from 0, counting those not recorded; of other kinds: of the next input */
  int64_t now;
} record_head;

typedef struct {
  uint64_t lost;
  int64_t since; /* the first lost input's `now` */
} record_gap;

/* Head, bytes and padding. */
size_t record_size(size_t length);

/* Writes an entry to `place` (record_size() bytes) but for its sum. Returns where its bytes go; `bytes` NULL: they are written by the caller. */
uint8_t *record_put(uint8_t *place, const record_head *head, const void *bytes);
/* Closes an entry with its sum. */
void record_seal(uint8_t *place);

/* Whether a whole and undamaged entry begins here; its head is copied to `head`, its bytes follow `record_head` in place. */
bool record_check(const uint8_t *place, size_t available, record_head *head);

/* "2019-07-06T03-19-53.040000Z", as segments are named; and back. */
char *record_name(int64_t time, char name[RECORD_NAME_TEXT]);
bool record_name_time(const char *name, int64_t *time);

#endif
