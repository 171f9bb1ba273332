#include <stdlib.h>
#include <string.h>

#include "made.h"

enum { ROOM = 4096 };

static uint8_t first[ROOM], second[ROOM];

/* Header and time that no two draws share but the channel. */
static ingest_record drawn(random_source *random, int version, int encoding)
{
  ingest_record record = made_header(encoding, (int32_t)random_below(random, 40) + 10);
  record.version = (uint8_t)version;
  record.start += random_below(random, 86000) * INGEST_SECOND + random_below(random, 1000000) * 1000;
  record.time_doubtful = random_below(random, 2);
  record.clock_locked = random_below(random, 2);
  record.clipped = version == 2 && random_below(random, 2);
  record.timing_quality = (int8_t)(version == 2 ? random_below(random, 102) - 1 : -1);
  return record;
}

/* `count` records of the channel, one after another, each 512 bytes in version 2; their length. */
static size_t make(random_source *random, int version, int encoding, bool little, size_t count, uint8_t *bytes)
{
  size_t used = 0;
  for (size_t i = 0; i < count; i++) {
    size_t length = made_as(drawn(random, version, encoding), version == 2 ? 512 : 0, random_next(random), bytes + used);
    if (little)
      made_little_endian(bytes + used, length);
    used += length;
  }
  return used;
}

static ingest_series begun(const uint8_t *bytes)
{
  ingest_series series;
  ingest_record record;
  size_t length = ingest_frame(bytes, ROOM).length;
  assert_null(ingest_record_read(bytes, length, &record));
  ingest_series_begin(&series, bytes, length, &record);
  return series;
}

static bool is_same(const ingest_record *a, const ingest_record *b)
{
  return memcmp(&a->codes, &b->codes, sizeof a->codes) == 0 && a->start == b->start && a->rate == b->rate && a->samples == b->samples &&
         a->version == b->version && a->encoding == b->encoding && a->clipped == b->clipped && a->time_doubtful == b->time_doubtful &&
         a->clock_locked == b->clock_locked && a->timing_quality == b->timing_quality && a->extra_malformed == b->extra_malformed;
}

/* What the series says is what the slow way says; true if it says anything. */
static bool agrees(const ingest_series *series, const uint8_t *bytes, size_t length)
{
  ingest_record fast, slow;
  size_t found = ingest_series_next(series, bytes, length, &fast);
  if (found == 0)
    return false;
  ingest_frame_result frame = ingest_frame(bytes, length);
  assert_int_equal(frame.framing, INGEST_FRAME_RECORD);
  assert_int_equal(frame.length, found);
  assert_null(ingest_record_read(bytes, found, &slow));
  assert_true(is_same(&fast, &slow));
  return true;
}

static void a_record_like_the_one_before_is_read_by_what_differs(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 300; seed++) {
    random_source random = {seed};
    int version = seed % 2 ? 2 : 3, encoding = made_encodings[random_below(&random, 6)];
    bool little = version == 2 && random_below(&random, 2);
    make(&random, version, encoding, little, 1, first);
    ingest_series series = begun(first);
    size_t used = make(&random, version, encoding, little, 3, second);
    if (!agrees(&series, second, used))
      fail_msg("seed %llu: not taken for alike", (unsigned long long)seed);
  }
}

static void no_single_flipped_bit_makes_it_disagree(void **state)
{
  (void)state;
  for (size_t kind = 0; kind < 24; kind++) {
    random_source random = {kind + 1};
    int version = kind % 2 ? 2 : 3, encoding = made_encodings[kind / 4];
    bool little = version == 2 && kind / 2 % 2;
    make(&random, version, encoding, little, 1, first);
    ingest_series series = begun(first);
    size_t used = make(&random, version, encoding, little, 2, second), taken = 0;
    for (size_t bit = 0; bit < 8 * 64; bit++) {
      second[bit / 8] ^= (uint8_t)(1u << bit % 8);
      taken += agrees(&series, second, used);
      second[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_true(version == 3 ? taken == 0 : taken > 50 && taken < 400);
  }
}

/* On the heap, so that the sanitizer sees a read past the end. */
static void nothing_is_read_past_the_end(void **state)
{
  (void)state;
  for (int version = 2; version <= 3; version++) {
    random_source random = {7};
    make(&random, version, 11, false, 1, first);
    ingest_series series = begun(first);
    size_t used = make(&random, version, 11, false, 2, second), one = ingest_frame(second, used).length;
    for (size_t length = 1; length <= used; length++) {
      ingest_record record;
      uint8_t *part = malloc(length);
      memcpy(part, second, length);
      size_t found = ingest_series_next(&series, part, length, &record);
      assert_int_equal(found, length >= one + (version == 2 ? 8 : 0) ? one : 0);
      assert_true(ingest_series_place(part, length, 16) < 16);
      free(part);
    }
  }
}

static void another_channel_day_rate_or_encoding_is_not_alike(void **state)
{
  (void)state;
  for (int version = 2; version <= 3; version++) {
    ingest_record others[5], base = made_header(11, 50), found;
    base.version = (uint8_t)version;
    for (int i = 0; i < 5; i++)
      others[i] = base;
    memcpy(others[0].codes.station, "OTHER", 6);
    others[1].start += 86400 * INGEST_SECOND;
    others[2].rate = 50;
    others[3].encoding = 3;
    memcpy(others[4].codes.location, "02", 3);
    made_as(base, version == 2 ? 512 : 0, 1, first);
    ingest_series series = begun(first);
    for (int i = 0; i < 5; i++) {
      size_t used = made_as(others[i], version == 2 ? 512 : 0, 2, second);
      used += made_as(others[i], version == 2 ? 512 : 0, 3, second + used);
      assert_int_equal(ingest_series_next(&series, second, used, &found), 0);
    }
  }
}

/* Extra headers and true rates (blockette 100) need the whole reader. */
static void what_is_not_simple_begins_no_series(void **state)
{
  (void)state;
  ingest_record record = made_header(11, 50), found;
  record.rate = 99.987;
  size_t used = made_as(record, 512, 1, first);
  ingest_series series = begun(first);
  assert_int_equal(ingest_series_next(&series, first, used, &found), 0);
  record = made_header(11, 50);
  record.version = 3;
  record.clipped = true;
  used = made_as(record, 0, 1, first);
  series = begun(first);
  assert_int_equal(ingest_series_next(&series, first, used, &found), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_record_like_the_one_before_is_read_by_what_differs),
      cmocka_unit_test(no_single_flipped_bit_makes_it_disagree),
      cmocka_unit_test(nothing_is_read_past_the_end),
      cmocka_unit_test(another_channel_day_rate_or_encoding_is_not_alike),
      cmocka_unit_test(what_is_not_simple_begins_no_series),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
