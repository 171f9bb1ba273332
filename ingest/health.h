/* health.h: which sensors are good, late, dead or never seen, for this folder's own use. */
#ifndef TOCSIN_INGEST_HEALTH_H
#define TOCSIN_INGEST_HEALTH_H

#include "ingest.h"

typedef struct health health;

/* NULL if memory is short. Keeps the pointer to `settings`. */
health *health_create(const ingest_settings *settings, size_t sensors);
void health_destroy(health *h);

/* A packet of the sensor came at `now`. */
void health_arrived(health *h, int32_t sensor, int64_t now);
/* Its newest sample handed on is now that of `data_until`. */
void health_data(health *h, int32_t sensor, int64_t data_until, int64_t now);
void health_count_gap(health *h, int32_t sensor);
void health_count_discarded(health *h, int32_t sensor, size_t samples);

/* Time passes; `changed` is called for each sensor whose state changed. A call looks at so many sensors at most that it stays short; the others' turn
   comes at the next. */
void health_advance(health *h, int64_t now, void (*changed)(void *user, const ingest_status *status), void *user);

const ingest_status *health_of(const health *h, int32_t sensor);

#endif
