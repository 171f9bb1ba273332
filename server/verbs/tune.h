/* tune.h: `tocsin pick --tune`: a sweep, its table and its plot. */
#ifndef TOCSIN_TUNE_H
#define TOCSIN_TUNE_H

#include "pick_run.h"
#include "tune_sweep.h"

typedef struct {
  tune_sweep sweep;
  const char *labels, *plot; /* plot: NULL: none */
  int jobs;
} tune_request;

/* CSV on stdout, a line a combination. Returns the exit status; what is wrong is said on stderr. */
int tune(const tune_request *request, const archive *a, const ingest_inventory *inventory, const settings *s);

#endif
