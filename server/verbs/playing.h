/* playing.h: how recordings are paced and moved to another time, as `tocsin play` and `tocsin serve` read it from their options. */
#ifndef TOCSIN_PLAYING_H
#define TOCSIN_PLAYING_H

#include <stdbool.h>
#include <stdint.h>

/* The whole text is a number within these bounds. */
bool playing_number(const char *text, double least, double most, double *number);
/* A factor, or "max": 0. */
bool playing_speed(const char *text, double *speed);
/* The whole seconds that carry `from` to `to`, rounded up so that nothing is in the past. */
int64_t playing_seconds_to(int64_t to, int64_t from);

#endif
