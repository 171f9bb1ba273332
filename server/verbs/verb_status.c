/* verb_status.c: `tocsin status`: the running daemon asked, and its answer as a table that can be read at three in the morning. */
#include "verbs.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "control.h"
#include "ingest.h"
#include "settings.h"

static const char help[] =
    "usage: tocsin status [--json] [--config FILE | --control PATH]\n"
    "\n"
    "Asks the running tocsind what it is doing: its clock, the engine, Redis, how long its stages take, and each feed: since when it is connected,\n"
    "its last packet, latencies, packets, bytes, reconnections and its last error with the remedy. Data latency is now minus the newest sample's\n"
    "time, feed latency the delay with which a packet arrived after its last sample.\n"
    "\n"
    "  --json           the daemon's answer as it is, one JSON object\n"
    "  --config FILE    the configuration, whose `server.control` is the daemon's socket\n"
    "  --control PATH   that socket; default /run/tocsin/control\n"
    "  --help           this text\n"
    "\n"
    "Exit status: 0 every feed is connected, 1 the daemon gives no answer, 2 called wrongly, 3 some feed is not connected.\n";

enum { FEED_NOT_CONNECTED = 3, TEXT = 32 };

typedef struct {
  const char *config, *control;
  bool json, help;
} status_options;

static void print_status(const json_t *answer);
static bool all_connected(const json_t *answer);

static bool read_options(int argc, char **argv, status_options *o)
{
  static const struct option known[] = {{"json", no_argument, NULL, 'j'},
                                        {"config", required_argument, NULL, 'c'},
                                        {"control", required_argument, NULL, 's'},
                                        {"help", no_argument, NULL, 'h'},
                                        {0}};
  for (int option; (option = getopt_long(argc, argv, "h", known, NULL)) != -1;) {
    if (option == '?')
      return false;
    o->json |= option == 'j';
    o->help |= option == 'h';
    o->config = option == 'c' ? optarg : o->config;
    o->control = option == 's' ? optarg : o->control;
  }
  if (optind < argc)
    fprintf(stderr, "tocsin status: `%s` is no option; `tocsin status --help` says all\n", argv[optind]);
  return optind == argc;
}

static json_t *ask(const char *path)
{
  char fault[240];
  json_t *request = json_pack("{s:s}", "ask", "status");
  json_t *answer = control_ask(path, request, fault);
  json_decref(request);
  const char *error = json_string_value(json_object_get(answer, "error"));
  if (!answer || error)
    fprintf(stderr, "tocsin status: %s\n", answer ? error : fault);
  if (answer && !error)
    return answer;
  json_decref(answer);
  return NULL;
}

int verb_status(int argc, char **argv)
{
  static settings s; /* large */
  status_options o = {0};
  if (!read_options(argc, argv, &o))
    return 2;
  if (o.help)
    return fputs(help, stdout) < 0;
  if (!settings_load(&s, o.config))
    return 1;
  json_t *answer = ask(o.control ? o.control : s.server.control);
  settings_release(&s);
  if (!answer)
    return 1;
  if (o.json)
    puts(json_dumpf(answer, stdout, JSON_COMPACT) == 0 ? "" : "?");
  else
    print_status(answer);
  int status = all_connected(answer) ? 0 : FEED_NOT_CONNECTED;
  json_decref(answer);
  return status;
}

/* ---- members ---- */

static const char *text(const json_t *object, const char *name)
{
  const char *value = json_string_value(json_object_get(object, name));
  return value ? value : "";
}

static double number(const json_t *object, const char *name)
{
  return json_number_value(json_object_get(object, name));
}

static int64_t integer(const json_t *object, const char *name)
{
  return json_integer_value(json_object_get(object, name));
}

static bool truth(const json_t *object, const char *name)
{
  return json_is_true(json_object_get(object, name));
}

static bool is_connected(const json_t *feed)
{
  return strcmp(text(feed, "state"), "connected") == 0;
}

static bool all_connected(const json_t *answer)
{
  size_t i;
  const json_t *feed;
  json_array_foreach(json_object_get(answer, "feeds"), i, feed) if (!is_connected(feed)) return false;
  return true;
}

/* ---- for people ---- */

/* "3.2 s", "12 min", "5.0 h", "3.1 d". */
static const char *span(double s, char out[TEXT])
{
  double size = s < 0 ? -s : s;
  if (size < 120)
    snprintf(out, TEXT, "%.1f s", s);
  else if (size < 7200)
    snprintf(out, TEXT, "%.0f min", s / 60);
  else if (size < 172800)
    snprintf(out, TEXT, "%.1f h", s / 3600);
  else
    snprintf(out, TEXT, "%.1f d", s / 86400);
  return out;
}

/* How long ago the time in that member was; "-" where there is none. */
static const char *ago(const json_t *object, const char *name, int64_t now, char out[TEXT])
{
  int64_t time;
  const char *value = text(object, name);
  if (!*value || !ingest_time_parse(value, &time))
    return "-";
  return span((double)(now - time) / 1e9, out);
}

static const char *latency(const json_t *feed, const char *name, char out[TEXT])
{
  return json_is_number(json_object_get(feed, name)) ? span(number(feed, name), out) : "-";
}

