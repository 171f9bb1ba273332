#include "rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static char *trimmed(char *text)
{
  text += strspn(text, " \t\r");
  size_t length = strlen(text);
  while (length > 0 && strchr(" \t\r", text[length - 1]))
    text[--length] = '\0';
  return text;
}

rows_state rows_next(rows *r)
{
  while (r->at < r->length) {
    const char *from = r->bytes + r->at, *end = memchr(from, '\n', r->length - r->at);
    size_t size = end ? (size_t)(end - from) : r->length - r->at;
    r->number++;
    r->at += size + 1;
    if (size >= sizeof r->text || memchr(from, '\0', size))
      return ROWS_BROKEN;
    memcpy(r->text, from, size);
    r->text[size] = '\0';
    const char *line = trimmed(r->text);
    memmove(r->text, line, strlen(line) + 1);
    if (*r->text != '\0' && *r->text != '#')
      return ROWS_LINE;
  }
  return ROWS_END;
}

static char *comma_after(char *text)
{
  text += strspn(text, " \t");
  char *quote = *text == '"' ? strchr(text + 1, '"') : NULL;
  return strchr(quote ? quote : text, ',');
}

size_t rows_split(char *text, char **field, size_t most)
{
  size_t count = 0;
  for (char *next = text; next; count++) {
    char *from = next, *comma = comma_after(next);
    next = comma ? comma + 1 : NULL;
    if (comma)
      *comma = '\0';
    if (count < most)
      field[count] = trimmed(from);
  }
  return count;
}

bool rows_number(const char *field, double *value)
{
  char *end;
  *value = strtod(field, &end);
  return end != field && *end == '\0' && isfinite(*value);
}

void rows_columns(char *const *field, size_t fields, const char *const *names, size_t count, int *column)
{
  for (size_t i = 0; i < count; i++) {
    column[i] = -1;
    for (size_t k = fields; k-- > 0;)
      if (strcmp(field[k], names[i]) == 0)
        column[i] = (int)k;
  }
}

void *rows_room(void *array, size_t count, size_t *capacity, size_t size)
{
  if (count < *capacity)
    return array;
  size_t more = *capacity ? 2 * *capacity : 64;
  void *longer = realloc(array, more * size);
  if (longer)
    *capacity = more;
  return longer;
}
