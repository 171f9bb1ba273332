#include "writer.h"

#include <math.h>
#include <string.h>

#include "ingest.h"

static void put(writer *w, const char *bytes, size_t length);
static void begin_value(writer *w, const char *key);
static void put_string(writer *w, const char *text);
static void put_digits(writer *w, uint64_t value, int decimals);

void writer_start(writer *w, char *bytes, size_t capacity)
{
  *w = (writer){.bytes = bytes, .capacity = capacity};
}

void writer_open(writer *w, const char *key, char bracket)
{
  begin_value(w, key);
  put(w, &bracket, 1);
}

void writer_close(writer *w, char bracket)
{
  put(w, &bracket, 1);
}

void writer_text(writer *w, const char *key, const char *text)
{
  if (!text) {
    writer_null(w, key);
    return;
  }
  begin_value(w, key);
  put_string(w, text);
}

void writer_fixed(writer *w, const char *key, double value, int decimals)
{
  static const double scales[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
  double scaled = value * scales[decimals];
  if (!(fabs(scaled) < 9e15)) {
    writer_null(w, key);
    return;
  }
  int64_t units = llround(scaled);
  begin_value(w, key);
  if (units < 0)
    put(w, "-", 1);
  put_digits(w, (uint64_t)(units < 0 ? -units : units), decimals);
}

void writer_integer(writer *w, const char *key, int64_t value)
{
  begin_value(w, key);
  if (value < 0)
    put(w, "-", 1);
  put_digits(w, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 0);
}

void writer_flag(writer *w, const char *key, bool value)
{
  begin_value(w, key);
  put(w, value ? "true" : "false", value ? 4 : 5);
}

void writer_null(writer *w, const char *key)
{
  begin_value(w, key);
  put(w, "null", 4);
}

void writer_time(writer *w, const char *key, int64_t time)
{
  char text[INGEST_TIME_TEXT];
  bool known = time != 0 && time != INT64_MIN && time != INT64_MAX;
  writer_text(w, key, known ? ingest_time_format(time, text) : NULL);
}

static void put(writer *w, const char *bytes, size_t length)
{
  if (length > w->capacity - w->length) {
    w->overflow = true;
    return;
  }
  memcpy(w->bytes + w->length, bytes, length);
  w->length += length;
}

/* A value follows another exactly when the last byte does not open a bracket: a bracket inside a text is followed by its quote. */
static void begin_value(writer *w, const char *key)
{
  char last = w->length ? w->bytes[w->length - 1] : '[';
  if (last != '{' && last != '[')
    put(w, ",", 1);
  if (!key)
    return;
  put_string(w, key);
  put(w, ":", 1);
}

static bool continues(unsigned char byte)
{
  return (byte & 0xC0) == 0x80;
}

/* Bytes of the well-formed UTF-8 sequence at `s` (Unicode 15, table 3-7), 0 if there is none. A NUL ends it safely, for it never continues. */
static size_t sequence(const unsigned char *s)
{
  if (s[0] < 0x80)
    return 1;
  if (s[0] < 0xC2 || s[0] > 0xF4 || !continues(s[1]))
    return 0;
  if (s[0] < 0xE0)
    return 2;
  if (!continues(s[2]))
    return 0;
  if (s[0] < 0xF0)
    return (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F) ? 0 : 3;
  if (!continues(s[3]) || (s[0] == 0xF0 && s[1] < 0x90) || (s[0] == 0xF4 && s[1] > 0x8F))
    return 0;
  return 4;
}

static void put_escape(writer *w, unsigned char byte)
{
  static const char hex[] = "0123456789abcdef";
  static const char named[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
  const char *found = strchr(named, byte);
  char escape[6] = {'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]};
  if (found)
    escape[1] = letters[found - named];
  put(w, escape, found ? 2 : 6);
}

static void put_string(writer *w, const char *text)
{
  put(w, "\"", 1);
  for (const unsigned char *s = (const unsigned char *)text; *s;) {
    size_t n = sequence(s);
    if (n == 0)
      put(w, "\xEF\xBF\xBD", 3);
    else if (*s < 0x20 || *s == '"' || *s == '\\')
      put_escape(w, *s);
    else
      put(w, (const char *)s, n);
    s += n ? n : 1;
  }
  put(w, "\"", 1);
}

static void put_digits(writer *w, uint64_t value, int decimals)
{
  char text[32];
  size_t at = sizeof text;
  for (int place = 0; value > 0 || place <= decimals; place++, value /= 10) {
    if (place == decimals && decimals > 0)
      text[--at] = '.';
    text[--at] = (char)('0' + value % 10);
  }
  put(w, text + at, sizeof text - at);
}
