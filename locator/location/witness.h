/* witness.h (inside locator/): what the sites of an event's P waves say of its place besides their times: where the wave came from, how steeply it
 * began, how large it was against the others'.
 *
 * Wide as these are, they are all there is while one to three sites have spoken, and they tell where a network does not surround the source (the
 * amplitudes as in JMA's IPF method; Yamada et al. 2021).
 */
#ifndef TOCSIN_LOCATOR_WITNESS_H
#define TOCSIN_LOCATOR_WITNESS_H

#include "geometry.h"
#include "locator.h"

enum { WITNESS_WINDOWS = 5, WITNESSES_MAXIMUM = 12 };

/* Windows whose Pd is kept: those of picker_p_wave up to 4 s. */
extern const float witness_windows_s[WITNESS_WINDOWS];

typedef struct {
  plane_point at;
  double azimuth_deg, azimuth_sigma_deg; /* from the site to the source; sigma 0: unclear */
  double growth_m_s3, growth_s;          /* B of picker_p_wave, of so long a window; 0: none */
  double pd_m[WITNESS_WINDOWS];          /* 0: none */
  double noise_pd_m;                     /* Pd below three times this is an upper bound */
  double displacement_m, seen_s;         /* peak of the whole record so far, 0: none; how long it has been watched since P */
  double site_term;                      /* how much its magnitudes usually stand above the others' */
  bool clipped;                          /* its amplitudes are lower bounds */
} witness;

typedef struct {
  const locator_travel_times *tables;
  size_t count;
  witness of[WITNESSES_MAXIMUM];
} witnesses;

#endif
