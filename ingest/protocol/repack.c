#include <stdlib.h>

#include "protocol.h"

static const char misfit[] = "its names, its rate or its values do not fit such a record";

/* Encodings that are only read become the first of these that holds the values. */
static int write_anew(ingest_record *record, const double *values, int record_length, ingest_record_sink *sink, void *user)
{
  static const uint8_t written[] = {11, 3, 5};
  int records = ingest_record_write(record, values, record_length, sink, user);
  for (size_t i = 0; i < sizeof written && records < 0; i++) {
    record->encoding = written[i];
    records = ingest_record_write(record, values, record_length, sink, user);
  }
  return records;
}

const char *protocol_repack(const uint8_t *bytes, size_t length, int version, int record_length, int64_t shift, ingest_record_sink *sink, void *user)
{
  ingest_record record;
  const char *fault = ingest_record_read(bytes, length, &record);
  if (fault)
    return fault;
  double *values = malloc((size_t)record.samples * sizeof *values);
  if (!values)
    return "memory is short";
  fault = ingest_record_decode(bytes, length, &record, values, (size_t)record.samples);
  record.start += shift;
  record.version = (uint8_t)version;
  if (!fault && write_anew(&record, values, record_length, sink, user) < 0)
    fault = misfit;
  free(values);
  return fault;
}
