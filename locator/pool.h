/* pool.h (inside locator/): the picks that no event explains yet, for two minutes. */
#ifndef TOCSIN_LOCATOR_POOL_H
#define TOCSIN_LOCATOR_POOL_H

#include "network.h"

/* A pick as the locator keeps it, free or in an event. */
typedef struct {
  uint64_t id;
  int32_t sensor, site;
  char label; /* what the picker called it, 'P' or 'S' */
  int64_t time, told;
  float sigma_s, snr;
  bool doubtful; /* of a sensor that is not well: begins no event */
} kept_pick;

typedef struct {
  size_t capacity, oldest, count; /* a ring in the order of telling */
  kept_pick *pick;                /* a taken one has id 0 */
} pool;

bool pool_create(pool *p, size_t sites);
/* Room for that many sites; the picks stay. False if memory is short: then nothing changed. */
bool pool_resize(pool *p, size_t sites);
void pool_destroy(pool *p);

/* The i-th newest, 0 <= i < p->count; its id may be 0. */
kept_pick *pool_newest(const pool *p, size_t i);

/* Adds a pick; drops the oldest when full, counted as its site's noise. */
void pool_add(pool *p, const kept_pick *pick, network *n, int64_t now);

/* Drops what was told more than two minutes ago, each counted as its site's noise. */
void pool_expire(pool *p, network *n, int64_t now);

bool pool_holds(const pool *p, uint64_t id);

/* True if it was there. */
bool pool_remove(pool *p, uint64_t id);

#endif
