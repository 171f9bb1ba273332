/* encodings.h: what the encoding codes of records mean (SEED manual 2.4, blockette 1000 field 4; FDSN miniSEED 3, table of encodings). */
#ifndef TOCSIN_INGEST_ENCODINGS_H
#define TOCSIN_INGEST_ENCODINGS_H

#include "layout.h"

/* NULL if records of that version and encoding are read, else why not. */
const char *encoding_refusal(int version, int encoding);

/* Bytes of one sample, 0 for the encodings of no fixed size. */
size_t encoding_sample_size(int encoding);

/* The code under which samples of an encoding that is only read are written again without loss; else the same. */
uint8_t encoding_written(int encoding);

/* `count` samples of an encoding of fixed size. NULL on success, else what is wrong with one of them. */
const char *encoding_decode(int encoding, const uint8_t *bytes, size_t count, record_order order, double *values);

#endif
