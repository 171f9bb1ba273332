/* foreign.h: what speaks on a port that should speak something else, for this folder's own use. */
#ifndef TOCSIN_PROTOCOL_FOREIGN_H
#define TOCSIN_PROTOCOL_FOREIGN_H

#include <stddef.h>
#include <stdint.h>

/* The first bytes that a peer sent: who speaks so, and the remedy, as one static sentence; NULL: nobody known. */
const char *foreign_speaker(const uint8_t *bytes, size_t length);

/* The first bytes as text for a message: what is not printable becomes a dot. Returns `text`, cut to `room`. */
char *foreign_quote(const uint8_t *bytes, size_t length, char *text, size_t room);

#endif
