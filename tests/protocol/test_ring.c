#include <stdlib.h>
#include <string.h>

#include "made.h"
#include "protocol.h"
#include "ring.h"

static uint8_t record[4096];

static ingest_record header_of(const char *station, const char *channel, int second)
{
  ingest_record header = made_header(11, 100);
  strcpy(header.codes.station, station);
  strcpy(header.codes.channel, channel);
  header.start += second * INGEST_SECOND;
  return header;
}

static void add(protocol_ring *ring, const char *station, const char *channel, int second, int length)
{
  size_t n = made_as(header_of(station, channel, second), length, (uint64_t)second, record);
  assert_null(protocol_ring_add(ring, record, n));
}

static void packets_keep_their_bytes_times_and_order(void **state)
{
  (void)state;
  protocol_ring *ring = protocol_ring_create(1 << 20, 5);
  protocol_packet packet;
  for (int i = 0; i < 10; i++)
    add(ring, i % 2 ? "AAA" : "BBB", "HNZ", i, 512);
  assert_int_equal(protocol_ring_oldest(ring), 5);
  assert_int_equal(protocol_ring_next(ring), 15);
  for (int i = 0; i < 10; i++) {
    size_t n = made_as(header_of(i % 2 ? "AAA" : "BBB", "HNZ", i), 512, (uint64_t)i, record);
    assert_true(protocol_ring_at(ring, 5 + i, &packet));
    assert_int_equal(packet.length, n);
    assert_memory_equal(packet.bytes, record, n);
    assert_int_equal(packet.end - packet.start, INGEST_SECOND);
    assert_int_equal(packet.stream, i % 2);
  }
  assert_false(protocol_ring_at(ring, 4, &packet));
  assert_false(protocol_ring_at(ring, 15, &packet));
  protocol_ring_destroy(ring);
}

/* Whatever the lengths, what is held is the newest, whole, and within the limit. */
static void the_oldest_give_way_whatever_the_lengths(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 20; seed++) {
    random_source r = {.state = seed};
    protocol_ring *ring = protocol_ring_create(65536, 1);
    for (int i = 0; i < 2000; i++) {
      char station[] = {'S', (char)('0' + random_below(&r, 5)), '\0'};
      add(ring, station, random_below(&r, 2) ? "HNZ" : "HNE", i, 512 << random_below(&r, 4));
      int64_t oldest = protocol_ring_oldest(ring), next = protocol_ring_next(ring);
      size_t bytes = 0;
      protocol_packet packet;
      assert_int_equal(next, i + 2);
      for (int64_t at = oldest; at < next; at++) {
        assert_true(protocol_ring_at(ring, at, &packet));
        ingest_record read;
        assert_null(ingest_record_read(packet.bytes, packet.length, &read));
        assert_int_equal((read.start - made_header(11, 1).start) / INGEST_SECOND, at - 1);
        bytes += packet.length;
      }
      assert_true(bytes <= 65536 && (bytes > 65536 - 3 * 4096 || oldest == 1));
    }
    protocol_ring_destroy(ring);
  }
}

static void streams_are_sorted_and_know_their_packets(void **state)
{
  (void)state;
  protocol_ring *ring = protocol_ring_create(65536, 1);
  static const char *const stations[] = {"CCC", "AAA", "BBB"};
  for (int i = 0; i < 9; i++)
    add(ring, stations[i % 3], "HNZ", i, 512);
  assert_int_equal(ring_streams(ring), 3);
  assert_string_equal(ring_stream_at(ring, 0)->station_id, "XX_CCC");
  assert_string_equal(ring_stream_sorted(ring, 0)->station_id, "XX_AAA");
  assert_string_equal(ring_stream_sorted(ring, 2)->station_id, "XX_CCC");
  assert_string_equal(ring_stream_sorted(ring, 0)->stream_id, "01_H_N_Z");
  assert_int_equal(ring_stream_sorted(ring, 0)->first, 2);
  assert_int_equal(ring_stream_sorted(ring, 0)->last, 8);
  for (int i = 0; i < 200; i++) /* AAA's all give way */
    add(ring, "CCC", "HNZ", 100 + i, 512);
  assert_true(ring_stream_sorted(ring, 0)->first > ring_stream_sorted(ring, 0)->last);
  assert_int_equal(ring_stream_at(ring, 0)->first, protocol_ring_oldest(ring));
  assert_int_equal(ring_stream_at(ring, 0)->last, protocol_ring_next(ring) - 1);
  add(ring, "AAA", "HNZ", 900, 512);
  assert_int_equal(ring_stream_sorted(ring, 0)->first, protocol_ring_next(ring) - 1);
  protocol_ring_destroy(ring);
}

