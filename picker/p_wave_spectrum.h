/* p_wave_spectrum.h (inside picker/): how slow and how broad the velocity of one P wave is: predominant period and peaks in bands of two octaves.
 *
 * Runs only while a window is open, from p_wave_lead_s before its onset, so that the smoothing and the filters have seen the noise.
 */
#ifndef TOCSIN_PICKER_P_WAVE_SPECTRUM_H
#define TOCSIN_PICKER_P_WAVE_SPECTRUM_H

#include <stdbool.h>

#include "filters.h"
#include "picker.h"

static const double p_wave_lead_s = 1;

typedef struct {
  double rate, memory; /* memory: what the smoothing of a second keeps from one sample to the next */
  filters_section low_pass;
  filters_section highs[PICKER_BANDS], lows[PICKER_BANDS]; /* of each band; the first has no high-pass */
} p_wave_spectrum_design;

typedef struct {
  double w1, w2;
} p_wave_recursion;

typedef struct {
  bool running;
  p_wave_recursion low_pass, highs[PICKER_BANDS], lows[PICKER_BANDS];
  double last, square, slope; /* low-passed velocity; smoothed squares of it and of its derivative */
  double tau_p_max, peak[PICKER_BANDS];
} p_wave_spectrum;

double p_wave_filter(const filters_section *f, p_wave_recursion *r, double x);
/* Where the recursion stands after an endless time at x. */
p_wave_recursion p_wave_settled(const filters_section *f, double x);

void p_wave_spectrum_design_init(p_wave_spectrum_design *d, double rate);

/* The next sample of velocity, `since_onset_s` after the onset (negative: before it, then nothing counts yet). */
void p_wave_spectrum_add(const p_wave_spectrum_design *d, p_wave_spectrum *s, double velocity, double since_onset_s);

#endif
