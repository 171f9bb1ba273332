#include "path.h"

#include <stdlib.h>
#include <string.h>

enum { NAME = sizeof((ingest_feed_path *)0)->link, MOST_FEEDS = 65536, UNKNOWN = -1 };

typedef struct {
  char text[NAME];
} path_name;

struct paths {
  path_name *names; /* a name's number is its place */
  ingest_path *of;  /* each sensor's, by configuration */
  ingest_path *feeds;
  size_t names_count, names_room, feeds_count;
};

static bool apply(paths *p, const ingest_path_rule *rule, const ingest_inventory *inventory);

paths *paths_create(const ingest_settings *settings, const ingest_inventory *inventory)
{
  size_t sensors = ingest_inventory_sensors(inventory);
  paths *p = calloc(1, sizeof *p);
  if (!p)
    return NULL;
  p->of = calloc(sensors + 1, sizeof *p->of);
  bool good = p->of != NULL;
  for (size_t i = 0; good && i < sensors; i++)
    p->of[i] = (ingest_path){UNKNOWN, UNKNOWN, UNKNOWN};
  for (size_t i = 0; good && i < settings->paths_count; i++)
    good = apply(p, &settings->paths[i], inventory);
  if (good)
    return p;
  paths_destroy(p);
  return NULL;
}

void paths_destroy(paths *p)
{
  if (!p)
    return;
  free(p->names);
  free(p->of);
  free(p->feeds);
  free(p);
}

/* Names keep their numbers. */
bool paths_adopt(paths *p, const ingest_settings *settings, const ingest_inventory *inventory)
{
  size_t sensors = ingest_inventory_sensors(inventory);
  ingest_path *before = p->of, *of = calloc(sensors + 1, sizeof *of);
  bool good = of != NULL;
  for (size_t i = 0; good && i < sensors; i++)
    of[i] = (ingest_path){UNKNOWN, UNKNOWN, UNKNOWN};
  p->of = of;
  for (size_t i = 0; good && i < settings->paths_count; i++)
    good = apply(p, &settings->paths[i], inventory);
  p->of = good ? of : before;
  free(good ? before : of);
  return good;
}

/* The number of a name, a new one if nothing has it yet. False if memory is short. */
static bool number_of(paths *p, const char *name, int32_t *number)
{
  *number = UNKNOWN;
  if (!*name)
    return true;
  for (size_t i = 0; i < p->names_count; i++)
    if (strcmp(p->names[i].text, name) == 0) {
      *number = (int32_t)i;
      return true;
    }
  if (p->names_count == p->names_room) {
    size_t room = p->names_room ? 2 * p->names_room : 64;
    path_name *more = realloc(p->names, room * sizeof *more);
    if (!more)
      return false;
    p->names = more;
    p->names_room = room;
  }
  path_name *fresh = &p->names[p->names_count];
  memset(fresh, 0, sizeof *fresh);
  memcpy(fresh->text, name, strnlen(name, NAME - 1));
  *number = (int32_t)p->names_count++;
  return true;
}

/* A star stands for any characters, a question mark for one. */
static bool fits(const char *pattern, const char *text)
{
  const char *star = NULL, *from = NULL;
  while (*text) {
    if (*pattern == '*') {
      star = pattern++;
      from = text;
    } else if (*pattern == '?' || *pattern == *text) {
      pattern++;
      text++;
    } else if (star) {
      pattern = star + 1;
      text = ++from;
    } else {
      return false;
    }
  }
  while (*pattern == '*')
    pattern++;
  return !*pattern;
}

static void fill(int32_t *number, int32_t with)
{
  if (*number == UNKNOWN)
    *number = with;
}

static bool apply(paths *p, const ingest_path_rule *rule, const ingest_inventory *inventory)
{
  ingest_path path;
  if (!number_of(p, rule->logger, &path.logger) || !number_of(p, rule->link, &path.link) || !number_of(p, rule->provider, &path.provider))
    return false;
  for (size_t i = 0; i < ingest_inventory_sensors(inventory); i++) {
    if (!fits(rule->stations, ingest_inventory_sensor(inventory, i)->site_code))
      continue;
    fill(&p->of[i].logger, path.logger);
    fill(&p->of[i].link, path.link);
    fill(&p->of[i].provider, path.provider);
  }
  return true;
}

static bool make_room(paths *p, size_t feeds)
{
  if (feeds <= p->feeds_count)
    return true;
  ingest_path *more = realloc(p->feeds, feeds * sizeof *more);
  if (!more)
    return false;
  for (size_t i = p->feeds_count; i < feeds; i++)
    more[i] = (ingest_path){UNKNOWN, UNKNOWN, UNKNOWN};
  p->feeds = more;
  p->feeds_count = feeds;
  return true;
}

bool paths_set_feed(paths *p, int32_t feed, const ingest_feed_path *path)
{
  if (feed < 0 || feed >= MOST_FEEDS || !make_room(p, (size_t)feed + 1))
    return false;
  ingest_path *of = &p->feeds[feed];
  return number_of(p, path->link, &of->link) && number_of(p, path->provider, &of->provider);
}

ingest_path paths_of(const paths *p, int32_t sensor, int32_t feed)
{
  ingest_path path = p->of[sensor];
  if (feed < 0 || (size_t)feed >= p->feeds_count)
    return path;
  fill(&path.link, p->feeds[feed].link);
  fill(&path.provider, p->feeds[feed].provider);
  return path;
}

const char *paths_name(const paths *p, int32_t number)
{
  return number < 0 || (size_t)number >= p->names_count ? "" : p->names[number].text;
}
