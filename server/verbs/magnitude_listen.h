/* magnitude_listen.h: recordings of one earthquake through the stream and the picker, and what each sensor says of its size so far. */
#ifndef TOCSIN_MAGNITUDE_LISTEN_H
#define TOCSIN_MAGNITUDE_LISTEN_H

#include "archive.h"
#include "magnitude.h"
#include "settings.h"
#include "truth.h"

typedef struct magnitude_listener magnitude_listener;

/* NULL if memory is short. Keeps its arguments by pointer. */
magnitude_listener *magnitude_listener_create(const settings *s, const ingest_inventory *inventory, const locator_travel_times *tables,
                                              const solution *event);
void magnitude_listener_destroy(magnitude_listener *l);

/* Takes the packets of `a` from number `from` on that arrive up to `until`; returns the number of the first that does not. */
size_t magnitude_listen(magnitude_listener *l, const archive *a, size_t from, int64_t until);

/* What the sensor saw of this earthquake up to `until`; false: no P of it. Its place is the true one. */
bool magnitude_heard(const magnitude_listener *l, size_t sensor, int64_t until, magnitude_observation *seen);

#endif
