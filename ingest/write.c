#include <libmseed.h>
#include <math.h>
#include <stdlib.h>

#include "civil.h"
#include "record_header.h"

/* Exported by libmseed 2.19, though its header does not say so. They return the samples that went in, -1 for a difference beyond 30 bits. */
extern int msr_encode_steim1(int32_t *input, int samples, int32_t *output, int output_length, int32_t first_difference, int swap);
extern int msr_encode_steim2(int32_t *input, int samples, int32_t *output, int output_length, int32_t first_difference, char *name, int swap);

enum { EXPONENT_FIRST = 7, EXPONENT_LAST = 16, BLOCKETTE_1000 = 48, BLOCKETTE_1001 = 56, BLOCKETTE_100 = 64, STEIM_FRAME = 64 };

static bool is_writable(const ingest_record *record);
static record_layout layout_of(const ingest_record *record);
static int write_all(record_piece *piece, int exponent, ingest_record_sink *sink, void *user);
static void put_header(const record_piece *piece, int exponent, size_t data_offset, int samples, uint8_t *bytes);
static int put_samples(const record_piece *piece, size_t room, uint8_t *bytes);

int ingest_record_write(const ingest_record *record, const double *values, int record_length, ingest_record_sink *sink, void *user)
{
  int exponent = record_length == 0 ? 0 : __builtin_ctz((unsigned)record_length);
  if (record_length != 0 && (exponent < EXPONENT_FIRST || exponent > EXPONENT_LAST || record_length != 1 << exponent))
    return -1;
  if (!is_writable(record))
    return -1;
  size_t count = (size_t)record->samples;
  int32_t *counts = malloc(count * sizeof *counts);
  record_layout layout = layout_of(record);
  record_piece piece = {record, &layout, {counts, values}, 0, count, record->start, 1};
  int written = counts && record_counts(record->encoding, values, count, counts) ? write_all(&piece, exponent, sink, user) : -1;
  free(counts);
  return written;
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

int record_build(const record_piece *piece, int exponent, uint8_t *bytes)
{
  size_t length = (size_t)1 << exponent, data_offset = piece->layout->true_rate > 0 ? 128 : 64;
  if (length <= data_offset)
    return 0;
  memset(bytes, 0, length);
  int samples = put_samples(piece, length - data_offset, bytes + data_offset);
  if (samples > 0)
    put_header(piece, exponent, data_offset, samples, bytes);
  return samples;
}

size_t record_build_smallest(const record_piece *piece, uint8_t *bytes)
{
  for (int exponent = EXPONENT_FIRST; exponent <= EXPONENT_LAST; exponent++) {
    int samples = record_build(piece, exponent, bytes);
    if (samples < 0)
      return 0;
    if ((size_t)samples == piece->count)
      return (size_t)1 << exponent;
  }
  return 0;
}

static int write_all(record_piece *piece, int exponent, ingest_record_sink *sink, void *user)
{
  uint8_t *bytes = malloc(INGEST_RECORD_MAXIMUM);
  int written = bytes ? 0 : -1;
  size_t total = piece->count;
  while (written >= 0 && piece->first < total) {
    piece->start = record_sample_time(piece->record, (int64_t)piece->first);
    piece->count = total - piece->first;
    size_t length = exponent ? (size_t)1 << exponent : record_build_smallest(piece, bytes);
    int samples = exponent ? record_build(piece, exponent, bytes) : length ? (int)piece->count : -1;
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
  return fits(codes->network, 0, 2) && fits(codes->station, 1, 5) && fits(codes->location, 0, 2) && fits(codes->channel, 1, 3) &&
         record->samples >= 1 && record->rate >= 1e-4 && record->rate <= 1e6 && memchr(encodings, record->encoding, sizeof encodings);
}

/* A rate that no factor and multiplier give exactly is stated in blockette 100 too. */
static record_layout layout_of(const ingest_record *record)
{
  record_layout layout = {.quality = 'D', .data_order = RECORD_BIG_ENDIAN};
  ms_genfactmult(record->rate, &layout.rate_factor, &layout.rate_multiplier);
  double nominal = ms_nomsamprate(layout.rate_factor, layout.rate_multiplier);
  if (fabs(nominal / record->rate - 1) > 1e-12 && fabs(nominal / record->rate - 1) > fabs((double)(float)record->rate / record->rate - 1))
    layout.true_rate = (float)record->rate;
  layout.data_quality = (uint8_t)((record->clipped ? 2 : 0) | (record->time_doubtful ? 128 : 0));
  return layout;
}

static void put_u16(uint8_t *bytes, unsigned value)
{
  bytes[0] = (uint8_t)(value >> 8);
  bytes[1] = (uint8_t)value;
}

static void put_u32(uint8_t *bytes, uint32_t value)
{
  put_u16(bytes, value >> 16);
  put_u16(bytes + 2, value & 0xffff);
}

static void put_u64(uint8_t *bytes, uint64_t value)
{
  put_u32(bytes, (uint32_t)(value >> 32));
  put_u32(bytes + 4, (uint32_t)value);
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

static size_t at_most(const record_piece *piece, size_t samples)
{
  samples = samples < piece->count ? samples : piece->count;
  return samples < RECORD_SAMPLES_MAXIMUM ? samples : RECORD_SAMPLES_MAXIMUM;
}

static int put_integers(const record_piece *piece, size_t room, size_t size, uint8_t *bytes)
{
  size_t count = at_most(piece, room / size);
  const int32_t *counts = piece->data.counts + piece->first;
  for (size_t i = 0; i < count; i++) {
    if (size == 2)
      put_u16(bytes + 2 * i, (uint16_t)counts[i]);
    else
      put_u32(bytes + 4 * i, (uint32_t)counts[i]);
  }
  return (int)count;
}

static int put_reals(const record_piece *piece, size_t room, size_t size, uint8_t *bytes)
{
  size_t count = at_most(piece, room / size);
  const double *values = piece->data.values + piece->first;
  for (size_t i = 0; i < count; i++) {
    float single = (float)values[i];
    uint32_t bits;
    uint64_t long_bits;
    memcpy(&bits, &single, sizeof bits);
    memcpy(&long_bits, &values[i], sizeof long_bits);
    if (size == 4)
      put_u32(bytes + 4 * i, bits);
    else
      put_u64(bytes + 8 * i, long_bits);
  }
  return (int)count;
}

static int put_steim(const record_piece *piece, size_t room, uint8_t *bytes)
{
  int32_t *counts = (int32_t *)(uintptr_t)piece->data.counts + piece->first;
  int count = (int)at_most(piece, RECORD_SAMPLES_MAXIMUM), length = (int)(room / STEIM_FRAME * STEIM_FRAME);
  int swap = __BYTE_ORDER__ != __ORDER_BIG_ENDIAN__;
  int32_t first_difference = piece->first > 0 ? (int32_t)((uint32_t)counts[0] - (uint32_t)counts[-1]) : 0;
  void *frames = bytes;
  return piece->record->encoding == RECORD_STEIM1 ? msr_encode_steim1(counts, count, frames, length, first_difference, swap)
                                                  : msr_encode_steim2(counts, count, frames, length, first_difference, "", swap);
}

static int put_samples(const record_piece *piece, size_t room, uint8_t *bytes)
{
  switch (piece->record->encoding) {
  case RECORD_INT16:
    return put_integers(piece, room, 2, bytes);
  case RECORD_INT32:
    return put_integers(piece, room, 4, bytes);
  case RECORD_FLOAT:
    return put_reals(piece, room, 4, bytes);
  case RECORD_DOUBLE:
    return put_reals(piece, room, 8, bytes);
  default:
    return put_steim(piece, room, bytes);
  }
}
