/* recordings.h: miniSEED files as whole traces, for tests on real recordings. */
#ifndef TOCSIN_TESTS_RECORDINGS_H
#define TOCSIN_TESTS_RECORDINGS_H

#include "picker.h"

/* Records of one channel that follow each other. */
typedef struct {
  ingest_codes codes;
  int64_t start;
  double rate;
  float *values;
  size_t n;
} trace;

typedef struct {
  trace *items;
  size_t count;
} traces;

/* All channels of a file whose code ends in `last` ('\0': any), sorted by codes and start; samples times `scale`. Fails the test if it cannot be
 * read. */
traces traces_read(const char *path, char last, double scale);
void traces_free(traces *t);

#endif
