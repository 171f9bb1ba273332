/* fault.h (inside locator/): a line source from the pattern of strong shaking.
 *
 * The idea is FinDer's (Boese et al. 2012, 2015, 2018): near a long rupture the shaking falls off from a line, not from a point. Here no images are
 * compared: each site's peaks are weighed against a ground-motion relation at their distance from the line, for lines of any length and strike
 * through the epicentre's neighbourhood, coarse to fine. That costs sites x candidates, needs no grid, and lets a peak that still grows be what it
 * is, a lower bound. A magnitude goes with each length (Wells & Coppersmith 1994), so the shaking's level and its pattern speak together.
 */
#ifndef TOCSIN_LOCATOR_FAULT_H
#define TOCSIN_LOCATOR_FAULT_H

#include "locator.h"

enum { FAULT_SITES_MAXIMUM = 192 };

/* What a site has felt so far. */
typedef struct {
  double east_km, north_km;         /* from the epicentre */
  double ln_peak[LOCATOR_MEASURES]; /* ln of m/s2 and m/s, horizontal; NAN: none */
  bool growing;                     /* at least this: the strongest may be still to come, or the sensor was clipped */
} fault_site;

typedef struct {
  double east_km, north_km; /* its middle, from the epicentre */
  double length_km, strike_deg, magnitude;
  double ln_length_sigma, strike_sigma_deg, magnitude_sigma;
  double gain;   /* ln of its likelihood over the best point source's */
  bool sparse;   /* too few sites stand near for any line to be seen */
  bool resolved; /* the sites stand near and around enough for length and strike to mean something */
} fault_line;

typedef struct fault_search fault_search;

/* NULL if memory is short. Keeps nothing of `relation` but its table. About 120 KB. */
fault_search *fault_search_create(locator_relation *relation);
void fault_search_destroy(fault_search *s);

/* Begins anew with these sites (copied; of more than FAULT_SITES_MAXIMUM those that lie farthest apart, closer where the shaking is
 * strong, the first ones first). `epicentre_km`: the standard deviation of the epicentre. */
void fault_search_begin(fault_search *s, const fault_site *sites, size_t count, double epicentre_km);

/* Goes on for about `units` of work (a site weighed against a line: about 18 ns). True when it is done. */
bool fault_search_run(fault_search *s, size_t units);

/* What the search that was done found; false if there were too few sites for any. */
bool fault_search_result(const fault_search *s, fault_line *line);

/* Distance from a place to the line, km. */
double fault_line_distance_km(const fault_line *line, double east_km, double north_km);
/* One of its ends (0 or 1), from the epicentre. */
void fault_line_end(const fault_line *line, int which, double *east_km, double *north_km);

#endif
