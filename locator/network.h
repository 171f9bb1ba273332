/* network.h (inside locator/): the stations: where they are, up to when their data are in, how noisy they pick, what their sensors measured. */
#ifndef TOCSIN_LOCATOR_NETWORK_H
#define TOCSIN_LOCATOR_NETWORK_H

#include "geometry.h"
#include "locator.h"

enum { NETWORK_NEIGHBOURS = 64, NETWORK_WINDOWS = 16, NETWORK_WAVES = 3 };

/* Amplitudes of a P wave in one window. */
typedef struct {
  float window_s, pd_m, noise_pd_m, tau_c_s;
  bool clipped;
} p_window;

/* The growing windows of one P pick, oldest first. */
typedef struct {
  uint64_t pick;
  int64_t time;
  picker_motion before; /* the sensor's shaking as it was when the pick came: what did not grow since is another wave's */
  size_t windows;
  p_window window[NETWORK_WINDOWS];
} p_wave_windows;

/* One sensor: its last P picks and its last windows of shaking, rings whose newest entry counts up. An aftershock's do not wipe out the main shock's.
 */
typedef struct {
  int32_t site;
  int64_t data_since, data_until; /* INT64_MIN: no data */
  uint64_t gaps;
  size_t waves, motions;
  p_wave_windows wave[NETWORK_WAVES];
  picker_motion motion[NETWORK_WAVES];
} network_sensor;

/* One site: the sensors of one NET.STA, which vote once. */
typedef struct {
  double latitude_deg, longitude_deg, elevation_km;
  sphere_point point;
  int32_t first_sensor, sensors;
  int32_t *neighbours; /* the nearest sites, nearest first */
  size_t neighbours_count;
  float noise_picks[2];          /* unexplained picks of each label, P and S, forgotten over an hour */
  int64_t noise_time[2];         /* when `noise_picks` was right */
  int64_t picked;                /* its newest P pick, INT64_MIN: none */
  int64_t coda_from, coda_until; /* the newest known P here and the end of its coda */
} network_site;

typedef struct {
  size_t sites, sensors;
  network_site *site;
  network_sensor *sensor;
  int32_t *neighbours; /* all sites' */
} network;

bool network_create(network *n, const ingest_inventory *inventory, double radius_km);
void network_destroy(network *n);

void network_status(network *n, const ingest_status *status);

/* Up to when the site's data are in, of the sensor that is furthest; INT64_MIN where there are none. `since`: the start of that unbroken stretch. */
int64_t network_data_until(const network *n, int32_t site, int64_t *since);

/* A pick of that site, called P or S, belonged to no event. */
void network_count_noise(network *n, int32_t site, char label, int64_t now);

/* Picks of that label a second to be expected here at `time` without a new earthquake: the site's own rate, far more within a known P wave's coda,
   the less so the further the pick stands out of it (`snr`). */
double network_noise_rate(const network *n, int32_t site, char label, float snr, int64_t time, int64_t now);

/* The site nearest to a place, by going from neighbour to neighbour from `start`. */
int32_t network_nearest(const network *n, int32_t start, double latitude_deg, double longitude_deg);

/* How far from a site an epicentre may be whose wave reaches it among the first: `least_km`, or more where stations are sparse. */
double network_reach(const network *n, int32_t site, double least_km);

/* Distance of the farthest of its neighbours. */
double network_neighbourhood(const network *n, int32_t site);

#endif
