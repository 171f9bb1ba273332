#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "made.h"

enum { SAMPLES = 300, CAPACITY = 65535, EXTRA_ROOM = 400 };

static uint8_t bytes[INGEST_RECORD_MAXIMUM + EXTRA_ROOM];
static double decoded[CAPACITY], walk[CAPACITY];

static ingest_record decode(size_t length)
{
  ingest_record record;
  const char *fault = ingest_record_decode(bytes, length, &record, decoded, CAPACITY);
  if (fault)
    fail_msg("%s", fault);
  return record;
}

static void every_encoding_decodes_to_what_was_written(void **state)
{
  (void)state;
  for (size_t e = 0; e < 6; e++)
    for (uint64_t seed = 1; seed <= 50; seed++) {
      random_source random = {seed};
      ingest_record made = made_header(made_encodings[e], (int32_t)random_below(&random, 2000) + 1);
      made.version = 3;
      made.rate = seed % 2 ? 99.987654321 : 0.01;
      made.start += random_below(&random, INGEST_SECOND);
      made.clipped = seed % 3 == 0;
      made.time_doubtful = seed % 5 == 0;
      made.clock_locked = seed % 7 == 0;
      made.timing_quality = (int8_t)(seed % 4 ? 93 : -1);
      snprintf(made.codes.station, sizeof made.codes.station, "%s", seed % 2 ? "LONGNAME" : "A");
      snprintf(made.codes.location, sizeof made.codes.location, "%s", seed % 4 < 2 ? "" : "00");
      snprintf(made.codes.channel, sizeof made.codes.channel, "%s", seed % 6 ? "HNZ" : "H_GPS_Z");
      ingest_record read = decode(made_as(made, 0, seed, bytes));
      random = (random_source){seed};
      made_walk(&random, walk, (size_t)made.samples);
      assert_memory_equal(decoded, walk, (size_t)made.samples * sizeof *walk);
      assert_true(read.version == 3 && read.encoding == made.encoding && read.samples == made.samples && read.rate == made.rate);
      assert_true(read.start == made.start && read.clipped == made.clipped && read.time_doubtful == made.time_doubtful);
      assert_true(read.clock_locked == made.clock_locked && read.timing_quality == made.timing_quality);
      assert_string_equal(read.codes.network, made.codes.network);
      assert_string_equal(read.codes.station, made.codes.station);
      assert_string_equal(read.codes.location, made.codes.location);
      assert_string_equal(read.codes.channel, made.codes.channel);
    }
}

/* By hand from the standard's table, so that reader and writer cannot share one mistake: 2012-001T00:00:00.5, one int16 of -2, 1 sample/s. */
static void a_record_put_together_by_hand_is_read(void **state)
{
  (void)state;
  static const uint8_t hand[] = {'M',  'S', 3,   4,   0x00, 0x65, 0xcd, 0x1d,                   /* flags: clock locked; 500,000,000 ns */
                                 0xdc, 7,   1,   0,   0,    0,    0,    1,                      /* year, day, hour, minute, second, encoding */
                                 0,    0,   0,   0,   0,    0,    0xf0, 0x3f, 1,   0,   0,   0, /* rate 1.0, one sample */
                                 0,    0,   0,   0,   1,    17,   2,    0,    2,   0,   0,   0, /* CRC, publication, lengths */
                                 'F',  'D', 'S', 'N', ':',  'X',  'X',  '_',  'T', 'E', '_', '_', 'L', '_', 'H', '_', 'Z', '{', '}', 0xfe, 0xff};
  memcpy(bytes, hand, sizeof hand);
  made_crc(bytes, sizeof hand);
  ingest_record record = decode(sizeof hand);
  int64_t start;
  assert_true(ingest_time_parse("2012-01-01T00:00:00.5Z", &start));
  assert_true(record.start == start && record.rate == 1 && record.samples == 1 && decoded[0] == -2 && record.clock_locked);
  assert_string_equal(record.codes.station, "TE");
  assert_string_equal(record.codes.location, "");
  assert_string_equal(record.codes.channel, "LHZ");
}

static void no_single_flipped_bit_is_accepted(void **state)
{
  (void)state;
  for (size_t e = 0; e < 6; e++) {
    size_t length = made_record3(made_encodings[e], 100, 9, bytes);
    for (size_t bit = 0; bit < 8 * length; bit++) {
      ingest_record record;
      uint8_t *bent = malloc(length);
      memcpy(bent, bytes, length);
      bent[bit / 8] ^= (uint8_t)(1u << bit % 8);
      if (!ingest_record_decode(bent, length, &record, decoded, CAPACITY))
        fail_msg("encoding %d, bit %zu", made_encodings[e], bit);
      assert_int_not_equal(ingest_frame(bent, length).framing, INGEST_FRAME_RECORD);
      free(bent);
    }
  }
}

