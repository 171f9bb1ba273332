/* number.c: numbers as text. The decimal point is a point, since no part of the program leaves the C locale. */
#include "number.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static size_t digits(const char *text, const char *end)
{
  size_t n = 0;
  while (text + n < end && isdigit((unsigned char)text[n]))
    n++;
  return n;
}

size_t number_length(const char *text, size_t length, bool *whole)
{
  const char *end = text + length, *at = text;
  if (at < end && (*at == '-' || *at == '+'))
    at++;
  size_t before = digits(at, end), after = 0;
  at += before;
  *whole = true;
  if (at < end && *at == '.') {
    after = digits(at + 1, end);
    at += 1 + after;
    *whole = false;
  }
  if (before + after == 0)
    return 0;
  if (at < end && (*at == 'e' || *at == 'E')) {
    const char *exponent = at + 1 < end && (at[1] == '-' || at[1] == '+') ? at + 2 : at + 1;
    if (digits(exponent, end)) {
      at = exponent + digits(exponent, end);
      *whole = false;
    }
  }
  return (size_t)(at - text);
}

double number_value(const char *text)
{
  return strtod(text, NULL);
}

char *number_print(double value, char out[NUMBER_TEXT])
{
  if (fabs(value) < 1e15 && value == floor(value)) {
    snprintf(out, NUMBER_TEXT, "%.0f", value);
    return out;
  }
  for (int precision = 1; precision <= 17; precision++) {
    snprintf(out, NUMBER_TEXT, "%.*g", precision, value);
    if (strtod(out, NULL) == value)
      break;
  }
  return out;
}