static void print_stream(const json_t *stream)
{
  printf("stream   %" PRId64 " gaps, %" PRId64 " clock steps, %" PRId64 " rate changes", integer(stream, "gaps"), integer(stream, "clock_steps"),
         integer(stream, "rate_changes"));
  if (integer(stream, "strangers") > 0)
    printf("; %" PRId64 " channels are NOT IN THE INVENTORY: the log names them; fetch their StationXML, or drop them at the feed",
           integer(stream, "strangers"));
  putchar('\n');
}

/* What rose at some sensor and was no pick. */
static void print_rejected(json_t *rejected)
{
  const char *reason, *before = "rejected ";
  json_t *count;
  json_object_foreach(rejected, reason, count)
  {
    if (json_integer_value(count) == 0)
      continue;
    printf("%s%" JSON_INTEGER_FORMAT " %s", before, json_integer_value(count), reason);
    before = ", ";
  }
  if (before[0] == ',')
    putchar('\n');
}

static void print_daemon(const json_t *a)
{
  char up[TEXT];
  const json_t *clock = json_object_get(a, "clock"), *redis = json_object_get(a, "redis"), *work = json_object_get(a, "engine");
  const json_t *recorder = json_object_get(a, "recorder");
  printf("%s, %s, process %" PRId64 ", up %s, settings %s; clock %s, %.3f s off\n", text(a, "software"),
         strcmp(text(a, "status"), "actual") == 0 ? "in earnest" : "an exercise", integer(a, "pid"), span(number(a, "uptime_s"), up),
         text(a, "config"), text(clock, "state"), number(clock, "offset_s"));
  printf("Redis    %s, %s, epoch %" PRId64 ": %" PRId64 " published, %" PRId64 " waiting, %" PRId64 " dropped, %" PRId64 " reconnections\n",
         truth(redis, "connected") ? "up" : "DOWN", truth(redis, "leader") ? "leading" : "SILENT (another process leads, or Redis is away)",
         integer(redis, "epoch"), integer(redis, "published"), integer(redis, "waiting"), integer(redis, "dropped"), integer(redis, "reconnections"));
  printf("engine   %" PRId64 " packets, %" PRId64 " refused, %" PRId64 " picks, %" PRId64 " events (%" PRId64 " open), %" PRId64 " alerts\n",
         integer(work, "packets"), integer(work, "refused"), integer(work, "picks"), integer(work, "events"), integer(work, "events_open"),
         integer(work, "alerts"));
  print_rejected(json_object_get(work, "rejected"));
  print_stream(json_object_get(work, "stream"));
  if (json_is_object(recorder))
    printf("recorder %s: %" PRId64 " inputs, %" PRId64 " lost\n",
           truth(recorder, "recording") ? "running" : "STOPPED (the disk is full or slow: the log says which; alerts go on)",
           integer(recorder, "inputs"), integer(recorder, "lost"));
}

static void print_stages(const json_t *stages)
{
  size_t i;
  const json_t *s;
  json_array_foreach(stages, i, s)
  {
    printf("%-8s p50 %.3f, p99 %.3f, p99.9 %.3f, max %.3f ms of %" PRId64 " since the last line in the log", text(s, "stage"), number(s, "p50_ms"),
           number(s, "p99_ms"), number(s, "p999_ms"), number(s, "maximum_ms"), integer(s, "count"));
    printf("; budget %.3g ms, over it %" PRId64 " times\n", number(s, "budget_ms"), integer(s, "over_budget"));
  }
}

static void print_feed(const json_t *f, int64_t now)
{
  char since[TEXT], last[TEXT], data[TEXT], delay[TEXT], when[TEXT];
  bool up = is_connected(f);
  printf("%5" PRId64 "  %-20.20s %-9s %-10s %9s %9s %9s %9s %11" PRId64 " %9.1f %6" PRId64 "\n", integer(f, "number"), text(f, "name"),
         text(f, "kind"),
         !up                       ? text(f, "state")
         : *text(f, "last_packet") ? "up"
                                   : "no data",
         ago(f, "connected_since", now, since), ago(f, "last_packet", now, last), latency(f, "data_latency_s", data),
         latency(f, "feed_latency_s", delay), integer(f, "packets"), number(f, "bytes") / 1e6, integer(f, "reconnections"));
  if (*text(f, "error"))
    printf("       %s %s ago: %s\n", up ? "last error" : "DOWN:", ago(f, "error_at", now, when), text(f, "error"));
}

static void print_feeds(const json_t *list, int64_t now)
{
  size_t i, down = 0;
  const json_t *f;
  json_array_foreach(list, i, f) down += !is_connected(f);
  printf("\n%zu feeds, %zu not connected\n", json_array_size(list), down);
  if (json_array_size(list) == 0)
    return;
  printf("%5s  %-20s %-9s %-10s %9s %9s %9s %9s %11s %9s %6s\n", "no.", "feed", "kind", "state", "up for", "last", "data late", "feed late",
         "packets", "MB", "reconn");
  for (int wanted = 0; wanted < 2; wanted++) /* those that are down first */
    json_array_foreach(list, i, f) if (is_connected(f) == wanted) print_feed(f, now);
}

static void print_status(const json_t *answer)
{
  int64_t now = 0;
  ingest_time_parse(text(answer, "time"), &now);
  print_daemon(answer);
  print_stages(json_object_get(answer, "stages"));
  print_feeds(json_object_get(answer, "feeds"), now);
}
