/* strangers.h: channels that send data and are not in the inventory, each told once; for this folder's own use. */
#ifndef TOCSIN_INGEST_STRANGERS_H
#define TOCSIN_INGEST_STRANGERS_H

#include "ingest.h"

enum { STRANGERS_MOST = 4096 }; /* more are counted no longer by channel */

typedef struct {
  uint64_t known[2 * STRANGERS_MOST]; /* open addressing: hashes of codes, 0: free */
  size_t count;
} strangers;

/* True if the channel is new here. */
bool strangers_note(strangers *s, const ingest_codes *codes);

#endif
