/* writer.h: JSON written into a fixed buffer, member by member: commas and escaping are its business.
 *
 * Text that is no UTF-8 gets U+FFFD in place of each bad byte, a number that is not finite becomes null, and what does not fit sets `overflow`: what
 * comes out is always one well-formed value or is marked as unfit to send. `key` is NULL inside an array. Allocates nothing, knows no locale.
 */
#ifndef TOCSIN_ENGINE_WRITER_H
#define TOCSIN_ENGINE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  char *bytes; /* not NUL-terminated */
  size_t length, capacity;
  bool overflow;
} writer;

void writer_start(writer *w, char *bytes, size_t capacity);

/* `bracket` is '{' or '[', and '}' or ']'. */
void writer_open(writer *w, const char *key, char bracket);
void writer_close(writer *w, char bracket);

void writer_text(writer *w, const char *key, const char *text); /* NULL: null */
void writer_fixed(writer *w, const char *key, double value,
                  int decimals); /* decimals 0..9, halves away from zero; beyond 9e15 units of the last place: null */
void writer_integer(writer *w, const char *key, int64_t value);
void writer_flag(writer *w, const char *key, bool value);
void writer_null(writer *w, const char *key);
void writer_time(writer *w, const char *key, int64_t time); /* UTC with six decimals and Z; 0, INT64_MIN and INT64_MAX: null */

#endif
