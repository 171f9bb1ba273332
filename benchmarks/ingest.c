/* From bytes to clean stream, beside libmseed's own unpacking of the same records in the same run; one JSON line a figure. */
#include <libmseed.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ingest.h"
#include "random.h"

enum { RECORDS = 20000, CHANNELS = 300, ROUNDS = 15, MOST_SAMPLES = 512 };

typedef struct {
  uint8_t *bytes;
  size_t length, offsets[RECORDS + 8], lengths[RECORDS + 8], count;
  int64_t arrivals[RECORDS];
  uint64_t samples;
} records;

typedef struct {
  uint64_t samples;
  float sum;
} received;

static double seconds_now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static ingest_codes codes_of(int channel)
{
  ingest_codes codes = {.network = "XX", .location = "00"};
  snprintf(codes.station, sizeof codes.station, "S%03u", (unsigned)channel / 3 % 1000);
  snprintf(codes.channel, sizeof codes.channel, "HN%c", "ZNE"[channel % 3]);
  return codes;
}

static void keep(void *user, const uint8_t *bytes, size_t length)
{
  records *r = user;
  r->bytes = realloc(r->bytes, r->length + length);
  memcpy(r->bytes + r->length, bytes, length);
  r->offsets[r->count] = r->length;
  r->lengths[r->count++] = length;
  r->length += length;
}

/* Microseism and instrument noise as a quiet accelerometer counts them: differences of 6 to 10 bits. */
static void make_noise(random_source *random, double *values, size_t count)
{
  double slow = 0;
  for (size_t i = 0; i < count; i++) {
    slow = 0.98 * slow + 20 * random_normal(random);
    values[i] = (double)(int)(slow + 40 * random_normal(random));
  }
}

/* `fill`: as many samples as a 512-byte record takes; else one second each. */
static void make_records(records *r, bool fill, int version)
{
  random_source random = {1};
  int64_t next[CHANNELS] = {0};
  double values[MOST_SAMPLES];
  int32_t most = MOST_SAMPLES;
  memset(r, 0, sizeof *r);
  for (size_t i = 0; i < RECORDS; i++) {
    int channel = (int)(i % CHANNELS);
    ingest_record record = {.codes = codes_of(channel),
                            .start = next[channel] + INT64_C(1577836800) * INGEST_SECOND,
                            .rate = 100,
                            .version = (uint8_t)version,
                            .encoding = 11};
    make_noise(&random, values, MOST_SAMPLES);
    for (record.samples = fill ? most : 100;; record.samples--) {
      size_t before = r->count, used = r->length;
      if (ingest_record_write(&record, values, 512, keep, r) == 1)
        break;
      r->count = before;
      r->length = used;
    }
    most = record.samples + 20 < MOST_SAMPLES ? record.samples + 20 : MOST_SAMPLES;
    r->arrivals[i] = ingest_record_last(&record);
    next[channel] = ingest_record_end(&record) - INT64_C(1577836800) * INGEST_SECOND;
    r->samples += (uint64_t)record.samples;
  }
}

static void take_samples(void *user, const ingest_samples *samples)
{
  received *got = user;
  got->samples += samples->count;
  got->sum += samples->values[0];
}

static void take_status(void *user, const ingest_status *status)
{
  (void)user, (void)status;
}

static double time_ingest(const records *r, const ingest_inventory *inventory)
{
  ingest_settings settings = {.reorder_s = 2, .future_s = 1e6, .late_after_s = 10, .dead_after_s = 120};
  received got = {0, 0};
  ingest_sink sink = {take_samples, take_status, NULL, &got};
  ingest *in = ingest_create(&settings, inventory);
  double begin = seconds_now();
  size_t at = 0;
  for (size_t i = 0; i < r->count; i++) {
    ingest_frame_result next = ingest_frame(r->bytes + at, r->length - at);
    ingest_packet(in, 0, r->bytes + at, next.length, r->arrivals[i], &sink);
    at += next.length;
  }
  double took = seconds_now() - begin;
  if (got.samples != r->samples)
    fprintf(stderr, "%llu samples of %llu came through\n", (unsigned long long)got.samples, (unsigned long long)r->samples);
  ingest_destroy(in);
  return took;
}

