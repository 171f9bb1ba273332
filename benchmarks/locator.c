/* What the locator costs: a pick and a step on a network of 1000 sites, with noise and an earthquake a minute; and a pick of an earthquake far
   outside the network, whose times leave its place vague. */
#include "locator.h"
#include "random.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ACROSS = 32, SITES = ACROSS * ACROSS, MINUTES = 10, PICKS_MAXIMUM = 200000 };
#define NS(s) ((int64_t)((s)*1e9))
static const int64_t START = INT64_C(1700000000000000000);

typedef struct {
  picker_pick pick;
  int64_t told;
} timed_pick;
typedef struct {
  double *microseconds;
  size_t count;
} timings;

static timed_pick picks[PICKS_MAXIMUM];
static size_t picks_count;
static uint64_t events;

static double thread_us(void)
{
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void heard(void *user, const locator_event *event)
{
  (void)user;
  events += event->revision == 1;
}

static ingest_inventory *network_20_km(random_source *random)
{
  ingest_inventory *inventory = ingest_inventory_create();
  for (int i = 0; inventory && i < SITES; i++) {
    ingest_codes codes = {.network = "BM", .channel = "HNZ"};
    snprintf(codes.station, sizeof codes.station, "B%04d", i);
    ingest_epoch epoch = {INT64_MIN, INT64_MAX, 4e5, 1, 100, 0, -90, INGEST_UNIT_ACCELERATION};
    double east = 20 * (i % ACROSS + random_uniform(random, -0.3, 0.3)), north = 20 * ((double)(i / ACROSS) + random_uniform(random, -0.3, 0.3));
    ingest_inventory_add_channel(inventory, &codes, 38 + north / 111.2, 118 + east / 85, 0, 0, &epoch);
  }
  if (inventory)
    ingest_inventory_seal(inventory, NULL, NULL);
  return inventory;
}

static void add_pick(size_t sensor, double time_s)
{
  int64_t time = START + NS(time_s);
  uint64_t count = picks_count + 1;
  picks[picks_count++] = (timed_pick){{.id = ((uint64_t)sensor << 32) + count,
                                       .sensor = (int32_t)sensor,
                                       .phase = 'P',
                                       .time = time,
                                       .uncertainty_s = 0.1F,
                                       .snr = 10,
                                       .data_until = time + NS(0.4)},
                                      time + NS(0.9)};
}

/* Five false picks an hour a site; an earthquake a minute somewhere inside. */
static void make_picks(const ingest_inventory *inventory, const locator_travel_times *tables, random_source *random)
{
  for (int i = 0; i < SITES * 5 * MINUTES / 60; i++)
    add_pick((size_t)random_below(random, SITES), random_uniform(random, 0, MINUTES * 60));
  for (int minute = 0; minute < MINUTES; minute++) {
    double latitude = random_uniform(random, 39, 43), longitude = random_uniform(random, 119, 125);
    for (size_t i = 0; i < SITES; i++) {
      const ingest_sensor *s = ingest_inventory_sensor(inventory, i);
      double distance = locator_distance_km(latitude, longitude, s->latitude_deg, s->longitude_deg, NULL);
      if (distance < 200 && random_uniform(random, 0, 1) > 0.2)
        add_pick(i, minute * 60 + 5 + locator_travel_time(tables, 'P', distance, 10) + 0.1 * random_normal(random));
    }
  }
}

static int by_telling(const void *a, const void *b)
{
  const timed_pick *x = a, *y = b;
  if (x->told != y->told)
    return x->told < y->told ? -1 : 1;
  return (x->pick.id > y->pick.id) - (x->pick.id < y->pick.id);
}

static void run(locator *l, timings *a_pick, timings *a_step)
{
  const locator_sink sink = {.event = heard};
  size_t next = 0;
  for (int64_t now = START; now < START + NS(MINUTES * 60 + 60); now += NS(0.1)) {
    for (; next < picks_count && picks[next].told < now; next++) {
      double before = thread_us();
      locator_pick(l, &picks[next].pick, picks[next].told, &sink);
      a_pick->microseconds[a_pick->count++] = thread_us() - before;
    }
    for (int32_t i = 0; i < SITES && now % NS(1) == 0; i++) {
      ingest_status status = {.sensor = i, .state = INGEST_GOOD, .path = {-1, -1, -1}, .data_until = now - NS(0.5), .arrived = now};
      locator_station(l, &status, now);
    }
    double before = thread_us();
    locator_step(l, now, &sink);
    a_step->microseconds[a_step->count++] = thread_us() - before;
  }
}

/* A P wave's windows of an earthquake of M 6, as its site measured them. */
static void tell_windows(locator *l, const picker_pick *pick, double distance_km, int64_t now, const locator_sink *sink)
{
  const float windows_s[] = {0.5F, 1, 2, 3};
  for (size_t i = 0; i < sizeof windows_s / sizeof windows_s[0]; i++) {
    picker_p_wave wave = {.pick = pick->id,
                          .sensor = pick->sensor,
                          .window_s = windows_s[i],
                          .pd_m = (float)(0.01 * pow(10, (6 - 5.39 - 1.38 * log10(distance_km)) / 1.23)),
                          .growth_m_s3 = (float)(45 / (distance_km * distance_km)),
                          .azimuth_deg = 270,
                          .azimuth_sigma_deg = 15,
                          .noise_pd_m = 1e-9F,
                          .data_until = pick->time + NS(windows_s[i])};
    locator_p_wave(l, &wave, now, sink);
  }
}

/* Earthquakes 60 to 200 km west of the network, of which the nearest sites tell one after another. */
static void run_vague(locator *l, const ingest_inventory *inventory, const locator_travel_times *tables, random_source *random, timings *a_pick)
{
  enum { QUAKES = 40, PICKED = 16 };
  const locator_sink sink = {.event = heard};
  int64_t now = START + NS(MINUTES * 60 + 120);
  for (int quake = 0; quake < QUAKES; quake++, now += NS(300)) {
    double latitude = random_uniform(random, 39, 43), longitude = 118 - random_uniform(random, 0.7, 2.4);
    picks_count = 0;
    for (size_t i = 0; i < SITES; i++) {
      const ingest_sensor *s = ingest_inventory_sensor(inventory, i);
      double distance = locator_distance_km(latitude, longitude, s->latitude_deg, s->longitude_deg, NULL);
      if (distance < 300)
        add_pick(i, (double)(now - START) / 1e9 + locator_travel_time(tables, 'P', distance, 10) + 0.1 * random_normal(random));
    }
    qsort(picks, picks_count, sizeof *picks, by_telling);
    for (size_t i = 0; i < picks_count && i < PICKED; i++) {
      timed_pick *p = &picks[i];
      p->pick.id += (uint64_t)(quake + 1) << 16;
      for (int32_t k = 0; k < SITES; k++) {
        ingest_status status = {.sensor = k, .state = INGEST_GOOD, .path = {-1, -1, -1}, .data_until = p->told - NS(0.5), .arrived = p->told};
        locator_station(l, &status, p->told);
      }
      double before = thread_us();
      locator_pick(l, &p->pick, p->told, &sink);
      a_pick->microseconds[a_pick->count++] = thread_us() - before;
      const ingest_sensor *s = ingest_inventory_sensor(inventory, (size_t)p->pick.sensor);
      tell_windows(l, &p->pick, locator_distance_km(latitude, longitude, s->latitude_deg, s->longitude_deg, NULL), p->told, &sink);
      locator_step(l, p->told, &sink);
    }
    locator_step(l, now + NS(250), &sink);
  }
}

static int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double sum(const timings *t)
{
  double total = 0;
  for (size_t i = 0; i < t->count; i++)
    total += t->microseconds[i];
  return total;
}

static void report(const char *name, timings *t, double baseline)
{
  qsort(t->microseconds, t->count, sizeof *t->microseconds, ascending);
  printf("{\"name\":\"locator_%s_mean\",\"value\":%.2f,\"unit\":\"us\",\"baseline\":%.4f}\n", name, sum(t) / (double)t->count, baseline);
  printf("{\"name\":\"locator_%s_p99\",\"value\":%.2f,\"unit\":\"us\",\"baseline\":%.4f}\n", name, t->microseconds[t->count * 99 / 100], baseline);
  printf("{\"name\":\"locator_%s_largest\",\"value\":%.2f,\"unit\":\"us\",\"baseline\":%.4f}\n", name, t->microseconds[t->count - 1], baseline);
}

/* One travel time, the unit of all this work. */
static double travel_time_us(const locator_travel_times *tables, random_source *random)
{
  enum { LOOKUPS = 2000000 };
  double total = 0, before = thread_us(), distance = random_uniform(random, 0, 1);
  for (int i = 0; i < LOOKUPS; i++) {
    distance = distance > 400 ? distance - 399.3 : distance + 0.7131;
    total += locator_travel_time(tables, 'P', distance, (double)(i % 40));
  }
  double each = (thread_us() - before) / LOOKUPS;
  return total > 0 ? each : NAN;
}

int main(void)
{
  random_source random = {2024};
  locator_model model;
  locator_settings settings = {0};
  config_section sections[] = {{"locator", "", locator_rows, sizeof settings, &settings, NULL}, {0}};
  config_defaults(sections);
  settings.minimum_magnitude = -9;
  ingest_inventory *inventory = network_20_km(&random);
  if (!inventory || !locator_model_named("iasp91", &model))
    return 1;
  double before = thread_us();
  locator_travel_times *tables = locator_travel_times_create(&model, 1500, settings.maximum_depth_km);
  double built = thread_us() - before;
  locator *l = tables ? locator_create(&settings, tables, inventory, NS(0.6)) : NULL;
  timings a_pick = {calloc(PICKS_MAXIMUM, sizeof(double)), 0}, a_step = {calloc(PICKS_MAXIMUM, sizeof(double)), 0};
  if (!l || !a_pick.microseconds || !a_step.microseconds)
    return 1;
  make_picks(inventory, tables, &random);
  qsort(picks, picks_count, sizeof *picks, by_telling);
  run(l, &a_pick, &a_step);
  double lookup = travel_time_us(tables, &random);
  printf("{\"name\":\"locator_tables_built\",\"value\":%.1f,\"unit\":\"ms\",\"baseline\":%.4f}\n", built / 1e3, lookup);
  printf("{\"name\":\"locator_travel_time\",\"value\":%.4f,\"unit\":\"us\",\"baseline\":%.4f}\n", lookup, lookup);
  report("pick", &a_pick, lookup);
  report("step", &a_step, lookup);
  uint64_t before_vague = events;
  timings a_vague = {a_pick.microseconds, 0};
  run_vague(l, inventory, tables, &random, &a_vague);
  report("vague_pick", &a_vague, lookup);
  printf("{\"name\":\"locator_vague_events\",\"value\":%llu,\"unit\":\"events\",\"baseline\":40}\n", (unsigned long long)(events - before_vague));
  printf("{\"name\":\"locator_events\",\"value\":%llu,\"unit\":\"events\",\"baseline\":%d}\n", (unsigned long long)before_vague, MINUTES);
  free(a_pick.microseconds);
  free(a_step.microseconds);
  locator_destroy(l);
  locator_travel_times_destroy(tables);
  ingest_inventory_destroy(inventory);
  return 0;
}
