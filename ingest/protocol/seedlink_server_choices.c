#include "seedlink_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SEQUENCE_3 = 0xFFFFFF };

static station_choice *current(protocol_session *s)
{
  return s->current >= 0 ? &s->selection.stations[s->current] : NULL;
}

static bool choose_station(protocol_session *s, const char *pattern)
{
  const station_choice *choice = select_station(&s->selection, pattern);
  if (choice)
    s->current = (int32_t)(choice - s->selection.stations);
  return choice != NULL;
}

/* ---- STATION ---- */

void server_station(protocol_session *s, const command_line *line, const protocol_sink *sink)
{
  char pattern[SELECT_PATTERN_TEXT] = "";
  bool is_3 = s->version == 3;
  bool named = is_3 ? line->count == 3 || line->count == 2 : line->count == 2;
  s->current = -1;
  if (named && is_3 && strlen(line->words[1]) < 9 && (line->count == 2 || strlen(line->words[2]) < 9))
    snprintf(pattern, sizeof pattern, "%s_%s", line->count == 3 ? line->words[2] : "*", line->words[1]);
  else if (named && !is_3 && strlen(line->words[1]) < sizeof pattern)
    snprintf(pattern, sizeof pattern, "%s", line->words[1]);
  if (!select_is_pattern(pattern))
    server_error(s, "ARGUMENTS", is_3 ? "STATION station network, * and ? as wildcards" : "STATION NET_STA, * and ? as wildcards", sink);
  else if (!choose_station(s, pattern))
    server_error(s, "LIMIT", "more stations than one client may name", sink);
  else {
    s->stations = true;
    server_ok(s, sink);
  }
}

/* ---- SELECT ---- */

/* In version 3 without STATION, all stations are meant. */
static bool has_station(protocol_session *s)
{
  return s->current >= 0 || (s->version == 3 && !s->stations && choose_station(s, "*"));
}

static void forget_selectors(station_choice *choice)
{
  free(choice->selectors);
  choice->selectors = NULL;
  choice->selectors_count = 0;
}

/* Exclusions count whatever their place in version 3; in version 4 the first match decides. */
void server_select(protocol_session *s, const command_line *line, const protocol_sink *sink)
{
  bool is_3 = s->version == 3;
  if (!has_station(s)) {
    server_error(s, "UNEXPECTED", "SELECT comes after an accepted STATION", sink);
    return;
  }
  if (line->count == 1 && !is_3) {
    server_error(s, "ARGUMENTS", "SELECT wants a pattern", sink);
    return;
  }
  if (line->count == 1)
    forget_selectors(current(s));
  for (size_t i = 1; i < line->count; i++) {
    selector read;
    const char *fault = is_3 ? select_read_3(line->words[i], &read) : select_read_4(line->words[i], &read);
    if (fault || !select_add(current(s), &read, is_3 && read.negative)) {
      server_error(s, fault ? "ARGUMENTS" : "LIMIT", fault ? fault : "too many selectors", sink);
      return;
    }
  }
  server_ok(s, sink);
}

/* ---- DATA, FETCH and TIME ---- */

/* "YYYY,M,D,h,m,s" of version 3 (a fraction is left away), or ISO 8601. */
static bool read_time(const char *text, int64_t *time)
{
  int part[6];
  char iso[80];
  if (!strchr(text, ','))
    return ingest_time_parse(text, time);
  for (int i = 0; i < 6; i++) {
    char *end;
    long number = strtol(text, &end, 10);
    if (end == text || number < 0 || number > 9999 || (i < 5 && *end != ','))
      return false;
    part[i] = (int)number;
    text = end + 1;
  }
  snprintf(iso, sizeof iso, "%04d-%02d-%02dT%02d:%02d:%02dZ", part[0], part[1], part[2], part[3], part[4], part[5]);
  return ingest_time_parse(iso, time);
}

