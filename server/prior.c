#include "prior.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "model.h"

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

/* One with the same model before it has its tables already. */
static const locator_travel_times *tables_of(prior *p, const locator_settings *s, size_t region)
{
  char setting[40];
  const char *name = s->regions[region].model;
  for (size_t i = 0; i < region; i++)
    if (strcmp(s->regions[i].model, name) == 0)
      return s->regions[i].tables;
  snprintf(setting, sizeof setting, "regions.%zu.model", region + 1);
  return p->models[p->models_count++] = model_travel_times_of(name, setting, s->maximum_depth_km);
}

static bool load_regions(prior *p, locator_settings *s)
{
  p->models = calloc(s->regions_count + 1, sizeof *p->models);
  if (!p->models)
    fputs("regions: no memory for their travel times\n", stderr);
  for (size_t i = 0; p->models && i < s->regions_count; i++) {
    const char *name = s->regions[i].model;
    if (*name && strcmp(name, s->model) != 0 && !(s->regions[i].tables = tables_of(p, s, i)))
      return false;
  }
  return p->models;
}

static bool load_seismicity(prior *p, locator_settings *s)
{
  char fault[FAULT_TEXT] = "";
  size_t length = 0;
  if (!*s->seismicity)
    return true;
  char *bytes = (char *)files_read(s->seismicity, &length);
  if (!bytes)
    snprintf(fault, sizeof fault, "%s; name a CSV file of latitude_deg,longitude_deg, or leave it empty", strerror(errno));
  else
    p->past = locator_seismicity_parse(bytes, length, s->seismicity_kernel_km, s->seismicity_floor, fault);
  free(bytes);
  if (!p->past)
    fprintf(stderr, "locator.seismicity %s: %s\n", s->seismicity, fault);
  s->past = p->past;
  return p->past;
}

bool prior_load(prior *p, locator_settings *settings)
{
  p->corrections = prior_corrections(settings->corrections, NULL);
  settings->station_corrections = p->corrections;
  return p->corrections && load_regions(p, settings) && load_seismicity(p, settings);
}

void prior_release(prior *p)
{
  locator_corrections_destroy(p->corrections);
  locator_seismicity_destroy(p->past);
  for (size_t i = 0; i < p->models_count; i++)
    locator_travel_times_destroy(p->models[i]);
  free(p->models);
  *p = (prior){.corrections = NULL};
}
