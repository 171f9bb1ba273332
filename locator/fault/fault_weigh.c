/* One line's likelihood: residuals of the relation at its distances, less an event term, under a robust law. */
#include "fault_weigh.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

static const double lowest_magnitude = 4.5, magnitude_step = 0.1;
static const double farthest_km = 600, degree = M_PI / 180;

/* Between and within events: BSSA14 (Boore et al. 2014) at M >= 5.5, with the sites' unknown ground in it. */
static const double tau = 0.35, phi = 0.6;
/* Student's t: a site's own fault or ground must not bend the line. */
static const double freedom = 4;
/* PGA and PGV of one site are not two witnesses: their residuals correlate by about 0.7 (Baker & Bradley 2017, table 2). */
static const double voice = 0.6;
/* Residuals of sites so near share a voice (Jayaram & Baker 2009: exp(-3 h / 8.5 km) for PGA). */
static const double correlation_km = 8.5;
static const double length_sigma = 0.26; /* of M about that of its length (Wells & Coppersmith 1994) */

/* Sites side by side; those past the last weigh nothing. */
enum { LANES = 4 };
typedef double lanes __attribute__((vector_size(32), aligned(8), may_alias));
typedef int64_t lane_masks __attribute__((vector_size(32), aligned(8)));
static_assert(FAULT_SITES_MAXIMUM % LANES == 0, "lanes past the last site are within the arrays");

static double total(const lanes *of)
{
  return (*of)[0] + (*of)[1] + (*of)[2] + (*of)[3];
}

/* ln of a positive normal number to 1e-7, without a call in the loops over sites: 2 atanh((m - 1) / (m + 1)) of a mantissa m about 1 (Abramowitz &
   Stegun 1964, 4.1.27). */
static inline double quick_ln(double x)
{
  const int64_t about_one = 0x3FE6A09E667F3BCD; /* the bits of sqrt(1/2) */
  int64_t bits, exponent;
  double m;
  memcpy(&bits, &x, sizeof bits);
  exponent = (bits - about_one) >> 52;
  bits -= exponent * (INT64_C(1) << 52);
  memcpy(&m, &bits, sizeof m);
  double z = (m - 1) / (m + 1), z2 = z * z;
  return (double)exponent * M_LN2 + 2 * z * (1 + z2 * (1.0 / 3 + z2 * (1.0 / 5 + z2 * (1.0 / 7 + z2 * (1.0 / 9)))));
}

static double distance_step(void)
{
  return log(farthest_km + 1) / (FAULT_DISTANCES - 1);
}

void fault_table_fill(fault_table *table, locator_relation *relation)
{
  for (locator_measure measure = 0; measure < LOCATOR_MEASURES; measure++)
    for (int m = 0; m < FAULT_MAGNITUDES; m++)
      for (int d = 0; d < FAULT_DISTANCES; d++)
        table->ln_peak[measure][m][d] = (float)relation(measure, lowest_magnitude + magnitude_step * m, exp(distance_step() * d) - 1);
}

void fault_sites_weigh(fault_sites *sites)
{
  for (size_t i = 0; i < sites->count; i++) {
    const fault_site *site = &sites->site[i];
    double company = 0;
    for (size_t k = 0; k < sites->count; k++)
      company += exp(-3 * hypot(site->east_km - sites->site[k].east_km, site->north_km - sites->site[k].north_km) / correlation_km);
    for (locator_measure measure = 0; measure < LOCATOR_MEASURES; measure++) {
      bool known = isfinite(site->ln_peak[measure]);
      sites->ln_peak[measure][i] = known ? site->ln_peak[measure] : 0;
      sites->weight[measure][i] = known ? voice / company : 0;
    }
    sites->least[i] = site->growing ? 0 : (double)-INFINITY;
  }
  for (size_t i = sites->count; i < FAULT_SITES_MAXIMUM; i++)
    for (locator_measure measure = 0; measure < LOCATOR_MEASURES; measure++)
      sites->weight[measure][i] = 0;
}

fault_line fault_candidate_line(const fault_candidate *c)
{
  double sine = sin(c->strike_deg * degree), cosine = cos(c->strike_deg * degree), length = exp(c->ln_length);
  double ahead = (0.5 - c->along) * length;
  return (fault_line){.east_km = ahead * sine + c->off_km * cosine,
                      .north_km = ahead * cosine - c->off_km * sine,
                      .length_km = length,
                      .strike_deg = c->strike_deg,
                      .magnitude = c->magnitude};
}

