/* verb_replay.c: `tocsin replay`: recordings through the whole engine on a virtual clock. */
#include "verbs.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "archive.h"
#include "files.h"
#include "model.h"
#include "settings.h"
#include "signer.h"

static const char help[] =
    "usage: tocsin replay --inventory DIR [OPTION...] FILE...\n"
    "\n"
    "Archived miniSEED through the engine of the daemon on a virtual clock: a packet is delivered when its last sample would have been. Writes\n"
    "JSON Lines on stdout, one a message: {\"data_time\":\"...Z\",\"channel\":\"tocsin:exercise:alert\",\"message\":{...}}; data_time is the "
    "virtual\n"
    "time of issue. All messages are exercises. The same files and options give the same bytes. A summary goes to stderr.\n"
    "\n"
    "  --inventory DIR   StationXML (a folder or one file); default: `server.inventory` of the configuration\n"
    "  --config FILE     the configuration; default: iasp91, and each station is a target\n"
    "  --packet S        cuts records at multiples of S seconds of UTC, as short packets would have come\n"
    "  --delay S         adds S seconds to each packet's arrival\n"
    "  --from WHEN       begins there: an ISO 8601 time, or +S seconds after the first packet\n"
    "  --until WHEN      ends there (+S counts from the first packet too)\n"
    "  --speed max|X     as fast as possible (default), or X times as fast as real time\n"
    "  --key FILE        signs with this key instead of the published exercise key\n"
    "  --truth FILE      GeoJSON of the true origin: the summary compares the events with it\n"
    "  --status-lines    what the engine says in its log, on stderr\n"
    "  --help            this text\n"
    "\n"
    "A FILE may be a folder: its *.mseed. Exit status: 0 done, 1 it could not be done, 2 called wrongly.\n";

enum { EVENTS = 16, WARNINGS = 100 };
static const int64_t run_on = 120 * INGEST_SECOND, settle = 10 * INGEST_SECOND, skipped_gap = 60 * INGEST_SECOND;

typedef struct {
  const char *config, *inventory, *key, *truth, *from, *until;
  double packet_s, delay_s, speed; /* speed 0: as fast as possible */
  bool status_lines, help;
} replay_options;

typedef struct {
  int64_t origin_time;
  double latitude_deg, longitude_deg, depth_km, magnitude;
} solution;

/* What was said of one event first and last. */
typedef struct {
  char id[LOCATOR_ID_TEXT];
  solution first, last;
  int64_t first_at, last_at;
  int64_t revision;
} told_event;

typedef struct {
  replay_options options;
  settings settings;
  char hash[SETTINGS_HASH_TEXT];
  ingest_inventory *inventory;
  locator_travel_times *tables;
  signer *signer;
  archive *archive;
  archive_span span;
  engine *engine;
  solution truth;
  int64_t epoch, now;
  int64_t began_monotonic, began; /* where the two clocks of a paced replay met */
  char *line;                     /* a finished message */
  size_t line_capacity;
  told_event events[EVENTS];
  size_t events_count;
  unsigned warnings;
} replay;

static bool read_options(int argc, char **argv, replay_options *o);
static bool prepare(replay *r, char **paths);
static bool run(replay *r);
static void summarise(const replay *r);
static void release(replay *r);

int verb_replay(int argc, char **argv)
{
  static replay r; /* settings are large */
  if (!read_options(argc, argv, &r.options))
    return 2;
  if (r.options.help)
    return fputs(help, stdout) < 0;
  if (optind >= argc) {
    fputs("tocsin replay: no FILE to replay; `tocsin replay --help` says how\n", stderr);
    return 2;
  }
  bool done = prepare(&r, argv + optind) && run(&r);
  if (done)
    summarise(&r);
  release(&r);
  return done ? 0 : 1;
}

/* ---- options ---- */

static bool read_seconds(const char *name, const char *text, double lowest, double *value)
{
  char *end;
  *value = strtod(text, &end);
  if (end != text && *end == '\0' && *value >= lowest && *value <= 86400)
    return true;
  fprintf(stderr, "tocsin replay: --%s is `%s`; it takes a number from %g to 86400\n", name, text, lowest);
  return false;
}

