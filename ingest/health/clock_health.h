/* clock_health.h: whether a sensor's times can be believed, by what its records say of them; for this folder's own use. */
#ifndef TOCSIN_INGEST_CLOCK_HEALTH_H
#define TOCSIN_INGEST_CLOCK_HEALTH_H

#include "ingest.h"

/* A condition that must last before it counts, and be gone for as long as it says before it does not. */
typedef struct {
  int64_t since; /* what `is` says lasts since */
  bool is, counts;
} lasting;

typedef struct {
  lasting doubtful, unlocked, timing, future;
  bool was_locked, was_good; /* a clock is blamed for getting worse, not for saying nothing */
} clock_health;

/* What one record says, at `now`; `future`: it was refused as it ends in the future. Returns the bits of the clock's faults. */
uint32_t clock_health_take(clock_health *c, const ingest_settings *settings, const ingest_record *record, bool future, int64_t now);

#endif
