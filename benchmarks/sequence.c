/* An aftershock sequence (Amatrice 2016, 12 hours, an event every 90 s) told pick by pick in the order of time, as the engine tells it: what each
 * pick costs, which of the reference's events are found, and whether they are those that `tocsin associate` finds in the whole table.
 *
 *   bench_sequence [TOCSIN]    the program to compare with; nothing without the recordings (TOCSIN_DATA)
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "told.h"

enum { EVENTS = 4096, LINE = 256 };
#define FOLDER "amatrice-2016/"

typedef struct {
  int64_t time;
  double latitude_deg, longitude_deg;
} origin;

typedef struct {
  origin of[EVENTS];
  char id[EVENTS][LOCATOR_ID_TEXT];
  size_t count;
} catalogue;

static FILE *open_table(const char *name)
{
  char path[160], header[LINE];
  snprintf(path, sizeof path, FOLDER "%s", name);
  const char *found = data_path_if_any(path);
  FILE *f = found ? fopen(found, "r") : NULL;
  if (f && !fgets(header, sizeof header, f)) {
    fclose(f);
    f = NULL;
  }
  return f;
}

/* ---- the world ---- */

static ingest_inventory *read_stations(void)
{
  char line[LINE], network[9], station[9];
  double latitude, longitude, elevation;
  FILE *f = open_table("stations.csv");
  ingest_inventory *inventory = f ? ingest_inventory_create() : NULL;
  while (inventory && fgets(line, sizeof line, f))
    if (sscanf(line, "%8[^,],%8[^,],%lf,%lf,%lf", network, station, &latitude, &longitude, &elevation) == 5)
      made_add_site(inventory, network, station, "HH", latitude, longitude, elevation);
  if (f)
    fclose(f);
  return inventory;
}

static made_world *with_the_pickers_delay(made_world *w)
{
  picker_settings settings;
  config_section sections[] = {{"picker", "", picker_rows, sizeof settings, &settings, NULL}, {0}};
  config_defaults(sections);
  locator_destroy(w->locator);
  w->locator = locator_create(&w->settings, w->tables, w->inventory, picker_delay(&settings));
  return w->locator ? w : NULL;
}

static made_world *read_world(void)
{
  size_t length;
  locator_model model;
  char fault[160];
  ingest_inventory *inventory = read_stations();
  if (!inventory)
    return NULL;
  char *bytes = data_read(data_path_if_any(FOLDER "velocity.csv"), &length);
  bool good = locator_model_parse(bytes, length, &model, fault);
  free(bytes);
  return good ? with_the_pickers_delay(made_world_of(inventory, &model, 1)) : NULL;
}

/* network,station,phase,time_utc,uncertainty or amplitude, ...: told with the usual delay. Returns what carries the world's time to theirs. */
static int64_t read_picks(made_world *w)
{
  char line[LINE], network[9], station[9], phase, text[40];
  int64_t time, shift = INT64_MIN;
  int component;
  FILE *f = open_table("picks.csv");
  while (f && fgets(line, sizeof line, f)) {
    ingest_codes codes = {.channel = "HHZ"};
    if (sscanf(line, "%8[^,],%8[^,],%c,%39[^,\n]", network, station, &phase, text) != 4 || !ingest_time_parse(text, &time))
      continue;
    memcpy(codes.network, network, sizeof network);
    memcpy(codes.station, station, sizeof station);
    int32_t sensor = ingest_inventory_find(w->inventory, &codes, &component);
    shift = shift == INT64_MIN ? time - time % SECONDS(60) - MADE_EPOCH - SECONDS(60) : shift;
    if (sensor < 0)
      continue;
    made_add_pick(w, (size_t)sensor, phase, time - shift, 0.1);
    w->pick[w->picks - 1].pick.snr = 1; /* not known, as `tocsin associate` takes it */
  }
  if (f)
    fclose(f);
  return shift;
}

/* ---- what is found ---- */

static void heard(void *user, const locator_event *event)
{
  catalogue *c = user;
  size_t i = c->count;
  while (i > 0 && strcmp(c->id[i - 1], event->id) != 0)
    i--;
  if (i == 0 && c->count < EVENTS) {
    memcpy(c->id[c->count], event->id, LOCATOR_ID_TEXT);
    i = ++c->count;
  }
  if (i > 0)
    c->of[i - 1] = (origin){event->state == LOCATOR_CANCELLED ? INT64_MIN : event->origin_time, event->latitude_deg, event->longitude_deg};
}

static size_t said(const catalogue *c)
{
  size_t count = 0;
  for (size_t i = 0; i < c->count; i++)
    count += c->of[i].time != INT64_MIN;
  return count;
}

