#include "data.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "magnitude.h"

/* ---- Ridgecrest 2019, M7.1: picker and inventory in front, the true place given ---- */

static const char *const ridgecrest_stations[] = {"CCC", "JRC2", "LRL", "MPM", "SLA", "WBM", "WCS2", "WNM", "WRV2", "WVP2"};
enum { STATIONS = sizeof ridgecrest_stations / sizeof ridgecrest_stations[0], SENSORS_MAXIMUM = 32, PACKETS_MAXIMUM = 12288 };
static const double true_latitude_deg = 35.7695, true_longitude_deg = -117.5993, true_depth_km = 8;

typedef struct {
  int64_t arrival;
  uint8_t *bytes;
  size_t length;
} packet;

typedef struct {
  ingest_inventory *inventory;
  picker *picker[SENSORS_MAXIMUM];
  magnitude_observation seen[SENSORS_MAXIMUM];
  picker_pick onset[SENSORS_MAXIMUM];
  double p_s[SENSORS_MAXIMUM], s_minus_p_s[SENSORS_MAXIMUM];
  int64_t origin_time, until[SENSORS_MAXIMUM];
  packet packets[PACKETS_MAXIMUM];
  size_t packets_count;
} playback;

static void keep_packet(void *user, const uint8_t *bytes, size_t length)
{
  playback *b = user;
  ingest_record record;
  assert_null(ingest_record_read(bytes, length, &record));
  assert_true(b->packets_count < PACKETS_MAXIMUM);
  packet *p = &b->packets[b->packets_count++];
  *p = (packet){ingest_record_last(&record), malloc(length), length};
  memcpy(p->bytes, bytes, length);
}

static void read_file(playback *b, const char *name)
{
  size_t length, at = 0;
  char *bytes = data_read(data_path(name), &length);
  if (strstr(name, ".xml"))
    assert_true(ingest_inventory_add(b->inventory, name, bytes, length, NULL, NULL));
  for (ingest_frame_result next; strstr(name, ".mseed") && at < length; at += next.length) {
    next = ingest_frame((uint8_t *)bytes + at, length - at);
    assert_int_equal(next.framing, INGEST_FRAME_RECORD);
    assert_null(ingest_record_cut((uint8_t *)bytes + at, next.length, 1, 0, keep_packet, b));
  }
  free(bytes);
}

static int by_arrival(const void *a, const void *b)
{
  const packet *x = a, *y = b;
  return (x->arrival > y->arrival) - (x->arrival < y->arrival);
}

static void take_pick(void *user, const picker_pick *pick)
{
  playback *b = user;
  double off_s = (double)(pick->time - b->origin_time) * 1e-9 - b->p_s[pick->sensor];
  if (pick->phase == 'P' && b->onset[pick->sensor].id == 0 && fabs(off_s) < 1.5)
    b->onset[pick->sensor] = *pick;
}

static void take_withdraw(void *user, const picker_withdraw *withdraw)
{
  playback *b = user;
  if (b->onset[withdraw->sensor].id == withdraw->pick)
    b->onset[withdraw->sensor] = (picker_pick){0};
}

static void take_p_wave(void *user, const picker_p_wave *p)
{
  playback *b = user;
  if (b->onset[p->sensor].id != p->pick || p->window_s > b->s_minus_p_s[p->sensor])
    return;
  magnitude_window window = magnitude_window_of(p);
  magnitude_take_window(&b->seen[p->sensor], &window);
}

static void take_samples(void *user, const ingest_samples *samples)
{
  playback *b = user;
  const picker_sink sink = {take_pick, take_withdraw, take_p_wave, .user = user};
  picker_motion motion;
  picker_feed(b->picker[samples->sensor], samples, &sink);
  magnitude_observation *o = &b->seen[samples->sensor];
  if (picker_motion_take(b->picker[samples->sensor], &motion) && motion.until >= b->onset[samples->sensor].time)
    o->jma_pgd_m = fmaxf(o->jma_pgd_m, motion.jma_pgd_m);
}

static void take_status(void *user, const ingest_status *status)
{
  playback *b = user;
  b->until[status->sensor] = status->data_until;
}

static void take_refused(void *user, int32_t feed, bool waited, const ingest_codes *codes, ingest_refusal reason, const char *detail)
{
  (void)user, (void)feed, (void)waited, (void)codes, (void)reason, (void)detail;
}

