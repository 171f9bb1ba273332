#include <libmseed.h>
#include <math.h>
#include <stdlib.h>

#include "civil.h"
#include "layout.h"

enum { EXPONENT_FIRST = 7, EXPONENT_LAST = 16, BLOCKETTE_1000 = 48, BLOCKETTE_1001 = 56, BLOCKETTE_100 = 64 };

static bool is_writable(const ingest_record *record);
static bool is_length(const ingest_record *record, int record_length);
static record_layout layout_of(const ingest_record *record);
static int write_all(record_piece *piece, size_t record_length, ingest_record_sink *sink, void *user);
static void put_header(const record_piece *piece, int exponent, size_t data_offset, int samples, uint8_t *bytes);

int ingest_record_write(const ingest_record *record, const double *values, int record_length, ingest_record_sink *sink, void *user)
{
  if (!is_writable(record) || !is_length(record, record_length))
    return -1;
  uint8_t extra[RECORD3_EXTRA];
  size_t count = (size_t)record->samples;
  int32_t *counts = malloc(count * sizeof *counts);
  record_layout layout = record->version == 3 ? record3_layout(record, extra) : layout_of(record);
  record_piece piece = {record, &layout, {counts, values}, 0, count, record->start, 1};
  int written = counts && record_counts(record->encoding, values, count, counts) ? write_all(&piece, (size_t)record_length, sink, user) : -1;
  free(counts);
  return written;
}

static bool is_length(const ingest_record *record, int record_length)
{
  if (record->version == 3)
    return record_length >= 0 && record_length <= INGEST_RECORD_MAXIMUM;
  int exponent = record_length == 0 ? EXPONENT_FIRST : __builtin_ctz((unsigned)record_length);
  return record_length == 0 || (exponent >= EXPONENT_FIRST && exponent <= EXPONENT_LAST && record_length == 1 << exponent);
}

bool record_counts(int encoding, const double *values, size_t count, int32_t *counts)
{
  if (encoding == RECORD_FLOAT || encoding == RECORD_DOUBLE)
    return true;
  double limit = encoding == RECORD_INT16 ? INT16_MAX : INT32_MAX;
  for (size_t i = 0; i < count; i++) {
    if (!(values[i] >= -limit - 1 && values[i] <= limit) || values[i] != nearbyint(values[i]))
      return false;
    counts[i] = (int32_t)values[i];
  }
  return true;
}

int record_build(const record_piece *piece, size_t most, uint8_t *bytes, size_t *length)
{
  if (piece->record->version == 3)
    return record3_build(piece, most, bytes, length);
  size_t data_offset = piece->layout->true_rate > 0 ? 128 : 64;
  *length = most;
  if (most <= data_offset)
    return 0;
  memset(bytes, 0, most);
  int samples = record_put_samples(piece, most - data_offset, RECORD_BIG_ENDIAN, bytes + data_offset);
  if (samples > 0)
    put_header(piece, __builtin_ctz((unsigned)most), data_offset, samples, bytes);
  return samples;
}

size_t record_build_smallest(const record_piece *piece, uint8_t *bytes)
{
  int first = piece->record->version == 3 ? EXPONENT_LAST : EXPONENT_FIRST;
  for (int exponent = first; exponent <= EXPONENT_LAST; exponent++) {
    size_t length;
    int samples = record_build(piece, (size_t)1 << exponent, bytes, &length);
    if (samples < 0)
      return 0;
    if ((size_t)samples == piece->count)
      return length;
  }
  return 0;
}

static int write_all(record_piece *piece, size_t record_length, ingest_record_sink *sink, void *user)
{
  uint8_t *bytes = malloc(INGEST_RECORD_MAXIMUM + RECORD_SPARE);
  int written = bytes ? 0 : -1;
  size_t total = piece->count;
  while (written >= 0 && piece->first < total) {
    piece->start = record_sample_time(piece->record, (int64_t)piece->first);
    piece->count = total - piece->first;
    size_t length = record_length ? 0 : record_build_smallest(piece, bytes);
    int samples = record_length ? record_build(piece, record_length, bytes, &length) : length ? (int)piece->count : -1;
    if (samples <= 0) {
      written = -1;
      break;
    }
    sink(user, bytes, length);
    piece->first += (size_t)samples;
    piece->sequence = piece->sequence % 999999 + 1;
    written++;
  }
  free(bytes);
  return written;
}

static bool fits(const char *code, size_t least, size_t most)
{
  size_t length = strlen(code);
  return length >= least && length <= most;
}

static bool is_writable(const ingest_record *record)
{
  static const uint8_t encodings[] = {RECORD_INT16, RECORD_INT32, RECORD_FLOAT, RECORD_DOUBLE, RECORD_STEIM1, RECORD_STEIM2};
  const ingest_codes *codes = &record->codes;
  if (record->samples < 1 || !(record->rate >= 1e-4 && record->rate <= 1e6) || !memchr(encodings, record->encoding, sizeof encodings))
    return false;
  if (record->version == 3)
    return record3_is_writable(record);
  return fits(codes->network, 0, 2) && fits(codes->station, 1, 5) && fits(codes->location, 0, 2) && fits(codes->channel, 1, 3);
}

