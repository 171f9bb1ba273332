/* traces.h: the traces that the training programs read on stdin, each a line "CODES START RATE COUNT" and as many floats as it says. */
#ifndef TOCSIN_PICKER_TRAIN_TRACES_H
#define TOCSIN_PICKER_TRAIN_TRACES_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  char codes[32];
  double start, rate;
  float *values;
  size_t n;
} trace;

/* The next one of stdin; its values replace those that *t held. False: no more. */
static inline bool next_trace(trace *t)
{
  char line[128], *at;
  if (!fgets(line, sizeof line, stdin) || !(at = strchr(line, ' ')) || at - line >= (long)sizeof t->codes)
    return false;
  memset(t->codes, 0, sizeof t->codes);
  memcpy(t->codes, line, (size_t)(at - line));
  t->start = strtod(at, &at);
  t->rate = strtod(at, &at);
  size_t n = strtoul(at, &at, 10);
  if (*at != '\n')
    return false;
  t->values = realloc(t->values, (n + 1) * sizeof *t->values);
  t->n = fread(t->values, sizeof *t->values, n, stdin);
  return t->n == n;
}

#endif
