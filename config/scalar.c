/* scalar.c: one setting between its text in the file and its place in a struct. */
#include "scalar.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "faults.h"
#include "nearest.h"
#include "number.h"

static bool read_bool(const config_row *row, const scalar_source *source, void *place, char *why);
static bool read_int(const config_row *row, const scalar_source *source, void *place, char *why);
static bool read_real(const config_row *row, const scalar_source *source, void *place, char *why);
static bool read_text(const config_row *row, const scalar_source *source, void *place, char *why);
static bool read_choice(const config_row *row, const scalar_source *source, void *place, char *why);

static bool (*const readers[])(const config_row *, const scalar_source *, void *, char *) = {
    [CONFIG_BOOL] = read_bool, [CONFIG_INT] = read_int, [CONFIG_REAL] = read_real, [CONFIG_TEXT] = read_text, [CONFIG_CHOICE] = read_choice,
};

static bool refuse(char *why, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool equals(const scalar_source *source, const char *word)
{
  return strlen(word) == source->length && memcmp(source->chars, word, source->length) == 0;
}

static bool is_nothing(const scalar_source *source)
{
  static const char *const words[] = {"", "~", "null", "Null", "NULL"};
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    if (!source->quoted && equals(source, words[i]))
      return true;
  return false;
}

bool scalar_read(const config_row *row, const scalar_source *source, void *base, char why[SCALAR_WHY])
{
  if (is_nothing(source))
    return refuse(why, row->type == CONFIG_TEXT ? "has no value; write \"\" for an empty text" : "has no value; give one or leave the line out");
  return readers[row->type](row, source, (char *)base + row->offset, why);
}

static size_t size_of(const config_row *row)
{
  switch (row->type) {
  case CONFIG_BOOL:
    return sizeof(bool);
  case CONFIG_INT:
    return row->size == sizeof(int) ? sizeof(int) : sizeof(int64_t);
  case CONFIG_REAL:
    return sizeof(double);
  case CONFIG_TEXT:
    return row->size;
  default:
    return sizeof(int);
  }
}

void scalar_default(const config_row *row, void *base)
{
  char why[SCALAR_WHY];
  memset((char *)base + row->offset, 0, size_of(row));
  if (!row->fallback)
    return;
  scalar_source source = {row->fallback, strlen(row->fallback), row->type == CONFIG_TEXT};
  scalar_read(row, &source, base, why);
}

static bool refuse(char *why, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(why, SCALAR_WHY, format, arguments);
  va_end(arguments);
  return false;
}

/* ---- words ---- */

static bool read_bool(const config_row *row, const scalar_source *source, void *place, char *why)
{
  static const char *const words[] = {"false", "true", "no", "yes", "off", "on"};
  (void)row;
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    if (!source->quoted && equals(source, words[i])) {
      *(bool *)place = i % 2;
      return true;
    }
  char found[FAULTS_QUOTE];
  return refuse(why, "must be true or false, found `%s`%s", faults_quote(found, source->chars, source->length), source->quoted ? " in quotes" : "");
}

static bool read_text(const config_row *row, const scalar_source *source, void *place, char *why)
{
  char found[FAULTS_QUOTE];
  if (source->length >= row->size)
    return refuse(why, "is %zu bytes long, at most %zu fit: `%s`", source->length, row->size - 1, faults_quote(found, source->chars, source->length));
  for (size_t i = 0; i < source->length; i++)
    if ((unsigned char)source->chars[i] < ' ' || source->chars[i] == 0x7F)
      return refuse(why, "holds a control character, it must be one line of plain text: `%s`", faults_quote(found, source->chars, source->length));
  memset(place, 0, row->size);
  memcpy(place, source->chars, source->length);
  return true;
}

static void list_choices(const config_row *row, char *out, size_t capacity)
{
  size_t used = 0;
  out[0] = 0;
  for (size_t i = 0; row->choices[i] && used < capacity; i++)
    used += (size_t)snprintf(out + used, capacity - used, "%s%s", i ? ", " : "", row->choices[i]);
}

static bool read_choice(const config_row *row, const scalar_source *source, void *place, char *why)
{
  nearest word = {.word = source->chars, .length = source->length};
  for (int i = 0; row->choices[i]; i++) {
    if (equals(source, row->choices[i])) {
      *(int *)place = i;
      return true;
    }
    nearest_offer(&word, row->choices[i]);
  }
  char found[FAULTS_QUOTE], choices[SCALAR_WHY / 2];
  list_choices(row, choices, sizeof choices);
  faults_quote(found, source->chars, source->length);
  if (word.best)
    return refuse(why, "must be one of %s, found `%s`; did you mean `%s`?", choices, found, word.best);
  return refuse(why, "must be one of %s, found `%s`", choices, found);
}

/* ---- numbers ---- */

static bool refuse_number(const config_row *row, const scalar_source *source, const char *expected, char *why)
{
  char found[FAULTS_QUOTE];
  bool whole;
  size_t length = number_length(source->chars, source->length, &whole);
  faults_quote(found, source->chars, source->length);
  if (source->quoted && length == source->length)
    return refuse(why, "must be %s, found the quoted text `%s`; leave the quotes out", expected, found);
  if (length > 0 && length < source->length && source->chars[length] == ',')
    return refuse(why, "must be %s, found `%s`; decimals follow a point, and nothing parts the thousands", expected, found);
  if (length > 0 && length < source->length && row->unit && row->unit[0])
    return refuse(why, "must be %s, found `%s`; write the number alone, it is in %s", expected, found, row->unit);
  return refuse(why, "must be %s, found `%s`", expected, found);
}

static bool is_bound(double value)
{
  return isfinite(value) && fabs(value) < 9.2e18;
}

static bool is_bounded(const config_row *row)
{
  return row->minimum != 0 || row->maximum != 0;
}

static bool within(const config_row *row, double value)
{
  return !is_bounded(row) || (value >= row->minimum && value <= row->maximum);
}

char *scalar_range(const config_row *row, char out[SCALAR_WHY])
{
  char low[NUMBER_TEXT], high[NUMBER_TEXT];
  bool from = is_bounded(row) && is_bound(row->minimum), to = is_bounded(row) && is_bound(row->maximum);
  const char *unit = row->unit ? row->unit : "", *space = unit[0] ? " " : "";
  number_print(row->minimum, low);
  number_print(row->maximum, high);
  if (from && to)
    snprintf(out, SCALAR_WHY, "%s to %s%s%s", low, high, space, unit);
  else if (from || to)
    snprintf(out, SCALAR_WHY, "%s %s%s%s", from ? "at least" : "at most", from ? low : high, space, unit);
  else
    snprintf(out, SCALAR_WHY, "%s", unit);
  return out;
}

static bool refuse_range(const config_row *row, const scalar_source *source, char *why)
{
  char found[FAULTS_QUOTE], range[SCALAR_WHY];
  faults_quote(found, source->chars, source->length);
  scalar_range(row, range);
  return refuse(why, "is %s, out of its range; it must be %.100s", found, is_bounded(row) ? range : "a number of ordinary size");
}

static bool read_int(const config_row *row, const scalar_source *source, void *place, char *why)
{
  char digits_and_end[NUMBER_TEXT] = "";
  bool whole;
  size_t length = number_length(source->chars, source->length, &whole);
  if (length == 0 || length < source->length || !whole || source->quoted)
    return refuse_number(row, source, "a whole number", why);
  if (length >= sizeof digits_and_end)
    return refuse_range(row, source, why);
  memcpy(digits_and_end, source->chars, length);
  errno = 0;
  int64_t value = strtoll(digits_and_end, NULL, 10);
  if (errno == ERANGE || !within(row, (double)value))
    return refuse_range(row, source, why);
  if (size_of(row) == sizeof value) {
    memcpy(place, &value, sizeof value);
    return true;
  }
  int narrow = (int)value;
  if (narrow != value)
    return refuse_range(row, source, why);
  memcpy(place, &narrow, sizeof narrow);
  return true;
}

static bool read_real(const config_row *row, const scalar_source *source, void *place, char *why)
{
  char number[64] = "";
  bool whole;
  size_t length = number_length(source->chars, source->length, &whole);
  if (length == 0 || length < source->length || length >= sizeof number || source->quoted)
    return refuse_number(row, source, "a finite number", why);
  memcpy(number, source->chars, length);
  double value = number_value(number);
  if (!isfinite(value) || !within(row, value))
    return refuse_range(row, source, why);
  *(double *)place = value;
  return true;
}

/* ---- back to text ---- */

static int64_t whole_value(const config_row *row, const void *place)
{
  int64_t wide;
  int narrow;
  if (size_of(row) == sizeof wide) {
    memcpy(&wide, place, sizeof wide);
    return wide;
  }
  memcpy(&narrow, place, sizeof narrow);
  return narrow;
}

const char *scalar_text(const config_row *row, const void *base, char buffer[NUMBER_TEXT])
{
  const void *place = (const char *)base + row->offset;
  switch (row->type) {
  case CONFIG_BOOL:
    return *(const bool *)place ? "true" : "false";
  case CONFIG_INT:
    snprintf(buffer, NUMBER_TEXT, "%" PRId64, whole_value(row, place));
    return buffer;
  case CONFIG_REAL:
    return number_print(*(const double *)place, buffer);
  case CONFIG_TEXT:
    return place;
  default:
    return row->choices[*(const int *)place];
  }
}
