#include "engine.h"

#include <stdio.h>
#include <stdlib.h>

#include "core.h"

static bool set_feeds(engine *e);
static void adopt(engine *e, const engine_settings_result *adopted);
static void adopt_inventory(engine *e, const ingest_inventory *inventory);
static void adopt_corrections(engine *e, const locator_corrections *corrections);
static void check_targets(engine *e);
static void check_corrections(engine *e);
static void look_at_sensors(engine *e);
static void arrive(engine *e, int64_t now);
static void step(engine *e);

engine *engine_create(const engine_setup *setup, const engine_sink *sink)
{
  engine *e = calloc(1, sizeof *e);
  if (!e)
    return NULL;
  e->setup = *setup;
  e->ingest = ingest_create(setup->ingest, setup->inventory);
  e->located = *setup->locator;
  e->located.relation = intensity_bssa14_median;
  e->locator = locator_create(&e->located, setup->tables, setup->inventory, picker_delay(setup->picker));
  if (post_create(&e->out, setup, sink) && e->ingest && set_feeds(e) && e->locator && sensors_create(&e->sensors, setup->inventory, setup->picker)) {
    e->bulletins = bulletins_create(&e->setup, &e->out);
    if (e->bulletins) {
      check_targets(e);
      check_corrections(e);
      return e;
    }
  }
  engine_destroy(e);
  return NULL;
}

void engine_destroy(engine *e)
{
  if (!e)
    return;
  bulletins_destroy(e->bulletins);
  sensors_destroy(&e->sensors);
  locator_destroy(e->locator);
  ingest_destroy(e->ingest);
  post_destroy(&e->out);
  free(e);
}

void engine_packet(engine *e, int32_t feed, const uint8_t *record, size_t length, int64_t now)
{
  ingest_sink sink = chain_ingest_sink(e);
  arrive(e, now);
  e->packets++;
  e->out.arrival = e->now;
  ingest_packet(e->ingest, feed, record, length, e->now, &sink);
  e->out.arrival = 0;
}

void engine_advance(engine *e, int64_t now)
{
  arrive(e, now);
}

void engine_result(engine *e, engine_job job, const void *result, int64_t now)
{
  arrive(e, now);
  if (job == ENGINE_JOB_SETTINGS)
    adopt(e, result);
  else if (job == ENGINE_JOB_SPECTRUM)
    sensors_take_noise(&e->sensors, result);
  else if (job == ENGINE_JOB_INVENTORY && result)
    adopt_inventory(e, result);
  else if (job == ENGINE_JOB_CORRECTIONS && result)
    adopt_corrections(e, result);
}

/* The locator may know more sensors than there are, should memory end after it. */
static bool share_inventory(engine *e, const ingest_inventory *inventory)
{
  if (!locator_adopt(e->locator, inventory) || !sensors_adopt(&e->sensors, inventory, e->setup.picker))
    return false;
  if (ingest_adopt(e->ingest, inventory))
    return true;
  sensors_return(&e->sensors, e->setup.inventory);
  return false;
}

static void adopt_inventory(engine *e, const ingest_inventory *inventory)
{
  if (!share_inventory(e, inventory)) {
    post_log(&e->out, 3, "memory is short: the inventory stays as it was");
    return;
  }
  ingest_inventory_changes changes = ingest_inventory_compare(e->setup.inventory, inventory, e->out.now);
  e->setup.inventory = inventory;
  look_at_sensors(e);
  if (!bulletins_adopt_stations(e->bulletins))
    post_log(&e->out, 3, "memory is short: the targets stay those of the stations before");
  check_corrections(e);
  post_log(&e->out, 5,
           "inventory adopted: %zu channels new, %zu ended, %zu with another response or orientation, %zu moved; %zu stations and %zu targets now",
           changes.added, changes.ended, changes.changed, changes.moved, e->sensors.sites_open, bulletins_targets(e->bulletins)->count);
}

static void adopt_corrections(engine *e, const locator_corrections *corrections)
{
  size_t before = e->located.station_corrections ? locator_corrections_count(e->located.station_corrections) : 0;
  e->located.station_corrections = corrections;
  locator_correct(e->locator, corrections);
  check_corrections(e);
  if (before + locator_corrections_count(corrections) > 0)
    post_log(&e->out, 5, "%zu station corrections adopted in place of %zu", locator_corrections_count(corrections), before);
}

static void adopt(engine *e, const engine_settings_result *adopted)
{
  if (!adopted || !adopted->settings)
    return;
  if (!bulletins_adopt(e->bulletins, adopted->settings)) {
    post_log(&e->out, 3, "memory is short: the rules and targets stay as they were");
    return;
  }
  check_targets(e);
  snprintf(e->out.config_hash, sizeof e->out.config_hash, "%s", adopted->config_hash);
  post_log(&e->out, 5, "rules and %zu targets adopted, configuration %s", bulletins_targets(e->bulletins)->count, e->out.config_hash);
}

