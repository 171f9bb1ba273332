/* doubt.h (inside picker/): what the second after a pick says of it: waves last, spikes, steps and broken channels do not. */
#ifndef TOCSIN_PICKER_DOUBT_H
#define TOCSIN_PICKER_DOUBT_H

#include "history.h"

/* Data after the onset that the check needs; a gap sooner after the onset than doubt_gap_s makes the pick worthless. */
static const double doubt_s = 1.5, doubt_gap_s = 0.7;

/* "spike", "step", or NULL: nothing against it. `h` ends doubt_s after `onset`. */
const char *doubt_reason(const history *h, int64_t onset, double rate);

#endif
