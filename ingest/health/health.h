/* health.h: how far each sensor can be believed, and why not; for this folder's own use. */
#ifndef TOCSIN_INGEST_HEALTH_H
#define TOCSIN_INGEST_HEALTH_H

#include "ingest.h"

typedef struct health health;

/* NULL if memory is short. Keeps the pointer to `settings`. */
health *health_create(const ingest_settings *settings, size_t sensors);
void health_destroy(health *h);
/* For so many sensors from now on, if there were fewer. False, and all as before, if memory is short. */
bool health_grow(health *h, size_t sensors);

/* A record of the sensor came at `now`; `future`: it is refused as it ends in the future. */
void health_record(health *h, int32_t sensor, const ingest_record *record, bool future, int64_t now);
/* A piece of it is handed on (before its picker gets it, so that a sensor that moves again is believed at once). `counts`: its samples as digitised,
   NULL where they were no whole numbers. */
void health_samples(health *h, const ingest_samples *samples, const int32_t *counts, int64_t now);
/* Its newest sample handed on is now that of `data_until`. */
void health_data(health *h, int32_t sensor, int64_t data_until, int64_t now);
void health_set_path(health *h, int32_t sensor, ingest_path path);
void health_count_gap(health *h, int32_t sensor);
void health_count_discarded(health *h, int32_t sensor, size_t samples);

/* Time passes; `changed` is called for each sensor whose state changed. A call looks at so many sensors at most that it stays short; the others' turn
   comes at the next. */
void health_advance(health *h, int64_t now, void (*changed)(void *user, const ingest_status *status), void *user);

const ingest_status *health_of(const health *h, int32_t sensor);
void health_quality(const health *h, int32_t sensor, int component, ingest_quality *told);

#endif
