/* playing.h: which part of recordings is played, how fast and in what packets, as `tocsin play`, `serve` and `replay` read it from their options. */
#ifndef TOCSIN_PLAYING_H
#define TOCSIN_PLAYING_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
  double packet_s, speed; /* packets cut at multiples of so many seconds, 0: as they are; speed 0: as fast as possible */
  const char *from, *until;
} playing_options;

/* The option --packet, --speed, --from or --until, of that verb. False, said on stderr: its value is none. */
bool playing_take(playing_options *o, const char *verb, const char *name, const char *value);

/* The whole text is a number within these bounds. */
bool playing_number(const char *text, double least, double most, double *number);
/* The whole seconds that carry `from` to `to`, rounded up so that nothing is in the past. */
int64_t playing_seconds_to(int64_t to, int64_t from);

#endif
