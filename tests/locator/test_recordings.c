/* Picks of real earthquakes, against the agencies' solutions. */
#include "made.h"
#include "near.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The lines of a table after its header; `line` gets each. */
static void for_each_line(const char *relative, void (*line)(void *, const char *), void *user)
{
  size_t length;
  char *bytes = data_read(data_path(relative), &length), *next = NULL;
  for (char *text = strtok_r(bytes, "\n", &next), *first = text; text; text = strtok_r(NULL, "\n", &next))
    if (text != first)
      line(user, text);
  free(bytes);
}

static void add_site(void *user, const char *line)
{
  char network[9], station[9];
  double latitude, longitude, elevation = 0;
  if (sscanf(line, "%8[^,],%8[^,],%lf,%lf,%lf", network, station, &latitude, &longitude, &elevation) >= 4)
    made_add_site(user, network, station, "HH", latitude, longitude, elevation);
}

static made_world *world_of(const char *folder)
{
  char path[128];
  size_t length;
  locator_model model;
  char fault[160];
  ingest_inventory *inventory = ingest_inventory_create();
  snprintf(path, sizeof path, "%s/stations.csv", folder);
  for_each_line(path, add_site, inventory);
  snprintf(path, sizeof path, "%s/velocity.csv", folder);
  const char *velocity = data_path_if_any(path);
  if (velocity) {
    char *bytes = data_read(velocity, &length);
    assert_true(locator_model_parse(bytes, length, &model, fault));
    free(bytes);
  } else {
    assert_true(locator_model_named("iasp91", &model));
  }
  return made_world_of(inventory, &model, 1);
}

typedef struct {
  made_world *world;
  int64_t shift;
  bool with_uncertainty;
} reading;

/* network,station,phase,time_utc,... moved by `shift` into the made world's time. */
static void add_pick(void *user, const char *line)
{
  reading *r = user;
  char network[9], station[9], phase[8], time_text[40];
  double uncertainty = 0.1;
  int64_t time;
  if (sscanf(line, "%8[^,],%8[^,],%7[^,],%39[^,],%lf", network, station, phase, time_text, &uncertainty) < 4 || strlen(phase) != 1)
    return;
  ingest_codes codes = {.channel = "HHZ"};
  snprintf(codes.network, sizeof codes.network, "%s", network);
  snprintf(codes.station, sizeof codes.station, "%s", station);
  int component;
  int32_t sensor = ingest_inventory_find(r->world->inventory, &codes, &component);
  if (sensor >= 0 && ingest_time_parse(time_text, &time) && (*phase == 'P' || *phase == 'S'))
    made_add_pick(r->world, (size_t)sensor, *phase, time + r->shift, r->with_uncertainty ? uncertainty : 0.1);
}

static made_source source_at(const char *time_text, double latitude, double longitude, double depth, int64_t *shift)
{
  int64_t time;
  assert_true(ingest_time_parse(time_text, &time));
  *shift = MADE_EPOCH + SECONDS(30) - time;
  return (made_source){latitude, longitude, depth, MADE_EPOCH + SECONDS(30)};
}

static void anchorage_lies_where_nonlinloc_finds_it(void **state)
{
  (void)state;
  made_world *w = world_of("anchorage-2018");
  reading r = {.world = w, .with_uncertainty = true};
  made_source source = source_at("2018-11-30T17:29:29.073Z", 61.3359, -149.9489, 44.94, &r.shift);
  for_each_line("anchorage-2018/picks.csv", add_pick, &r);
  made_run(w, 300);
  int many;
  const made_event *e = made_find(w, source, &many);
  assert_true(e && many == 1);
  assert_int_equal(w->events, 1);
  assert_true(made_error_km(e, source) < 3);
  assert_near((double)e->last.depth_km, source.depth_km, 6);
  assert_true(e->last.stations_used >= 50);
  made_world_destroy(w);
}

static uint64_t order;

/* None, or another for each sensor up to a minute, its picks and its data alike. */
static double as_ordered(size_t sensor)
{
  return order == 0 ? 0 : (double)((sensor + 1) * order * 7919 % 601) / 10;
}

static void the_order_of_picks_does_not_change_anchorage(void **state)
{
  (void)state;
  locator_event of[8];
  for (order = 0; order < 8; order++) {
    made_world *w = world_of("anchorage-2018");
    reading r = {.world = w, .with_uncertainty = true};
    int many;
    w->delay_s = as_ordered;
    made_source source = source_at("2018-11-30T17:29:29.073Z", 61.3359, -149.9489, 44.94, &r.shift);
    for_each_line("anchorage-2018/picks.csv", add_pick, &r);
    made_run(w, 400);
    const made_event *e = made_find(w, source, &many);
    if (!e || many != 1 || w->faults)
      fail_msg("order %u: %d events there, of %zu", (unsigned)order, many, w->events);
    of[order] = e->last;
    made_world_destroy(w);
  }
  for (size_t i = 1; i < 8; i++) {
    assert_true(locator_distance_km(of[0].latitude_deg, of[0].longitude_deg, of[i].latitude_deg, of[i].longitude_deg, NULL) < 0.5);
    assert_near((double)of[i].depth_km, (double)of[0].depth_km, 0.5);
    assert_near((double)(of[i].origin_time - of[0].origin_time) / 1e9, 0, 0.05);
  }
}

