/* record_reader.h: a recording entry by entry, in the order in which it was written; what is damaged is named and stepped over. */
#ifndef TOCSIN_RECORD_READER_H
#define TOCSIN_RECORD_READER_H

#include "record_format.h"

typedef struct record_reader record_reader;

/* What a segment's header says. */
typedef struct {
  char software[64], build[65], processor[128], status[16];
  int64_t run;      /* when that process began, real time */
  uint64_t segment; /* in that run, from 0 */
} record_origin;

/* The segments of a folder, in the order of runs and in each of their numbers. NULL, said on stderr, if there is none. */
record_reader *record_reader_open(const char *folder);
void record_reader_close(record_reader *r);

/* Goes to the last segment that begins at or before `from`, of the first run that has any after it. */
void record_reader_seek(record_reader *r, int64_t from);

/* The next whole entry; `*bytes` are its, valid until the next call. False: the end. Damage is said on stderr with file and offset. */
bool record_reader_next(record_reader *r, record_head *head, const uint8_t **bytes);

/* Of the newest entry. */
const record_origin *record_reader_origin(const record_reader *r);
const char *record_reader_path(const record_reader *r);

/* Stretches that were stepped over. */
uint64_t record_reader_damages(const record_reader *r);

#endif
