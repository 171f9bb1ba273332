/* A ring of free picks. */
#include "pool.h"

#include <stdlib.h>

enum { CAPACITY_LEAST = 1024, CAPACITY_MOST = 16384, PICKS_PER_SITE = 4 };
static const int64_t KEPT_NS = 120 * INGEST_SECOND;

bool pool_create(pool *p, size_t sites)
{
  size_t wanted = sites * PICKS_PER_SITE;
  *p = (pool){.capacity = wanted < CAPACITY_LEAST ? CAPACITY_LEAST : wanted > CAPACITY_MOST ? CAPACITY_MOST : wanted};
  p->pick = calloc(p->capacity, sizeof *p->pick);
  return p->pick != NULL;
}

void pool_destroy(pool *p)
{
  free(p->pick);
}

bool pool_resize(pool *p, size_t sites)
{
  pool wider;
  if (!pool_create(&wider, sites))
    return false;
  if (wider.capacity <= p->capacity) {
    pool_destroy(&wider);
    return true;
  }
  for (size_t i = p->count; i-- > 0;)
    wider.pick[wider.count++] = *pool_newest(p, i);
  pool_destroy(p);
  *p = wider;
  return true;
}

kept_pick *pool_newest(const pool *p, size_t i)
{
  return &p->pick[(p->oldest + p->count - 1 - i) % p->capacity];
}

static void drop_oldest(pool *p, network *n, int64_t now)
{
  kept_pick *pick = &p->pick[p->oldest];
  if (pick->id != 0)
    network_count_noise(n, pick->site, pick->label, now);
  p->oldest = (p->oldest + 1) % p->capacity;
  p->count--;
}

void pool_add(pool *p, const kept_pick *pick, network *n, int64_t now)
{
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

bool pool_holds(const pool *p, uint64_t id)
{
  for (size_t i = 0; i < p->count; i++)
    if (pool_newest(p, i)->id == id)
      return true;
  return false;
}

bool pool_remove(pool *p, uint64_t id)
{
  for (size_t i = 0; i < p->count; i++) {
    kept_pick *pick = pool_newest(p, i);
    if (pick->id == id) {
      pick->id = 0;
      return true;
    }
  }
  return false;
}
