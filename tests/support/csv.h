/* csv.h: the reference values' tables, by column name. */
#ifndef TOCSIN_TESTS_CSV_H
#define TOCSIN_TESTS_CSV_H

#include <stdlib.h>
#include <string.h>

#include "data.h"

typedef struct {
  char *text, *at, header[1024], line[1024];
} csv;

/* Skips the calling test where the recordings are absent. */
static inline csv csv_open(const char *relative)
{
  csv c = {0};
  size_t length;
  c.text = c.at = data_read(data_path(relative), &length);
  char *first = strsep(&c.at, "\n");
  strncpy(c.header, first, sizeof c.header - 1);
  return c;
}

static inline int csv_next(csv *c)
{
  char *line = c->at ? strsep(&c->at, "\n") : NULL;
  if (!line || !*line) {
    free(c->text);
    return 0;
  }
  strncpy(c->line, line, sizeof c->line - 1);
  return 1;
}

/* The field under that name, valid until the next call; fails the test if there is no such column. */
static inline const char *csv_text(const csv *c, const char *name)
{
  static char names[1024], fields[1024];
  char *n = strcpy(names, c->header), *f = strcpy(fields, c->line);
  for (char *one; (one = strsep(&n, ","));) {
    char *field = strsep(&f, ",");
    if (strcmp(one, name) == 0)
      return field ? field : "";
  }
  fail_msg("no column %s in %s", name, c->header);
  return NULL;
}

static inline double csv_number(const csv *c, const char *name)
{
  return strtod(csv_text(c, name), NULL);
}

#endif
