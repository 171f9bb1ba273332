/* check_orientation.h: do dip and azimuth of a sensor agree with its channels' letters? */
#ifndef TOCSIN_CHECK_ORIENTATION_H
#define TOCSIN_CHECK_ORIENTATION_H

#include "findings.h"
#include "ingest.h"

typedef struct {
  findings *f;
  const ingest_inventory *inventory;
  char **files; /* by document */
  int64_t now;
} inventory_check;

/* "FILE:LINE: NET.STA.LOC.CHA: ..." of one channel. */
void inventory_tell(const inventory_check *c, finding kind, const ingest_channel *channel, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* One sensor; a component that it lacks is NULL. */
void check_orientation(const inventory_check *c, const ingest_channel *const channels[INGEST_COMPONENTS]);

#endif
