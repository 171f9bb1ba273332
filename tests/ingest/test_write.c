#include <libmseed.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "made.h"

static made_records written;
static double values[65535], decoded[65535];

static int write_walk(const ingest_record *record, int length, uint64_t seed)
{
  random_source random = {seed};
  made_walk(&random, values, (size_t)record->samples);
  written.count = written.used = 0;
  return ingest_record_write(record, values, length, made_collect, &written);
}

/* All samples of the records written, one after another in `decoded`; each must begin where the one before ended. */
static size_t read_back(const ingest_record *whole)
{
  size_t n = 0;
  for (size_t i = 0; i < written.count; i++) {
    ingest_record record;
    const uint8_t *bytes = written.bytes + written.offsets[i];
    assert_null(ingest_record_decode(bytes, written.lengths[i], &record, decoded + n, 65535 - n));
    int64_t expected = whole->start + llround((double)n / whole->rate * 1e9);
    assert_true(llabs(record.start - expected) <= 500);
    assert_memory_equal(&record.codes, &whole->codes, sizeof record.codes);
    n += (size_t)record.samples;
  }
  return n;
}

static void samples_of_any_number_fill_records_of_any_length(void **state)
{
  (void)state;
  for (size_t e = 0; e < 6; e++)
    for (int length = 128; length <= 4096; length *= 2)
      for (int32_t samples = 1; samples < 3000; samples = samples * 3 + 1) {
        ingest_record record = made_header(made_encodings[e], samples);
        int records = write_walk(&record, length, (uint64_t)samples);
        assert_true(records >= 1);
        assert_int_equal(records, written.count);
        assert_int_equal(read_back(&record), samples);
        assert_memory_equal(decoded, values, (size_t)samples * sizeof *values);
        for (size_t i = 0; i < written.count; i++)
          assert_int_equal(written.lengths[i], length);
      }
}

static void length_0_is_the_smallest_record_that_holds_all(void **state)
{
  (void)state;
  for (size_t e = 0; e < 6; e++)
    for (int32_t samples = 1; samples < 7000; samples = samples * 2 + 1) {
      ingest_record record = made_header(made_encodings[e], samples);
      assert_int_equal(write_walk(&record, 0, 1), 1);
      size_t smallest = written.lengths[0];
      assert_int_equal(read_back(&record), samples);
      if (smallest > 128)
        assert_true(write_walk(&record, (int)smallest / 2, 1) > 1);
    }
}

static void libmseed_reads_the_same(void **state)
{
  (void)state;
  for (size_t e = 0; e < 6; e++) {
    ingest_record record = made_header(made_encodings[e], 90);
    record.start += 123456000;
    record.rate = 99.987;
    record.timing_quality = 77;
    assert_int_equal(write_walk(&record, 1024, 5), 1);
    MSRecord *theirs = NULL;
    assert_int_equal(msr_unpack((char *)written.bytes, 1024, &theirs, 1, 0), MS_NOERROR);
    assert_true(theirs->starttime * 1000 == record.start);
    assert_float_equal(theirs->samprate, 99.987, 1e-5);
    assert_int_equal(theirs->numsamples, 90);
    assert_string_equal(theirs->station, "MADE");
    assert_int_equal(theirs->Blkt1001->timing_qual, 77);
    msr_free(&theirs);
  }
}

static void what_is_stated_reads_back(void **state)
{
  (void)state;
  static const double rates[] = {100, 200, 31.25, 20, 0.1, 1, 40, 500, 99.9987, 3.0000001, 33.333333333};
  for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
    ingest_record record = made_header(11, 20), again;
    record.rate = rates[i];
    record.clipped = i % 2;
    record.time_doubtful = i % 3 == 0;
    record.timing_quality = (int8_t)(i % 4 == 0 ? -1 : 50);
    record.start += (int64_t)i * 1234567000;
    assert_int_equal(write_walk(&record, 0, 1), 1);
    assert_null(ingest_record_read(written.bytes, written.lengths[0], &again));
    assert_true(fabs(again.rate / record.rate - 1) < 1e-7);
    assert_int_equal(again.start, record.start);
    assert_int_equal(again.clipped, record.clipped);
    assert_int_equal(again.time_doubtful, record.time_doubtful);
    assert_int_equal(again.timing_quality, record.timing_quality);
  }
}

static void a_start_is_rounded_to_the_microsecond(void **state)
{
  (void)state;
  static const int64_t offsets[][2] = {{499, 0}, {500, 1000}, {-499, 0}, {-501, -1000}, {99999499, 99999000}, {999999999, 1000000000}};
  for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
    ingest_record record = made_header(1, 5), again;
    int64_t start = record.start;
    record.start += offsets[i][0];
    assert_int_equal(write_walk(&record, 0, 1), 1);
    assert_null(ingest_record_read(written.bytes, written.lengths[0], &again));
    assert_int_equal(again.start, start + offsets[i][1]);
  }
}

static void assert_refused(ingest_record record, double value, int length)
{
  written.count = written.used = 0;
  assert_int_equal(ingest_record_write(&record, &value, length, made_collect, &written), -1);
  assert_int_equal(written.count, 0);
}

static void what_does_not_fit_is_refused(void **state)
{
  (void)state;
  assert_refused(made_header(1, 1), 32768, 0);
  assert_refused(made_header(1, 1), -32769, 0);
  assert_refused(made_header(3, 1), 2147483648.0, 0);
  assert_refused(made_header(11, 1), 0.5, 0);
  assert_refused(made_header(10, 1), (double)NAN, 0);
  assert_refused(made_header(2, 1), 1, 0);
  assert_refused(made_header(3, 0), 1, 0);
  assert_refused(made_header(3, 1), 1, 100);
  assert_refused(made_header(3, 1), 1, 64);
  assert_refused(made_header(3, 1), 1, 131072);
  assert_refused(made_header(3, 1), 1, -512);
  ingest_record record = made_header(3, 1);
  strcpy(record.codes.station, "TOOLONG");
  assert_refused(record, 1, 0);
  record = made_header(3, 1);
  record.rate = 0;
  assert_refused(record, 1, 0);
}

static void a_difference_beyond_steim_2_is_refused_and_steim_1_holds_it(void **state)
{
  (void)state;
  double leap[] = {-2147483648.0, 2147483647.0, 0};
  ingest_record record = made_header(11, 3);
  written.count = written.used = 0;
  assert_int_equal(ingest_record_write(&record, leap, 0, made_collect, &written), -1);
  record.encoding = 10;
  assert_int_equal(ingest_record_write(&record, leap, 0, made_collect, &written), 1);
  assert_int_equal(read_back(&record), 3);
  assert_memory_equal(decoded, leap, sizeof leap);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(samples_of_any_number_fill_records_of_any_length),
      cmocka_unit_test(length_0_is_the_smallest_record_that_holds_all),
      cmocka_unit_test(libmseed_reads_the_same),
      cmocka_unit_test(what_is_stated_reads_back),
      cmocka_unit_test(a_start_is_rounded_to_the_microsecond),
      cmocka_unit_test(what_does_not_fit_is_refused),
      cmocka_unit_test(a_difference_beyond_steim_2_is_refused_and_steim_1_holds_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
