/* check_noise.h: do the channels of recordings have the gains that the inventory states? */
#ifndef TOCSIN_CHECK_NOISE_H
#define TOCSIN_CHECK_NOISE_H

#include "inventory_check.h"
#include "recordings.h"

/* Gains, by noise: each channel's quietest window of 20 s or so beside those of its own sensor and of the nearest like ones. */
void check_noise(const inventory_check *c, const recordings *r);

#endif
