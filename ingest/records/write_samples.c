#include "layout.h"

enum { STEIM_FRAME = 64 };

/* Exported by libmseed 2.19, though its header does not say so. They return the samples that went in, -1 for a difference beyond 30 bits. */
extern int msr_encode_steim1(int32_t *input, int samples, int32_t *output, int output_length, int32_t first_difference, int swap);
extern int msr_encode_steim2(int32_t *input, int samples, int32_t *output, int output_length, int32_t first_difference, char *name, int swap);

static int put_integers(const record_piece *piece, size_t room, size_t size, record_order order, uint8_t *bytes);
static int put_reals(const record_piece *piece, size_t room, size_t size, record_order order, uint8_t *bytes);
static int put_steim(const record_piece *piece, size_t room, uint8_t *bytes);

void record_put_u16(uint8_t *bytes, unsigned value, record_order order)
{
  bytes[order != RECORD_BIG_ENDIAN] = (uint8_t)(value >> 8);
  bytes[order == RECORD_BIG_ENDIAN] = (uint8_t)value;
}

void record_put_u32(uint8_t *bytes, uint32_t value, record_order order)
{
  value = record_u32((const uint8_t *)&value, order);
  memcpy(bytes, &value, sizeof value);
}

void record_put_u64(uint8_t *bytes, uint64_t value, record_order order)
{
  value = record_u64((const uint8_t *)&value, order);
  memcpy(bytes, &value, sizeof value);
}

int record_put_samples(const record_piece *piece, size_t room, record_order order, uint8_t *bytes)
{
  switch (piece->record->encoding) {
  case RECORD_INT16:
    return put_integers(piece, room, 2, order, bytes);
  case RECORD_INT32:
    return put_integers(piece, room, 4, order, bytes);
  case RECORD_FLOAT:
    return put_reals(piece, room, 4, order, bytes);
  case RECORD_DOUBLE:
    return put_reals(piece, room, 8, order, bytes);
  default:
    return put_steim(piece, room, bytes);
  }
}

static size_t at_most(const record_piece *piece, size_t samples)
{
  samples = samples < piece->count ? samples : piece->count;
  return samples < RECORD_SAMPLES_MAXIMUM ? samples : RECORD_SAMPLES_MAXIMUM;
}

static int put_integers(const record_piece *piece, size_t room, size_t size, record_order order, uint8_t *bytes)
{
  size_t count = at_most(piece, room / size);
  const int32_t *counts = piece->data.counts + piece->first;
  for (size_t i = 0; i < count; i++) {
    if (size == 2)
      record_put_u16(bytes + 2 * i, (uint16_t)counts[i], order);
    else
      record_put_u32(bytes + 4 * i, (uint32_t)counts[i], order);
  }
  return (int)count;
}

static int put_reals(const record_piece *piece, size_t room, size_t size, record_order order, uint8_t *bytes)
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
      record_put_u32(bytes + 4 * i, bits, order);
    else
      record_put_u64(bytes + 8 * i, long_bits, order);
  }
  return (int)count;
}

/* The encoders want words that lie on multiples of four; a version-3 payload may begin anywhere, so its frames are packed up to three bytes behind
   their place and moved. */
static int put_steim(const record_piece *piece, size_t room, uint8_t *bytes)
{
  int32_t *counts = (int32_t *)(uintptr_t)piece->data.counts + piece->first;
  int count = (int)at_most(piece, RECORD_SAMPLES_MAXIMUM), length = (int)(room / STEIM_FRAME * STEIM_FRAME);
  int swap = __BYTE_ORDER__ != __ORDER_BIG_ENDIAN__;
  if (length == 0)
    return 0;
  int32_t first_difference = piece->first > 0 ? (int32_t)((uint32_t)counts[0] - (uint32_t)counts[-1]) : 0;
  uint8_t *aligned = bytes + (4 - (uintptr_t)bytes % 4) % 4;
  void *frames = aligned;
  int samples = piece->record->encoding == RECORD_STEIM1 ? msr_encode_steim1(counts, count, frames, length, first_difference, swap)
                                                         : msr_encode_steim2(counts, count, frames, length, first_difference, "", swap);
  if (aligned != bytes && samples > 0)
    memmove(bytes, aligned, (size_t)length);
  return samples;
}
