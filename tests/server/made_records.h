/* made_records.h: miniSEED and StationXML that tests make by code. */
#ifndef TOCSIN_TESTS_MADE_RECORDS_H
#define TOCSIN_TESTS_MADE_RECORDS_H

#include <stddef.h>
#include <stdint.h>

#include "ingest.h"

enum { MADE_RECORD_ROOM = 4096 };

typedef struct {
  uint8_t bytes[MADE_RECORD_ROOM];
  size_t length;
} made_record;

/* One second of channel XX.STATION..HNZ at 100 samples/s from `start`, as short as holds them, its samples drawn from `seed`. */
made_record made_second(const char *station, int64_t start, uint64_t seed);

/* Writes `folder`/stations.xml: XX.S000 ... of so many stations on a line, three components of accelerometers each. */
void made_inventory(const char *folder, int stations);

#endif
