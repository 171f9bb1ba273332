/* scenario.h: the recordings that a network would have made of an earthquake that never was.
 *
 * Omega-squared stochastic sources (Brune 1970; Boore 2003) along a line on the fault, P and S through the travel-time tables, geometric spreading,
 * Q and kappa, on top of each station's own noise. Strong-motion accelerometers, three components (HNZ, HNN, HNE). Pure but for memory: the same
 * scenario gives the same samples on one kind of CPU.
 */
#ifndef TOCSIN_SCENARIO_H
#define TOCSIN_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "locator.h"

typedef struct {
  char network[9], station[9], location[9];
  double latitude_deg, longitude_deg, elevation_m;
} scenario_station;

typedef struct {
  bool noise_only;                              /* no earthquake: the members of the next three lines do not count */
  double latitude_deg, longitude_deg, depth_km; /* hypocentre */
  double magnitude, strike_deg;                 /* moment magnitude; strike NAN: drawn from the seed */
  int64_t origin_time;
  int64_t start;           /* of every record */
  double duration_s, rate; /* s, samples/s */
  double noise_m_s2;       /* rms of the local noise at every station; NAN: each station's own, 2e-5 to 1e-3 */
  /* How earthquakes and paths differ; all 0: not. Standard deviations of ln: of the event's stress drop, of each wave's amplitude at each station. */
  double stress_sigma_ln, path_sigma_ln;
  bool radiates; /* P and S by the pattern of a double couple, drawn from the seed, instead of its average over the sphere */
  uint64_t seed;
  const scenario_station *stations;
  size_t stations_count;
  const locator_travel_times *tables;
} scenario;

/* The instrument of every station: 24 bits over +-4 g. */
extern const double scenario_gain; /* counts per m/s2 */
enum { SCENARIO_FULL_SCALE = 8388607, SCENARIO_RECORD_LENGTH = 512 };
extern const char scenario_channels[INGEST_COMPONENTS][4]; /* by ingest's component */

/* Gets one whole channel: `header` (codes, start, rate, samples, Steim-2) and its counts, valid during the call. */
typedef void scenario_sink(void *user, const ingest_record *header, const double *counts);

/* Calls `sink` station by station, in the order Z, N, E. False if memory is short. About 0.1 s of CPU a station for M7 and two minutes. */
bool scenario_make(const scenario *s, scenario_sink *sink, void *user);

/* ---- the network (scenario_network.c) ---- */

/* The built-in network: 60 made-up stations over Liaoning, denser round Shenyang and Haicheng. */
extern const scenario_station scenario_liaoning[];
extern const size_t scenario_liaoning_count;

/* Haicheng 1975-02-04 11:36:07 UTC, M7.3, seen by that network for 20 s before and 120 s after. The caller sets `tables`. */
scenario scenario_haicheng(void);

/* The noise of one channel into samples[count] (m/s2), replacing what is there. False if memory is short. */
bool scenario_noise(const scenario *s, const scenario_station *station, int component, float *samples, size_t count);

/* ---- the earthquake (scenario_source.c) ---- */

typedef struct scenario_fault scenario_fault;

/* The ruptured line of `s`; NULL if memory is short. */
scenario_fault *scenario_fault_create(const scenario *s);
void scenario_fault_destroy(scenario_fault *fault);

/* Adds the earthquake to one station's three records of `count` samples. */
void scenario_fault_shake(scenario_fault *fault, const scenario_station *station, float *const samples[INGEST_COMPONENTS], size_t count);

/* ---- files (scenario_output.c) ---- */

/* NET.STA.LOC.CHA.mseed (512-byte Steim-2) of every channel, stations.xml and, with an earthquake, event.json into `folder`, which is created if
   absent; files of these names are overwritten. False, said on stderr. */
bool scenario_write(const scenario *s, const char *folder);

/* The inventory of the stations, sealed; NULL if memory is short. The caller destroys it. */
ingest_inventory *scenario_inventory(const scenario *s);

#endif
