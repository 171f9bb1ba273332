/* Boore, Stewart, Seyhan & Atkinson 2014: PGV and PGA, horizontal (RotD50), without the basin term. */
#include "intensity.h"

#include <math.h>

#define STANDARD_GRAVITY 9.80665 /* m/s2: the relation gives PGA in g */
static const double reference_vs30_m_s = 760;

typedef struct {
  double e[4], e4, e5, e6, m_h;        /* event: e[mechanism], above and below the hinge magnitude */
  double c1, c2, c3, h_km, dc3[3];     /* path: dc3[region] */
  double c, v_c_m_s, f4, f5;           /* site */
  double r1_km, r2_km, dphi_r, dphi_v; /* variability */
  double phi1, phi2, tau1, tau2;
} coefficients;

static const coefficients relations[] = {
    [INTENSITY_PGV] = {{5.037, 5.078, 4.849, 5.033},
                       1.073,
                       -0.1536,
                       0.2252,
                       6.2,
                       -1.243,
                       0.1489,
                       -0.00344,
                       5.3,
                       {0, 0.004345, -0.00033},
                       -0.84,
                       1300,
                       -0.1,
                       -0.00844,
                       105,
                       272,
                       0.082,
                       0.08,
                       0.644,
                       0.552,
                       0.401,
                       0.346},
    [INTENSITY_PGA] = {{0.4473, 0.4856, 0.2459, 0.4539},
                       1.431,
                       0.05053,
                       -0.1662,
                       5.5,
                       -1.134,
                       0.1917,
                       -0.008088,
                       4.5,
                       {0, 0.0028576, -0.00255},
                       -0.6,
                       1500,
                       -0.15,
                       -0.00701,
                       110,
                       270,
                       0.1,
                       0.07,
                       0.695,
                       0.495,
                       0.398,
                       0.348},
};

static double clip(double value)
{
  return fmin(fmax(value, 0), 1);
}

/* F_E and F_P: eq. 2 to 4. */
static double ln_rock(const coefficients *k, const intensity_bssa14_case *at)
{
  double d = at->magnitude - k->m_h, r = hypot(at->rjb_km, k->h_km);
  double event = k->e[at->mechanism] + (d <= 0 ? k->e4 * d + k->e5 * d * d : k->e6 * d);
  return event + (k->c1 + k->c2 * (at->magnitude - 4.5)) * log(r) + (k->c3 + k->dc3[at->region]) * (r - 1);
}

/* F_S: eq. 5 to 8; `pga_rock` in g. */
static double ln_site(const coefficients *k, double vs30, double pga_rock)
{
  double f2 = k->f4 * (exp(k->f5 * (fmin(vs30, reference_vs30_m_s) - 360)) - exp(k->f5 * 400));
  return k->c * log(fmin(vs30, k->v_c_m_s) / reference_vs30_m_s) + f2 * log((pga_rock + 0.1) / 0.1);
}

/* eq. 13 to 17. */
static double sigma_of(const coefficients *k, const intensity_bssa14_case *at)
{
  double m = clip(at->magnitude - 4.5);
  double tau = k->tau1 + (k->tau2 - k->tau1) * m;
  double phi = k->phi1 + (k->phi2 - k->phi1) * m;
  phi += k->dphi_r * clip(log(at->rjb_km / k->r1_km) / log(k->r2_km / k->r1_km));
  phi -= k->dphi_v * clip(log(300 / at->vs30_m_s) / log(300 / 225.0));
  return hypot(tau, phi);
}

double intensity_bssa14(intensity_measure measure, const intensity_bssa14_case *at, double *sigma_ln)
{
  double pga_rock = exp(ln_rock(&relations[INTENSITY_PGA], at));
  const coefficients *k = &relations[measure];
  double median = exp(ln_rock(k, at) + ln_site(k, at->vs30_m_s, pga_rock));
  if (sigma_ln)
    *sigma_ln = sigma_of(k, at);
  return measure == INTENSITY_PGV ? median / 100 : median * STANDARD_GRAVITY;
}

double intensity_bssa14_median(locator_measure measure, double magnitude, double rjb_km)
{
  const intensity_bssa14_case at = {magnitude, rjb_km, 450, INTENSITY_UNSPECIFIED, INTENSITY_GLOBAL};
  return log(intensity_bssa14(measure == LOCATOR_PGV ? INTENSITY_PGV : INTENSITY_PGA, &at, NULL));
}
