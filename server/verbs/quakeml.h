/* quakeml.h: located events as a QuakeML 1.2 document: origins, magnitudes, picks and arrivals, each with its uncertainty. */
#ifndef TOCSIN_QUAKEML_H
#define TOCSIN_QUAKEML_H

#include <stdio.h>

#include "associate_run.h"

typedef struct {
  const associate_catalogue *catalogue;
  const associate_picks *picks; /* that the catalogue's arrivals refer to */
  const ingest_inventory *inventory;
  const char *model; /* the velocity model's name */
} quakeml_content;

/* False if it could not be written. The same content gives the same bytes: no time of writing stands in it. */
bool quakeml_write(const quakeml_content *content, FILE *file);

#endif
