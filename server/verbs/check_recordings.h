/* check_recordings.h: does the inventory agree with recordings that are given beside it? */
#ifndef TOCSIN_CHECK_RECORDINGS_H
#define TOCSIN_CHECK_RECORDINGS_H

#include "inventory_check.h"

/* Reads miniSEED files and names each channel that is not in the inventory or lies outside its epochs, rates unlike those stated, components without
   data, and what check_noise() and check_particle_motion() find. */
void check_recordings(const inventory_check *c, char *const *paths, size_t count);

#endif
