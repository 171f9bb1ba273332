/* record_worker.h: the thread that takes the inputs from the buffer and brings them to the disk, however slow this is. */
#ifndef TOCSIN_RECORD_WORKER_H
#define TOCSIN_RECORD_WORKER_H

#include <pthread.h>

#include "record_buffer.h"
#include "record_keeper.h"
#include "record_segment.h"
#include "record_text.h"

enum { RECORD_HEADER_TEXT = 1024 };

/* What stands in the buffer behind the head of an entry that names a text: the entry holds the name, the thread the text. */
typedef struct {
  char sha[RECORD_SHA_TEXT - 1];
  record_text *text;
} record_named;

typedef struct {
  const recorder_settings *settings;
  record_buffer buffer;
  atomic_bool ending;

  /* the thread's own from here on */
  char header[RECORD_HEADER_TEXT]; /* its lines, but for those of one segment */
  pthread_t thread;
  record_segment segment;
  record_keeper keeper;
  record_text *states[RECORD_STATES]; /* in force where the next entry stands */
  uint32_t clock;
  int64_t last; /* `now` of the newest input on disk */
  uint64_t segments;
  int folder;  /* locked, -1: not yet */
  int failing; /* why, as errno; 0: nothing does */
} record_worker;

/* False: errno says why. */
bool record_worker_start(record_worker *w);
/* Brings to the disk what waits. False: the disk still holds the thread after `patience_s`, and all that `w` has must stay where it is. */
bool record_worker_end(record_worker *w, int64_t patience_s);

#endif
