/* What is said of the network as a whole, on the grid: stations in turn, observed intensities and the heartbeat each second. */
#include <math.h>

#include "core.h"

static int reported_component(const ingest_sensor *stated)
{
  int component = INGEST_VERTICAL;
  while (!stated->has_component[component] && component + 1 < INGEST_COMPONENTS)
    component++;
  return component;
}

/* The verdicts stand in the order of their gravity. */
static ingest_noise worst_noise(const ingest_noise of[INGEST_COMPONENTS])
{
  ingest_noise worst = {INGEST_NOISE_UNKNOWN, 0, 0};
  for (int component = 0; component < INGEST_COMPONENTS; component++) {
    if (of[component].verdict == INGEST_NOISE_UNKNOWN)
      continue;
    worst.verdict = of[component].verdict > worst.verdict ? of[component].verdict : worst.verdict;
    worst.above_high = fmaxf(worst.above_high, of[component].above_high);
    worst.below_low = fmaxf(worst.below_low, of[component].below_low);
  }
  return worst;
}

void network_station(engine *e, int32_t index)
{
  const ingest_sensor *stated = ingest_inventory_sensor(e->setup.inventory, (size_t)index);
  sensor *of = &e->sensors.of[index];
  const ingest_path *path = &of->status.path;
  station_notice notice = {.status = &of->status,
                           .noise = worst_noise(of->noise),
                           .logger = ingest_path_name(e->ingest, path->logger),
                           .link = ingest_path_name(e->ingest, path->link),
                           .provider = ingest_path_name(e->ingest, path->provider),
                           .revision = ++of->revision,
                           .expires_at = e->out.now + (int64_t)(bulletins_rules(e->bulletins)->station_report_s * 1e9)};
  ingest_quality_of(e->ingest, index, reported_component(stated), &notice.quality);
  station_message(&e->out, stated, &notice);
}

/* Lateness comes and goes: the messages tell it. */
static bool is_trouble(ingest_state state)
{
  return state == INGEST_NOISY || state == INGEST_DEAD || state == INGEST_CLOCK;
}

void network_log_state(engine *e, int32_t index, ingest_state before)
{
  const ingest_status *status = &e->sensors.of[index].status;
  char name[SENSOR_NAME_TEXT];
  sensor_name(ingest_inventory_sensor(e->setup.inventory, (size_t)index), name);
  if (is_trouble(before) && status->state == INGEST_GOOD)
    post_log(&e->out, 5, "station %s: good again", name);
  ingest_fault_kind fault = ingest_fault_of(status);
  if (is_trouble(status->state) && fault < INGEST_FAULTS)
    post_log(&e->out, 4, "station %s: %s: %s", name, station_state_words[status->state], ingest_fault_texts[fault]);
}

void network_stations_in_turn(engine *e)
{
  int64_t period = (int64_t)(bulletins_rules(e->bulletins)->station_report_s * 1e9) / ENGINE_STEP_NS;
  int64_t turn = e->out.now / ENGINE_STEP_NS % period;
  for (size_t i = (size_t)turn; i < e->sensors.count; i += (size_t)period) {
    sensors_look(&e->sensors, (int32_t)i, e->out.now);
    if (e->sensors.of[i].open)
      network_station(e, (int32_t)i);
  }
}

void network_intensity(engine *e)
{
  sensor_list *moved = &e->sensors.moved;
  for (size_t from = 0; from < moved->count; from += INTENSITY_ROWS) {
    writer *w = intensity_message_begin(&e->out, ++e->intensities);
    for (size_t i = from; i < moved->count && i < from + INTENSITY_ROWS; i++)
      intensity_message_row(w, ingest_inventory_sensor(e->setup.inventory, (size_t)moved->of[i]), &e->sensors.of[moved->of[i]].motion);
    intensity_message_end(&e->out);
  }
  sensors_clear_moved(&e->sensors);
}

void network_heartbeat(engine *e)
{
  bulletin_open open[BULLETINS];
  size_t alerts = bulletins_open_alerts(e->bulletins, open);
  heartbeat_notice notice = {
      .revision = ++e->heartbeats,
      .clock = e->clock,
      .stations_good = e->sensors.sites_good,
      .stations_all = e->sensors.sites_open,
      .events_open = bulletins_open_events(e->bulletins),
  };
  writer *w = heartbeat_begin(&e->out, &notice);
  for (size_t i = 0; i < alerts; i++)
    heartbeat_alert(w, open[i].id, open[i].revision);
  heartbeat_end(&e->out);
}
