#include "clock.h"

#include <sys/timex.h>
#include <time.h>

static const int64_t slew_divisor = 2000; /* 500 ppm, as much as the kernel itself slews */

static struct {
  int64_t now, monotonic;
} carried;

static int64_t read_clock(clockid_t id)
{
  struct timespec t;
  clock_gettime(id, &t);
  return t.tv_sec * INGEST_SECOND + t.tv_nsec;
}

int64_t clock_monotonic(void)
{
  return read_clock(CLOCK_MONOTONIC);
}

int64_t clock_now(void)
{
  int64_t monotonic = clock_monotonic(), real = read_clock(CLOCK_REALTIME);
  if (carried.monotonic == 0) {
    carried.now = real;
  } else {
    int64_t passed = monotonic - carried.monotonic;
    int64_t most = passed / slew_divisor;
    int64_t error = real - (carried.now + passed);
    carried.now += passed + (error > most ? most : error < -most ? -most : error);
  }
  carried.monotonic = monotonic;
  return carried.now;
}

engine_clock clock_state(int64_t *offset)
{
  *offset = clock_now() - read_clock(CLOCK_REALTIME);
  struct timex kernel = {.modes = 0};
  int state = adjtimex(&kernel);
  if (state < 0)
    return ENGINE_CLOCK_UNKNOWN;
  return state == TIME_ERROR || (kernel.status & STA_UNSYNC) ? ENGINE_CLOCK_FREE : ENGINE_CLOCK_SYNCHRONISED;
}
