/* scan_output.h: what `tocsin scan` found, as a table, CSV or JSON Lines. */
#ifndef TOCSIN_SCAN_OUTPUT_H
#define TOCSIN_SCAN_OUTPUT_H

#include <stdio.h>

#include "scan_files.h"

/* With an inventory each channel is held against it; NULL: none was named. False if `out` could not be written. */
bool scan_write_table(const scan *s, const ingest_inventory *inventory, FILE *out);
bool scan_write_csv(const scan *s, const ingest_inventory *inventory, FILE *out);
bool scan_write_json(const scan *s, const ingest_inventory *inventory, FILE *out);

/* A line each fault, for people. */
void scan_write_faults(const scan *s, FILE *out);

#endif
