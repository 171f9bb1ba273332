/* record_segment.h: the file that is being written: begun, added to in whole entries, closed under the name of its first instant. */
#ifndef TOCSIN_RECORD_SEGMENT_H
#define TOCSIN_RECORD_SEGMENT_H

#include "record_format.h"

enum { RECORD_PATH_TEXT = 1024 };

typedef struct {
  const char *folder;
  int descriptor; /* -1: none is open */
  int64_t first;  /* `now` of its header */
  uint64_t bytes; /* whole entries */
  uint64_t empty; /* of them before the first input */
} record_segment;

/* Begins FOLDER/current.rec with the magic, a header of `text` and `states`, sealed entries of `states_length` bytes. A torn one that stands there
   gets its name first. False: errno says why. */
bool record_segment_open(record_segment *s, const record_head *head, const char *text, const uint8_t *states, size_t states_length);

/* Adds whole entries. False, errno: none of them is in it, as far as the file can be cut. */
bool record_segment_add(record_segment *s, const uint8_t *bytes, size_t length);

/* Onto the disk, and its own name, which is left in `name`; one without any input is deleted, `name` empty. */
void record_segment_close(record_segment *s, char name[RECORD_PATH_TEXT]);

/* A current segment that an earlier process left gets its name. */
void record_segment_recover(const char *folder);

#endif
