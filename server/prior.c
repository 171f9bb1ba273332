#include "prior.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"

enum { FAULT_TEXT = 160 };

locator_corrections *prior_corrections(const char *path, char **text)
{
  char fault[FAULT_TEXT] = "", *bytes = *path ? NULL : strdup("network,station,phase,seconds\n");
  size_t length = bytes ? strlen(bytes) : 0;
  if (*path)
    bytes = (char *)files_read(path, &length);
  if (!bytes)
    snprintf(fault, sizeof fault, "%s; name a CSV file of network,station,phase,seconds, or leave it empty", strerror(errno));
  locator_corrections *read = bytes ? locator_corrections_parse(bytes, length, fault) : NULL;
  if (!read)
    fprintf(stderr, "locator.corrections %s: %s\n", path, fault);
  if (read && text)
    *text = bytes;
  else
    free(bytes);
  return read;
}

bool prior_load(prior *p, locator_settings *settings)
{
  p->corrections = prior_corrections(settings->corrections, NULL);
  settings->station_corrections = p->corrections;
  return p->corrections;
}

void prior_release(prior *p)
{
  locator_corrections_destroy(p->corrections);
  *p = (prior){NULL};
}
