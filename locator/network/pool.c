/* A ring of free picks; of tentative ones a short ring a sensor. */
#include "pool.h"

#include <stdlib.h>
#include <string.h>

enum { CAPACITY_LEAST = 1024, CAPACITY_MOST = 16384, PICKS_PER_SITE = 4 };
static const int64_t KEPT_NS = 120 * INGEST_SECOND;

bool pool_create(pool *p, size_t sites, size_t sensors)
{
  size_t wanted = sites * PICKS_PER_SITE;
  *p = (pool){.capacity = wanted < CAPACITY_LEAST ? CAPACITY_LEAST : wanted > CAPACITY_MOST ? CAPACITY_MOST : wanted, .sensors = sensors};
  p->pick = calloc(p->capacity, sizeof *p->pick);
  p->tentative = calloc(sensors + 1, sizeof *p->tentative);
  if (p->pick && p->tentative)
    return true;
  pool_destroy(p);
  return false;
}

void pool_destroy(pool *p)
{
  free(p->pick);
  free(p->tentative);
  *p = (pool){0};
}

bool pool_resize(pool *p, size_t sites, size_t sensors)
{
  pool wider;
  size_t held = p->capacity / PICKS_PER_SITE;
  if (!pool_create(&wider, sites > held ? sites : held, sensors > p->sensors ? sensors : p->sensors))
    return false;
  for (size_t i = p->count; i-- > 0;)
    wider.pick[wider.count++] = *pool_newest(p, i);
  memcpy(wider.tentative, p->tentative, p->sensors * sizeof *p->tentative);
  pool_destroy(p);
  *p = wider;
  return true;
}

kept_pick *pool_newest(const pool *p, size_t i)
{
  size_t place = p->oldest + p->count - 1 - i;
  return &p->pick[place < p->capacity ? place : place - p->capacity];
}

static void drop_oldest(pool *p, network *n, int64_t now)
{
  kept_pick *pick = &p->pick[p->oldest];
  if (pick->id != 0)
    network_count_noise(n, pick->site, pick->label, now);
  p->oldest = (p->oldest + 1) % p->capacity;
  p->count--;
}

static void add_tentative(pool *p, const kept_pick *pick)
{
  kept_pick *ring = p->tentative[pick->sensor];
  size_t oldest = 0;
  for (size_t i = 1; i < POOL_TENTATIVE && ring[oldest].id != 0; i++)
    if (ring[i].id == 0 || ring[i].time < ring[oldest].time)
      oldest = i;
  ring[oldest] = *pick;
}

void pool_add(pool *p, const kept_pick *pick, network *n, int64_t now)
{
  if (pick->tentative) {
    add_tentative(p, pick);
    return;
  }
  if (p->count == p->capacity)
    drop_oldest(p, n, now);
  p->count++;
  *pool_newest(p, 0) = *pick;
}

void pool_expire(pool *p, network *n, int64_t now)
{
  while (p->count > 0 && (p->pick[p->oldest].id == 0 || p->pick[p->oldest].told < now - KEPT_NS))
    drop_oldest(p, n, now);
}

/* Only picks of a picker are tentative: their ids say whose they are. */
static kept_pick *find_tentative(const pool *p, uint64_t id)
{
  for (size_t i = 0; id >> 32 < p->sensors && i < POOL_TENTATIVE; i++)
    if (p->tentative[id >> 32][i].id == id)
      return &p->tentative[id >> 32][i];
  return NULL;
}

static kept_pick *find(const pool *p, uint64_t id)
{
  for (size_t i = 0; i < p->count; i++)
    if (pool_newest(p, i)->id == id)
      return pool_newest(p, i);
  return find_tentative(p, id);
}

bool pool_holds(const pool *p, uint64_t id)
{
  return find(p, id) != NULL;
}

const kept_pick *pool_find(const pool *p, uint64_t id)
{
  return find(p, id);
}

bool pool_remove(pool *p, uint64_t id)
{
  kept_pick *pick = find(p, id);
  if (pick)
    pick->id = 0;
  return pick != NULL;
}

bool pool_forget_tentative(pool *p, uint64_t id)
{
  kept_pick *pick = find_tentative(p, id);
  if (pick)
    pick->id = 0;
  return pick != NULL;
}

kept_pick *pool_tentative(const pool *p, const network *n, int32_t *sensor, size_t *place, int64_t now)
{
  for (; *sensor >= 0; *sensor = n->sensor[*sensor].next, *place = 0)
    while (*place < POOL_TENTATIVE) {
      kept_pick *pick = &p->tentative[*sensor][(*place)++];
      if (pick->id != 0 && pick->told >= now - KEPT_NS)
        return pick;
    }
  return NULL;
}
