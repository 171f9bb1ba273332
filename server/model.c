#include "model.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"

enum { FAULT_TEXT = 160 };
static const double longest_km = 1000;

static bool read_model(const char *name, const char *setting, locator_model *model)
{
  char fault[FAULT_TEXT] = "";
  size_t length = 0;
  if (locator_model_named(name, model))
    return true;
  char *bytes = (char *)files_read(name, &length);
  if (!bytes)
    snprintf(fault, sizeof fault, "%s; name a model that ships (iasp91, north-china) or a CSV file of depth_km,vp_km_s,vs_km_s", strerror(errno));
  bool good = bytes && locator_model_parse(bytes, length, model, fault);
  free(bytes);
  if (!good)
    fprintf(stderr, "%s %s: %s\n", setting, name, fault);
  return good;
}

locator_travel_times *model_travel_times(const locator_settings *settings)
{
  return model_travel_times_of(settings->model, "locator.model", settings->maximum_depth_km);
}

locator_travel_times *model_travel_times_of(const char *name, const char *setting, double maximum_depth_km)
{
  locator_model model;
  if (!read_model(name, setting, &model))
    return NULL;
  locator_travel_times *tables = locator_travel_times_create(&model, longest_km, maximum_depth_km);
  if (!tables)
    fprintf(stderr, "%s %s: no memory for its travel times\n", setting, name);
  return tables;
}
