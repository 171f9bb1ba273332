/* rows.h (inside locator/): the lines of a table in CSV. */
#ifndef TOCSIN_LOCATOR_ROWS_H
#define TOCSIN_LOCATOR_ROWS_H

#include <stdbool.h>
#include <stddef.h>

enum { ROWS_TEXT = 1024, ROWS_FIELDS = 64, ROWS_FAULT = 160 };

typedef struct {
  const char *bytes;
  size_t length, at, number; /* of the line in `text`, from 1 */
  char text[ROWS_TEXT];
} rows;

typedef enum { ROWS_LINE, ROWS_END, ROWS_BROKEN } rows_state; /* BROKEN: too long for a row, or with a NUL in it */

/* The next line that is neither blank nor a comment (#) into `text`, without the blanks around it. */
rows_state rows_next(rows *r);

/* Cuts `text` at its commas, but for those within double quotes; blanks around the fields are left out. Returns how many there are, of which the
   first `most` are in `field`. */
size_t rows_split(char *text, char **field, size_t most);

/* A finite number and nothing else. */
bool rows_number(const char *field, double *value);

/* Where each of so many names stands among a header's fields, -1: nowhere. */
void rows_columns(char *const *field, size_t fields, const char *const *names, size_t count, int *column);

/* An array read row by row, with room for one more of `size` bytes: where it lies now. NULL: memory is short, and it lies where it did. */
void *rows_room(void *array, size_t count, size_t *capacity, size_t size);

#endif
