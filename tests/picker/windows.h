/* windows.h: recordings in which analysts said where P and S begin, for tests of the picker as a whole. */
#ifndef TOCSIN_TESTS_WINDOWS_H
#define TOCSIN_TESTS_WINDOWS_H

#include "recordings.h"
#include "signals.h"

enum { WINDOWS_MAXIMUM = 300 };

/* When P and S come, s after the window's first sample; s_s NAN: not said. */
typedef struct {
  char network[9], station[9], source[16];
  int64_t start;
  double p_s, s_s;
} window;

/* All windows of the CSV below the recordings' folder, of one source or (NULL) of all. Returns how many. */
size_t windows_read(const char *relative, const char *source, window windows[WINDOWS_MAXIMUM]);

/* The window's components, NULL where there is none. False: no vertical. */
bool window_components(const traces *all, const window *w, const trace *of[INGEST_COMPONENTS]);

/* Through a new picker, a second of each component in turn, of each no more than what has come `until` then, inclusive (INT64_MAX: all). Without
   `s_picks` the vertical alone. */
void window_feed(told *t, const trace *const of[INGEST_COMPONENTS], bool s_picks, int64_t until);

double window_seconds(const window *w, int64_t time);

#endif
