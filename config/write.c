/* write.c: settings as text: the commented example file and the canonical lines. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scalar.h"

typedef struct {
  config_write *write;
  void *user;
} output;

static void put(const output *out, const char *text)
{
  out->write(out->user, text, strlen(text));
}

/* ---- the example file ---- */

/* A plain word needs no quotes; anything that YAML could take for something else gets them. */
static bool is_plain_word(const char *text)
{
  static const char *const taken[] = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"};
  if (!(text[0] >= 'A' && text[0] <= 'Z') && !(text[0] >= 'a' && text[0] <= 'z') && text[0] != '/')
    return false;
  for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
    if (strcmp(text, taken[i]) == 0)
      return false;
  return strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./") == strlen(text);
}

static void put_quoted(const output *out, const char *text)
{
  put(out, "\"");
  for (; *text; text++) {
    if (*text == '"' || *text == '\\')
      put(out, "\\");
    out->write(out->user, text, 1);
  }
  put(out, "\"");
}

/* Something that fits where an entry must say it. */
static const char *stand_in(const config_row *row, char buffer[NUMBER_TEXT])
{
  switch (row->type) {
  case CONFIG_BOOL:
    return "false";
  case CONFIG_TEXT:
    return row->name;
  case CONFIG_CHOICE:
    return row->choices[0];
  default:
    return number_print(row->minimum > 0 || row->maximum < 0 ? row->minimum : 0, buffer);
  }
}

static void put_value(const output *out, const config_row *row)
{
  char buffer[NUMBER_TEXT];
  const char *text = row->fallback ? row->fallback : stand_in(row, buffer);
  if (row->type == CONFIG_TEXT && !is_plain_word(text))
    put_quoted(out, text);
  else
    put(out, text);
}

static void put_kind(const output *out, const config_row *row)
{
  char range[SCALAR_WHY];
  if (row->type == CONFIG_BOOL)
    put(out, " (true or false)");
  if (row->type == CONFIG_CHOICE)
    for (size_t i = 0; row->choices[i]; i++) {
      put(out, i ? " | " : " (");
      put(out, row->choices[i]);
    }
  if (row->type == CONFIG_CHOICE)
    put(out, ")");
  if ((row->type == CONFIG_INT || row->type == CONFIG_REAL) && scalar_range(row, range)[0]) {
    put(out, " (");
    put(out, range);
    put(out, ")");
  }
}

static void put_setting(const output *out, const config_row *row, const char *comment_indent, const char *indent)
{
  put(out, comment_indent);
  put(out, row->help);
  put_kind(out, row);
  put(out, row->fallback ? "\n" : "; required\n");
  put(out, indent);
  put(out, row->name);
  put(out, ": ");
  put_value(out, row);
  put(out, "\n");
}

static void put_section(const output *out, const config_section *section)
{
  put(out, "\n# ");
  put(out, section->help);
  put(out, section->count ? " (a list; an entry, commented out)\n" : "\n");
  put(out, section->name);
  put(out, ":\n");
  for (const config_row *row = section->rows; row->name; row++)
    if (section->count)
      put_setting(out, row, "#    # ", row == section->rows ? "#  - " : "#    ");
    else
      put_setting(out, row, "  # ", "  ");
}

void config_example(const config_section *sections, config_write *write, void *user)
{
  output out = {write, user};
  put(&out, "# Every setting of Tocsin with its default. A setting that is left out keeps it.\n");
  for (const config_section *section = sections; section->name; section++)
    put_section(&out, section);
}

/* ---- the canonical lines ---- */

typedef struct {
  char **items;
  size_t count, capacity;
  bool short_of_memory;
} lines;

static void add_line(lines *l, const config_section *section, size_t entry, const config_row *row, const void *base)
{
  char number[NUMBER_TEXT], place[NUMBER_TEXT] = "";
  const char *value = scalar_text(row, base, number);
  if (l->count == l->capacity) {
    size_t capacity = l->capacity ? 2 * l->capacity : 64;
    char **items = realloc(l->items, capacity * sizeof *items);
    l->short_of_memory |= !items;
    if (!items)
      return;
    l->items = items;
    l->capacity = capacity;
  }
  if (entry)
    snprintf(place, sizeof place, ".%zu", entry);
  size_t size = strlen(section->name) + strlen(place) + strlen(row->name) + strlen(value) + sizeof ".=\n";
  char *line = malloc(size);
  l->short_of_memory |= !line;
  if (!line)
    return;
  snprintf(line, size, "%s%s.%s=%s\n", section->name, place, row->name, value);
  l->items[l->count++] = line;
}

static void add_struct(lines *l, const config_section *section, size_t entry, const void *base)
{
  for (const config_row *row = section->rows; row->name; row++)
    add_line(l, section, entry, row, base);
}

static void add_section(lines *l, const config_section *section)
{
  if (!section->count) {
    add_struct(l, section, 0, section->values);
    return;
  }
  const char *entries;
  memcpy(&entries, section->values, sizeof entries);
  for (size_t i = 0; i < *section->count; i++)
    add_struct(l, section, i + 1, entries + i * section->struct_size);
}

static int by_bytes(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

void config_canonical(const config_section *sections, config_write *write, void *user)
{
  lines l = {0};
  for (const config_section *section = sections; section->name; section++)
    add_section(&l, section);
  if (l.count)
    qsort(l.items, l.count, sizeof *l.items, by_bytes);
  for (size_t i = 0; i < l.count; i++) {
    if (!l.short_of_memory)
      write(user, l.items[i], strlen(l.items[i]));
    free(l.items[i]);
  }
  free(l.items);
}
