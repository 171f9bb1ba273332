#include "sensors.h"

#include <stdlib.h>
#include <string.h>

/* What a picker can serve, and what one is made for where the inventory does not state the rate or its epochs have ended. */
static const double lowest_rate = 20, highest_rate = 500, unknown_rate = 200;

static bool grow(sensors *s, size_t count, size_t sites);
static double rate_of(const ingest_inventory *inventory, size_t index);
static bool create_pickers(const sensors *s, const ingest_inventory *inventory, const picker_settings *settings, picker **fresh);
static void take_pickers(sensors *s, picker **fresh);

bool sensors_create(sensors *s, const ingest_inventory *inventory, const picker_settings *settings)
{
  *s = (sensors){.count = 0};
  return sensors_adopt(s, inventory, settings);
}

bool sensors_adopt(sensors *s, const ingest_inventory *inventory, const picker_settings *settings)
{
  size_t count = ingest_inventory_sensors(inventory), sites = ingest_inventory_sites(inventory);
  picker **fresh = calloc(count + 1, sizeof *fresh);
  bool good = fresh && grow(s, count, sites) && create_pickers(s, inventory, settings, fresh);
  for (size_t i = 0; fresh && !good && i < count; i++)
    picker_destroy(fresh[i]);
  if (good) {
    for (; s->count < count; s->count++)
      s->of[s->count].status = (ingest_status){.sensor = (int32_t)s->count, .state = INGEST_OFF, .path = {-1, -1, -1}};
    s->inventory = inventory;
    s->sites = sites;
    take_pickers(s, fresh);
  }
  free(fresh);
  return good;
}

void sensors_return(sensors *s, const ingest_inventory *inventory)
{
  while (s->count > ingest_inventory_sensors(inventory))
    picker_destroy(s->of[--s->count].picker);
  s->inventory = inventory;
  s->sites = ingest_inventory_sites(inventory);
}

void sensors_destroy(sensors *s)
{
  for (size_t i = 0; s->of && i < s->count; i++)
    picker_destroy(s->of[i].picker);
  free(s->of);
  free(s->fed.of);
  free(s->moved.of);
  free(s->of_site);
}

static void mark(sensor_list *list, bool *marked, int32_t index)
{
  if (*marked)
    return;
  *marked = true;
  list->of[list->count++] = index;
}

void sensors_mark_fed(sensors *s, int32_t index)
{
  mark(&s->fed, &s->of[index].fed, index);
}

void sensors_mark_moved(sensors *s, int32_t index)
{
  mark(&s->moved, &s->of[index].moved, index);
}

void sensors_clear_fed(sensors *s)
{
  for (size_t i = 0; i < s->fed.count; i++)
    s->of[s->fed.of[i]].fed = false;
  s->fed.count = 0;
}

void sensors_clear_moved(sensors *s)
{
  for (size_t i = 0; i < s->moved.count; i++)
    s->of[s->moved.of[i]].moved = false;
  s->moved.count = 0;
}

static void count(sensors *s, int32_t index, int32_t good, int32_t open)
{
  sensors_of_site *site = &s->of_site[ingest_inventory_sensor(s->inventory, (size_t)index)->site];
  s->sites_open -= site->open > 0;
  s->sites_good -= site->open > 0 && site->good > 0;
  site->good += good;
  site->open += open;
  s->sites_open += site->open > 0;
  s->sites_good += site->open > 0 && site->good > 0;
}

static bool has_epoch(const ingest_inventory *inventory, int32_t index, int64_t now)
{
  for (int component = 0; component < INGEST_COMPONENTS; component++)
    if (ingest_inventory_epoch(inventory, index, component, now))
      return true;
  return false;
}

void sensors_look(sensors *s, int32_t index, int64_t now)
{
  bool open = has_epoch(s->inventory, index, now);
  count(s, index, 0, open - s->of[index].open);
  s->of[index].open = open;
}

bool sensors_take_status(sensors *s, const ingest_status *status)
{
  sensor *of = &s->of[status->sensor];
  bool changed = of->status.state != status->state;
  count(s, status->sensor, (status->state == INGEST_GOOD) - (of->status.state == INGEST_GOOD), 0);
  of->status = *status;
  return changed;
}

void sensors_take_noise(sensors *s, const engine_spectrum_result *result)
{
  if (result && result->sensor >= 0 && (size_t)result->sensor < s->count && result->component >= 0 && result->component < INGEST_COMPONENTS)
    s->of[result->sensor].noise[result->component] = result->noise;
}

pick_notice *sensors_new_pick(sensors *s, const picker_pick *pick)
{
  sensor *of = &s->of[pick->sensor];
  pick_notice *notice = &of->picks[of->next_pick++ % SENSOR_PICKS];
  *notice = (pick_notice){.pick = *pick};
  return notice;
}

pick_notice *sensors_find_pick(sensors *s, int32_t index, uint64_t pick)
{
  for (size_t i = 0; i < SENSOR_PICKS; i++)
    if (s->of[index].picks[i].pick.id == pick)
      return &s->of[index].picks[i];
  return NULL;
}

static void *longer(void *array, size_t size, size_t before, size_t count)
{
  char *more = realloc(array, (count + 1) * size);
  if (more)
    memset(more + before * size, 0, (count + 1 - before) * size);
  return more;
}

/* What has grown when memory ends stays larger, and is not used. */
static bool grow(sensors *s, size_t count, size_t sites)
{
  sensor *of = longer(s->of, sizeof *of, s->count, count);
  s->of = of ? of : s->of;
  int32_t *fed = longer(s->fed.of, sizeof *fed, s->count, count);
  s->fed.of = fed ? fed : s->fed.of;
  int32_t *moved = longer(s->moved.of, sizeof *moved, s->count, count);
  s->moved.of = moved ? moved : s->moved.of;
  sensors_of_site *of_site = longer(s->of_site, sizeof *of_site, s->sites, sites);
  s->of_site = of_site ? of_site : s->of_site;
  return of && fed && moved && of_site;
}

/* For those that have none, or one for a lower rate. */
static bool create_pickers(const sensors *s, const ingest_inventory *inventory, const picker_settings *settings, picker **fresh)
{
  for (size_t i = 0; i < ingest_inventory_sensors(inventory); i++) {
    double rate = rate_of(inventory, i);
    if (rate < lowest_rate || (i < s->count && s->of[i].picker && rate <= s->of[i].rate))
      continue;
    fresh[i] = picker_create(settings, (int32_t)i, rate);
    if (!fresh[i])
      return false;
  }
  return true;
}

static void take_pickers(sensors *s, picker **fresh)
{
  for (size_t i = 0; i < s->count; i++) {
    if (!fresh[i])
      continue;
    if (s->of[i].picker)
      picker_succeed(fresh[i], s->of[i].picker);
    picker_destroy(s->of[i].picker);
    s->of[i].picker = fresh[i];
    s->of[i].rate = rate_of(s->inventory, i);
  }
}

/* The highest rate that the newest epochs of a sensor's components state. */
static double rate_of(const ingest_inventory *inventory, size_t index)
{
  double highest = 0;
  for (int component = 0; component < INGEST_COMPONENTS; component++) {
    if (!ingest_inventory_sensor(inventory, index)->has_component[component])
      continue;
    const ingest_epoch *epoch = ingest_inventory_epoch(inventory, (int32_t)index, component, INT64_MAX - 1);
    double rate = epoch && epoch->rate > 0 ? epoch->rate : unknown_rate;
    highest = rate > highest ? rate : highest;
  }
  return highest < highest_rate ? highest : highest_rate;
}
