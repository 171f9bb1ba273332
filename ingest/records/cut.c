#include <math.h>
#include <stdlib.h>

#include "encodings.h"

typedef struct {
  ingest_record record;
  record_layout layout;
  double *values;
  int32_t *counts;
  uint8_t *bytes;
} workspace;

static int64_t period_of(int64_t time, int64_t period);
static size_t next_boundary(const ingest_record *record, size_t first, int64_t period);
static const char *write_pieces(workspace *w, int64_t period, ingest_record_sink *sink, void *user);

const char *ingest_record_cut(const uint8_t *bytes, size_t length, double seconds, int64_t shift, ingest_record_sink *sink, void *user)
{
  workspace w;
  const char *fault = record_header_read(bytes, length, &w.record, &w.layout);
  if (fault)
    return fault;
  int64_t period = seconds > 0 && seconds < 1e9 ? llround(seconds * 1e6) * 1000 : 0;
  w.record.start += shift;
  size_t count = (size_t)w.record.samples;
  if (shift == 0 && next_boundary(&w.record, 0, period) == count) {
    sink(user, bytes, length);
    return NULL;
  }
  w.values = malloc(count * (sizeof *w.values + sizeof *w.counts) + INGEST_RECORD_MAXIMUM + RECORD_SPARE);
  if (!w.values)
    return "memory is short";
  w.counts = (int32_t *)(w.values + count);
  w.bytes = (uint8_t *)(w.counts + count);
  fault = record_samples(bytes, length, &w.record, &w.layout, w.values, count);
  w.record.encoding = encoding_written(w.record.encoding);
  if (!fault && !record_counts(w.record.encoding, w.values, count, w.counts))
    fault = "a sample does not fit its encoding";
  if (!fault)
    fault = write_pieces(&w, period, sink, user);
  free(w.values);
  return fault;
}

static const char *write_pieces(workspace *w, int64_t period, ingest_record_sink *sink, void *user)
{
  record_piece piece = {.record = &w->record, .layout = &w->layout, .data = {w->counts, w->values}, .sequence = 1};
  size_t count = (size_t)w->record.samples;
  while (piece.first < count) {
    piece.count = next_boundary(&w->record, piece.first, period) - piece.first;
    piece.start = record_sample_time(&w->record, (int64_t)piece.first);
    size_t length = record_build_smallest(&piece, w->bytes);
    if (length == 0)
      return "a piece does not fit a record";
    sink(user, w->bytes, length);
    piece.first += piece.count;
    piece.sequence++;
  }
  return NULL;
}

static int64_t period_of(int64_t time, int64_t period)
{
  return time / period - (time % period < 0);
}

/* The time of a sample as a record states it: version 2 in whole microseconds. */
static int64_t stated_time(const ingest_record *record, size_t index)
{
  if (record->version == 3)
    return record_sample_time(record, (int64_t)index);
  int64_t time = record_sample_time(record, (int64_t)index) + 500;
  return time - (time % 1000 + 1000) % 1000;
}

/* The first sample after `first` that falls into a later period, or the record's end. */
static size_t next_boundary(const ingest_record *record, size_t first, int64_t period)
{
  size_t count = (size_t)record->samples;
  if (period <= 0)
    return count;
  int64_t boundary = (period_of(stated_time(record, first), period) + 1) * period;
  double guess = floor((double)(boundary - record->start) * 1e-9 * record->rate);
  size_t next = guess > (double)first + 1 ? (guess < (double)count ? (size_t)guess : count) : first + 1;
  while (next > first + 1 && stated_time(record, next - 1) >= boundary)
    next--;
  while (next < count && stated_time(record, next) < boundary)
    next++;
  return next;
}
