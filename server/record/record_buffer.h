/* record_buffer.h: bytes from one thread to another, in order, without a lock: a ring that neither waits for. Its memory is mapped twice in a row, so
 * that what wraps lies in one piece.
 */
#ifndef TOCSIN_RECORD_BUFFER_H
#define TOCSIN_RECORD_BUFFER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  uint8_t *bytes;
  size_t size;
  _Alignas(64) atomic_size_t written; /* by the giving thread; both count all bytes ever */
  size_t known_taken;                 /* as the giving thread saw it last */
  _Alignas(64) atomic_size_t taken;   /* by the taking thread */
} record_buffer;

/* `size` is rounded up to whole pages, all of them in memory at once. False: errno says why. */
bool record_buffer_create(record_buffer *b, size_t size);
void record_buffer_destroy(record_buffer *b);

/* The giving thread: room for `length` bytes in one piece, NULL if there is none; then they are shown to the other. */
uint8_t *record_buffer_room(record_buffer *b, size_t length);
void record_buffer_give(record_buffer *b, size_t length);

/* The taking thread: all that was given, in one piece; then so much of it is room again. */
uint8_t *record_buffer_peek(record_buffer *b, size_t *length);
void record_buffer_take(record_buffer *b, size_t length);

/* Either thread. */
size_t record_buffer_used(record_buffer *b);

#endif
