/* pool.h (inside locator/): the picks that no event explains yet, for two minutes; of tentative ones each sensor's last few. */
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
  int8_t polarity; /* of the first motion, as picked: +1 up, -1 down, 0 unclear */
  float mark;      /* log of how much likelier a P is marked so than noise is, against sure picks; 0: one of them */
  bool tentative;  /* of a wave too weak for one station alone */
  bool doubtful;   /* of a sensor that is not well: begins no event */
} kept_pick;

enum { POOL_TENTATIVE = 4 };

/* Tentative picks are far more than sure ones, and are only looked at where a sure one or an event asks for those of some sites. */
typedef struct {
  size_t capacity, oldest, count; /* a ring in the order of telling */
  kept_pick *pick;                /* a taken one has id 0 */
  size_t sensors;
  kept_pick (*tentative)[POOL_TENTATIVE]; /* of each sensor; a taken one has id 0 */
} pool;

bool pool_create(pool *p, size_t sites, size_t sensors);
/* Room for so many; the picks stay. False if memory is short: then nothing changed. */
bool pool_resize(pool *p, size_t sites, size_t sensors);
void pool_destroy(pool *p);

/* The i-th newest of the sure ones, 0 <= i < p->count; its id may be 0. */
kept_pick *pool_newest(const pool *p, size_t i);

/* Adds a pick; drops the oldest when full, counted as its site's noise. A tentative one takes the place of its sensor's oldest. */
void pool_add(pool *p, const kept_pick *pick, network *n, int64_t now);

/* Drops what was told more than two minutes ago, each counted as its site's noise. */
void pool_expire(pool *p, network *n, int64_t now);

bool pool_holds(const pool *p, uint64_t id);
/* NULL: it is not there. */
const kept_pick *pool_find(const pool *p, uint64_t id);

/* True if it was there. */
bool pool_remove(pool *p, uint64_t id);

/* Takes out a tentative pick; true if it was there. */
bool pool_forget_tentative(pool *p, uint64_t id);

/* The next tentative pick of a site, told in the last two minutes; *sensor: the site's first one, *place: 0 at first. NULL: no more. */
kept_pick *pool_tentative(const pool *p, const network *n, int32_t *sensor, size_t *place, int64_t now);

#endif
