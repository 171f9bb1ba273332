#include "traffic.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "random.h"

enum { RATE = 100, PATTERNS = 64, RECORD = 1024 };

typedef struct {
  ingest_settings ingest;
  picker_settings picker;
  locator_settings locator;
  intensity_settings intensity;
  engine_settings engine;
} all_settings;

typedef struct {
  ingest_record header; /* of the newest packet */
  uint8_t bytes[RECORD];
  size_t length;
} made_record;

struct traffic {
  int stations;
  int64_t fed; /* seconds */
  all_settings settings;
  made_record patterns[PATTERNS];
  locator_model model;
  locator_travel_times *tables;
  ingest_inventory *inventory;
  engine *engine;
};

static void ignore_message(void *user, const engine_message *message)
{
  (void)user;
  (void)message;
}

static void defaults(all_settings *s)
{
  config_section sections[] = {
      {.name = "ingest", .rows = ingest_rows, .struct_size = sizeof s->ingest, .values = &s->ingest},
      {.name = "picker", .rows = picker_rows, .struct_size = sizeof s->picker, .values = &s->picker},
      {.name = "locator", .rows = locator_rows, .struct_size = sizeof s->locator, .values = &s->locator},
      {.name = "intensity", .rows = intensity_rows, .struct_size = sizeof s->intensity, .values = &s->intensity},
      {.name = "alerts", .rows = engine_rule_rows, .struct_size = sizeof s->engine.rules, .values = &s->engine.rules},
      {0},
  };
  config_defaults(sections);
}

/* Stations on a square grid of 12 km. */
static ingest_inventory *network(int stations)
{
  static const char *const channels[] = {"HNZ", "HNN", "HNE"};
  static const ingest_epoch epoch = {INT64_MIN, INT64_MAX, 1e6, 1, RATE, 0, 0, INGEST_UNIT_ACCELERATION};
  ingest_inventory *inventory = ingest_inventory_create();
  int side = (int)ceil(sqrt(stations));
  for (int i = 0; i < stations; i++)
    for (int c = 0; c < 3; c++) {
      ingest_codes codes = {.network = "XX"};
      snprintf(codes.station, sizeof codes.station, "%05u", (unsigned)i % 100000);
      snprintf(codes.channel, sizeof codes.channel, "%s", channels[c]);
      ingest_inventory_add_channel(inventory, &codes, 30 + 0.11 * (i / side), 100 + 0.13 * (i % side), 0, 0, &epoch);
    }
  ingest_inventory_seal(inventory, NULL, NULL);
  return inventory;
}

static void take_record(void *user, const uint8_t *bytes, size_t length)
{
  made_record *made = user;
  memcpy(made->bytes, bytes, length);
  made->length = length;
}

/* One second of noise of one channel, as Steim-2: every channel sends one of PATTERNS that differ. */
static void make_pattern(made_record *made, uint64_t seed)
{
  random_source r = {.state = seed};
  double samples[RATE];
  for (int i = 0; i < RATE; i++)
    samples[i] = round(20 * random_normal(&r));
  made->header = (ingest_record){.rate = RATE, .samples = RATE, .encoding = 11, .timing_quality = -1};
  snprintf(made->header.codes.network, sizeof made->header.codes.network, "XX");
  snprintf(made->header.codes.station, sizeof made->header.codes.station, "00000");
  snprintf(made->header.codes.channel, sizeof made->header.codes.channel, "HNZ");
  made->header.start = INT64_C(1562383193000000000);
  if (ingest_record_write(&made->header, samples, RECORD / 2, take_record, made) != 1)
    exit(1);
}

/* The record of another station, channel and second: names and start time stand at fixed places of the header (SEED manual, chapter 8). */
static void address(uint8_t *bytes, int station, char component, int64_t second)
{
  char name[8];
  time_t at = (time_t)second;
  struct tm utc;
  gmtime_r(&at, &utc);
  snprintf(name, sizeof name, "%05u", (unsigned)station % 100000);
  memcpy(bytes + 8, name, 5);
  bytes[17] = (uint8_t)component;
  unsigned day = (unsigned)utc.tm_yday + 1;
  bytes[22] = (uint8_t)(day >> 8);
  bytes[23] = (uint8_t)day;
  bytes[24] = (uint8_t)utc.tm_hour;
  bytes[25] = (uint8_t)utc.tm_min;
  bytes[26] = (uint8_t)utc.tm_sec;
}

traffic *traffic_create(int stations)
{
  traffic *t = calloc(1, sizeof *t);
  if (!t) {
    fprintf(stderr, "no memory for %d stations\n", stations);
    return NULL;
  }
  t->stations = stations;
  t->inventory = network(stations);
  for (uint64_t i = 0; i < PATTERNS; i++)
    make_pattern(&t->patterns[i], i + 1);
  return t;
}

const ingest_inventory *traffic_inventory(const traffic *t)
{
  return t->inventory;
}

bool traffic_start(traffic *t)
{
  defaults(&t->settings);
  if (locator_model_named("iasp91", &t->model))
    t->tables = locator_travel_times_create(&t->model, 1000, t->settings.locator.maximum_depth_km);
  engine_setup setup = {.status = ENGINE_TEST,
                        .software = "benchmark",
                        .config_hash = "00000000",
                        .ingest = &t->settings.ingest,
                        .picker = &t->settings.picker,
                        .locator = &t->settings.locator,
                        .intensity = &t->settings.intensity,
                        .settings = &t->settings.engine,
                        .inventory = t->inventory,
                        .tables = t->tables};
  engine_sink sink = {ignore_message, NULL, NULL};
  t->engine = t->tables ? engine_create(&setup, &sink) : NULL;
  if (!t->engine)
    fprintf(stderr, "no engine for %d stations\n", t->stations);
  return t->engine != NULL;
}

void traffic_destroy(traffic *t)
{
  engine_destroy(t->engine);
  locator_travel_times_destroy(t->tables);
  ingest_inventory_destroy(t->inventory);
  free(t);
}

void traffic_send(traffic *t, int seconds, traffic_packet *packet, void *user)
{
  static const char components[] = "ZNE";
  int64_t first = t->patterns[0].header.start / INGEST_SECOND;
  for (int s = 0; s < seconds; s++, t->fed++)
    for (int i = 0; i < 3 * t->stations; i++) {
      made_record *pattern = &t->patterns[(size_t)(i * 7 + t->fed * 13) % PATTERNS];
      address(pattern->bytes, i / 3, components[i % 3], first + t->fed);
      int64_t arrival = (first + t->fed + 1) * INGEST_SECOND + (int64_t)((double)i / (3 * t->stations) * 1e9);
      packet(user, pattern->bytes, pattern->length, arrival);
    }
}

static void give(void *user, const uint8_t *bytes, size_t length, int64_t arrival)
{
  engine_packet(user, 0, bytes, length, arrival);
}

void traffic_feed(traffic *t, int seconds)
{
  traffic_send(t, seconds, give, t->engine);
}

void traffic_count(const traffic *t, engine_counters *counters)
{
  engine_count(t->engine, counters);
}
