/* What is said of the network as a whole, on the grid: stations in turn, observed intensities and the heartbeat each second. */
#include "core.h"

void network_station(engine *e, int32_t index)
{
  sensor *of = &e->sensors.of[index];
  int64_t expires_at = e->out.now + (int64_t)(bulletins_rules(e->bulletins)->station_report_s * 1e9);
  station_message(&e->out, ingest_inventory_sensor(e->setup.inventory, (size_t)index), &of->status, ++of->revision, expires_at);
}

void network_stations_in_turn(engine *e)
{
  int64_t period = (int64_t)(bulletins_rules(e->bulletins)->station_report_s * 1e9) / ENGINE_STEP_NS;
  int64_t turn = e->out.now / ENGINE_STEP_NS % period;
  for (size_t i = (size_t)turn; i < e->sensors.count; i += (size_t)period)
    network_station(e, (int32_t)i);
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
      .stations_all = e->sensors.sites,
      .events_open = bulletins_open_events(e->bulletins),
  };
  writer *w = heartbeat_begin(&e->out, &notice);
  for (size_t i = 0; i < alerts; i++)
    heartbeat_alert(w, open[i].id, open[i].revision);
  heartbeat_end(&e->out);
}