static void what_is_no_record_is_refused(void **state)
{
  (void)state;
  protocol_ring *ring = protocol_ring_create(0, 1);
  assert_non_null(protocol_ring_add(ring, (const uint8_t *)"nothing", 7));
  assert_int_equal(protocol_ring_next(ring), 1);
  protocol_ring_destroy(ring);
}

/* ---- repacking ---- */

static made_records written;

static size_t samples_of(const made_records *records, double *values, size_t room)
{
  size_t used = 0;
  for (size_t i = 0; i < records->count; i++) {
    ingest_record read;
    assert_null(ingest_record_decode(records->bytes + records->offsets[i], records->lengths[i], &read, values + used, room - used));
    used += (size_t)read.samples;
  }
  return used;
}

/* 3000 samples of each encoding, versions 2 and 3, as records of 512 bytes: every sample, and each start where the one before ended. */
static void long_records_become_records_of_512_bytes_without_loss(void **state)
{
  (void)state;
  static double before[4000], after[4000];
  static uint8_t original[65536];
  for (int version = 2; version <= 3; version++)
    for (size_t e = 0; e < sizeof made_encodings; e++) {
      ingest_record header = made_header(made_encodings[e], 3000), read;
      header.version = (uint8_t)version;
      size_t n = made_as(header, 0, e, original);
      assert_null(ingest_record_decode(original, n, &read, before, 4000));
      written.count = written.used = 0;
      assert_null(protocol_repack(original, n, 2, 512, 7 * INGEST_SECOND, made_collect, &written));
      int64_t start = header.start + 7 * INGEST_SECOND;
      for (size_t i = 0; i < written.count; i++) {
        assert_null(ingest_record_read(written.bytes + written.offsets[i], written.lengths[i], &read));
        assert_int_equal(written.lengths[i], 512);
        assert_int_equal(read.version, 2);
        assert_in_range(read.start - start + 1000, 0, 2000);
        start = ingest_record_end(&read);
      }
      assert_int_equal(samples_of(&written, after, 4000), 3000);
      assert_memory_equal(before, after, 3000 * sizeof *before);
    }
}

static void a_record_becomes_miniseed_3_and_back(void **state)
{
  (void)state;
  static uint8_t three[4096];
  size_t n = made_record(11, 100, 512, 3, record);
  written.count = written.used = 0;
  assert_null(protocol_repack(record, n, 3, 0, 0, made_collect, &written));
  assert_int_equal(written.count, 1);
  assert_memory_equal(written.bytes, "MS\3", 3);
  memcpy(three, written.bytes, written.used);
  n = written.used;
  written.count = written.used = 0;
  assert_null(protocol_repack(three, n, 2, 512, 0, made_collect, &written));
  ingest_record a, b;
  assert_null(ingest_record_read(record, 512, &a));
  assert_null(ingest_record_read(written.bytes, 512, &b));
  assert_true(a.start == b.start && a.samples == b.samples && a.rate == b.rate);
  assert_string_equal(a.codes.station, b.codes.station);
}

static void names_that_do_not_fit_are_said(void **state)
{
  (void)state;
  ingest_record header = made_header(11, 100);
  header.version = 3;
  strcpy(header.codes.station, "LONGNAME");
  size_t n = made_as(header, 0, 1, record);
  assert_non_null(strstr(protocol_repack(record, n, 2, 512, 0, made_collect, &written), "do not fit"));
  assert_non_null(protocol_repack(record, 20, 2, 512, 0, made_collect, &written));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(packets_keep_their_bytes_times_and_order),
      cmocka_unit_test(the_oldest_give_way_whatever_the_lengths),
      cmocka_unit_test(streams_are_sorted_and_know_their_packets),
      cmocka_unit_test(what_is_no_record_is_refused),
      cmocka_unit_test(long_records_become_records_of_512_bytes_without_loss),
      cmocka_unit_test(a_record_becomes_miniseed_3_and_back),
      cmocka_unit_test(names_that_do_not_fit_are_said),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
