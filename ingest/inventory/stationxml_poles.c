#include "stationxml_poles.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "response.h"

static const double most_difference = 0.05;
static const double origin = 1e-3; /* of the lowest pole: a zero nearer than this stands at the origin */
static const double apart = 3;     /* times the corner: roots from there on leave it alone */
static const double least_damping = 0.1, most_damping = 5;

stationxml_transfer stationxml_transfer_read(const char *text)
{
  if (strstr(text, "LAPLACE") == NULL)
    return STATIONXML_NOT_LAPLACE;
  return strstr(text, "HERTZ") ? STATIONXML_HERTZ : STATIONXML_RADIANS;
}

void stationxml_poles_add_zero(stationxml_poles *p, double complex zero)
{
  if (p->zero_count++ < STATIONXML_ROOTS)
    p->zeros[p->zero_count - 1] = zero;
}

void stationxml_poles_add_pole(stationxml_poles *p, double complex pole)
{
  if (p->pole_count++ < STATIONXML_ROOTS)
    p->poles[p->pole_count - 1] = pole;
}

static bool is_whole(const stationxml_poles *p)
{
  return p->transfer != STATIONXML_NOT_LAPLACE && p->zero_count <= STATIONXML_ROOTS && p->pole_count <= STATIONXML_ROOTS;
}

/* Radians a second for each unit of s. */
static double unit_of(const stationxml_poles *p)
{
  return p->transfer == STATIONXML_HERTZ ? 2 * M_PI : 1;
}

/* By distance from the origin. */
static void sort_poles(const stationxml_poles *p, double complex sorted[STATIONXML_ROOTS])
{
  for (int i = 0; i < p->pole_count; i++) {
    int at = i;
    for (; at > 0 && cabs(sorted[at - 1]) > cabs(p->poles[i]); at--)
      sorted[at] = sorted[at - 1];
    sorted[at] = p->poles[i];
  }
}

static int zeros_within(const stationxml_poles *p, double distance)
{
  int count = 0;
  for (int i = 0; i < p->zero_count; i++)
    count += cabs(p->zeros[i]) <= distance;
  return count;
}

/* As many poles as zeros stand at the origin make the fall-off at low frequencies; the lowest of them are low enough, and cancel a zero each. */
stationxml_shape stationxml_poles_shape(const stationxml_poles *p, double *corner_hz, double *damping)
{
  double complex poles[STATIONXML_ROOTS];
  if (!is_whole(p))
    return p->transfer == STATIONXML_NOT_LAPLACE ? STATIONXML_FLAT : STATIONXML_COMPLICATED;
  sort_poles(p, poles);
  double to_hz = unit_of(p) / (2 * M_PI), at_origin = p->pole_count > 0 ? origin * cabs(poles[0]) : 0;
  int zeros = zeros_within(p, at_origin), low = 0;
  while (low < p->pole_count && cabs(poles[low]) * to_hz <= response_low_enough_hz)
    low++;
  if (zeros <= low)
    return STATIONXML_FLAT;
  if (zeros - low != 2 || p->pole_count < low + 2)
    return STATIONXML_COMPLICATED;
  double complex sum = poles[low] + poles[low + 1], product = poles[low] * poles[low + 1];
  double corner = sqrt(cabs(product));
  bool is_real = fabs(cimag(sum)) <= origin * corner && fabs(cimag(product)) <= origin * corner * corner;
  bool is_clear = (p->pole_count == low + 2 || cabs(poles[low + 2]) >= apart * corner) && zeros_within(p, apart * corner) == zeros;
  *corner_hz = corner * to_hz;
  *damping = -creal(sum) / (2 * corner);
  return is_real && is_clear && *damping >= least_damping && *damping <= most_damping ? STATIONXML_CORNER : STATIONXML_COMPLICATED;
}

bool stationxml_poles_doubt(const stationxml_poles *p, char *text, size_t room)
{
  double complex s = (p->transfer == STATIONXML_HERTZ ? 1 : 2 * M_PI) * p->frequency_hz * I, h = 1;
  if (!is_whole(p) || !isfinite(p->factor) || p->zero_count + p->pole_count == 0)
    return false;
  for (int i = 0; i < p->zero_count; i++)
    h *= s - p->zeros[i];
  for (int i = 0; i < p->pole_count; i++)
    h /= s - p->poles[i];
  double factor = 1 / cabs(h);
  if (!isfinite(factor) || !(factor > 0) || fabs(fabs(p->factor) - factor) <= most_difference * factor)
    return false;
  snprintf(text, room,
           "the normalization factor of its sensor is %g, but its poles and zeros give %g at %g Hz; the sensitivity is used; correct the one that is "
           "wrong",
           p->factor, factor, p->frequency_hz);
  return true;
}
