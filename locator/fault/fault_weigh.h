/* fault_weigh.h (inside locator/): how well one line explains what the sites have felt. */
#ifndef TOCSIN_LOCATOR_FAULT_WEIGH_H
#define TOCSIN_LOCATOR_FAULT_WEIGH_H

#include "fault.h"

enum { FAULT_MAGNITUDES = 46, FAULT_DISTANCES = 96 };

/* The relation over magnitude 4.5 to 9 and ln of (distance + 1 km) to 600 km. */
typedef struct {
  float ln_peak[LOCATOR_MEASURES][FAULT_MAGNITUDES][FAULT_DISTANCES];
} fault_table;

typedef struct {
  double ln_length, strike_deg;
  double along;  /* where on it the epicentre lies: 0 at the end whence it runs along the strike, 1 at the other */
  double off_km; /* how far the line passes the epicentre, to the right of the strike */
  double magnitude;
} fault_candidate;

/* Sites side by side, and room for what a line means at each. */
typedef struct {
  size_t count;
  fault_site site[FAULT_SITES_MAXIMUM];
  double ln_peak[LOCATOR_MEASURES][FAULT_SITES_MAXIMUM];
  double weight[LOCATOR_MEASURES][FAULT_SITES_MAXIMUM]; /* sites in one place share a voice; 0: no peak */
  double least[FAULT_SITES_MAXIMUM];                    /* residuals below it count as it: 0 of a peak that still grows, else -INFINITY */
  double cell[FAULT_SITES_MAXIMUM];                     /* of the distance from the line last set: place in the table */
} fault_sites;

void fault_table_fill(fault_table *table, locator_relation *relation);
/* What does not change with the line: weights from the sites' neighbours, peaks laid out for the loop over sites. */
void fault_sites_weigh(fault_sites *sites);

fault_line fault_candidate_line(const fault_candidate *c);
/* Sets the sites' distances from this line. */
void fault_sites_measure(fault_sites *sites, const fault_line *line);
/* ln likelihood of what they felt, for that line and this magnitude; -INFINITY as soon as it is sure to be below `least`. */
double fault_sites_likelihood(const fault_sites *sites, const fault_table *table, double magnitude, double least);

/* Wells & Coppersmith 1994, all kinds of slip: M = 4.38 + 1.49 log10 L, L subsurface km. */
double fault_magnitude_of_length(double length_km);
/* ln prior of a magnitude that goes with a length, and of a line passing the epicentre. */
double fault_prior(const fault_candidate *c, double epicentre_km);

#endif
