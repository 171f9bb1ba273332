/* check_particle_motion.h: do the verticals and horizontals of recordings move as P waves move them? */
#ifndef TOCSIN_CHECK_PARTICLE_MOTION_H
#define TOCSIN_CHECK_PARTICLE_MOTION_H

#include "inventory_check.h"
#include "recordings.h"

/* Verticals and horizontals, by how P waves move them. */
void check_particle_motion(const inventory_check *c, const recordings *r);

#endif
