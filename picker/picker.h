/* picker.h: all that is done to one station's samples: onsets, P-wave parameters, ground motion.
 *
 * A picker serves one sensor (three components of one instrument, see ingest.h). Samples go in component by component, in time
 * order; picks, withdrawals and P-wave parameters come out of the sink at once, ground motion when asked for it.
 * The same samples cut into other packets give the same output, S as long as no horizontal lags more than 7 s behind the vertical. An S ends the
 * windows of its P, but none is held back for horizontals that lag: how many come before it is then the feed's doing, and so is from
 * which window on a P has its azimuth. After picker_create() nothing
 * is allocated.
 */
#ifndef TOCSIN_PICKER_H
#define TOCSIN_PICKER_H

#include <stdbool.h>
#include <stdint.h>

#include "ingest.h"

/* What tells the id of an S from that of its P, so that neither depends on which was found first. */
#define PICKER_S (UINT64_C(1) << 31)

/* What a sensor says of one arrival: sent once, never changed. A tentative one alone is sent again, under the same id, when a look changes its odds,
   and as an ordinary one when a look makes it sure. */
typedef struct {
  uint64_t
      id; /* (sensor << 32) + count of the sensor's P so far, from 1, tentative ones included; an S: the id of the P that it follows + PICKER_S */
  int32_t sensor;
  char phase;          /* 'P' or 'S' */
  int8_t polarity;     /* +1 up, -1 down, 0 unclear */
  int64_t time;        /* onset */
  float uncertainty_s; /* one standard deviation */
  float snr;           /* peak of the first 0.5 s (or what there is) over the noise before it, >= 1 */
  int64_t data_until;  /* time of the last sample that the decision needed */
  bool tentative;      /* too weak for one station alone */
  float odds;          /* log odds over what a sure one needs at least: a tentative one's are below 0 */
} picker_pick;

/* A pick taken back, later: it was a spike, a step, ... */
typedef struct {
  uint64_t pick;
  int32_t sensor;
  const char *reason; /* one of picker_rejections */
} picker_withdraw;

/* Why something that rose was, or became, no pick; or why samples were not looked at. */
typedef enum {
  PICKER_SPIKE,   /* a sample or a few, and nothing after them */
  PICKER_STEP,    /* the level is another afterwards: calibration, recentring */
  PICKER_BURST,   /* loud, and at once as still again as before: telemetry, a knock at the sensor */
  PICKER_DISTANT, /* nothing of it above 3 Hz: a teleseism */
  PICKER_CODA,    /* of the last P's own wave train */
  PICKER_NOISE,   /* looked at to the end, and no wave */
  PICKER_WEAK,    /* below minimum_snr */
  PICKER_GAP,     /* samples ended while it was looked at, or right after its onset */
  PICKER_FLAT,    /* a run of identical samples was taken as a gap */
  PICKER_VALUE,   /* a sample that is no number, or beyond all reason, was taken as a gap */
  PICKER_PIECE,   /* samples of a rate or unit that cannot be taken */
  PICKER_REJECTIONS
} picker_rejection;
extern const char *const picker_rejections[PICKER_REJECTIONS]; /* "spike", "step", ... */

enum { PICKER_BANDS = 4 };

/* The P wave of one pick in a growing window: sent at 0.5, 1, 2, 3, 4 s and on, each further second until an S is sent, the samples end, or a minute.
   All of the vertical alone, an accelerometer's acceleration integrated, a velocity sensor's velocity differentiated. */
typedef struct {
  uint64_t pick;
  int32_t sensor;
  float window_s;               /* since the onset */
  float pd_m;                   /* peak |displacement| of the vertical, high-passed once (2 poles, 0.075 Hz; Wu & Kanamori 2005) */
  float pv_m_s;                 /* peak |velocity| */
  float pa_m_s2;                /* peak |acceleration| */
  float tau_c_s;                /* 2 pi sqrt(int u^2 / int v^2) (Kanamori 2005); 0 where it cannot be had */
  float tau_p_max_s;            /* largest predominant period from 0.05 s after the onset on (Allen & Kanamori 2003; velocity below 3 Hz) */
  float cav_m_s;                /* cumulative absolute velocity: int |a| dt (Reed & Kassawara 1990) */
  float band_m_s[PICKER_BANDS]; /* peak |velocity| below 0.375, 0.375-1.5, 1.5-6, 6-24 Hz (at most 0.42 of the rate), 12 dB an octave beyond */
  float growth_m_s3;            /* B of the envelope B t exp(-A t) of the acceleration's first 3 s (Odaka et al. 2003); 0: not clear of the noise */
  float azimuth_deg;            /* where it comes from, of three components (see polarisation.h) ... */
  float azimuth_sigma_deg;      /* ... and one standard deviation; 0: unclear, or the horizontals are not there yet */
  float noise_pd_m;             /* peak |displacement| of the same filter in the noise before the onset: pd below 3 times this is an upper bound */
  float brief_pd_m;             /* pd_m above 0.5 Hz (two poles more) ... */
  float brief_noise_m;          /* ... and peak of the noise there */
  bool clipped;                 /* of amplitudes only a lower bound */
  int64_t data_until;
} picker_p_wave;

