/* faults.c: the list of what is wrong, in the order of the file's lines. */
#include "faults.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool continues_character(char byte)
{
  return ((unsigned char)byte & 0xC0) == 0x80;
}

/* Length of the longest prefix of at most `limit` bytes that ends between two UTF-8 characters. */
static size_t whole_characters(const char *text, size_t limit)
{
  while (limit > 0 && continues_character(text[limit]))
    limit--;
  return limit;
}

static bool grow(config_faults *faults)
{
  if (faults->count & (faults->count - 1))
    return true;
  size_t capacity = faults->count ? 2 * faults->count : 1;
  config_fault *items = realloc(faults->items, capacity * sizeof *items);
  if (items)
    faults->items = items;
  return items != NULL;
}

static bool comes_after(const config_fault *fault, size_t line, size_t column)
{
  return fault->line > line || (fault->line == line && fault->column > column);
}

static config_fault *open_place(config_faults *faults, size_t line, size_t column)
{
  size_t place = faults->count;
  while (place > 0 && comes_after(&faults->items[place - 1], line, column))
    place--;
  memmove(&faults->items[place + 1], &faults->items[place], (faults->count - place) * sizeof *faults->items);
  faults->count++;
  faults->items[place] = (config_fault){.line = line, .column = column};
  return &faults->items[place];
}

bool faults_add(config_faults *faults, size_t line, size_t column, const char *format, ...)
{
  if (faults->count >= FAULTS_MAXIMUM || !grow(faults))
    return false;
  config_fault *fault = open_place(faults, line, column);
  char text[2 * sizeof fault->text];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  size_t length = strlen(text);
  if (length >= sizeof fault->text)
    length = whole_characters(text, sizeof fault->text - 1);
  memcpy(fault->text, text, length);
  return faults->count < FAULTS_MAXIMUM;
}

void config_faults_clear(config_faults *faults)
{
  free(faults->items);
  *faults = (config_faults){0};
}

char *faults_quote(char out[FAULTS_QUOTE], const char *text, size_t length)
{
  static const char ellipsis[] = "...";
  bool cut = length > FAULTS_QUOTE - sizeof ellipsis;
  if (cut)
    length = whole_characters(text, FAULTS_QUOTE - sizeof ellipsis);
  for (size_t i = 0; i < length; i++)
    out[i] = (unsigned char)text[i] < ' ' || text[i] == 0x7F ? '?' : text[i];
  strcpy(out + length, cut ? ellipsis : "");
  return out;
}
