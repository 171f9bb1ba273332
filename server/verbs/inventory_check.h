/* inventory_check.h: what every check of an inventory looks at, and how it names a channel. */
#ifndef TOCSIN_INVENTORY_CHECK_H
#define TOCSIN_INVENTORY_CHECK_H

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

#endif
