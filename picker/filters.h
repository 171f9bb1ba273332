/* filters.h (inside picker/): Butterworth filters as second-order sections, designed by the bilinear transformation with prewarped corners
 * (Oppenheim & Schafer 2010, section 7.2), so that a section's gain at a corner is exact at any sampling rate.
 */
#ifndef TOCSIN_PICKER_FILTERS_H
#define TOCSIN_PICKER_FILTERS_H

#include <stddef.h>

/* y = b0 w + b1 w1 + b2 w2 with w = x - a1 w1 - a2 w2 (w1, w2: the last two w). */
typedef struct {
  double b0, b1, b2, a1, a2;
} filters_section;

enum { FILTERS_BANDPASS_SECTIONS = 4 };

/* Two poles, corner_hz below half the rate. */
filters_section filters_highpass(double rate, double corner_hz);
filters_section filters_lowpass(double rate, double corner_hz);

/* Order 4 as a band-pass is counted: eight poles in four sections, each with numerator b0 (1 - z^-2). */
void filters_bandpass(double rate, double low_hz, double high_hz, filters_section sections[FILTERS_BANDPASS_SECTIONS]);

/* Amplitude of `count` sections in cascade for a steady sine. */
double filters_gain(const filters_section *sections, size_t count, double rate, double frequency_hz);

/* The step from x to a one-pole low-pass's state that gives it the time constant of corner_hz. */
double filters_smoothing(double rate, double corner_hz);

#endif
