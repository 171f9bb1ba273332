/* made.h: made-up networks and earthquakes for the locator's tests: a virtual clock, picks with errors, and a record of what was said. */
#ifndef TOCSIN_TESTS_MADE_H
#define TOCSIN_TESTS_MADE_H

#include "data.h"
#include "locator.h"
#include "random.h"

enum { MADE_SENSORS = 18432, MADE_PICKS = 200000, MADE_EVENTS = 512, MADE_NEAR_MISSES = 64 };

typedef enum { MADE_CITY, MADE_PROVINCE, MADE_COUNTRY, MADE_NETWORKS } made_network;

typedef struct {
  double latitude_deg, longitude_deg, depth_km;
  int64_t time;
} made_source;

/* One pick on its way: it is told at `told`. */
typedef struct {
  picker_pick pick;
  int64_t told;
} made_pick;

/* What was said of one event. */
typedef struct {
  locator_event first, last;
  int64_t first_told, last_told;
  uint32_t revisions;
  double highest_likelihood;
  int64_t alert_told; /* when it was of the alert class first, 0: never; told by the benchmarks */
} made_event;

typedef struct {
  random_source random;
  ingest_inventory *inventory;
  locator_travel_times *tables;
  locator_settings settings;
  locator *locator;
  double latency_s;                 /* of all data */
  double (*delay_s)(size_t sensor); /* more, of single sensors; NULL: none */
  ingest_state state[MADE_SENSORS]; /* as the statuses say; good */
  ingest_path path[MADE_SENSORS];   /* -1, -1, -1 */
  int64_t now;
  size_t picks, next;
  uint32_t made; /* picks ever added */
  made_pick *pick;
  size_t events;
  made_event *event;
  size_t near_misses;
  locator_event near_miss[MADE_NEAR_MISSES];
  int faults; /* revisions with holes, unsorted arrivals, values that are not finite */
} made_world;

#define MADE_EPOCH INT64_C(1700000000000000000)
#define SECONDS(s) ((int64_t)((s)*1e9))

/* A world with that network around 41.5 N 123 E (city: 40 sites over 60 km; province: 60 over 400 km; country: 40 over 900 km). */
made_world *made_world_create(made_network network, uint64_t seed);
/* With the sensors given by hand through `add`. */
made_world *made_world_of(ingest_inventory *inventory, const locator_model *model, uint64_t seed);
void made_world_destroy(made_world *w);
void made_add_site(ingest_inventory *inventory, const char *network, const char *station, const char *band, double latitude_deg, double longitude_deg,
                   double elevation_m);

/* A place within `radius_km` of the network's middle, 3-20 km deep, at `after_s` of the world's start. */
made_source made_source_near(made_world *w, double radius_km, double after_s);

/* Adds the P (and S with chance `with_s`) picks of an earthquake up to `reach_km`, with errors of 0.05-0.1 s, `missing` of them left out. */
void made_quake(made_world *w, made_source source, double reach_km, double missing, double with_s);
/* Adds false P picks at random: `per_hour` a sensor over the next `seconds`. */
void made_noise(made_world *w, double per_hour, double from_s, double seconds);
/* Adds tentative ones as noise brings them (esec and norsar of labelled-windows): 15 P an hour, the weaker the oftener, an S after 15 % of them. */
void made_tentative_noise(made_world *w, double from_s, double seconds);
/* Adds one pick. */
void made_add_pick(made_world *w, size_t sensor, char phase, int64_t time, double sigma_s);
/* The pick added last is not sure. */
void made_make_tentative(made_world *w, double odds);

/* Makes room: those that were told are forgotten. */
void made_forget_told(made_world *w);

/* Those not yet told, by the times of the picks. */
void made_sort_by_time(made_world *w);

/* Runs the clock to `until_s`: picks as they are told, statuses each half second, steps each tenth. */
void made_run(made_world *w, double until_s);

/* The event whose last state lies nearest to the source within 5 s, or NULL; how many lie within 5 s and 60 km. */
const made_event *made_find(const made_world *w, made_source source, int *how_many);
double made_error_km(const made_event *e, made_source source);

#endif
