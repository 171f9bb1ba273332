#include "encodings.h"

#include <math.h>

static const char *integers_16(const uint8_t *bytes, size_t count, record_order order, double *values);
static const char *integers_32(const uint8_t *bytes, size_t count, record_order order, double *values);
static const char *floats(const uint8_t *bytes, size_t count, record_order order, double *values);
static const char *doubles(const uint8_t *bytes, size_t count, record_order order, double *values);
static const char *geoscope_24(const uint8_t *bytes, size_t count, record_order order, double *values);
static const char *geoscope_16_3(const uint8_t *bytes, size_t count, record_order order, double *values);
static const char *geoscope_16_4(const uint8_t *bytes, size_t count, record_order order, double *values);
static const char *cdsn(const uint8_t *bytes, size_t count, record_order order, double *values);
static const char *sro(const uint8_t *bytes, size_t count, record_order order, double *values);

static const struct {
  size_t size;
  const char *(*decode)(const uint8_t *bytes, size_t count, record_order order, double *values);
  uint8_t written;
} fixed[] = {
    [RECORD_INT16] = {2, integers_16, RECORD_INT16},
    [RECORD_INT32] = {4, integers_32, RECORD_INT32},
    [RECORD_FLOAT] = {4, floats, RECORD_FLOAT},
    [RECORD_DOUBLE] = {8, doubles, RECORD_DOUBLE},
    [RECORD_GEOSCOPE_24] = {3, geoscope_24, RECORD_STEIM2},
    [RECORD_GEOSCOPE_16_3] = {2, geoscope_16_3, RECORD_FLOAT},
    [RECORD_GEOSCOPE_16_4] = {2, geoscope_16_4, RECORD_FLOAT},
    [RECORD_CDSN] = {2, cdsn, RECORD_STEIM2},
    [RECORD_SRO] = {2, sro, RECORD_STEIM2},
    [RECORD_DWWSSN] = {2, integers_16, RECORD_STEIM2},
};

static bool is_fixed(int encoding)
{
  return encoding >= 0 && (size_t)encoding < sizeof fixed / sizeof *fixed && fixed[encoding].size > 0;
}

const char *encoding_refusal(int version, int encoding)
{
  if (encoding == RECORD_TEXT)
    return "a record of text, not of samples";
  if (version == 3 && encoding == RECORD_OPAQUE)
    return "a record of opaque data, not of samples";
  if (encoding == RECORD_STEIM1 || encoding == RECORD_STEIM2 || (is_fixed(encoding) && (version == 2 || encoding <= RECORD_DOUBLE)))
    return NULL;
  switch (version == 2 ? encoding : -1) {
  case 2:
    return "24-bit integers, which are not read";
  case 15:
    return "US National Network compression, which is not read";
  case 17:
    return "Graefenberg 16-bit samples, which are not read";
  case 18:
    return "IPG 16-bit samples, which are not read";
  case 19:
    return "Steim-3 compression, which is not read";
  case 31:
    return "HGLP samples, which are not read";
  case 33:
    return "RSTN samples, which are not read";
  default:
    return "an unknown encoding of samples";
  }
}

size_t encoding_sample_size(int encoding)
{
  return is_fixed(encoding) ? fixed[encoding].size : 0;
}

uint8_t encoding_written(int encoding)
{
  return is_fixed(encoding) ? fixed[encoding].written : (uint8_t)encoding;
}

const char *encoding_decode(int encoding, const uint8_t *bytes, size_t count, record_order order, double *values)
{
  return fixed[encoding].decode(bytes, count, order, values);
}

static const char *integers_16(const uint8_t *bytes, size_t count, record_order order, double *values)
{
  for (size_t i = 0; i < count; i++)
    values[i] = (int16_t)record_u16(bytes + 2 * i, order);
  return NULL;
}

static const char *integers_32(const uint8_t *bytes, size_t count, record_order order, double *values)
{
  for (size_t i = 0; i < count; i++)
    values[i] = (int32_t)record_u32(bytes + 4 * i, order);
  return NULL;
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

static const char *geoscope_24(const uint8_t *bytes, size_t count, record_order order, double *values)
{
  for (size_t i = 0; i < count; i++, bytes += 3) {
    uint32_t first = order == RECORD_BIG_ENDIAN ? bytes[0] : bytes[2], last = order == RECORD_BIG_ENDIAN ? bytes[2] : bytes[0];
    values[i] = (int32_t)(first << 24 | (uint32_t)bytes[1] << 16 | last << 8) >> 8;
  }
  return NULL;
}

/* Twelve bits of mantissa about 2048; the bits above it say by which power of two the amplifier had raised the sample. */
static void geoscope_16(const uint8_t *bytes, size_t count, record_order order, unsigned gain_mask, double *values)
{
  for (size_t i = 0; i < count; i++) {
    unsigned word = record_u16(bytes + 2 * i, order);
    values[i] = ((int)(word & 0xfff) - 2048) / (double)(1u << (word >> 12 & gain_mask));
  }
}

static const char *geoscope_16_3(const uint8_t *bytes, size_t count, record_order order, double *values)
{
  geoscope_16(bytes, count, order, 7, values);
  return NULL;
}

static const char *geoscope_16_4(const uint8_t *bytes, size_t count, record_order order, double *values)
{
  geoscope_16(bytes, count, order, 15, values);
  return NULL;
}

/* Fourteen bits of mantissa about 8191, two that name the gain. */
static const char *cdsn(const uint8_t *bytes, size_t count, record_order order, double *values)
{
  static const int factors[] = {1, 4, 16, 128};
  for (size_t i = 0; i < count; i++) {
    unsigned word = record_u16(bytes + 2 * i, order);
    values[i] = ((int)(word & 0x3fff) - 0x1fff) * factors[word >> 14];
  }
  return NULL;
}

/* Twelve bits of mantissa in two's complement, four that name the gain: 0..10. */
static const char *sro(const uint8_t *bytes, size_t count, record_order order, double *values)
{
  for (size_t i = 0; i < count; i++) {
    unsigned word = record_u16(bytes + 2 * i, order), gain = word >> 12;
    if (gain > 10)
      return "an SRO sample names a gain beyond 10";
    values[i] = ((int)(word & 0xfff) - (word & 0x800 ? 0x1000 : 0)) * (1 << (10 - gain));
  }
  return NULL;
}
