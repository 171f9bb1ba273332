/* kept.h: the newest samples of each channel, for spectra and snapshots; for this folder's own use. */
#ifndef TOCSIN_INGEST_KEPT_H
#define TOCSIN_INGEST_KEPT_H

#include "ingest.h"

typedef struct kept kept;

/* Room for `seconds` of each channel (sensor * INGEST_COMPONENTS + component) at the highest rate that its epochs state, 100/s where none does. NULL
   if memory is short. */
kept *kept_create(const ingest_inventory *inventory, double seconds);
void kept_destroy(kept *k);
/* Another inventory; what is kept stays. False, and all as before, if memory is short. */
bool kept_adopt(kept *k, const ingest_inventory *inventory, double seconds);

void kept_add(kept *k, const ingest_samples *samples);
/* As ingest_kept(). */
void kept_copy(const kept *k, int32_t sensor, int component, float *values, size_t capacity, ingest_samples *samples);

#endif