/* A bent record with the right CRC is a writer's fault and not the line's: nothing is read past the end, nothing but finite values comes out. */
static void no_single_flipped_bit_crashes_when_the_crc_is_right(void **state)
{
  (void)state;
  for (size_t e = 0; e < 6; e++) {
    size_t length = made_record3(made_encodings[e], 50, 9, bytes);
    for (size_t bit = 0; bit < 8 * length; bit++) {
      ingest_record record;
      uint8_t *bent = malloc(length);
      memcpy(bent, bytes, length);
      bent[bit / 8] ^= (uint8_t)(1u << bit % 8);
      made_crc(bent, length);
      if (!ingest_record_decode(bent, length, &record, decoded, CAPACITY))
        for (int32_t i = 0; i < record.samples; i++)
          assert_true(isfinite(decoded[i]));
      free(bent);
    }
  }
}

static void truncation_at_every_offset_is_refused(void **state)
{
  (void)state;
  for (size_t e = 0; e < 6; e++) {
    size_t length = made_record3(made_encodings[e], 100, 7, bytes);
    for (size_t cut = 0; cut < length; cut++) {
      ingest_record record;
      uint8_t *part = malloc(cut + (cut == 0));
      memcpy(part, bytes, cut);
      assert_non_null(ingest_record_decode(part, cut, &record, decoded, CAPACITY));
      free(part);
    }
  }
}

static const char *fault_of(size_t length)
{
  ingest_record record, untouched;
  memset(&record, 0x5a, sizeof record);
  untouched = record;
  made_crc(bytes, length);
  const char *fault = ingest_record_read(bytes, length, &record);
  assert_true(!fault || memcmp(&record, &untouched, sizeof record) == 0);
  return fault;
}

static void put(uint8_t *at, uint64_t value, size_t size)
{
  for (size_t i = 0; i < size; i++)
    at[i] = (uint8_t)(value >> 8 * i);
}

static void a_broken_header_is_refused_with_its_reason(void **state)
{
  (void)state;
  static const struct {
    size_t at, size;
    uint64_t value;
    const char *reason;
  } breaks[] = {{15, 1, 0, "text"},
                {15, 1, 100, "opaque"},
                {15, 1, 12, "unknown"},
                {15, 1, 16, "unknown"},
                {16, 8, 0, "rate"},
                {16, 8, UINT64_C(0x7ff8) << 48, "rate"},
                {16, 8, UINT64_C(0x7ff0) << 48, "rate"},
                {24, 4, 0, "no samples"},
                {24, 4, 70000, "65,535"},
                {24, 4, UINT32_MAX, "65,535"},
                {24, 4, 101, "room"},
                {33, 1, 0, "length"},
                {34, 2, 65535, "length"},
                {36, 4, UINT32_MAX, "length"},
                {40, 4, 'X', "identifier"},
                {45, 1, '"', "identifier"},
                {45, 1, '_', "identifier"},
                {8, 2, 0, "header"}};
  for (size_t i = 0; i < sizeof breaks / sizeof *breaks; i++) {
    size_t length = made_record3(3, 100, 1, bytes);
    put(bytes + breaks[i].at, breaks[i].value, breaks[i].size);
    const char *fault = fault_of(length);
    if (!fault || !strstr(fault, breaks[i].reason))
      fail_msg("byte %zu = %llu: %s", breaks[i].at, (unsigned long long)breaks[i].value, fault ? fault : "accepted");
  }
}

static void a_negative_rate_is_a_period(void **state)
{
  (void)state;
  size_t length = made_record3(1, 10, 1, bytes);
  double period = -4;
  uint64_t bits;
  memcpy(&bits, &period, sizeof bits);
  put(bytes + 16, bits, 8);
  made_crc(bytes, length);
  assert_true(decode(length).rate == 0.25);
}

static void a_leap_second_is_the_next_minute(void **state)
{
  (void)state;
  size_t length = made_record3(1, 10, 1, bytes);
  int64_t start = decode(length).start;
  bytes[14] = 60;
  made_crc(bytes, length);
  assert_int_equal(decode(length).start, start + 60 * INGEST_SECOND);
}

