#include "record_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One canonical line, section.name=value or section.N.name=value, in its parts. */
typedef struct {
  const char *section, *name, *value;
  int section_length, name_length, value_length;
  size_t entry; /* 0: the section is no list */
} line_parts;

static bool split(const char *line, line_parts *p)
{
  const char *end = strchr(line, '\n'), *equals = strchr(line, '='), *dot = strchr(line, '.');
  if (!end || !equals || !dot || equals > end || dot > equals)
    return false;
  char *after;
  *p = (line_parts){.section = line, .section_length = (int)(dot - line), .name = dot + 1};
  p->entry = strtoul(dot + 1, &after, 10);
  if (after > dot + 1 && *after == '.')
    p->name = after + 1;
  else
    p->entry = 0;
  p->name_length = (int)(equals - p->name);
  p->value = equals + 1;
  p->value_length = (int)(end - p->value);
  return true;
}

/* Texts are quoted, all else stands as it is: the file's reader wants it so. */
static bool is_text(const config_section *sections, const line_parts *p)
{
  for (const config_section *s = sections; s->name; s++)
    if (strlen(s->name) == (size_t)p->section_length && memcmp(s->name, p->section, strlen(s->name)) == 0)
      for (const config_row *row = s->rows; row->name; row++)
        if (strlen(row->name) == (size_t)p->name_length && memcmp(row->name, p->name, strlen(row->name)) == 0)
          return row->type == CONFIG_TEXT;
  return true;
}

static void put_value(FILE *out, const line_parts *p, bool quoted)
{
  if (!quoted) {
    fwrite(p->value, 1, (size_t)p->value_length, out);
    return;
  }
  fputc('"', out);
  for (int i = 0; i < p->value_length; i++) {
    if (p->value[i] == '"' || p->value[i] == '\\')
      fputc('\\', out);
    fputc(p->value[i], out);
  }
  fputc('"', out);
}

/* ---- lists: entries stand as their numbers sort as text, 1, 10, 2 ---- */

typedef struct {
  size_t entry;
  const char *line;
} place;

static int by_entry(const void *left, const void *right)
{
  const place *a = left, *b = right;
  return a->entry != b->entry ? (a->entry > b->entry) - (a->entry < b->entry) : (a->line > b->line) - (a->line < b->line);
}

static bool is_of(const line_parts *p, const line_parts *first)
{
  return p->section_length == first->section_length && memcmp(p->section, first->section, (size_t)p->section_length) == 0;
}

/* All lines of the section that begins with `first`, in order of their entries; `*end` is behind them. NULL: memory is short. */
static place *places_of(const line_parts *first, size_t *count, const char **end)
{
  line_parts p;
  place *places = NULL;
  for (*count = 0, *end = first->section; split(*end, &p) && is_of(&p, first); *end = p.value + p.value_length + 1) {
    if ((*count & (*count + 1)) == 0) {
      place *grown = realloc(places, 2 * (*count + 1) * sizeof *places);
      if (!grown) {
        free(places);
        return NULL;
      }
      places = grown;
    }
    places[(*count)++] = (place){p.entry, *end};
  }
  if (places)
    qsort(places, *count, sizeof *places, by_entry);
  return places;
}

static bool put_section(FILE *out, const config_section *sections, const line_parts *first, const char **end)
{
  size_t count, entry = 0;
  place *places = places_of(first, &count, end);
  if (!places)
    return false;
  fprintf(out, "%.*s:\n", first->section_length, first->section);
  for (size_t i = 0; i < count; i++) {
    line_parts p;
    if (!split(places[i].line, &p))
      continue;
    fprintf(out, "%s%.*s: ", p.entry != entry ? "- " : "  ", p.name_length, p.name);
    entry = p.entry;
    put_value(out, &p, is_text(sections, &p));
    fputc('\n', out);
  }
  free(places);
  return true;
}

bool record_settings_read(settings *s, const char *name, const char *text)
{
  config_section sections[SETTINGS_SECTIONS];
  config_faults faults = {0};
  line_parts p;
  char *bytes = NULL;
  size_t length = 0;
  memset(s, 0, sizeof *s);
  settings_sections(s, sections);
  FILE *out = open_memstream(&bytes, &length);
  while (out && split(text, &p) && put_section(out, sections, &p, &text))
    continue;
  bool whole = out && fclose(out) == 0 && *text == '\0';
  config_parse(sections, bytes ? bytes : "", length, &faults);
  for (size_t i = 0; i < faults.count; i++)
    fprintf(stderr, "%s: %s\n", name, faults.items[i].text);
  bool good = whole && faults.count == 0;
  config_faults_clear(&faults);
  free(bytes);
  return good;
}
