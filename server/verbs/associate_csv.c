/* Tables of stations and picks. */
#include "associate_csv.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"

enum { COLUMNS_MAXIMUM = 64, FAULTS_SHOWN = 20 };

/* A CSV file in memory, cut line by line; fields stay valid until the next line. */
typedef struct {
  const char *path;
  char *bytes, *at;
  size_t line, fields, faults;
  char *field[COLUMNS_MAXIMUM];
} table;

static bool table_open(table *t, const char *path);
static bool table_next(table *t);
static int column(const table *t, const char *name);
static bool columns(const table *t, const char *const *names, size_t needed, size_t all, int *found);
static const char *value(const table *t, int column);
static bool number(const char *text, double least, double most, double *number);
static void fault(table *t, const char *what, const char *found, const char *remedy);
static bool add_station(ingest_inventory *inventory, table *t, const int *columns);
static bool add_pick(associate_picks *picks, const ingest_inventory *inventory, table *t, const int *columns);
static int by_time(const void *a, const void *b);

ingest_inventory *associate_stations(const char *path)
{
  static const char *const names[] = {"network", "station", "latitude_deg", "longitude_deg", "elevation_m"};
  table t;
  int at[5];
  if (!table_open(&t, path))
    return NULL;
  ingest_inventory *inventory = columns(&t, names, 4, 5, at) ? ingest_inventory_create() : NULL;
  size_t stations = 0;
  while (inventory && table_next(&t))
    stations += add_station(inventory, &t, at);
  free(t.bytes);
  if (inventory && stations == 0) {
    fprintf(stderr, "%s: no station in it; rows of network,station,latitude_deg,longitude_deg are needed\n", path);
    ingest_inventory_destroy(inventory);
    return NULL;
  }
  if (inventory)
    ingest_inventory_seal(inventory, NULL, NULL);
  return inventory;
}

