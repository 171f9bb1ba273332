/* record_header.h: the fixed header and the blockettes of a miniSEED 2 record, for this folder's own use (SEED manual 2.4, chapter 8). */
#ifndef TOCSIN_INGEST_RECORD_HEADER_H
#define TOCSIN_INGEST_RECORD_HEADER_H

#include <string.h>

#include "ingest.h"

enum {
  RECORD_FIXED_HEADER = 48,
  RECORD_SAMPLES_MAXIMUM = 65535,
  RECORD_INT16 = 1,
  RECORD_INT32 = 3,
  RECORD_FLOAT = 4,
  RECORD_DOUBLE = 5,
  RECORD_STEIM1 = 10,
  RECORD_STEIM2 = 11
};

typedef enum { RECORD_NO_HEADER, RECORD_BIG_ENDIAN, RECORD_LITTLE_ENDIAN } record_order;

/* Where things lie in one record, beside what ingest_record says of it. */
typedef struct {
  char quality;
  uint8_t activity, io, data_quality;
  int16_t rate_factor, rate_multiplier;
  float true_rate; /* blockette 100; 0: absent */
  size_t data_offset;
  record_order data_order;
} record_layout;

static inline uint16_t record_u16(const uint8_t *bytes, record_order order)
{
  return (uint16_t)(order == RECORD_BIG_ENDIAN ? bytes[0] << 8 | bytes[1] : bytes[1] << 8 | bytes[0]);
}

static inline uint32_t record_u32(const uint8_t *bytes, record_order order)
{
  uint32_t value;
  memcpy(&value, bytes, sizeof value);
  return (order == RECORD_BIG_ENDIAN) == (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) ? value : __builtin_bswap32(value);
}

static inline uint64_t record_u64(const uint8_t *bytes, record_order order)
{
  uint64_t value;
  memcpy(&value, bytes, sizeof value);
  return (order == RECORD_BIG_ENDIAN) == (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) ? value : __builtin_bswap64(value);
}

/* The byte order of the fixed header that these 48 bytes are, told by year and day; RECORD_NO_HEADER if they are none. */
record_order record_header_order(const uint8_t *bytes);

/* The record length of a blockette 1000 (a power of two, 128..65536), 0 if it states another. */
size_t record_stated_length(const uint8_t *blockette);

/* Like ingest_record_read(), and where the samples lie. */
const char *record_header_read(const uint8_t *bytes, size_t length, ingest_record *record, record_layout *layout);

/* Like ingest_record_decode(), after record_header_read(). */
const char *record_samples(const uint8_t *bytes, size_t length, const ingest_record *record, const record_layout *layout, double *values,
                           size_t capacity);

static inline bool record_is_steim(const ingest_record *record)
{
  return record->encoding == RECORD_STEIM1 || record->encoding == RECORD_STEIM2;
}

/* The samples of a Steim record, as whole counts (room for record->samples); refused like record_samples(). */
const char *record_steim(const uint8_t *bytes, size_t length, const ingest_record *record, const record_layout *layout, int32_t *counts);

/* Samples as the encodings want them: whole counts for the integer ones, values for the others. */
typedef struct {
  const int32_t *counts;
  const double *values;
} record_data;

/* True when `values` are whole numbers that the encoding can hold; then they stand in `counts`. */
bool record_counts(int encoding, const double *values, size_t count, int32_t *counts);

/* Samples [first, first + count) of `data` and when they begin (rounded to the microsecond). */
typedef struct {
  const ingest_record *record;
  const record_layout *layout;
  record_data data;
  size_t first, count;
  int64_t start;
  int sequence;
} record_piece;

/* Writes the piece's first samples as one big-endian record of 2^exponent bytes. Returns how many went in; -1 if the encoding cannot hold them. */
int record_build(const record_piece *piece, int exponent, uint8_t *bytes);

/* Writes the piece as the smallest single record that holds it. Returns its length, 0 if there is none. */
size_t record_build_smallest(const record_piece *piece, uint8_t *bytes);

/* The time of a record's sample `index`. */
int64_t record_sample_time(const ingest_record *record, int64_t index);

#endif