void engine_command(engine *e, const engine_command_input *command, int64_t now)
{
  if (command->kind == ENGINE_SKIP && e->started && now > e->next_step)
    e->next_step = now - now % ENGINE_STEP_NS;
  arrive(e, now);
  if (command->kind == ENGINE_SET_CLOCK)
    e->clock = command->clock;
  else if (command->kind == ENGINE_CANCEL_EVENT && !bulletins_cancel(e->bulletins, command->event))
    post_log(&e->out, 4, "no open event %s to cancel", command->event);
  else if (command->kind == ENGINE_SET_FEED && !ingest_set_feed(e->ingest, command->feed, &command->path))
    post_log(&e->out, 4, "memory is short: the link and provider of feed number %d stay unknown", (int)command->feed);
}

static void count_rejections(const sensors *s, uint64_t rejected[PICKER_REJECTIONS])
{
  for (size_t i = 0; i < s->count; i++) {
    uint64_t of[PICKER_REJECTIONS];
    if (!s->of[i].picker)
      continue;
    picker_count(s->of[i].picker, of);
    for (int reason = 0; reason < PICKER_REJECTIONS; reason++)
      rejected[reason] += of[reason];
  }
}

void engine_count(const engine *e, engine_counters *counters)
{
  *counters = (engine_counters){
      .packets = e->packets,
      .samples = e->samples,
      .picks = e->picks,
      .events = bulletins_events(e->bulletins),
      .alerts = bulletins_alerts(e->bulletins),
      .messages = e->out.sent,
      .backwards = e->backwards,
      .events_open = bulletins_open_events(e->bulletins),
  };
  count_rejections(&e->sensors, counters->rejected);
  ingest_count(e->ingest, &counters->stream);
  for (ingest_refusal reason = 0; reason < INGEST_REFUSALS; reason++)
    counters->refused += counters->stream.refused[reason];
}

const ingest_inventory *engine_inventory(const engine *e)
{
  return e->setup.inventory;
}

void engine_kept(const engine *e, int32_t index, int component, float *values, size_t capacity, ingest_samples *samples)
{
  ingest_kept(e->ingest, index, component, values, capacity, samples);
}

static bool set_feeds(engine *e)
{
  bool good = true;
  for (size_t i = 0; good && i < e->setup.feeds_count; i++)
    good = ingest_set_feed(e->ingest, (int32_t)i, &e->setup.feeds[i]);
  return good;
}

static void check_targets(engine *e)
{
  size_t index;
  const char *fault = targets_fault(bulletins_targets(e->bulletins), &index);
  if (fault)
    post_log(&e->out, 3, "target `%s` %s", bulletins_targets(e->bulletins)->target[index].id, fault);
}

static void check_corrections(engine *e)
{
  char first[LOCATOR_SITE_TEXT];
  const locator_corrections *corrections = e->located.station_corrections;
  size_t strangers = corrections ? locator_corrections_strangers(corrections, e->setup.inventory, first) : 0;
  if (strangers > 0)
    post_log(&e->out, 4, "the station corrections name %zu stations that the inventory lacks: %s%s", strangers, first,
             strangers > 1 ? " and others" : "");
}

static void look_at_sensors(engine *e)
{
  for (size_t i = 0; i < e->sensors.count; i++)
    sensors_look(&e->sensors, (int32_t)i, e->now);
}

/* Steps at or before an arrival run before it. An earlier `now` than the last one counts as that one. */
static void arrive(engine *e, int64_t now)
{
  if (!e->started) {
    e->started = true;
    e->now = now;
    e->next_step = now - now % ENGINE_STEP_NS + (now % ENGINE_STEP_NS ? ENGINE_STEP_NS : 0);
    look_at_sensors(e);
  }
  if (now < e->now) {
    e->backwards++;
    post_log(&e->out, 4, "time went back by %.3f s and was held", (double)(e->now - now) / 1e9);
    now = e->now;
  }
  for (; e->next_step <= now; e->next_step += ENGINE_STEP_NS) {
    e->out.now = e->next_step;
    step(e);
  }
  e->now = e->out.now = now;
}

static void step(engine *e)
{
  ingest_sink to_ingest = chain_ingest_sink(e);
  locator_sink to_locator = chain_locator_sink(e);
  ingest_advance(e->ingest, e->out.now, &to_ingest);
  chain_take_motion(e);
  locator_step(e->locator, e->out.now, &to_locator);
  bulletins_step(e->bulletins);
  network_stations_in_turn(e);
  if (e->out.now % INGEST_SECOND != 0)
    return;
  network_intensity(e);
  network_heartbeat(e);
}
