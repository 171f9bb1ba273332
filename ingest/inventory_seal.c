#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inventory_table.h"

static int compare(const void *left, const void *right);
static int compare_contents(const inventory_entry *a, const inventory_entry *b);
static bool is_same_sensor(const inventory_entry *a, const inventory_entry *b);
static void drop_repeats(ingest_inventory *inventory);
static bool allocate(ingest_inventory *inventory);
static void add_sensor(ingest_inventory *inventory, size_t first, size_t end);
static void report_overlaps(const ingest_inventory *inventory, ingest_fault *fault, void *user);

void ingest_inventory_seal(ingest_inventory *inventory, ingest_fault *fault, void *user)
{
  if (inventory->count == 0)
    return;
  qsort(inventory->entries, inventory->count, sizeof *inventory->entries, compare);
  drop_repeats(inventory);
  if (!allocate(inventory)) {
    inventory->count = 0;
    if (fault)
      fault(user, "inventory", 0, "memory is short; no station is used");
    return;
  }
  for (size_t first = 0, end; first < inventory->count; first = end) {
    for (end = first + 1; end < inventory->count && is_same_sensor(&inventory->entries[first], &inventory->entries[end]);)
      end++;
    add_sensor(inventory, first, end);
  }
  for (size_t i = 0; i < inventory->count; i++)
    inventory_index(inventory, i);
  if (fault)
    report_overlaps(inventory, fault, user);
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

/* As many sensors as entries are the most there can be; at least half of the table stays free. */
static bool allocate(ingest_inventory *inventory)
{
  size_t slots = 16, sensors = 1;
  while (slots < 2 * inventory->count)
    slots *= 2;
  for (size_t i = 1; i < inventory->count; i++)
    sensors += !is_same_sensor(&inventory->entries[i - 1], &inventory->entries[i]);
  inventory->table_mask = slots - 1;
  inventory->table = calloc(slots, sizeof *inventory->table);
  inventory->sensors = calloc(sensors, sizeof *inventory->sensors);
  inventory->ranges = calloc(sensors * INGEST_COMPONENTS, sizeof *inventory->ranges);
  return inventory->table && inventory->sensors && inventory->ranges;
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

static int32_t site_of(ingest_inventory *inventory, const ingest_codes *codes)
{
  const ingest_sensor *before = inventory->sensor_count ? &inventory->sensors[inventory->sensor_count - 1] : NULL;
  if (before && strcmp(before->codes.network, codes->network) == 0 && strcmp(before->codes.station, codes->station) == 0)
    return before->site;
  return (int32_t)inventory->site_count++;
}

/* Entries [first, end) are one sensor, if any of them is ground motion. */
static void add_sensor(ingest_inventory *inventory, size_t first, size_t end)
{
  inventory_entry *entries = inventory->entries;
  const inventory_entry *place = newest(entries, first, end);
  int32_t index = place ? (int32_t)inventory->sensor_count : -1;
  for (size_t i = first; i < end; i++)
    entries[i].sensor = index;
  if (!place)
    return;
  ingest_sensor sensor = {.codes = place->codes,
                          .site = site_of(inventory, &place->codes),
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
  inventory->sensors[inventory->sensor_count++] = sensor;
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
