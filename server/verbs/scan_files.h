/* scan_files.h: what lies in miniSEED files, channel by channel, read in one pass with a fixed window of each file in memory. */
#ifndef TOCSIN_SCAN_FILES_H
#define TOCSIN_SCAN_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ingest.h"

enum { SCAN_RATES = 4, SCAN_SERIES = 256 };

/* Records of one channel that follow each other without a break. */
typedef struct {
  int64_t start, end; /* `end`: just past the last sample */
  int64_t half;       /* half a sample: what is nearer follows */
} scan_span;

typedef struct {
  ingest_codes codes;
  uint64_t records, samples;
  int64_t start, last; /* times of the first and the last sample */
  int64_t end;         /* just past the last */
  ingest_record newest;
  double rate; /* of the record read last, its samples, half the time between two of them, and how long it lasts */
  int32_t count;
  int64_t half, duration;
  double rates[SCAN_RATES];
  size_t rate_count;        /* SCAN_RATES + 1: there are more */
  uint64_t encodings;       /* bit: SEED code */
  size_t shortest, longest; /* records, in bytes */
  scan_span *spans;
  size_t span_count, span_room;
  size_t gaps, overlaps;
  double gap_s, overlap_s;
  uint64_t decoded; /* samples, if they were asked for */
  double minimum, maximum, sum;
  uint64_t undecodable; /* records */
} scan_channel;

typedef struct {
  ingest_series alike;
  scan_channel *channel;
} scan_series;

/* One kind of fault in one file. */
typedef struct {
  const char *path, *reason;
  ingest_codes codes; /* blank where the channel is not known */
  uint64_t offset;    /* of the first */
  uint64_t count, bytes;
} scan_fault;

typedef struct {
  bool samples; /* decode them too */
  scan_channel **channels;
  size_t channel_count, channel_room;
  scan_fault *faults;
  size_t fault_count, fault_room;
  uint64_t files, bytes, records, values;
  bool short_of_memory;
  void *index; /* a tree of the channels by code */
  double *decoded;
  scan_series series[SCAN_SERIES]; /* the latest of each place */
} scan;

/* Adds a file ("-": standard input). False with errno when it cannot be read. `path` is kept, not copied. */
bool scan_file(scan *s, const char *path);

/* Sorts the channels, and counts gaps and overlaps; the order of files and records does not matter. */
void scan_finish(scan *s);

void scan_release(scan *s);

#endif
