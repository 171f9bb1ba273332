#include "record_keeper.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "log.h"
#include "record_segment.h"
#include "record_text.h"

/* A segment lasts an hour at most, so a text that was in force during it bears a time not much older than the segment's own. */
static const int64_t day_ns = 86400 * INGEST_SECOND;
static const double mib = 1 << 20;

typedef char path_text[RECORD_PATH_TEXT];

static const char *base_of(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

/* ---- windows ---- */

static record_window *window_of(record_keeper *k, const char *id)
{
  for (size_t i = 0; i < RECORD_WINDOWS; i++)
    if (strcmp(k->windows[i].id, id) == 0)
      return &k->windows[i];
  return NULL;
}

static record_window *add_window(record_keeper *k, const char *id, int64_t since, int64_t until)
{
  record_window *w = &k->windows[k->windows_count++ % RECORD_WINDOWS];
  *w = (record_window){.since = since, .until = until};
  snprintf(w->id, sizeof w->id, "%s", id);
  return w;
}

static void window_path(const record_keeper *k, const char *id, const char *name, path_text path)
{
  snprintf(path, RECORD_PATH_TEXT, "%s/events/%s%s%s", k->settings->folder, id, *name ? "/" : "", name);
}

static void write_window(const record_keeper *k, const record_window *w)
{
  path_text path;
  char since[INGEST_TIME_TEXT], until[INGEST_TIME_TEXT];
  window_path(k, w->id, "", path);
  mkdir(path, 0750);
  window_path(k, w->id, "window", path);
  FILE *file = fopen(path, "we");
  bool good = file && fprintf(file, "%s %s\n", ingest_time_format(w->since, since), ingest_time_format(w->until, until)) > 0;
  if (file && fclose(file) != 0)
    good = false;
  if (!good)
    log_line(4, "%s: %s: after a restart no more is kept of this event", path, strerror(errno));
}

static void read_window(record_keeper *k, const char *folder)
{
  path_text path;
  char since[INGEST_TIME_TEXT + 1], until[INGEST_TIME_TEXT + 1];
  int64_t from, to;
  window_path(k, base_of(folder), "window", path);
  FILE *file = fopen(path, "re");
  if (file && fscanf(file, "%28s %28s", since, until) == 2 && ingest_time_parse(since, &from) && ingest_time_parse(until, &to))
    add_window(k, base_of(folder), from, to);
  if (file)
    fclose(file);
}

void record_keeper_start(record_keeper *k, const recorder_settings *s)
{
  path_text path;
  *k = (record_keeper){.settings = s};
  window_path(k, "", "", path);
  char **folders = files_list(path, "");
  for (char **folder = folders; folder && *folder; folder++)
    read_window(k, *folder);
  files_list_free(folders);
}

/* ---- keeping ---- */

static void keep(const record_keeper *k, const record_window *w, const char *segment)
{
  path_text path;
  window_path(k, w->id, base_of(segment), path);
  if (link(segment, path) != 0 && errno != EEXIST)
    log_line(4, "%s is not kept for the event %s: %s", segment, w->id, strerror(errno));
}

/* The closed segments in order of their names, that is of time. */
static char **list_segments(const record_keeper *k)
{
  char **list = files_list(k->settings->folder, RECORD_SUFFIX);
  size_t n = 0;
  for (char **file = list; file && *file; file++)
    if (strcmp(base_of(*file), RECORD_CURRENT) != 0)
      list[n++] = *file;
    else
      free(*file);
  if (list)
    list[n] = NULL;
  return list;
}

void record_keeper_event(record_keeper *k, const char *id, int64_t origin, int64_t closed_until)
{
  const recorder_settings *s = k->settings;
  if (window_of(k, id) || strchr(id, '/') || id[0] == '.' || id[0] == '\0')
    return;
  record_window *w = add_window(k, id, origin - (int64_t)(s->keep_before_s * 1e9), origin + (int64_t)(s->keep_after_s * 1e9));
  char **list = list_segments(k);
  write_window(k, w);
  for (char **file = list; file && *file; file++) {
    int64_t first, next = closed_until;
    if (!record_name_time(base_of(*file), &first) || (file[1] && !record_name_time(base_of(file[1]), &next)))
      continue;
    if (first <= w->until && next >= w->since)
      keep(k, w, *file);
  }
  files_list_free(list);
}

/* ---- limits ---- */

static double size_of(const char *path, int64_t *modified)
{
  struct stat status;
  if (stat(path, &status) != 0)
    return 0;
  *modified = status.st_mtim.tv_sec * INGEST_SECOND;
  return (double)status.st_size / (double)status.st_nlink;
}

/* Deletes the oldest until the rest fits; returns when the oldest that stays was written. */
static int64_t limit_segments(const record_keeper *k, int64_t newest)
{
  char **list = list_segments(k);
  int64_t first, modified = 0, oldest = INT64_MAX;
  double total = 0;
  struct stat status;
  for (char **file = list; file && *file; file++)
    total += stat(*file, &status) == 0 ? (double)status.st_size : 0;
  for (char **file = list; file && *file; file++) {
    bool aged = record_name_time(base_of(*file), &first) && (double)(newest - first) > k->settings->limit_days * (double)day_ns;
    bool beyond = total + (double)k->settings->segment_mib * mib > (double)k->settings->limit_mib * mib;
    if (stat(*file, &status) != 0)
      continue;
    if ((aged || beyond) && unlink(*file) == 0) {
      total -= (double)status.st_size;
    } else {
      modified = status.st_mtim.tv_sec * INGEST_SECOND;
      oldest = modified < oldest ? modified : oldest;
    }
  }
  files_list_free(list);
  return oldest;
}

static void delete_folder(const char *path)
{
  char **files = files_list(path, "");
  for (char **file = files; file && *file; file++)
    unlink(*file);
  files_list_free(files);
  rmdir(path);
}

/* Segments that several events share count once in all. */
static double folder_size(const char *path, int64_t *oldest)
{
  double size = 0;
  char **files = files_list(path, RECORD_SUFFIX);
  for (char **file = files; file && *file; file++) {
    int64_t modified = INT64_MAX;
    size += size_of(*file, &modified);
    *oldest = modified < *oldest ? modified : *oldest;
  }
  files_list_free(files);
  return size;
}

/* Ids begin with their origin, so that names are in order of time. The newest event stays. */
static int64_t limit_events(const record_keeper *k)
{
  path_text path;
  int64_t oldest = INT64_MAX;
  double total = 0, limit = (double)k->settings->events_limit_mib * mib;
  window_path(k, "", "", path);
  char **folders = files_list(path, "");
  size_t n = 0;
  while (folders && folders[n])
    n++;
  for (size_t i = n; i-- > 0;) {
    int64_t here = INT64_MAX;
    total += folder_size(folders[i], &here);
    if (total > limit && i + 1 < n)
      delete_folder(folders[i]);
    else
      oldest = here < oldest ? here : oldest;
  }
  files_list_free(folders);
  return oldest;
}

void record_keeper_closed(record_keeper *k, const char *path, int64_t first, int64_t last)
{
  for (size_t i = 0; i < RECORD_WINDOWS; i++)
    if (*k->windows[i].id && first <= k->windows[i].until && last >= k->windows[i].since)
      keep(k, &k->windows[i], path);
  int64_t oldest_segment = limit_segments(k, first), oldest_event = limit_events(k);
  int64_t oldest = oldest_segment < oldest_event ? oldest_segment : oldest_event;
  if (oldest < INT64_MAX)
    record_text_clean(k->settings->folder, oldest - day_ns);
}