double fault_line_distance_km(const fault_line *line, double east_km, double north_km)
{
  double sine = sin(line->strike_deg * degree), cosine = cos(line->strike_deg * degree);
  double east = east_km - line->east_km, north = north_km - line->north_km;
  double along = fmax(fabs(east * sine + north * cosine) - line->length_km / 2, 0), across = east * cosine - north * sine;
  return hypot(along, across);
}

void fault_line_end(const fault_line *line, int which, double *east_km, double *north_km)
{
  double half = (which ? 0.5 : -0.5) * line->length_km;
  *east_km = line->east_km + half * sin(line->strike_deg * degree);
  *north_km = line->north_km + half * cos(line->strike_deg * degree);
}

void fault_sites_measure(fault_sites *sites, const fault_line *line)
{
  double sine = sin(line->strike_deg * degree), cosine = cos(line->strike_deg * degree), half = line->length_km / 2, step = 1 / distance_step();
  for (size_t i = 0; i < sites->count; i++) {
    double east = sites->site[i].east_km - line->east_km, north = sites->site[i].north_km - line->north_km;
    double along = fmax(fabs(east * sine + north * cosine) - half, 0), across = east * cosine - north * sine;
    sites->cell[i] = fmin(quick_ln(1 + sqrt(along * along + across * across)) * step, FAULT_DISTANCES - 1.001);
  }
}

/* Observed minus predicted, bilinear in the table. */
static void residuals(const fault_sites *sites, const fault_table *table, locator_measure measure, double magnitude, double *residual)
{
  double at = fmin(fmax((magnitude - lowest_magnitude) / magnitude_step, 0), FAULT_MAGNITUDES - 1.001);
  int row = (int)at;
  double up = at - row;
  const float *low = table->ln_peak[measure][row], *high = table->ln_peak[measure][row + 1];
  for (size_t i = 0; i < sites->count; i++) {
    int column = (int)sites->cell[i];
    double right = sites->cell[i] - column;
    double below = (1 - right) * (double)low[column] + right * (double)low[column + 1];
    double above = (1 - right) * (double)high[column] + right * (double)high[column + 1];
    residual[i] = sites->ln_peak[measure][i] - ((1 - up) * below + up * above);
  }
}

/* The event term of highest posterior, by weighting anew three times. A peak still growing says nothing by being small. Four sites side by side: sums
   of lanes are taken in one order, so that no compiler changes them. */
static double event_term_of(const fault_sites *sites, const double *site_weight, const double *residual)
{
  const double strict = (freedom + 1) / (phi * phi), per_phi = 1 / phi;
  double term = 0;
  for (int pass = 0; pass < 3; pass++) {
    lanes sum = {0}, weights = {0};
    for (size_t i = 0; i < sites->count; i += LANES) {
      lanes r = *(const lanes *)&residual[i], e = (r - term) * per_phi;
      lanes weight = *(const lanes *)&site_weight[i] * strict / (freedom + e * e);
      weight = (lanes)((lane_masks)weight & (e > *(const lanes *)&sites->least[i]));
      sum += weight * r;
      weights += weight;
    }
    term = total(&sum) / (1 / (tau * tau) + total(&weights));
  }
  return term;
}

double fault_sites_likelihood(const fault_sites *sites, const fault_table *table, double magnitude, double least)
{
  double sum = 0, residual[FAULT_SITES_MAXIMUM] = {0};
  for (locator_measure measure = 0; measure < LOCATOR_MEASURES && sum >= least; measure++) {
    const double *weight = sites->weight[measure];
    residuals(sites, table, measure, magnitude, residual);
    double term = event_term_of(sites, weight, residual);
    sum -= term * term / (2 * tau * tau);
    for (size_t i = 0; i < sites->count; i++) {
      double e = (residual[i] - term) * (1 / phi);
      e = e > sites->least[i] ? e : 0;
      sum -= weight[i] * ((freedom + 1) / 2) * quick_ln(1 + e * e * (1 / freedom));
    }
  }
  return sum >= least ? sum : (double)-INFINITY;
}

double fault_magnitude_of_length(double length_km)
{
  return 4.38 + 1.49 * log10(length_km);
}

double fault_prior(const fault_candidate *c, double epicentre_km)
{
  double off = c->off_km / epicentre_km, growth = (c->magnitude - fault_magnitude_of_length(exp(c->ln_length))) / length_sigma;
  return -(off * off + growth * growth) / 2;
}
