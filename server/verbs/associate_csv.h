/* associate_csv.h: tables of stations, picks and true events, by the names in their headers. */
#ifndef TOCSIN_ASSOCIATE_CSV_H
#define TOCSIN_ASSOCIATE_CSV_H

#include "csv_table.h"
#include "locator.h"

/* One pick of a file, tied to the sensor of its station, and what was measured with it. */
typedef struct {
  picker_pick pick;
  float pd_m, window_s, noise_pd_m;       /* of a P: peak vertical displacement of so many seconds, and of the noise before; pd_m 0: not known */
  float displacement_m, wood_anderson_mm; /* peaks of the whole record, that is, of S; 0: not known */
  size_t line;
} associate_pick;

typedef struct {
  associate_pick *items; /* malloc'ed, sorted by time, then line */
  size_t count;
  size_t refused; /* lines left out, each said on stderr */
  size_t unknown; /* of stations that are not in the table, each of these said on stderr once */
} associate_picks;

/* network,station,latitude_deg,longitude_deg and, if there, elevation_m: each a vertical velocity sensor of gain 1. Lines that are no station are
   said on stderr and left out. NULL, said on stderr, if the file cannot be read or has none. */
ingest_inventory *associate_stations(const char *path);

/* network,station,phase,time_utc and, if there, uncertainty_s, snr, polarity (up, down), pd_m, window_s, noise_pd_m, displacement_m,
   wood_anderson_mm. Lines that are no pick, repeat one or lie years from all others are said on stderr and left out. False, said on stderr, if the
   file cannot be read or lacks a column. */
bool associate_read_picks(const char *path, const ingest_inventory *inventory, associate_picks *picks);

/* An earthquake that is known. */
typedef struct {
  int64_t origin_time;
  double latitude_deg, longitude_deg;
  double phases; /* as its table counts them; 0: not said */
} associate_truth;

typedef struct {
  associate_truth *items; /* malloc'ed, sorted by time */
  size_t count;
} associate_truths;

/* origin_time_utc,latitude_deg,longitude_deg and, if there, n_phases. False, said on stderr, if the file cannot be read or has none. */
bool associate_read_truths(const char *path, associate_truths *truths);

/* ---- of a table's line ---- */

/* The codes of a station from two fields, as the vertical channel that each station of a table is. False, said as the line's fault, if they are none.
 */
bool associate_codes(csv_table *t, int network_column, int station_column, ingest_codes *codes);

#endif
