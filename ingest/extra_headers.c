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
