#include <libmseed.h>
#include <math.h>
#include <stdio.h>

#include "encodings.h"
#include "steim.h"

static void be_silent(char *text)
{
  (void)text;
}

/* libmseed tells of a broken Steim record on stderr; here the caller is told instead. */
__attribute__((constructor)) static void silence_libmseed(void)
{
  ms_loginit(be_silent, "", be_silent, "");
}

/* Encoding, sample count, rate and room. NULL if all fit. */
static const char *check_samples(size_t length, const ingest_record *record, const record_layout *layout)
{
  const char *refusal = encoding_refusal(record->version, record->encoding);
  if (refusal)
    return refusal;
  if (record->samples == 0)
    return "no samples";
  if (!(record->rate >= 1e-4 && record->rate <= 1e6))
    return "no sample rate, or one outside 0.0001..1,000,000 a second";
  if (layout->data_offset < RECORD_FIXED_HEADER || layout->data_offset >= length)
    return "the samples begin outside the record";
  size_t room = length - layout->data_offset;
  if (record_is_steim(record) ? room < 64 : (size_t)record->samples * encoding_sample_size(record->encoding) > room)
    return "more samples are stated than the record has room for";
  return NULL;
}

const char *record_header_read(const uint8_t *bytes, size_t length, ingest_record *record, record_layout *layout)
{
  ingest_record r;
  record_layout l;
  const char *fault = (record3_may_begin(bytes, length) ? record3_read : record2_read)(bytes, length, &r, &l);
  if (!fault)
    fault = check_samples(length, &r, &l);
  if (fault)
    return fault;
  *record = r;
  *layout = l;
  return NULL;
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

static steim_data steim_of(const uint8_t *bytes, size_t length, const ingest_record *record, const record_layout *layout)
{
  return (steim_data){bytes + layout->data_offset, length - layout->data_offset, (size_t)record->samples, record->encoding, layout->data_order};
}

const char *record_steim(const uint8_t *bytes, size_t length, const ingest_record *record, const record_layout *layout, int32_t *counts)
{
  steim_data data = steim_of(bytes, length, record, layout);
  return steim_decode(&data, counts, NULL);
}

const char *record_samples(const uint8_t *bytes, size_t length, const ingest_record *record, const record_layout *layout, double *values,
                           size_t capacity)
{
  size_t count = (size_t)record->samples;
  if (count > capacity)
    return "more samples than the caller has room for";
  if (!record_is_steim(record))
    return encoding_decode(record->encoding, bytes + layout->data_offset, count, layout->data_order, values);
  steim_data data = steim_of(bytes, length, record, layout);
  return steim_decode(&data, NULL, values);
}
