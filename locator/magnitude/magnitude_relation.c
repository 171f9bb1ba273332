/* What one station's measurement says of the magnitude: published relations. */
#include "magnitude.h"

#include <math.h>

const double magnitude_pd_slope = 1.38, magnitude_pd_nearest_km = 10;

double magnitude_from_pd(double pd_m, double epicentral_km)
{
  return 5.39 + 1.23 * log10(pd_m * 100) + magnitude_pd_slope * log10(fmax(epicentral_km, magnitude_pd_nearest_km));
}

double magnitude_from_tau_c(double tau_c_s)
{
  return (log10(tau_c_s) + 1.19) / 0.21;
}

double magnitude_from_displacement(double pgd_m, double hypocentral_km, double depth_km)
{
  return (log10(pgd_m * 1e5) + log10(hypocentral_km) + 0.0019 * hypocentral_km - 0.005 * depth_km + 0.98) / 0.87;
}

double magnitude_local(double wood_anderson_mm, double hypocentral_km)
{
  return log10(wood_anderson_mm) + 1.110 * log10(hypocentral_km / 100) + 0.00189 * (hypocentral_km - 100) + 3.0;
}

double magnitude_half_duration_s(double magnitude)
{
  return pow(10, 0.5 * magnitude - 2.612);
}