static bool read_options(int argc, char **argv, replay_options *o)
{
  static const struct option known[] = {
      {"inventory", required_argument, NULL, 'i'}, {"config", required_argument, NULL, 'c'}, {"packet", required_argument, NULL, 'p'},
      {"delay", required_argument, NULL, 'd'},     {"speed", required_argument, NULL, 's'},  {"key", required_argument, NULL, 'k'},
      {"truth", required_argument, NULL, 't'},     {"from", required_argument, NULL, 'f'},   {"until", required_argument, NULL, 'u'},
      {"status-lines", no_argument, NULL, 'l'},    {"help", no_argument, NULL, 'h'},         {0}};
  bool good = true;
  for (int option; good && (option = getopt_long(argc, argv, "h", known, NULL)) != -1;) {
    good = option != '?';
    o->inventory = option == 'i' ? optarg : o->inventory;
    o->config = option == 'c' ? optarg : o->config;
    o->key = option == 'k' ? optarg : o->key;
    o->truth = option == 't' ? optarg : o->truth;
    o->from = option == 'f' ? optarg : o->from;
    o->until = option == 'u' ? optarg : o->until;
    o->status_lines |= option == 'l';
    o->help |= option == 'h';
    if (option == 'p')
      good = read_seconds("packet", optarg, 0.01, &o->packet_s);
    else if (option == 'd')
      good = read_seconds("delay", optarg, 0, &o->delay_s);
    else if (option == 's' && strcmp(optarg, "max") != 0)
      good = read_seconds("speed", optarg, 0.01, &o->speed);
  }
  return good;
}

/* ---- preparation ---- */

/* The files named, folders replaced by their *.mseed. NULL, said on stderr. */
static char **expand(char **paths, size_t *count)
{
  char **all = NULL;
  *count = 0;
  for (; *paths; paths++) {
    char **found = files_list(*paths, ".mseed");
    size_t n = 0;
    while (found && found[n])
      n++;
    char **grown = n > 0 ? realloc(all, (*count + n + 1) * sizeof *all) : NULL;
    if (!grown) {
      fprintf(stderr, "tocsin replay: %s: %s\n", *paths, found ? "no *.mseed in it" : strerror(errno));
      break;
    }
    all = grown;
    memcpy(all + *count, found, (n + 1) * sizeof *all);
    *count += n;
    free(found);
  }
  if (!*paths)
    return all;
  files_list_free(all);
  return NULL;
}

static bool open_archive(replay *r, char **paths)
{
  size_t count;
  archive_options how = {.packet_s = r->options.packet_s, .delay_s = r->options.delay_s};
  char **files = expand(paths, &count);
  if (!files)
    return false;
  r->archive = archive_open(files, count, &how);
  files_list_free(files);
  const char *fault = r->archive ? archive_choose(r->archive, r->options.from, r->options.until, &r->span) : NULL;
  if (fault)
    fprintf(stderr, "tocsin replay: %s\n", fault);
  return r->archive && !fault;
}

static bool read_truth(const char *path, solution *truth)
{
  json_error_t error;
  double milliseconds;
  json_t *root = json_load_file(path, 0, &error);
  if (root && json_unpack_ex(root, &error, 0, "{s:{s:F,s:F},s:{s:[F,F,F]}}", "properties", "mag", &truth->magnitude, "time", &milliseconds,
                             "geometry", "coordinates", &truth->longitude_deg, &truth->latitude_deg, &truth->depth_km) == 0) {
    truth->origin_time = (int64_t)milliseconds * 1000000;
    json_decref(root);
    return true;
  }
  fprintf(stderr, "tocsin replay: --truth %s:%d: %s; wanted is a GeoJSON Feature with properties mag and time and a point\n", path, error.line,
          error.text);
  json_decref(root);
  return false;
}

static void on_message(void *user, const engine_message *message);
static void on_log(void *user, int severity, const char *text);

