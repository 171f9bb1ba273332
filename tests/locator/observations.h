/* observations.h: what stations would see of an event of that magnitude, if the relations were exact. */
#ifndef TOCSIN_TESTS_OBSERVATIONS_H
#define TOCSIN_TESTS_OBSERVATIONS_H

#include <math.h>

#include "magnitude.h"

static const double depth_km = 10;

static inline double pd_of(double magnitude, double km)
{
  return 0.01 * pow(10, (magnitude - 5.39 - 1.38 * log10(fmax(km, 10))) / 1.23);
}

static inline double pgd_of(double magnitude, double km)
{
  double r = hypot(km, depth_km);
  return 1e-5 * pow(10, 0.87 * (magnitude + 0.2) - log10(r) - 0.0019 * r + 0.005 * depth_km - 0.98);
}

static inline double wood_anderson_of(double ml, double km)
{
  double r = hypot(km, depth_km);
  return pow(10, ml - 3.0 - 1.110 * log10(r / 100) - 0.00189 * (r - 100));
}

static inline magnitude_observation p_wave(double magnitude, double km, double window_s)
{
  return (magnitude_observation){.epicentral_km = km,
                                 .depth_km = depth_km,
                                 .since_p_s = window_s,
                                 .s_minus_p_s = km / 8,
                                 .window_s = (float)window_s,
                                 .pd_m = (float)pd_of(magnitude, km),
                                 .noise_pd_m = 1e-7f};
}

/* The same station later: S has passed. */
static inline magnitude_observation whole_record(double p_magnitude, double magnitude, double km, double since_s)
{
  magnitude_observation o = p_wave(p_magnitude, km, km / 8);
  o.since_p_s = km / 8 + since_s;
  o.jma_pgd_m = since_s > 0 ? (float)pgd_of(magnitude, km) : 0;
  return o;
}

#endif
