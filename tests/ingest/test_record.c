#include <dirent.h>
#include <libmseed.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "made.h"

enum { SAMPLES = 300, CAPACITY = 65535 };

static double decoded[CAPACITY];

static void assert_same_walk(uint64_t seed, size_t count)
{
  random_source random = {seed};
  double *walk = calloc(count, sizeof *walk);
  made_walk(&random, walk, count);
  assert_memory_equal(decoded, walk, count * sizeof *walk);
  free(walk);
}

static void assert_decodes(const uint8_t *bytes, size_t length, ingest_record *record)
{
  const char *fault = ingest_record_decode(bytes, length, record, decoded, CAPACITY);
  if (fault)
    fail_msg("%s", fault);
}

static void every_encoding_and_byte_order_decodes_to_what_was_written(void **state)
{
  (void)state;
  static uint8_t bytes[INGEST_RECORD_MAXIMUM];
  for (size_t e = 0; e < 6; e++)
    for (uint64_t seed = 1; seed <= 20; seed++) {
      ingest_record record;
      size_t length = made_record(made_encodings[e], SAMPLES, 0, seed, bytes);
      assert_decodes(bytes, length, &record);
      assert_same_walk(seed, SAMPLES);
      made_little_endian(bytes, length);
      assert_decodes(bytes, length, &record);
      assert_same_walk(seed, SAMPLES);
      assert_int_equal(record.samples, SAMPLES);
      assert_string_equal(record.codes.station, "MADE");
    }
}

static void put(uint8_t *bytes, uint64_t value, size_t size)
{
  for (size_t i = size; i-- > 0; value >>= 8)
    bytes[i] = (uint8_t)value;
}

/* A header alone, to be bent by each test: big-endian, two 16-bit samples, 100 samples/s. */
static size_t plain(uint8_t *bytes)
{
  return made_record(1, 2, 128, 1, bytes);
}

static ingest_record header_of(const uint8_t *bytes, size_t length)
{
  ingest_record record;
  const char *fault = ingest_record_read(bytes, length, &record);
  if (fault)
    fail_msg("%s", fault);
  return record;
}

static void factor_and_multiplier_give_the_rate(void **state)
{
  (void)state;
  static const struct {
    int factor, multiplier;
    double rate;
  } cases[] = {{100, 1, 100}, {20, 5, 100}, {1000, -8, 125}, {-10, 1, 0.1}, {-50, -2, 0.01}, {-4, 125, 31.25}};
  uint8_t bytes[128];
  size_t length = plain(bytes);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    put(bytes + 32, (uint64_t)cases[i].factor, 2);
    put(bytes + 34, (uint64_t)cases[i].multiplier, 2);
    assert_float_equal(header_of(bytes, length).rate, cases[i].rate, 1e-12);
  }
}

static void a_stated_true_rate_overrides_the_factors(void **state)
{
  (void)state;
  uint8_t bytes[256] = {0};
  size_t length = made_record(1, 2, 256, 1, bytes);
  put(bytes + 58, 64, 2);
  put(bytes + 64, 100, 2);
  put(bytes + 66, 0, 2);
  float rate = 99.987f;
  uint32_t bits;
  memcpy(&bits, &rate, sizeof bits);
  put(bytes + 68, bits, 4);
  put(bytes + 44, 128, 2);
  assert_float_equal(header_of(bytes, length).rate, 99.987, 1e-5);
}

static void a_time_correction_is_added_only_once(void **state)
{
  (void)state;
  uint8_t bytes[128];
  size_t length = plain(bytes);
  int64_t start = header_of(bytes, length).start;
  put(bytes + 40, (uint64_t)-12345, 4);
  assert_int_equal(header_of(bytes, length).start, start - INT64_C(1234500000));
  bytes[36] |= 2;
  assert_int_equal(header_of(bytes, length).start, start);
}

static void microseconds_are_signed(void **state)
{
  (void)state;
  uint8_t bytes[128];
  size_t length = plain(bytes);
  int64_t start = header_of(bytes, length).start;
  bytes[61] = (uint8_t)-50;
  assert_int_equal(header_of(bytes, length).start, start - 50000);
  bytes[61] = 99;
  assert_int_equal(header_of(bytes, length).start, start + 99000);
}

