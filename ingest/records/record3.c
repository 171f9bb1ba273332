#include "civil.h"
#include "crc32c.h"
#include "extra_headers.h"
#include "layout.h"

enum { FLAG_TIME_QUESTIONABLE = 2, FLAG_CLOCK_LOCKED = 4, CRC_AT = 28, CODE_MOST = 8 };

static const char prefix[] = "FDSN:";
static const char bad_identifier[] = "a source identifier that is not FDSN:NET_STA_LOC_B_S_SS in codes of letters, digits and -";

static const char *read_identifier(const uint8_t *bytes, size_t length, ingest_codes *codes);
static const char *read_start(const uint8_t *bytes, ingest_record *record);
static double read_rate(const uint8_t *bytes);
static void read_extra(const record_layout *layout, ingest_record *record);

static uint16_t u16(const uint8_t *bytes)
{
  return record_u16(bytes, RECORD_LITTLE_ENDIAN);
}

static uint32_t u32(const uint8_t *bytes)
{
  return record_u32(bytes, RECORD_LITTLE_ENDIAN);
}

bool record3_may_begin(const uint8_t *bytes, size_t length)
{
  static const char mark[] = "MS\3";
  if (memcmp(bytes, mark, length < 3 ? length : 3) != 0)
    return false;
  if (length < RECORD3_TIME_END)
    return true;
  uint16_t year = u16(bytes + 8), day = u16(bytes + 10);
  return u32(bytes + 4) < 1000000000 && year >= 1900 && year <= 2100 && day >= 1 && day <= 366 && bytes[12] <= 23 && bytes[13] <= 59 &&
         bytes[14] <= 60;
}

bool record3_is_header(const uint8_t *bytes, size_t length)
{
  return length >= RECORD3_TIME_END && record3_may_begin(bytes, length) &&
         (length < RECORD3_HEADER_SEEN || memcmp(bytes + RECORD3_FIXED_HEADER, prefix, sizeof prefix - 1) == 0);
}

uint64_t record3_stated_length(const uint8_t *bytes)
{
  return (uint64_t)RECORD3_FIXED_HEADER + bytes[33] + u16(bytes + 34) + u32(bytes + 36);
}

bool record3_crc_holds(const uint8_t *bytes, size_t length)
{
  static const uint8_t none[4];
  uint32_t crc = crc32c(crc32c(0, bytes, CRC_AT), none, sizeof none);
  return crc32c(crc, bytes + CRC_AT + 4, length - CRC_AT - 4) == u32(bytes + CRC_AT);
}

const char *record3_read(const uint8_t *bytes, size_t length, ingest_record *record, record_layout *layout)
{
  if (length < RECORD3_FIXED_HEADER)
    return "shorter than a record header";
  if (length > INGEST_RECORD_MAXIMUM || record3_stated_length(bytes) != length)
    return "the record's length is not the one that its header states";
  if (!record3_crc_holds(bytes, length))
    return "the record's CRC is not the one that its header states";
  uint32_t samples = u32(bytes + 24);
  if (samples > RECORD_SAMPLES_MAXIMUM)
    return "more than 65,535 samples in one record";
  ingest_record r = {.version = 3, .encoding = bytes[15], .samples = (int32_t)samples, .rate = read_rate(bytes + 16), .timing_quality = -1};
  record_layout l = {.flags = bytes[3], .publication = bytes[32], .extra = bytes + RECORD3_FIXED_HEADER + bytes[33]};
  l.extra_length = u16(bytes + 34);
  l.data_offset = RECORD3_FIXED_HEADER + (size_t)bytes[33] + l.extra_length;
  l.data_order = record_is_steim(&r) ? RECORD_BIG_ENDIAN : RECORD_LITTLE_ENDIAN;
  const char *fault = read_identifier(bytes + RECORD3_FIXED_HEADER, bytes[33], &r.codes);
  if (!fault)
    fault = read_start(bytes, &r);
  if (fault)
    return fault;
  r.time_doubtful = l.flags & FLAG_TIME_QUESTIONABLE;
  r.clock_locked = l.flags & FLAG_CLOCK_LOCKED;
  read_extra(&l, &r);
  *record = r;
  *layout = l;
  return NULL;
}

