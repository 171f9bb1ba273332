/* nearest.h: what a mistyped word was probably meant to be. */
#ifndef TOCSIN_CONFIG_NEAREST_H
#define TOCSIN_CONFIG_NEAREST_H

#include <stddef.h>

/* Begin with {.word = ..., .length = ...}, offer the right words, read `best`: the nearest (the first of equals), NULL if none is near. */
typedef struct {
  const char *word;
  size_t length;
  const char *best;
  size_t distance; /* of `best` */
} nearest;

void nearest_offer(nearest *n, const char *candidate);

#endif
