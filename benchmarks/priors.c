/* What is known beforehand: what it costs to make and to ask. The baseline is one travel time, the unit of all the locator's work. */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "locator.h"
#include "random.h"
#include "region.h"
#include "seismicity.h"

enum { REGIONS = 8, EPICENTRES = 20000, LOOKUPS = 1000000 };

static double thread_us(void)
{
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void say(const char *name, double value, const char *unit, double baseline)
{
  printf("{\"name\":\"%s\",\"value\":%.4f,\"unit\":\"%s\",\"baseline\":%.4f}\n", name, value, unit, baseline);
}

/* 700 km deep and 1000 km wide, P and S. */
static locator_travel_times *build(double *ms)
{
  locator_model model;
  double before = thread_us();
  locator_travel_times *tables = locator_model_named("iasp91", &model) ? locator_travel_times_create(&model, 1000, 700) : NULL;
  *ms = (thread_us() - before) / 1e3;
  return tables;
}

static double travel_time_us(const locator_travel_times *tables)
{
  double total = 0, before = thread_us();
  for (int i = 0; i < LOOKUPS; i++)
    total += locator_travel_time(tables, 'P', (double)(i % 4001) / 10, (double)(i % 40));
  double each = (thread_us() - before) / LOOKUPS;
  return total > 0 ? each : NAN;
}

/* A ring of 64 corners around each of eight places. */
static double region_us(const locator_travel_times *tables)
{
  static locator_region list[REGIONS];
  locator_settings settings = {.maximum_depth_km = 120, .depth_sigma_km = 8, .regions = list, .regions_count = REGIONS};
  regions r;
  size_t inside = 0;
  for (int i = 0; i < REGIONS; i++) {
    list[i] = (locator_region){.default_depth_km = -1, .depth_sigma_km = -1, .minimum_depth_km = -1, .maximum_depth_km = -1};
    for (int k = 0; k < REGION_CORNERS; k++) {
      size_t n = strlen(list[i].outline);
      snprintf(list[i].outline + n, sizeof list[i].outline - n, "%s%.1f %.1f", k ? "," : "", 40 + 2 * cos(k * M_PI / 32),
               110 + 4 * i + 2 * sin(k * M_PI / 32));
    }
  }
  if (!regions_create(&r, &settings, tables))
    return NAN;
  double before = thread_us();
  for (int i = 0; i < LOOKUPS; i++)
    inside += regions_at(&r, 38 + (double)(i % 401) / 100, 105 + (double)(i % 3989) / 100) != &r.elsewhere;
  double each = (thread_us() - before) / LOOKUPS;
  regions_destroy(&r);
  return inside > 0 ? each : NAN;
}

static char *list_of(size_t *length)
{
  random_source random = {7};
  char *text = malloc(EPICENTRES * 20 + 64);
  *length = text ? (size_t)sprintf(text, "latitude_deg,longitude_deg\n") : 0;
  for (int i = 0; text && i < EPICENTRES; i++)
    *length += (size_t)sprintf(text + *length, "%.3f,%.3f\n", 40 + 2 * random_normal(&random), 123 + 3 * random_normal(&random));
  return text;
}

static bool seismicity(double lookup_us)
{
  char fault[160];
  size_t length;
  char *text = list_of(&length);
  double before = thread_us();
  locator_seismicity *s = text ? locator_seismicity_parse(text, length, 15, 0.1, fault) : NULL;
  say("priors_seismicity_built", (thread_us() - before) / 1e3, "ms", lookup_us);
  free(text);
  if (!s)
    return false;
  plane around = plane_at(41.5, 123);
  double total = 0;
  before = thread_us();
  for (int i = 0; i < LOOKUPS; i++)
    total += seismicity_at(s, &around, (plane_point){i % 401 - 200, i % 397 - 200});
  say("priors_seismicity_at", (thread_us() - before) / LOOKUPS, "us", lookup_us);
  before = thread_us();
  for (int i = 0; i < LOOKUPS; i++)
    total += seismicity_within(s, &around, (plane_point){i % 401 - 200, i % 397 - 200}, 1 << i % 7);
  say("priors_seismicity_within", (thread_us() - before) / LOOKUPS, "us", lookup_us);
  locator_seismicity_destroy(s);
  return isfinite(total);
}

int main(void)
{
  double ms;
  locator_travel_times *tables = build(&ms);
  if (!tables)
    return 1;
  double lookup_us = travel_time_us(tables);
  say("priors_tables_of_one_model_built", ms, "ms", lookup_us);
  say("priors_region_at_of_8_with_64_corners", region_us(tables), "us", lookup_us);
  bool good = seismicity(lookup_us);
  locator_travel_times_destroy(tables);
  return good ? 0 : 1;
}
