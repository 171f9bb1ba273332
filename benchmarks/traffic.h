/* traffic.h: an engine of a made network and the packets that its stations send: noise of three components, one packet a second and channel. */
#ifndef TOCSIN_BENCHMARKS_TRAFFIC_H
#define TOCSIN_BENCHMARKS_TRAFFIC_H

#include "engine.h"

typedef struct traffic traffic;

/* NULL, said on stderr, if there is no such engine. */
traffic *traffic_create(int stations);
void traffic_destroy(traffic *t);

/* The packets of `seconds` more seconds through the engine, spread evenly over each. */
void traffic_feed(traffic *t, int seconds);

void traffic_count(const traffic *t, engine_counters *counters);

#endif
