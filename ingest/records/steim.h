/* steim.h: Steim-1 and Steim-2 compression (SEED manual 2.4, appendix B), decoded in one pass into the caller's buffer. */
#ifndef TOCSIN_INGEST_STEIM_H
#define TOCSIN_INGEST_STEIM_H

#include "layout.h"

typedef struct {
  const uint8_t *frames; /* of 64 bytes each; any alignment */
  size_t length;         /* bytes; a rest shorter than a frame is left alone */
  size_t samples;        /* wanted */
  int encoding;          /* RECORD_STEIM1 or RECORD_STEIM2 */
  record_order order;
} steim_data;

/* Into `counts`, or else into `values`: the other is NULL. NULL on success, else what is wrong: an impossible code, too few samples, a last sample
   that is not the one stated. */
const char *steim_decode(const steim_data *data, int32_t *counts, double *values);

/* The same without the processor's wide shifts. */
const char *steim_decode_plain(const steim_data *data, int32_t *counts, double *values);

#endif
