#include "sds.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "files.h"
#include "ingest.h"

enum { LEVELS = 3, PATH_TEXT = 4096, DAYS_MAXIMUM = 40000 };
static const int64_t day_ns = 86400 * INGEST_SECOND, longest_record_ns = 3600 * INGEST_SECOND;

typedef struct {
  char **items; /* ended by NULL */
  size_t count, room;
  char day[16]; /* ".2019.187": the end of the names wanted */
} listing;

static bool add(listing *l, const char *path)
{
  if (l->count + 1 >= l->room) {
    size_t room = l->room ? 2 * l->room : 64;
    char **grown = realloc(l->items, room * sizeof *grown);
    if (!grown)
      return false;
    l->items = grown;
    l->room = room;
  }
  l->items[l->count] = strdup(path);
  l->items[l->count + 1] = NULL;
  return l->items[l->count++] != NULL;
}

/* alphasort() would follow the locale. */
static int bytewise(const struct dirent **a, const struct dirent **b)
{
  return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_shown(const struct dirent *entry)
{
  return entry->d_name[0] != '.';
}

static bool is_wanted(const listing *l, const char *name)
{
  size_t length = strlen(name), end = strlen(l->day);
  return length > end && strcmp(name + length - end, l->day) == 0;
}

static bool walk(listing *l, const char *folder, int levels);

static bool take_entry(listing *l, const char *folder, const char *name, int levels)
{
  char path[PATH_TEXT];
  if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
    return true; /* no archive nests so deep */
  if (levels > 0)
    return walk(l, path, levels - 1);
  return !is_wanted(l, name) || add(l, path);
}

/* Networks, stations, channels, then files. What is no folder where one belongs is passed over. */
static bool walk(listing *l, const char *folder, int levels)
{
  struct dirent **entries;
  int count = scandir(folder, &entries, is_shown, bytewise);
  bool good = true;
  for (int i = 0; i < count; i++) {
    good = good && take_entry(l, folder, entries[i]->d_name, levels);
    free(entries[i]);
  }
  if (count >= 0)
    free(entries);
  return good;
}

static bool list_day(listing *l, const char *root, int64_t day)
{
  char folder[PATH_TEXT];
  time_t at = (time_t)(day * (day_ns / INGEST_SECOND));
  struct tm utc;
  gmtime_r(&at, &utc);
  snprintf(l->day, sizeof l->day, ".%04u.%03u", (unsigned)(utc.tm_year + 1900) % 10000, (unsigned)(utc.tm_yday + 1) % 1000);
  if (snprintf(folder, sizeof folder, "%s/%04u", root, (unsigned)(utc.tm_year + 1900) % 10000) >= (int)sizeof folder)
    return true;
  return walk(l, folder, LEVELS);
}

char **sds_list(const char *root, int64_t from, int64_t until)
{
  listing l = {0};
  int64_t first = (from - longest_record_ns) / day_ns, last = (until - 1) / day_ns;
  if (from < 0 || until <= from || last - first > DAYS_MAXIMUM) {
    errno = EINVAL;
    return NULL;
  }
  bool good = true;
  for (int64_t day = first; day <= last && good; day++)
    good = list_day(&l, root, day);
  if (good && l.count > 0)
    return l.items;
  if (l.items)
    files_list_free(l.items);
  errno = good ? ENOENT : ENOMEM;
  return NULL;
}
