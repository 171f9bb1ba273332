/* archive.h: archived miniSEED files as the packets that a live feed would have brought, in the order in which they would have arrived. */
#ifndef TOCSIN_ARCHIVE_H
#define TOCSIN_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ingest.h"

typedef struct {
  int64_t arrival;      /* time of the last sample, plus the delay */
  const uint8_t *bytes; /* one record */
  size_t length;
  ingest_record record; /* its header */
} archive_packet;

typedef struct archive archive;

typedef struct {
  double packet_s;   /* cut records at multiples of so many seconds of UTC; 0: as they are */
  int record_length; /* write them anew as records of miniSEED 2 of so many bytes, where they fit; 0: as they are */
  double delay_s;    /* added to every arrival */
  int64_t shift_ns;  /* added to every time */
  int64_t (*late)(const void *of, const ingest_codes *codes); /* ns more for the arrivals of some stations; NULL: none */
  const void *late_of;
} archive_options;

/* Reads all files, of folders their *.mseed (bytes that are no record are named on stderr and skipped) and sorts by (arrival,
   network.station.location.channel, start, file order). NULL, said on stderr, when a file cannot be read or memory is short. */
archive *archive_open(char *const *paths, size_t count, const archive_options *options);
void archive_close(archive *a);

size_t archive_count(const archive *a);
const archive_packet *archive_at(const archive *a, size_t index);
typedef struct {
  int64_t from;       /* where it begins: as asked for, else the first packet's arrival */
  size_t first, last; /* packets [first, last), at least one */
} archive_span;

/* The packets that arrive in [from, until). Each is NULL (no bound), an ISO 8601 time, or "+S", seconds after the first packet. NULL on success, else
   a static text that says what is wrong. */
const char *archive_choose(const archive *a, const char *from, const char *until, archive_span *span);
/* One such bound: an ISO 8601 time, or "+S", seconds after `first`. False: it is neither. */
bool archive_when(const char *text, int64_t first, int64_t *when);
/* Bytes skipped as no record. */
uint64_t archive_skipped(const archive *a);

#endif
