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
  for (int length = 128; length <= INGEST_RECORD_MAXIMUM; length *= 2)
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

static void assert_records_at(size_t used, const size_t *offsets, size_t count)
{
  size_t found = 0;
  for (size_t at = 0; at < used;) {
    ingest_frame_result result = frame_of(stream + at, used - at);
    assert_int_not_equal(result.framing, INGEST_FRAME_PARTIAL);
    if (result.framing == INGEST_FRAME_RECORD) {
      assert_true(found < count);
      assert_int_equal(at, offsets[found++]);
    }
    at += result.length;
  }
  assert_int_equal(found, count);
}

/* A version-2 record that lost less than the first eight bytes of the next one's header is taken for whole: nothing tells. */
static void a_record_cut_short_costs_only_itself(void **state)
{
  (void)state;
  for (size_t cut = 1; cut <= 512 - 8; cut++) {
    size_t used = cut;
    made_record(11, 100, 512, 1, stream);
    used += made_record(11, 100, 512, 2, stream + used);
    used += made_record(11, 100, 512, 3, stream + used);
    assert_records_at(used, (const size_t[]){cut, cut + 512}, 2);
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

/* Records of both versions in turn, some of version 3 cut short, some with garbage before them; the offsets and lengths of the whole ones. */
static size_t mix(uint64_t seed, size_t *offsets, size_t *lengths, size_t *whole)
{
  static const uint8_t likely[] = {'M', 'S', 3, '0'};
  random_source random = {seed};
  size_t used = 0;
  *whole = 0;
  for (uint64_t i = 0; i < 12; i++) {
    for (int64_t n = random_below(&random, 3) ? 0 : random_below(&random, 300); n > 0; n--)
      stream[used++] = random_below(&random, 4) ? (uint8_t)random_next(&random) : likely[random_below(&random, 4)];
    int encoding = made_encodings[random_below(&random, 6)];
    bool is_3 = random_below(&random, 2);
    size_t length = is_3 ? made_record3(encoding, 50, seed + i, stream + used) : made_record(encoding, 30, 512, seed + i, stream + used);
    if (is_3 && i < 11 && random_below(&random, 3) == 0) {
      used += (size_t)random_below(&random, (int64_t)length);
      continue;
    }
    offsets[*whole] = used;
    lengths[(*whole)++] = length;
    used += length;
  }
  return used;
}

/* Frames what lies between `begin` and `end`, checks each record's place and steps on. */
static size_t take_records(size_t begin, size_t end, const size_t *offsets, const size_t *lengths, size_t *found)
{
  while (begin < end) {
    uint8_t *exact = malloc(end - begin);
    memcpy(exact, stream + begin, end - begin);
    ingest_frame_result result = frame_of(exact, end - begin);
    free(exact);
    if (result.framing == INGEST_FRAME_PARTIAL)
      break;
    if (result.framing == INGEST_FRAME_RECORD) {
      assert_int_equal(begin, offsets[*found]);
      assert_int_equal(result.length, lengths[(*found)++]);
    }
    begin += result.length;
  }
  return begin;
}

static void versions_2_and_3_in_one_stream_are_framed_however_it_is_cut(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 60; seed++) {
    size_t offsets[12], lengths[12], whole, used = mix(seed, offsets, lengths, &whole);
    random_source random = {seed};
    for (int64_t most = 1; most < 3000; most = most * 5 + 1) {
      size_t begin = 0, found = 0;
      for (size_t end = 0; end < used; begin = take_records(begin, end, offsets, lengths, &found)) {
        end += (size_t)random_below(&random, most) + 1;
        end = end < used ? end : used;
      }
      if (found != whole)
        fail_msg("seed %llu: %zu records of %zu", (unsigned long long)seed, found, whole);
    }
  }
}

static void a_record_of_one_version_cut_short_costs_none_of_the_other(void **state)
{
  (void)state;
  for (int first_is_3 = 0; first_is_3 < 2; first_is_3++) {
    size_t whole = first_is_3 ? made_record3(3, 100, 1, stream) : made_record(11, 100, 512, 1, stream);
    for (size_t cut = 1; cut < (first_is_3 ? whole : whole - 15); cut++) {
      size_t used = cut, next;
      first_is_3 ? made_record3(3, 100, 1, stream) : made_record(11, 100, 512, 1, stream);
      used += first_is_3 ? made_record(11, 100, 512, 2, stream + used) : made_record3(11, 100, 2, stream + used);
      next = used;
      used += made_record3(5, 100, 3, stream + used);
      assert_records_at(used, (const size_t[]){cut, next}, 2);
    }
  }
}

static void a_flipped_bit_of_version_3_costs_that_record_only(void **state)
{
  (void)state;
  size_t length = made_record3(11, 100, 1, stream);
  for (size_t bit = 0; bit < 8 * length; bit++) {
    size_t skipped, used = made_record3(11, 100, 1, stream);
    used += made_record(11, 100, 512, 2, stream + used);
    for (uint64_t i = 0; i < 40; i++) /* as many bytes as the largest length in two bytes can swallow */
      used += made_record3(5, 200, i, stream + used);
    stream[bit / 8] ^= (uint8_t)(1u << bit % 8);
    size_t records = frame_all(stream, used, &skipped);
    if (records != 41 || skipped != length)
      fail_msg("bit %zu: %zu records of 41, %zu bytes skipped", bit, records, skipped);
  }
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
  stream[54] = 6;
  assert_skipped("outside 128..65536");
  made_record(11, 100, 512, 1, stream);
  stream[47] = 30;
  assert_skipped("does not rise");
  stream[46] = stream[47] = 0xff;
  assert_skipped("does not rise");
  memset(stream, 0, 512);
  memcpy(stream, "MS\3", 3);
  assert_skipped("states no possible time");
  memcpy(stream, "000001V 010", 11);
  assert_skipped("no miniSEED record header");
  made_record(11, 100, 512, 1, stream);
  stream[3] = 'x';
  assert_skipped("sequence number is not six digits");
  made_record(11, 100, 512, 1, stream);
  stream[6] = 'V';
  assert_skipped("quality is none of D, R, Q and M");
  made_record(11, 100, 512, 1, stream);
  stream[24] = 24;
  assert_skipped("states no possible time");
}

/* Bytes 46 and 47 say where the first blockette is: nowhere. */
static size_t unsaid(int length, uint64_t seed, uint8_t *bytes)
{
  made_record(10, 20, length, seed, bytes);
  bytes[46] = bytes[47] = 0;
  return (size_t)length;
}

static void a_record_that_states_no_length_reaches_to_the_next_one(void **state)
{
  (void)state;
  for (int length = 128; length <= 32768; length *= 2) {
    memset(stream, 0, sizeof stream);
    size_t used = unsaid(length, 1, stream);
    for (size_t cut = 128; cut <= used; cut += 16) {
      ingest_frame_result part = frame_of(stream, cut);
      assert_int_equal(part.framing, INGEST_FRAME_PARTIAL);
      assert_true(part.length > cut && part.length <= INGEST_RECORD_MAXIMUM);
      assert_int_equal(ingest_frame_last(stream, cut).framing, (cut & (cut - 1)) == 0 ? INGEST_FRAME_RECORD : INGEST_FRAME_PARTIAL);
    }
    made_record(11, 100, 512, 2, stream + used);
    ingest_frame_result whole = frame_of(stream, used + 512);
    assert_int_equal(whole.framing, INGEST_FRAME_RECORD);
    assert_int_equal(whole.length, length);
  }
}

static void a_record_that_states_no_length_and_lost_its_end_costs_only_itself(void **state)
{
  (void)state;
  for (size_t cut = 130; cut < 512; cut += 6) {
    if ((cut & (cut - 1)) == 0)
      continue;
    size_t used = cut;
    unsaid(512, 1, stream);
    used += unsaid(512, 2, stream + used);
    used += made_record3(11, 100, 2, stream + used);
    assert_records_at(used, (const size_t[]){cut, cut + 512}, 2);
  }
  memset(stream, 0, sizeof stream);
  unsaid(512, 1, stream);
  ingest_frame_result result = frame_of(stream, 40000);
  assert_int_equal(result.framing, INGEST_FRAME_SKIP);
  assert_non_null(strstr(result.reason, "without blockette 1000"));
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

/* Kinds are encodings in both byte orders; one states no length. */
static void make_kind(size_t kind, uint64_t seed, uint8_t *bytes)
{
  made_record(made_encodings[kind % 6], 50, 512, seed, bytes);
  if (kind >= 6)
    made_little_endian(bytes, 512);
  if (kind == 12)
    unsaid(512, seed, bytes);
}

static void no_single_flipped_bit_leads_astray(void **state)
{
  (void)state;
  for (size_t kind = 0; kind < 13; kind++)
    for (size_t bit = 0; bit < 8 * 512; bit++) {
      size_t skipped, used = 1024;
      make_kind(kind, 1, stream);
      make_kind(kind, 2, stream + 512);
      made_record(11, 50, 512, 3, stream + used);
      used += 512;
      stream[bit / 8] ^= (uint8_t)(1u << bit % 8);
      uint8_t *exact = malloc(used);
      memcpy(exact, stream, used);
      size_t records = frame_all(exact, used, &skipped);
      if (records < 2)
        fail_msg("kind %zu: bit %zu of the first record loses another", kind, bit);
      free(exact);
    }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(whole_records_of_every_length_are_framed),
      cmocka_unit_test(a_record_in_part_asks_for_more),
      cmocka_unit_test(garbage_between_records_is_stepped_over),
      cmocka_unit_test(a_record_cut_short_costs_only_itself),
      cmocka_unit_test(any_cutting_into_reads_frames_the_same),
      cmocka_unit_test(what_cannot_be_framed_is_skipped_with_its_reason),
      cmocka_unit_test(a_record_that_states_no_length_reaches_to_the_next_one),
      cmocka_unit_test(a_record_that_states_no_length_and_lost_its_end_costs_only_itself),
      cmocka_unit_test(a_chain_of_blockettes_that_turns_back_ends),
      cmocka_unit_test(no_single_flipped_bit_leads_astray),
      cmocka_unit_test(versions_2_and_3_in_one_stream_are_framed_however_it_is_cut),
      cmocka_unit_test(a_record_of_one_version_cut_short_costs_none_of_the_other),
      cmocka_unit_test(a_flipped_bit_of_version_3_costs_that_record_only),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
