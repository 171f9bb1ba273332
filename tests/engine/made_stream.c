#include "made_stream.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data.h"
#include "random.h"

enum { RATE = 100 };
static const double gain = 1e6, noise_m_s2 = 2e-5, period_s = 1;

ingest_inventory *made_inventory(const made_quake *quake)
{
  static const char *const channels[] = {"HNE", "HNN", "HNZ"};
  static const ingest_epoch epoch = {INT64_MIN, INT64_MAX, 1e6, 1, RATE, 0, 0, INGEST_UNIT_ACCELERATION};
  ingest_inventory *inventory = ingest_inventory_create();
  for (int i = 0; i < quake->stations; i++) {
    double azimuth = i * 137 * M_PI / 180, distance_km = 12 + 6 * i;
    double latitude = quake->latitude_deg + distance_km / 111.2 * cos(azimuth);
    double longitude = quake->longitude_deg + distance_km / 111.2 * sin(azimuth) / cos(quake->latitude_deg * M_PI / 180);
    for (int c = 0; c < INGEST_COMPONENTS; c++) {
      ingest_codes codes = {.network = "XX"};
      snprintf(codes.station, sizeof codes.station, "M%02u", (unsigned)i % 100);
      snprintf(codes.channel, sizeof codes.channel, "%s", channels[c]);
      assert_true(ingest_inventory_add_channel(inventory, &codes, latitude, longitude, 0, 0, &epoch));
    }
  }
  ingest_inventory_seal(inventory, NULL, NULL);
  return inventory;
}

/* A wave train that rises within a period and dies away; peak acceleration about `peak`. */
static double wave(double since_s, double peak)
{
  if (since_s < 0)
    return 0;
  return peak * exp(1) * (since_s / 2) * exp(-since_s / 2) * sin(2 * M_PI * since_s / period_s);
}

/* The acceleration whose displacement Kuyuk & Allen (2013) read as that magnitude at that distance. */
static double p_peak(double magnitude, double distance_km)
{
  double pd_cm = pow(10, (magnitude - 5.39 - 1.38 * log10(fmax(distance_km, 10))) / 1.23);
  return pd_cm / 100 * pow(2 * M_PI / period_s, 2);
}

static double *channel_samples(const made_quake *q, const ingest_sensor *sensor, int component, const locator_travel_times *tables, size_t count)
{
  double *samples = malloc(count * sizeof *samples);
  assert_non_null(samples);
  random_source r = {.state = q->seed * 1000003 + (uint64_t)sensor->site * 7 + (uint64_t)component};
  double distance_km = locator_distance_km(q->latitude_deg, q->longitude_deg, sensor->latitude_deg, sensor->longitude_deg, NULL);
  double p_s = locator_travel_time(tables, 'P', distance_km, q->depth_km), s_s = locator_travel_time(tables, 'S', distance_km, q->depth_km);
  double before_s = (double)(q->origin_time - q->start) / 1e9, peak = q->magnitude > 0 ? p_peak(q->magnitude, distance_km) : 0;
  for (size_t i = 0; i < count; i++) {
    double t = (double)i / RATE - before_s;
    double p = wave(t - p_s, component == INGEST_VERTICAL ? peak : peak / 3), s = wave(t - s_s, component == INGEST_VERTICAL ? 2 * peak : 6 * peak);
    samples[i] = round((noise_m_s2 * random_normal(&r) + p + s) * gain);
  }
  return samples;
}

typedef struct {
  made_stream *stream;
  size_t used, capacity;
  int64_t arrival;
} builder;

static void take_record(void *user, const uint8_t *bytes, size_t length)
{
  builder *b = user;
  while (b->used + length > b->capacity) {
    b->capacity = b->capacity ? 2 * b->capacity : 1 << 20;
    b->stream->bytes = realloc(b->stream->bytes, b->capacity);
    assert_non_null(b->stream->bytes);
  }
  if (b->stream->count % 1024 == 0) {
    b->stream->packet = realloc(b->stream->packet, (b->stream->count + 1024) * sizeof *b->stream->packet);
    assert_non_null(b->stream->packet);
  }
  memcpy(b->stream->bytes + b->used, bytes, length);
  b->stream->packet[b->stream->count++] = (made_packet){b->arrival, b->used, length};
  b->used += length;
}

static void write_channel(builder *b, const made_quake *q, const ingest_sensor *sensor, int component, const double *samples, size_t count)
{
  static const char letters[] = "ZNE";
  size_t step = (size_t)lround(q->packet_s * RATE);
  ingest_record record = {.codes = sensor->codes, .rate = RATE, .encoding = 11, .timing_quality = -1};
  record.codes.channel[2] = letters[component];
  for (size_t from = 0; from < count; from += step) {
    record.start = q->start + (int64_t)from * (INGEST_SECOND / RATE);
    record.samples = (int32_t)(count - from < step ? count - from : step);
    b->arrival = ingest_record_last(&record);
    assert_true(ingest_record_write(&record, samples + from, 0, take_record, b) == 1);
  }
}

static int by_arrival(const void *a, const void *b)
{
  const made_packet *left = a, *right = b;
  int order = (left->arrival > right->arrival) - (left->arrival < right->arrival);
  return order ? order : (left->offset > right->offset) - (left->offset < right->offset);
}

made_stream made_stream_build(const made_quake *quake, const ingest_inventory *inventory, const locator_travel_times *tables)
{
  made_stream stream = {0};
  builder b = {.stream = &stream};
  size_t count = (size_t)(quake->length_s * RATE);
  for (size_t i = 0; i < ingest_inventory_sensors(inventory); i++)
    for (int component = 0; component < INGEST_COMPONENTS; component++) {
      const ingest_sensor *sensor = ingest_inventory_sensor(inventory, i);
      double *samples = channel_samples(quake, sensor, component, tables, count);
      write_channel(&b, quake, sensor, component, samples, count);
      free(samples);
    }
  qsort(stream.packet, stream.count, sizeof *stream.packet, by_arrival);
  return stream;
}

void made_stream_free(made_stream *stream)
{
  free(stream->packet);
  free(stream->bytes);
  *stream = (made_stream){0};
}
