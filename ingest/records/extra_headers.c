#include "extra_headers.h"

#include <string.h>

enum { LEVELS = 3 };

typedef struct {
  const uint8_t *at, *end;
} text;

/* Where the walk is: how deep, and how many names of the path the objects around it bear. */
typedef struct {
  const char *path[LEVELS];
  size_t depth, matched;
} place;

static text string_at(text *json);
static bool enter_name(place *p, text name);

/* What follows the colon of the path's last name; empty if there is no such name. */
static text find(text json, place p)
{
  while (json.at < json.end) {
    uint8_t c = *json.at;
    if (c == '"') {
      text name = string_at(&json);
      while (json.at < json.end && strchr(" \t\r\n", *json.at) && *json.at)
        json.at++;
      if (json.at < json.end && *json.at == ':' && enter_name(&p, name))
        return (text){json.at + 1, json.end};
      continue;
    }
    if (c == '{' || c == '[')
      p.depth++;
    if ((c == '}' || c == ']') && p.depth > 0)
      p.depth--;
    if ((c == '}' || c == ']') && p.matched > p.depth)
      p.matched = p.depth;
    json.at++;
  }
  return json;
}

/* Steps over a string; what stands between its quotation marks. */
static text string_at(text *json)
{
  const uint8_t *begin = ++json->at;
  while (json->at < json->end && *json->at != '"')
    json->at += *json->at == '\\' ? 2 : 1;
  if (json->at > json->end)
    json->at = json->end;
  text string = {begin, json->at};
  if (json->at < json->end)
    json->at++;
  return string;
}

/* A name counts at its own depth only, under the names before it. True when it ends the path. */
static bool enter_name(place *p, text name)
{
  if (p->depth == 0 || p->depth > LEVELS || p->matched + 1 < p->depth)
    return false;
  const char *wanted = p->path[p->depth - 1];
  size_t length = (size_t)(name.end - name.at);
  p->matched = p->depth - (strlen(wanted) == length && memcmp(wanted, name.at, length) == 0 ? 0 : 1);
  return p->matched == LEVELS;
}

static text value_of(const uint8_t *json, size_t length, const char *group, const char *name)
{
  text value = {json, json};
  if (length > 0)
    value = find((text){json, json + length}, (place){.path = {"FDSN", group, name}});
  while (value.at < value.end && strchr(" \t\r\n", *value.at) && *value.at)
    value.at++;
  return value;
}

bool extra_headers_flag(const uint8_t *json, size_t length, const char *group, const char *name)
{
  text value = value_of(json, length, group, name);
  return value.end - value.at >= 4 && memcmp(value.at, "true", 4) == 0;
}

int extra_headers_percent(const uint8_t *json, size_t length, const char *group, const char *name)
{
  text value = value_of(json, length, group, name);
  int percent = -1;
  for (; value.at < value.end && *value.at >= '0' && *value.at <= '9'; value.at++) {
    percent = (percent < 0 ? 0 : percent * 10) + (*value.at - '0');
    if (percent > 100)
      return -1;
  }
  return percent;
}

/* ---- is it JSON? ---- */

enum { DEEPEST = 16 };

static bool is_space(uint8_t c)
{
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_spaces(text *json)
{
  while (json->at < json->end && is_space(*json->at))
    json->at++;
}

static bool take(text *json, uint8_t wanted)
{
  skip_spaces(json);
  if (json->at == json->end || *json->at != wanted)
    return false;
  json->at++;
  return true;
}

static bool take_escape(text *json)
{
  if (json->at == json->end)
    return false;
  uint8_t c = *json->at++;
  if (c != 'u')
    return c != '\0' && strchr("\"\\/bfnrt", c) != NULL;
  for (int i = 0; i < 4; i++, json->at++)
    if (json->at == json->end || *json->at == '\0' || !strchr("0123456789abcdefABCDEF", *json->at))
      return false;
  return true;
}

static bool take_string(text *json)
{
  if (!take(json, '"'))
    return false;
  while (json->at < json->end) {
    uint8_t c = *json->at++;
    if (c == '"')
      return true;
    if (c < ' ' || (c == '\\' && !take_escape(json)))
      return false;
  }
  return false;
}

static bool take_digits(text *json)
{
  const uint8_t *first = json->at;
  while (json->at < json->end && *json->at >= '0' && *json->at <= '9')
    json->at++;
  return json->at > first;
}

static bool take_number(text *json)
{
  json->at += *json->at == '-';
  bool leading_zero = json->end - json->at >= 2 && json->at[0] == '0' && json->at[1] >= '0' && json->at[1] <= '9';
  if (leading_zero || !take_digits(json))
    return false;
  if (json->at < json->end && *json->at == '.' && (json->at++, !take_digits(json)))
    return false;
  if (json->at == json->end || (*json->at | 0x20) != 'e')
    return true;
  json->at++;
  json->at += json->at < json->end && (*json->at == '+' || *json->at == '-');
  return take_digits(json);
}

static bool take_word(text *json, const char *word)
{
  size_t length = strlen(word);
  if ((size_t)(json->end - json->at) < length || memcmp(json->at, word, length) != 0)
    return false;
  json->at += length;
  return true;
}

/* A string, number or word. */
static bool take_scalar(text *json)
{
  skip_spaces(json);
  if (json->at == json->end)
    return false;
  if (*json->at == '"')
    return take_string(json);
  if (*json->at == '-' || (*json->at >= '0' && *json->at <= '9'))
    return take_number(json);
  return take_word(json, "true") || take_word(json, "false") || take_word(json, "null");
}

/* What closes each open object or array. */
typedef struct {
  uint8_t closing[DEEPEST];
  size_t depth;
} nesting;

/* From the begin of a value to its end, or into the first member of an object or array that has one. */
static bool take_value(text *json, nesting *n)
{
  while (true) {
    bool object = take(json, '{'), array = !object && take(json, '[');
    if (!object && !array)
      return take_scalar(json);
    if (n->depth == DEEPEST)
      return false;
    n->closing[n->depth++] = object ? '}' : ']';
    if (take(json, n->closing[n->depth - 1])) {
      n->depth--;
      return true;
    }
    if (object && !(take_string(json) && take(json, ':')))
      return false;
  }
}

bool extra_headers_hold(const uint8_t *bytes, size_t length)
{
  text json = {bytes, bytes + length};
  nesting n = {.depth = 0};
  skip_spaces(&json);
  if (json.at == json.end || *json.at != '{' || !take_value(&json, &n))
    return false;
  while (n.depth > 0) {
    if (take(&json, n.closing[n.depth - 1])) {
      n.depth--;
      continue;
    }
    if (!take(&json, ',') || (n.closing[n.depth - 1] == '}' && !(take_string(&json) && take(&json, ':'))) || !take_value(&json, &n))
      return false;
  }
  skip_spaces(&json);
  return json.at == json.end;
}
