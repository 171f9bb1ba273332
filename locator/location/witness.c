#include "witness.h"

#include <math.h>

#include "magnitude.h"

const float witness_windows_s[WITNESS_WINDOWS] = {0.5F, 1, 2, 3, 4};

/* Student's t with three degrees of freedom, 0 at its top. */
static double student(double deviations)
{
  return -2 * log(1 + deviations * deviations / 3);
}

static double distance_km(const witness *x, plane_point epicentre)
{
  return hypot(epicentre.east_km - x->at.east_km, epicentre.north_km - x->at.north_km);
}

/* ---- where it came from ---- */

/* A share of azimuths is wrong altogether: a wave from right below, crooked ground, a sensor that points elsewhere. */
double witness_azimuths(const witnesses *w, plane_point epicentre)
{
  const double wrong = 0.2;
  double sum = 0;
  for (size_t i = 0; i < w->count; i++) {
    const witness *x = &w->of[i];
    if (!(x->azimuth_sigma_deg > 0))
      continue;
    double there = atan2(epicentre.east_km - x->at.east_km, epicentre.north_km - x->at.north_km) * 180 / M_PI;
    double off = (fmod(there - x->azimuth_deg + 900, 360) - 180) / x->azimuth_sigma_deg, everywhere = x->azimuth_sigma_deg * sqrt(2 * M_PI) / 360;
    sum += log((1 - wrong) * exp(-off * off / 2) + wrong * everywhere) - log(1 - wrong + wrong * everywhere);
  }
  return sum;
}

/* ---- how steeply it began ---- */

/* log10 B = at_1_km - 2 log10 R[km] + slope (min(M, 4.5) - 4.5), B in m/s3. The slope over distance is that of Odaka et al. (2003), for whom B says
   nothing of M: of small events it does. Level and slope from Ridgecrest 2019, Pleasant Hill 2019 and small events of Bardarbunga 2014: scatter 0.35
   to 0.42; between regions more (Okamoto & Tsuno 2015). */
static const struct {
  double window_s, at_1_km, slope, sigma;
} growth_relation[] = {{0.5, 1.28, 0.46, 0.8}, {1, 1.43, 0.56, 0.7}, {2, 1.56, 0.67, 0.55}, {3, 1.65, 0.72, 0.5}};
enum { GROWTHS = sizeof growth_relation / sizeof growth_relation[0] };
static const double grows_up_to = 4.5;

static double largest_pd(const witness *x)
{
  double pd = 0;
  for (int k = 0; k < WITNESS_WINDOWS; k++)
    pd = fmax(pd, x->pd_m[k]);
  return pd;
}

/* How many deviations it began more steeply than from there. */
static double growth_off(const witness *x, double epicentral_km, double depth_km)
{
  int k = 0;
  while (k + 1 < GROWTHS && growth_relation[k + 1].window_s <= x->growth_s)
    k++;
  double pd_m = largest_pd(x), magnitude = pd_m > 0 ? fmin(magnitude_from_pd(pd_m, epicentral_km), grows_up_to) : grows_up_to;
  double far_km = fmax(hypot(epicentral_km, depth_km), 1);
  double expected = growth_relation[k].at_1_km - 2 * log10(far_km) + growth_relation[k].slope * (magnitude - grows_up_to);
  return (log10(x->growth_m_s3) - expected) / growth_relation[k].sigma;
}

double witness_growths(const witnesses *w, plane_point epicentre, double depth_km)
{
  double sum = 0;
  for (size_t i = 0; i < w->count; i++) {
    const witness *x = &w->of[i];
    if (x->growth_m_s3 > 0)
      sum += student(growth_off(x, distance_km(x, epicentre), depth_km));
  }
  return sum;
}

/* ---- how large it was ---- */

typedef enum { MEASURED, AT_MOST, AT_LEAST } claim_kind;

/* One site's magnitude if the source were there. */
typedef struct {
  double magnitude, sigma;
  claim_kind kind;
} claim;

static const double noise_ratio = 3, claim_sigma = 0.45, growing_sigma = 0.35;

/* The whole record once S and what follows it must have passed, else the longest window before S. */
static bool claim_of(const witnesses *w, const witness *x, plane_point epicentre, double depth_km, double longest_s, claim *c)
{
  const double least_s = 3, dispersion_s_km = 0.06;
  double far_km = distance_km(x, epicentre);
  double lag_s = locator_travel_time(w->tables, 'S', far_km, depth_km) - locator_travel_time(w->tables, 'P', far_km, depth_km);
  c->kind = x->clipped ? AT_LEAST : MEASURED;
  c->sigma = claim_sigma;
  if (x->displacement_m > 0 && x->seen_s > lag_s + least_s + dispersion_s_km * far_km) {
    c->magnitude = magnitude_from_displacement(x->displacement_m, fmax(hypot(far_km, depth_km), 1), depth_km) - x->site_term;
    return true;
  }
  int k = WITNESS_WINDOWS - 1;
  while (k >= 0 && !(x->pd_m[k] > 0 && (double)witness_windows_s[k] <= lag_s))
    k--;
  if (k < 0)
    return false;
  bool hidden = x->pd_m[k] < noise_ratio * x->noise_pd_m;
  c->magnitude = magnitude_from_pd(x->pd_m[k] + (hidden ? x->noise_pd_m : 0), far_km) - x->site_term;
  c->sigma = hypot(claim_sigma, growing_sigma * log2(longest_s / (double)witness_windows_s[k]));
  if (hidden)
    c->kind = AT_MOST;
  return true;
}

static double longest_window(const witnesses *w)
{
  double longest = (double)witness_windows_s[0];
  for (size_t i = 0; i < w->count; i++)
    for (int k = 0; k < WITNESS_WINDOWS; k++)
      if (w->of[i].pd_m[k] > 0)
        longest = fmax(longest, (double)witness_windows_s[k]);
  return longest;
}

static double deviation(const claim *c, double magnitude)
{
  double off = (c->magnitude - magnitude) / c->sigma;
  if ((c->kind == AT_MOST && off > 0) || (c->kind == AT_LEAST && off < 0))
    return 0;
  return off;
}

/* The magnitude that suits them best: weighted again and again, from the mean. */
static double common_magnitude(const claim *claims, size_t count)
{
  enum { ROUNDS = 4 };
  double magnitude = 0;
  for (size_t i = 0; i < count; i++)
    magnitude += claims[i].magnitude / (double)count;
  for (int round = 0; round < ROUNDS; round++) {
    double weights = 0, sum = 0;
    for (size_t i = 0; i < count; i++) {
      double off = deviation(&claims[i], magnitude), weight = 1 / (claims[i].sigma * claims[i].sigma * (1 + off * off / 3));
      if (off == 0 && claims[i].kind != MEASURED)
        continue;
      weights += weight;
      sum += weight * claims[i].magnitude;
    }
    if (weights > 0)
      magnitude = sum / weights;
  }
  return magnitude;
}

double witness_amplitudes(const witnesses *w, plane_point epicentre, double depth_km, double *mean)
{
  claim claims[WITNESSES_MAXIMUM];
  size_t count = 0;
  double longest_s = longest_window(w), sum = 0;
  for (size_t i = 0; i < w->count; i++)
    count += claim_of(w, &w->of[i], epicentre, depth_km, longest_s, &claims[count]);
  *mean = 0;
  if (count == 0)
    return 0;
  double magnitude = *mean = common_magnitude(claims, count);
  for (size_t i = 0; i < count; i++)
    sum += student(deviation(&claims[i], magnitude));
  return sum;
}
