/* check_recordings.h: does the inventory agree with recordings that are given beside it? */
#ifndef TOCSIN_CHECK_RECORDINGS_H
#define TOCSIN_CHECK_RECORDINGS_H

#include "check_orientation.h"
#include "recordings.h"

/* Reads miniSEED files and names each channel that is not in the inventory or lies outside its epochs, rates unlike those stated, components without
   data, and what check_noise() and check_particle_motion() find. */
void check_recordings(const inventory_check *c, char *const *paths, size_t count);

/* Gains, by noise: each channel's quietest window of 20 s or so beside those of its own sensor and of the nearest like ones. */
void check_noise(const inventory_check *c, const recordings *r);

/* Verticals and horizontals, by how P waves move them. */
void check_particle_motion(const inventory_check *c, const recordings *r);

#endif
