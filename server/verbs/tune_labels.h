/* tune_labels.h: windows of recordings in which people said where P and S begin. */
#ifndef TOCSIN_TUNE_LABELS_H
#define TOCSIN_TUNE_LABELS_H

#include "archive.h"
#include "picker.h"

typedef struct {
  char network[9], station[9];
  int64_t start, end;        /* end: of what is recorded of it, 0: nothing is */
  double rate;               /* 0: the recording's own */
  double p_sample, s_sample; /* since the start; NAN: none. Without P all of it is noise */
  int64_t p, s;              /* their times, 0: none */
} tune_window;

typedef struct {
  tune_window *items; /* malloc'ed, by network, station, start */
  size_t count;
  size_t refused, silent; /* lines left out, each said on stderr; windows of which nothing is recorded */
} tune_labels;

/* network,station,window_start_utc (or start_utc),p_sample and, if there, s_sample and rate_hz. False, said on stderr, if there is no window. */
bool tune_labels_read(const char *path, tune_labels *labels);
void tune_labels_free(tune_labels *labels);

/* How far each is recorded, and at what rate. False, said on stderr, if none is. */
bool tune_labels_match(tune_labels *labels, const archive *a);

#endif
