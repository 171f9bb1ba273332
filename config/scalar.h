/* scalar.h: one setting between its text in the file and its place in a struct. */
#ifndef TOCSIN_CONFIG_SCALAR_H
#define TOCSIN_CONFIG_SCALAR_H

#include "config.h"
#include "number.h"

enum { SCALAR_WHY = 256 };

typedef struct {
  const char *chars;
  size_t length;
  bool quoted;
} scalar_source;

/* Reads `source` into the place of `row` in the struct at `base`. False if it does not fit: nothing is written, and `why` continues a sentence that
   begins with the setting's name: "must be a number, found `ten`". */
bool scalar_read(const config_row *row, const scalar_source *source, void *base, char why[SCALAR_WHY]);

/* The default of the row, or zero where it has none. */
void scalar_default(const config_row *row, void *base);

/* The value as the file would say it, without quotes. Valid as long as `base` and `buffer`. */
const char *scalar_text(const config_row *row, const void *base, char buffer[NUMBER_TEXT]);

/* "1 to 60 s", "at least 0 km", "m": the range and unit of a number; empty where it has neither. Returns `out`. */
char *scalar_range(const config_row *row, char out[SCALAR_WHY]);

#endif
