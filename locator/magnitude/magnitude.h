/* magnitude.h (inside locator/): the magnitude of one event from what its stations have seen so far.
 *
 * Pd in growing windows (Kuyuk & Allen 2013; Wu & Zhao 2006 as cross-check), as lower bound while the window is shorter than about half the source
 * duration (Trugman et al. 2019); the displacement of the whole record through a relation of its own once S has passed.
 */
#ifndef TOCSIN_LOCATOR_MAGNITUDE_H
#define TOCSIN_LOCATOR_MAGNITUDE_H

#include "locator.h"

enum { MAGNITUDE_EARLY = 5 };
/* Lengths of the windows in which stations are compared, s: 0.5, 1, 2, 3, 4. */
extern const float magnitude_early_s[MAGNITUDE_EARLY];

/* A P wave in one window, as picker_p_wave has it. */
typedef struct {
  float window_s, pd_m, noise_pd_m, tau_c_s, brief_pd_m, brief_noise_m;
  bool clipped;
} magnitude_window;

/* One site's contribution at this moment. */
typedef struct {
  double epicentral_km, depth_km;
  double place_sigma_km; /* how well the epicentre is known along any one direction */
  double since_p_s;      /* data after the P onset so far */
  double s_minus_p_s;    /* predicted (or seen) S minus P at this place */
  float window_s;        /* of pd_m; already stopped before S; 0: no P-wave parameters */
  float pd_m, noise_pd_m, tau_c_s;
  float brief_pd_m, brief_noise_m;            /* pd_m above 0.5 Hz, and what the noise was there; 0: not known */
  float early_pd_m[MAGNITUDE_EARLY];          /* pd_m as it was in windows of these lengths; 0: none */
  float jma_pgd_m;                            /* whole-record displacement peak; 0: none */
  float wood_anderson_mm, wood_anderson_p_mm; /* of the whole record; of P alone, 0: not known */
  float site_term;                            /* how much its P magnitudes usually stand above the networks' */
  uint32_t term_events;                       /* learned from so many */
  bool clipped;
} magnitude_observation;

typedef struct {
  float magnitude, uncertainty; /* NAN: nothing to go by */
  float up, down;               /* one standard deviation on either side: an event that may still grow is far less sure upwards */
  bool may_grow;                /* the windows are shorter than half of such a source: it may be far greater, hardly less */
  locator_magnitude_type type;
  locator_magnitude_lack lack;
  float at_most;           /* of one that is hidden: a greater one would have shown, with 95 %; NAN otherwise, or where none is so sure */
  int stations, corrected; /* corrected: those of them of whose sites a term is known */
} magnitude_estimate;

/* A window of the P wave is full. A clipped one counts only where none before it was whole: cut peaks, once integrated, run away from the ground. */
void magnitude_take_window(magnitude_observation *o, const magnitude_window *w);
magnitude_window magnitude_window_of(const picker_p_wave *p_wave);

/* Robust weighted network value; finite or NAN, never a silent default. The order of observations does not matter. */
magnitude_estimate magnitude_of(const magnitude_observation *observations, size_t count);

/* What its P wave alone says, the site's term not taken off; NAN where that is no measurement. */
double magnitude_of_p_wave(const magnitude_observation *o);

/* ---- magnitude_term.c: what is learned of a site ---- */

typedef struct {
  float sum;       /* of residuals */
  uint32_t events; /* so many */
} magnitude_term;

/* One more event: the site's P magnitude less the network's. */
void magnitude_term_learn(magnitude_term *t, double residual);
/* Never beyond 0.5 before five events, nor 1 after. */
double magnitude_term_value(const magnitude_term *t);

/* ---- a line source ---- */

/* With the magnitude that a line source speaks of, where it is greater: a point-source estimate stalls where the line still grows, and a line never
   makes an event smaller. */
magnitude_estimate magnitude_with_line(magnitude_estimate point, double line_magnitude, double line_sigma);

/* Half the source's duration: 1.05e-8 M0^(1/3), M0 in dyn cm (Ekstroem, Nettles & Dziewonski 2012), with M0 = 10^(1.5 M + 16.1). */
double magnitude_half_duration_s(double magnitude);

/* One station's P magnitude (Kuyuk & Allen 2013): 5.39 + 1.23 log10 Pd[cm] + 1.38 log10 max(epicentral, 10 km). */
double magnitude_from_pd(double pd_m, double epicentral_km);
extern const double magnitude_pd_slope, magnitude_pd_nearest_km; /* 1.38, 10 */
/* One station's magnitude from the period of its P wave (Zollo et al. 2010): (log10 tau_c + 1.19) / 0.21. */
double magnitude_from_tau_c(double tau_c_s);
/* Whole record, JMA's form: 0.87 M = log A + log R + 0.0019 R - 0.005 D + 0.98, A in 10 um. */
double magnitude_from_displacement(double pgd_m, double hypocentral_km, double depth_km);
/* Hutton & Boore 1987, A in mm on a Wood-Anderson of gain 2080. */
double magnitude_local(double wood_anderson_mm, double hypocentral_km);

#endif
