/* Where the stations are. */
#include "network.h"

#include <math.h>
#include <stdlib.h>

#include "geometry.h"

static bool allocate(network *n);
static void gather_sites(network *n, const ingest_inventory *inventory);
static bool find_neighbours(network *n, double radius_km);

bool network_create(network *n, const ingest_inventory *inventory, double radius_km)
{
  *n = (network){.sites = ingest_inventory_sites(inventory), .sensors = ingest_inventory_sensors(inventory)};
  if (!allocate(n))
    return false;
  gather_sites(n, inventory);
  return find_neighbours(n, radius_km);
}

static bool allocate(network *n)
{
  n->site = calloc(n->sites + 1, sizeof *n->site);
  n->sensor = calloc(n->sensors + 1, sizeof *n->sensor);
  return n->site && n->sensor;
}

void network_destroy(network *n)
{
  free(n->site);
  free(n->sensor);
  free(n->neighbours);
}

static void gather_sites(network *n, const ingest_inventory *inventory)
{
  for (size_t i = 0; i < n->sensors; i++) {
    const ingest_sensor *of = ingest_inventory_sensor(inventory, i);
    n->sensor[i] = (network_sensor){.site = of->site, .next = -1, .path = {-1, -1, -1}, .data_until = INT64_MIN, .data_since = INT64_MIN};
    network_site *site = &n->site[of->site];
    if (site->sensors++ > 0) {
      int32_t last = site->first_sensor;
      while (n->sensor[last].next >= 0)
        last = n->sensor[last].next;
      n->sensor[last].next = (int32_t)i;
      continue;
    }
    site->first_sensor = (int32_t)i;
    site->latitude_deg = of->latitude_deg;
    site->longitude_deg = of->longitude_deg;
    site->elevation_km = (of->elevation_m - of->depth_m) / 1000;
    site->point = sphere_point_of(of->latitude_deg, of->longitude_deg);
    site->picked = site->picked_s = site->coda.until = site->great.until = INT64_MIN;
  }
}

/* What was learned of a site and a sensor, into their new places. */
static void remember(network *n, const network *old)
{
  n->has_paths = old->has_paths;
  for (size_t i = 0; i < old->sites && i < n->sites; i++) {
    network_site *site = &n->site[i], here = *site;
    *site = old->site[i];
    site->latitude_deg = here.latitude_deg;
    site->longitude_deg = here.longitude_deg;
    site->elevation_km = here.elevation_km;
    site->point = here.point;
    site->first_sensor = here.first_sensor;
    site->sensors = here.sensors;
  }
  for (size_t i = 0; i < old->sensors && i < n->sensors; i++) {
    int32_t site = n->sensor[i].site, next = n->sensor[i].next;
    n->sensor[i] = old->sensor[i];
    n->sensor[i].site = site;
    n->sensor[i].next = next;
  }
}

bool network_adopt(network *n, const ingest_inventory *inventory, double radius_km)
{
  network longer = {.sites = ingest_inventory_sites(inventory), .sensors = ingest_inventory_sensors(inventory)};
  if (!allocate(&longer)) {
    network_destroy(&longer);
    return false;
  }
  gather_sites(&longer, inventory);
  remember(&longer, n);
  if (!find_neighbours(&longer, radius_km)) {
    network_destroy(&longer);
    return false;
  }
  network_destroy(n);
  *n = longer;
  return true;
}

/* ---- neighbours ---- */

typedef struct {
  double order;
  int32_t site;
} ranked_site;

static int by_order(const void *a, const void *b)
{
  const ranked_site *x = a, *y = b;
  if (x->order != y->order)
    return x->order < y->order ? -1 : 1;
  return (x->site > y->site) - (x->site < y->site);
}

static void keep_nearest(ranked_site *nearest, size_t *count, ranked_site candidate)
{
  size_t i = *count;
  if (i == NETWORK_NEIGHBOURS) {
    if (by_order(&candidate, &nearest[i - 1]) >= 0)
      return;
    i--;
  } else {
    ++*count;
  }
  for (; i > 0 && by_order(&candidate, &nearest[i - 1]) < 0; i--)
    nearest[i] = nearest[i - 1];
  nearest[i] = candidate;
}

/* Sites sorted by latitude: only those within the radius north and south are looked at. */
static void find_neighbours_of(network *n, const ranked_site *by_latitude, size_t place, double radius_km)
{
  network_site *site = &n->site[by_latitude[place].site];
  const double degrees = radius_km / 110;
  ranked_site nearest[NETWORK_NEIGHBOURS];
  size_t count = 0, from = place, to = place + 1;
  while (from > 0 && by_latitude[from - 1].order >= site->latitude_deg - degrees)
    from--;
  while (to < n->sites && by_latitude[to].order <= site->latitude_deg + degrees)
    to++;
  for (size_t i = from; i < to; i++) {
    double chord = sphere_chord_km(site->point, n->site[by_latitude[i].site].point);
    if (i != place && chord <= radius_km)
      keep_nearest(nearest, &count, (ranked_site){chord, by_latitude[i].site});
  }
  site->neighbours_count = count;
  for (size_t i = 0; i < count; i++)
    site->neighbours[i] = nearest[i].site;
}

static bool find_neighbours(network *n, double radius_km)
{
  ranked_site *by_latitude = malloc((n->sites + 1) * sizeof *by_latitude);
  n->neighbours = malloc((n->sites + 1) * NETWORK_NEIGHBOURS * sizeof *n->neighbours);
  if (by_latitude && n->neighbours) {
    for (size_t i = 0; i < n->sites; i++) {
      by_latitude[i] = (ranked_site){n->site[i].latitude_deg, (int32_t)i};
      n->site[i].neighbours = n->neighbours + i * NETWORK_NEIGHBOURS;
    }
    qsort(by_latitude, n->sites, sizeof *by_latitude, by_order);
    for (size_t i = 0; i < n->sites; i++)
      find_neighbours_of(n, by_latitude, i, radius_km);
  }
  free(by_latitude);
  return by_latitude && n->neighbours;
}

int32_t network_nearest(const network *n, int32_t start, double latitude_deg, double longitude_deg)
{
  sphere_point place = sphere_point_of(latitude_deg, longitude_deg);
  int32_t best = start;
  double least = sphere_chord_km(n->site[start].point, place);
  for (bool moved = true; moved;) {
    const network_site *from = &n->site[best];
    moved = false;
    for (size_t i = 0; i < from->neighbours_count; i++) {
      double chord = sphere_chord_km(n->site[from->neighbours[i]].point, place);
      if (chord < least) {
        least = chord;
        best = from->neighbours[i];
        moved = true;
      }
    }
  }
  return best;
}

static double to_neighbour(const network *n, int32_t site, size_t rank)
{
  const network_site *of = &n->site[site];
  size_t count = of->neighbours_count;
  return count == 0 ? 0 : sphere_chord_km(of->point, n->site[of->neighbours[(count < rank ? count : rank) - 1]].point);
}

double network_neighbourhood(const network *n, int32_t site)
{
  return to_neighbour(n, site, NETWORK_NEIGHBOURS);
}

double network_reach(const network *n, int32_t site, double least_km)
{
  const size_t among = 6;
  return fmax(least_km, 1.5 * to_neighbour(n, site, among));
}