static bool prepare(replay *r, char **paths)
{
  if (!settings_load(&r->settings, r->options.config))
    return false;
  settings_hash(&r->settings, r->hash);
  const char *inventory = r->options.inventory ? r->options.inventory : r->settings.server.inventory;
  if (!*inventory) {
    fputs("tocsin replay: --inventory names no folder of StationXML, nor does server.inventory\n", stderr);
    return false;
  }
  if (r->options.truth && !read_truth(r->options.truth, &r->truth))
    return false;
  r->signer = r->options.key ? signer_load(r->options.key) : signer_exercise();
  if (!r->signer || !(r->inventory = files_inventory(inventory)) || !(r->tables = model_travel_times(&r->settings.locator)) ||
      !open_archive(r, paths))
    return false;
  engine_setup setup = {ENGINE_EXERCISE,
                        "tocsin " TOCSIN_VERSION,
                        r->hash,
                        &r->settings.ingest,
                        &r->settings.picker,
                        &r->settings.locator,
                        &r->settings.intensity,
                        &r->settings.engine,
                        r->inventory,
                        r->tables};
  engine_sink sink = {on_message, on_log, r};
  r->engine = engine_create(&setup, &sink);
  if (!r->engine)
    fputs("tocsin replay: memory is short for so many stations and targets\n", stderr);
  return r->engine != NULL;
}

static void release(replay *r)
{
  engine_destroy(r->engine);
  archive_close(r->archive);
  signer_destroy(r->signer);
  locator_travel_times_destroy(r->tables);
  ingest_inventory_destroy(r->inventory);
  settings_release(&r->settings);
  free(r->line);
}

/* ---- the run ---- */

static void sleep_until(const replay *r, int64_t time)
{
  int64_t at = r->began_monotonic + (int64_t)((double)(time - r->began) / r->options.speed);
  struct timespec until = {.tv_sec = at / INGEST_SECOND, .tv_nsec = at % INGEST_SECOND};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
    continue;
}

static void advance(replay *r, int64_t to)
{
  if (r->options.speed > 0) {
    for (int64_t t = r->now - r->now % ENGINE_STEP_NS + ENGINE_STEP_NS; t < to; t += ENGINE_STEP_NS) {
      sleep_until(r, t);
      engine_advance(r->engine, t);
      fflush(stdout);
    }
    sleep_until(r, to);
  }
  engine_advance(r->engine, to);
  r->now = to;
}

/* What still comes when the data end: at least the packets that wait for others, then until every event is final. */
static void let_events_end(replay *r, int64_t latest)
{
  engine_counters counters;
  int64_t end = r->now + run_on < latest ? r->now + run_on : latest, least = r->now + settle;
  do {
    advance(r, r->now + INGEST_SECOND < end ? r->now + INGEST_SECOND : end);
    engine_count(r->engine, &counters);
  } while (r->now < end && (counters.events_open > 0 || r->now < least));
}

static void skip_gap(replay *r, int64_t to)
{
  let_events_end(r, to);
  if (to - r->now <= skipped_gap)
    return;
  engine_command(r->engine, &(engine_command_input){.kind = ENGINE_SKIP}, to);
  r->began += to - r->now;
  r->now = to;
}

static bool run(replay *r)
{
  const archive_packet *first = archive_at(r->archive, r->span.first);
  struct timespec monotonic;
  clock_gettime(CLOCK_MONOTONIC, &monotonic);
  r->began_monotonic = monotonic.tv_sec * INGEST_SECOND + monotonic.tv_nsec;
  r->began = r->now = first->arrival;
  r->epoch = first->arrival / INGEST_SECOND;
  for (size_t i = r->span.first; i < r->span.last; i++) {
    const archive_packet *packet = archive_at(r->archive, i);
    if (packet->arrival - r->now > skipped_gap)
      skip_gap(r, packet->arrival);
    advance(r, packet->arrival);
    engine_packet(r->engine, 0, packet->bytes, packet->length, packet->arrival);
  }
  let_events_end(r, INT64_MAX);
  if (fflush(stdout) == 0 && !ferror(stdout))
    return true;
  fprintf(stderr, "tocsin replay: stdout: %s\n", strerror(errno));
  return false;
}

/* ---- messages ---- */

static told_event *told(replay *r, const char *id)
{
  size_t i = 0;
  while (i < r->events_count && strcmp(r->events[i].id, id) != 0)
    i++;
  if (i == EVENTS)
    return NULL;
  if (i == r->events_count)
    snprintf(r->events[r->events_count++].id, LOCATOR_ID_TEXT, "%s", id);
  return &r->events[i];
}

