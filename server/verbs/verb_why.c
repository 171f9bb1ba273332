/* verb_why.c: `tocsin why`: what was decided of an earthquake, when, and by which numbers. */
#include "verbs.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "why_source.h"
#include "why_story.h"

static const char help[] =
    "usage: tocsin why [EVENT] [--exercise] [--config FILE]\n"
    "       tocsin why [EVENT] --from FILE\n"
    "\n"
    "Why there was an alert, or none: an event's revisions and alerts in their order, with what its likelihood was made of at each turn: its picks\n"
    "against their stations' noise, the stations that should have picked it and did not, the depth, a wave from afar; witnesses that are doubted or\n"
    "share one link; and which rule refused the alert. Without EVENT a line for each of the newest events. EVENT is its id, or the beginning of it.\n"
    "What nearly was an event is in the daemon's log (`no event (...)`).\n"
    "\n"
    "  --exercise       of exercises\n"
    "  --config FILE    the configuration, whose section `redis` says where the messages are kept\n"
    "  --from FILE      in place of Redis: lines of `tocsin replay` or `tocsin watch --json`; -: standard input\n"
    "  --help           this text\n"
    "\n"
    "Exit status: 0 done, 1 there is no such event, or it could not be read, 2 called wrongly.\n";

enum { EVENTS_READ = 20000, ALERTS_READ = 5000 };

typedef struct {
  const char *config, *from, *event;
  bool exercise, help;
} why_options;

/* Events' and alerts' messages, in the order in which they were read. */
typedef struct {
  const char *wanted; /* the beginning of an id, NULL: any */
  json_t *events, *alerts;
} messages;

static bool read_options(int argc, char **argv, why_options *o)
{
  static const struct option known[] = {{"config", required_argument, NULL, 'c'},
                                        {"from", required_argument, NULL, 'f'},
                                        {"exercise", no_argument, NULL, 'x'},
                                        {"help", no_argument, NULL, 'h'},
                                        {0}};
  for (int option; (option = getopt_long(argc, argv, "h", known, NULL)) != -1;) {
    if (option == '?')
      return false;
    o->exercise |= option == 'x';
    o->help |= option == 'h';
    o->config = option == 'c' ? optarg : o->config;
    o->from = option == 'f' ? optarg : o->from;
  }
  o->event = optind < argc ? argv[optind++] : NULL;
  if (optind < argc)
    fprintf(stderr, "tocsin why: one EVENT at a time, not `%s` too; `tocsin why --help` says all\n", argv[optind]);
  return optind == argc;
}

static const char *text(const json_t *message, const char *name)
{
  const char *value = json_string_value(json_object_get(message, name));
  return value ? value : "";
}

static void take(void *user, json_t *message)
{
  messages *m = user;
  const char *schema = text(message, "schema");
  bool wanted = !m->wanted || strncmp(text(message, "id"), m->wanted, strlen(m->wanted)) == 0;
  if (wanted && strcmp(schema, "tocsin.event.v1") == 0)
    json_array_append(m->events, message);
  else if (wanted && strcmp(schema, "tocsin.alert.v1") == 0)
    json_array_append(m->alerts, message);
  json_decref(message);
}

static bool gather(const why_options *o, messages *m)
{
  static settings s; /* large */
  if (o->from)
    return why_read_lines(o->from, take, m);
  if (!settings_load(&s, o->config))
    return false;
  bool good = why_read_stream(&s.redis, o->exercise, "event", EVENTS_READ, take, m) &&
              (!o->event || why_read_stream(&s.redis, o->exercise, "alert", ALERTS_READ, take, m));
  settings_release(&s);
  return good;
}

/* ---- telling ---- */

/* The last revision of each event, in the order of their first ones. */
static void tell_list(const messages *m)
{
  size_t i;
  json_t *event, *last = json_object();
  const char *id;
  json_array_foreach(m->events, i, event) json_object_set(last, text(event, "id"), event);
  json_object_foreach(last, id, event) why_print_line(event);
  json_decref(last);
}

/* Alerts of up to then, of those from `next` on. */
static size_t tell_alerts(const messages *m, size_t next, const char *until)
{
  for (; next < json_array_size(m->alerts); next++) {
    const json_t *alert = json_array_get(m->alerts, next);
    if (until && strcmp(text(alert, "issued_at"), until) > 0)
      break;
    why_print_alert(alert);
  }
  return next;
}

static bool is_one(const messages *m)
{
  size_t i;
  const json_t *event, *first = json_array_get(m->events, 0);
  json_array_foreach(m->events, i, event)
  {
    if (strcmp(text(event, "id"), text(first, "id")) == 0)
      continue;
    fprintf(stderr, "tocsin why: `%s` begins %s and %s: give more of the id\n", m->wanted, text(first, "id"), text(event, "id"));
    return false;
  }
  if (!first)
    fprintf(stderr, "tocsin why: nothing of an event %s is kept; `tocsin why` lists those that are\n", m->wanted);
  return first != NULL;
}

static bool tell_story(const messages *m)
{
  size_t i, alerts = 0, last = json_array_size(m->events) - 1;
  const json_t *event, *before = NULL;
  if (!is_one(m))
    return false;
  printf("%s, origin %s (all times UTC)\n", text(json_array_get(m->events, 0), "id"), text(json_array_get(m->events, last), "origin_time"));
  json_array_foreach(m->events, i, event)
  {
    alerts = tell_alerts(m, alerts, text(event, "issued_at"));
    why_print_event(event, i == last || why_is_turn(before, event));
    before = event;
  }
  tell_alerts(m, alerts, NULL);
  return true;
}

int verb_why(int argc, char **argv)
{
  why_options o = {0};
  if (!read_options(argc, argv, &o))
    return 2;
  if (o.help)
    return fputs(help, stdout) < 0;
  messages m = {.wanted = o.event, .events = json_array(), .alerts = json_array()};
  bool good = gather(&o, &m);
  if (good && o.event)
    good = tell_story(&m);
  else if (good)
    tell_list(&m);
  json_decref(m.events);
  json_decref(m.alerts);
  return good ? 0 : 1;
}
