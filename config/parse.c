/* parse.c: the sections, entries and settings of a file, read as its events pass by. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "events.h"
#include "nearest.h"
#include "scalar.h"

enum { LARGEST_FILE = 16 << 20, LONGEST_LIST = 65536 };

/* One mapping of settings being filled. */
typedef struct {
  const config_section *section;
  size_t entry; /* of a list, from 1; 0: the section is one struct */
  void *base;
  yaml_mark_t start;
  size_t *lines; /* a row each: where it was set, 0 before */
} target;

static void read_document(events *e, const config_section *sections);

bool config_parse(const config_section *sections, const char *bytes, size_t length, config_faults *faults)
{
  config_faults own = {0}, *list = faults ? faults : &own;
  size_t before = list->count;
  events e;
  config_defaults(sections);
  if (length > LARGEST_FILE) {
    faults_add(list, 0, 0, "the file has %zu bytes, a configuration at most 16 MiB", length);
  } else if (!events_open(&e, bytes, length, list)) {
    faults_add(list, 0, 0, "memory is short");
  } else {
    read_document(&e, sections);
    events_close(&e);
  }
  bool clean = list->count == before;
  config_faults_clear(&own);
  return clean;
}

/* ---- what is at hand ---- */

static bool is_scalar(const events *e)
{
  return e->event.type == YAML_SCALAR_EVENT;
}

static scalar_source scalar_of(const events *e)
{
  bool plain = e->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
  return (scalar_source){(const char *)e->event.data.scalar.value, e->event.data.scalar.length, !plain};
}

