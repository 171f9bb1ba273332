/* unread.h: what came from a peer and is not yet understood, for this folder's own use: the head of a client's buffer, and what is to be stepped
 * over. */
#ifndef TOCSIN_PROTOCOL_UNREAD_H
#define TOCSIN_PROTOCOL_UNREAD_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
  uint64_t before;  /* bytes of this connection that came before those kept */
  uint64_t to_skip; /* of those to come: not wanted */
  size_t used;      /* of the buffer */
} unread;

/* Steps over what is to be skipped, else keeps as much as there is room for. How many of `bytes` that were; kept ones are to be looked at then. */
size_t unread_take(unread *u, uint8_t *buffer, size_t room, const uint8_t *bytes, size_t length);

/* The first `taken` bytes of the buffer are understood; the rest moves to its head. */
void unread_drop(unread *u, uint8_t *buffer, size_t taken);

#endif
