/* Tables of stations and of true events. */
#define _GNU_SOURCE /* tdestroy */
#include "associate_csv.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csv_table.h"

static bool add_station(ingest_inventory *inventory, csv_table *t, const int *at, void **known);
static bool add_truth(associate_truths *truths, csv_table *t, const int *at);
static int by_origin_time(const void *a, const void *b);

ingest_inventory *associate_stations(const char *path)
{
  static const char *const names[] = {"network", "station", "latitude_deg", "longitude_deg", "elevation_m"};
  csv_table t;
  int at[5];
  if (!csv_open(&t, "associate", path))
    return NULL;
  bool named = csv_columns(&t, names, 4, 5, at);
  ingest_inventory *inventory = named ? ingest_inventory_create() : NULL;
  size_t stations = 0;
  void *known = NULL;
  while (inventory && csv_next(&t))
    stations += add_station(inventory, &t, at, &known);
  tdestroy(known, free);
  csv_close(&t);
  if (inventory && stations == 0) {
    fprintf(stderr, "%s: no station in it; rows of network,station,latitude_deg,longitude_deg are needed\n", path);
    ingest_inventory_destroy(inventory);
    return NULL;
  }
  if (inventory)
    ingest_inventory_seal(inventory, NULL, NULL);
  return inventory;
}

static bool is_code(const char *text, size_t room)
{
  size_t length = strlen(text);
  return length < room && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") == length;
}

bool associate_codes(csv_table *t, int network_column, int station_column, ingest_codes *codes)
{
  const char *network = csv_value(t, network_column), *station = csv_value(t, station_column);
  *codes = (ingest_codes){.channel = "HHZ"};
  if (*station && is_code(network, sizeof codes->network) && is_code(station, sizeof codes->station)) {
    strcpy(codes->network, network);
    strcpy(codes->station, station);
    return true;
  }
  csv_fault(t, "no station code", station, "give network and station of letters and digits, at most 8");
  return false;
}

static int by_codes(const void *a, const void *b)
{
  const ingest_codes *x = a, *y = b;
  int order = strcmp(x->network, y->network);
  return order != 0 ? order : strcmp(x->station, y->station);
}

/* False if that station is in the tree already, or memory is short. */
static bool is_new(void **known, const ingest_codes *codes)
{
  ingest_codes *kept = malloc(sizeof *kept);
  if (!kept)
    return false;
  *kept = *codes;
  ingest_codes **there = tsearch(kept, known, by_codes);
  bool added = there && *there == kept;
  if (!added)
    free(kept);
  return added;
}

static bool add_station(ingest_inventory *inventory, csv_table *t, const int *at, void **known)
{
  const ingest_epoch epoch = {.start = INT64_MIN, .end = INT64_MAX, .gain = 1, .rate = 100, .dip_deg = -90, .unit = INGEST_UNIT_VELOCITY};
  const char *latitude_text = csv_value(t, at[2]), *longitude_text = csv_value(t, at[3]);
  const char *elevation_text = csv_value(t, at[4]);
  ingest_codes codes;
  double latitude, longitude, elevation = 0;
  if (!associate_codes(t, at[0], at[1], &codes))
    return false;
  if (!csv_number(latitude_text, -90, 90, &latitude))
    csv_fault(t, "no latitude", latitude_text, "give degrees within -90..90");
  else if (!csv_number(longitude_text, -180, 180, &longitude))
    csv_fault(t, "no longitude", longitude_text, "give degrees within -180..180");
  else if (*elevation_text && !csv_number(elevation_text, -11000, 9000, &elevation))
    csv_fault(t, "no elevation", elevation_text, "give metres within -11000..9000, or nothing");
  else if (!is_new(known, &codes))
    csv_fault(t, "this station was there before", codes.station, "keep one line of it");
  else
    return ingest_inventory_add_channel(inventory, &codes, latitude, longitude, elevation, 0, &epoch);
  return false;
}

bool associate_read_truths(const char *path, associate_truths *truths)
{
  static const char *const names[] = {"origin_time_utc", "latitude_deg", "longitude_deg", "n_phases"};
  csv_table t;
  int at[4];
  *truths = (associate_truths){0};
  if (!csv_open(&t, "associate", path))
    return false;
  bool done = csv_columns(&t, names, 3, 4, at);
  while (done && csv_next(&t))
    done = add_truth(truths, &t, at);
  csv_close(&t);
  if (truths->count > 0)
    qsort(truths->items, truths->count, sizeof *truths->items, by_origin_time);
  else if (done)
    fprintf(stderr, "%s: no earthquake in it; rows of origin_time_utc,latitude_deg,longitude_deg are needed\n", path);
  return done && truths->count > 0;
}

/* False only when memory is short. */
static bool add_truth(associate_truths *truths, csv_table *t, const int *at)
{
  const char *time_text = csv_value(t, at[0]), *phases = csv_value(t, at[3]);
  associate_truth e = {0};
  if (!ingest_time_parse(time_text, &e.origin_time))
    csv_fault(t, "no time", time_text, "give ISO 8601 in UTC, as 2019-07-06T03:19:53.04Z");
  else if (!csv_number(csv_value(t, at[1]), -90, 90, &e.latitude_deg))
    csv_fault(t, "no latitude", csv_value(t, at[1]), "give degrees within -90..90");
  else if (!csv_number(csv_value(t, at[2]), -180, 180, &e.longitude_deg))
    csv_fault(t, "no longitude", csv_value(t, at[2]), "give degrees within -180..180");
  else if (*phases && !csv_number(phases, 0, 1e6, &e.phases))
    csv_fault(t, "no number of phases", phases, "give a number of 0 or more, or nothing");
  else {
    associate_truth *more = truths->count % 256 == 0 ? realloc(truths->items, (truths->count + 256) * sizeof *more) : truths->items;
    if (!more) {
      fputs("tocsin associate: not enough memory\n", stderr);
      return false;
    }
    truths->items = more;
    truths->items[truths->count++] = e;
  }
  return true;
}

static int by_origin_time(const void *a, const void *b)
{
  const associate_truth *x = a, *y = b;
  if (x->origin_time != y->origin_time)
    return x->origin_time < y->origin_time ? -1 : 1;
  if (x->latitude_deg != y->latitude_deg)
    return x->latitude_deg < y->latitude_deg ? -1 : 1;
  return (x->longitude_deg > y->longitude_deg) - (x->longitude_deg < y->longitude_deg);
}
