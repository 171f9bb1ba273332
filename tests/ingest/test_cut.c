#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "made.h"

static made_records pieces;
static uint8_t whole[INGEST_RECORD_MAXIMUM];
static double expected[65535], decoded[65535];

static const char *cut(size_t length, double seconds, int64_t shift)
{
  pieces.count = pieces.used = 0;
  return ingest_record_cut(whole, length, seconds, shift, made_collect, &pieces);
}

static size_t make_whole(ingest_record record, uint64_t seed)
{
  random_source random = {seed};
  made_walk(&random, expected, (size_t)record.samples);
  pieces.count = pieces.used = 0;
  assert_int_equal(ingest_record_write(&record, expected, 0, made_collect, &pieces), 1);
  memcpy(whole, pieces.bytes, pieces.used);
  return pieces.used;
}

static ingest_record piece(size_t index, double *values)
{
  ingest_record record;
  const char *fault = ingest_record_decode(pieces.bytes + pieces.offsets[index], pieces.lengths[index], &record, values, 65535);
  if (fault)
    fail_msg("%s", fault);
  return record;
}

/* Joined again, the pieces are the whole: no sample lost, none twice, each at its time to the microsecond, none across a multiple of `seconds`. */
static void assert_pieces_are_the_whole(const ingest_record *record, double seconds, int64_t shift)
{
  size_t n = 0;
  int64_t period = llround(seconds * 1e9);
  for (size_t i = 0; i < pieces.count; i++) {
    ingest_record part = piece(i, decoded);
    int64_t start = record->start + shift + llround((double)n / record->rate * 1e9);
    assert_true(llabs(part.start - start) <= 500);
    assert_int_equal(part.encoding, record->encoding);
    assert_true(part.rate == record->rate);
    assert_memory_equal(decoded, expected + n, (size_t)part.samples * sizeof *decoded);
    assert_true(ingest_record_last(&part) < (part.start / period + 1) * period + 500);
    if (i > 0)
      assert_true(part.start / period > piece(i - 1, decoded).start / period);
    n += (size_t)part.samples;
  }
  assert_int_equal(n, record->samples);
}

static void pieces_joined_are_the_whole_and_end_at_multiples_of_utc(void **state)
{
  (void)state;
  static const double rates[] = {100, 31.25, 200, 40, 1}, seconds[] = {1, 0.5, 2, 0.1, 7, 60};
  for (uint64_t seed = 1; seed <= 300; seed++) {
    random_source random = {seed};
    ingest_record record = made_header(made_encodings[seed % 6], (int32_t)random_below(&random, 3000) + 1);
    record.rate = rates[random_below(&random, 5)];
    record.start += random_below(&random, 10000000) * 1000;
    double period = seconds[random_below(&random, 6)];
    size_t length = make_whole(record, seed);
    if (cut(length, period, 0))
      fail_msg("seed %llu is not cut", (unsigned long long)seed);
    assert_pieces_are_the_whole(&record, period, 0);
  }
}

static void a_sample_on_the_boundary_begins_a_piece(void **state)
{
  (void)state;
  ingest_record record = made_header(11, 250);
  record.start += INGEST_SECOND / 2;
  assert_null(cut(make_whole(record, 1), 1, 0));
  assert_int_equal(pieces.count, 3);
  assert_int_equal(piece(0, decoded).samples, 50);
  assert_int_equal(piece(1, decoded).samples, 100);
  assert_int_equal(piece(2, decoded).samples, 100);
  assert_int_equal(piece(1, decoded).start, record.start + INGEST_SECOND / 2);
}

/* At 3 samples/s the third sample after .333333 s is at .999999667 s, which a record states as the next second. */
static void a_sample_that_is_stated_on_the_boundary_begins_a_piece(void **state)
{
  (void)state;
  ingest_record record = made_header(3, 10);
  record.rate = 3;
  record.start += 333333000;
  assert_null(cut(make_whole(record, 1), 1, 0));
  assert_int_equal(piece(0, decoded).samples, 2);
  assert_int_equal(piece(1, decoded).start % INGEST_SECOND, 0);
}

static void a_piece_is_as_long_as_needed(void **state)
{
  (void)state;
  ingest_record record = made_header(11, 2000);
  size_t length = make_whole(record, 1);
  assert_null(cut(length, 1, 0));
  for (size_t i = 0; i < pieces.count; i++)
    assert_true(pieces.lengths[i] <= 512);
}

static void a_record_that_needs_no_cut_is_handed_on_as_it_is(void **state)
{
  (void)state;
  ingest_record record = made_header(10, 100);
  size_t length = make_whole(record, 1);
  made_little_endian(whole, length);
  static const double seconds[] = {0, 1, 3600, -1};
  for (size_t i = 0; i < 4; i++) {
    assert_null(cut(length, seconds[i], 0));
    assert_int_equal(pieces.count, 1);
    assert_int_equal(pieces.lengths[0], length);
    assert_memory_equal(pieces.bytes, whole, length);
  }
}

