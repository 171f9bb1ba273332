/* made_events.h: earthquakes at random places in and around a made network, with all that is wrong with real picks. */
#ifndef TOCSIN_TESTS_MADE_EVENTS_H
#define TOCSIN_TESTS_MADE_EVENTS_H

#include "made.h"

typedef struct {
  made_source source;
  made_network network;
  bool inside;         /* the square of the network */
  bool plain;          /* travel times are the model's */
  size_t p;            /* P picks that it made */
  int64_t fourth_told; /* when the locator is told the fourth of them */
  double first_station_km;
} made_truth;

/* Adds the picks of one that at least four stations see, within one and a half of the half-width of a made_world_create() network's middle, at `at_s`
   of the world's start: 0.05-0.1 s wrong (S twice that) and saying so, a fifth of P missing, S at half of the stations, and a tenth more that are
   false. Unless `plain`, all waves are off by 2 % of their travel times, S by another 1 %, and those of a station by 0.15 s and 1 % besides. */
void made_truth_make(made_world *w, made_network network, double at_s, bool plain, made_truth *truth);

/* A world of `sites` in a square around 36 N 108 E, `spacing_km` apart and shaken out of their grid. */
made_world *made_wide_world(int sites, double spacing_km, uint64_t seed);

/* Adds the picks of small earthquakes seen up to 100 to 200 km, six seconds apart from 30 s of the world's start on, anywhere within `half_km` east
   or west and north or south of the middle of a made_wide_world(). */
void made_swarm(made_world *w, double half_km, made_source *sources, size_t count);

#endif
