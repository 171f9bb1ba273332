#include "civil.h"
#include "layout.h"

static const char *read_codes(const uint8_t *bytes, ingest_codes *codes);
static const char *read_start(const uint8_t *bytes, record_order order, ingest_record *record);
static const char *read_blockettes(const uint8_t *bytes, size_t length, record_order order, ingest_record *record, record_layout *layout);
static const char *assume_encoding(size_t length, record_order order, ingest_record *record, record_layout *layout);
static double nominal_rate(int factor, int multiplier);

const char *record2_read(const uint8_t *bytes, size_t length, ingest_record *record, record_layout *layout)
{
  if (length < RECORD_FIXED_HEADER)
    return "shorter than a record header";
  record_order order = record_header_order(bytes);
  if (order == RECORD_NO_HEADER)
    return "no miniSEED record header";
  ingest_record r = {.version = 2, .timing_quality = -1};
  record_layout l = {.quality = (char)bytes[6], .activity = bytes[36], .io = bytes[37], .data_quality = bytes[38]};
  const char *fault = read_codes(bytes, &r.codes);
  if (!fault)
    fault = read_start(bytes, order, &r);
  r.samples = record_u16(bytes + 30, order);
  l.rate_factor = (int16_t)record_u16(bytes + 32, order);
  l.rate_multiplier = (int16_t)record_u16(bytes + 34, order);
  l.data_offset = record_u16(bytes + 44, order);
  if (!fault)
    fault = read_blockettes(bytes, length, order, &r, &l);
  r.rate = l.true_rate > 0 ? (double)l.true_rate : nominal_rate(l.rate_factor, l.rate_multiplier);
  r.clipped = l.data_quality & RECORD_QUALITY_CLIPPED;
  r.time_doubtful = l.data_quality & RECORD_QUALITY_TIME_DOUBTFUL;
  r.clock_locked = l.io & RECORD_IO_CLOCK_LOCKED;
  if (fault)
    return fault;
  *record = r;
  *layout = l;
  return NULL;
}

record_order record_header_order(const uint8_t *bytes)
{
  static const record_order orders[] = {RECORD_BIG_ENDIAN, RECORD_LITTLE_ENDIAN};
  if (bytes[24] > 23 || bytes[25] > 59 || bytes[26] > 60)
    return RECORD_NO_HEADER;
  for (size_t i = 0; i < 2; i++) {
    uint16_t year = record_u16(bytes + 20, orders[i]), day = record_u16(bytes + 22, orders[i]);
    if (year >= 1900 && year <= 2100 && day >= 1 && day <= 366)
      return orders[i];
  }
  return RECORD_NO_HEADER;
}

size_t record_stated_length(const uint8_t *blockette)
{
  return blockette[6] >= 7 && blockette[6] <= 16 ? (size_t)1 << blockette[6] : 0;
}

/* Codes are padded with blanks (or NULs). */
static bool read_code(const uint8_t *bytes, size_t size, char *code)
{
  size_t n = 0, first = 0;
  while (size > 0 && (bytes[size - 1] == ' ' || bytes[size - 1] == '\0'))
    size--;
  while (first < size && bytes[first] == ' ')
    first++;
  for (size_t i = first; i < size; i++) {
    if (!record_is_code_character(bytes[i]))
      return false;
    code[n++] = (char)bytes[i];
  }
  code[n] = '\0';
  return true;
}

static const char *read_codes(const uint8_t *bytes, ingest_codes *codes)
{
  if (!read_code(bytes + 8, 5, codes->station))
    return "the station code holds other characters than letters, digits, - and _";
  if (!read_code(bytes + 13, 2, codes->location))
    return "the location code holds other characters than letters, digits, - and _";
  if (!read_code(bytes + 15, 3, codes->channel))
    return "the channel code holds other characters than letters, digits, - and _";
  if (!read_code(bytes + 18, 2, codes->network))
    return "the network code holds other characters than letters, digits, - and _";
  if (codes->station[0] == '\0')
    return "the station code is blank";
  if (codes->channel[0] == '\0')
    return "the channel code is blank";
  if (strcmp(codes->location, "--") == 0)
    codes->location[0] = '\0';
  return NULL;
}

