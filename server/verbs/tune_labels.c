#include "tune_labels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csv_table.h"

static const int64_t slack_ns = INGEST_SECOND;

static int compare(const void *a, const void *b)
{
  const tune_window *x = a, *y = b;
  int order = strcmp(x->network, y->network);
  if (order == 0)
    order = strcmp(x->station, y->station);
  return order ? order : (x->start > y->start) - (x->start < y->start);
}

/* A number of samples, or nothing: -1 or an empty field. */
static bool read_sample(const char *text, double *sample)
{
  *sample = NAN;
  return *text == '\0' || strcmp(text, "-1") == 0 || csv_number(text, 0, 1e9, sample);
}

enum { NETWORK, STATION, P_SAMPLE, WINDOW_START, START, S_SAMPLE, RATE, COLUMNS };

static bool read_line(csv_table *t, const int *at, tune_window *w)
{
  const char *start = csv_value(t, at[at[WINDOW_START] >= 0 ? WINDOW_START : START]), *rate = csv_value(t, at[RATE]);
  *w = (tune_window){0};
  int network = snprintf(w->network, sizeof w->network, "%s", csv_value(t, at[NETWORK]));
  int station = snprintf(w->station, sizeof w->station, "%s", csv_value(t, at[STATION]));
  if (network >= (int)sizeof w->network || station <= 0 || station >= (int)sizeof w->station)
    csv_fault(t, "no station code", csv_value(t, at[STATION]), "give network and station of 1 to 8 letters");
  else if (!ingest_time_parse(start, &w->start) || w->start == INT64_MIN || w->start == INT64_MAX)
    csv_fault(t, "no time", start, "give ISO 8601 in UTC, as 2019-07-06T03:19:53.04Z");
  else if (!read_sample(csv_value(t, at[P_SAMPLE]), &w->p_sample))
    csv_fault(t, "no sample", csv_value(t, at[P_SAMPLE]), "give the P's sample, counted from 0 at the window's start, or nothing: all is noise");
  else if (!read_sample(csv_value(t, at[S_SAMPLE]), &w->s_sample))
    csv_fault(t, "no sample", csv_value(t, at[S_SAMPLE]), "give the S's sample, counted from 0 at the window's start, or nothing: not known");
  else if (*rate && !csv_number(rate, 1e-3, 1e6, &w->rate))
    csv_fault(t, "no rate", rate, "give samples a second, or nothing: the recording's");
  else
    return true;
  return false;
}

static bool append(tune_labels *labels, const tune_window *w)
{
  if ((labels->count & (labels->count + 1)) == 0 || labels->count == 0) {
    tune_window *more = realloc(labels->items, (2 * labels->count + 64) * sizeof *more);
    if (!more)
      return false;
    labels->items = more;
  }
  labels->items[labels->count++] = *w;
  return true;
}

bool tune_labels_read(const char *path, tune_labels *labels)
{
  static const char *const names[COLUMNS] = {"network", "station", "p_sample", "window_start_utc", "start_utc", "s_sample", "rate_hz"};
  csv_table t;
  int at[COLUMNS];
  tune_window w;
  *labels = (tune_labels){0};
  if (!csv_open(&t, "pick", path))
    return false;
  bool good = csv_columns(&t, names, P_SAMPLE + 1, COLUMNS, at);
  if (good && at[WINDOW_START] < 0 && at[START] < 0)
    good = csv_columns(&t, names, WINDOW_START + 1, WINDOW_START + 1, at);
  while (good && csv_next(&t))
    if (read_line(&t, at, &w))
      good = append(labels, &w);
  labels->refused = t.faults;
  csv_close(&t);
  if (good && labels->count == 0)
    fprintf(stderr, "%s: no window in it; rows of network,station,window_start_utc,p_sample are needed\n", path);
  if (labels->count > 0)
    qsort(labels->items, labels->count, sizeof *labels->items, compare);
  return good && labels->count > 0;
}

void tune_labels_free(tune_labels *labels)
{
  free(labels->items);
  *labels = (tune_labels){0};
}

/* The last window of that station that begins by `time`. */
static tune_window *window_at(const tune_labels *labels, const char *network, const char *station, int64_t time)
{
  tune_window key = {.start = time};
  snprintf(key.network, sizeof key.network, "%s", network);
  snprintf(key.station, sizeof key.station, "%s", station);
  size_t low = 0, high = labels->count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (compare(&labels->items[middle], &key) <= 0)
      low = middle + 1;
    else
      high = middle;
  }
  tune_window *w = low > 0 ? &labels->items[low - 1] : NULL;
  return w && strcmp(w->network, network) == 0 && strcmp(w->station, station) == 0 ? w : NULL;
}

static int64_t sample_time(const tune_window *w, double sample)
{
  return isnan(sample) ? 0 : w->start + llround(sample / w->rate * 1e9);
}

bool tune_labels_match(tune_labels *labels, const archive *a)
{
  for (size_t i = 0; i < archive_count(a); i++) {
    const ingest_record *r = &archive_at(a, i)->record;
    tune_window *w = window_at(labels, r->codes.network, r->codes.station, r->start + slack_ns);
    if (!w || r->rate <= 0)
      continue;
    int64_t end = r->start + llround((double)r->samples / r->rate * 1e9);
    bool follows = w->end == 0 ? r->start - w->start <= slack_ns : r->start - w->end <= slack_ns;
    w->rate = w->rate > 0 ? w->rate : r->rate;
    w->end = follows && end > w->end ? end : w->end;
  }
  labels->silent = 0;
  for (size_t i = 0; i < labels->count; i++) {
    tune_window *w = &labels->items[i];
    labels->silent += w->end == 0;
    w->p = w->end ? sample_time(w, w->p_sample) : 0;
    w->s = w->end ? sample_time(w, w->s_sample) : 0;
  }
  if (labels->silent == labels->count)
    fputs("tocsin pick: none of the labels' windows is in the recordings; do network, station and window_start_utc agree?\n", stderr);
  return labels->silent < labels->count;
}
