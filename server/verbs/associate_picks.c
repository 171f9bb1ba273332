/* The table of picks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "associate_csv.h"
#include "csv_table.h"

enum { NETWORK, STATION, PHASE, TIME, NEEDED, UNCERTAINTY = NEEDED, SNR, POLARITY, PD, WINDOW, NOISE, DISPLACEMENT, WOOD_ANDERSON, COLUMNS };
static const char *const names[COLUMNS] = {"network",  "station", "phase",    "time_utc",   "uncertainty_s",  "snr",
                                           "polarity", "pd_m",    "window_s", "noise_pd_m", "displacement_m", "wood_anderson_mm"};
static const char *const reals_name = "amplitude_mm_wood_anderson"; /* as tables made for REAL (Zhang et al. 2019) have it */

/* A pick of a station that has no coordinates. */
typedef struct {
  ingest_codes codes;
  size_t line;
} stranger;

typedef struct {
  csv_table table;
  int at[COLUMNS];
  const ingest_inventory *inventory;
  associate_picks *picks;
  stranger *strangers;
  size_t strangers_count;
} reading;

static bool add_pick(reading *r);
static void name_strangers(reading *r);
static void drop_doubles(reading *r);
static void drop_far_away(reading *r);
static int by_time(const void *a, const void *b);

bool associate_read_picks(const char *path, const ingest_inventory *inventory, associate_picks *picks)
{
  reading r = {.inventory = inventory, .picks = picks};
  *picks = (associate_picks){0};
  if (!csv_open(&r.table, "associate", path))
    return false;
  bool done = csv_columns(&r.table, names, NEEDED, COLUMNS, r.at);
  if (r.at[WOOD_ANDERSON] < 0)
    csv_columns(&r.table, &reals_name, 0, 1, &r.at[WOOD_ANDERSON]);
  while (done && csv_next(&r.table))
    done = add_pick(&r);
  if (picks->count > 0)
    qsort(picks->items, picks->count, sizeof *picks->items, by_time);
  drop_far_away(&r);
  drop_doubles(&r);
  name_strangers(&r);
  picks->refused = r.table.faults;
  csv_close(&r.table);
  free(r.strangers);
  for (size_t i = 0; i < picks->count; i++)
    picks->items[i].pick.id = ((uint64_t)picks->items[i].pick.sensor << 32) + i + 1;
  return done;
}

static int by_time(const void *a, const void *b)
{
  const associate_pick *x = a, *y = b;
  if (x->pick.time != y->pick.time)
    return x->pick.time < y->pick.time ? -1 : 1;
  return (x->line > y->line) - (x->line < y->line);
}

/* ---- a line ---- */

/* An optional number: left as it is where the field is empty. */
static bool read_number(reading *r, int column, double most, const char *remedy, float *number)
{
  const char *text = csv_value(&r->table, r->at[column]);
  double value;
  if (*text == '\0')
    return true;
  if (!csv_number(text, 0, most, &value)) {
    char what[64];
    snprintf(what, sizeof what, "no %s", names[column]);
    csv_fault(&r->table, what, text, remedy);
    return false;
  }
  *number = (float)value;
  return true;
}

static bool read_measures(reading *r, associate_pick *p)
{
  p->pick.uncertainty_s = 0.1F;
  p->pick.snr = 1;
  p->window_s = 3;
  return read_number(r, UNCERTAINTY, 60, "give seconds within 0..60, or nothing", &p->pick.uncertainty_s) &&
         read_number(r, SNR, 1e9, "give a ratio of 0 or more, or nothing", &p->pick.snr) &&
         read_number(r, PD, 100, "give metres within 0..100, or nothing", &p->pd_m) &&
         read_number(r, WINDOW, 60, "give seconds within 0..60, or nothing", &p->window_s) &&
         read_number(r, NOISE, 100, "give metres within 0..100, or nothing", &p->noise_pd_m) &&
         read_number(r, DISPLACEMENT, 100, "give metres within 0..100, or nothing", &p->displacement_m) &&
         read_number(r, WOOD_ANDERSON, 1e7, "give millimetres of 0 or more, or nothing", &p->wood_anderson_mm);
}

/* As `tocsin pick`, agencies' tables and QuakeML write it. */
static bool read_polarity(const char *text, int8_t *polarity)
{
  static const struct {
    const char *text;
    int8_t sign;
  } known[] = {{"", 0}, {"up", 1}, {"down", -1}, {"U", 1}, {"D", -1}, {"+", 1}, {"-", -1}, {"positive", 1}, {"negative", -1}, {"undecidable", 0}};
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
    if (strcmp(text, known[i].text) == 0) {
      *polarity = known[i].sign;
      return true;
    }
  return false;
}

