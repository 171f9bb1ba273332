/* core.h: the engine's parts, shared by the files that drive them. */
#ifndef TOCSIN_ENGINE_CORE_H
#define TOCSIN_ENGINE_CORE_H

#include "bulletins.h"
#include "sensors.h"

struct engine {
  engine_setup setup;
  locator_settings located; /* the setup's, and the ground-motion relation */
  post out;
  ingest *ingest;
  locator *locator;
  sensors sensors;
  bulletins *bulletins;

  bool started;
  int64_t now;       /* the newest arrival */
  int64_t next_step; /* grid instant */
  engine_clock clock;
  int64_t heartbeats, intensities; /* revisions */

  uint64_t packets, samples, picks, backwards;
};

/* ---- chain.c: ingest -> picker -> locator -> bulletins ---- */

ingest_sink chain_ingest_sink(engine *e);
locator_sink chain_locator_sink(engine *e);
/* Ground motion that grew since the last step goes to the locator. */
void chain_take_motion(engine *e);

/* ---- network.c: what is said of the stations ---- */

/* The station's own message. */
void network_station(engine *e, int32_t sensor);
/* What an operator should go and see, and its end. */
void network_log_state(engine *e, int32_t sensor, ingest_state before);
/* Those stations whose turn it is at this step, each once in rules.station_report_s; not those that ended. */
void network_stations_in_turn(engine *e);
void network_intensity(engine *e);
void network_heartbeat(engine *e);

#endif
