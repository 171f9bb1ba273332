/* check_orientation.h: do dip and azimuth of a sensor agree with its channels' letters? */
#ifndef TOCSIN_CHECK_ORIENTATION_H
#define TOCSIN_CHECK_ORIENTATION_H

#include "inventory_check.h"

/* One sensor; a component that it lacks is NULL. */
void check_orientation(const inventory_check *c, const ingest_channel *const channels[INGEST_COMPONENTS]);

#endif
