#include "encodings.h"
#include "layout.h"

enum { SPACING = 128, BEGINNING = 8, FLAG_TIME_QUESTIONABLE = 2, FLAG_CLOCK_LOCKED = 4 };

static bool begin_2(ingest_series *s, const uint8_t *bytes, size_t length);
static bool begin_3(ingest_series *s, const uint8_t *bytes, size_t length);
static size_t next_2(const ingest_series *s, const uint8_t *bytes, size_t length, ingest_record *record);
static size_t next_3(const ingest_series *s, const uint8_t *bytes, size_t length, ingest_record *record);
static int64_t time_of_day_2(const ingest_series *s, const uint8_t *bytes);
static int64_t time_of_day_3(const uint8_t *bytes);

static uint64_t word(const uint8_t *bytes)
{
  uint64_t value;
  memcpy(&value, bytes, sizeof value);
  return value;
}

size_t ingest_series_place(const uint8_t *bytes, size_t length, size_t places)
{
  if (length < INGEST_RECORD_MINIMUM)
    return 0;
  const uint8_t *name = bytes + (bytes[0] == 'M' ? RECORD3_FIXED_HEADER + 2 : 8);
  uint64_t mixed = (word(name) ^ word(name + 4) << 9) * UINT64_C(0x9e3779b97f4a7c15);
  return (size_t)(mixed >> 40) % places;
}

void ingest_series_begin(ingest_series *s, const uint8_t *bytes, size_t length, const ingest_record *record)
{
  *s = (ingest_series){.record = *record, .sample_size = encoding_sample_size(record->encoding)};
  memcpy(s->header, bytes, length < sizeof s->header ? length : sizeof s->header);
  if (record->version == 3 ? begin_3(s, bytes, length) : begin_2(s, bytes, length))
    s->length = length;
}

size_t ingest_series_next(const ingest_series *s, const uint8_t *bytes, size_t length, ingest_record *record)
{
  if (s->length == 0)
    return 0;
  return s->record.version == 3 ? next_3(s, bytes, length, record) : next_2(s, bytes, length, record);
}

/* ---- version 2 ---- */

/* Blockette 1000 behind the fixed header, then at most blockette 1001: as nearly all are written. */
static bool begin_2(ingest_series *s, const uint8_t *bytes, size_t length)
{
  if (length < SPACING)
    return false;
  record_order order = record_header_order(bytes);
  unsigned second = record_u16(bytes + 50, order);
  s->order_is_big = order == RECORD_BIG_ENDIAN;
  s->has_second = second != 0;
  s->data_offset = record_u16(bytes + 44, order);
  if (record_u16(bytes + 46, order) != RECORD_FIXED_HEADER || record_u16(bytes + 48, order) != 1000)
    return false;
  if (s->has_second && (second != 56 || record_u16(bytes + 56, order) != 1001 || record_u16(bytes + 58, order) != 0))
    return false;
  s->day = s->record.start - time_of_day_2(s, bytes);
  return true;
}

/* Six digits, quality, blank: a look at all eight bytes at once. */
static bool begins_record(const uint8_t *bytes)
{
  uint64_t w = record_u64(bytes, RECORD_LITTLE_ENDIAN);
  const uint64_t high = 0x0000f0f0f0f0f0f0, zeros = 0x0000303030303030, sixes = 0x0000060606060606;
  if ((w & high) != zeros || ((w + sixes) & high) != zeros || w >> 56 != ' ')
    return false;
  return bytes[6] == 'D' || bytes[6] == 'R' || bytes[6] == 'Q' || bytes[6] == 'M';
}

/* Everything but sequence and quality, time of day, count, flags, correction and blockette 1001's values. */
static bool is_like_2(const uint8_t *a, const uint8_t *b, bool has_second)
{
  uint64_t differ = (word(a + 8) ^ word(b + 8)) | (word(a + 16) ^ word(b + 16)) | (word(a + 48) ^ word(b + 48));
  uint32_t rates, offsets, second = 0, theirs;
  memcpy(&rates, a + 32, 4);
  memcpy(&theirs, b + 32, 4);
  differ |= rates ^ theirs;
  memcpy(&offsets, a + 44, 4);
  memcpy(&theirs, b + 44, 4);
  differ |= offsets ^ theirs;
  memcpy(&second, a + 56, 4);
  memcpy(&theirs, b + 56, 4);
  return (differ | (has_second ? second ^ theirs : 0)) == 0;
}

