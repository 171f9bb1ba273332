/* targets.h: the places that are warned, with what a fast search for the nearest needs. */
#ifndef TOCSIN_ENGINE_TARGETS_H
#define TOCSIN_ENGINE_TARGETS_H

#include "engine.h"

typedef struct {
  double x, y, z; /* on the unit sphere: the nearest target is the one with the largest dot product */
} direction;

/* Shared by the events that were told its targets; the last to let go frees it. */
typedef struct {
  unsigned holders;
  size_t count;
  engine_target *target;
  direction *direction;
  uint32_t *by_id; /* places sorted by id */
} target_table;

direction direction_of(double latitude_deg, double longitude_deg);
double direction_dot(direction a, direction b);

/* No target is configured, and the rules say that the stations are. */
bool targets_are_stations(const engine_settings *settings);

/* The configured targets or, where there are none and the rules say so, the sites of the inventory. Held once. NULL if memory is short. */
target_table *targets_create(const engine_settings *settings, const ingest_inventory *inventory);

/* `fresh` and, after them, those `kept` (places in `old`) that it no longer has. Held once. NULL if memory is short. */
target_table *targets_joined(const target_table *fresh, const target_table *old, const size_t *kept, size_t count);

target_table *targets_hold(target_table *table);
void targets_release(target_table *table);

/* The place of an id in the table, or `count` where it is not. */
size_t targets_find(const target_table *table, const char *id);

/* The target nearest to a point and its distance along the ellipsoid; false for an empty table. */
bool targets_nearest(const target_table *table, double latitude_deg, double longitude_deg, size_t *index, double *distance_km, double *azimuth_deg);

/* NULL, or what is wrong with a target: an id that cannot name a channel, an id used twice. */
const char *targets_fault(const target_table *table, size_t *index);

#endif
