/* The picker on three components of the stations that recorded Ridgecrest 2019. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data.h"
#include "recordings.h"
#include "signals.h"

/* One station of a network with inventory, as the stream would hand it on. */
typedef struct {
  ingest_inventory *inventory;
  int32_t sensor;
  traces components[INGEST_COMPONENTS];
  ingest_unit unit;
} recorded;

static recorded read_station(const char *folder, const char *name, const char *channels[INGEST_COMPONENTS])
{
  recorded r = {0};
  char path[256];
  size_t length;
  snprintf(path, sizeof path, "%s/%s.xml", folder, name);
  char *xml = data_read(data_path(path), &length);
  r.inventory = ingest_inventory_create();
  assert_true(ingest_inventory_add(r.inventory, name, xml, length, NULL, NULL));
  ingest_inventory_seal(r.inventory, NULL, NULL);
  free(xml);
  for (int c = 0; c < INGEST_COMPONENTS; c++) {
    int component;
    snprintf(path, sizeof path, "%s/%s..%s.mseed", folder, name, channels[c]);
    r.components[c] = traces_read(data_path(path), '\0', 1);
    trace *x = &r.components[c].items[0];
    r.sensor = ingest_inventory_find(r.inventory, &x->codes, &component);
    const ingest_epoch *epoch = ingest_inventory_epoch(r.inventory, r.sensor, component, x->start);
    assert_non_null(epoch);
    assert_int_equal(component, c);
    for (size_t i = 0; i < x->n; i++)
      x->values[i] = (float)((double)x->values[i] / epoch->gain);
    r.unit = epoch->unit;
  }
  return r;
}

static void free_station(recorded *r)
{
  ingest_inventory_destroy(r->inventory);
  for (int c = 0; c < INGEST_COMPONENTS; c++)
    traces_free(&r->components[c]);
}

static size_t shortest(const recorded *r)
{
  size_t n = r->components[0].items[0].n;
  for (int c = 1; c < INGEST_COMPONENTS; c++)
    n = r->components[c].items[0].n < n ? r->components[c].items[0].n : n;
  return n;
}

static void raise_to(float *most, float value)
{
  *most = fmaxf(*most, value);
}

/* The largest of all windows, each for itself; `since` of the first. */
static void take_largest(picker_motion *most, const picker_motion *motion)
{
  if (most->components == 0)
    *most = *motion;
  raise_to(&most->pga_m_s2, motion->pga_m_s2);
  raise_to(&most->csis_pga_m_s2, motion->csis_pga_m_s2);
  raise_to(&most->csis_pgv_m_s, motion->csis_pgv_m_s);
  raise_to(&most->jma_pgd_m, motion->jma_pgd_m);
  raise_to(&most->wood_anderson_mm, motion->wood_anderson_mm);
}

static picker_motion stream_station(const recorded *r, told *t)
{
  picker_settings settings = default_picker_settings();
  double rate = r->components[0].items[0].rate;
  picker *p = picker_create(&settings, 0, rate);
  picker_sink sink = sink_into(t);
  picker_motion most = {0}, motion;
  memset(t, 0, sizeof *t);
  for (size_t from = 0, n = shortest(r); from < n; from += 100) {
    for (int c = 0; c < INGEST_COMPONENTS; c++) {
      const trace *x = &r->components[c].items[0];
      ingest_samples piece = {.component = c,
                              .gap = from == 0,
                              .unit = r->unit,
                              .rate = rate,
                              .count = from + 100 < n ? 100 : n - from,
                              .start = x->start + llround((double)from * 1e9 / rate),
                              .values = x->values + from};
      picker_feed(p, &piece, &sink);
    }
    if (picker_motion_take(p, &motion))
      take_largest(&most, &motion);
  }
  picker_destroy(p);
  return most;
}

static const char *const ridgecrest_stations[] = {"CI.CCC", "CI.JRC2", "CI.LRL", "CI.MPM",  "CI.SLA",
                                                  "CI.WBM", "CI.WCS2", "CI.WNM", "CI.WRV2", "CI.WVP2"};
enum { STATIONS = sizeof ridgecrest_stations / sizeof ridgecrest_stations[0] };
static const char *hn[INGEST_COMPONENTS] = {"HNZ", "HNN", "HNE"};

/* Seconds of a straight P at 6 km/s from Ridgecrest's hypocentre. */
static double straight_p(const ingest_sensor *sensor)
{
  double north = (sensor->latitude_deg - 35.7695) * 111.19, east = (sensor->longitude_deg + 117.5993) * 111.19 * cos(35.7695 * 0.0174533);
  return sqrt(north * north + east * east + 64) / 6;
}

static void ridgecrests_p_is_picked_at_all_ten_stations(void **state)
{
  (void)state;
  static told t;
  int64_t origin;
  assert_true(ingest_time_parse("2019-07-06T03:19:53.040Z", &origin));
  for (int i = 0; i < STATIONS; i++) {
    recorded r = read_station("ridgecrest-2019", ridgecrest_stations[i], hn);
    stream_station(&r, &t);
    double predicted = straight_p(ingest_inventory_sensor(r.inventory, (size_t)r.sensor));
    size_t near = 0;
    for (size_t k = 0; k < t.pick_count; k++)
      near += fabs((double)(t.picks[k].time - origin) / 1e9 - predicted) < 0.8;
    if (near != 1)
      fail_msg("%s: %zu picks near P", ridgecrest_stations[i], near);
    free_station(&r);
  }
}

static void the_stream_equals_the_record_at_ridgecrest(void **state)
{
  (void)state;
  static told t;
  for (int i = 0; i < STATIONS; i++) {
    recorded r = read_station("ridgecrest-2019", ridgecrest_stations[i], hn);
    picker_motion stream = stream_station(&r, &t), record;
    const trace *z = &r.components[0].items[0];
    const float *components[] = {z->values, r.components[1].items[0].values, r.components[2].items[0].values};
    size_t onset = (size_t)llround((double)(stream.since - z->start) * z->rate / 1e9);
    assert_true(picker_record_motion(components, shortest(&r), z->rate, r.unit, onset, &record));
    assert_true(fabsf(stream.csis_pga_m_s2 / record.csis_pga_m_s2 - 1) < 1e-3f);
    assert_true(fabsf(stream.csis_pgv_m_s / record.csis_pgv_m_s - 1) < 1e-3f);
    assert_true(fabsf(stream.pga_m_s2 / record.pga_m_s2 - 1) < 1e-3f);
    assert_true(fabsf(stream.jma_pgd_m / record.jma_pgd_m - 1) < 0.01f);
    assert_true(fabsf(stream.wood_anderson_mm / record.wood_anderson_mm - 1) < 1e-3f);
    free_station(&r);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ridgecrests_p_is_picked_at_all_ten_stations),
      cmocka_unit_test(the_stream_equals_the_record_at_ridgecrest),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
