/* transport.h: the bytes of one connection, plain or through TLS: read without waiting; what is to be written waits in a buffer for the socket. */
#ifndef TOCSIN_TRANSPORT_H
#define TOCSIN_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tls.h"

typedef struct {
  int descriptor;   /* -1: none */
  tls_session *tls; /* NULL: plain */
  uint8_t *output;  /* what the socket has not taken yet */
  size_t used, room;
  bool wants_write;           /* the socket must become writable before anything goes on */
  char fault[TLS_FAULT_TEXT]; /* why the last call failed */
} transport;

/* Ends the connection; the buffer's memory stays for the next one. */
void transport_close(transport *t);
/* And that, too. */
void transport_free(transport *t);

enum { TRANSPORT_NOTHING_NOW = -1, TRANSPORT_BROKEN = -2 };

/* So many bytes, 0 at the end, or one of the above. */
ssize_t transport_read(transport *t, uint8_t *bytes, size_t room);
/* Puts bytes behind what waits already. */
void transport_add(transport *t, const void *bytes, size_t length);
/* Writes what the socket takes. False: it is broken. */
bool transport_flush(transport *t);

#endif
