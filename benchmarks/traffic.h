/* traffic.h: an engine of a made network and the packets that its stations send: noise of three components, one packet a second and channel. */
#ifndef TOCSIN_BENCHMARKS_TRAFFIC_H
#define TOCSIN_BENCHMARKS_TRAFFIC_H

#include "engine.h"

typedef struct traffic traffic;

/* The network alone. NULL, said on stderr, if memory is short. */
traffic *traffic_create(int stations);
void traffic_destroy(traffic *t);
const ingest_inventory *traffic_inventory(const traffic *t);

/* The packets of `seconds` more seconds, spread evenly over each. */
typedef void traffic_packet(void *user, const uint8_t *bytes, size_t length, int64_t arrival);
void traffic_send(traffic *t, int seconds, traffic_packet *packet, void *user);

/* An engine of the network; false, said on stderr, if there is none. Then: packets go through it. */
bool traffic_start(traffic *t);
void traffic_feed(traffic *t, int seconds);

void traffic_count(const traffic *t, engine_counters *counters);

#endif
