#include <string.h>

#include "inventory_table.h"

/* The channel in the epoch that is open, or NULL. */
static const inventory_entry *open_channel(const ingest_inventory *inventory, const ingest_codes *codes, int64_t now)
{
  const inventory_entry *known = inventory_lookup(inventory, codes);
  const inventory_entry *open = known && known->sensor >= 0 ? inventory_entry_at(inventory, known->sensor, known->component, now) : NULL;
  return open && strcmp(open->codes.channel, codes->channel) == 0 ? open : NULL;
}

static bool is_same_number(double a, double b)
{
  return a == b || (a != a && b != b);
}

static bool is_same_response(const inventory_entry *a, const inventory_entry *b)
{
  return a->epoch.gain == b->epoch.gain && a->epoch.unit == b->epoch.unit && is_same_number(a->epoch.azimuth_deg, b->epoch.azimuth_deg) &&
         is_same_number(a->epoch.dip_deg, b->epoch.dip_deg) && a->corner_hz == b->corner_hz && a->damping == b->damping;
}

static bool is_same_place(const inventory_entry *a, const inventory_entry *b)
{
  return a->latitude_deg == b->latitude_deg && a->longitude_deg == b->longitude_deg && a->elevation_m == b->elevation_m && a->depth_m == b->depth_m;
}

static bool is_open(const ingest_inventory *inventory, const inventory_entry *entry, int64_t now)
{
  return entry->sensor >= 0 && open_channel(inventory, &entry->codes, now) == entry;
}

ingest_inventory_changes ingest_inventory_compare(const ingest_inventory *before, const ingest_inventory *after, int64_t now)
{
  ingest_inventory_changes changes = {0};
  for (size_t i = 0; i < before->count; i++)
    changes.ended += is_open(before, &before->entries[i], now) && !open_channel(after, &before->entries[i].codes, now);
  for (size_t i = 0; i < after->count; i++) {
    const inventory_entry *entry = &after->entries[i];
    if (!is_open(after, entry, now))
      continue;
    const inventory_entry *was = open_channel(before, &entry->codes, now);
    changes.added += !was;
    changes.changed += was && !is_same_response(was, entry);
    changes.moved += was && !is_same_place(was, entry);
  }
  return changes;
}
