/* The stations as the locator knows them. */
#include "network.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "geometry.h"

static void gather_sites(network *n, const ingest_inventory *inventory);
static bool find_neighbours(network *n, double radius_km);

bool network_create(network *n, const ingest_inventory *inventory, double radius_km)
{
  *n = (network){.sites = ingest_inventory_sites(inventory), .sensors = ingest_inventory_sensors(inventory)};
  n->site = calloc(n->sites + 1, sizeof *n->site);
  n->sensor = calloc(n->sensors + 1, sizeof *n->sensor);
  if (!n->site || !n->sensor)
    return false;
  gather_sites(n, inventory);
  return find_neighbours(n, radius_km);
}

void network_destroy(network *n)
{
  free(n->site);
  free(n->sensor);
  free(n->neighbours);
}

/* Sensors are sorted by network and station, so that a site's sensors follow each other. */
static void gather_sites(network *n, const ingest_inventory *inventory)
{
  for (size_t i = 0; i < n->sensors; i++) {
    const ingest_sensor *of = ingest_inventory_sensor(inventory, i);
    n->sensor[i].site = of->site;
    n->sensor[i].data_until = n->sensor[i].data_since = INT64_MIN;
    network_site *site = &n->site[of->site];
    if (site->sensors++ > 0)
      continue;
    site->first_sensor = (int32_t)i;
    site->latitude_deg = of->latitude_deg;
    site->longitude_deg = of->longitude_deg;
    site->elevation_km = (of->elevation_m - of->depth_m) / 1000;
    site->point = sphere_point_of(of->latitude_deg, of->longitude_deg);
    site->coda_from = site->coda_until = site->picked = INT64_MIN;
  }
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

/* ---- data and noise ---- */

void network_status(network *n, const ingest_status *status)
{
  if (status->sensor < 0 || (size_t)status->sensor >= n->sensors)
    return;
  network_sensor *sensor = &n->sensor[status->sensor];
  if (sensor->data_until == INT64_MIN || status->gaps != sensor->gaps)
    sensor->data_since = status->data_until;
  sensor->gaps = status->gaps;
  sensor->data_until = status->state == INGEST_OFF ? INT64_MIN : status->data_until;
}

int64_t network_data_until(const network *n, int32_t site, int64_t *since)
{
  const network_site *of = &n->site[site];
  int64_t until = INT64_MIN;
  *since = INT64_MIN;
  for (int32_t i = of->first_sensor; i < of->first_sensor + of->sensors; i++)
    if (n->sensor[i].data_until > until) {
      until = n->sensor[i].data_until;
      *since = n->sensor[i].data_since;
    }
  return until;
}

static double noise_picks_at(const network_site *site, char label, int64_t now)
{
  double age_s = (double)(now - site->noise_time[label == 'S']) / 1e9;
  return (double)site->noise_picks[label == 'S'] * exp(-fmax(0, age_s) / 3600);
}

void network_count_noise(network *n, int32_t site, char label, int64_t now)
{
  network_site *of = &n->site[site];
  of->noise_picks[label == 'S'] = (float)(noise_picks_at(of, label, now) + 1);
  of->noise_time[label == 'S'] = now;
}

/* What a coda brings rarely stands far out of it: triggers fall off with the square of their signal-to-noise ratio. */
double network_noise_rate(const network *n, int32_t site, char label, float snr, int64_t time, int64_t now)
{
  const double usual_per_hour = 8, coda_per_s = 0.12, coda_snr = 8;
  const network_site *of = &n->site[site];
  if (time > of->coda_from && time < of->coda_until)
    return coda_per_s * fmin(1, pow(coda_snr / fmax((double)snr, 1), 2));
  return (usual_per_hour + noise_picks_at(of, label, now)) / 3600;
}
