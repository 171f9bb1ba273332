/* layout.h: where things lie in the headers of miniSEED 2 records (SEED manual 2.4, chapter 8) and miniSEED 3 records (FDSN miniSEED 3), for this
 * folder's own use. */
#ifndef TOCSIN_INGEST_RECORD_LAYOUT_H
#define TOCSIN_INGEST_RECORD_LAYOUT_H

#include <string.h>

#include "ingest.h"

enum {
  RECORD_FIXED_HEADER = 48,
  RECORD3_FIXED_HEADER = 40,
  RECORD3_TIME_END = 15,
  RECORD3_HEADER_SEEN = 45, /* with the identifier's FDSN: */
  RECORD_SAMPLES_MAXIMUM = 65535,
  RECORD_TEXT = 0,
  RECORD_INT16 = 1,
  RECORD_INT32 = 3,
  RECORD_FLOAT = 4,
  RECORD_DOUBLE = 5,
  RECORD_STEIM1 = 10,
  RECORD_STEIM2 = 11,
  RECORD_GEOSCOPE_24 = 12,
  RECORD_GEOSCOPE_16_3 = 13,
  RECORD_GEOSCOPE_16_4 = 14,
  RECORD_CDSN = 16,
  RECORD_SRO = 30,
  RECORD_DWWSSN = 32,
  RECORD_OPAQUE = 100
};

/* Bits of version 2's activity, I/O and data quality. */
enum {
  RECORD_ACTIVITY_CORRECTED = 2,
  RECORD_IO_CLOCK_LOCKED = 32,
  RECORD_QUALITY_CLIPPED = 3, /* amplifier saturated, digitiser clipped */
  RECORD_QUALITY_TIME_DOUBTFUL = 128
};

typedef enum { RECORD_NO_HEADER, RECORD_BIG_ENDIAN, RECORD_LITTLE_ENDIAN } record_order;

/* Where things lie in one record, beside what ingest_record says of it. */
typedef struct {
  /* version 3 */
  uint8_t flags, publication;
  const uint8_t *extra; /* JSON, inside the record */
  size_t extra_length;
  /* version 2 */
  char quality;
  uint8_t activity, io, data_quality;
  int16_t rate_factor, rate_multiplier;
  float true_rate; /* blockette 100; 0: absent */
  /* both */
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

/* What a code of the names may hold. Nothing that would need quoting further on is let in. */
static inline bool record_is_code_character(uint8_t c)
{
  return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
}

/* Could these bytes begin a version-3 record? As far as they go; a start time must be one. */
bool record3_may_begin(const uint8_t *bytes, size_t length);

/* A header of version 3, at least RECORD3_TIME_END bytes of it, and its FDSN source identifier if that is seen: what no samples are taken for. */
bool record3_is_header(const uint8_t *bytes, size_t length);

/* The length that a version-3 header (its 40 fixed bytes) states: beyond INGEST_RECORD_MAXIMUM it is no record that is read. */
uint64_t record3_stated_length(const uint8_t *bytes);

/* Whether the CRC-32C that the header states is that of the record. */
bool record3_crc_holds(const uint8_t *bytes, size_t length);

/* What record_header_read() reads of each version, before it holds encoding, count and rate against the record's room; version 3 with its CRC
 * checked. */
const char *record2_read(const uint8_t *bytes, size_t length, ingest_record *record, record_layout *layout);
const char *record3_read(const uint8_t *bytes, size_t length, ingest_record *record, record_layout *layout);

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

/* Samples [first, first + count) of `data` and when they begin (version 2 rounds to the microsecond). */
typedef struct {
  const ingest_record *record;
  const record_layout *layout;
  record_data data;
  size_t first, count;
  int64_t start;
  int sequence;
} record_piece;

/* Writes the piece's first samples as one record of `most` bytes (version 2: big-endian, 128..65536, a power of two; version 3: at most so
   many). `bytes` has room for RECORD_SPARE more. Returns how many went in and the record's length; -1 if the encoding cannot hold them, 0 if there
   is no room. */
enum { RECORD_SPARE = 8 };
int record_build(const record_piece *piece, size_t most, uint8_t *bytes, size_t *length);
int record3_build(const record_piece *piece, size_t most, uint8_t *bytes, size_t *length);

/* Writes the piece as the smallest single record that holds it. Returns its length, 0 if there is none. */
size_t record_build_smallest(const record_piece *piece, uint8_t *bytes);

/* Can these names and this rate stand in a version-3 header? */
bool record3_is_writable(const ingest_record *record);

enum { RECORD3_EXTRA = 128 };
/* The header's parts that `record` has no place for in version 3's fixed header, as JSON in `extra`; and what else a new record states. */
record_layout record3_layout(const ingest_record *record, uint8_t *extra);

/* Puts as many of the piece's samples as have room (and RECORD_SPARE bytes behind it); Steim frames are big-endian always. Returns how many, -1 if
 * the encoding cannot hold them. */
int record_put_samples(const record_piece *piece, size_t room, record_order order, uint8_t *bytes);

void record_put_u16(uint8_t *bytes, unsigned value, record_order order);
void record_put_u32(uint8_t *bytes, uint32_t value, record_order order);
void record_put_u64(uint8_t *bytes, uint64_t value, record_order order);

/* The time of a record's sample `index`. */
int64_t record_sample_time(const ingest_record *record, int64_t index);

#endif
