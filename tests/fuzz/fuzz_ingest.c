/* The first byte of the input chooses what is fuzzed: bytes as they came, changes of good records, StationXML as it came, changes of a good one,
   version-3 records with a right CRC, extra headers, or times. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "crc32c.h"
#include "extra_headers.h"
#include "ingest.h"

enum { SAMPLES = 100, ENCODINGS = 6, GOOD_RECORDS = 2 * ENCODINGS + 2 };

static const uint8_t encodings[ENCODINGS] = {1, 3, 4, 5, 10, 11};
static uint8_t good[GOOD_RECORDS * 1024];
static size_t good_used;
static char document[1 << 16];
static size_t document_used;
static ingest_inventory *inventory;
static ingest_settings settings = {.reorder_s = 2, .future_s = 1e9, .late_after_s = 10, .dead_after_s = 120};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void keep_good(void *user, const uint8_t *bytes, size_t length)
{
  (void)user;
  assert(good_used + length <= sizeof good);
  memcpy(good + good_used, bytes, length);
  good_used += length;
}

static void keep_text(void *user, const char *text, size_t length)
{
  (void)user;
  assert(document_used + length <= sizeof document);
  memcpy(document + document_used, text, length);
  document_used += length;
}

static void prepare(void)
{
  ingest_record record = {.codes = {"XX", "FUZZ", "00", "HNZ"}, .start = INT64_C(1577836800) * INGEST_SECOND, .rate = 100, .samples = SAMPLES};
  ingest_epoch epoch = {.start = INT64_MIN, .end = INT64_MAX, .gain = 1e6, .unit = INGEST_UNIT_ACCELERATION, .dip_deg = -90, .azimuth_deg = 0};
  double values[SAMPLES];
  for (int i = 0; i < SAMPLES; i++)
    values[i] = i * i % 997 - 500;
  for (size_t e = 0; e < GOOD_RECORDS; e++, record.start += INGEST_SECOND) {
    record.encoding = encodings[e % ENCODINGS];
    record.version = e < ENCODINGS || e >= 2 * ENCODINGS ? 2 : 3;
    record.encoding = e < 2 * ENCODINGS ? record.encoding : 10;
    record.clipped = e % 2;
    size_t before = good_used;
    ingest_record_write(&record, values, 0, keep_good, NULL);
    if (e >= 2 * ENCODINGS)
      good[before + 46] = good[before + 47] = 0; /* no blockette, no length */
  }
  inventory = ingest_inventory_create();
  ingest_inventory_add_channel(inventory, &record.codes, 41, 123, 0, 0, &epoch);
  ingest_inventory_seal(inventory, NULL, NULL);
  ingest_inventory_write(inventory, epoch.start, keep_text, NULL);
}

static void check_samples(void *user, const ingest_samples *samples)
{
  (void)user;
  assert(samples->count > 0 && samples->rate > 0);
  for (size_t i = 0; i < samples->count; i++)
    assert(isfinite(samples->values[i]));
}

static void check_status(void *user, const ingest_status *status)
{
  (void)user;
  assert(status->sensor == 0);
}

static void check_piece(void *user, const uint8_t *bytes, size_t length)
{
  ingest_record record;
  assert(ingest_record_read(bytes, length, &record) == NULL);
  *(size_t *)user += (size_t)record.samples;
}

static void fuzz_record(ingest *in, const uint8_t *bytes, size_t length, int64_t now)
{
  ingest_sink sink = {.samples = check_samples, .status = check_status};
  ingest_record record;
  size_t samples = 0;
  ingest_packet(in, 0, bytes, length, now, &sink);
  ingest_advance(in, now, &sink);
  if (ingest_record_cut(bytes, length, 0.25, 0, check_piece, &samples) == NULL) {
    assert(ingest_record_read(bytes, length, &record) == NULL);
    assert(samples == (size_t)record.samples);
  }
}

/* What a series says of the next record is what is true of it. */
static void check_series(const ingest_series *series, const uint8_t *bytes, size_t length)
{
  ingest_record fast, slow;
  size_t found = ingest_series_next(series, bytes, length, &fast);
  assert(ingest_series_place(bytes, length, 7) < 7);
  if (found == 0)
    return;
  assert(found <= length && ingest_record_read(bytes, found, &slow) == NULL);
  assert(fast.start == slow.start && fast.samples == slow.samples && fast.clipped == slow.clipped && fast.timing_quality == slow.timing_quality);
}

