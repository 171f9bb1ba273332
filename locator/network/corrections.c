/* Station corrections: how late waves usually come to a site, against the velocity model. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "network.h"
#include "rows.h"

typedef struct {
  char code[LOCATOR_SITE_TEXT];
  char phase;
  double seconds;
  size_t line;
} correction;

struct locator_corrections {
  size_t count, capacity;
  correction *of; /* sorted by site and phase */
};

enum { NETWORK, STATION, PHASE, SECONDS, COLUMNS, CODE_LETTERS = 8 };
static const char *const names[COLUMNS] = {"network", "station", "phase", "seconds"};
static const char wanted[] = "network,station,phase,seconds";

static bool read_table(locator_corrections *c, rows *r, char *fault);
static int by_site(const void *a, const void *b);
static bool has_twins(const locator_corrections *c, char *fault);

locator_corrections *locator_corrections_parse(const char *bytes, size_t length, char *fault)
{
  rows r = {.bytes = bytes, .length = length};
  locator_corrections *c = calloc(1, sizeof *c);
  if (!c) {
    snprintf(fault, ROWS_FAULT, "no memory for it");
    return NULL;
  }
  bool good = read_table(c, &r, fault);
  if (good && c->count > 0)
    qsort(c->of, c->count, sizeof *c->of, by_site);
  if (good && !has_twins(c, fault))
    return c;
  locator_corrections_destroy(c);
  return NULL;
}

void locator_corrections_destroy(locator_corrections *c)
{
  if (c)
    free(c->of);
  free(c);
}

size_t locator_corrections_count(const locator_corrections *c)
{
  return c->count;
}

static const correction *find(const locator_corrections *c, const char *site_code, char phase)
{
  correction like = {.phase = phase};
  snprintf(like.code, sizeof like.code, "%s", site_code);
  return c && c->count > 0 ? bsearch(&like, c->of, c->count, sizeof *c->of, by_site) : NULL;
}

double locator_correction_s(const locator_corrections *c, const char *site_code, char phase)
{
  const correction *found = find(c, site_code, phase);
  return found ? found->seconds : 0;
}

size_t locator_corrections_strangers(const locator_corrections *c, const ingest_inventory *inventory, char first[LOCATOR_SITE_TEXT])
{
  size_t known = 0, sites = 0, next = 0;
  bool *is_known = calloc(c->count + 1, sizeof *is_known);
  for (size_t i = 0; is_known && i < ingest_inventory_sensors(inventory); i++)
    for (const char *phase = "PS"; *phase; phase++) {
      const correction *of = find(c, ingest_inventory_sensor(inventory, i)->site_code, *phase);
      if (of)
        is_known[of - c->of] = true;
    }
  *first = '\0';
  for (size_t i = 0; is_known && i < c->count; i = next) {
    bool any = false;
    for (next = i; next < c->count && strcmp(c->of[next].code, c->of[i].code) == 0; next++)
      any |= is_known[next];
    if (!any && sites - known == 0)
      memcpy(first, c->of[i].code, sizeof c->of[i].code);
    sites++;
    known += any;
  }
  free(is_known);
  return sites - known;
}

void network_correct(network *n, const locator_corrections *c, const ingest_inventory *inventory)
{
  for (size_t i = 0; i < n->sites; i++) {
    const char *code = ingest_inventory_sensor(inventory, (size_t)n->site[i].first_sensor)->site_code;
    for (int s = 0; s < 2; s++)
      n->site[i].correction_s[s] = locator_correction_s(c, code, "PS"[s]);
  }
}

static int by_site(const void *a, const void *b)
{
  const correction *x = a, *y = b;
  int order = strcmp(x->code, y->code);
  return order != 0 ? order : (x->phase > y->phase) - (x->phase < y->phase);
}

/* ---- reading ---- */

