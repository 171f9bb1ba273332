#include "world.h"

#include <math.h>
#include <stdlib.h>

made_records store;
packet packets[MOST_PACKETS];
size_t packet_count;

int64_t base_time(void)
{
  return made_header(3, 1).start;
}

ingest_codes codes_of(int channel)
{
  ingest_codes codes = {"XX", "S0", "00", "HNZ"};
  codes.station[1] = (char)('0' + channel / 3);
  codes.channel[2] = "ZNE"[channel % 3];
  return codes;
}

static void on_samples(void *user, const ingest_samples *samples)
{
  clean *stream = &((world *)user)->streams[samples->sensor * 3 + samples->component];
  assert_true(stream->count + samples->count <= LONGEST);
  for (size_t i = 0; i < samples->count; i++) {
    stream->values[stream->count] = samples->values[i];
    stream->times[stream->count] = samples->start + llround((double)i / samples->rate * 1e9);
    stream->gaps[stream->count++] = samples->gap && i == 0;
  }
}

static void on_status(void *user, const ingest_status *status)
{
  world *w = user;
  w->status[status->sensor] = *status;
  w->statuses++;
}

static void on_refused(void *user, int32_t feed, bool waited, const ingest_codes *codes, ingest_refusal reason, const char *detail)
{
  (void)feed, (void)waited, (void)codes, (void)detail;
  ((world *)user)->refusals[reason]++;
}

ingest_epoch epoch_of(double gain, ingest_unit unit)
{
  return (ingest_epoch){
      .start = INT64_MIN, .end = INT64_MAX, .gain = gain, .rate = 100, .dip_deg = (double)NAN, .azimuth_deg = (double)NAN, .unit = unit};
}

world *begin_with(ingest_inventory *inventory)
{
  world *w = calloc(1, sizeof *w);
  w->inventory = inventory;
  ingest_inventory_seal(inventory, NULL, NULL);
  w->settings = (ingest_settings){.reorder_s = 2, .future_s = 5, .late_after_s = 10, .dead_after_s = 60};
  w->in = ingest_create(&w->settings, inventory);
  assert_non_null(w->in);
  w->sink = (ingest_sink){on_samples, on_status, on_refused, w};
  return w;
}

world *begin(void)
{
  ingest_inventory *inventory = ingest_inventory_create();
  for (int channel = 0; channel < CHANNELS; channel++) {
    ingest_codes codes = codes_of(channel);
    ingest_epoch epoch = epoch_of(GAIN, INGEST_UNIT_ACCELERATION);
    assert_true(ingest_inventory_add_channel(inventory, &codes, 41, 123, 0, 0, &epoch));
  }
  return begin_with(inventory);
}

void end(world *w)
{
  ingest_destroy(w->in);
  ingest_inventory_destroy(w->inventory);
  free(w);
}

/* What channel `channel` measures at sample `index` since the base time. */
static double ground(int channel, int64_t index)
{
  return (double)(index * (channel + 3) % 1999 - 1000);
}

void add_packet(int channel, int64_t first, int32_t count, int64_t delay)
{
  static double values[LONGEST];
  ingest_record record = {
      .codes = codes_of(channel), .start = base_time() + first * (INGEST_SECOND / 100), .rate = 100, .samples = count, .encoding = 11};
  for (int32_t i = 0; i < count; i++)
    values[i] = ground(channel, first + i);
  size_t before = store.count;
  assert_int_equal(ingest_record_write(&record, values, 0, made_collect, &store), 1);
  packets[packet_count] = (packet){channel, store.offsets[before], store.lengths[before], ingest_record_last(&record) + delay, (int)packet_count};
  packet_count++;
}

void forget_packets(void)
{
  store.count = store.used = packet_count = 0;
}

void feed(world *w, size_t index)
{
  const packet *p = &packets[index];
  w->now = p->arrival > w->now ? p->arrival : w->now;
  ingest_packet(w->in, 0, store.bytes + p->offset, p->length, w->now, &w->sink);
}

static int by_arrival(const void *left, const void *right)
{
  const packet *a = left, *b = right;
  return a->arrival != b->arrival ? (a->arrival > b->arrival) - (a->arrival < b->arrival) : a->order - b->order;
}

void play(world *w)
{
  qsort(packets, packet_count, sizeof *packets, by_arrival);
  int64_t step = packets[0].arrival;
  for (size_t i = 0; i < packet_count; i++) {
    for (; step <= packets[i].arrival; step += INGEST_SECOND / 10)
      ingest_advance(w->in, step, &w->sink);
    feed(w, i);
  }
  for (int64_t stop = step + 5 * INGEST_SECOND; step < stop; step += INGEST_SECOND / 10)
    ingest_advance(w->in, step, &w->sink);
}

void assert_stream_is(const clean *stream, int channel, int64_t first, size_t count)
{
  assert_int_equal(stream->count, count);
  for (size_t i = 0; i < count; i++) {
    assert_true(stream->values[i] == (float)(ground(channel, first + (int64_t)i) / GAIN));
    assert_int_equal(stream->times[i], base_time() + (first + (int64_t)i) * INGEST_SECOND / 100);
    assert_int_equal(stream->gaps[i], i == 0);
  }
}
