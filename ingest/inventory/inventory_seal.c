#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inventory_table.h"

/* The sensors of the previous inventory by their codes, and the sensor that was placed last. */
typedef struct {
  const ingest_sensor **of;
  size_t count;
  const ingest_sensor *last;
} sensor_names;

static int compare(const void *left, const void *right);
static int compare_contents(const inventory_entry *a, const inventory_entry *b);
static bool is_same_sensor(const inventory_entry *a, const inventory_entry *b);
static void drop_repeats(ingest_inventory *inventory);
static bool allocate(ingest_inventory *inventory, const ingest_inventory *previous, sensor_names *names);
static void keep_sensors(ingest_inventory *inventory, const ingest_inventory *previous, sensor_names *names);
static void add_sensor(ingest_inventory *inventory, sensor_names *names, size_t first, size_t end);
static void report_overlaps(const ingest_inventory *inventory, ingest_fault *fault, void *user);

void ingest_inventory_seal(ingest_inventory *inventory, ingest_fault *fault, void *user)
{
  ingest_inventory_seal_after(inventory, NULL, fault, user);
}

bool ingest_inventory_seal_after(ingest_inventory *inventory, const ingest_inventory *previous, ingest_fault *fault, void *user)
{
  sensor_names names = {.count = 0};
  if (inventory->count > 0) {
    qsort(inventory->entries, inventory->count, sizeof *inventory->entries, compare);
    drop_repeats(inventory);
  }
  if (!allocate(inventory, previous, &names)) {
    inventory->count = 0;
    if (fault)
      fault(user, "inventory", 0, "memory is short; no station is used");
    free(names.of);
    return false;
  }
  if (previous)
    keep_sensors(inventory, previous, &names);
  for (size_t first = 0, end; first < inventory->count; first = end) {
    for (end = first + 1; end < inventory->count && is_same_sensor(&inventory->entries[first], &inventory->entries[end]);)
      end++;
    add_sensor(inventory, &names, first, end);
  }
  for (size_t i = 0; i < inventory->count; i++)
    inventory_index(inventory, i);
  free(names.of);
  if (fault)
    report_overlaps(inventory, fault, user);
  return true;
}

/* A NaN comes before all numbers, so that the order is total. */
static int compare_numbers(double a, double b)
{
  if (isnan(a) || isnan(b))
    return isnan(b) - isnan(a);
  return (a > b) - (a < b);
}

static int compare_times(int64_t a, int64_t b)
{
  return (a > b) - (a < b);
}

static int compare_sensors(const ingest_codes *a, const ingest_codes *b)
{
  int order = strcmp(a->network, b->network);
  if (order == 0)
    order = strcmp(a->station, b->station);
  if (order == 0)
    order = strcmp(a->location, b->location);
  return order ? order : strncmp(a->channel, b->channel, 2);
}

static int compare_places(const inventory_entry *a, const inventory_entry *b)
{
  int order = compare_numbers(a->latitude_deg, b->latitude_deg);
  if (order == 0)
    order = compare_numbers(a->longitude_deg, b->longitude_deg);
  if (order == 0)
    order = compare_numbers(a->elevation_m, b->elevation_m);
  return order ? order : compare_numbers(a->depth_m, b->depth_m);
}

static int compare_responses(const ingest_epoch *a, const ingest_epoch *b)
{
  int order = compare_numbers(a->gain, b->gain);
  if (order == 0)
    order = compare_numbers(a->gain_frequency_hz, b->gain_frequency_hz);
  if (order == 0)
    order = compare_numbers(a->rate, b->rate);
  if (order == 0)
    order = compare_numbers(a->azimuth_deg, b->azimuth_deg);
  if (order == 0)
    order = compare_numbers(a->dip_deg, b->dip_deg);
  return order ? order : (a->unit > b->unit) - (a->unit < b->unit);
}

/* 0 only for two entries that say the same in all, so the files' order does not matter. */
static int compare_contents(const inventory_entry *a, const inventory_entry *b)
{
  int order = compare_sensors(&a->codes, &b->codes);
  if (order == 0)
    order = a->component - b->component;
  if (order == 0)
    order = compare_times(a->epoch.start, b->epoch.start);
  if (order == 0)
    order = strcmp(a->codes.channel, b->codes.channel);
  if (order == 0)
    order = compare_times(a->epoch.end, b->epoch.end);
  if (order == 0)
    order = compare_responses(&a->epoch, &b->epoch);
  if (order == 0)
    order = compare_numbers(a->corner_hz, b->corner_hz);
  if (order == 0)
    order = compare_numbers(a->damping, b->damping);
  return order ? order : compare_places(a, b);
}

/* Of several that say the same, the first in the order of adding stands first. */
static int compare(const void *left, const void *right)
{
  const inventory_entry *a = left, *b = right;
  int order = compare_contents(a, b);
  if (order == 0)
    order = (a->document > b->document) - (a->document < b->document);
  return order ? order : (a->line > b->line) - (a->line < b->line);
}

static bool is_same_sensor(const inventory_entry *a, const inventory_entry *b)
{
  return compare_sensors(&a->codes, &b->codes) == 0;
}

static void drop_repeats(ingest_inventory *inventory)
{
  size_t kept = 1;
  for (size_t i = 1; i < inventory->count; i++)
    if (compare_contents(&inventory->entries[kept - 1], &inventory->entries[i]) != 0)
      inventory->entries[kept++] = inventory->entries[i];
    else
      inventory->entries[kept - 1].repeated_in = inventory->entries[i].document;
  inventory->count = kept;
}

