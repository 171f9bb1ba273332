#include "scan_output.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include <jansson.h>

enum { CELL = 96 };

typedef struct {
  const scan *scan;
  const ingest_inventory *inventory;
  const scan_channel *channel;
} row;

typedef void fill_cell(const row *r, char cell[CELL]);

static void put_network(const row *r, char cell[CELL]);
static void put_station(const row *r, char cell[CELL]);
static void put_location(const row *r, char cell[CELL]);
static void put_channel(const row *r, char cell[CELL]);
static void put_start(const row *r, char cell[CELL]);
static void put_end(const row *r, char cell[CELL]);
static void put_rate(const row *r, char cell[CELL]);
static void put_encoding(const row *r, char cell[CELL]);
static void put_record_bytes(const row *r, char cell[CELL]);
static void put_records(const row *r, char cell[CELL]);
static void put_samples(const row *r, char cell[CELL]);
static void put_gaps(const row *r, char cell[CELL]);
static void put_gap_s(const row *r, char cell[CELL]);
static void put_overlaps(const row *r, char cell[CELL]);
static void put_overlap_s(const row *r, char cell[CELL]);
static void put_minimum(const row *r, char cell[CELL]);
static void put_maximum(const row *r, char cell[CELL]);
static void put_mean(const row *r, char cell[CELL]);
static void put_undecodable(const row *r, char cell[CELL]);
static void put_inventory(const row *r, char cell[CELL]);

enum { TEXT, NUMBER, TEXT_OR_NUMBERS };
enum { ALWAYS, WITH_SAMPLES, WITH_INVENTORY };

static const struct {
  const char *name;
  fill_cell *fill;
  int kind, when;
} columns[] = {
    {"network", put_network, TEXT, ALWAYS},
    {"station", put_station, TEXT, ALWAYS},
    {"location", put_location, TEXT, ALWAYS},
    {"channel", put_channel, TEXT, ALWAYS},
    {"start_utc", put_start, TEXT, ALWAYS},
    {"end_utc", put_end, TEXT, ALWAYS},
    {"rate_hz", put_rate, TEXT_OR_NUMBERS, ALWAYS},
    {"encoding", put_encoding, TEXT, ALWAYS},
    {"record_bytes", put_record_bytes, TEXT_OR_NUMBERS, ALWAYS},
    {"records", put_records, NUMBER, ALWAYS},
    {"samples", put_samples, NUMBER, ALWAYS},
    {"gaps", put_gaps, NUMBER, ALWAYS},
    {"gap_s", put_gap_s, NUMBER, ALWAYS},
    {"overlaps", put_overlaps, NUMBER, ALWAYS},
    {"overlap_s", put_overlap_s, NUMBER, ALWAYS},
    {"minimum", put_minimum, NUMBER, WITH_SAMPLES},
    {"maximum", put_maximum, NUMBER, WITH_SAMPLES},
    {"mean", put_mean, NUMBER, WITH_SAMPLES},
    {"undecodable", put_undecodable, NUMBER, WITH_SAMPLES},
    {"inventory", put_inventory, TEXT, WITH_INVENTORY},
};
enum { COLUMNS = sizeof columns / sizeof *columns };

static bool is_shown(size_t column, const scan *s, const ingest_inventory *inventory)
{
  return columns[column].when == ALWAYS || (columns[column].when == WITH_SAMPLES ? s->samples : inventory != NULL);
}

/* ---- the three forms ---- */

static void put_padded(FILE *out, const char *text, size_t width, int kind, bool is_last)
{
  if (kind == TEXT)
    fprintf(out, "%-*s", is_last ? 0 : (int)width, text);
  else
    fprintf(out, "%*s", (int)width, text);
  fputs(is_last ? "\n" : "  ", out);
}

static size_t last_column(const scan *s, const ingest_inventory *inventory)
{
  size_t last = COLUMNS - 1;
  while (!is_shown(last, s, inventory))
    last--;
  return last;
}

static size_t width_of(size_t column, const scan *s, const ingest_inventory *inventory)
{
  char cell[CELL];
  size_t width = strlen(columns[column].name);
  for (size_t i = 0; i < s->channel_count; i++) {
    columns[column].fill(&(row){s, inventory, s->channels[i]}, cell);
    width = strlen(cell) > width ? strlen(cell) : width;
  }
  return width;
}