static double time_libmseed(const records *r)
{
  MSRecord *record = NULL;
  int64_t samples = 0;
  double begin = seconds_now();
  for (size_t i = 0; i < r->count; i++) {
    msr_unpack((char *)r->bytes + r->offsets[i], (int)r->lengths[i], &record, 1, 0);
    samples += record->numsamples;
  }
  double took = seconds_now() - begin;
  if ((uint64_t)samples != r->samples)
    fprintf(stderr, "libmseed unpacks %lld samples of %llu\n", (long long)samples, (unsigned long long)r->samples);
  msr_free(&record);
  return took;
}

static double time_decode(const records *r)
{
  static double values[MOST_SAMPLES];
  uint64_t samples = 0;
  double begin = seconds_now();
  for (size_t i = 0; i < r->count; i++) {
    ingest_record record;
    if (!ingest_record_decode(r->bytes + r->offsets[i], r->lengths[i], &record, values, MOST_SAMPLES))
      samples += (uint64_t)record.samples;
  }
  double took = seconds_now() - begin;
  if (samples != r->samples)
    fprintf(stderr, "%llu samples of %llu are decoded\n", (unsigned long long)samples, (unsigned long long)r->samples);
  return took;
}

/* Decoding alone: the same samples in both versions beside libmseed's unpacking of version 2. */
static void measure_decode(const records *two, const records *three)
{
  double of_2 = 1e9, of_3 = 1e9, theirs = 1e9;
  for (int round = 0; round < ROUNDS; round++) {
    double a = time_decode(two), b = time_decode(three), c = time_libmseed(two);
    of_2 = a < of_2 ? a : of_2;
    of_3 = b < of_3 ? b : of_3;
    theirs = c < theirs ? c : theirs;
  }
  double n = (double)two->count;
  printf("{\"name\":\"ingest_decode\",\"value\":%.0f,\"unit\":\"records/s\",\"baseline\":%.0f}\n", n / of_2, n / theirs);
  printf("{\"name\":\"ingest_decode_3\",\"value\":%.0f,\"unit\":\"records/s\",\"baseline\":%.0f}\n", n / of_3, n / theirs);
}

/* The best of some rounds that alternate, so that both meet the same machine. */
static void measure(const records *r, const ingest_inventory *inventory, const char *packets, const char *samples)
{
  double ours = 1e9, theirs = 1e9;
  for (int round = 0; round < ROUNDS; round++) {
    double a = time_ingest(r, inventory), b = time_libmseed(r);
    ours = a < ours ? a : ours;
    theirs = b < theirs ? b : theirs;
  }
  double n = (double)r->count, m = (double)r->samples;
  printf("{\"name\":\"%s\",\"value\":%.0f,\"unit\":\"records/s\",\"baseline\":%.0f}\n", packets, n / ours, n / theirs);
  printf("{\"name\":\"%s\",\"value\":%.0f,\"unit\":\"samples/s\",\"baseline\":%.0f}\n", samples, m / ours, m / theirs);
}

int main(void)
{
  static records r, version_3;
  ingest_inventory *inventory = ingest_inventory_create();
  ingest_epoch epoch = {.start = INT64_MIN, .end = INT64_MAX, .gain = 1e6, .rate = 100, .unit = INGEST_UNIT_ACCELERATION};
  for (int channel = 0; channel < CHANNELS; channel++) {
    ingest_codes codes = codes_of(channel);
    ingest_inventory_add_channel(inventory, &codes, 41, 123, 0, 0, &epoch);
  }
  ingest_inventory_seal(inventory, NULL, NULL);
  make_records(&r, true, 2);
  make_records(&version_3, true, 3);
  measure(&r, inventory, "ingest_records", "ingest_samples");
  measure_decode(&r, &version_3);
  free(version_3.bytes);
  free(r.bytes);
  make_records(&r, false, 2);
  measure(&r, inventory, "ingest_packets_1s", "ingest_packets_1s_samples");
  free(r.bytes);
  ingest_inventory_destroy(inventory);
  return 0;
}
