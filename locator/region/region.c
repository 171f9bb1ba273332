#include "region.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FAULT_TEXT = 160 };

/* The same meridian, within half a turn of another. */
static double turned_to(double longitude_deg, double near_deg)
{
  return longitude_deg + 360 * round((near_deg - longitude_deg) / 360);
}

/* ---- outlines ---- */

/* One corner "latitude longitude"; `*text` moves behind it and its comma. */
static bool read_corner(const char **text, double *latitude, double *longitude)
{
  char *end;
  *latitude = strtod(*text, &end);
  bool good = end != *text && *latitude >= -90 && *latitude <= 90;
  const char *second = end;
  *longitude = strtod(second, &end);
  good &= end != second && *longitude >= -180 && *longitude <= 360;
  end += strspn(end, " \t");
  good &= *end == ',' || *end == '\0';
  *text = *end == ',' ? end + 1 : end;
  return good;
}

static bool read_outline(const char *text, outline *o, char fault[FAULT_TEXT])
{
  double latitude, longitude;
  o->corners = 0;
  while (*text) {
    const char *corner = text;
    if (!read_corner(&text, &latitude, &longitude)) {
      snprintf(fault, FAULT_TEXT, "corner %zu, `%.*s`, is not a latitude and a longitude in degrees, as 41.8 123.4", o->corners + 1,
               (int)strcspn(corner, ",") < 40 ? (int)strcspn(corner, ",") : 40, corner);
      return false;
    }
    if (o->corners == REGION_CORNERS) {
      snprintf(fault, FAULT_TEXT, "more than %d corners; leave out some, or make it two regions", REGION_CORNERS);
      return false;
    }
    o->latitude_deg[o->corners] = latitude;
    o->longitude_deg[o->corners] = o->corners == 0 ? longitude : turned_to(longitude, o->longitude_deg[0]);
    o->corners++;
  }
  if (o->corners >= 3)
    return true;
  snprintf(fault, FAULT_TEXT, "%zu corners; give at least three, as 41 122, 42 122, 42 124", o->corners);
  return false;
}

bool locator_region_outline(const char *text, char fault[FAULT_TEXT])
{
  outline o;
  return read_outline(text, &o, fault);
}

/* Even and odd: how many sides a way to the east crosses, each reckoned from its southern end, so that two neighbours agree on what they share. */
static bool holds(const outline *o, double latitude_deg, double longitude_deg)
{
  double east = turned_to(longitude_deg, o->longitude_deg[0]);
  bool inside = false;
  for (size_t i = 0, k = o->corners - 1; i < o->corners; k = i++) {
    if ((o->latitude_deg[k] > latitude_deg) == (o->latitude_deg[i] > latitude_deg))
      continue;
    size_t south = o->latitude_deg[k] > latitude_deg ? i : k, north = i + k - south;
    double part = (latitude_deg - o->latitude_deg[south]) / (o->latitude_deg[north] - o->latitude_deg[south]);
    inside ^= east < o->longitude_deg[south] + (o->longitude_deg[north] - o->longitude_deg[south]) * part;
  }
  return inside;
}

/* ---- regions ---- */

depth_prior region_depth(const locator_settings *s)
{
  return (depth_prior){s->default_depth_km, s->depth_sigma_km, 0, s->maximum_depth_km};
}

static double stated(double value, double otherwise)
{
  return value >= 0 ? value : otherwise;
}

static depth_prior depth_of(const locator_region *of, depth_prior elsewhere)
{
  depth_prior d = {.least_km = stated(of->minimum_depth_km, 0),
                   .most_km = fmin(stated(of->maximum_depth_km, elsewhere.most_km), elsewhere.most_km),
                   .sigma_km = of->depth_sigma_km > 0 ? of->depth_sigma_km : elsewhere.sigma_km};
  d.least_km = fmin(d.least_km, d.most_km);
  d.middle_km = fmin(fmax(stated(of->default_depth_km, elsewhere.middle_km), d.least_km), d.most_km);
  return d;
}

bool regions_create(regions *r, const locator_settings *s, const locator_travel_times *tables)
{
  char fault[FAULT_TEXT];
  *r = (regions){.elsewhere = {tables, region_depth(s)}};
  if (s->regions_count == 0)
    return true;
  r->of = calloc(s->regions_count, sizeof *r->of);
  r->around = calloc(s->regions_count, sizeof *r->around);
  if (!r->of || !r->around)
    return false;
  for (size_t i = 0; i < s->regions_count; i++) {
    const locator_region *of = &s->regions[i];
    if (!read_outline(of->outline, &r->around[r->count], fault))
      continue;
    r->of[r->count++] = (region){of->tables ? of->tables : tables, depth_of(of, r->elsewhere.depth)};
  }
  return true;
}

void regions_destroy(regions *r)
{
  free(r->of);
  free(r->around);
}

const region *regions_at(const regions *r, double latitude_deg, double longitude_deg)
{
  for (size_t i = 0; i < r->count; i++)
    if (holds(&r->around[i], latitude_deg, longitude_deg))
      return &r->of[i];
  return &r->elsewhere;
}