/* As `targets:` with nothing behind it. */
static bool is_left_empty(const events *e)
{
  return is_scalar(e) && e->event.data.scalar.length == 0 && e->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

static const char *found(const events *e, char shown[FAULTS_QUOTE + 2])
{
  if (e->event.type == YAML_MAPPING_START_EVENT)
    return "a mapping";
  if (e->event.type == YAML_SEQUENCE_START_EVENT)
    return "a list";
  shown[0] = '`';
  faults_quote(shown + 1, (const char *)e->event.data.scalar.value, e->event.data.scalar.length);
  return strcat(shown, "`");
}

/* A value of the wrong shape is named (an alias was, already) and left behind. */
static void refuse_shape(events *e, const char *name, const char *expected)
{
  char shown[FAULTS_QUOTE + 2];
  if (e->stopped)
    return;
  if (e->event.type != YAML_ALIAS_EVENT)
    events_fault(e, e->event.start_mark, "%s must be %s, found %s", name, expected, found(e, shown));
  events_skip(e);
}

static bool is_named(const scalar_source *key, const char *name)
{
  return strlen(name) == key->length && memcmp(name, key->chars, key->length) == 0;
}

static const config_row *row_named(const config_section *section, const scalar_source *key)
{
  for (const config_row *row = section->rows; row->name; row++)
    if (is_named(key, row->name))
      return row;
  return NULL;
}

static void skip_value(events *e)
{
  events_next(e);
  events_skip(e);
}

/* ---- settings ---- */

/* "picker.threshold", "targets.3.name": as the canonical form names it. Returns `out`. */
static const char *path_of(const target *t, const char *name, char out[FAULTS_QUOTE])
{
  if (t->entry)
    snprintf(out, FAULTS_QUOTE, "%.25s.%zu.%.30s", t->section->name, t->entry, name);
  else
    snprintf(out, FAULTS_QUOTE, "%.25s.%.40s", t->section->name, name);
  return out;
}

/* The section that has a setting of that name; NULL if none has. */
static const config_section *owner_of(const config_section *sections, const scalar_source *key)
{
  for (const config_section *section = sections; section->name; section++)
    if (row_named(section, key))
      return section;
  return NULL;
}

static void unknown_setting(events *e, const config_section *sections, const target *t, const scalar_source *key)
{
  char name[FAULTS_QUOTE];
  yaml_mark_t mark = e->event.start_mark;
  const config_section *owner = owner_of(sections, key);
  nearest word = {.word = key->chars, .length = key->length};
  for (const config_row *row = t->section->rows; row->name; row++)
    nearest_offer(&word, row->name);
  faults_quote(name, key->chars, key->length);
  if (owner)
    events_fault(e, mark, "unknown setting `%s.%s`; `%s` belongs to the section `%s`", t->section->name, name, name, owner->name);
  else if (word.best)
    events_fault(e, mark, "unknown setting `%s.%s`; did you mean `%s`?", t->section->name, name, word.best);
  else
    events_fault(e, mark, "unknown setting `%s.%s`, and none has a name like it; the example file shows all of the section", t->section->name, name);
}

static void read_value(events *e, const target *t, const config_row *row)
{
  char path[FAULTS_QUOTE], quoted_path[FAULTS_QUOTE + 2], why[SCALAR_WHY];
  path_of(t, row->name, path);
  if (!is_scalar(e)) {
    snprintf(quoted_path, sizeof quoted_path, "`%s`", path);
    refuse_shape(e, quoted_path, "one value");
    return;
  }
  scalar_source source = scalar_of(e);
  if (!scalar_read(row, &source, t->base, why))
    events_fault(e, e->event.start_mark, "`%s` %s", path, why);
}

/* The key is at hand; its value is read or left behind. */
static void read_setting(events *e, const config_section *sections, const target *t)
{
  if (!is_scalar(e)) {
    refuse_shape(e, "a setting's name", "one word");
    skip_value(e);
    return;
  }
  char path[FAULTS_QUOTE];
  scalar_source key = scalar_of(e);
  const config_row *row = row_named(t->section, &key);
  if (!row) {
    unknown_setting(e, sections, t, &key);
    skip_value(e);
    return;
  }
  size_t *line = &t->lines[row - t->section->rows];
  if (*line) {
    events_fault(e, e->event.start_mark, "`%s` is set a second time, first in line %zu; keep one", path_of(t, row->name, path), *line);
    skip_value(e);
    return;
  }
  *line = e->event.start_mark.line + 1;
  events_next(e);
  read_value(e, t, row);
}

static void require_all(events *e, const target *t)
{
  for (const config_row *row = t->section->rows; row->name && !e->stopped; row++)
    if (!row->fallback && !t->lines[row - t->section->rows])
      events_fault(e, t->start, "entry %zu of `%s` has no `%s`: %s; add it", t->entry, t->section->name, row->name, row->help);
}

static size_t rows_of(const config_section *section)
{
  size_t count = 0;
  while (section->rows[count].name)
    count++;
  return count;
}

/* The mapping's start is at hand. */
static void read_settings(events *e, const config_section *sections, target *t)
{
  t->start = e->event.start_mark;
  t->lines = calloc(rows_of(t->section) + 1, sizeof *t->lines);
  if (!t->lines) {
    events_fault(e, t->start, "memory is short");
    e->stopped = true;
    return;
  }
  for (events_next(e); !e->stopped && e->event.type != YAML_MAPPING_END_EVENT; events_next(e))
    read_setting(e, sections, t);
  if (t->entry && !e->stopped)
    require_all(e, t);
  free(t->lines);
}

/* ---- lists ---- */

/* A new entry with its defaults at the end of the section's list; NULL if memory is short. */
static void *append_entry(const config_section *section)
{
  void *entries;
  size_t count = *section->count, size = section->struct_size;
  memcpy(&entries, section->values, sizeof entries);
  if ((count & (count - 1)) == 0) {
    entries = realloc(entries, (count ? 2 * count : 1) * size);
    if (!entries)
      return NULL;
    memcpy(section->values, &entries, sizeof entries);
  }
  char *entry = (char *)entries + count * size;
  memset(entry, 0, size);
  for (const config_row *row = section->rows; row->name; row++)
    scalar_default(row, entry);
  *section->count = count + 1;
  return entry;
}

static void read_entry(events *e, const config_section *sections, const config_section *section)
{
  if (e->event.type != YAML_MAPPING_START_EVENT) {
    char name[FAULTS_QUOTE];
    snprintf(name, sizeof name, "an entry of `%.40s`", section->name);
    refuse_shape(e, name, "a mapping of settings");
    return;
  }
  target t = {.section = section, .entry = *section->count + 1};
  t.base = t.entry > LONGEST_LIST ? NULL : append_entry(section);
  if (t.base) {
    read_settings(e, sections, &t);
    return;
  }
  events_fault(e, e->event.start_mark, t.entry > LONGEST_LIST ? "`%s` has more than 65536 entries" : "memory is short for `%s`", section->name);
  e->stopped = true;
}

/* ---- sections ---- */

static void read_section(events *e, const config_section *sections, const config_section *section)
{
  char name[FAULTS_QUOTE];
  snprintf(name, sizeof name, "the section `%.40s`", section->name);
  if (is_left_empty(e))
    return;
  if (section->count && e->event.type == YAML_SEQUENCE_START_EVENT) {
    for (events_next(e); !e->stopped && e->event.type != YAML_SEQUENCE_END_EVENT; events_next(e))
      read_entry(e, sections, section);
  } else if (!section->count && e->event.type == YAML_MAPPING_START_EVENT) {
    read_settings(e, sections, &(target){.section = section, .base = section->values});
  } else {
    refuse_shape(e, name, section->count ? "a list, each entry begun with `- `" : "a mapping of settings, one `name: value` a line");
  }
}

static void unknown_section(events *e, const config_section *sections, const scalar_source *key)
{
  char name[FAULTS_QUOTE], all[200] = "";
  yaml_mark_t mark = e->event.start_mark;
  const config_section *owner = owner_of(sections, key);
  nearest word = {.word = key->chars, .length = key->length};
  for (const config_section *section = sections; section->name; section++) {
    nearest_offer(&word, section->name);
    if (strlen(all) + strlen(section->name) + sizeof ", " < sizeof all)
      strcat(strcat(all, all[0] ? ", " : ""), section->name);
  }
  faults_quote(name, key->chars, key->length);
  if (owner)
    events_fault(e, mark, "`%s` is a setting of the section `%s`; indent it below `%s:`", name, owner->name, owner->name);
  else if (word.best)
    events_fault(e, mark, "unknown section `%s`; did you mean `%s`?", name, word.best);
  else
    events_fault(e, mark, "unknown section `%s`; there are %s", name, all);
}

static const config_section *section_named(const config_section *sections, const scalar_source *key)
{
  for (const config_section *section = sections; section->name; section++)
    if (is_named(key, section->name))
      return section;
  return NULL;
}

/* The key of a section is at hand; `lines`: where each was begun. */
static void read_top_key(events *e, const config_section *sections, size_t *lines)
{
  if (!is_scalar(e)) {
    refuse_shape(e, "a section's name", "one word");
    skip_value(e);
    return;
  }
  scalar_source key = scalar_of(e);
  const config_section *section = section_named(sections, &key);
  if (!section) {
    unknown_section(e, sections, &key);
    skip_value(e);
    return;
  }
  size_t *line = &lines[section - sections];
  if (*line) {
    events_fault(e, e->event.start_mark, "the section `%s` comes a second time, first in line %zu; join the two", section->name, *line);
    skip_value(e);
    return;
  }
  *line = e->event.start_mark.line + 1;
  events_next(e);
  read_section(e, sections, section);
}

static void read_top(events *e, const config_section *sections)
{
  if (is_left_empty(e))
    return;
  if (e->event.type != YAML_MAPPING_START_EVENT) {
    refuse_shape(e, "the file", "a mapping of sections, each begun with its name and a colon");
    return;
  }
  size_t count = 0;
  while (sections[count].name)
    count++;
  size_t *lines = calloc(count + 1, sizeof *lines);
  if (!lines) {
    faults_add(e->faults, 0, 0, "memory is short");
    e->stopped = true;
    return;
  }
  for (events_next(e); !e->stopped && e->event.type != YAML_MAPPING_END_EVENT; events_next(e))
    read_top_key(e, sections, lines);
  free(lines);
}

static void read_document(events *e, const config_section *sections)
{
  events_next(e);
  events_next(e);
  if (e->event.type != YAML_DOCUMENT_START_EVENT)
    return;
  events_next(e);
  read_top(e, sections);
  events_next(e);
  events_next(e);
  if (!e->stopped && e->event.type != YAML_STREAM_END_EVENT)
    events_fault(e, e->event.start_mark, "a second document begins; a configuration is one, leave out `---`");
}