static void flags_are_read(void **state)
{
  (void)state;
  uint8_t bytes[128];
  size_t length = plain(bytes);
  ingest_record record = header_of(bytes, length);
  assert_false(record.clipped || record.time_doubtful);
  assert_int_equal(record.timing_quality, 100);
  bytes[38] = 2;
  assert_true(header_of(bytes, length).clipped);
  bytes[38] = 128;
  assert_true(header_of(bytes, length).time_doubtful);
  assert_false(record.clock_locked);
  bytes[37] = 32;
  assert_true(header_of(bytes, length).clock_locked);
  bytes[60] = 200;
  assert_int_equal(header_of(bytes, length).timing_quality, -1);
}

static void every_blockette_says_the_same_in_both_byte_orders(void **state)
{
  (void)state;
  static uint8_t bytes[INGEST_RECORD_MAXIMUM];
  for (size_t e = 0; e < 6; e++) {
    ingest_record made = made_header(made_encodings[e], SAMPLES), record;
    made.rate = 99.987;
    made.start += 123457000;
    made.timing_quality = 42;
    size_t length = made_as(made, 0, 5, bytes);
    put(bytes + 40, 777, 4);
    for (int little = 0; little < 2; little++) {
      if (little)
        made_little_endian(bytes, length);
      assert_decodes(bytes, length, &record);
      assert_same_walk(5, SAMPLES);
      assert_true(record.start == made.start + 77700000 && record.rate == (double)99.987f && record.timing_quality == 42);
    }
  }
}

static void two_dashes_are_a_blank_location(void **state)
{
  (void)state;
  uint8_t bytes[128];
  size_t length = plain(bytes);
  memcpy(bytes + 13, "--", 2);
  assert_string_equal(header_of(bytes, length).codes.location, "");
  memcpy(bytes + 13, "  ", 2);
  assert_string_equal(header_of(bytes, length).codes.location, "");
}

static void a_broken_header_is_refused_with_its_reason(void **state)
{
  (void)state;
  static const struct {
    size_t at;
    uint64_t value;
    size_t size;
  } breaks[] = {{20, 1899, 2}, {20, 2101, 2}, {22, 0, 2},    {22, 367, 2}, {24, 24, 1},  {25, 60, 1},   {26, 61, 1}, {28, 10000, 2},
                {30, 0, 2},    {32, 0, 2},    {34, 0, 2},    {44, 0, 2},   {44, 40, 2},  {44, 200, 2},  {46, 20, 2}, {46, 200, 2},
                {8, '"', 1},   {15, '\\', 1}, {18, 0xc3, 1}, {52, 0, 1},   {52, 15, 1},  {52, 99, 1},   {54, 6, 1},  {54, 17, 1},
                {54, 255, 1},  {54, 8, 1},    {50, 48, 2},   {50, 52, 2},  {50, 127, 2}, {56, 1000, 2}, {30, 40, 2}, {22, 366 << 16 | 0, 2}};
  for (size_t i = 0; i < sizeof breaks / sizeof *breaks; i++) {
    uint8_t bytes[128];
    ingest_record record, untouched;
    size_t length = plain(bytes);
    memset(&record, 0x5a, sizeof record);
    untouched = record;
    put(bytes + breaks[i].at, breaks[i].value, breaks[i].size);
    const char *fault = ingest_record_read(bytes, length, &record);
    if (!fault)
      fail_msg("byte %zu = %llu is accepted", breaks[i].at, (unsigned long long)breaks[i].value);
    assert_true(fault && strlen(fault) > 5);
    assert_memory_equal(&record, &untouched, sizeof record);
  }
}

