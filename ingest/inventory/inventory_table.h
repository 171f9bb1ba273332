/* inventory_table.h: how the inventory lies in memory, for this folder's own use. */
#ifndef TOCSIN_INGEST_INVENTORY_TABLE_H
#define TOCSIN_INGEST_INVENTORY_TABLE_H

#include "ingest.h"

/* After sealing, entries are sorted by sensor, component and start, so that a component's epochs lie side by side. */
typedef ingest_channel inventory_entry;

typedef struct {
  size_t first, count;
} inventory_range;

struct ingest_inventory {
  inventory_entry *entries;
  size_t count, capacity;
  int32_t documents;
  size_t faults;
  ingest_sensor *sensors;
  size_t sensor_count, site_count;
  inventory_range *ranges; /* entries of each sensor's three components */
  uint32_t *table;         /* open addressing: 1 + an entry of these codes; 0: free */
  size_t table_mask;
};

/* What is wrong with a channel (a static text), or NULL; then it was added. */
const char *inventory_add(ingest_inventory *inventory, const inventory_entry *entry);

/* FNV-1a of the four codes; all ways to write a blank location give the same. */
uint64_t inventory_hash(const ingest_codes *codes);

/* Some entry of a channel with these codes, or NULL. */
const inventory_entry *inventory_lookup(const ingest_inventory *inventory, const ingest_codes *codes);

/* The entry of a component at `time`, or NULL. Its channel may be another than the one that was asked for before: "HN1" after "HNN". */
const inventory_entry *inventory_entry_at(const ingest_inventory *inventory, int32_t sensor, int component, int64_t time);

/* Puts entry `index` into the table of codes, if its codes are not there yet. */
void inventory_index(ingest_inventory *inventory, size_t index);

#endif