/* Another identifier in the place of the made one. */
static size_t with_identifier(const char *identifier)
{
  size_t length = made_record3(1, 10, 1, bytes), old = bytes[33], now = strlen(identifier);
  memmove(bytes + 40 + now, bytes + 40 + old, length - 40 - old);
  memcpy(bytes + 40, identifier, now);
  bytes[33] = (uint8_t)now;
  return length + now - old;
}

static void identifiers_are_read_or_refused_whole(void **state)
{
  (void)state;
  static const struct {
    const char *identifier, *codes; /* NULL: refused */
  } cases[] = {{"FDSN:IU_COLA_00_L_H_1", "IU.COLA.00.LH1"},
               {"FDSN:XFDSN123_STATION8_LOCATIO8_B_H_Z", "XFDSN123.STATION8.LOCATIO8.BHZ"},
               {"FDSN:N_S___H_", "N.S.._H_"},
               {"FDSN:N_S_--_B_H_Z", "N.S..BHZ"},
               {"FDSN:N_S__H_GPS_Z", "N.S..H_GPS_Z"},
               {"FDSN:N_S__HHH_GPS_Z", NULL},
               {"FDSN:N_S__HH_LONGER_Z", NULL},
               {"FDSN:N_S____", NULL},
               {"FDSN:NINELONG9_S__B_H_Z", NULL},
               {"FDSN:_S__B_H_Z", NULL},
               {"FDSN:N___B_H_Z", NULL},
               {"FDSN:N_S__B_H", NULL},
               {"FDSN:N_S__B_H_Z_", NULL},
               {"FDSN:N_S__B_H_Z_X", NULL},
               {"FDSN:N_S__B_H_\xc3\xa4", NULL},
               {"FDSN:N_S__B_H_Z\n", NULL},
               {"XFDSN:N_S__B_H_Z", NULL},
               {"FDSN:", NULL},
               {"", NULL}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char text[INGEST_CODES_TEXT];
    size_t length = with_identifier(cases[i].identifier);
    const char *fault = fault_of(length);
    if ((fault == NULL) != (cases[i].codes != NULL))
      fail_msg("%s: %s", cases[i].identifier, fault ? fault : "accepted");
    if (!fault) {
      ingest_record record = decode(length);
      assert_string_equal(ingest_codes_format(&record.codes, text), cases[i].codes);
    }
  }
}

static void a_record_longer_than_the_cap_is_refused(void **state)
{
  (void)state;
  size_t length = made_record3(5, 8000, 1, bytes);
  put(bytes + 36, UINT32_MAX - 30, 4); /* in 32 bits the sum would wrap to a small length */
  made_crc(bytes, length);
  ingest_frame_result result = ingest_frame(bytes, length);
  assert_int_equal(result.framing, INGEST_FRAME_SKIP);
  assert_non_null(strstr(result.reason, "65,536"));
}

static void version_3_is_written_up_to_a_length_and_no_code_is_bent(void **state)
{
  (void)state;
  static made_records written;
  ingest_record record = made_header(11, 5000);
  record.version = 3;
  random_source random = {3};
  made_walk(&random, walk, 5000);
  for (int most = 200; most < 3000; most += 77) {
    size_t n = 0;
    written.count = written.used = 0;
    assert_true(ingest_record_write(&record, walk, most, made_collect, &written) > 1);
    for (size_t i = 0; i < written.count; i++) {
      ingest_record part;
      assert_true(written.lengths[i] <= (size_t)most);
      assert_null(ingest_record_decode(written.bytes + written.offsets[i], written.lengths[i], &part, decoded + n, CAPACITY - n));
      n += (size_t)part.samples;
    }
    assert_int_equal(n, 5000);
    assert_memory_equal(decoded, walk, 5000 * sizeof *walk);
  }
  assert_int_equal(ingest_record_write(&record, walk, 50, made_collect, &written), -1);
  memcpy(record.codes.channel, "HN", 3);
  assert_int_equal(ingest_record_write(&record, walk, 0, made_collect, &written), -1);
}

typedef struct {
  size_t count;
  float values[3 * SAMPLES];
} clean_stream;

static void take_samples(void *user, const ingest_samples *samples)
{
  clean_stream *clean = user;
  assert_true(clean->count + samples->count <= 3 * SAMPLES);
  memcpy(clean->values + clean->count, samples->values, samples->count * sizeof *samples->values);
  clean->count += samples->count;
}

static void take_status(void *user, const ingest_status *status)
{
  (void)user, (void)status;
}

