#include "steim.h"

#include <stdlib.h>

#include "made.h"

extern int msr_decode_steim1(int32_t *input, int length, int64_t samples, int32_t *output, int64_t output_length, char *name, int swap);
extern int msr_decode_steim2(int32_t *input, int length, int64_t samples, int32_t *output, int64_t output_length, char *name, int swap);

enum { MOST = 8000 };

static uint8_t bytes[INGEST_RECORD_MAXIMUM + 8];
static int32_t ours[MOST], plain[MOST], theirs[MOST];
static double values[MOST];

/* libmseed's verdict: the samples if it and the stated last sample agree. */
static bool libmseed_takes(const steim_data *data)
{
  int32_t *frames = malloc(data->length);
  memcpy(frames, data->frames, data->length);
  int swap = data->order == RECORD_BIG_ENDIAN;
  int64_t n = (int64_t)data->samples;
  int decoded = data->encoding == 10 ? msr_decode_steim1(frames, (int)data->length, n, theirs, 4 * n, "", swap)
                                     : msr_decode_steim2(frames, (int)data->length, n, theirs, 4 * n, "", swap);
  bool agrees = decoded == n && theirs[n - 1] == (int32_t)record_u32(data->frames + 8, data->order);
  free(frames);
  return agrees;
}

static void assert_as_libmseed(const steim_data *data, uint64_t seed)
{
  bool taken = libmseed_takes(data);
  const char *fault = steim_decode(data, ours, NULL);
  if ((fault == NULL) != taken)
    fail_msg("seed %llu: libmseed %s it; %s", (unsigned long long)seed, taken ? "takes" : "refuses", fault ? fault : "taken here");
  assert_ptr_equal(steim_decode(data, NULL, values), fault);
  assert_ptr_equal(steim_decode_plain(data, plain, NULL), fault);
  for (size_t i = 0; taken && i < data->samples; i++)
    if (ours[i] != theirs[i] || plain[i] != theirs[i] || values[i] != theirs[i])
      fail_msg("seed %llu: sample %zu is %d, not %d", (unsigned long long)seed, i, ours[i], theirs[i]);
}

/* Steps of all sizes up to 30 bits, so that every packing is used. */
static steim_data make_data(random_source *random, int encoding, bool little)
{
  static double walk[MOST];
  int32_t samples = (int32_t)random_below(random, 1500) + 1;
  double value = 0;
  for (int32_t i = 0; i < samples; i++) {
    double limit = (double)(INT64_C(1) << random_below(random, 29));
    double step = (double)random_below(random, 2 * (int64_t)limit + 1) - limit;
    value += value + step > 1e9 || value + step < -1e9 ? -step : step;
    walk[i] = value;
  }
  ingest_record record = made_header(encoding, samples);
  static made_records made;
  made.count = made.used = 0;
  assert_int_equal(ingest_record_write(&record, walk, 0, made_collect, &made), 1);
  memcpy(bytes, made.bytes, made.used);
  if (little)
    made_little_endian(bytes, made.used);
  return (steim_data){bytes + 64, made.used - 64, (size_t)samples, encoding, little ? RECORD_LITTLE_ENDIAN : RECORD_BIG_ENDIAN};
}

static void every_packing_in_both_byte_orders_decodes_as_libmseed_decodes_it(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 800; seed++) {
    random_source random = {seed};
    steim_data data = make_data(&random, seed % 2 ? 10 : 11, seed / 2 % 2);
    assert_true(libmseed_takes(&data));
    assert_as_libmseed(&data, seed);
  }
}

static void bent_frames_are_refused_when_libmseed_refuses_them(void **state)
{
  (void)state;
  size_t refused = 0;
  for (uint64_t seed = 1; seed <= 3000; seed++) {
    random_source random = {seed};
    steim_data data = make_data(&random, seed % 2 ? 10 : 11, seed / 2 % 2);
    for (int64_t n = random_below(&random, 4); n >= 0; n--)
      bytes[64 + (size_t)random_below(&random, (int64_t)data.length)] ^= (uint8_t)(1 << random_below(&random, 8));
    data.samples += (size_t)random_below(&random, 3);
    assert_as_libmseed(&data, seed);
    refused += !libmseed_takes(&data);
  }
  assert_true(refused > 1000);
}

/* Exactly as large as stated, so that the sanitizer sees a write or read past the end; at every alignment. */
static void nothing_is_written_or_read_past_the_end(void **state)
{
  (void)state;
  random_source random = {5};
  for (size_t shift = 0; shift < 8; shift++) {
    steim_data data = make_data(&random, 11, false);
    uint8_t *exact = malloc(data.length + shift);
    memcpy(exact + shift, data.frames, data.length);
    data.frames = exact + shift;
    int32_t *counts = malloc(4 * data.samples);
    double *reals = malloc(8 * data.samples);
    assert_null(steim_decode(&data, counts, NULL));
    assert_null(steim_decode(&data, NULL, reals));
    assert_null(steim_decode_plain(&data, NULL, reals));
    free(reals);
    free(counts);
    free(exact);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_packing_in_both_byte_orders_decodes_as_libmseed_decodes_it),
      cmocka_unit_test(bent_frames_are_refused_when_libmseed_refuses_them),
      cmocka_unit_test(nothing_is_written_or_read_past_the_end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
