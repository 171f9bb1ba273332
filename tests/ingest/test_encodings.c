#include "encodings.h"

#include <libmseed.h>
#include <stdlib.h>

#include "made.h"

enum { SAMPLES = 16384, HEADER = 64, EVERY = 65536 };

static uint8_t bytes[INGEST_RECORD_MAXIMUM];
static double decoded[RECORD_SAMPLES_MAXIMUM];
static made_records pieces;

/* A record of an encoding that nobody writes: the header of 16-bit integers, the code changed, the words put by hand. */
static void make_old(int encoding, bool little, size_t size, uint32_t first)
{
  made_record(1, SAMPLES, 65536, 1, bytes);
  if (little)
    made_little_endian(bytes, 65536);
  bytes[52] = (uint8_t)encoding;
  for (uint32_t i = 0; i < SAMPLES; i++)
    for (size_t k = 0; k < size; k++)
      bytes[HEADER + size * i + (little ? k : size - 1 - k)] = (uint8_t)((first + i) >> 8 * k);
}

static void assert_as_libmseed(void)
{
  ingest_record record;
  MSRecord *theirs = NULL;
  assert_null(ingest_record_decode(bytes, 65536, &record, decoded, RECORD_SAMPLES_MAXIMUM));
  assert_int_equal(msr_unpack((char *)bytes, 65536, &theirs, 1, 0), MS_NOERROR);
  assert_int_equal(theirs->numsamples, SAMPLES);
  for (size_t i = 0; i < SAMPLES; i++) {
    double value = theirs->sampletype == 'i' ? ((const int32_t *)theirs->datasamples)[i] : (double)((const float *)theirs->datasamples)[i];
    if (value != decoded[i])
      fail_msg("encoding %d, sample %zu is %g, not %g", record.encoding, i, decoded[i], value);
  }
  msr_free(&theirs);
}

/* Every word of 16 bits; of 24 bits every 64th block, negative and positive. SRO gains above 10 are none. */
static void every_word_of_the_old_encodings_decodes_as_libmseed_decodes_it(void **state)
{
  (void)state;
  static const int encodings[] = {13, 14, 16, 30, 32};
  for (size_t e = 0; e < sizeof encodings / sizeof *encodings; e++)
    for (uint32_t first = 0; first < EVERY && (encodings[e] != 30 || first < 0x8000); first += SAMPLES)
      for (int little = 0; little < 2; little++) {
        make_old(encodings[e], little, 2, first);
        assert_as_libmseed();
      }
  for (uint32_t first = 0; first < 1 << 24; first += 64 * SAMPLES) {
    make_old(12, false, 3, first);
    assert_as_libmseed();
  }
}

/* libmseed 2.19 puts the three bytes of a little-endian sample one place too high. */
static void little_endian_samples_of_24_bits_are_signed(void **state)
{
  (void)state;
  ingest_record record;
  make_old(12, true, 3, (1 << 24) - SAMPLES / 2);
  assert_null(ingest_record_decode(bytes, 65536, &record, decoded, RECORD_SAMPLES_MAXIMUM));
  for (int i = 0; i < SAMPLES; i++)
    assert_true(decoded[i] == i - SAMPLES / 2);
}

static void an_impossible_gain_is_refused(void **state)
{
  (void)state;
  ingest_record record;
  make_old(30, false, 2, 0xb000 - SAMPLES + 1);
  assert_non_null(strstr(ingest_record_decode(bytes, 65536, &record, decoded, RECORD_SAMPLES_MAXIMUM), "gain beyond 10"));
}

static void more_samples_than_have_room_are_refused_in_every_encoding(void **state)
{
  (void)state;
  static const int encodings[] = {12, 13, 14, 16, 30, 32};
  for (size_t e = 0; e < sizeof encodings / sizeof *encodings; e++) {
    ingest_record record;
    size_t size = encoding_sample_size(encodings[e]), most = (65536 - HEADER) / size;
    make_old(encodings[e], false, size, 0);
    for (size_t more = 0; more < 2; more++) {
      bytes[30] = (uint8_t)((most + more) >> 8);
      bytes[31] = (uint8_t)(most + more);
      assert_int_equal(ingest_record_read(bytes, 65536, &record) == NULL, more == 0);
    }
  }
}

static void what_is_not_read_is_refused_by_its_name(void **state)
{
  (void)state;
  static const struct {
    int version, encoding;
    const char *name;
  } cases[] = {{2, 0, "text"},  {3, 0, "text"},  {3, 100, "opaque"}, {2, 15, "US National"}, {2, 17, "Graefenberg"}, {2, 18, "IPG"},
               {2, 31, "HGLP"}, {2, 33, "RSTN"}, {3, 12, "unknown"}, {3, 32, "unknown"},     {2, 99, "unknown"},     {2, 255, "unknown"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const char *refusal = encoding_refusal(cases[i].version, cases[i].encoding);
    assert_non_null(refusal);
    assert_non_null(strstr(refusal, cases[i].name));
  }
  for (size_t e = 0; e < 6; e++)
    for (int version = 2; version <= 3; version++)
      assert_null(encoding_refusal(version, made_encodings[e]));
}

/* Cut, an old record becomes Steim-2 or floats: the samples stay. */
static void an_old_record_is_cut_without_loss(void **state)
{
  (void)state;
  static const int encodings[] = {12, 13, 14, 16, 30, 32};
  static double whole[SAMPLES];
  for (size_t e = 0; e < sizeof encodings / sizeof *encodings; e++) {
    ingest_record record;
    size_t n = 0;
    make_old(encodings[e], e % 2, encoding_sample_size(encodings[e]), 1000);
    assert_null(ingest_record_decode(bytes, 65536, &record, whole, SAMPLES));
    pieces.count = pieces.used = 0;
    assert_null(ingest_record_cut(bytes, 65536, 10, 0, made_collect, &pieces));
    assert_true(pieces.count > 10);
    for (size_t i = 0; i < pieces.count; n += (size_t)record.samples, i++) {
      assert_null(ingest_record_decode(pieces.bytes + pieces.offsets[i], pieces.lengths[i], &record, decoded, RECORD_SAMPLES_MAXIMUM));
      assert_memory_equal(decoded, whole + n, (size_t)record.samples * sizeof *decoded);
    }
    assert_int_equal(n, SAMPLES);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_word_of_the_old_encodings_decodes_as_libmseed_decodes_it),
      cmocka_unit_test(little_endian_samples_of_24_bits_are_signed),
      cmocka_unit_test(an_impossible_gain_is_refused),
      cmocka_unit_test(more_samples_than_have_room_are_refused_in_every_encoding),
      cmocka_unit_test(what_is_not_read_is_refused_by_its_name),
      cmocka_unit_test(an_old_record_is_cut_without_loss),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
