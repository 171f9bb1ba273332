#include <libmseed.h>
#include <math.h>
#include <stdio.h>

#include "record_header.h"

/* Exported by libmseed 2.19, though its header does not say so: they decode into the caller's buffer and allocate nothing. */
extern int msr_decode_steim1(int32_t *input, int length, int64_t samples, int32_t *output, int64_t output_length, char *name, int swap);
extern int msr_decode_steim2(int32_t *input, int length, int64_t samples, int32_t *output, int64_t output_length, char *name, int swap);

enum { CHUNK = 64 };

static void be_silent(char *text)
{
  (void)text;
}

/* libmseed tells of a broken Steim record on stderr; here the caller is told instead. */
__attribute__((constructor)) static void silence_libmseed(void)
{
  ms_loginit(be_silent, "", be_silent, "");
}

const char *ingest_record_read(const uint8_t *bytes, size_t length, ingest_record *record)
{
  record_layout layout;
  return record_header_read(bytes, length, record, &layout);
}

const char *ingest_record_decode(const uint8_t *bytes, size_t length, ingest_record *record, double *values, size_t capacity)
{
  record_layout layout;
  const char *fault = record_header_read(bytes, length, record, &layout);
  return fault ? fault : record_samples(bytes, length, record, &layout, values, capacity);
}

int64_t record_sample_time(const ingest_record *record, int64_t index)
{
  return record->start + llround((double)index / record->rate * 1e9);
}

int64_t ingest_record_end(const ingest_record *record)
{
  return record_sample_time(record, record->samples);
}

int64_t ingest_record_last(const ingest_record *record)
{
  return record_sample_time(record, record->samples - 1);
}

char *ingest_codes_format(const ingest_codes *codes, char *text)
{
  snprintf(text, INGEST_CODES_TEXT, "%s.%s.%s.%s", codes->network, codes->station, codes->location, codes->channel);
  return text;
}

static void integers_16(const uint8_t *bytes, size_t count, record_order order, double *values)
{
  for (size_t i = 0; i < count; i++)
    values[i] = (int16_t)record_u16(bytes + 2 * i, order);
}

static void integers_32(const uint8_t *bytes, size_t count, record_order order, double *values)
{
  for (size_t i = 0; i < count; i++)
    values[i] = (int32_t)record_u32(bytes + 4 * i, order);
}

/* Beyond 1e15 counts no sum of squares of a filter is sure to stay finite. */
static const char *all_usable(const double *values, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (!(fabs(values[i]) <= 1e15))
      return "a sample is not finite, or beyond 1e15";
  return NULL;
}

static const char *floats(const uint8_t *bytes, size_t count, record_order order, double *values)
{
  for (size_t i = 0; i < count; i++) {
    uint32_t bits = record_u32(bytes + 4 * i, order);
    float value;
    memcpy(&value, &bits, sizeof value);
    values[i] = (double)value;
  }
  return all_usable(values, count);
}

static const char *doubles(const uint8_t *bytes, size_t count, record_order order, double *values)
{
  for (size_t i = 0; i < count; i++) {
    uint64_t bits = record_u64(bytes + 8 * i, order);
    memcpy(&values[i], &bits, sizeof values[i]);
  }
  return all_usable(values, count);
}

/* Spreads `count` int32 that lie in the second half of the buffer over all of it, front to back; a chunk is read before it is written over. */
static void widen(double *values, size_t count)
{
  const char *integers = (const char *)values + 4 * count;
  for (size_t i = 0; i < count; i += CHUNK) {
    size_t n = count - i < CHUNK ? count - i : CHUNK;
    int32_t chunk[CHUNK];
    memcpy(chunk, integers + 4 * i, 4 * n);
    for (size_t k = 0; k < n; k++)
      values[i + k] = chunk[k];
  }
}

const char *record_steim(const uint8_t *bytes, size_t length, const ingest_record *record, const record_layout *layout, int32_t *counts)
{
  void *frames = (void *)(uintptr_t)(bytes + layout->data_offset);
  int room = (int)(length - layout->data_offset), swap = (layout->data_order == RECORD_BIG_ENDIAN) != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
  int64_t samples = record->samples;
  int decoded = record->encoding == RECORD_STEIM1 ? msr_decode_steim1(frames, room, samples, counts, 4 * samples, "", swap)
                                                  : msr_decode_steim2(frames, room, samples, counts, 4 * samples, "", swap);
  if (decoded < 0)
    return "a Steim frame holds an impossible code";
  if (decoded != samples)
    return "the Steim frames hold fewer samples than the header states";
  int32_t last = (int32_t)record_u32(bytes + layout->data_offset + 8, layout->data_order);
  return counts[samples - 1] == last ? NULL : "the last sample is not the one that the Steim frames state";
}

/* Decodes into the second half of the buffer and spreads the counts from there. */
static const char *steim(const uint8_t *bytes, size_t length, const ingest_record *record, const record_layout *layout, double *values)
{
  void *half = (char *)values + 4 * (size_t)record->samples;
  const char *fault = record_steim(bytes, length, record, layout, half);
  if (!fault)
    widen(values, (size_t)record->samples);
  return fault;
}

const char *record_samples(const uint8_t *bytes, size_t length, const ingest_record *record, const record_layout *layout, double *values,
                           size_t capacity)
{
  size_t count = (size_t)record->samples;
  const uint8_t *data = bytes + layout->data_offset;
  if (count > capacity)
    return "more samples than the caller has room for";
  switch (record->encoding) {
  case RECORD_INT16:
    integers_16(data, count, layout->data_order, values);
    return NULL;
  case RECORD_INT32:
    integers_32(data, count, layout->data_order, values);
    return NULL;
  case RECORD_FLOAT:
    return floats(data, count, layout->data_order, values);
  case RECORD_DOUBLE:
    return doubles(data, count, layout->data_order, values);
  default:
    return steim(bytes, length, record, layout, values);
  }
}
