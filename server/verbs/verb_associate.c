/* tocsin associate: picks from anywhere become earthquakes, as the daemon would have made them. */
#include "verbs.h"

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "associate_csv.h"
#include "files.h"
#include "model.h"
#include "settings.h"

static const char help[] =
    "usage: tocsin associate --stations CSV [OPTION...] PICKS.csv\n"
    "\n"
    "Association and location of picks, told to the locator in the order of their times.\n"
    "\n"
    "  --stations CSV    network,station,latitude_deg,longitude_deg[,elevation_m]\n"
    "  --velocity CSV    velocity model: depth_km,vp_km_s,vs_km_s, linear between its rows (the configured model)\n"
    "  --config FILE     settings of the locator (the defaults)\n"
    "  --help            this text\n"
    "\n"
    "PICKS.csv: network,station,phase,time_utc[,uncertainty_s][,snr], in any order of lines and columns. CSV on stdout, an event a line, by origin "
    "time:\n"
    "event,origin_time_utc,latitude_deg,longitude_deg,depth_km,magnitude,n_p,n_s,azimuthal_gap_deg,rms_s,horizontal_error_km,depth_error_km.\n"
    "A station counts as running within an hour of any of its picks. Left out are events with fewer than 5 P\n"
    "(or 3 P and 12 phases in all), and those without S that noise explains nearly as well.\n"
    "Exit status: 0 done, 1 a file or setting could not be read, 2 called wrongly.\n";

typedef struct {
  const char *config, *stations, *velocity;
  bool help;
} associate_options;

typedef struct {
  locator_event *events;
  size_t count, capacity;
  bool failed;
} catalogue;

/* The virtual clock and who is running. */
typedef struct {
  locator *locator;
  const ingest_inventory *inventory;
  locator_sink sink;
  int64_t delay, now;
  int64_t *last, *next; /* a sensor's picks around `now` */
} run;

static bool read_options(int argc, char **argv, associate_options *o);
static locator_travel_times *travel_times(const associate_options *o, const locator_settings *wanted);
static bool associate(const associate_picks *picks, const ingest_inventory *inventory, const locator_travel_times *tables, const settings *s,
                      catalogue *c);
static void print(catalogue *c);

int verb_associate(int argc, char **argv)
{
  static settings s; /* large */
  associate_options options = {0};
  if (!read_options(argc, argv, &options))
    return 2;
  if (options.help)
    return fputs(help, stdout) < 0;
  if (optind + 1 != argc || !options.stations) {
    fputs("tocsin associate: give --stations CSV and one file of picks; see --help\n", stderr);
    return 2;
  }
  if (!settings_load(&s, options.config))
    return 1;
  s.locator.minimum_magnitude = -9; /* what has no amplitude is an earthquake none the less */
  associate_picks picks = {0};
  catalogue found = {0};
  ingest_inventory *inventory = associate_stations(options.stations);
  locator_travel_times *tables = inventory ? travel_times(&options, &s.locator) : NULL;
  bool done = tables && associate_read_picks(argv[optind], inventory, &picks) && associate(&picks, inventory, tables, &s, &found);
  if (done)
    print(&found);
  if (picks.unknown > 0)
    fprintf(stderr, "%s: %zu picks of stations that are not in %s left out\n", argv[optind], picks.unknown, options.stations);
  free(found.events);
  free(picks.items);
  locator_travel_times_destroy(tables);
  ingest_inventory_destroy(inventory);
  settings_release(&s);
  return done ? 0 : 1;
}

static bool read_options(int argc, char **argv, associate_options *o)
{
  enum { CONFIG = 256, STATIONS, VELOCITY };
  static const struct option known[] = {{"config", required_argument, NULL, CONFIG},
                                        {"stations", required_argument, NULL, STATIONS},
                                        {"velocity", required_argument, NULL, VELOCITY},
                                        {"help", no_argument, NULL, 'h'},
                                        {0}};
  for (int option; (option = getopt_long(argc, argv, "h", known, NULL)) != -1;) {
    if (option == '?')
      return false;
    o->config = option == CONFIG ? optarg : o->config;
    o->stations = option == STATIONS ? optarg : o->stations;
    o->velocity = option == VELOCITY ? optarg : o->velocity;
    o->help |= option == 'h';
  }
  return true;
}

static locator_travel_times *travel_times(const associate_options *o, const locator_settings *wanted)
{
  if (!o->velocity)
    return model_travel_times(wanted);
  size_t length;
  char *bytes = (char *)files_read(o->velocity, &length), fault[160];
  locator_model model;
  if (!bytes) {
    fprintf(stderr, "tocsin associate: cannot read %s\n", o->velocity);
    return NULL;
  }
  bool parsed = locator_model_parse(bytes, length, &model, fault);
  free(bytes);
  if (!parsed)
    fprintf(stderr, "%s: %s\n", o->velocity, fault);
  return parsed ? locator_travel_times_create(&model, 1500, wanted->maximum_depth_km) : NULL;
}

/* ---- the run ---- */

static void keep(void *user, const locator_event *event)
{
  catalogue *c = user;
  size_t i = c->count;
  while (i > 0 && strcmp(c->events[i - 1].id, event->id) != 0)
    i--;
  if (i > 0) {
    c->events[i - 1] = *event;
    return;
  }
  if (c->count == c->capacity) {
    size_t capacity = 2 * c->capacity + 64;
    locator_event *more = realloc(c->events, capacity * sizeof *more);
    if (!more) {
      c->failed = true;
      return;
    }
    c->events = more;
    c->capacity = capacity;
  }
  c->events[c->count++] = *event;
}

