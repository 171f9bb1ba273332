#include "csv_table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"

bool csv_open(csv_table *t, const char *verb, const char *path)
{
  static const char mark[] = "\xef\xbb\xbf"; /* of UTF-8, as spreadsheets put it */
  size_t length;
  *t = (csv_table){.path = path, .bytes = (char *)files_read(path, &length)};
  t->at = t->bytes;
  if (t->bytes && strncmp(t->bytes, mark, sizeof mark - 1) == 0)
    t->at += sizeof mark - 1;
  if (!t->bytes)
    fprintf(stderr, "tocsin %s: cannot read %s: %s\n", verb, path, strerror(errno));
  else if (!csv_next(t))
    fprintf(stderr, "%s: empty; a header line with the columns' names is needed\n", path);
  else
    return true;
  free(t->bytes);
  t->bytes = NULL;
  return false;
}

void csv_close(csv_table *t)
{
  if (t->faults > CSV_FAULTS_SHOWN)
    fprintf(stderr, "%s: %zu more lines like these\n", t->path, t->faults - CSV_FAULTS_SHOWN);
  free(t->bytes);
  t->bytes = NULL;
}

/* Ends the field that begins at *field, its quotes taken off; returns where the next begins, NULL: none. */
static char *cut_field(char **field)
{
  char *end = *field;
  if (*end == '"') {
    char *close = strchr(end + 1, '"');
    if (close) {
      ++*field;
      *close = '\0';
      end = close + 1;
    }
  }
  char *comma = strchr(end, ',');
  if (comma)
    *comma++ = '\0';
  return comma;
}

static void cut_line(csv_table *t, char *line)
{
  t->fields = 0;
  for (char *field = line; field && t->fields < CSV_COLUMNS;) {
    char *next = cut_field(&field);
    t->field[t->fields++] = field;
    field = next;
  }
}

bool csv_next(csv_table *t)
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
    cut_line(t, line);
  } while (t->fields == 1 && t->field[0][0] == '\0');
  return true;
}

static int column(const csv_table *t, const char *name)
{
  for (size_t i = 0; i < t->fields; i++)
    if (strcmp(t->field[i], name) == 0)
      return (int)i;
  return -1;
}

bool csv_columns(const csv_table *t, const char *const *names, size_t needed, size_t all, int *found)
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

const char *csv_value(const csv_table *t, int at)
{
  return at >= 0 && (size_t)at < t->fields ? t->field[at] : "";
}

bool csv_number(const char *text, double least, double most, double *number)
{
  char *end;
  *number = strtod(text, &end);
  return end != text && *end == '\0' && *number >= least && *number <= most;
}

void csv_fault(csv_table *t, const char *what, const char *found, const char *remedy)
{
  if (t->faults++ < CSV_FAULTS_SHOWN)
    fprintf(stderr, "%s:%zu: %s: `%.60s`; %s\n", t->path, t->line, what, found, remedy);
}