static bool holds(const catalogue *c, origin wanted)
{
  for (size_t i = 0; i < c->count; i++)
    if (c->of[i].time != INT64_MIN && llabs(c->of[i].time - wanted.time) <= SECONDS(2) &&
        locator_distance_km(wanted.latitude_deg, wanted.longitude_deg, c->of[i].latitude_deg, c->of[i].longitude_deg, NULL) <= 10)
      return true;
  return false;
}

/* Of a table of events those that the catalogue holds. Their columns: (name,)time,latitude,longitude. */
static size_t count_held(const catalogue *c, FILE *table, bool named, int64_t shift, size_t *all)
{
  char line[LINE], text[40];
  size_t held = 0;
  origin o;
  for (*all = 0; table && fgets(line, sizeof line, table);) {
    const char *at = named ? strchr(line, ',') : line;
    if (!at || sscanf(at + named, "%39[^,],%lf,%lf", text, &o.latitude_deg, &o.longitude_deg) != 3 || !ingest_time_parse(text, &o.time))
      continue;
    o.time -= shift;
    ++*all;
    held += holds(c, o);
  }
  return held;
}

/* ---- running ---- */

/* A sensor runs while it picked within the hour before or after; else it is off, as a table of picks cannot say otherwise. */
static void tell_statuses(made_world *w, const int64_t *last, size_t *next)
{
  for (size_t i = 0; i < ingest_inventory_sensors(w->inventory); i++) {
    while (next[i] < w->picks && (next[i] < w->next || (size_t)w->pick[next[i]].pick.sensor != i))
      next[i]++;
    int64_t until = w->now - SECONDS(w->latency_s);
    bool runs = until - last[i] < SECONDS(3600) || (next[i] < w->picks && w->pick[next[i]].pick.time - until < SECONDS(3600));
    ingest_status status = {
        .sensor = (int32_t)i, .state = runs ? INGEST_GOOD : INGEST_OFF, .path = {-1, -1, -1}, .data_until = until, .arrived = w->now};
    locator_station(w->locator, &status, w->now);
  }
}

static void run(made_world *w, catalogue *c, told_cost *picks)
{
  const locator_sink sink = {.event = heard, .user = c};
  static int64_t last[MADE_SENSORS];
  static size_t next[MADE_SENSORS];
  made_sort_by_time(w);
  int64_t end = w->pick[w->picks - 1].told + SECONDS(300);
  for (int64_t tick = w->now; tick <= end; tick += SECONDS(0.1)) {
    for (; w->next < w->picks && w->pick[w->next].told < tick; w->next++) {
      w->now = w->pick[w->next].told > w->now ? w->pick[w->next].told : w->now;
      last[w->pick[w->next].pick.sensor] = w->pick[w->next].pick.time;
      double before = told_thread_us();
      locator_pick(w->locator, &w->pick[w->next].pick, w->now, &sink);
      told_count(picks, told_thread_us() - before);
    }
    w->now = tick;
    if ((tick - MADE_EPOCH) % SECONDS(1) == 0)
      tell_statuses(w, last, next);
    locator_step(w->locator, w->now, &sink);
  }
}

static FILE *run_associate(const char *tocsin)
{
  char command[1024], stations[256], velocity[256], picks[256];
  snprintf(stations, sizeof stations, "%s", data_path_if_any(FOLDER "stations.csv"));
  snprintf(velocity, sizeof velocity, "%s", data_path_if_any(FOLDER "velocity.csv"));
  snprintf(picks, sizeof picks, "%s", data_path_if_any(FOLDER "picks.csv"));
  snprintf(command, sizeof command, "%s associate --stations %s --velocity %s %s 2>/dev/null", tocsin, stations, velocity, picks);
  return popen(command, "r");
}

int main(int argc, char **argv)
{
  static catalogue c;
  told_cost picks = {0};
  size_t all;
  made_world *w = read_world();
  if (!w) {
    fputs("bench_sequence: no amatrice-2016 below TOCSIN_DATA\n", stderr);
    return 0;
  }
  int64_t shift = read_picks(w);
  run(w, &c, &picks);
  told_report("sequence, CPU a pick,", &picks, told_lookup_us(w->tables));
  FILE *reference = open_table("reference-events.csv"), *table = argc > 1 ? run_associate(argv[1]) : NULL;
  size_t found = count_held(&c, reference, false, shift, &all);
  printf("{\"name\":\"sequence, events of the reference found\",\"value\":%zu,\"unit\":\"events\",\"baseline\":%zu,\"said\":%zu}\n", found, all,
         said(&c));
  size_t same = count_held(&c, table, true, shift, &all);
  if (table)
    printf("{\"name\":\"sequence, events of associate found pick by pick\",\"value\":%zu,\"unit\":\"events\",\"baseline\":%zu}\n", same, all);
  if (reference)
    fclose(reference);
  if (table)
    pclose(table);
  free(picks.us);
  made_world_destroy(w);
  return 0;
}
