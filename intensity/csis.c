/* China's instrumental intensity, GB/T 17742-2020. */
#include "intensity.h"

#include <math.h>

/* I_A and I_V of the standard; when both reach 6 the velocity alone decides, else their mean. */
double intensity_csis(double pga_m_s2, double pgv_m_s)
{
  if (!isfinite(pga_m_s2) || !isfinite(pgv_m_s) || pga_m_s2 < 0 || pgv_m_s < 0 || (pga_m_s2 == 0 && pgv_m_s == 0))
    return NAN;
  double by_acceleration = 3.17 * log10(pga_m_s2) + 6.59;
  double by_velocity = 3.00 * log10(pgv_m_s) + 9.77;
  double intensity = by_acceleration >= 6.0 && by_velocity >= 6.0 ? by_velocity : (by_acceleration + by_velocity) / 2;
  return fmin(fmax(intensity, 1.0), 12.0);
}

double intensity_rounded(double intensity)
{
  return floor(intensity * 10 + 0.5) / 10;
}

/* The degree is that of the value as stated: a table that says 6.5 says VII. */
int intensity_degree(double intensity)
{
  return isfinite(intensity) ? (int)floor(intensity_rounded(intensity) + 0.5) : 0;
}
