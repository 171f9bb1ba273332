#include "seedlink_server_select.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct exact_station {
  const char *pattern;
  int32_t index;
} exact_station;

/* What of_stream says of a stream: unknown yet, unwanted, else 2 x index (+ 1 to convert). */
enum { UNKNOWN = -2, UNWANTED = -1 };

static int32_t choose(const selection *s, const ring_stream *stream);

void select_clear(selection *s)
{
  for (size_t i = 0; i < s->stations_count; i++)
    free(s->stations[i].selectors);
  free(s->stations);
  free(s->exact);
  free(s->of_stream);
  *s = (selection){0};
}

bool select_is_pattern(const char *text)
{
  static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-*?";
  size_t length = strlen(text);
  return length > 0 && length < SELECT_PATTERN_TEXT && strspn(text, allowed) == length;
}

bool select_matches(const char *pattern, const char *text)
{
  return fnmatch(pattern, text, FNM_NOESCAPE) == 0;
}

station_choice *select_station(selection *s, const char *pattern)
{
  for (size_t i = s->stations_count; i-- > 0;)
    if (strcmp(s->stations[i].pattern, pattern) == 0)
      return &s->stations[i];
  if (s->stations_count == SELECT_STATIONS_MOST)
    return NULL;
  if (s->stations_count == s->stations_capacity) {
    size_t capacity = s->stations_capacity ? 2 * s->stations_capacity : 16;
    station_choice *grown = realloc(s->stations, capacity * sizeof *grown);
    if (!grown)
      return NULL;
    s->stations = grown;
    s->stations_capacity = capacity;
  }
  station_choice *choice = &s->stations[s->stations_count++];
  *choice = (station_choice){.begin = INT64_MIN, .end = INT64_MAX};
  snprintf(choice->pattern, sizeof choice->pattern, "%s", pattern);
  return choice;
}

bool select_add(station_choice *choice, const selector *added, bool first)
{
  if (choice->selectors_count == SELECT_SELECTORS_MOST)
    return false;
  selector *grown = realloc(choice->selectors, (choice->selectors_count + 1) * sizeof *grown);
  if (!grown)
    return false;
  choice->selectors = grown;
  if (first)
    memmove(grown + 1, grown, choice->selectors_count * sizeof *grown);
  grown[first ? 0 : choice->selectors_count] = *added;
  choice->selectors_count++;
  return true;
}

/* ---- selectors as written ---- */

