#include "playing.h"

#include <stdlib.h>
#include <string.h>

#include "ingest.h"

bool playing_number(const char *text, double least, double most, double *number)
{
  char *end;
  *number = strtod(text, &end);
  return end != text && *end == '\0' && *number >= least && *number <= most;
}

bool playing_speed(const char *text, double *speed)
{
  *speed = 0;
  return strcmp(text, "max") == 0 || playing_number(text, 0.001, 1e6, speed);
}

int64_t playing_seconds_to(int64_t to, int64_t from)
{
  int64_t apart = to - from;
  return apart / INGEST_SECOND + (apart % INGEST_SECOND > 0);
}
