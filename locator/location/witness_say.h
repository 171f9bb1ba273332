/* witness_say.h (inside locator/): witnesses asked of thousands of places, eight at a time. */
#ifndef TOCSIN_LOCATOR_WITNESS_SAY_H
#define TOCSIN_LOCATOR_WITNESS_SAY_H

#include "lanes.h"
#include "witness.h"

/* Witnesses made ready: what does not depend on the place is worked out once. */
typedef struct {
  float east, north;
  float azimuth_sine, azimuth_cosine, azimuth_sigma, anywhere; /* radians; sigma 0: unclear. anywhere: density of a wrong one, of the peak's */
  float growth_log10, growth_magnitude, growth_level, growth_slope, growth_sigma; /* growth_magnitude: from Pd within `magnitude_pd_nearest_km` */
  float seen_s, record_magnitude;                                                 /* of the displacement 1 km away; NAN: none */
  float window_magnitude[WITNESS_WINDOWS], window_sigma[WITNESS_WINDOWS];         /* from Pd within `magnitude_pd_nearest_km`; NAN: none */
  bool grows, hidden[WITNESS_WINDOWS], clipped;
} ready_witness;

typedef struct {
  travel_time_nodes p_times, s_times;
  size_t count;
  ready_witness of[WITNESSES_MAXIMUM];
} ready_witnesses;

void witness_call(ready_witnesses *ready, const witnesses *w);

/* Log likelihoods of eight places are added to *density, 0 where nothing speaks against them: of where the wave came from, of how steeply it began,
   of how little the magnitudes that the sites' amplitudes mean there scatter about one that suits them, which is left in *magnitude (0: no
   amplitudes). */
void witness_say(const ready_witnesses *w, const lane_places *at, lanes *density, lanes *magnitude);

#endif
