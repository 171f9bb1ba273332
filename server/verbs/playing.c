#include "playing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ingest.h"

bool playing_number(const char *text, double least, double most, double *number)
{
  char *end;
  *number = strtod(text, &end);
  return end != text && *end == '\0' && *number >= least && *number <= most;
}

static const char *take(playing_options *o, const char *name, const char *value)
{
  if (strcmp(name, "packet") == 0)
    return playing_number(value, 0.01, 3600, &o->packet_s) ? NULL : "takes seconds, 0.01 to 3600";
  if (strcmp(name, "speed") == 0) {
    o->speed = 0;
    return strcmp(value, "max") == 0 || playing_number(value, 0.001, 1e6, &o->speed) ? NULL : "takes a factor above 0, or max";
  }
  *(strcmp(name, "from") == 0 ? &o->from : &o->until) = value;
  return NULL;
}

bool playing_take(playing_options *o, const char *verb, const char *name, const char *value)
{
  const char *fault = take(o, name, value);
  if (fault)
    fprintf(stderr, "tocsin %s: --%s %s, not `%s`; `tocsin %s --help` says all\n", verb, name, fault, value, verb);
  return !fault;
}

int64_t playing_seconds_to(int64_t to, int64_t from)
{
  int64_t apart = to - from;
  return apart / INGEST_SECOND + (apart % INGEST_SECOND > 0);
}
