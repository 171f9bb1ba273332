#include "sensors.h"

#include <stdlib.h>

/* What a picker can serve, and what one is made for where the inventory does not state the rate or its epochs have ended. */
static const double lowest_rate = 20, highest_rate = 500, unknown_rate = 200;

static double rate_of(const ingest_inventory *inventory, size_t index);
static bool create_pickers(sensors *s, const picker_settings *settings);

bool sensors_create(sensors *s, const ingest_inventory *inventory, const picker_settings *settings)
{
  size_t count = ingest_inventory_sensors(inventory), sites = ingest_inventory_sites(inventory);
  *s = (sensors){.inventory = inventory,
                 .count = count,
                 .sites = sites,
                 .of = calloc(count + 1, sizeof *s->of),
                 .fed.of = calloc(count + 1, sizeof *s->fed.of),
                 .moved.of = calloc(count + 1, sizeof *s->moved.of),
                 .good_of_site = calloc(sites + 1, sizeof *s->good_of_site)};
  return s->of && s->fed.of && s->moved.of && s->good_of_site && create_pickers(s, settings);
}

void sensors_destroy(sensors *s)
{
  for (size_t i = 0; s->of && i < s->count; i++)
    picker_destroy(s->of[i].picker);
  free(s->of);
  free(s->fed.of);
  free(s->moved.of);
  free(s->good_of_site);
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

bool sensors_take_status(sensors *s, const ingest_status *status)
{
  sensor *of = &s->of[status->sensor];
  int32_t *good = &s->good_of_site[ingest_inventory_sensor(s->inventory, (size_t)status->sensor)->site];
  bool changed = of->status.state != status->state;
  if (changed && status->state == INGEST_GOOD)
    s->sites_good += (*good)++ == 0;
  else if (changed && of->status.state == INGEST_GOOD)
    s->sites_good -= --(*good) == 0;
  of->status = *status;
  return changed;
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

static bool create_pickers(sensors *s, const picker_settings *settings)
{
  for (size_t i = 0; i < s->count; i++) {
    double rate = rate_of(s->inventory, i);
    s->of[i].status = (ingest_status){.sensor = (int32_t)i, .state = INGEST_OFF, .path = {-1, -1, -1}};
    if (rate < lowest_rate)
      continue;
    s->of[i].picker = picker_create(settings, (int32_t)i, rate);
    if (!s->of[i].picker)
      return false;
  }
  return true;
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