static void wasco_is_found_from_automatic_picks(void **state)
{
  (void)state;
  made_world *w = world_of("wasco-2016");
  reading r = {.world = w};
  made_source source = source_at("2016-02-24T00:02:23.630Z", 35.542, -119.373, 22, &r.shift);
  for_each_line("wasco-2016/automatic-picks.csv", add_pick, &r);
  made_run(w, 300);
  int many;
  const made_event *e = made_find(w, source, &many);
  assert_true(e && many == 1);
  assert_true(made_error_km(e, source) < 4);
  assert_near((double)e->last.depth_km, source.depth_km, 4);
  made_world_destroy(w);
}

/* A table of corrections, taken from the last field of lines of picks that have one; each site and phase once. */
typedef struct {
  char text[1 << 15];
  size_t length;
} correction_table;

static void add_correction(void *user, const char *line)
{
  correction_table *t = user;
  char network[9], station[9], phase[8], row[64];
  const char *last = strrchr(line, ',');
  if (!last || sscanf(line, "%8[^,],%8[^,],%7[^,]", network, station, phase) < 3 || strlen(phase) != 1 || strtod(last + 1, NULL) == 0)
    return;
  int length = snprintf(row, sizeof row, "%s,%s,%s,", network, station, phase);
  if (!strstr(t->text, row))
    t->length += (size_t)snprintf(t->text + t->length, sizeof t->text - t->length, "%.*s%.3f\n", length, row, strtod(last + 1, NULL));
}

/* Southern California's crust (Hadley & Kanamori 1977) and the catalogue's own station corrections: its depth comes out, too. */
static void wasco_lies_at_its_depth_with_the_region_s_model_and_station_corrections(void **state)
{
  (void)state;
  static const locator_model crust = {
      8, {{0, 5.5, 3.18}, {5.5, 5.5, 3.18}, {5.5, 6.3, 3.64}, {16, 6.3, 3.64}, {16, 6.7, 3.87}, {32, 6.7, 3.87}, {32, 7.8, 4.51}, {120, 7.8, 4.51}}};
  static correction_table t = {.text = "network,station,phase,seconds\n"};
  char fault[160];
  made_world *w = world_of("wasco-2016");
  locator_travel_times *tables = locator_travel_times_create(&crust, 1500, 120);
  locator_region region = {.outline = "32 -122, 38 -122, 38 -114, 32 -114",
                           .default_depth_km = -1,
                           .depth_sigma_km = -1,
                           .minimum_depth_km = -1,
                           .maximum_depth_km = -1,
                           .tables = tables};
  t.length = strlen(t.text);
  for_each_line("wasco-2016/automatic-picks.csv", add_correction, &t);
  for_each_line("wasco-2016/picks.csv", add_correction, &t);
  locator_corrections *corrections = locator_corrections_parse(t.text, t.length, fault);
  assert_non_null(corrections);
  assert_true(locator_corrections_count(corrections) > 100);
  w->settings.regions = &region;
  w->settings.regions_count = 1;
  w->settings.station_corrections = corrections;
  locator_destroy(w->locator);
  w->locator = locator_create(&w->settings, w->tables, w->inventory, SECONDS(0.6));
  reading r = {.world = w};
  made_source source = source_at("2016-02-24T00:02:23.630Z", 35.5423, -119.3728, 22.1, &r.shift);
  for_each_line("wasco-2016/automatic-picks.csv", add_pick, &r);
  made_run(w, 300);
  int many;
  const made_event *e = made_find(w, source, &many);
  assert_true(e && many == 1);
  print_message("# Wasco: %.2f km off, %.1f km deep, rms %.2f s\n", made_error_km(e, source), (double)e->last.depth_km, (double)e->last.rms_s);
  assert_true(made_error_km(e, source) < 3);
  assert_near((double)e->last.depth_km, source.depth_km, 6);
  made_world_destroy(w);
  locator_corrections_destroy(corrections);
  locator_travel_times_destroy(tables);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(anchorage_lies_where_nonlinloc_finds_it),
      cmocka_unit_test(the_order_of_picks_does_not_change_anchorage),
      cmocka_unit_test(wasco_is_found_from_automatic_picks),
      cmocka_unit_test(wasco_lies_at_its_depth_with_the_region_s_model_and_station_corrections),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
