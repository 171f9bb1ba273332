/* location_lanes.h (inside locator/): of eight places at a time what location.h says of one. */
#ifndef TOCSIN_LOCATOR_LOCATION_LANES_H
#define TOCSIN_LOCATOR_LOCATION_LANES_H

#include "lanes.h"

/* location_model_sigma() of P; `of_phase`: that of the wave over it, 1 or 1.5. */
ALWAYS_INLINE lanes model_sigma(lanes travel_s, float of_phase)
{
  return (0.15F + 0.01F * smaller(travel_s, all(85))) * of_phase;
}

/* location_tolerance(); `least_s`: locator_settings.residual_s. */
ALWAYS_INLINE lanes tolerance(lanes travel_s, float least_s)
{
  return larger(0.05F * travel_s, all(least_s));
}

/* location_depth_cost() */
ALWAYS_INLINE lanes depth_cost(lanes depth_km, float middle_km, float sigma_km)
{
  lanes deep = (depth_km - middle_km) / sigma_km;
  return 1.5F * log_of_all(1 + 0.5F * deep * deep);
}

/* location_remoteness_at() */
ALWAYS_INLINE lanes remoteness_cost(lanes nearest_km)
{
  return 1.7F * log_of_all(1 + nearest_km / 20);
}

#endif
