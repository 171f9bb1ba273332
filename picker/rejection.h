/* rejection.h (inside picker/): what is no local earthquake, and why. */
#ifndef TOCSIN_PICKER_REJECTION_H
#define TOCSIN_PICKER_REJECTION_H

#include "candidate.h"
#include "history.h"
#include "picker.h"

/* Why the trigger or pick whose onset is at `onset` is no wave, by what came after it as far as `h` holds it (doubt_s are enough): PICKER_SPIKE,
   PICKER_STEP, PICKER_BURST; PICKER_REJECTIONS: nothing against it. */
picker_rejection rejection_after(const history *h, int64_t onset, double rate);

/* Whether all that a trigger brought so far is a leap of the samples, as still after it as before: not to be let out yet. */
bool rejection_is_leap(const history *h, int64_t trigger, double rate);

/* Whether what a trigger brought so far lacks all that a local earthquake has: energy above 3 Hz. */
bool rejection_is_distant(const candidate *k, const characteristic *c);

#endif