/* A rate that no factor and multiplier give exactly is stated in blockette 100 too. */
static record_layout layout_of(const ingest_record *record)
{
  record_layout layout = {.quality = 'D', .data_order = RECORD_BIG_ENDIAN};
  ms_genfactmult(record->rate, &layout.rate_factor, &layout.rate_multiplier);
  double nominal = ms_nomsamprate(layout.rate_factor, layout.rate_multiplier);
  if (fabs(nominal / record->rate - 1) > 1e-12 && fabs(nominal / record->rate - 1) > fabs((double)(float)record->rate / record->rate - 1))
    layout.true_rate = (float)record->rate;
  layout.io = record->clock_locked ? 32 : 0;
  layout.data_quality = (uint8_t)((record->clipped ? 2 : 0) | (record->time_doubtful ? 128 : 0));
  return layout;
}

static void put_u16(uint8_t *bytes, unsigned value)
{
  record_put_u16(bytes, value, RECORD_BIG_ENDIAN);
}

static void put_u32(uint8_t *bytes, uint32_t value)
{
  record_put_u32(bytes, value, RECORD_BIG_ENDIAN);
}

static void put_code(uint8_t *bytes, const char *code, size_t size)
{
  memset(bytes, ' ', size);
  memcpy(bytes, code, strlen(code));
}

/* Returns the microseconds that the header's tenths of milliseconds leave over. */
static uint8_t put_time(uint8_t *bytes, int64_t time)
{
  int64_t nanoseconds = time + 500, microseconds = nanoseconds / 1000 - (nanoseconds % 1000 < 0);
  int64_t seconds = microseconds / 1000000 - (microseconds % 1000000 < 0), rest = microseconds - seconds * 1000000;
  int64_t days = seconds / CIVIL_DAY_S - (seconds % CIVIL_DAY_S < 0), of_day = seconds - days * CIVIL_DAY_S;
  int year, month, day;
  civil_date(days, &year, &month, &day);
  put_u16(bytes, (unsigned)year);
  put_u16(bytes + 2, (unsigned)(days - civil_days(year, 1, 1) + 1));
  bytes[4] = (uint8_t)(of_day / 3600);
  bytes[5] = (uint8_t)(of_day / 60 % 60);
  bytes[6] = (uint8_t)(of_day % 60);
  put_u16(bytes + 8, (unsigned)(rest / 100));
  return (uint8_t)(rest % 100);
}

static void put_blockettes(const record_piece *piece, int exponent, uint8_t microseconds, uint8_t *bytes)
{
  bool knows_quality = piece->record->timing_quality >= 0;
  bool last = !(piece->layout->true_rate > 0);
  put_u16(bytes + BLOCKETTE_1000, 1000);
  put_u16(bytes + BLOCKETTE_1000 + 2, BLOCKETTE_1001);
  bytes[BLOCKETTE_1000 + 4] = piece->record->encoding;
  bytes[BLOCKETTE_1000 + 5] = 1;
  bytes[BLOCKETTE_1000 + 6] = (uint8_t)exponent;
  put_u16(bytes + BLOCKETTE_1001, 1001);
  put_u16(bytes + BLOCKETTE_1001 + 2, last ? 0 : BLOCKETTE_100);
  bytes[BLOCKETTE_1001 + 4] = knows_quality ? (uint8_t)piece->record->timing_quality : 255;
  bytes[BLOCKETTE_1001 + 5] = microseconds;
  if (last)
    return;
  uint32_t bits;
  memcpy(&bits, &piece->layout->true_rate, sizeof bits);
  put_u16(bytes + BLOCKETTE_100, 100);
  put_u32(bytes + BLOCKETTE_100 + 4, bits);
}

/* The piece's time has all corrections in it, so the flag and the field of the correction stay clear. */
static void put_header(const record_piece *piece, int exponent, size_t data_offset, int samples, uint8_t *bytes)
{
  const ingest_codes *codes = &piece->record->codes;
  const record_layout *layout = piece->layout;
  bool has_true_rate = layout->true_rate > 0;
  for (int i = 5, sequence = piece->sequence; i >= 0; i--, sequence /= 10)
    bytes[i] = (uint8_t)('0' + sequence % 10);
  bytes[6] = (uint8_t)layout->quality;
  bytes[7] = ' ';
  put_code(bytes + 8, codes->station, 5);
  put_code(bytes + 13, codes->location, 2);
  put_code(bytes + 15, codes->channel, 3);
  put_code(bytes + 18, codes->network, 2);
  uint8_t microseconds = put_time(bytes + 20, piece->start);
  put_u16(bytes + 30, (unsigned)samples);
  put_u16(bytes + 32, (uint16_t)layout->rate_factor);
  put_u16(bytes + 34, (uint16_t)layout->rate_multiplier);
  bytes[36] = layout->activity & (uint8_t)~2u;
  bytes[37] = layout->io;
  bytes[38] = layout->data_quality;
  bytes[39] = has_true_rate ? 3 : 2;
  put_u16(bytes + 44, (unsigned)data_offset);
  put_u16(bytes + 46, BLOCKETTE_1000);
  put_blockettes(piece, exponent, microseconds, bytes);
}