/* Three packets that follow each other, of the versions stated. */
static void stream_of(const int *versions, const ingest_inventory *inventory, clean_stream *clean)
{
  ingest_settings settings = {.reorder_s = 2, .future_s = 10, .late_after_s = 10, .dead_after_s = 120};
  ingest_sink sink = {.samples = take_samples, .status = take_status, .user = clean};
  ingest *in = ingest_create(&settings, inventory);
  ingest_record record = made_header(11, SAMPLES);
  clean->count = 0;
  for (uint64_t i = 0; i < 3; i++, record.start = ingest_record_end(&record)) {
    record.version = (uint8_t)versions[i];
    ingest_packet(in, 0, bytes, made_as(record, 0, i, bytes), ingest_record_end(&record), &sink);
  }
  ingest_destroy(in);
}

static void a_channel_that_changes_its_version_stays_one_stream(void **state)
{
  (void)state;
  ingest_inventory *inventory = ingest_inventory_create();
  ingest_epoch epoch = {.start = INT64_MIN, .end = INT64_MAX, .gain = 1e6, .rate = 100, .unit = INGEST_UNIT_ACCELERATION};
  ingest_record header = made_header(11, 1);
  ingest_inventory_add_channel(inventory, &header.codes, 41, 123, 0, 0, &epoch);
  ingest_inventory_seal(inventory, NULL, NULL);
  static clean_stream of_2, mixed;
  stream_of((const int[]){2, 2, 2}, inventory, &of_2);
  stream_of((const int[]){2, 3, 2}, inventory, &mixed);
  assert_int_equal(of_2.count, 3 * SAMPLES);
  assert_int_equal(mixed.count, 3 * SAMPLES);
  assert_memory_equal(of_2.values, mixed.values, sizeof of_2.values);
  ingest_inventory_destroy(inventory);
}

static void count_refusal(void *user, int32_t feed, bool waited, const ingest_codes *codes, ingest_refusal reason, const char *detail)
{
  (void)user, (void)detail;
  assert_false(waited);
  assert_int_equal(feed, 7);
  assert_string_equal(codes->station, "MADE");
  assert_int_equal(reason, INGEST_REFUSED_EXTRA_HEADERS);
}

static void extra_headers_that_are_no_json_are_told_and_cost_no_samples(void **state)
{
  (void)state;
  ingest_settings settings = {.reorder_s = 2, .future_s = 10, .late_after_s = 10, .dead_after_s = 120};
  ingest_inventory *inventory = ingest_inventory_create();
  ingest_epoch epoch = {.start = INT64_MIN, .end = INT64_MAX, .gain = 1e6, .rate = 100, .unit = INGEST_UNIT_ACCELERATION};
  ingest_record header = made_header(11, SAMPLES);
  ingest_inventory_add_channel(inventory, &header.codes, 41, 123, 0, 0, &epoch);
  ingest_inventory_seal(inventory, NULL, NULL);
  static clean_stream clean;
  ingest_sink sink = {.samples = take_samples, .status = take_status, .refused = count_refusal, .user = &clean};
  ingest *in = ingest_create(&settings, inventory);
  header.version = 3;
  header.clipped = true;
  size_t length = made_as(header, 0, 1, bytes);
  uint8_t *brace = memchr(bytes, '}', length);
  *brace = ',';
  made_crc(bytes, length);
  ingest_record record = decode(length);
  assert_true(record.extra_malformed && !record.clipped);
  assert_int_equal(record.timing_quality, -1);
  ingest_packet(in, 7, bytes, length, ingest_record_end(&record), &sink);
  assert_int_equal(clean.count, SAMPLES);
  assert_int_equal(ingest_refused(in, INGEST_REFUSED_EXTRA_HEADERS), 1);
  ingest_destroy(in);
  ingest_inventory_destroy(inventory);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_encoding_decodes_to_what_was_written),
      cmocka_unit_test(a_record_put_together_by_hand_is_read),
      cmocka_unit_test(no_single_flipped_bit_is_accepted),
      cmocka_unit_test(no_single_flipped_bit_crashes_when_the_crc_is_right),
      cmocka_unit_test(truncation_at_every_offset_is_refused),
      cmocka_unit_test(a_broken_header_is_refused_with_its_reason),
      cmocka_unit_test(a_negative_rate_is_a_period),
      cmocka_unit_test(a_leap_second_is_the_next_minute),
      cmocka_unit_test(identifiers_are_read_or_refused_whole),
      cmocka_unit_test(a_record_longer_than_the_cap_is_refused),
      cmocka_unit_test(a_channel_that_changes_its_version_stays_one_stream),
      cmocka_unit_test(extra_headers_that_are_no_json_are_told_and_cost_no_samples),
      cmocka_unit_test(version_3_is_written_up_to_a_length_and_no_code_is_bent),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
