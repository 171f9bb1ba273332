#include "town.h"

#include <stdio.h>
#include <string.h>

static void defaults(town *t)
{
  config_section sections[] = {
      {.name = "ingest", .help = "", .rows = ingest_rows, .struct_size = sizeof t->ingest, .values = &t->ingest},
      {.name = "picker", .help = "", .rows = picker_rows, .struct_size = sizeof t->picker, .values = &t->picker},
      {.name = "locator", .help = "", .rows = locator_rows, .struct_size = sizeof t->locator, .values = &t->locator},
      {.name = "intensity", .help = "", .rows = intensity_rows, .struct_size = sizeof t->intensity, .values = &t->intensity},
      {.name = "alerts", .help = "", .rows = engine_rule_rows, .struct_size = sizeof t->settings.rules, .values = &t->settings.rules},
      {0},
  };
  config_defaults(sections);
}

static ingest_inventory *four_stations(void)
{
  ingest_inventory *inventory = ingest_inventory_create();
  ingest_epoch epoch = {INT64_MIN, INT64_MAX, 1e6, 1, 100, 0, -90, INGEST_UNIT_ACCELERATION};
  for (int i = 0; i < 4; i++) {
    ingest_codes codes = {.network = "LN", .channel = "HNZ"};
    snprintf(codes.station, sizeof codes.station, "S%d", i);
    assert_true(ingest_inventory_add_channel(inventory, &codes, 40.5 + 0.1 * i, 122.7 + 0.05 * i, 10, 0, &epoch));
  }
  ingest_inventory_seal(inventory, NULL, NULL);
  return inventory;
}

void town_build(town *t, ingest_inventory *made)
{
  static const engine_target towns[] = {
      {"haicheng", "Haicheng", "海城市", 40.882, 122.685, 0, 3},
      {"yingkou", "Yingkou", "营口市", 40.667, 122.235, 0.5, 3},
      {"shenyang", "Shenyang", "沈阳市", 41.805, 123.431, 0, 3},
      {"dandong", "Dandong", "", 40.000, 124.355, 0, 5},
  };
  locator_model model;
  memset(t, 0, sizeof *t);
  defaults(t);
  memcpy(t->towns, towns, sizeof towns);
  t->settings.targets = t->towns;
  t->settings.targets_count = 4;
  t->inventory = made ? made : four_stations();
  assert_true(locator_model_named("iasp91", &model));
  t->tables = locator_travel_times_create(&model, 1000, t->locator.maximum_depth_km);
  assert_non_null(t->tables);
  t->setup = (engine_setup){.status = ENGINE_EXERCISE,
                            .software = "tocsin test",
                            .config_hash = "0123abcd",
                            .ingest = &t->ingest,
                            .picker = &t->picker,
                            .locator = &t->locator,
                            .intensity = &t->intensity,
                            .settings = &t->settings,
                            .inventory = t->inventory,
                            .tables = t->tables};
}

void town_leave(town *t)
{
  locator_travel_times_destroy(t->tables);
  ingest_inventory_destroy(t->inventory);
  mailbox_empty(&t->mail);
}

locator_event town_event(void)
{
  locator_event event = {
      .id = "20190706T031953-4070N12280E",
      .revision = 1,
      .state = LOCATOR_OPEN,
      .reason = "new",
      .origin_time = ORIGIN,
      .origin_time_uncertainty_s = 0.4f,
      .latitude_deg = 40.70,
      .longitude_deg = 122.80,
      .horizontal_uncertainty_km = 4.2f,
      .depth_km = 12,
      .depth_uncertainty_km = 5,
      .magnitude = 5.5f,
      .magnitude_uncertainty = 0.3f,
      .magnitude_up = 0.3f,
      .magnitude_down = 0.3f,
      .magnitude_type = LOCATOR_MPD,
      .magnitude_stations = 4,
      .stations_used = 4,
      .azimuthal_gap_deg = 120,
      .rms_s = 0.11f,
      .likelihood = 0.97f,
      .data_until = ORIGIN + SECONDS(5),
      .arrivals_count = 2,
      .arrivals = {{1, 0, 'P', ORIGIN + SECONDS(3), 0.02f, 0.9f, 12, 0, false},
                   {(UINT64_C(1) << 32) + 1, 1, 'P', ORIGIN + SECONDS(4), -0.03f, 1, 18, 0, false}},
  };
  return event;
}
