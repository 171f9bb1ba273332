/* p_wave.h (inside picker/): the vertical's displacement and velocity, sample by sample, and what a P wave reaches in growing windows.
 *
 * Displacement is the ground motion integrated (acceleration twice, velocity once, as plain running sums times dt) and then high-passed once by a
 * 2-pole Butterworth filter at 0.075 Hz, causal (Wu & Kanamori 2005; Shieh et al. 2008). Sums and filter are one linear system, so the poles of
 * the sums at zero frequency and the filter's zeros there cancel: what is left is the filter's own recursion w, of which displacement, velocity and
 * acceleration are the 0th, 1st and 2nd difference. Nothing in it can drift away, however long it runs.
 *
 * Displacement above 0.5 Hz is measured beside it: of an earthquake below M 5, whose corner lies above, it is the whole, and swells, a greater one's
 * coda and a sensor's own slow noise are not in it.
 */
#ifndef TOCSIN_PICKER_P_WAVE_H
#define TOCSIN_PICKER_P_WAVE_H

#include "baseline.h"
#include "filters.h"
#include "growth.h"
#include "history.h"
#include "p_wave_spectrum.h"
#include "picker.h"
#include "polarisation.h"

enum { P_WAVE_OPEN = 3, P_WAVE_NOISE_BLOCKS = 8, P_WAVE_KEPT = 5 };

/* Where the recursion stands before sample `index`. */
typedef struct {
  int64_t index;
  double w1, w2;         /* its last two states */
  double unit_1, unit_2; /* the same for a constant input of 1 */
  double velocity;       /* the last; NAN: none yet */
  p_wave_recursion brief;
} p_wave_state;

typedef struct {
  bool open;
  uint64_t pick;
  int64_t onset;         /* index */
  p_wave_state at;       /* of its own: at first a second before the onset */
  int length;            /* number of the window that is full next */
  double mean, noise_pd; /* frozen at the pick */
  double brief_noise, brief_pd;
  double pd, pv, pa, cav, square_u, square_v;
  p_wave_spectrum spectrum;
  growth growth;
  polarisation from; /* where it comes from, of its first polarised_s; 0: the horizontals were not there yet */
  double polarised_s;
  bool clipped;
} p_wave_window;

typedef struct {
  filters_section highpass, brief;
  p_wave_spectrum_design spectrum;
  double rate, dt;
  ingest_unit unit;
  bool running;
  double reference; /* the first sample */
  p_wave_state now;
  p_wave_state kept[P_WAVE_KEPT]; /* of the last seconds, one each, ring: a pick is opened later than its wave came */
  baseline mean;
  double low[P_WAVE_NOISE_BLOCKS], high[P_WAVE_NOISE_BLOCKS]; /* extremes of the displacement in the last blocks of 1 s, ring */
  double brief_peak[P_WAVE_NOISE_BLOCKS];
  int64_t clipped_until;
  p_wave_window windows[P_WAVE_OPEN];
} p_wave;

void p_wave_restart(p_wave *p, double rate, ingest_unit unit);

/* Takes the samples [from, to) of the vertical; one that is missing ends all windows and starts the recursion anew. */
void p_wave_add(p_wave *p, const history *h, int64_t from, int64_t to);

/* Index just past the sample with which the next window is full; INT64_MAX: none is open. */
int64_t p_wave_due(const p_wave *p);

/* A pick whose onset is at `onset`, at most P_WAVE_KEPT - 2 s ago, in what `h`, the vertical, still holds. The oldest window gives way when all are
   taken. */
void p_wave_open(p_wave *p, const history *h, uint64_t pick, int64_t onset);
void p_wave_close(p_wave *p, uint64_t pick);

/* Brings the windows up to the newest sample; true when one has become full: then call again. data_until is left as an index in *until. `components`:
   all three; the horizontals as far as they are there. */
bool p_wave_take(p_wave *p, const history components[INGEST_COMPONENTS], picker_p_wave *full, int64_t *until);

#endif