bool associate_read_picks(const char *path, const ingest_inventory *inventory, associate_picks *picks)
{
  static const char *const names[] = {"network", "station", "phase", "time_utc", "uncertainty_s", "snr"};
  table t;
  int at[6];
  *picks = (associate_picks){0};
  if (!table_open(&t, path))
    return false;
  bool done = columns(&t, names, 4, 6, at);
  while (done && table_next(&t))
    done = add_pick(picks, inventory, &t, at);
  if (t.faults > FAULTS_SHOWN)
    fprintf(stderr, "%s: %zu more lines like these\n", path, t.faults - FAULTS_SHOWN);
  picks->refused = t.faults;
  free(t.bytes);
  if (picks->count > 0)
    qsort(picks->items, picks->count, sizeof *picks->items, by_time);
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

static bool codes_of(const char *network, const char *station, ingest_codes *codes)
{
  *codes = (ingest_codes){.channel = "HHZ"};
  if (*station == '\0' || strlen(network) >= sizeof codes->network || strlen(station) >= sizeof codes->station)
    return false;
  strcpy(codes->network, network);
  strcpy(codes->station, station);
  return true;
}

static bool add_station(ingest_inventory *inventory, table *t, const int *at)
{
  ingest_codes codes;
  double latitude, longitude, elevation = 0;
  if (!codes_of(value(t, at[0]), value(t, at[1]), &codes))
    fault(t, "no station code", value(t, at[1]), "give network and station of 1 to 8 letters");
  else if (!number(value(t, at[2]), -90, 90, &latitude))
    fault(t, "no latitude", value(t, at[2]), "give degrees within -90..90");
  else if (!number(value(t, at[3]), -180, 180, &longitude))
    fault(t, "no longitude", value(t, at[3]), "give degrees within -180..180");
  else if (*value(t, at[4]) && !number(value(t, at[4]), -11000, 9000, &elevation))
    fault(t, "no elevation", value(t, at[4]), "give metres within -11000..9000, or nothing");
  else {
    const ingest_epoch epoch = {
        .start = INT64_MIN, .end = INT64_MAX, .gain = 1, .rate = 100, .azimuth_deg = 0, .dip_deg = -90, .unit = INGEST_UNIT_VELOCITY};
    return ingest_inventory_add_channel(inventory, &codes, latitude, longitude, elevation, 0, &epoch);
  }
  return false;
}

static bool grow(associate_picks *picks)
{
  if ((picks->count & (picks->count + 1)) != 0 && picks->count > 0)
    return true;
  associate_pick *more = realloc(picks->items, (2 * picks->count + 64) * sizeof *more);
  if (!more)
    fputs("tocsin associate: not enough memory for the picks\n", stderr);
  picks->items = more ? more : picks->items;
  return more != NULL;
}

/* False only when memory is short: a line that is no pick is said and left out. */
static bool add_pick(associate_picks *picks, const ingest_inventory *inventory, table *t, const int *at)
{
  const char *phase = value(t, at[2]), *time_text = value(t, at[3]);
  ingest_codes codes;
  int64_t time;
  int component;
  double uncertainty = 0.1, snr = 1;
  if (!codes_of(value(t, at[0]), value(t, at[1]), &codes))
    fault(t, "no station code", value(t, at[1]), "give network and station of 1 to 8 letters");
  else if ((*phase != 'P' && *phase != 'S') || phase[1] != '\0')
    fault(t, "no phase", phase, "give P or S");
  else if (!ingest_time_parse(time_text, &time) || time == INT64_MIN || time == INT64_MAX)
    fault(t, "no time", time_text, "give ISO 8601 in UTC, as 2019-07-06T03:19:53.04Z");
  else if (*value(t, at[4]) && !number(value(t, at[4]), 0, 60, &uncertainty))
    fault(t, "no uncertainty", value(t, at[4]), "give seconds within 0..60, or nothing");
  else if (*value(t, at[5]) && !number(value(t, at[5]), 0, 1e9, &snr))
    fault(t, "no signal-to-noise ratio", value(t, at[5]), "give a ratio of 0 or more, or nothing");
  else {
    int32_t sensor = ingest_inventory_find(inventory, &codes, &component);
    if (sensor < 0) {
      picks->unknown++;
      return true;
    }
    if (!grow(picks))
      return false;
    picks->items[picks->count++] = (associate_pick){
        {.sensor = sensor, .phase = *phase, .time = time, .uncertainty_s = (float)uncertainty, .snr = (float)snr, .data_until = time}, t->line};
  }
  return true;
}

/* ---- a table ---- */

static bool table_open(table *t, const char *path)
{
  size_t length;
  *t = (table){.path = path, .bytes = (char *)files_read(path, &length)};
  t->at = t->bytes;
  if (!t->bytes)
    fprintf(stderr, "tocsin associate: cannot read %s: %s\n", path, strerror(errno));
  else if (!table_next(t))
    fprintf(stderr, "%s: empty; a header line with the columns' names is needed\n", path);
  else
    return true;
  free(t->bytes);
  return false;
}

/* Cuts the next line that is not blank into its fields. */
static bool table_next(table *t)
{
  do {
    if (*t->at == '\0')
      return false;
    char *line = t->at, *end = line + strcspn(line, "\n");
    t->at = *end ? end + 1 : end;
    *end = '\0';
    if (end > line && end[-1] == '\r')
      end[-1] = '\0';
    t->line++;
    t->fields = 0;
    for (char *field = line; field && t->fields < COLUMNS_MAXIMUM;) {
      t->field[t->fields++] = field;
      field = strchr(field, ',');
      if (field)
        *field++ = '\0';
    }
  } while (t->fields == 1 && t->field[0][0] == '\0');
  return true;
}

static int column(const table *t, const char *name)
{
  for (size_t i = 0; i < t->fields; i++)
    if (strcmp(t->field[i], name) == 0)
      return (int)i;
  return -1;
}

/* Where each name stands in the header that was just read, -1 for a missing one; false, said on stderr, if one of the needed is missing. */
static bool columns(const table *t, const char *const *names, size_t needed, size_t all, int *found)
{
  bool complete = true;
  for (size_t i = 0; i < all; i++) {
    found[i] = column(t, names[i]);
    if (found[i] >= 0 || i >= needed)
      continue;
    fprintf(stderr, "%s:1: no column `%s`; name it in the header\n", t->path, names[i]);
    complete = false;
  }
  return complete;
}

static const char *value(const table *t, int at)
{
  return at >= 0 && (size_t)at < t->fields ? t->field[at] : "";
}

static bool number(const char *text, double least, double most, double *number)
{
  char *end;
  *number = strtod(text, &end);
  return end != text && *end == '\0' && *number >= least && *number <= most;
}

static void fault(table *t, const char *what, const char *found, const char *remedy)
{
  if (t->faults++ < FAULTS_SHOWN)
    fprintf(stderr, "%s:%zu: %s: `%.60s`; %s\n", t->path, t->line, what, found, remedy);
}
