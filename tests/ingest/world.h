/* world.h: a small network, its packets, and the clean stream that ingest makes of them, for the tests of the stream. */
#ifndef TOCSIN_TESTS_WORLD_H
#define TOCSIN_TESTS_WORLD_H

#include "made.h"

enum { SENSORS = 3, CHANNELS = SENSORS * 3, LONGEST = 12000, MOST_PACKETS = 4000 };
#define GAIN 2000.0

/* Clean stream of one channel, sample by sample. */
typedef struct {
  float values[LONGEST];
  int64_t times[LONGEST];
  bool gaps[LONGEST]; /* this sample does not follow the one before */
  size_t count;
} clean;

typedef struct {
  ingest_inventory *inventory;
  ingest_settings settings;
  ingest *in;
  ingest_sink sink;
  clean streams[CHANNELS];
  ingest_status status[SENSORS];
  int statuses, refusals[INGEST_REFUSALS];
  int64_t now;
} world;

/* A packet and when it arrives. */
typedef struct {
  int channel;
  size_t offset, length; /* in `store` */
  int64_t arrival;
  int order;
} packet;

extern made_records store;
extern packet packets[MOST_PACKETS];
extern size_t packet_count;

int64_t base_time(void);

/* XX.S0.00.HNZ and so on: channel 3 * sensor + component. */
ingest_codes codes_of(int channel);

/* An epoch without begin and end. */
ingest_epoch epoch_of(double gain, ingest_unit unit);

/* Takes the inventory over and seals it. A channel's values are counts / GAIN in begin()'s own. */
world *begin_with(ingest_inventory *inventory);
world *begin(void);
void end(world *w);

void forget_packets(void);

/* `count` samples of what the channel measures, from sample `first` since the base time, which arrive `delay` after the last of them. */
void add_packet(int channel, int64_t first, int32_t count, int64_t delay);

void feed(world *w, size_t index);

/* Packets in the order of their arrival, a step each 100 ms, and at last so long a silence that all that waits is let go. */
void play(world *w);

/* One stream without a gap: samples [first, first + count) of what the channel measures. */
void assert_stream_is(const clean *stream, int channel, int64_t first, size_t count);

#endif