static void codes_are_refused_by_their_name(void **state)
{
  (void)state;
  static const struct {
    size_t at;
    const char *bytes, *reason;
  } cases[] = {{8, "M\"DE ", "station code holds"},    {13, "0/", "location code holds"},     {15, "H\nZ", "channel code holds"},
               {18, "\xc3\xa4", "network code holds"}, {8, "     ", "station code is blank"}, {15, "   ", "channel code is blank"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    uint8_t bytes[128];
    ingest_record record;
    size_t length = plain(bytes);
    memcpy(bytes + cases[i].at, cases[i].bytes, strlen(cases[i].bytes));
    const char *fault = ingest_record_read(bytes, length, &record);
    if (!fault || !strstr(fault, cases[i].reason))
      fail_msg("%s: %s", cases[i].reason, fault ? fault : "accepted");
  }
}

static void a_record_without_blockette_1000_holds_steim_1_or_is_refused(void **state)
{
  (void)state;
  static uint8_t bytes[INGEST_RECORD_MAXIMUM];
  for (size_t e = 0; e < 6; e++)
    for (int little = 0; little < 2; little++) {
      ingest_record record;
      size_t length = made_record(made_encodings[e], 100, 0, 4, bytes);
      if (little)
        made_little_endian(bytes, length);
      bytes[46] = bytes[47] = 0;
      const char *fault = ingest_record_decode(bytes, length, &record, decoded, CAPACITY);
      assert_int_equal(fault == NULL, made_encodings[e] == 10);
      if (!fault)
        assert_same_walk(4, 100);
    }
  ingest_record record;
  size_t length = made_record(10, 100, 512, 4, bytes);
  bytes[46] = bytes[47] = 0;
  assert_non_null(strstr(ingest_record_read(bytes, length - 64, &record), "no power of two"));
  put(bytes + 44, 56, 2);
  assert_non_null(strstr(ingest_record_read(bytes, length, &record), "no frames of Steim-1"));
}

static void day_366_stands_only_in_a_leap_year(void **state)
{
  (void)state;
  uint8_t bytes[128];
  ingest_record record;
  size_t length = plain(bytes);
  put(bytes + 22, 366, 2);
  assert_null(ingest_record_read(bytes, length, &record));
  put(bytes + 20, 2019, 2);
  assert_non_null(ingest_record_read(bytes, length, &record));
}

static void a_steim_record_whose_last_sample_disagrees_is_refused(void **state)
{
  (void)state;
  static uint8_t bytes[INGEST_RECORD_MAXIMUM];
  for (int encoding = 10; encoding <= 11; encoding++) {
    ingest_record record;
    size_t length = made_record(encoding, SAMPLES, 0, 3, bytes);
    bytes[64 + 11] ^= 1;
    assert_string_equal(ingest_record_decode(bytes, length, &record, decoded, CAPACITY),
                        "the last sample is not the one that the Steim frames state");
  }
}

static void a_float_that_is_no_number_is_refused(void **state)
{
  (void)state;
  static uint8_t bytes[INGEST_RECORD_MAXIMUM];
  ingest_record record;
  size_t length = made_record(4, 10, 0, 3, bytes);
  put(bytes + 64 + 4 * 5, 0x7fc00000, 4);
  assert_non_null(ingest_record_decode(bytes, length, &record, decoded, CAPACITY));
  put(bytes + 64 + 4 * 5, 0xff800000, 4);
  assert_non_null(ingest_record_decode(bytes, length, &record, decoded, CAPACITY));
}

static void too_small_a_buffer_is_never_written_past(void **state)
{
  (void)state;
  static uint8_t bytes[INGEST_RECORD_MAXIMUM];
  for (size_t e = 0; e < 6; e++) {
    ingest_record record;
    size_t length = made_record(made_encodings[e], SAMPLES, 0, 5, bytes);
    assert_non_null(ingest_record_decode(bytes, length, &record, decoded, SAMPLES - 1));
    assert_null(ingest_record_decode(bytes, length, &record, decoded, SAMPLES));
  }
}

/* On the heap, so that the sanitizer sees a read past the end. */
static void truncation_at_every_offset_is_refused(void **state)
{
  (void)state;
  static uint8_t bytes[INGEST_RECORD_MAXIMUM];
  for (size_t e = 0; e < 6; e++) {
    size_t length = made_record(made_encodings[e], 100, 0, 7, bytes);
    for (size_t cut = 0; cut < length; cut++) {
      ingest_record record;
      uint8_t *part = malloc(cut + (cut == 0));
      memcpy(part, bytes, cut);
      assert_non_null(ingest_record_decode(part, cut, &record, decoded, CAPACITY));
      free(part);
    }
  }
}

/* A flip in the header may change what is stated (time, rate, codes): nothing tells. One in the frames of a Steim record is found out by the last
 * sample. */
static void no_single_flipped_bit_crashes_or_slips_wrong_steim_samples_through(void **state)
{
  (void)state;
  static uint8_t bytes[INGEST_RECORD_MAXIMUM];
  for (size_t kind = 0; kind < 12; kind++) {
    int encoding = made_encodings[kind / 2];
    size_t count = encoding == 5 ? 50 : 100, length = made_record(encoding, (int32_t)count, 512, 9, bytes), accepted = 0;
    if (kind % 2)
      made_little_endian(bytes, length);
    for (size_t bit = 0; bit < 8 * length; bit++) {
      ingest_record record;
      uint8_t *bent = malloc(length);
      memcpy(bent, bytes, length);
      bent[bit / 8] ^= (uint8_t)(1u << bit % 8);
      bool is_taken = ingest_record_decode(bent, length, &record, decoded, CAPACITY) == NULL;
      accepted += is_taken;
      if (is_taken && encoding >= 10 && bit / 8 >= 64)
        assert_same_walk(9, count);
      free(bent);
    }
    assert_true(accepted > 0 && accepted < 8 * length);
  }
}

static void end_and_last_sample_follow_from_the_rate(void **state)
{
  (void)state;
  ingest_record record = made_header(1, 100);
  assert_int_equal(ingest_record_end(&record), record.start + INGEST_SECOND);
  assert_int_equal(ingest_record_last(&record), record.start + INGEST_SECOND - INGEST_SECOND / 100);
}

/* ---- beside libmseed, on the recordings ---- */

static void assert_as_libmseed(const char *path, const uint8_t *bytes, size_t length)
{
  MSRecord *theirs = NULL;
  ingest_record record;
  assert_decodes(bytes, length, &record);
  assert_int_equal(msr_unpack((char *)(uintptr_t)bytes, (int)length, &theirs, 1, 0), MS_NOERROR);
  assert_int_equal(theirs->numsamples, record.samples);
  assert_true(theirs->starttime * 1000 == record.start);
  assert_float_equal(theirs->samprate, record.rate, 1e-9);
  for (int64_t i = 0; i < theirs->numsamples; i++) {
    double value = theirs->sampletype == 'i'   ? ((const int32_t *)theirs->datasamples)[i]
                   : theirs->sampletype == 'f' ? (double)((const float *)theirs->datasamples)[i]
                                               : ((const double *)theirs->datasamples)[i];
    if (value != decoded[i])
      fail_msg("%s: sample %lld is %g, not %g", path, (long long)i, decoded[i], value);
  }
  msr_free(&theirs);
}

static size_t compare_file(const char *path)
{
  size_t length, records = 0;
  uint8_t *bytes = (uint8_t *)data_read(path, &length);
  for (size_t at = 0; at < length; records++) {
    ingest_frame_result next = ingest_frame(bytes + at, length - at);
    if (next.framing != INGEST_FRAME_RECORD)
      fail_msg("%s:%zu: no record", path, at);
    assert_as_libmseed(path, bytes + at, next.length);
    at += next.length;
  }
  free(bytes);
  return records;
}

static size_t compare_folder(const char *folder)
{
  size_t records = 0;
  DIR *directory = opendir(folder);
  for (const struct dirent *entry; directory && (entry = readdir(directory));) {
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
      records += compare_folder(path);
    else if (strlen(path) > 6 && strcmp(path + strlen(path) - 6, ".mseed") == 0)
      records += compare_file(path);
  }
  if (directory)
    closedir(directory);
  return records;
}

static void all_recordings_decode_as_libmseed_decodes_them(void **state)
{
  (void)state;
  char folder[1024];
  snprintf(folder, sizeof folder, "%s", data_path("README.md"));
  folder[strlen(folder) - strlen("/README.md")] = '\0';
  assert_true(compare_folder(folder) > 1000);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_encoding_and_byte_order_decodes_to_what_was_written),
      cmocka_unit_test(factor_and_multiplier_give_the_rate),
      cmocka_unit_test(a_stated_true_rate_overrides_the_factors),
      cmocka_unit_test(a_time_correction_is_added_only_once),
      cmocka_unit_test(microseconds_are_signed),
      cmocka_unit_test(flags_are_read),
      cmocka_unit_test(every_blockette_says_the_same_in_both_byte_orders),
      cmocka_unit_test(two_dashes_are_a_blank_location),
      cmocka_unit_test(a_broken_header_is_refused_with_its_reason),
      cmocka_unit_test(codes_are_refused_by_their_name),
      cmocka_unit_test(a_record_without_blockette_1000_holds_steim_1_or_is_refused),
      cmocka_unit_test(day_366_stands_only_in_a_leap_year),
      cmocka_unit_test(a_steim_record_whose_last_sample_disagrees_is_refused),
      cmocka_unit_test(a_float_that_is_no_number_is_refused),
      cmocka_unit_test(too_small_a_buffer_is_never_written_past),
      cmocka_unit_test(truncation_at_every_offset_is_refused),
      cmocka_unit_test(no_single_flipped_bit_crashes_or_slips_wrong_steim_samples_through),
      cmocka_unit_test(end_and_last_sample_follow_from_the_rate),
      cmocka_unit_test(all_recordings_decode_as_libmseed_decodes_them),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
