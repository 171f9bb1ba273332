#include "steim.h"

enum { FRAME = 64, WORDS = 16, WIDEST = 8, FRAME_MOST = 15 * 7, IMPOSSIBLE = -1, FOUR = 4 };
typedef uint32_t fours __attribute__((vector_size(FOUR * sizeof(uint32_t))));

/* How one word holds its differences: a word shifted left by left[i], then right with its sign, is difference i. Eight are always taken out, `count`
   of them are true: that costs less than a branch that cannot be foreseen. */
typedef struct {
  int32_t count;
  uint32_t right;
  uint32_t left[WIDEST];
} packing;

#define LEFT(n, bits, i) ((32u - (n) * (bits) + (i) * (bits)) & 31u)
#define PACKED(n, bits)                                                                                                                              \
  {                                                                                                                                                  \
    n, 32 - (bits),                                                                                                                                  \
    {                                                                                                                                                \
      LEFT(n, bits, 0), LEFT(n, bits, 1), LEFT(n, bits, 2), LEFT(n, bits, 3), LEFT(n, bits, 4), LEFT(n, bits, 5), LEFT(n, bits, 6), LEFT(n, bits, 7) \
    }                                                                                                                                                \
  }

/* By the word's two-bit code and the word's own two highest bits. */
static const packing steim1[16] = {{.count = 0},  {.count = 0},  {.count = 0},  {.count = 0},  PACKED(4, 8),  PACKED(4, 8),
                                   PACKED(4, 8),  PACKED(4, 8),  PACKED(2, 16), PACKED(2, 16), PACKED(2, 16), PACKED(2, 16),
                                   PACKED(1, 32), PACKED(1, 32), PACKED(1, 32), PACKED(1, 32)};
static const packing steim2[16] = {{.count = 0}, {.count = 0}, {.count = 0},          {.count = 0},         PACKED(4, 8),  PACKED(4, 8),
                                   PACKED(4, 8), PACKED(4, 8), {.count = IMPOSSIBLE}, PACKED(1, 30),        PACKED(2, 15), PACKED(3, 10),
                                   PACKED(5, 6), PACKED(6, 5), PACKED(7, 4),          {.count = IMPOSSIBLE}};

/* Little-endian records hold bytes and halves in the order of time, each turned in itself: here the word is brought into the big-endian form. */
static inline uint32_t load_word(const uint8_t *bytes, unsigned code, const steim_data *data)
{
  uint32_t word = record_u32(bytes, data->order);
  if (data->order == RECORD_BIG_ENDIAN || code == 0 || code == 3)
    return word;
  if (code == 1)
    return __builtin_bswap32(word);
  return data->encoding == RECORD_STEIM1 ? word << 16 | word >> 16 : word;
}

/* The frame's differences; how many, or IMPOSSIBLE. Words beyond the wanted samples are not looked at. */
static inline __attribute__((always_inline)) int32_t unpack(const steim_data *data, size_t at, size_t wanted, uint32_t *differences)
{
  const uint8_t *frame = data->frames + at;
  const packing *packings = data->encoding == RECORD_STEIM1 ? steim1 : steim2;
  uint32_t codes = record_u32(frame, data->order);
  int32_t n = 0;
  for (unsigned i = at == 0 ? 3 : 1; i < WORDS && (size_t)n < wanted; i++) {
    unsigned code = codes >> (30 - 2 * i) & 3;
    uint32_t word = load_word(frame + 4 * i, code, data);
    const packing *p = &packings[code << 2 | word >> 30];
    if (p->count < 0)
      return IMPOSSIBLE;
    for (unsigned k = 0; k < WIDEST; k++)
      differences[(unsigned)n + k] = (uint32_t)((int32_t)(word << p->left[k]) >> p->right);
    n += p->count;
  }
  return n;
}

/* Each becomes the sum of itself, those before it and `sum`; in fours, whatever stands in the last beyond `count`. Returns the last sum. */
static inline __attribute__((always_inline)) uint32_t sum_up(uint32_t *differences, size_t count, uint32_t sum)
{
  const fours nothing = {0};
  fours before = {sum, sum, sum, sum};
  for (size_t i = 0; i < count; i += FOUR) {
    fours x;
    memcpy(&x, differences + i, sizeof x);
    x += __builtin_shufflevector(nothing, x, 0, 4, 5, 6);
    x += __builtin_shufflevector(nothing, x, 0, 1, 4, 5);
    x += before;
    memcpy(differences + i, &x, sizeof x);
    before = __builtin_shufflevector(x, x, 3, 3, 3, 3);
  }
  return count > 0 ? differences[count - 1] : sum;
}

static inline __attribute__((always_inline)) void store(const uint32_t *sums, size_t count, int32_t *counts, double *values)
{
  if (counts)
    memcpy(counts, sums, count * sizeof *counts);
  else
    for (size_t i = 0; i < count; i++)
      values[i] = (int32_t)sums[i];
}

/* The first difference leads from the record before to the first sample, which is stated: the sum begins so that it comes out. */
static inline __attribute__((always_inline)) const char *decode(const steim_data *data, int32_t *counts, double *values)
{
  uint32_t differences[FRAME_MOST + WIDEST], sum = 0;
  size_t done = 0;
  for (size_t at = 0; at + FRAME <= data->length && done < data->samples; at += FRAME) {
    size_t wanted = data->samples - done;
    int32_t found = unpack(data, at, wanted, differences);
    if (found == IMPOSSIBLE)
      return "a Steim frame holds an impossible code";
    size_t n = (size_t)found < wanted ? (size_t)found : wanted;
    if (done == 0 && n > 0)
      sum = record_u32(data->frames + 4, data->order) - differences[0];
    sum = sum_up(differences, n, sum);
    store(differences, n, counts ? counts + done : NULL, counts ? NULL : values + done);
    done += n;
  }
  if (done < data->samples)
    return "the Steim frames hold fewer samples than the header states";
  return sum == record_u32(data->frames + 8, data->order) ? NULL : "the last sample is not the one that the Steim frames state";
}

const char *steim_decode_plain(const steim_data *data, int32_t *counts, double *values)
{
  return decode(data, counts, values);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static const char *decode_wide(const steim_data *data, int32_t *counts, double *values)
{
  return decode(data, counts, values);
}
#endif

const char *steim_decode(const steim_data *data, int32_t *counts, double *values)
{
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2"))
    return decode_wide(data, counts, values);
#endif
  return decode(data, counts, values);
}