static bool read_pick(reading *r, associate_pick *p)
{
  csv_table *t = &r->table;
  const char *phase = csv_value(t, r->at[PHASE]), *time = csv_value(t, r->at[TIME]);
  const char *polarity = csv_value(t, r->at[POLARITY]);
  if ((*phase != 'P' && *phase != 'S') || phase[1] != '\0')
    csv_fault(t, "no phase", phase, "give P or S");
  else if (!ingest_time_parse(time, &p->pick.time) || p->pick.time == INT64_MIN || p->pick.time == INT64_MAX)
    csv_fault(t, "no time", time, "give ISO 8601 in UTC, as 2019-07-06T03:19:53.04Z");
  else if (!read_polarity(polarity, &p->pick.polarity))
    csv_fault(t, "no polarity", polarity, "give up or down (U or D, + or -), or nothing");
  else if (read_measures(r, p)) {
    p->pick.phase = *phase;
    p->pick.data_until = p->pick.time;
    return true;
  }
  return false;
}

/* Room for one more; arrays grow by doubling. */
static void *grown(void *items, size_t count, size_t size)
{
  if (count > 0 && (count < 256 || (count & (count - 1)) != 0))
    return items;
  void *more = realloc(items, (count < 256 ? 256 : 2 * count) * size);
  if (!more)
    fputs("tocsin associate: not enough memory\n", stderr);
  return more;
}

static bool keep_stranger(reading *r, const ingest_codes *codes)
{
  stranger *more = grown(r->strangers, r->strangers_count, sizeof *more);
  if (!more)
    return false;
  r->strangers = more;
  r->strangers[r->strangers_count++] = (stranger){*codes, r->table.line};
  return true;
}

/* False only when memory is short: a line that is no pick is said and left out. */
static bool add_pick(reading *r)
{
  associate_pick pick = {.line = r->table.line};
  ingest_codes codes;
  int component;
  if (!associate_codes(&r->table, r->at[NETWORK], r->at[STATION], &codes) || !read_pick(r, &pick))
    return true;
  pick.pick.sensor = ingest_inventory_find(r->inventory, &codes, &component);
  if (pick.pick.sensor < 0)
    return keep_stranger(r, &codes);
  associate_pick *more = grown(r->picks->items, r->picks->count, sizeof *more);
  if (!more)
    return false;
  r->picks->items = more;
  r->picks->items[r->picks->count++] = pick;
  return true;
}

/* ---- the whole ---- */

static int by_codes(const void *a, const void *b)
{
  const stranger *x = a, *y = b;
  int order = strcmp(x->codes.network, y->codes.network);
  if (order == 0)
    order = strcmp(x->codes.station, y->codes.station);
  return order != 0 ? order : (x->line > y->line) - (x->line < y->line);
}

/* Each once, with the first line that names it and how many do. */
static void name_strangers(reading *r)
{
  if (r->strangers_count > 0)
    qsort(r->strangers, r->strangers_count, sizeof *r->strangers, by_codes);
  for (size_t i = 0, next; i < r->strangers_count; i = next) {
    const stranger *s = &r->strangers[i];
    for (next = i + 1; next < r->strangers_count && strcmp(s->codes.network, r->strangers[next].codes.network) == 0 &&
                       strcmp(s->codes.station, r->strangers[next].codes.station) == 0;)
      next++;
    fprintf(stderr, "%s:%zu: station %s.%s is not in the table of stations; its picks are left out (%zu); add its coordinates there\n", r->table.path,
            s->line, s->codes.network, s->codes.station, next - i);
  }
  r->picks->unknown = r->strangers_count;
}

static void say_dropped(reading *r, const associate_pick *p, const char *what, const char *remedy)
{
  char time[INGEST_TIME_TEXT];
  r->table.line = p->line;
  csv_fault(&r->table, what, ingest_time_format(p->pick.time, time), remedy);
}

/* Years from all others, and too few to be an earthquake's: a mistyped date. */
static void drop_far_away(reading *r)
{
  const double far = 366 * 86400e9;
  const size_t few = 4;
  associate_pick *items = r->picks->items;
  size_t kept = 0, all = r->picks->count;
  for (size_t i = 0, next; i < all; i = next) {
    for (next = i + 1; next < all && (double)items[next].pick.time - (double)items[next - 1].pick.time <= far;)
      next++;
    bool drops = next - i < few && next - i < all;
    for (size_t k = i; k < next; k++)
      if (drops)
        say_dropped(r, &items[k], "a time years from all others", "correct its date");
      else
        items[kept++] = items[k];
  }
  r->picks->count = kept;
}

/* The same station's same phase within 10 ms, as where files overlap. */
static void drop_doubles(reading *r)
{
  const int64_t same = INGEST_SECOND / 100;
  size_t sensors = ingest_inventory_sensors(r->inventory), kept = 0;
  size_t *last = calloc(2 * sensors + 1, sizeof *last); /* 1 + index of a sensor's last P and S */
  associate_pick *items = r->picks->items;
  for (size_t i = 0; last && i < r->picks->count; i++) {
    size_t *before = &last[2 * (size_t)items[i].pick.sensor + (items[i].pick.phase == 'S')];
    if (*before > 0 && items[i].pick.time - items[*before - 1].pick.time <= same) {
      say_dropped(r, &items[i], "this pick was there before", "keep one line of it");
      continue;
    }
    items[kept++] = items[i];
    *before = kept;
  }
  if (last)
    r->picks->count = kept;
  free(last);
}
