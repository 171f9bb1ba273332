#define _GNU_SOURCE
#include "targets.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static target_table *allocate(size_t count);
static target_table *index_ids(target_table *table);
static target_table *of_sites(const engine_rules *rules, const ingest_inventory *inventory);

direction direction_of(double latitude_deg, double longitude_deg)
{
  double latitude = latitude_deg * (M_PI / 180), longitude = longitude_deg * (M_PI / 180);
  return (direction){cos(latitude) * cos(longitude), cos(latitude) * sin(longitude), sin(latitude)};
}

double direction_dot(direction a, direction b)
{
  return a.x * b.x + a.y * b.y + a.z * b.z;
}

bool targets_are_stations(const engine_settings *settings)
{
  return settings->targets_count == 0 && settings->rules.targets_from_stations;
}

target_table *targets_create(const engine_settings *settings, const ingest_inventory *inventory)
{
  if (targets_are_stations(settings))
    return index_ids(of_sites(&settings->rules, inventory));
  target_table *table = allocate(settings->targets_count);
  for (size_t i = 0; table && i < table->count; i++) {
    table->target[i] = settings->targets[i];
    table->direction[i] = direction_of(table->target[i].latitude_deg, table->target[i].longitude_deg);
  }
  return index_ids(table);
}

target_table *targets_joined(const target_table *fresh, const target_table *old, const size_t *kept, size_t count)
{
  target_table *table = allocate(fresh->count + count);
  if (!table)
    return NULL;
  table->count = fresh->count;
  for (size_t i = 0; i < fresh->count; i++) {
    table->target[i] = fresh->target[i];
    table->direction[i] = fresh->direction[i];
  }
  for (size_t i = 0; i < count; i++) {
    if (targets_find(fresh, old->target[kept[i]].id) < fresh->count)
      continue;
    table->target[table->count] = old->target[kept[i]];
    table->direction[table->count++] = old->direction[kept[i]];
  }
  return index_ids(table);
}

target_table *targets_hold(target_table *table)
{
  table->holders++;
  return table;
}

void targets_release(target_table *table)
{
  if (!table || --table->holders > 0)
    return;
  free(table->target);
  free(table->direction);
  free(table->by_id);
  free(table);
}

size_t targets_find(const target_table *table, const char *id)
{
  size_t low = 0, high = table->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    int order = strcmp(table->target[table->by_id[middle]].id, id);
    if (order == 0)
      return table->by_id[middle];
    *(order < 0 ? &low : &high) = order < 0 ? middle + 1 : middle;
  }
  return table->count;
}

bool targets_nearest(const target_table *table, double latitude_deg, double longitude_deg, size_t *index, double *distance_km, double *azimuth_deg)
{
  direction here = direction_of(latitude_deg, longitude_deg);
  size_t nearest = 0;
  for (size_t i = 1; i < table->count; i++)
    if (direction_dot(table->direction[i], here) > direction_dot(table->direction[nearest], here))
      nearest = i;
  if (table->count == 0)
    return false;
  const engine_target *target = &table->target[nearest];
  *index = nearest;
  *distance_km = locator_distance_km(target->latitude_deg, target->longitude_deg, latitude_deg, longitude_deg, azimuth_deg);
  return true;
}

static bool id_is_good(const char *id)
{
  size_t length = strlen(id);
  return length > 0 && strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789_-") == length;
}

const char *targets_fault(const target_table *table, size_t *index)
{
  for (size_t i = 0; i < table->count; i++) {
    *index = table->by_id[i];
    const char *id = table->target[*index].id;
    if (!id_is_good(id))
      return "has an id that cannot name a channel: use small letters, digits, - and _";
    if (i > 0 && strcmp(id, table->target[table->by_id[i - 1]].id) == 0)
      return "has the id of another target: each needs its own";
  }
  return NULL;
}

static target_table *allocate(size_t count)
{
  target_table *table = calloc(1, sizeof *table);
  if (!table)
    return NULL;
  *table = (target_table){.holders = 1,
                          .count = count,
                          .target = calloc(count + 1, sizeof *table->target),
                          .direction = calloc(count + 1, sizeof *table->direction),
                          .by_id = calloc(count + 1, sizeof *table->by_id)};
  if (table->target && table->direction && table->by_id)
    return table;
  targets_release(table);
  return NULL;
}

static int by_id(const void *a, const void *b, void *user)
{
  const engine_target *target = user;
  uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
  int order = strcmp(target[left].id, target[right].id);
  return order ? order : (left > right) - (left < right);
}

static target_table *index_ids(target_table *table)
{
  for (uint32_t i = 0; table && i < table->count; i++)
    table->by_id[i] = i;
  if (table)
    qsort_r(table->by_id, table->count, sizeof *table->by_id, by_id, table->target);
  return table;
}

static void make_of_site(engine_target *target, const ingest_sensor *sensor, double threshold)
{
  *target = (engine_target){.latitude_deg = sensor->latitude_deg, .longitude_deg = sensor->longitude_deg, .threshold = threshold};
  snprintf(target->id, sizeof target->id, "%s", sensor->site_code);
  for (char *c = target->id; *c; c++)
    *c = (char)(isalnum((unsigned char)*c) ? tolower((unsigned char)*c) : '-');
  snprintf(target->name, sizeof target->name, "%s", sensor->site_code);
  snprintf(target->name_zh, sizeof target->name_zh, "%s", sensor->site_code);
}

static bool has_component(const ingest_sensor *sensor)
{
  return sensor->has_component[INGEST_VERTICAL] || sensor->has_component[INGEST_NORTH] || sensor->has_component[INGEST_EAST];
}

static void leave_out_unnamed(target_table *table)
{
  size_t named = 0;
  for (size_t i = 0; i < table->count; i++) {
    if (!table->target[i].id[0])
      continue;
    table->target[named] = table->target[i];
    table->direction[named++] = table->direction[i];
  }
  table->count = named;
}

/* A site stands where its first sensor does, in the inventory's order; one whose sensors are all gone stands nowhere. */
static target_table *of_sites(const engine_rules *rules, const ingest_inventory *inventory)
{
  size_t sites = ingest_inventory_sites(inventory);
  target_table *table = allocate(sites);
  for (size_t i = ingest_inventory_sensors(inventory); table && i-- > 0;) {
    const ingest_sensor *sensor = ingest_inventory_sensor(inventory, i);
    if (!has_component(sensor))
      continue;
    make_of_site(&table->target[sensor->site], sensor, rules->minimum_intensity);
    table->direction[sensor->site] = direction_of(sensor->latitude_deg, sensor->longitude_deg);
  }
  if (table)
    leave_out_unnamed(table);
  return table;
}
