/* virtual_clock.h: the engine's time when recordings are fed at any speed: the last sample's time of the packets, never the wall clock. */
#ifndef TOCSIN_VIRTUAL_CLOCK_H
#define TOCSIN_VIRTUAL_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed: no packet yet. */
typedef struct {
  int64_t now;     /* never decreases */
  int64_t doubted; /* a time far ahead that the last packet claimed */
  int agreeing;    /* so many packets in a row claimed it */
} virtual_clock;

enum { VIRTUAL_CLOCK_AGREEING = 20 };

/* One whole record arrives. True when time jumped by more than a minute: the engine is told to skip. A jump of more than an hour is believed only
   from so many packets in a row that agree within a minute each, so that one station's broken clock does not carry all away. */
bool virtual_clock_take(virtual_clock *c, const uint8_t *record, size_t length);

#endif