static int64_t time_of_day_2(const ingest_series *s, const uint8_t *bytes)
{
  record_order order = s->order_is_big ? RECORD_BIG_ENDIAN : RECORD_LITTLE_ENDIAN;
  int64_t tenths_ms = record_u16(bytes + 28, order);
  if (!(bytes[36] & RECORD_ACTIVITY_CORRECTED))
    tenths_ms += (int32_t)record_u32(bytes + 40, order);
  int64_t seconds = bytes[24] * 3600 + bytes[25] * 60 + bytes[26];
  return seconds * INGEST_SECOND + tenths_ms * 100000 + (s->has_second ? (int8_t)bytes[61] * 1000 : 0);
}

static bool is_time_2(const ingest_series *s, const uint8_t *bytes)
{
  record_order order = s->order_is_big ? RECORD_BIG_ENDIAN : RECORD_LITTLE_ENDIAN;
  return bytes[24] <= 23 && bytes[25] <= 59 && bytes[26] <= 60 && record_u16(bytes + 28, order) <= 9999;
}

/* A lost end shows by a header inside: in a file of records of powers of two bytes it lies at a multiple of the least of them. */
static bool is_whole(const uint8_t *bytes, size_t length)
{
  for (size_t at = SPACING; at < length; at += SPACING)
    if (begins_record(bytes + at))
      return false;
  return begins_record(bytes + length);
}

static size_t next_2(const ingest_series *s, const uint8_t *bytes, size_t length, ingest_record *record)
{
  if (s->length + BEGINNING > length || !begins_record(bytes) || !is_like_2(bytes, s->header, s->has_second) || !is_time_2(s, bytes))
    return 0;
  size_t samples = record_u16(bytes + 30, s->order_is_big ? RECORD_BIG_ENDIAN : RECORD_LITTLE_ENDIAN);
  if (samples == 0 || samples * s->sample_size > s->length - s->data_offset || !is_whole(bytes, s->length))
    return 0;
  *record = s->record;
  record->start = s->day + time_of_day_2(s, bytes);
  record->samples = (int32_t)samples;
  record->clipped = bytes[38] & RECORD_QUALITY_CLIPPED;
  record->time_doubtful = bytes[38] & RECORD_QUALITY_TIME_DOUBTFUL;
  record->clock_locked = bytes[37] & RECORD_IO_CLOCK_LOCKED;
  record->timing_quality = s->has_second && bytes[60] <= 100 ? (int8_t)bytes[60] : -1;
  return s->length;
}

/* ---- version 3 ---- */

/* Without extra headers, and with a name that is kept whole. */
static bool begin_3(ingest_series *s, const uint8_t *bytes, size_t length)
{
  s->data_offset = RECORD3_FIXED_HEADER + (size_t)bytes[33];
  s->day = s->record.start - time_of_day_3(bytes);
  return s->data_offset <= sizeof s->header && s->data_offset < length && bytes[34] == 0 && bytes[35] == 0;
}

static int64_t time_of_day_3(const uint8_t *bytes)
{
  return (bytes[12] * 3600 + bytes[13] * 60 + bytes[14]) * INGEST_SECOND + record_u32(bytes + 4, RECORD_LITTLE_ENDIAN);
}

/* Everything but flags, time of day, count, CRC, publication and payload. */
static bool is_like_3(const ingest_series *s, const uint8_t *bytes)
{
  const uint8_t *header = s->header;
  return memcmp(bytes, header, 3) == 0 && memcmp(bytes + 8, header + 8, 4) == 0 && memcmp(bytes + 15, header + 15, 9) == 0 &&
         memcmp(bytes + 33, header + 33, 3) == 0 &&
         memcmp(bytes + RECORD3_FIXED_HEADER, header + RECORD3_FIXED_HEADER, s->data_offset - RECORD3_FIXED_HEADER) == 0;
}

static size_t next_3(const ingest_series *s, const uint8_t *bytes, size_t length, ingest_record *record)
{
  if (length < sizeof s->header || !is_like_3(s, bytes) || !record3_may_begin(bytes, length))
    return 0;
  uint64_t stated = record3_stated_length(bytes);
  size_t samples = record_u32(bytes + 24, RECORD_LITTLE_ENDIAN);
  if (stated > length || stated > INGEST_RECORD_MAXIMUM || samples == 0 || samples > RECORD_SAMPLES_MAXIMUM)
    return 0;
  size_t room = (size_t)stated - s->data_offset;
  if ((s->sample_size ? samples * s->sample_size > room : room < 64) || !record3_crc_holds(bytes, (size_t)stated))
    return 0;
  *record = s->record;
  record->start = s->day + time_of_day_3(bytes);
  record->samples = (int32_t)samples;
  record->time_doubtful = bytes[3] & FLAG_TIME_QUESTIONABLE;
  record->clock_locked = bytes[3] & FLAG_CLOCK_LOCKED;
  return (size_t)stated;
}