static bool read_number(const char *text, int base, int64_t *number)
{
  char *end;
  *number = strtoll(text, &end, base);
  return end != text && *end == '\0' && *number >= 0 && *text != '-' && *text != '+';
}

/* The packet of these 24 bits that is nearest before the next one. What is older than the ring, or was counted by a server before this one, begins
   with the oldest packet held. */
static int64_t whole_sequence(const protocol_ring *ring, int64_t bits)
{
  int64_t next = protocol_ring_next(ring);
  return next - ((next - bits) & SEQUENCE_3);
}

/* Resuming with a time: it is that of the packet before (in whole seconds); else the number is another server's, and the time alone counts. */
static bool is_known(const protocol_ring *ring, int64_t sequence, int64_t time)
{
  protocol_packet before;
  if (!protocol_ring_at(ring, sequence - 1, &before))
    return false;
  int64_t apart = before.start - time;
  return apart > -INGEST_SECOND && apart < INGEST_SECOND;
}

static const char *begin_3(protocol_session *s, const command_line *line, station_choice *choice)
{
  const protocol_ring *ring = s->server->setup.ring;
  bool fetch = strcasecmp(line->words[0], "FETCH") == 0;
  int64_t bits, time = INT64_MIN;
  choice->from_sequence = fetch ? 0 : protocol_ring_next(ring);
  s->fetch = s->fetch || fetch;
  if (line->count == 1)
    return NULL;
  if (!read_number(line->words[1], 16, &bits) || bits > UINT32_MAX)
    return "a sequence is a hexadecimal number of six digits";
  if (line->count > 2 && !read_time(line->words[2], &time))
    return "a time is Y,M,D,h,m,s in whole seconds";
  choice->from_sequence = whole_sequence(ring, bits & SEQUENCE_3);
  if (line->count > 2 && !is_known(ring, choice->from_sequence, time)) {
    choice->from_sequence = 0;
    choice->begin = time;
  }
  return NULL;
}

static const char *read_window(const command_line *line, size_t first, station_choice *choice)
{
  if (line->count > first && !read_time(line->words[first], &choice->begin))
    return "the start time cannot be read";
  if (line->count > first + 1 && !read_time(line->words[first + 1], &choice->end))
    return "the end time cannot be read";
  return choice->begin < choice->end ? NULL : "the end lies before the start";
}

static const char *begin_time(const command_line *line, station_choice *choice)
{
  choice->from_sequence = 0;
  return line->count > 1 ? read_window(line, 1, choice) : "TIME wants a begin, Y,M,D,h,m,s";
}

/* A number beyond the next packet's is one of a server before this one. */
static const char *begin_4(const protocol_session *s, const command_line *line, station_choice *choice)
{
  int64_t next = protocol_ring_next(s->server->setup.ring);
  choice->from_sequence = next;
  if (line->count > 1 && strcasecmp(line->words[1], "ALL") == 0)
    choice->from_sequence = 0;
  else if (line->count > 1 && !read_number(line->words[1], 10, &choice->from_sequence))
    return "a sequence is a decimal number, or ALL";
  if (choice->from_sequence > next)
    choice->from_sequence = 0;
  return read_window(line, 2, choice);
}

void server_data(protocol_session *s, const command_line *line, const protocol_sink *sink)
{
  if (!has_station(s)) {
    server_error(s, "UNEXPECTED", "it comes after an accepted STATION", sink);
    return;
  }
  station_choice *choice = current(s);
  const char *fault = s->version == 4                           ? begin_4(s, line, choice)
                      : strcasecmp(line->words[0], "TIME") == 0 ? begin_time(line, choice)
                                                                : begin_3(s, line, choice);
  if (fault) {
    server_error(s, "ARGUMENTS", fault, sink);
    return;
  }
  choice->wanted = true;
  if (s->version == 3 && !s->stations)
    server_start(s, sink); /* one station: the flow begins, unanswered */
  else
    server_ok(s, sink);
}