static void a_shift_moves_every_piece(void **state)
{
  (void)state;
  static const int64_t shifts[] = {86400 * INGEST_SECOND, -3 * INGEST_SECOND, 123456000};
  ingest_record record = made_header(11, 777);
  size_t length = make_whole(record, 1);
  for (size_t i = 0; i < 3; i++) {
    assert_null(cut(length, 1, shifts[i]));
    assert_pieces_are_the_whole(&record, 1, shifts[i]);
    assert_null(cut(length, 0, shifts[i]));
    assert_int_equal(pieces.count, 1);
    assert_int_equal(piece(0, decoded).start, record.start + shifts[i]);
    assert_memory_equal(decoded, expected, 777 * sizeof *decoded);
  }
}

static void flags_and_true_rate_go_with_every_piece(void **state)
{
  (void)state;
  ingest_record record = made_header(3, 300);
  record.clipped = record.time_doubtful = true;
  record.timing_quality = 33;
  record.rate = (double)99.987f;
  assert_null(cut(make_whole(record, 1), 1, 0));
  assert_true(pieces.count > 2);
  for (size_t i = 0; i < pieces.count; i++) {
    ingest_record part = piece(i, decoded);
    assert_true(part.clipped && part.time_doubtful && part.timing_quality == 33 && part.rate == record.rate);
  }
}

static void pieces_of_version_3_are_version_3_and_keep_what_was_stated(void **state)
{
  (void)state;
  static const double rates[] = {100, 31.25, 99.987, 1}, seconds[] = {1, 0.5, 7, 60};
  for (uint64_t seed = 1; seed <= 100; seed++) {
    random_source random = {seed};
    ingest_record record = made_header(made_encodings[seed % 6], (int32_t)random_below(&random, 3000) + 1);
    record.version = 3;
    record.rate = rates[random_below(&random, 4)];
    record.start += random_below(&random, 10 * INGEST_SECOND);
    record.clipped = record.time_doubtful = record.clock_locked = seed % 2;
    record.timing_quality = 33;
    double period = seconds[random_below(&random, 4)];
    assert_null(cut(make_whole(record, seed), period, 0));
    assert_pieces_are_the_whole(&record, period, 0);
    for (size_t i = 0; i < pieces.count; i++) {
      ingest_record part = piece(i, decoded);
      assert_true(part.version == 3 && part.clipped == record.clipped && part.time_doubtful == record.time_doubtful);
      assert_true(part.clock_locked == record.clock_locked && part.timing_quality == 33);
    }
    assert_null(cut(make_whole(record, seed), 0, 5));
    assert_true(piece(0, decoded).start == record.start + 5);
  }
}

static void a_correction_of_the_time_is_applied_once(void **state)
{
  (void)state;
  ingest_record record = made_header(11, 300);
  size_t length = make_whole(record, 1);
  whole[42] = 0x27, whole[43] = 0x10; /* 10,000 tenths of milliseconds */
  assert_null(cut(length, 1, 0));
  record.start += INGEST_SECOND;
  assert_pieces_are_the_whole(&record, 1, 0);
}

static void a_broken_record_is_told_and_not_cut(void **state)
{
  (void)state;
  size_t length = make_whole(made_header(11, 300), 1);
  whole[64 + 11] ^= 1;
  assert_non_null(cut(length, 1, 0));
  assert_int_equal(pieces.count, 0);
  assert_non_null(cut(length - 1, 1, 0));
}

static void extreme_lengths_are_cut_too(void **state)
{
  (void)state;
  ingest_record record = made_header(3, 16000);
  size_t length = make_whole(record, 1);
  assert_null(cut(length, 0.05, 0));
  assert_pieces_are_the_whole(&record, 0.05, 0);
  assert_null(cut(length, 1e-9, 0));
  assert_null(cut(length, 1e300, 0));
  assert_int_equal(pieces.count, 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pieces_joined_are_the_whole_and_end_at_multiples_of_utc),
      cmocka_unit_test(a_sample_on_the_boundary_begins_a_piece),
      cmocka_unit_test(a_sample_that_is_stated_on_the_boundary_begins_a_piece),
      cmocka_unit_test(a_piece_is_as_long_as_needed),
      cmocka_unit_test(a_record_that_needs_no_cut_is_handed_on_as_it_is),
      cmocka_unit_test(a_shift_moves_every_piece),
      cmocka_unit_test(flags_and_true_rate_go_with_every_piece),
      cmocka_unit_test(pieces_of_version_3_are_version_3_and_keep_what_was_stated),
      cmocka_unit_test(a_correction_of_the_time_is_applied_once),
      cmocka_unit_test(a_broken_record_is_told_and_not_cut),
      cmocka_unit_test(extreme_lengths_are_cut_too),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
