#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "inventory_table.h"

ingest_inventory *ingest_inventory_create(void)
{
  return calloc(1, sizeof(ingest_inventory));
}

void ingest_inventory_destroy(ingest_inventory *inventory)
{
  if (!inventory)
    return;
  free(inventory->entries);
  free(inventory->sensors);
  free(inventory->ranges);
  free(inventory->table);
  free(inventory);
}

bool ingest_inventory_add_channel(ingest_inventory *inventory, const ingest_codes *codes, double latitude_deg, double longitude_deg,
                                  double elevation_m, double depth_m, const ingest_epoch *epoch)
{
  inventory_entry entry = {.codes = *codes,
                           .latitude_deg = latitude_deg,
                           .longitude_deg = longitude_deg,
                           .elevation_m = elevation_m,
                           .depth_m = depth_m,
                           .epoch = *epoch,
                           .document = -1};
  return inventory_add(inventory, &entry) == NULL;
}

size_t ingest_inventory_sensors(const ingest_inventory *inventory)
{
  return inventory->sensor_count;
}

size_t ingest_inventory_sites(const ingest_inventory *inventory)
{
  return inventory->site_count;
}

const ingest_sensor *ingest_inventory_sensor(const ingest_inventory *inventory, size_t index)
{
  return &inventory->sensors[index];
}

size_t ingest_inventory_faults(const ingest_inventory *inventory)
{
  return inventory->faults;
}

size_t ingest_inventory_channels(const ingest_inventory *inventory)
{
  return inventory->count;
}

const ingest_channel *ingest_inventory_channel(const ingest_inventory *inventory, size_t index)
{
  return &inventory->entries[index];
}

/* StationXML counts the dip downwards from the horizontal and the azimuth clockwise from north, both along the way of a positive count. */
int ingest_channel_sign(const ingest_channel *channel)
{
  const ingest_epoch *epoch = &channel->epoch;
  if (channel->component == INGEST_VERTICAL)
    return epoch->dip_deg > 60 ? -1 : 1;
  double nominal_deg = channel->component == INGEST_NORTH ? 0 : 90;
  return fabs(remainder(epoch->azimuth_deg - nominal_deg, 360)) > 160 ? -1 : 1;
}

int32_t ingest_inventory_find(const ingest_inventory *inventory, const ingest_codes *codes, int *component)
{
  const inventory_entry *entry = inventory_lookup(inventory, codes);
  if (!entry)
    return -1;
  *component = entry->component;
  return entry->sensor;
}

const ingest_epoch *ingest_inventory_epoch(const ingest_inventory *inventory, int32_t sensor, int component, int64_t time)
{
  const inventory_entry *entry = inventory_entry_at(inventory, sensor, component, time);
  return entry ? &entry->epoch : NULL;
}

const inventory_entry *inventory_entry_at(const ingest_inventory *inventory, int32_t sensor, int component, int64_t time)
{
  inventory_range range = inventory->ranges[sensor * INGEST_COMPONENTS + component];
  for (size_t i = range.first + range.count; i-- > range.first;) {
    const ingest_epoch *epoch = &inventory->entries[i].epoch;
    if (epoch->start <= time && time < epoch->end)
      return &inventory->entries[i];
  }
  return NULL;
}

/* "--" and blanks are ways to write a blank location. */
static const char *location_of(const ingest_codes *codes)
{
  return codes->location[0] == '-' || codes->location[0] == ' ' ? "" : codes->location;
}

/* FNV-1a (Fowler, Noll, Vo 1991) over the four codes. */
uint64_t inventory_hash(const ingest_codes *codes)
{
  const char *parts[] = {codes->network, codes->station, location_of(codes), codes->channel};
  uint64_t h = UINT64_C(14695981039346656037);
  for (size_t i = 0; i < 4; i++) {
    for (const char *c = parts[i]; *c; c++)
      h = (h ^ (uint8_t)*c) * UINT64_C(1099511628211);
    h = (h ^ '.') * UINT64_C(1099511628211);
  }
  return h ^ h >> 32;
}

static bool same_codes(const ingest_codes *a, const ingest_codes *b)
{
  return strcmp(a->station, b->station) == 0 && strcmp(a->channel, b->channel) == 0 && strcmp(a->network, b->network) == 0 &&
         strcmp(location_of(a), location_of(b)) == 0;
}

