/* associate_tune.h: `tocsin associate --tune`: the locator's settings tried on labelled picks, in parallel processes. */
#ifndef TOCSIN_ASSOCIATE_TUNE_H
#define TOCSIN_ASSOCIATE_TUNE_H

#include "associate_run.h"
#include "tune_sweep.h"

typedef struct {
  tune_sweep sweep;
  const char *truth, *plot; /* plot: NULL: none */
  double within_s, within_km;
  int jobs;
} associate_tuning;

/* What all trials share; the tables reach down to the deepest of them. */
typedef struct {
  const associate_picks *picks;
  const ingest_inventory *inventory;
  const locator_travel_times *tables;
  const settings *settings;
} associate_material;

/* "NAME=FROM:TO:STEP" or "NAME=A,B,C", or several of them with commas between. False, said on stderr, if one is no such setting or value. */
bool associate_tune_add(tune_sweep *sweep, const char *text);

/* The greatest maximum_depth_km that is tried; `usual` where it is not swept. */
double associate_tune_deepest(const tune_sweep *sweep, double usual);

/* CSV on stdout, a line a combination. False, said on stderr, if it could not be done. */
bool associate_tune(const associate_tuning *tuning, const associate_material *material);

#endif