bool scan_write_table(const scan *s, const ingest_inventory *inventory, FILE *out)
{
  char cell[CELL];
  size_t widths[COLUMNS], last = last_column(s, inventory);
  for (size_t k = 0; k <= last; k++) {
    widths[k] = width_of(k, s, inventory);
    if (is_shown(k, s, inventory))
      put_padded(out, columns[k].name, widths[k], columns[k].kind, k == last);
  }
  for (size_t i = 0; i < s->channel_count; i++)
    for (size_t k = 0; k <= last; k++) {
      columns[k].fill(&(row){s, inventory, s->channels[i]}, cell);
      if (is_shown(k, s, inventory))
        put_padded(out, cell, widths[k], columns[k].kind, k == last);
    }
  fputc('\n', out);
  scan_write_faults(s, out);
  fprintf(out, "%" PRIu64 " files, %" PRIu64 " bytes, %zu channels, %" PRIu64 " records, %" PRIu64 " samples, %zu kinds of fault\n", s->files,
          s->bytes, s->channel_count, s->records, s->values, s->fault_count);
  return fflush(out) == 0 && !ferror(out);
}

/* RFC 4180. No cell holds a comma, a quote or an end of line, so none needs quotes. */
bool scan_write_csv(const scan *s, const ingest_inventory *inventory, FILE *out)
{
  char cell[CELL];
  size_t last = last_column(s, inventory);
  for (size_t k = 0; k <= last; k++)
    if (is_shown(k, s, inventory))
      fprintf(out, "%s%s", columns[k].name, k == last ? "\r\n" : ",");
  for (size_t i = 0; i < s->channel_count; i++)
    for (size_t k = 0; k <= last; k++) {
      columns[k].fill(&(row){s, inventory, s->channels[i]}, cell);
      if (is_shown(k, s, inventory))
        fprintf(out, "%s%s", cell, k == last ? "\r\n" : ",");
    }
  return fflush(out) == 0 && !ferror(out);
}

static json_t *json_of(int kind, const char *cell)
{
  json_t *number = kind == TEXT || *cell == '\0' ? NULL : json_loads(cell, JSON_DECODE_ANY, NULL);
  if (number)
    return number;
  return kind == NUMBER ? json_null() : json_string(cell);
}

static void put_json(json_t *object, FILE *out)
{
  json_dumpf(object, out, JSON_COMPACT | JSON_REAL_PRECISION(15));
  fputc('\n', out);
  json_decref(object);
}

bool scan_write_json(const scan *s, const ingest_inventory *inventory, FILE *out)
{
  char cell[CELL];
  for (size_t i = 0; i < s->channel_count; i++) {
    json_t *object = json_object();
    for (size_t k = 0; k < COLUMNS; k++) {
      columns[k].fill(&(row){s, inventory, s->channels[i]}, cell);
      if (is_shown(k, s, inventory))
        json_object_set_new(object, columns[k].name, json_of(columns[k].kind, cell));
    }
    put_json(object, out);
  }
  for (size_t i = 0; i < s->fault_count; i++) {
    const scan_fault *fault = &s->faults[i];
    char codes[INGEST_CODES_TEXT] = "";
    if (fault->codes.station[0])
      ingest_codes_format(&fault->codes, codes);
    json_t *path = json_string(fault->path);
    put_json(json_pack("{s:o,s:I,s:s,s:s,s:I,s:I}", "file", path ? path : json_string("(its name is not UTF-8)"), "offset", (json_int_t)fault->offset,
                       "fault", fault->reason, "stream", codes, "count", (json_int_t)fault->count, "bytes", (json_int_t)fault->bytes),
             out);
  }
  return fflush(out) == 0 && !ferror(out);
}

void scan_write_faults(const scan *s, FILE *out)
{
  for (size_t i = 0; i < s->fault_count; i++) {
    const scan_fault *fault = &s->faults[i];
    char codes[INGEST_CODES_TEXT] = "";
    if (fault->codes.station[0])
      ingest_codes_format(&fault->codes, codes);
    fprintf(out, "%s: byte %" PRIu64 ": %s%s%s; %" PRIu64 " times, %" PRIu64 " bytes in all\n", fault->path, fault->offset, codes, *codes ? ": " : "",
            fault->reason, fault->count, fault->bytes);
  }
}

/* ---- cells ---- */

static void put_network(const row *r, char cell[CELL])
{
  strcpy(cell, r->channel->codes.network);
}

static void put_station(const row *r, char cell[CELL])
{
  strcpy(cell, r->channel->codes.station);
}