static const char *read_start(const uint8_t *bytes, record_order order, ingest_record *record)
{
  int year = record_u16(bytes + 20, order), day = record_u16(bytes + 22, order), tenths_ms = record_u16(bytes + 28, order);
  if (day > 365 + civil_leap(year))
    return "day 366 in a year of 365";
  if (tenths_ms > 9999)
    return "the start time's fraction is a second or more";
  int64_t seconds = (civil_days(year, 1, 1) + day - 1) * CIVIL_DAY_S + bytes[24] * 3600 + bytes[25] * 60 + bytes[26];
  record->start = seconds * INGEST_SECOND + tenths_ms * INT64_C(100000);
  if (!(bytes[36] & RECORD_ACTIVITY_CORRECTED))
    record->start += (int32_t)record_u32(bytes + 40, order) * INT64_C(100000);
  return NULL;
}

static size_t blockette_size(unsigned type)
{
  return type == 100 ? 12 : type == 1000 || type == 1001 ? 8 : 4;
}

static const char *read_blockettes(const uint8_t *bytes, size_t length, record_order order, ingest_record *record, record_layout *layout)
{
  size_t stated = 0, end = RECORD_FIXED_HEADER;
  bool has_1000 = false;
  for (size_t at = record_u16(bytes + 46, order); at != 0; at = record_u16(bytes + at + 2, order)) {
    if (at < end || at + 4 > length)
      return "the chain of blockettes does not rise inside the record";
    const uint8_t *blockette = bytes + at;
    unsigned type = record_u16(blockette, order);
    end = at + blockette_size(type);
    if (end > length)
      return "a blockette ends past the record";
    if (type == 100) {
      uint32_t bits = record_u32(blockette + 4, order);
      memcpy(&layout->true_rate, &bits, sizeof bits);
    } else if (type == 1001) {
      record->timing_quality = (int8_t)(blockette[4] <= 100 ? blockette[4] : -1);
      record->start += (int8_t)blockette[5] * INT64_C(1000);
    } else if (type == 1000) {
      if (has_1000)
        return "two blockettes 1000";
      has_1000 = true;
      stated = record_stated_length(blockette);
      record->encoding = blockette[4];
      layout->data_order = blockette[5] == 0 ? RECORD_LITTLE_ENDIAN : blockette[5] == 1 ? RECORD_BIG_ENDIAN : order;
    }
  }
  if (layout->data_offset != 0 && layout->data_offset < end)
    return "the samples begin inside the header";
  if (!has_1000)
    return assume_encoding(length, order, record, layout);
  if (stated == 0)
    return "blockette 1000 states no length of 128..65536 bytes";
  return stated == length ? NULL : "the record's length is not the one that blockette 1000 states";
}

/* Without blockette 1000 the samples are Steim-1 in the header's byte order: what such records, written before there was one (SEED 2.3), nearly all
   hold, and what their frames' last sample confirms. */
static const char *assume_encoding(size_t length, record_order order, ingest_record *record, record_layout *layout)
{
  if (length < 128 || length > INGEST_RECORD_MAXIMUM || (length & (length - 1)) != 0)
    return "no blockette 1000, and a length that is no power of two";
  if (layout->data_offset % 64 != 0)
    return "no blockette 1000, and no frames of Steim-1 where the samples begin";
  record->encoding = RECORD_STEIM1;
  layout->data_order = order;
  return NULL;
}

/* The SEED manual's rate of factor and multiplier: positive multiply, negative divide. 0: no time series. */
static double nominal_rate(int factor, int multiplier)
{
  if (factor == 0 || multiplier == 0)
    return 0;
  double rate = factor > 0 ? factor : -1.0 / factor;
  return multiplier > 0 ? rate * multiplier : rate / -multiplier;
}
