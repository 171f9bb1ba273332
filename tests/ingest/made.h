/* made.h: records and samples made by code, for the tests of ingest. */
#ifndef TOCSIN_TESTS_MADE_H
#define TOCSIN_TESTS_MADE_H

#include "data.h"
#include "ingest.h"
#include "random.h"

/* Whole records one after another. */
typedef struct {
  uint8_t bytes[1 << 20];
  size_t offsets[4096], lengths[4096];
  size_t count, used;
} made_records;

extern const uint8_t made_encodings[6];

/* A record header of XX.MADE.01.HNZ at 100 samples/s from 2020-01-01T00:00:00Z. */
ingest_record made_header(int encoding, int32_t samples);

/* A random walk of whole counts within 16 bits: what every encoding holds exactly. */
void made_walk(random_source *random, double *values, size_t count);

/* An ingest_record_sink that appends to the made_records that `user` is. */
void made_collect(void *user, const uint8_t *bytes, size_t length);

/* One record of so many samples of a walk; its length. `length` 0: the smallest. */
size_t made_record(int encoding, int32_t samples, int length, uint64_t seed, uint8_t *bytes);

/* The same as miniSEED 3, as long as needed. */
size_t made_record3(int encoding, int32_t samples, uint64_t seed, uint8_t *bytes);

/* The same of any header. */
size_t made_as(ingest_record record, int length, uint64_t seed, uint8_t *bytes);

/* Puts the right CRC into a bent version-3 record. */
void made_crc(uint8_t *bytes, size_t length);

/* The same record with header, blockettes and samples little-endian. */
void made_little_endian(uint8_t *bytes, size_t length);

#endif
