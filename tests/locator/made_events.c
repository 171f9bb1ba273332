#include "made_events.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { FEWEST_P = 4 };

static const double station_km[MADE_NETWORKS] = {10, 50, 150}, half_width_km[MADE_NETWORKS] = {30, 200, 450};

static void add_false_picks(made_world *w, size_t from, double until_s, made_source source);
static void add_ground(made_world *w, size_t from, made_source source);
static void count_p(const made_world *w, size_t from, made_truth *truth);
static void nearest_station(const made_world *w, made_truth *truth);

void made_truth_make(made_world *w, made_network network, double at_s, bool plain, made_truth *truth)
{
  size_t from = w->picks;
  do {
    w->picks = from;
    double reach_km = station_km[network] * random_uniform(&w->random, 2, 8);
    *truth = (made_truth){.source = made_source_near(w, 1.5 * half_width_km[network], at_s), .network = network, .plain = plain};
    made_quake(w, truth->source, reach_km, 0.2, 0.5);
    if (!plain)
      add_ground(w, from, truth->source);
    count_p(w, from, truth);
  } while (truth->p < FEWEST_P);
  double east = (truth->source.longitude_deg - 123) * 83.4, north = (truth->source.latitude_deg - 41.5) * 111.2;
  truth->inside = fabs(east) < half_width_km[network] && fabs(north) < half_width_km[network];
  nearest_station(w, truth);
  add_false_picks(w, from, station_km[network], truth->source);
}

static void add_false_picks(made_world *w, size_t from, double until_s, made_source source)
{
  int64_t sensors = (int64_t)ingest_inventory_sensors(w->inventory);
  size_t wrong = (w->picks - from + 5) / 10;
  for (size_t i = 0; i < wrong; i++)
    made_add_pick(w, (size_t)random_below(&w->random, sensors), random_uniform(&w->random, 0, 1) < 0.5 ? 'P' : 'S',
                  source.time + SECONDS(random_uniform(&w->random, -5, until_s)), 0.1);
}

/* All waves are 2 % too slow or fast, S waves another 1 %; what a station has besides is the same for both its waves: S is as much later as it is
   slower. */
static void add_ground(made_world *w, size_t from, made_source source)
{
  static double drawn[MADE_SENSORS];
  const double p_slower = 0.02 * random_normal(&w->random), s_slower = p_slower + 0.01 * random_normal(&w->random);
  for (size_t i = 0; i < ingest_inventory_sensors(w->inventory); i++)
    drawn[i] = random_normal(&w->random);
  for (size_t i = from; i < w->picks; i++) {
    made_pick *p = &w->pick[i];
    double ratio = p->pick.phase == 'S' ? 1.73 : 1, travel_s = (double)(p->pick.time - source.time) / 1e9 / ratio;
    double slower = p->pick.phase == 'S' ? s_slower : p_slower;
    int64_t late = SECONDS(ratio * ((0.15 + 0.01 * travel_s) * drawn[p->pick.sensor] + travel_s * slower));
    p->pick.time += late;
    p->pick.data_until += late;
    p->told += late;
  }
}

static int ascending_times(const void *a, const void *b)
{
  const int64_t *x = a, *y = b;
  return (*x > *y) - (*x < *y);
}

/* The fourth P to be told, of those from `from` on; their number in truth->p. */
static void count_p(const made_world *w, size_t from, made_truth *truth)
{
  static int64_t told[MADE_SENSORS];
  truth->p = 0;
  for (size_t i = from; i < w->picks; i++)
    if (w->pick[i].pick.phase == 'P')
      told[truth->p++] = w->pick[i].told;
  qsort(told, truth->p, sizeof *told, ascending_times);
  truth->fourth_told = truth->p >= FEWEST_P ? told[FEWEST_P - 1] : 0;
}

static void nearest_station(const made_world *w, made_truth *truth)
{
  truth->first_station_km = (double)INFINITY;
  for (size_t i = 0; i < ingest_inventory_sensors(w->inventory); i++) {
    const ingest_sensor *s = ingest_inventory_sensor(w->inventory, i);
    double km = locator_distance_km(truth->source.latitude_deg, truth->source.longitude_deg, s->latitude_deg, s->longitude_deg, NULL);
    truth->first_station_km = fmin(truth->first_station_km, km);
  }
}

/* ---- a country ---- */

/* So far east and north of 36 N 108 E. */
static void place(double east_km, double north_km, double *latitude_deg, double *longitude_deg)
{
  *latitude_deg = 36 + north_km / 111.2;
  *longitude_deg = 108 + east_km / (111.2 * cos(*latitude_deg * M_PI / 180));
}

made_world *made_wide_world(int sites, double spacing_km, uint64_t seed)
{
  random_source random = {seed};
  locator_model model;
  ingest_inventory *inventory = ingest_inventory_create();
  int across = (int)ceil(sqrt(sites));
  for (int i = 0; i < sites; i++) {
    char name[16];
    snprintf(name, sizeof name, "%05d", i);
    double east = spacing_km * (i % across - across / 2.0 + random_uniform(&random, -0.3, 0.3)), latitude, longitude;
    double north = spacing_km * ((double)(i / across) - across / 2.0 + random_uniform(&random, -0.3, 0.3));
    place(east, north, &latitude, &longitude);
    made_add_site(inventory, "CN", name, "HN", latitude, longitude, 0);
  }
  assert_true(locator_model_named("iasp91", &model));
  return made_world_of(inventory, &model, seed);
}

void made_swarm(made_world *w, double half_km, made_source *sources, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    double east = random_uniform(&w->random, -half_km, half_km), north = random_uniform(&w->random, -half_km, half_km), latitude, longitude;
    place(east, north, &latitude, &longitude);
    sources[i] = (made_source){latitude, longitude, random_uniform(&w->random, 3, 20), MADE_EPOCH + SECONDS(30 + 6 * (double)i)};
    made_quake(w, sources[i], random_uniform(&w->random, 100, 200), 0.2, 0.5);
  }
}
