#include "truth.h"

#include <stdio.h>

#include <jansson.h>

bool truth_read(const char *who, const char *path, solution *t)
{
  json_error_t error;
  double milliseconds;
  json_t *root = json_load_file(path, 0, &error);
  bool good = root && json_unpack_ex(root, &error, 0, "{s:{s:F,s:F},s:{s:[F,F,F]}}", "properties", "mag", &t->magnitude, "time", &milliseconds,
                                     "geometry", "coordinates", &t->longitude_deg, &t->latitude_deg, &t->depth_km) == 0;
  if (good)
    t->origin_time = (int64_t)milliseconds * 1000000;
  else
    fprintf(stderr, "%s %s:%d: %s; wanted is a GeoJSON Feature with properties mag and time and a point\n", who, path, error.line, error.text);
  json_decref(root);
  return good;
}