/* Ground motion of a sensor in its current window of shaking, maxima since `since`, SI. */
typedef struct {
  int32_t sensor;
  int components;                    /* 3; 2: horizontals only; 1: vertical only */
  int64_t since, until;              /* the window: opens at a pick (or when shaking begins), closes after `quiet_s` below a fifth of its peak */
  float pga_m_s2, pgv_m_s, pgd_m;    /* mean-free vector maxima; high-passed once at 0.075 Hz: pgd, and pgv of an acceleration sensor */
  float csis_pga_m_s2, csis_pgv_m_s; /* GB/T 17742-2020: band-passed 0.1-10 Hz vector maxima */
  float jma_pgd_m;                   /* three-component displacement peak, high-pass 1/6 Hz, for the whole-record magnitude */
  float wood_anderson_mm;            /* mean of the two horizontals' Wood-Anderson peaks (T0 0.8 s, h 0.7, gain 2080); 0: none */
  bool clipped;
} picker_motion;

typedef struct {
  double filter_window_s;    /* longest period of the band filters */
  double long_term_window_s; /* memory of the noise level */
  double warm_up_s;          /* silence after the start and after a gap */
  double threshold_1;        /* characteristic function (energy over noise, any band) that opens a trigger */
  double threshold_2;        /* how much stricter than tuned a trigger is judged: each unit asks for e times the odds */
  double tentative;          /* so far below threshold_2 a trigger is still a tentative pick; 0: there are none */
  double up_event_s;         /* longest time that a trigger is looked at */
  double refractory_s;       /* within this time a second P must be stronger than all since the first */
  double minimum_snr;        /* weaker onsets are dropped */
  double quiet_s;            /* a window of shaking ends after so long below a fifth of its peak */
  bool s_picks;              /* whether S waves are looked for */
} picker_settings;
extern const config_row picker_rows[];

typedef struct {
  void (*pick)(void *user, const picker_pick *pick);
  void (*withdraw)(void *user, const picker_withdraw *withdraw);
  void (*p_wave)(void *user, const picker_p_wave *p_wave);
  void (*tentative)(void *user, const picker_pick *pick); /* weak ones; their withdrawal goes to `withdraw`. NULL: neither is told */
  void *user;
} picker_sink;

typedef struct picker picker;

/* NULL if memory is short or `rate` (the highest the sensor may send) is outside 20..500 samples/s. Keeps the pointer to `settings`.
   About 23 KB at 100 samples/s: the last 10 s of three components, and less than 4 KB beside for each. */
picker *picker_create(const picker_settings *settings, int32_t sensor, double rate);
void picker_destroy(picker *p);

/* `p` takes the place of `before`: its picks are counted on, so that no id comes twice. */
void picker_succeed(picker *p, const picker *before);

/* Takes a piece of the stream (samples->sensor is this one's). A rate outside 20..rate of creation is ignored and counted; a change of
   rate or unit, or `gap`, starts that component anew: silent for the warm-up. Flat runs of identical samples (>= 0.5 s) count as a gap. */
void picker_feed(picker *p, const ingest_samples *samples, const picker_sink *sink);

/* True when ground motion grew since the last call, or its window closed: then `motion` is filled. */
bool picker_motion_take(picker *p, picker_motion *motion);

/* How often each reason was given since the picker was created. */
void picker_count(const picker *p, uint64_t rejected[PICKER_REJECTIONS]);

/* How long after its onset a P is told, in 98 of 100 cases (of 508 in recordings all but 4; those within half a second more): "no pick at t" is so
   sure where data_until - this > t. Those that take longer are next to noise, and whoever counts a silence allows for a site that misses such anyway:
   to wait for the last of them makes silences late, and more was lost by it than gained (docs/tuning.md). */
int64_t picker_delay(const picker_settings *settings);

/* ---- ground motion of a whole record, offline (motion.c): the same filters ---- */

/* Three components of one sensor, equally long and aligned, mean not removed; NULL for one that is absent. `onset`: index of the P onset
   (the baseline is the mean of the 30 s before it), 0: unknown (mean of the first 5 s). Allocates nothing. False if the rate is outside
   20..500. */
bool picker_record_motion(const float *component[INGEST_COMPONENTS], size_t count, double rate, ingest_unit unit, size_t onset,
                          picker_motion *motion);

#endif