static void put_location(const row *r, char cell[CELL])
{
  strcpy(cell, r->channel->codes.location);
}

static void put_channel(const row *r, char cell[CELL])
{
  strcpy(cell, r->channel->codes.channel);
}

static void put_start(const row *r, char cell[CELL])
{
  ingest_time_format(r->channel->start, cell);
}

static void put_end(const row *r, char cell[CELL])
{
  ingest_time_format(r->channel->last, cell);
}

static void append(char cell[CELL], const char *word)
{
  size_t used = strlen(cell);
  snprintf(cell + used, CELL - used, "%s%s", used ? "/" : "", word);
}

static void put_rate(const row *r, char cell[CELL])
{
  char word[32];
  *cell = '\0';
  for (size_t i = 0; i < r->channel->rate_count; i++) {
    snprintf(word, sizeof word, "%.9g", i < SCAN_RATES ? r->channel->rates[i] : 0.0);
    append(cell, i < SCAN_RATES ? word : "more");
  }
}

static void put_encoding(const row *r, char cell[CELL])
{
  static const char *const names[64] = {
      [1] = "int16",       [3] = "int32",         [4] = "float32",       [5] = "float64", [10] = "steim1", [11] = "steim2",
      [12] = "geoscope24", [13] = "geoscope16.3", [14] = "geoscope16.4", [16] = "cdsn",   [30] = "sro",    [32] = "dwwssn"};
  char word[16];
  *cell = '\0';
  for (unsigned code = 0; code < 64; code++) {
    if (!(r->channel->encodings >> code & 1))
      continue;
    snprintf(word, sizeof word, "%u", code);
    append(cell, names[code] ? names[code] : word);
  }
}

static void put_record_bytes(const row *r, char cell[CELL])
{
  const scan_channel *c = r->channel;
  if (c->shortest == c->longest)
    snprintf(cell, CELL, "%zu", c->shortest);
  else
    snprintf(cell, CELL, "%zu..%zu", c->shortest, c->longest);
}

static void put_count(char cell[CELL], uint64_t count)
{
  snprintf(cell, CELL, "%" PRIu64, count);
}

static void put_records(const row *r, char cell[CELL])
{
  put_count(cell, r->channel->records);
}

static void put_samples(const row *r, char cell[CELL])
{
  put_count(cell, r->channel->samples);
}

static void put_gaps(const row *r, char cell[CELL])
{
  put_count(cell, r->channel->gaps);
}

static void put_gap_s(const row *r, char cell[CELL])
{
  snprintf(cell, CELL, "%.3f", r->channel->gap_s);
}

static void put_overlaps(const row *r, char cell[CELL])
{
  put_count(cell, r->channel->overlaps);
}

static void put_overlap_s(const row *r, char cell[CELL])
{
  snprintf(cell, CELL, "%.3f", r->channel->overlap_s);
}

static void put_value(const row *r, char cell[CELL], double value)
{
  *cell = '\0';
  if (r->channel->decoded > 0)
    snprintf(cell, CELL, "%.9g", value);
}

static void put_minimum(const row *r, char cell[CELL])
{
  put_value(r, cell, r->channel->minimum);
}

static void put_maximum(const row *r, char cell[CELL])
{
  put_value(r, cell, r->channel->maximum);
}

static void put_mean(const row *r, char cell[CELL])
{
  put_value(r, cell, r->channel->sum / (double)r->channel->decoded);
}

static void put_undecodable(const row *r, char cell[CELL])
{
  put_count(cell, r->channel->undecodable);
}

static void put_inventory(const row *r, char cell[CELL])
{
  const scan_channel *c = r->channel;
  int component;
  *cell = '\0';
  if (!r->inventory)
    return;
  int32_t sensor = ingest_inventory_find(r->inventory, &c->codes, &component);
  const ingest_epoch *first = sensor < 0 ? NULL : ingest_inventory_epoch(r->inventory, sensor, component, c->start);
  const ingest_epoch *last = sensor < 0 ? NULL : ingest_inventory_epoch(r->inventory, sensor, component, c->last);
  if (sensor < 0)
    strcpy(cell, "not in it as ground motion");
  else if (!first || !last)
    strcpy(cell, "no epoch holds all of it");
  else if (last->rate > 0 && fabs(last->rate - c->rates[0]) > 1e-3 * last->rate)
    snprintf(cell, CELL, "states %.9g samples/s", last->rate);
  else
    strcpy(cell, "ok");
}
