#include <stdlib.h>
#include <string.h>

#include "made.h"

static uint8_t stream[400000];

static ingest_frame_result frame_of(const uint8_t *bytes, size_t length)
{
  return ingest_frame(bytes, length);
}

static void whole_records_of_every_length_are_framed(void **state)
{
  (void)state;
  for (int length = INGEST_RECORD_MINIMUM; length <= INGEST_RECORD_MAXIMUM; length *= 2)
    for (int little = 0; little < 2; little++) {
      memset(stream, 0, sizeof stream);
      made_record(10, 20, length, 1, stream);
      if (little)
        made_little_endian(stream, (size_t)length);
      ingest_frame_result result = frame_of(stream, (size_t)length + 100);
      assert_int_equal(result.framing, INGEST_FRAME_RECORD);
      assert_int_equal(result.length, length);
      assert_null(result.reason);
    }
}

static void a_record_in_part_asks_for_more(void **state)
{
  (void)state;
  made_record(11, 50, 512, 1, stream);
  for (size_t length = 0; length < 512; length++) {
    uint8_t *part = malloc(length + (length == 0));
    memcpy(part, stream, length);
    ingest_frame_result result = frame_of(part, length);
    assert_int_equal(result.framing, INGEST_FRAME_PARTIAL);
    assert_true(result.length > length && result.length <= INGEST_RECORD_MAXIMUM);
    free(part);
  }
}

static size_t frame_all(const uint8_t *bytes, size_t length, size_t *skipped)
{
  size_t records = 0;
  *skipped = 0;
  for (size_t at = 0; at < length;) {
    ingest_frame_result result = frame_of(bytes + at, length - at);
    assert_true(result.framing == INGEST_FRAME_PARTIAL || (result.length > 0 && result.length <= length - at));
    if (result.framing == INGEST_FRAME_PARTIAL) {
      *skipped += length - at;
      break;
    }
    records += result.framing == INGEST_FRAME_RECORD;
    if (result.framing == INGEST_FRAME_SKIP) {
      assert_non_null(result.reason);
      *skipped += result.length;
    }
    at += result.length;
  }
  return records;
}

static void garbage_between_records_is_stepped_over(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 200; seed++) {
    random_source random = {seed};
    size_t used = 0, garbage = 0, skipped;
    for (int i = 0; i < 5; i++) {
      size_t n = (size_t)random_below(&random, 700);
      for (size_t k = 0; k < n; k++)
        stream[used++] = (uint8_t)random_below(&random, seed % 2 ? 256 : 58);
      garbage += n;
      used += made_record(11, 60, 256, seed, stream + used);
    }
    assert_int_equal(frame_all(stream, used, &skipped), 5);
    assert_int_equal(skipped, garbage);
  }
}

static void a_record_cut_short_costs_only_itself(void **state)
{
  (void)state;
  for (size_t cut = 1; cut < 512; cut++) {
    size_t skipped, used = cut;
    made_record(11, 100, 512, 1, stream);
    used += made_record(11, 100, 512, 2, stream + used);
    used += made_record(11, 100, 512, 3, stream + used);
    assert_int_equal(frame_all(stream, used, &skipped), 2);
    assert_int_equal(skipped, cut);
  }
}

/* Bytes come in pieces of any size: what is framed must not depend on them. */
static void any_cutting_into_reads_frames_the_same(void **state)
{
  (void)state;
  random_source random = {11};
  size_t used = 0, skipped;
  for (int i = 0; i < 30; i++) {
    used += made_record(10, 60, 512, (uint64_t)i, stream + used) - (i % 7 == 3 ? 100 : 0);
    for (int64_t n = random_below(&random, 80); n > 0 && i % 5 == 0; n--)
      stream[used++] = (uint8_t)random_next(&random);
  }
  size_t whole = frame_all(stream, used, &skipped), records = 0, begin = 0, end = 0;
  for (; end < used;) {
    end += (size_t)random_below(&random, 700);
    end = end < used ? end : used;
    for (ingest_frame_result result; begin < end; begin += result.length) {
      result = frame_of(stream + begin, end - begin);
      if (result.framing == INGEST_FRAME_PARTIAL)
        break;
      records += result.framing == INGEST_FRAME_RECORD;
    }
  }
  assert_true(whole >= 25);
  assert_int_equal(records, whole);
}

static void assert_skipped(const char *reason)
{
  ingest_frame_result result = frame_of(stream, 512);
  assert_int_equal(result.framing, INGEST_FRAME_SKIP);
  assert_non_null(strstr(result.reason, reason));
}

static void what_cannot_be_framed_is_skipped_with_its_reason(void **state)
{
  (void)state;
  made_record(11, 100, 512, 1, stream);
  stream[47] = 0;
  assert_skipped("without blockette 1000");
  made_record(11, 100, 512, 1, stream);
  stream[54] = 6;
  assert_skipped("outside 128..65536");
  made_record(11, 100, 512, 1, stream);
  stream[47] = 30;
  assert_skipped("does not rise");
  stream[46] = stream[47] = 0xff;
  assert_skipped("does not rise");
  memset(stream, 0, 512);
  memcpy(stream, "MS\3", 3);
  assert_skipped("miniSEED 3");
  memcpy(stream, "000001V 010", 11);
  assert_skipped("no miniSEED 2 record header");
}

static void a_chain_of_blockettes_that_turns_back_ends(void **state)
{
  (void)state;
  made_record(11, 100, 512, 1, stream);
  stream[48] = 0;
  stream[49] = 201;
  stream[51] = 48;
  assert_skipped("does not rise");
}

static void no_single_flipped_bit_leads_astray(void **state)
{
  (void)state;
  for (size_t bit = 0; bit < 8 * 512; bit++) {
    size_t skipped, used = made_record(10, 100, 512, 1, stream);
    used += made_record(10, 100, 512, 2, stream + used);
    stream[bit / 8] ^= (uint8_t)(1u << bit % 8);
    uint8_t *exact = malloc(used);
    memcpy(exact, stream, used);
    size_t records = frame_all(exact, used, &skipped);
    if (records == 0)
      fail_msg("bit %zu of the first record loses the second", bit);
    free(exact);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(whole_records_of_every_length_are_framed),   cmocka_unit_test(a_record_in_part_asks_for_more),
      cmocka_unit_test(garbage_between_records_is_stepped_over),    cmocka_unit_test(a_record_cut_short_costs_only_itself),
      cmocka_unit_test(any_cutting_into_reads_frames_the_same),     cmocka_unit_test(what_cannot_be_framed_is_skipped_with_its_reason),
      cmocka_unit_test(a_chain_of_blockettes_that_turns_back_ends), cmocka_unit_test(no_single_flipped_bit_leads_astray),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