static bool read_header(rows *r, int column[COLUMNS], char *fault)
{
  char *field[ROWS_FIELDS], whole[ROWS_TEXT];
  memcpy(whole, r->text, sizeof whole);
  size_t fields = rows_split(r->text, field, ROWS_FIELDS);
  rows_columns(field, fields < ROWS_FIELDS ? fields : ROWS_FIELDS, names, COLUMNS, column);
  for (int i = 0; i < COLUMNS; i++)
    if (column[i] < 0) {
      snprintf(fault, ROWS_FAULT, "line %zu: `%.40s` has no column `%s`; begin with the header %s", r->number, whole, names[i], wanted);
      return false;
    }
  return true;
}

static bool read_row(rows *r, const int column[COLUMNS], correction *c, char *fault)
{
  const double most_s = 5;
  char *field[ROWS_FIELDS], *of[COLUMNS] = {NULL}, whole[ROWS_TEXT];
  memcpy(whole, r->text, sizeof whole);
  size_t fields = rows_split(r->text, field, ROWS_FIELDS);
  bool full = true;
  for (int i = 0; i < COLUMNS; i++) {
    full &= (size_t)column[i] < fields;
    of[i] = full ? field[column[i]] : NULL;
  }
  if (!full || !rows_number(of[SECONDS], &c->seconds))
    snprintf(fault, ROWS_FAULT, "line %zu: `%.40s` lacks a field or its seconds are no number; write %s", r->number, whole, wanted);
  else if (!*of[NETWORK] || !*of[STATION] || strlen(of[NETWORK]) > CODE_LETTERS || strlen(of[STATION]) > CODE_LETTERS)
    snprintf(fault, ROWS_FAULT, "line %zu: `%.20s.%.20s` is no station; write its codes as in the inventory", r->number, of[NETWORK], of[STATION]);
  else if (strcmp(of[PHASE], "P") != 0 && strcmp(of[PHASE], "S") != 0)
    snprintf(fault, ROWS_FAULT, "line %zu: no phase: `%.20s`; write P or S", r->number, of[PHASE]);
  else if (fabs(c->seconds) > most_s)
    snprintf(fault, ROWS_FAULT, "line %zu: %g s; a correction must be within -%g..%g s: a station that is further off has a wrong clock or place",
             r->number, c->seconds, most_s, most_s);
  else {
    snprintf(c->code, sizeof c->code, "%.8s.%.8s", of[NETWORK], of[STATION]);
    c->phase = *of[PHASE];
    c->line = r->number;
    return true;
  }
  return false;
}

static bool read_table(locator_corrections *c, rows *r, char *fault)
{
  int column[COLUMNS];
  rows_state state = rows_next(r);
  if (state == ROWS_END)
    snprintf(fault, ROWS_FAULT, "line %zu: nothing in it; begin with the header %s", r->number, wanted);
  if (state == ROWS_END || (state == ROWS_LINE && !read_header(r, column, fault)))
    return false;
  while (state == ROWS_LINE && (state = rows_next(r)) == ROWS_LINE) {
    correction *of = rows_room(c->of, c->count, &c->capacity, sizeof *of);
    if (!of) {
      snprintf(fault, ROWS_FAULT, "no memory for it");
      return false;
    }
    c->of = of;
    if (!read_row(r, column, &of[c->count], fault))
      return false;
    c->count++;
  }
  if (state == ROWS_BROKEN)
    snprintf(fault, ROWS_FAULT, "line %zu: not a row of a table; write %s", r->number, wanted);
  return state == ROWS_END;
}

static bool has_twins(const locator_corrections *c, char *fault)
{
  for (size_t i = 1; i < c->count; i++)
    if (by_site(&c->of[i - 1], &c->of[i]) == 0) {
      size_t a = c->of[i - 1].line, b = c->of[i].line;
      snprintf(fault, ROWS_FAULT, "line %zu: %s %c stands in line %zu already; leave one of them", a > b ? a : b, c->of[i].code, c->of[i].phase,
               a > b ? b : a);
      return true;
    }
  return false;
}