static void compare_with_truth(replay *r, const char *line, size_t length, int64_t issued_at)
{
  const char *id, *origin_time;
  solution s = {.magnitude = NAN};
  json_int_t revision;
  json_t *magnitude, *root = json_loadb(line, length, 0, NULL);
  if (root && json_unpack(root, "{s:s,s:I,s:s,s:F,s:F,s:F,s:o}", "id", &id, "revision", &revision, "origin_time", &origin_time, "latitude_deg",
                          &s.latitude_deg, "longitude_deg", &s.longitude_deg, "depth_km", &s.depth_km, "magnitude", &magnitude) == 0) {
    told_event *of = told(r, id);
    s.magnitude = json_is_number(magnitude) ? json_number_value(magnitude) : NAN;
    ingest_time_parse(origin_time, &s.origin_time);
    if (of && of->revision == 0) {
      of->first = s;
      of->first_at = issued_at;
    }
    if (of) {
      of->last = s;
      of->last_at = issued_at;
      of->revision = revision;
    }
  }
  json_decref(root);
}

static void on_message(void *user, const engine_message *message)
{
  replay *r = user;
  char time[INGEST_TIME_TEXT];
  size_t needed = message->length + SIGNER_TAIL_MAXIMUM;
  if (needed > r->line_capacity) {
    char *grown = realloc(r->line, needed);
    if (!grown) {
      fputs("tocsin replay: memory is short: a message is lost\n", stderr);
      return;
    }
    r->line = grown;
    r->line_capacity = needed;
  }
  size_t length = signer_finish(r->signer, message->json, message->length, r->epoch, NULL, r->line, r->line_capacity);
  printf("{\"data_time\":\"%s\",\"channel\":\"%s:exercise:%s%s%s\",\"message\":", ingest_time_format(message->issued_at, time),
         r->settings.redis.prefix, engine_channel_words[message->channel], message->target ? ":" : "", message->target ? message->target : "");
  fwrite(r->line, 1, length, stdout);
  fputs("}\n", stdout);
  if (message->channel == ENGINE_EVENT && r->options.truth)
    compare_with_truth(r, r->line, length, message->issued_at);
}

static void on_log(void *user, int severity, const char *text)
{
  replay *r = user;
  char time[INGEST_TIME_TEXT];
  bool warning = severity <= 4;
  if (!r->options.status_lines && (!warning || r->warnings++ >= WARNINGS))
    return;
  fprintf(stderr, "%s %s%s\n", ingest_time_format(r->now, time), warning ? "warning: " : "", text);
}

/* ---- summary ---- */

static void print_errors(const char *when, const solution *s, const solution *truth, int64_t at)
{
  double off_km = locator_distance_km(truth->latitude_deg, truth->longitude_deg, s->latitude_deg, s->longitude_deg, NULL);
  fprintf(stderr, "  %s, %.1f s after the true origin: %.1f km off, depth %+.1f km, origin time %+.2f s, ", when,
          (double)(at - truth->origin_time) / 1e9, off_km, s->depth_km - truth->depth_km, (double)(s->origin_time - truth->origin_time) / 1e9);
  if (isnan(s->magnitude))
    fputs("no magnitude\n", stderr);
  else
    fprintf(stderr, "M%.1f (%+.1f)\n", s->magnitude, s->magnitude - truth->magnitude);
}

static void summarise(const replay *r)
{
  engine_counters c;
  char from[INGEST_TIME_TEXT], to[INGEST_TIME_TEXT];
  engine_count(r->engine, &c);
  fprintf(stderr,
          "%s to %s: %" PRIu64 " packets (%" PRIu64 " refused, %" PRIu64 " bytes no record), %" PRIu64 " picks, %" PRIu64 " events, %" PRIu64
          " alert messages, %" PRIu64 " messages in all\n",
          ingest_time_format(r->epoch * INGEST_SECOND, from), ingest_time_format(r->now, to), c.packets, c.refused, archive_skipped(r->archive),
          c.picks, c.events, c.alerts, c.messages);
  if (r->warnings > WARNINGS)
    fprintf(stderr, "%u further warnings are not shown; --status-lines shows them\n", r->warnings - WARNINGS);
  for (size_t i = 0; i < r->events_count; i++) {
    fprintf(stderr, "event %s, %" PRId64 " revisions\n", r->events[i].id, r->events[i].revision);
    print_errors("first", &r->events[i].first, &r->truth, r->events[i].first_at);
    print_errors("last", &r->events[i].last, &r->truth, r->events[i].last_at);
  }
}
