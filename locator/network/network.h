/* network.h (inside locator/): the stations: where they are, up to when their data are in, how noisy they pick, what their sensors measured. */
#ifndef TOCSIN_LOCATOR_NETWORK_H
#define TOCSIN_LOCATOR_NETWORK_H

#include "geometry.h"
#include "locator.h"
#include "magnitude.h"

enum { NETWORK_NEIGHBOURS = 64, NETWORK_WINDOWS = 16, NETWORK_WAVES = 3 };

/* Amplitudes of a P wave in one window. */
typedef struct {
  magnitude_window seen;
  float growth_m_s3;
} p_window;

/* The growing windows of one P pick, oldest first. */
typedef struct {
  uint64_t pick;
  int64_t time;
  picker_motion before;                 /* the sensor's shaking as it was when the pick came: what did not grow since is another wave's */
  float azimuth_deg, azimuth_sigma_deg; /* the newest; sigma 0: unclear */
  size_t windows;
  p_window window[NETWORK_WINDOWS];
} p_wave_windows;

/* One sensor: its last P picks and its last windows of shaking, rings whose newest entry counts up. An aftershock's do not wipe out the main shock's.
 */
typedef struct {
  int32_t site, next; /* of the same site; -1: the last */
  ingest_state state;
  ingest_path path;
  int64_t data_since, data_until; /* INT64_MIN: no data */
  uint64_t gaps;
  size_t waves, motions;
  p_wave_windows wave[NETWORK_WAVES];
  picker_motion motion[NETWORK_WAVES];
} network_sensor;

/* The waves that follow a known P at a site: at their full strength at first, then fading. */
typedef struct {
  int64_t from, full_until, until; /* INT64_MIN: none */
  uint64_t event;                  /* its number, 0: none */
} network_coda;

/* One site: the sensors of one NET.STA, which vote once. */
typedef struct {
  double latitude_deg, longitude_deg, elevation_km;
  sphere_point point;
  int32_t first_sensor, sensors; /* the others by network_sensor.next */
  int32_t *neighbours;           /* the nearest sites, nearest first */
  size_t neighbours_count;
  float noise_picks[3];     /* unexplained picks of each label, P and S, and all tentative ones, forgotten over an hour */
  int64_t noise_time[3];    /* when `noise_picks` was right */
  double correction_s[2];   /* of P and of S: how much later than predicted they come */
  float looked, seen;       /* past events within reach, and those of them that it picked; the old ones forgotten */
  magnitude_term term;      /* of its magnitudes */
  int64_t picked, picked_s; /* its newest P and S pick, INT64_MIN: none */
  int64_t measured;         /* when amplitudes last came */
  network_coda coda, great; /* of the newest known P here, and of the one that rings the longest */
} network_site;

typedef struct {
  size_t sites, sensors;
  bool has_paths; /* any sensor's path is known */
  network_site *site;
  network_sensor *sensor;
  int32_t *neighbours; /* all sites' */
} network;

bool network_create(network *n, const ingest_inventory *inventory, double radius_km);
void network_destroy(network *n);

/* The sites and sensors of an inventory that is longer or places them elsewhere; what is known of them stays. False if memory is short: then nothing
   changed. */
bool network_adopt(network *n, const ingest_inventory *inventory, double radius_km);

/* Each site's corrections; `inventory` is the one that was last adopted. */
void network_correct(network *n, const locator_corrections *corrections, const ingest_inventory *inventory);

void network_status(network *n, const ingest_status *status);

/* Up to when the site's data are in, of the sensor that is furthest; INT64_MIN where there are none that can be believed. `since`: the start of that
   unbroken stretch. */
int64_t network_data_until(const network *n, int32_t site, int64_t *since);

/* A pick of that site, called P or S, belonged to no event; or a tentative one, 'T', came. */
void network_count_noise(network *n, int32_t site, char label, int64_t now);

/* A past event within reach of that site: did it pick it? */
void network_count_event(network *n, int32_t site, bool seen);

/* Chance that it picks an earthquake within reach. */
double network_chance_of_pick(const network *n, int32_t site);

/* A known P begins a coda; of two that are known here the newer one's and the longer one's are kept. */
void network_begin_coda(network *n, int32_t site, const network_coda *coda);
/* There was no such event. */
void network_forget_coda(network *n, int32_t site, uint64_t event);

/* Is it in the long coda, among the aftershocks, of a great earthquake? */
bool network_after_great_one(const network *n, int32_t site, int64_t time);

/* Picks of that label (P, S, or T: tentative, before its mark is weighed) a second to be expected here at `time` without a new earthquake: the site's
   own rate, far more within a known P wave's coda, the less so the further the pick stands out of it (`snr`). What follows an event's own P is no
   coda to it. */
double network_noise_rate(const network *n, int32_t site, char label, float snr, int64_t time, uint64_t event, int64_t now);

/* The site nearest to a place, by going from neighbour to neighbour from `start`. */
int32_t network_nearest(const network *n, int32_t start, double latitude_deg, double longitude_deg);

/* How far from a site an epicentre may be whose wave reaches it among the first: `least_km`, or more where stations are sparse. */
double network_reach(const network *n, int32_t site, double least_km);

/* Distance of the farthest of its neighbours. */
double network_neighbourhood(const network *n, int32_t site);

#endif