static magnitude_estimate estimate_of(playback *b)
{
  magnitude_observation known[SENSORS_MAXIMUM];
  size_t count = 0;
  for (int i = 0; i < SENSORS_MAXIMUM; i++)
    if (b->onset[i].id) {
      known[count] = b->seen[i];
      known[count++].since_p_s = (double)(b->until[i] - b->onset[i].time) * 1e-9;
    }
  return magnitude_of(known, count);
}

static void open_playback(playback *b, const picker_settings *settings)
{
  b->inventory = ingest_inventory_create();
  assert_true(ingest_time_parse("2019-07-06T03:19:53.040Z", &b->origin_time));
  for (int i = 0; i < STATIONS; i++)
    for (int kind = 0; kind < 4; kind++) {
      static const char *const endings[] = {".xml", "..HNZ.mseed", "..HNN.mseed", "..HNE.mseed"};
      char name[64];
      snprintf(name, sizeof name, "ridgecrest-2019/CI.%s%s", ridgecrest_stations[i], endings[kind]);
      read_file(b, name);
    }
  ingest_inventory_seal(b->inventory, NULL, NULL);
  qsort(b->packets, b->packets_count, sizeof *b->packets, by_arrival);

  locator_model model;
  assert_true(locator_model_named("iasp91", &model));
  locator_travel_times *tables = locator_travel_times_create(&model, 200, 30);
  assert_in_range(ingest_inventory_sensors(b->inventory), STATIONS, SENSORS_MAXIMUM);
  for (int i = 0; i < (int)ingest_inventory_sensors(b->inventory); i++) {
    const ingest_sensor *sensor = ingest_inventory_sensor(b->inventory, (size_t)i);
    double km = locator_distance_km(true_latitude_deg, true_longitude_deg, sensor->latitude_deg, sensor->longitude_deg, NULL);
    b->picker[i] = picker_create(settings, i, 100);
    b->p_s[i] = locator_travel_time(tables, 'P', km, true_depth_km);
    b->s_minus_p_s[i] = locator_travel_time(tables, 'S', km, true_depth_km) - b->p_s[i];
    b->seen[i] = (magnitude_observation){.epicentral_km = km, .depth_km = true_depth_km, .s_minus_p_s = b->s_minus_p_s[i]};
  }
  locator_travel_times_destroy(tables);
}

static void close_playback(playback *b)
{
  for (size_t i = 0; i < b->packets_count; i++)
    free(b->packets[i].bytes);
  for (int i = 0; i < SENSORS_MAXIMUM; i++)
    picker_destroy(b->picker[i]);
  ingest_inventory_destroy(b->inventory);
}

static void ridgecrest_is_read_large_early_and_right_later(void **state)
{
  (void)state;
  static playback b;
  picker_settings settings;
  ingest_settings stream_settings = {0};
  const config_section sections[] = {{.name = "picker", .rows = picker_rows, .struct_size = sizeof settings, .values = &settings},
                                     {.name = "ingest", .rows = ingest_rows, .struct_size = sizeof stream_settings, .values = &stream_settings},
                                     {.name = NULL}};
  config_defaults(sections);
  open_playback(&b, &settings);
  ingest *stream = ingest_create(&stream_settings, b.inventory);
  const ingest_sink sink = {take_samples, take_status, take_refused, &b};
  const struct {
    double at_s, least, most;
  } expected[] = {{12, 6.3, 7.5}, {20, 6.6, 7.5}, {60, 6.8, 7.4}};
  size_t next = 0;
  for (size_t i = 0; i < b.packets_count && next < 3; i++) {
    packet *p = &b.packets[i];
    if ((double)(p->arrival - b.origin_time) * 1e-9 > expected[next].at_s) {
      magnitude_estimate e = estimate_of(&b);
      if (!(e.magnitude >= expected[next].least && e.magnitude <= expected[next].most))
        fail_msg("M %g at %g s is outside %g to %g", (double)e.magnitude, expected[next].at_s, expected[next].least, expected[next].most);
      next++;
    }
    ingest_packet(stream, 0, p->bytes, p->length, p->arrival, &sink);
  }
  assert_int_equal(next, 3);
  ingest_destroy(stream);
  close_playback(&b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(ridgecrest_is_read_large_early_and_right_later)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