static void fuzz_bytes(const uint8_t *bytes, size_t length)
{
  ingest *in = ingest_create(&settings, inventory);
  ingest_series series = {.length = 0};
  int64_t now = INT64_C(1577836800) * INGEST_SECOND;
  for (size_t at = 0; at < length; now += INGEST_SECOND / 2) {
    ingest_record record;
    check_series(&series, bytes + at, length - at);
    ingest_frame_result next = ingest_frame(bytes + at, length - at);
    ingest_frame_result last = ingest_frame_last(bytes + at, length - at);
    assert(last.framing == next.framing ? last.length == next.length : last.framing == INGEST_FRAME_RECORD && last.length == length - at);
    if (next.framing == INGEST_FRAME_PARTIAL)
      break;
    assert(next.length > 0 && next.length <= length - at);
    if (next.framing == INGEST_FRAME_RECORD)
      fuzz_record(in, bytes + at, next.length, now);
    if (next.framing == INGEST_FRAME_RECORD && ingest_record_read(bytes + at, next.length, &record) == NULL)
      ingest_series_begin(&series, bytes + at, next.length, &record);
    at += next.length;
  }
  ingest_destroy(in);
}

/* Three bytes a change: where (two) and what. */
static void fuzz_changes(const uint8_t *changes, size_t length)
{
  uint8_t *bytes = malloc(good_used);
  memcpy(bytes, good, good_used);
  for (size_t i = 0; i + 3 <= length; i += 3)
    bytes[(size_t)(changes[i] << 8 | changes[i + 1]) % good_used] = changes[i + 2];
  fuzz_bytes(bytes, good_used);
  free(bytes);
}

/* Version-3 records whose CRC is put right: the header's every field meets the reader. */
static void fuzz_version_3(const uint8_t *data, size_t length)
{
  int64_t now = INT64_C(1577836800) * INGEST_SECOND;
  if (length < 40)
    return;
  uint8_t *bytes = malloc(length);
  memcpy(bytes, data, length);
  memcpy(bytes, "MS\3", 3);
  memset(bytes + 28, 0, 4);
  uint32_t crc = crc32c(0, bytes, length);
  for (size_t i = 0; i < 4; i++)
    bytes[28 + i] = (uint8_t)(crc >> 8 * i);
  ingest *in = ingest_create(&settings, inventory);
  fuzz_record(in, bytes, length, now);
  ingest_destroy(in);
  free(bytes);
}

static void ignore_fault(void *user, const char *name, long line, const char *text)
{
  (void)user, (void)name, (void)line;
  assert(text && *text);
}

static void fuzz_stationxml(const uint8_t *bytes, size_t length)
{
  ingest_inventory *read = ingest_inventory_create();
  ingest_inventory_add(read, "fuzz", (const char *)bytes, length, ignore_fault, NULL);
  ingest_inventory_seal(read, ignore_fault, NULL);
  ingest_inventory_destroy(read);
}

static void fuzz_document_changes(const uint8_t *changes, size_t length)
{
  uint8_t *bytes = malloc(document_used);
  memcpy(bytes, document, document_used);
  for (size_t i = 0; i + 3 <= length; i += 3)
    bytes[(size_t)(changes[i] << 8 | changes[i + 1]) % document_used] = changes[i + 2];
  fuzz_stationxml(bytes, document_used);
  free(bytes);
}

static void fuzz_extra_headers(const uint8_t *bytes, size_t length)
{
  int percent = extra_headers_percent(bytes, length, "Time", "Quality");
  assert(percent >= -1 && percent <= 100);
  extra_headers_flag(bytes, length, "Flags", "AmplifierSaturation");
  if (length > 0 && extra_headers_hold(bytes, length))
    assert(!extra_headers_hold(bytes, length - 1) || strchr(" \t\r\n", bytes[length - 1]));
}

static void fuzz_time(const uint8_t *bytes, size_t length)
{
  char text[64], again[INGEST_TIME_TEXT];
  int64_t time;
  size_t n = length < sizeof text - 1 ? length : sizeof text - 1;
  memcpy(text, bytes, n);
  text[n] = '\0';
  if (ingest_time_parse(text, &time))
    ingest_time_format(time, again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (!inventory)
    prepare();
  if (size == 0)
    return 0;
  switch (data[0] % 8) {
  case 0:
    fuzz_bytes(data + 1, size - 1);
    break;
  case 1:
    fuzz_changes(data + 1, size - 1);
    break;
  case 2:
    fuzz_stationxml(data + 1, size - 1);
    break;
  case 4:
    fuzz_version_3(data + 1, size - 1);
    break;
  case 5:
    fuzz_extra_headers(data + 1, size - 1);
    break;
  case 6:
    fuzz_document_changes(data + 1, size - 1);
    break;
  default:
    fuzz_time(data + 1, size - 1);
    break;
  }
  return 0;
}
