/* units.h: the many spellings of units in StationXML, for this folder's own use. */
#ifndef TOCSIN_INGEST_UNITS_H
#define TOCSIN_INGEST_UNITS_H

#include "ingest.h"

/* The kind of ground motion that a unit's name stands for, and its size in SI units (`nm/s`: velocity, 1e-9). INGEST_UNIT_OTHER, 1 for all else. */
ingest_unit units_read(const char *name, double *size);

#endif
