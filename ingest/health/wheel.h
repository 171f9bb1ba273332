/* wheel.h: who waits for which instant, to a tenth of a second; for this folder's own use. */
#ifndef TOCSIN_INGEST_WHEEL_H
#define TOCSIN_INGEST_WHEEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct wheel wheel;

/* For waiters 0..count-1, none of whom waits. NULL if memory is short. */
wheel *wheel_create(size_t count);
void wheel_destroy(wheel *w);
/* For `count` waiters from now on, of whom there were `before`; the new ones wait for nothing. False, and all as before, if memory is short. */
bool wheel_grow(wheel *w, size_t before, size_t count);

/* The first instant known; later calls do nothing. Before it nobody waits. */
void wheel_begin(wheel *w, int64_t now);
bool wheel_has(const wheel *w, int32_t waiter);
/* Waits for `due` (anew), no earlier than the next tenth; at most 51 s: who waits for longer is called then, and waits again. */
void wheel_wait(wheel *w, int32_t waiter, int64_t due);
void wheel_leave(wheel *w, int32_t waiter);

/* One whose instant has come by `now`, who then waits no more; -1: nobody is left. */
int32_t wheel_take(wheel *w, int64_t now);

#endif