const inventory_entry *inventory_lookup(const ingest_inventory *inventory, const ingest_codes *codes)
{
  if (!inventory->table)
    return NULL;
  for (size_t slot = (size_t)inventory_hash(codes) & inventory->table_mask; inventory->table[slot] != 0; slot = (slot + 1) & inventory->table_mask) {
    const inventory_entry *entry = &inventory->entries[inventory->table[slot] - 1];
    if (same_codes(&entry->codes, codes))
      return entry;
  }
  return NULL;
}

void inventory_index(ingest_inventory *inventory, size_t index)
{
  const ingest_codes *codes = &inventory->entries[index].codes;
  size_t slot = (size_t)inventory_hash(codes) & inventory->table_mask;
  while (inventory->table[slot] != 0) {
    if (same_codes(&inventory->entries[inventory->table[slot] - 1].codes, codes))
      return;
    slot = (slot + 1) & inventory->table_mask;
  }
  inventory->table[slot] = (uint32_t)(index + 1);
}

static bool is_code(const char *code, size_t least, size_t most)
{
  size_t length = strlen(code);
  for (size_t i = 0; i < length; i++)
    if (!((code[i] >= 'A' && code[i] <= 'Z') || (code[i] >= 'a' && code[i] <= 'z') || (code[i] >= '0' && code[i] <= '9') || code[i] == '-' ||
          code[i] == '_'))
      return false;
  return length >= least && length <= most;
}

/* Vertical are Z and 3, and whatever is tilted more than 60 degrees out of the horizontal. A, B, C and U, V, W are the edges of a cube that stands on
   its corner, 35 degrees off the horizontal (Galperin 1955). -1: no component of ground motion. */
static int component_of(char letter, double dip_deg)
{
  static const char edges[] = "ABCUVW";
  const char *edge = letter ? strchr(edges, letter) : NULL;
  if (edge && fabs(dip_deg) > 20 && fabs(dip_deg) <= 60)
    return (int)(edge - edges) % INGEST_COMPONENTS;
  if (letter == 'Z' || letter == '3' || fabs(dip_deg) > 60)
    return INGEST_VERTICAL;
  if (letter == 'N' || letter == '1' || letter == 'X')
    return INGEST_NORTH;
  return letter == 'E' || letter == '2' || letter == 'Y' ? INGEST_EAST : -1;
}

static const char *fault_of(const inventory_entry *entry)
{
  const ingest_codes *codes = &entry->codes;
  if (!is_code(codes->network, 1, 8) || !is_code(codes->station, 1, 8) || !is_code(codes->location, 0, 8) || !is_code(codes->channel, 3, 3))
    return "the codes are not letters and digits of the right number (network and station 1 to 8, location 0 to 8, channel 3)";
  if (!(fabs(entry->latitude_deg) <= 90) || !(fabs(entry->longitude_deg) <= 180))
    return "no latitude of -90..90 and longitude of -180..180 degrees";
  if (entry->latitude_deg == 0 && entry->longitude_deg == 0)
    return "latitude and longitude are both 0; state where the station is";
  if (!isfinite(entry->elevation_m) || !isfinite(entry->depth_m))
    return "the elevation or depth is no number";
  if (!(entry->epoch.start < entry->epoch.end))
    return "the epoch ends before it begins";
  double gain = fabs(entry->epoch.gain);
  if (!(gain > 0))
    return "no gain (InstrumentSensitivity is absent or 0, and no product of stage gains stands in for it); state one";
  if (!(gain >= 1e-20 && gain <= 1e20))
    return "the gain is outside 1e-20..1e20 counts a unit";
  if (entry->component < 0)
    return "the last letter of the channel is none of Z N E 1 2 3 X Y (or A B C U V W with dips of 20 to 60), and its dip is not vertical";
  return NULL;
}

const char *inventory_add(ingest_inventory *inventory, const inventory_entry *entry)
{
  inventory_entry added = *entry;
  added.repeated_in = -1;
  memcpy(added.codes.location, location_of(&entry->codes), strlen(location_of(&entry->codes)) + 1);
  added.component = component_of(added.codes.channel[0] ? added.codes.channel[2] : '\0', added.epoch.dip_deg);
  const char *fault = fault_of(&added);
  if (fault)
    return fault;
  if (inventory->count == inventory->capacity) {
    size_t capacity = inventory->capacity ? 2 * inventory->capacity : 64;
    inventory_entry *grown = realloc(inventory->entries, capacity * sizeof *grown);
    if (!grown)
      return "memory is short";
    inventory->entries = grown;
    inventory->capacity = capacity;
  }
  inventory->entries[inventory->count++] = added;
  return NULL;
}
