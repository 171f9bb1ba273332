/* associate_corrections.h: station corrections made of the residuals of the events that were found. */
#ifndef TOCSIN_ASSOCIATE_CORRECTIONS_H
#define TOCSIN_ASSOCIATE_CORRECTIONS_H

#include "associate_run.h"

/* Writes network,station,phase,seconds,readings,scatter_s to the file at `path`: what goes beyond the corrections `in_use` (may be NULL) is added to
   them. False, said on stderr, if it cannot be written or memory is short. */
bool associate_corrections_write(const associate_catalogue *c, const ingest_inventory *inventory, const locator_corrections *in_use,
                                 const char *path);

#endif
