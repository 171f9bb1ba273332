#include "growing_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static bool make_room(growing_text *text, size_t more)
{
  if (text->failed || text->length + more < text->capacity)
    return !text->failed;
  size_t capacity = 2 * (text->length + more) + 1024;
  char *grown = realloc(text->bytes, capacity);
  text->failed = !grown;
  if (!grown)
    return false;
  text->bytes = grown;
  text->capacity = capacity;
  return true;
}

void text_add(growing_text *text, const char *format, ...)
{
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  int length = vsnprintf(NULL, 0, format, arguments);
  if (length >= 0 && make_room(text, (size_t)length + 1)) {
    vsnprintf(text->bytes + text->length, (size_t)length + 1, format, again);
    text->length += (size_t)length;
  }
  va_end(again);
  va_end(arguments);
}

void text_add_xml(growing_text *text, const char *value)
{
  for (; *value; value++)
    if (*value == '<' || *value == '&' || *value == '"' || *value == '>' || *value == '\'')
      text_add(text, "&#%d;", *value);
    else
      text_add(text, "%c", (unsigned char)*value < ' ' ? ' ' : *value);
}

void text_add_json(growing_text *text, const char *value)
{
  for (; *value; value++)
    if (*value == '"' || *value == '\\')
      text_add(text, "\\%c", *value);
    else
      text_add(text, "%c", (unsigned char)*value < ' ' ? ' ' : *value);
}
