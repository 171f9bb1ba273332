#include <math.h>

#include "messages.h"

const char *const event_state_words[] = {"open", "final", "cancelled"};

static void write_arrival(writer *w, const ingest_inventory *inventory, const locator_arrival *arrival);

void event_message(post *p, const ingest_inventory *inventory, const locator_event *event, const char *refusal)
{
  writer *w = post_begin(p, "tocsin.event.v1");
  event_members(w, event, event->revision);
  writer_open(w, "picks", '[');
  for (size_t i = 0; i < event->arrivals_count; i++)
    write_arrival(w, inventory, &event->arrivals[i]);
  writer_close(w, ']');
  reasons_members(w, inventory, event);
  writer_text(w, "alert_refusal", refusal);
  post_send(p, (engine_message){.channel = ENGINE_EVENT, .sample_time = event->data_until});
}

void event_members(writer *w, const locator_event *event, uint32_t revision)
{
  writer_text(w, "id", event->id);
  writer_integer(w, "revision", revision);
  writer_text(w, "state", event_state_words[event->state]);
  writer_text(w, "superseded_by", event->superseded_by[0] ? event->superseded_by : NULL);
  writer_time(w, "origin_time", event->origin_time);
  writer_fixed(w, "origin_time_uncertainty_s", event->origin_time_uncertainty_s, 1);
  writer_fixed(w, "latitude_deg", event->latitude_deg, 4);
  writer_fixed(w, "longitude_deg", event->longitude_deg, 4);
  writer_fixed(w, "horizontal_uncertainty_km", event->horizontal_uncertainty_km, 1);
  writer_fixed(w, "depth_km", event->depth_km, 1);
  writer_fixed(w, "depth_uncertainty_km", event->depth_fixed ? NAN : event->depth_uncertainty_km, 1);
  writer_fixed(w, "magnitude", event->magnitude, 1);
  bool sized = !isnan(event->magnitude);
  writer_fixed(w, "magnitude_uncertainty", sized ? event->magnitude_uncertainty : NAN, 1);
  writer_fixed(w, "magnitude_uncertainty_up", sized ? event->magnitude_up : NAN, 1);
  writer_fixed(w, "magnitude_uncertainty_down", sized ? event->magnitude_down : NAN, 1);
  const char *type = locator_magnitude_type_texts[event->magnitude_type];
  writer_text(w, "magnitude_type", type[0] ? type : NULL);
  const char *lack = locator_magnitude_lack_texts[event->magnitude_lack];
  writer_text(w, "magnitude_missing", lack[0] ? lack : NULL);
  writer_fixed(w, "magnitude_at_most", event->magnitude_lack == LOCATOR_HIDDEN ? event->magnitude_at_most : NAN, 1);
  writer_flag(w, "magnitude_may_grow", event->magnitude_may_grow);
  writer_integer(w, "magnitude_stations", event->magnitude_stations);
  writer_integer(w, "magnitude_corrected", event->magnitude_corrected);
  writer_integer(w, "stations_used", event->stations_used);
  writer_fixed(w, "azimuthal_gap_deg", event->azimuthal_gap_deg, 0);
  writer_fixed(w, "rms_s", event->rms_s, 2);
  writer_fixed(w, "likelihood", event->likelihood, 2);
}

static void write_arrival(writer *w, const ingest_inventory *inventory, const locator_arrival *arrival)
{
  writer_open(w, NULL, '{');
  writer_text(w, "station", ingest_inventory_sensor(inventory, (size_t)arrival->sensor)->site_code);
  writer_text(w, "phase", (char[]){arrival->phase, '\0'});
  writer_time(w, "time", arrival->time);
  writer_fixed(w, "residual_s", arrival->residual_s, 2);
  writer_fixed(w, "weight", arrival->weight, 2);
  writer_text(w, "polarity", arrival->polarity > 0 ? "up" : arrival->polarity < 0 ? "down" : NULL);
  writer_flag(w, "tentative", arrival->tentative);
  writer_close(w, '}');
}
