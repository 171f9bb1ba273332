/* engine.c: packets a second through the whole engine (ingest, picker, locator, alerts), noise of a network of three-component stations. One JSON
 * line. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine.h"
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

static uint64_t messages;

/* Of this process: what others do on the machine does not count. */
static double seconds(void)
{
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void count_message(void *user, const engine_message *message)
{
  (void)user;
  (void)message;
  messages++;
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

/* Packets a second over `span` seconds of data, after `warm` of them. */
static double run(engine *e, made_record *patterns, int stations, int warm, int span)
{
  static const char components[] = "ZNE";
  int64_t first = patterns[0].header.start / INGEST_SECOND;
  double began = 0;
  for (int s = 0; s < warm + span; s++) {
    if (s == warm)
      began = seconds();
    for (int i = 0; i < 3 * stations; i++) {
      made_record *pattern = &patterns[(size_t)(i * 7 + s * 13) % PATTERNS];
      address(pattern->bytes, i / 3, components[i % 3], first + s);
      int64_t arrival = (first + s + 1) * INGEST_SECOND + (int64_t)((double)i / (3 * stations) * 1e9);
      engine_packet(e, 0, pattern->bytes, pattern->length, arrival);
    }
  }
  return 3.0 * stations * span / (seconds() - began);
}

int main(int argc, char **argv)
{
  int stations = argc > 1 ? atoi(argv[1]) : 300, span = argc > 2 ? atoi(argv[2]) : 60;
  all_settings settings = {0};
  locator_model model;
  static made_record patterns[PATTERNS];
  defaults(&settings);
  ingest_inventory *inventory = network(stations);
  locator_travel_times *tables =
      locator_model_named("iasp91", &model) ? locator_travel_times_create(&model, 1000, settings.locator.maximum_depth_km) : NULL;
  engine_setup setup = {ENGINE_TEST,       "benchmark",         "00000000",       &settings.ingest, &settings.picker,
                        &settings.locator, &settings.intensity, &settings.engine, inventory,        tables};
  engine_sink sink = {count_message, NULL, NULL};
  engine *e = tables ? engine_create(&setup, &sink) : NULL;
  if (!e || stations < 1 || span < 1) {
    fprintf(stderr, "bench_engine [STATIONS [SECONDS]]: no engine for %d stations over %d s\n", stations, span);
    return 1;
  }
  for (uint64_t i = 0; i < PATTERNS; i++)
    make_pattern(&patterns[i], i + 1);
  double rate = run(e, patterns, stations, 5, span);
  engine_counters c;
  engine_count(e, &c);
  /* The baseline is what that network sends. */
  printf("{\"name\":\"engine_%dx3\",\"value\":%.0f,\"unit\":\"packets/s of one "
         "core\",\"baseline\":%d,\"refused\":%llu,\"picks\":%llu,\"events\":%llu,\"messages\":%llu}\n",
         stations, rate, 3 * stations, (unsigned long long)c.refused, (unsigned long long)c.picks, (unsigned long long)c.events,
         (unsigned long long)c.messages);
  engine_destroy(e);
  locator_travel_times_destroy(tables);
  ingest_inventory_destroy(inventory);
  return 0;
}
