#include "recordings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data.h"

enum { RECORD_SAMPLES = 1 << 16 };

typedef struct {
  ingest_record header;
  const uint8_t *bytes;
  size_t length;
} found_record;

static int compare(const void *a, const void *b)
{
  const found_record *x = a, *y = b;
  int order = memcmp(&x->header.codes, &y->header.codes, sizeof x->header.codes);
  if (order)
    return order;
  return x->header.start < y->header.start ? -1 : x->header.start > y->header.start;
}

static size_t find_records(const uint8_t *bytes, size_t length, char last, found_record **records)
{
  size_t count = 0;
  *records = calloc(length / INGEST_RECORD_MINIMUM + 1, sizeof **records);
  for (size_t at = 0; at < length;) {
    ingest_frame_result frame = ingest_frame(bytes + at, length - at);
    if (frame.framing == INGEST_FRAME_PARTIAL)
      break;
    found_record *r = &(*records)[count];
    if (frame.framing == INGEST_FRAME_RECORD && !ingest_record_read(bytes + at, frame.length, &r->header) &&
        (last == '\0' || r->header.codes.channel[2] == last)) {
      r->bytes = bytes + at;
      r->length = frame.length;
      count++;
    }
    at += frame.length;
  }
  qsort(*records, count, sizeof **records, compare);
  return count;
}

static bool follows(const trace *t, const ingest_record *header)
{
  int64_t end = t->start + llround((double)t->n * 1e9 / t->rate);
  return memcmp(&t->codes, &header->codes, sizeof t->codes) == 0 && fabs(t->rate - header->rate) < 1e-6 * t->rate &&
         llabs(header->start - end) < (int64_t)(0.5e9 / t->rate);
}

static trace *trace_of(traces *t, const ingest_record *header)
{
  if (t->count && follows(&t->items[t->count - 1], header))
    return &t->items[t->count - 1];
  t->items = realloc(t->items, (t->count + 1) * sizeof *t->items);
  t->items[t->count] = (trace){.codes = header->codes, .start = header->start, .rate = header->rate};
  return &t->items[t->count++];
}

traces traces_read(const char *path, char last, double scale)
{
  static double values[RECORD_SAMPLES];
  traces all = {0};
  size_t length;
  char *bytes = data_read(path, &length);
  found_record *records;
  size_t count = find_records((const uint8_t *)bytes, length, last, &records);
  for (size_t i = 0; i < count; i++) {
    ingest_record header;
    assert_null(ingest_record_decode(records[i].bytes, records[i].length, &header, values, RECORD_SAMPLES));
    trace *t = trace_of(&all, &header);
    t->values = realloc(t->values, (t->n + (size_t)header.samples) * sizeof *t->values);
    for (int32_t k = 0; k < header.samples; k++)
      t->values[t->n++] = (float)(values[k] * scale);
  }
  free(records);
  free(bytes);
  return all;
}

void traces_free(traces *t)
{
  for (size_t i = 0; i < t->count; i++)
    free(t->items[i].values);
  free(t->items);
}
