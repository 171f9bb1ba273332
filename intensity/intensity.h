/* intensity.h: ground motion and events become shaking: instrumental intensity, prediction at targets.
 * Pure functions and one small predictor; SI units; distances km, angles degrees, times ns UTC.
 */
#ifndef TOCSIN_INTENSITY_H
#define TOCSIN_INTENSITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "locator.h"

/* ---- instrumental intensity (csis.c) ---- */

/* China, GB/T 17742-2020, from band-passed vector maxima, unrounded, clipped to 1..12. NAN when both are 0 or one is not finite. */
double intensity_csis(double pga_m_s2, double pgv_m_s);
/* To one decimal, as tables state it; the degree is the rounded value. Halves go up. */
double intensity_rounded(double intensity);
int intensity_degree(double intensity);

/* ---- ground-motion relations (gb18306.c, bssa14.c) ---- */

typedef enum { INTENSITY_EAST, INTENSITY_MODERATE, INTENSITY_XINJIANG, INTENSITY_QINGZANG, INTENSITY_ZONES } intensity_zone;
extern const char *const intensity_zone_words[INTENSITY_ZONES + 1];

/* GB 18306-2015 (Xiao & Yu 2011): mean intensity and its sigma for Ms at epicentral distance, on the axes. */
double intensity_gb18306_long(intensity_zone zone, double ms, double epicentral_km);
double intensity_gb18306_short(intensity_zone zone, double ms, double epicentral_km);
/* Unknown strike: the circle whose radius is the geometric mean of the semi-axes of the same intensity, solved to 1e-10 of a degree. */
double intensity_gb18306_circle(intensity_zone zone, double ms, double epicentral_km);
/* Known strike: the ellipse through a place that lies so far along the long axis and across it. */
double intensity_gb18306_ellipse(intensity_zone zone, double ms, double along_km, double across_km);
double intensity_gb18306_sigma(intensity_zone zone);
/* Scordilis 2006: the Ms that a relation in Ms is fed for a moment-like magnitude. */
double intensity_ms_equivalent(double mw);

/* Boore, Stewart, Seyhan & Atkinson 2014, horizontal (RotD50): the median, PGV in m/s or PGA in m/s2, and sigma (ln; may be NULL). */
typedef enum { INTENSITY_PGV, INTENSITY_PGA } intensity_measure;
typedef enum { INTENSITY_GLOBAL, INTENSITY_CHINA, INTENSITY_JAPAN } intensity_region;
typedef enum { INTENSITY_UNSPECIFIED, INTENSITY_STRIKE_SLIP, INTENSITY_NORMAL, INTENSITY_REVERSE } intensity_mechanism;
typedef struct {
  double magnitude; /* moment magnitude */
  double rjb_km;    /* to the fault's surface projection; of a point source the epicentral distance */
  double vs30_m_s;
  intensity_mechanism mechanism;
  intensity_region region;
} intensity_bssa14_case;
double intensity_bssa14(intensity_measure measure, const intensity_bssa14_case *at, double *sigma_ln);
/* A locator_relation: of any mechanism and region, on Vs30 450 m/s, where the stations of a network that are not on rock usually stand. */
double intensity_bssa14_median(locator_measure measure, double magnitude, double rjb_km);

/* ---- prediction at targets (predict.c) ---- */

typedef struct {
  int zone;                     /* intensity_zone of the relation (CONFIG_CHOICE) */
  double magnitude_sigma_floor; /* what a magnitude's uncertainty counts at least */
  double extrapolated_below_ms; /* below it sigma is widened and the row is marked */
  double extrapolated_sigma;    /* by this many degrees, added in quadrature */
} intensity_settings;
extern const config_row intensity_rows[];

typedef enum { INTENSITY_BLUE, INTENSITY_YELLOW, INTENSITY_ORANGE, INTENSITY_RED, INTENSITY_LEVELS } intensity_level;
extern const char *const intensity_level_words[INTENSITY_LEVELS + 1]; /* "blue", ... */
/* By the rounded degree: red >= 7, orange 5-6, yellow 3-4, blue below. */
intensity_level intensity_level_of(double intensity);

typedef struct {
  double epicentral_km;
  double intensity;  /* mean, clipped to 1..12 */
  double sigma;      /* of it, with the magnitude's and the place's uncertainty in it */
  double exceedance; /* probability that it is >= `threshold` */
  int64_t s_arrival; /* of the first S at the place */
  bool extrapolated;
} intensity_prediction;

/* What the event means at a place. The event must have a magnitude (Mpd and Mdisp enter the relation as their Ms equivalent, ML as it is);
   `site_term` degrees are added (amplification). Where its fault is known, the isoseismals are ellipses round the fault's middle along its strike. */
void intensity_predict(const intensity_settings *settings, const locator_travel_times *tables, const locator_event *event, double latitude_deg,
                       double longitude_deg, double site_term, double threshold, intensity_prediction *prediction);

#endif