/* A code up to the next _ or the end; `at` goes past it. */
static bool read_code(const uint8_t **at, const uint8_t *end, char *code)
{
  size_t n = 0;
  for (; *at < end && **at != '_'; ++*at) {
    if (n == CODE_MOST || !record_is_code_character(**at))
      return false;
    code[n++] = (char)**at;
  }
  code[n] = '\0';
  return true;
}

/* Band, source and subsource of one character each are the channel code as it always was; else they keep their _ between them. */
static bool join_channel(char parts[3][CODE_MOST + 1], char *channel)
{
  size_t b = strlen(parts[0]), s = strlen(parts[1]), ss = strlen(parts[2]);
  if (b == 1 && s == 1 && ss == 1) {
    for (size_t i = 0; i < 3; i++)
      channel[i] = parts[i][0];
    channel[3] = '\0';
    return true;
  }
  if (b + s + ss == 0 || b + s + ss + 2 > CODE_MOST)
    return false;
  memcpy(channel, parts[0], b);
  channel[b] = '_';
  memcpy(channel + b + 1, parts[1], s);
  channel[b + 1 + s] = '_';
  memcpy(channel + b + s + 2, parts[2], ss + 1);
  return true;
}

static const char *read_identifier(const uint8_t *bytes, size_t length, ingest_codes *codes)
{
  char parts[3][CODE_MOST + 1];
  char *const targets[] = {codes->network, codes->station, codes->location, parts[0], parts[1], parts[2]};
  if (length < sizeof prefix - 1 || memcmp(bytes, prefix, sizeof prefix - 1) != 0)
    return bad_identifier;
  const uint8_t *at = bytes + sizeof prefix - 1, *end = bytes + length;
  for (size_t i = 0; i < 6; i++) {
    if (!read_code(&at, end, targets[i]))
      return bad_identifier;
    if (i < 5 && at++ == end)
      return bad_identifier;
  }
  if (at != end || codes->network[0] == '\0' || codes->station[0] == '\0')
    return bad_identifier;
  if (strcmp(codes->location, "--") == 0)
    codes->location[0] = '\0';
  return join_channel(parts, codes->channel) ? NULL : "the band, source and subsource codes are empty, or longer than 8 characters together";
}

static const char *read_start(const uint8_t *bytes, ingest_record *record)
{
  if (!record3_may_begin(bytes, RECORD3_FIXED_HEADER))
    return "the start time is none";
  int year = u16(bytes + 8), day = u16(bytes + 10);
  if (day > 365 + civil_leap(year))
    return "day 366 in a year of 365";
  int64_t seconds = (civil_days(year, 1, 1) + day - 1) * CIVIL_DAY_S + bytes[12] * 3600 + bytes[13] * 60 + bytes[14];
  record->start = seconds * INGEST_SECOND + u32(bytes + 4);
  return NULL;
}

/* Samples a second, or seconds a sample if negative; 0: no time series. */
static double read_rate(const uint8_t *bytes)
{
  uint64_t bits = record_u64(bytes, RECORD_LITTLE_ENDIAN);
  double rate;
  memcpy(&rate, &bits, sizeof rate);
  return rate < 0 ? -1 / rate : rate;
}

static void read_extra(const record_layout *layout, ingest_record *record)
{
  if (layout->extra_length == 0)
    return;
  record->extra_malformed = !extra_headers_hold(layout->extra, layout->extra_length);
  if (record->extra_malformed)
    return;
  record->clipped = extra_headers_flag(layout->extra, layout->extra_length, "Flags", "AmplifierSaturation") ||
                    extra_headers_flag(layout->extra, layout->extra_length, "Flags", "DigitizerClipping");
  record->timing_quality = (int8_t)extra_headers_percent(layout->extra, layout->extra_length, "Time", "Quality");
}
