/* clock.h: the daemon's two clocks. */
#ifndef TOCSIN_CLOCK_H
#define TOCSIN_CLOCK_H

#include <stdint.h>

#include "engine.h"

/* CLOCK_MONOTONIC, ns. */
int64_t clock_monotonic(void);

/* Arrival time: CLOCK_REALTIME at the first call, carried on by CLOCK_MONOTONIC and slewed (at most 500 ppm) towards CLOCK_REALTIME, never stepped,
 * never backwards. */
int64_t clock_now(void);

/* Whether the kernel's clock is disciplined (adjtimex), and how far clock_now() is from it, ns. */
engine_clock clock_state(int64_t *offset);

#endif