/* "??" and no location at all stand for any, "--" for the blank one, which is no character in version 4's identifiers. */
static void put_location(const char *location, size_t length, char *text)
{
  if (length == 0 || strncmp(location, "??", 2) == 0)
    strcpy(text, "*");
  else
    snprintf(text, 3, "%.*s", (int)strspn(location, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789?*"), location);
}

const char *select_read_3(const char *text, selector *read)
{
  *read = (selector){.negative = *text == '!'};
  text += read->negative;
  size_t length = strcspn(text, ".");
  char stream[8] = "", location[4];
  if ((length != 0 && length != 3 && length != 5) ||
      (length > 0 && (snprintf(stream, sizeof stream, "%.*s", (int)length, text), !select_is_pattern(stream))))
    return "a selector is [!][LL][CCC][.T] with ? as wildcard";
  const char *type = text + length;
  if (*type && (strlen(type) != 2 || !strchr("DECOTL?", type[1])))
    return "the type of a selector is one of D E C O T L";
  read->subformat = *type && type[1] != '?' ? type[1] : '\0';
  const char *channel = length > 0 ? stream + length - 3 : "???";
  put_location(stream, length > 3 ? 2 : 0, location);
  /* location is of two characters, each of the channel's three has one, so no cutting takes place */
  snprintf(read->pattern, sizeof read->pattern, "%.2s_%c_%c_%c", location, channel[0], channel[1], channel[2]);
  return NULL;
}

static const char *read_format(const char *text, size_t length, selector *read)
{
  if (length > 2)
    return "a format is one digit and perhaps one letter (2, 2D, 3D)";
  for (size_t i = 0; i < length; i++)
    if (text[i] >= '0' && text[i] <= '9' && i == 0)
      read->format = text[i];
    else if (text[i] != '?' && text[i] != '*')
      read->subformat = text[i];
  return NULL;
}

const char *select_read_4(const char *text, selector *read)
{
  *read = (selector){.negative = *text == '!'};
  text += read->negative;
  size_t length = strcspn(text, ".:");
  if (length >= sizeof read->pattern)
    return "a stream pattern is too long";
  memcpy(read->pattern, text, length);
  if (!select_is_pattern(read->pattern))
    return "a stream pattern holds letters, digits, _, * and ?";
  const char *format = text + length, *filter = strchr(format, ':');
  size_t format_length = filter ? (size_t)(filter - format) : strlen(format);
  const char *fault = *format == '.' ? read_format(format + 1, format_length - 1, read) : NULL;
  if (fault || !filter)
    return fault;
  if (read->negative)
    return "a filter does not go with !";
  read->convert = strcmp(filter, ":3") == 0;
  return read->convert || strcmp(filter, ":native") == 0 ? NULL : "the filters are native and 3";
}

/* ---- which choice has a stream ---- */

static int compare_exact(const void *left, const void *right)
{
  const exact_station *a = left, *b = right;
  return strcmp(a->pattern, b->pattern);
}

bool select_seal(selection *s)
{
  s->exact = malloc((s->stations_count + 1) * sizeof *s->exact);
  if (!s->exact)
    return false;
  for (size_t i = 0; i < s->stations_count; i++)
    if (!strpbrk(s->stations[i].pattern, "*?"))
      s->exact[s->exact_count++] = (exact_station){s->stations[i].pattern, (int32_t)i};
  qsort(s->exact, s->exact_count, sizeof *s->exact, compare_exact);
  return true;
}

/* The first choice that names the station, -1 if none does: a station matched earlier is not another's. */
static int32_t choice_of(const selection *s, const char *station_id)
{
  exact_station key = {station_id, 0};
  const exact_station *exact = s->exact_count ? bsearch(&key, s->exact, s->exact_count, sizeof *s->exact, compare_exact) : NULL;
  size_t before = exact ? (size_t)exact->index : s->stations_count;
  if (s->exact_count < s->stations_count)
    for (size_t i = 0; i < before; i++)
      if (strpbrk(s->stations[i].pattern, "*?") && select_matches(s->stations[i].pattern, station_id))
        return (int32_t)i;
  return exact ? exact->index : -1;
}

static bool selector_matches(const selector *s, const ring_stream *stream)
{
  return (!s->format || s->format == '0' + stream->version) && (!s->subformat || s->subformat == 'D') &&
         select_matches(s->pattern, stream->stream_id);
}

/* The first match decides; where nothing but exclusions is said, the rest is wanted. */
static int32_t choose(const selection *s, const ring_stream *stream)
{
  int32_t index = choice_of(s, stream->station_id);
  if (index < 0 || !s->stations[index].wanted)
    return UNWANTED;
  const station_choice *choice = &s->stations[index];
  bool only_exclusions = true;
  for (size_t i = 0; i < choice->selectors_count; i++) {
    const selector *at = &choice->selectors[i];
    if (selector_matches(at, stream))
      return at->negative ? UNWANTED : 2 * index + (at->convert && stream->version == 2);
    only_exclusions = only_exclusions && at->negative;
  }
  return only_exclusions ? 2 * index : UNWANTED;
}

static bool know_streams(selection *s, size_t count)
{
  if (count <= s->of_stream_count)
    return true;
  int32_t *grown = realloc(s->of_stream, count * sizeof *grown);
  if (!grown)
    return false;
  for (size_t i = s->of_stream_count; i < count; i++)
    grown[i] = UNKNOWN;
  s->of_stream = grown;
  s->of_stream_count = count;
  return true;
}

const station_choice *select_stream(selection *s, const protocol_ring *ring, int32_t stream, bool *convert)
{
  if (!know_streams(s, ring_streams(ring)))
    return NULL;
  int32_t *known = &s->of_stream[stream];
  if (*known == UNKNOWN)
    *known = choose(s, ring_stream_at(ring, (size_t)stream));
  *convert = *known >= 0 && *known % 2 == 1;
  return *known >= 0 ? &s->stations[*known / 2] : NULL;
}