static void tell_statuses(run *r, int64_t data_until)
{
  const int64_t running = 3600 * INGEST_SECOND;
  for (size_t i = 0; i < ingest_inventory_sensors(r->inventory); i++) {
    bool runs = (r->last[i] != INT64_MIN && data_until - r->last[i] < running) || (r->next[i] != INT64_MAX && r->next[i] - data_until < running);
    ingest_status status = {
        .sensor = (int32_t)i, .state = runs ? INGEST_GOOD : INGEST_OFF, .path = {-1, -1, -1}, .data_until = data_until, .arrived = r->now};
    locator_station(r->locator, &status, r->now);
  }
}

/* Steps of a second up to `until`; a silence of more than five minutes is jumped over. */
static void pass_time(run *r, int64_t until)
{
  const int64_t step = INGEST_SECOND, longest = 300 * INGEST_SECOND;
  if (until - r->now > longest) {
    int64_t quiet = r->now + longest;
    for (; r->now < quiet; r->now += step)
      locator_step(r->locator, r->now, &r->sink);
    r->now = until - step;
  }
  for (; r->now + step <= until; r->now += step) {
    tell_statuses(r, r->now - r->delay);
    locator_step(r->locator, r->now, &r->sink);
  }
}

static void tell_picks(run *r, const associate_picks *picks, size_t *following)
{
  for (size_t i = 0; i < ingest_inventory_sensors(r->inventory); i++) {
    r->last[i] = INT64_MIN;
    r->next[i] = INT64_MAX;
  }
  for (size_t i = picks->count; i-- > 0;) {
    int32_t sensor = picks->items[i].pick.sensor;
    following[i] = r->next[sensor] == INT64_MAX ? picks->count : (size_t)r->next[sensor];
    r->next[sensor] = (int64_t)i;
  }
  for (size_t i = 0; i < ingest_inventory_sensors(r->inventory); i++)
    r->next[i] = r->next[i] == INT64_MAX ? INT64_MAX : picks->items[r->next[i]].pick.time;
  for (size_t i = 0; i < picks->count; i++) {
    const picker_pick *pick = &picks->items[i].pick;
    pass_time(r, pick->time + r->delay);
    r->last[pick->sensor] = pick->time;
    r->next[pick->sensor] = following[i] < picks->count ? picks->items[following[i]].pick.time : INT64_MAX;
    locator_pick(r->locator, pick, pick->time + r->delay, &r->sink);
  }
  pass_time(r, r->now + 900 * INGEST_SECOND);
}

static bool associate(const associate_picks *picks, const ingest_inventory *inventory, const locator_travel_times *tables, const settings *s,
                      catalogue *c)
{
  size_t sensors = ingest_inventory_sensors(inventory);
  int64_t delay = picker_delay(&s->picker);
  run r = {.locator = locator_create(&s->locator, tables, inventory, delay), .inventory = inventory, .sink = {keep, c}, .delay = delay};
  size_t *following = malloc((picks->count + 1) * sizeof *following);
  r.last = malloc((sensors + 1) * sizeof *r.last);
  r.next = malloc((sensors + 1) * sizeof *r.next);
  bool done = r.locator && following && r.last && r.next;
  if (done && picks->count > 0) {
    r.now = picks->items[0].pick.time;
    tell_picks(&r, picks, following);
  }
  free(following);
  free(r.last);
  free(r.next);
  locator_destroy(r.locator);
  if (!done || c->failed)
    fputs("tocsin associate: not enough memory\n", stderr);
  return done && !c->failed;
}

static int by_origin(const void *a, const void *b)
{
  const locator_event *x = a, *y = b;
  if (x->origin_time != y->origin_time)
    return x->origin_time < y->origin_time ? -1 : 1;
  return strcmp(x->id, y->id);
}

/* As catalogues are made: five P waves, and S of as many sites or, without them, much evidence against noise; or three and so many S waves that they
   are twelve phases. */
static bool is_solid(const locator_event *e, size_t p, size_t s)
{
  const size_t p_alone = 5, p_with_s = 3, enough_s = 4, phases = 12;
  const float much = 10;
  return (p >= p_alone && (s >= enough_s || e->evidence >= much)) || (p >= p_with_s && p + s >= phases);
}

static void print(catalogue *c)
{
  puts("event,origin_time_utc,latitude_deg,longitude_deg,depth_km,magnitude,n_p,n_s,azimuthal_gap_deg,rms_s,horizontal_error_km,depth_error_km");
  if (c->count > 0)
    qsort(c->events, c->count, sizeof *c->events, by_origin);
  for (size_t i = 0; i < c->count; i++) {
    const locator_event *e = &c->events[i];
    if (e->state == LOCATOR_CANCELLED)
      continue;
    size_t p = 0, s = 0;
    for (size_t k = 0; k < e->arrivals_count; k++) {
      p += e->arrivals[k].phase == 'P';
      s += e->arrivals[k].phase == 'S';
    }
    if (!is_solid(e, p, s))
      continue;
    char time[INGEST_TIME_TEXT], magnitude[16] = "";
    if (isfinite(e->magnitude))
      snprintf(magnitude, sizeof magnitude, "%.2f", (double)e->magnitude);
    printf("%s,%s,%.5f,%.5f,%.2f,%s,%zu,%zu,%.0f,%.3f,%.2f,%.2f\n", e->id, ingest_time_format(e->origin_time, time), e->latitude_deg,
           e->longitude_deg, (double)e->depth_km, magnitude, p, s, (double)e->azimuthal_gap_deg, (double)e->rms_s,
           (double)e->horizontal_uncertainty_km, (double)e->depth_uncertainty_km);
  }
}
