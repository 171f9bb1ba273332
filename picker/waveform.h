/* waveform.h (inside picker/): the trace around a trigger itself, as a network looks at it: whatever its rate, gain and offset, on one grid of time
 * and in amplitudes of the noise before.
 */
#ifndef TOCSIN_PICKER_WAVEFORM_H
#define TOCSIN_PICKER_WAVEFORM_H

#include "history.h"

/* 50 steps a second, from 2 s before the trigger to 1.3 s after it; before them quarters of a second, from 7.5 s before it on. */
enum {
  WAVEFORM_BEFORE = 100,
  WAVEFORM_AFTER = 65,
  WAVEFORM_STEPS = WAVEFORM_BEFORE + WAVEFORM_AFTER,
  WAVEFORM_QUARTERS = 22,
  WAVEFORM_CHANNELS = 2,
  WAVEFORM_VALUES = (WAVEFORM_STEPS + WAVEFORM_QUARTERS) * WAVEFORM_CHANNELS
};

/* Two channels: ground motion between 0.7 and 14 Hz, and the energy of what is above 9 Hz. The noise is theirs from 2 to 0.2 s before the trigger.
 * Zero where nothing is known: before the samples began or after a hole settled, after the newest. */
typedef struct {
  float steps[WAVEFORM_STEPS][WAVEFORM_CHANNELS];       /* asinh of the motion over the noise; logarithm of the energy over the noise */
  float quarters[WAVEFORM_QUARTERS][WAVEFORM_CHANNELS]; /* logarithm of the mean energy over the noise */
} waveform;

/* Of what `h` holds up to its end, the same however the samples came into it. */
void waveform_measure(const history *h, int64_t trigger, double rate, waveform *w);

#endif
