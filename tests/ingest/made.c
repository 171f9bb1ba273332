#include "made.h"

#include <stdlib.h>
#include <string.h>

#include "crc32c.h"

const uint8_t made_encodings[6] = {1, 3, 4, 5, 10, 11};

ingest_record made_header(int encoding, int32_t samples)
{
  ingest_record record = {
      .codes = {"XX", "MADE", "01", "HNZ"}, .rate = 100, .samples = samples, .encoding = (uint8_t)encoding, .timing_quality = 100};
  ingest_time_parse("2020-01-01T00:00:00Z", &record.start);
  return record;
}

void made_walk(random_source *random, double *values, size_t count)
{
  double value = 0;
  for (size_t i = 0; i < count; i++) {
    double step = (double)random_below(random, 41) - 20;
    if (random_below(random, 50) == 0)
      step *= 300;
    value += value + step > 30000 || value + step < -30000 ? -step : step;
    values[i] = value;
  }
}

void made_collect(void *user, const uint8_t *bytes, size_t length)
{
  made_records *records = user;
  assert_true(records->count < 4096 && records->used + length <= sizeof records->bytes);
  memcpy(records->bytes + records->used, bytes, length);
  records->offsets[records->count] = records->used;
  records->lengths[records->count++] = length;
  records->used += length;
}

static void collect_one(void *user, const uint8_t *bytes, size_t length)
{
  struct {
    uint8_t *bytes;
    size_t length;
  } *one = user;
  memcpy(one->bytes, bytes, length);
  one->length = length;
}

size_t made_record(int encoding, int32_t samples, int length, uint64_t seed, uint8_t *bytes)
{
  return made_as(made_header(encoding, samples), length, seed, bytes);
}

size_t made_record3(int encoding, int32_t samples, uint64_t seed, uint8_t *bytes)
{
  ingest_record record = made_header(encoding, samples);
  record.version = 3;
  return made_as(record, 0, seed, bytes);
}

size_t made_as(ingest_record record, int length, uint64_t seed, uint8_t *bytes)
{
  random_source random = {seed};
  struct {
    uint8_t *bytes;
    size_t length;
  } one = {bytes, 0};
  double *values = calloc((size_t)record.samples, sizeof *values);
  made_walk(&random, values, (size_t)record.samples);
  assert_int_equal(ingest_record_write(&record, values, length, collect_one, &one), 1);
  free(values);
  return one.length;
}

static void reverse(uint8_t *bytes, size_t size)
{
  for (size_t i = 0; i < size / 2; i++) {
    uint8_t byte = bytes[i];
    bytes[i] = bytes[size - 1 - i];
    bytes[size - 1 - i] = byte;
  }
}

/* Bytes of four 8-bit differences stay in place, 16-bit ones turn in pairs, all else as words. */
static void turn_steim_word(uint8_t *word, unsigned code, int encoding)
{
  if (code == 1)
    return;
  if (code == 2 && encoding == 10) {
    reverse(word, 2);
    reverse(word + 2, 2);
  } else {
    reverse(word, 4);
  }
}

static void turn_samples(uint8_t *data, size_t size, int encoding)
{
  static const size_t sizes[] = {[1] = 2, [3] = 4, [4] = 4, [5] = 8, [11] = 0};
  size_t step = sizes[encoding];
  for (size_t at = 0; step > 0 && at < size; at += step)
    reverse(data + at, step);
  for (size_t frame = 0; step == 0 && frame < size; frame += 64) {
    for (unsigned word = 1; word < 16; word++) {
      unsigned code = data[frame + word / 4] >> (6 - 2 * (word % 4)) & 3;
      bool is_constant = frame == 0 && word < 3;
      turn_steim_word(data + frame + 4 * word, is_constant ? 3 : code, encoding);
    }
    reverse(data + frame, 4);
  }
}

void made_crc(uint8_t *bytes, size_t length)
{
  memset(bytes + 28, 0, 4);
  uint32_t crc = crc32c_plain(0, bytes, length);
  for (size_t i = 0; i < 4; i++)
    bytes[28 + i] = (uint8_t)(crc >> 8 * i);
}

void made_little_endian(uint8_t *bytes, size_t length)
{
  static const uint8_t halves[] = {20, 22, 28, 30, 32, 34, 44, 46, 48, 50, 56, 58};
  size_t data = (size_t)bytes[44] << 8 | bytes[45];
  turn_samples(bytes + data, length - data, bytes[52]);
  for (size_t i = 0; i < sizeof halves; i++)
    reverse(bytes + halves[i], 2);
  reverse(bytes + 40, 4);
  bytes[53] = 0;
  if (data == 128) {
    reverse(bytes + 64, 2);
    reverse(bytes + 66, 2);
    reverse(bytes + 68, 4);
  }
}
