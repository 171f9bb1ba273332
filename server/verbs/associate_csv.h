/* associate_csv.h: tables of stations and picks, by the names in their headers. */
#ifndef TOCSIN_ASSOCIATE_CSV_H
#define TOCSIN_ASSOCIATE_CSV_H

#include "locator.h"

/* One pick of a file, tied to the sensor of its station. */
typedef struct {
  picker_pick pick;
  size_t line;
} associate_pick;

typedef struct {
  associate_pick *items; /* malloc'ed, sorted by time, then line */
  size_t count;
  size_t refused; /* lines left out, each said on stderr */
  size_t unknown; /* of stations that are not in the table */
} associate_picks;

/* network,station,latitude_deg,longitude_deg and, if there, elevation_m: each a vertical velocity sensor of gain 1. Lines that are no station are
   said on stderr and left out. NULL, said on stderr, if the file cannot be read or has none. */
ingest_inventory *associate_stations(const char *path);

/* network,station,phase,time_utc and, if there, uncertainty_s. False, said on stderr, if the file cannot be read or lacks a column. */
bool associate_read_picks(const char *path, const ingest_inventory *inventory, associate_picks *picks);

#endif