/* All of the previous ones may be others than the new; at least half of the table stays free. */
static bool allocate(ingest_inventory *inventory, const ingest_inventory *previous, sensor_names *names)
{
  size_t slots = 16, sensors = 1 + (previous ? previous->sensor_count : 0);
  while (slots < 2 * inventory->count)
    slots *= 2;
  for (size_t i = 1; i < inventory->count; i++)
    sensors += !is_same_sensor(&inventory->entries[i - 1], &inventory->entries[i]);
  inventory->table_mask = slots - 1;
  inventory->table = calloc(slots, sizeof *inventory->table);
  inventory->sensors = calloc(sensors, sizeof *inventory->sensors);
  inventory->ranges = calloc(sensors * INGEST_COMPONENTS, sizeof *inventory->ranges);
  names->of = calloc(sensors, sizeof *names->of);
  return inventory->table && inventory->sensors && inventory->ranges && names->of;
}

static int compare_names(const void *left, const void *right)
{
  const ingest_sensor *const *a = left, *const *b = right;
  return compare_sensors(&(*a)->codes, &(*b)->codes);
}

/* They keep their indices; until one is found again it has no epoch. */
static void keep_sensors(ingest_inventory *inventory, const ingest_inventory *previous, sensor_names *names)
{
  inventory->sensor_count = names->count = previous->sensor_count;
  inventory->site_count = previous->site_count;
  for (size_t i = 0; i < previous->sensor_count; i++) {
    inventory->sensors[i] = previous->sensors[i];
    memset(inventory->sensors[i].has_component, 0, sizeof inventory->sensors[i].has_component);
    names->of[i] = &inventory->sensors[i];
  }
  if (names->count > 0)
    qsort(names->of, names->count, sizeof *names->of, compare_names);
}

/* The first of them that does not come before `codes`. */
static const ingest_sensor *find_name(const sensor_names *names, const ingest_codes *codes)
{
  size_t low = 0, high = names->count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (compare_sensors(&names->of[middle]->codes, codes) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low < names->count ? names->of[low] : NULL;
}

static bool is_ground_motion(const inventory_entry *entry)
{
  return entry->epoch.unit == INGEST_UNIT_VELOCITY || entry->epoch.unit == INGEST_UNIT_ACCELERATION;
}

static const inventory_entry *newest(const inventory_entry *entries, size_t first, size_t end)
{
  const inventory_entry *found = NULL;
  for (size_t i = first; i < end; i++)
    if (is_ground_motion(&entries[i]) && (!found || entries[i].epoch.start > found->epoch.start))
      found = &entries[i];
  return found;
}

static bool is_at(const ingest_sensor *sensor, const ingest_codes *codes)
{
  return sensor && strcmp(sensor->codes.network, codes->network) == 0 && strcmp(sensor->codes.station, codes->station) == 0;
}

/* The site of a sensor that is known there, from before or just placed (they come in the order of their codes). */
static int32_t site_of(ingest_inventory *inventory, const sensor_names *names, const ingest_codes *codes)
{
  ingest_codes first = *codes;
  first.location[0] = first.channel[0] = '\0';
  const ingest_sensor *known = find_name(names, &first);
  if (is_at(known, codes))
    return known->site;
  return is_at(names->last, codes) ? names->last->site : (int32_t)inventory->site_count++;
}

/* Its index: the one that it had, or the next. */
static int32_t index_of(ingest_inventory *inventory, const sensor_names *names, const ingest_codes *codes)
{
  const ingest_sensor *known = find_name(names, codes);
  if (known && compare_sensors(&known->codes, codes) == 0)
    return (int32_t)(known - inventory->sensors);
  return (int32_t)inventory->sensor_count++;
}

/* Entries [first, end) are one sensor, if any of them is ground motion. */
static void add_sensor(ingest_inventory *inventory, sensor_names *names, size_t first, size_t end)
{
  inventory_entry *entries = inventory->entries;
  const inventory_entry *place = newest(entries, first, end);
  int32_t index = place ? index_of(inventory, names, &place->codes) : -1;
  for (size_t i = first; i < end; i++)
    entries[i].sensor = index;
  if (!place)
    return;
  ingest_sensor sensor = {.codes = place->codes,
                          .site = site_of(inventory, names, &place->codes),
                          .latitude_deg = place->latitude_deg,
                          .longitude_deg = place->longitude_deg,
                          .elevation_m = place->elevation_m,
                          .depth_m = place->depth_m};
  sensor.codes.channel[2] = '\0';
  snprintf(sensor.site_code, sizeof sensor.site_code, "%s.%s", sensor.codes.network, sensor.codes.station);
  inventory_range *ranges = inventory->ranges + index * INGEST_COMPONENTS;
  for (size_t i = first; i < end; i++) {
    inventory_range *range = &ranges[entries[i].component];
    if (range->count++ == 0)
      range->first = i;
    sensor.has_component[entries[i].component] |= is_ground_motion(&entries[i]);
  }
  inventory->sensors[index] = sensor;
  names->last = &inventory->sensors[index];
}

static void report_overlaps(const ingest_inventory *inventory, ingest_fault *fault, void *user)
{
  for (size_t r = 0; r < inventory->sensor_count * INGEST_COMPONENTS; r++) {
    inventory_range range = inventory->ranges[r];
    int64_t until = INT64_MIN;
    for (size_t i = range.first; i < range.first + range.count; i++) {
      const inventory_entry *entry = &inventory->entries[i];
      char codes[INGEST_CODES_TEXT], start[INGEST_TIME_TEXT], text[200];
      if (i > range.first && until > entry->epoch.start) {
        snprintf(text, sizeof text, "%s: the epoch from %s overlaps an earlier one; the later start is used where they do",
                 ingest_codes_format(&entry->codes, codes), ingest_time_format(entry->epoch.start, start));
        fault(user, "inventory", 0, text);
      }
      until = entry->epoch.end > until ? entry->epoch.end : until;
    }
  }
}
