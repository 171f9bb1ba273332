/* made_stream.h: a ring of stations around a source, their noise and its P and S waves, as packets in the order of arrival. */
#ifndef TOCSIN_TESTS_MADE_STREAM_H
#define TOCSIN_TESTS_MADE_STREAM_H

#include "engine.h"

typedef struct {
  uint64_t seed;
  int stations; /* 1..99 */
  double latitude_deg, longitude_deg, depth_km;
  double magnitude; /* of the Pd that P has; 0: noise alone */
  int64_t start, origin_time;
  double length_s;
  double packet_s;
} made_quake;

typedef struct {
  int64_t arrival;
  size_t offset, length;
} made_packet;

typedef struct {
  made_packet *packet;
  size_t count;
  uint8_t *bytes;
} made_stream;

/* The ring: station i stands 12 + 6 i km away from (latitude, longitude), 137 degrees on from the one before; three components at 100 samples/s. */
ingest_inventory *made_inventory(const made_quake *quake);

made_stream made_stream_build(const made_quake *quake, const ingest_inventory *inventory, const locator_travel_times *tables);
void made_stream_free(made_stream *stream);

#endif
