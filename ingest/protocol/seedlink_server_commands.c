#include "seedlink_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef void answer(protocol_session *s, const command_line *line, const protocol_sink *sink);

enum { IN_3 = 1, IN_4 = 2, IN_BOTH = 3, FLOWING = 4 /* also while packets flow */, CHOOSES = 8 /* the version stays what it is */ };

static answer hello, slproto, capabilities, useragent, auth, batch, end, end_fetch, info, cat, bye;

static const struct {
  const char *name;
  unsigned when;
  answer *run;
} commands[] = {
    {"HELLO", IN_BOTH, hello},
    {"SLPROTO", IN_BOTH, slproto},
    {"CAPABILITIES", IN_3, capabilities},
    {"USERAGENT", IN_BOTH, useragent},
    {"AUTH", IN_4, auth},
    {"BATCH", IN_3, batch},
    {"STATION", IN_BOTH | CHOOSES, server_station},
    {"SELECT", IN_BOTH | CHOOSES, server_select},
    {"DATA", IN_BOTH | CHOOSES, server_data},
    {"FETCH", IN_3 | CHOOSES, server_data},
    {"TIME", IN_3 | CHOOSES, server_data},
    {"END", IN_BOTH | CHOOSES, end},
    {"ENDFETCH", IN_4 | CHOOSES, end_fetch},
    {"INFO", IN_BOTH | FLOWING, info},
    {"CAT", IN_3, cat},
    {"BYE", IN_BOTH | FLOWING, bye},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static bool split(char *text, command_line *line)
{
  line->count = 0;
  for (char *rest = NULL, *word = strtok_r(text, " \t", &rest); word; word = strtok_r(NULL, " \t", &rest)) {
    if (line->count == SERVER_WORDS_MOST)
      return false;
    line->words[line->count++] = word;
  }
  line->words[line->count] = NULL;
  return line->count > 0;
}

/* While packets flow only INFO and BYE are heard: there is no place for another's answer. */
void server_command(protocol_session *s, char *text, const protocol_sink *sink)
{
  command_line line;
  if (!split(text, &line)) {
    server_error(s, "ARGUMENTS", "no command, or too many words", sink);
    return;
  }
  for (size_t i = 0; i < COMMANDS; i++)
    if (strcasecmp(line.words[0], commands[i].name) == 0 && commands[i].when & (s->version == 3 ? IN_3 : IN_4)) {
      if (s->streaming && !(commands[i].when & FLOWING))
        return;
      s->spoken = s->spoken || commands[i].when & CHOOSES;
      commands[i].run(s, &line, sink);
      return;
    }
  if (!s->streaming)
    server_error(s, "UNSUPPORTED", "no such command in this version of the protocol", sink);
}

/* ---- who speaks ---- */

/* The first line stays below 100 bytes: libslink 2 reads no more of it. */
static void hello(protocol_session *s, const command_line *line, const protocol_sink *sink)
{
  (void)line;
  char text[256];
  const protocol_server_setup *setup = &s->server->setup;
  snprintf(text, sizeof text, "SeedLink v4.0 (%.20s) :: SLPROTO:4.0 SLPROTO:3.1 CAP TIME SEQWILDCARD%s\r\n%.90s\r\n", setup->software,
           setup->authorise ? " AUTH" : "", setup->organization);
  server_answer(text, sink);
}

static void slproto(protocol_session *s, const command_line *line, const protocol_sink *sink)
{
  const char *wanted = line->count > 1 ? line->words[1] : "";
  if (s->spoken)
    server_error(s, "UNEXPECTED", "SLPROTO comes before all that chooses", sink);
  else if (strcmp(wanted, "4.0") != 0 && strncmp(wanted, "3.", 2) != 0)
    server_error(s, "UNSUPPORTED", "this server speaks 3.1 and 4.0", sink);
  else {
    s->version = *wanted - '0';
    server_ok(s, sink);
  }
}

static void capabilities(protocol_session *s, const command_line *line, const protocol_sink *sink)
{
  for (size_t i = 1; i < line->count; i++)
    s->extended = s->extended || strcasecmp(line->words[i], "EXTREPLY") == 0;
  server_ok(s, sink);
}

static void useragent(protocol_session *s, const command_line *line, const protocol_sink *sink)
{
  size_t used = 0;
  for (size_t i = 1; i < line->count && used < sizeof s->agent; i++)
    used += (size_t)snprintf(s->agent + used, sizeof s->agent - used, "%s%s", i > 1 ? " " : "", line->words[i]);
  server_ok(s, sink);
}

/* Secrets are neither kept nor named. */
static void auth(protocol_session *s, const command_line *line, const protocol_sink *sink)
{
  const protocol_server_setup *setup = &s->server->setup;
  bool by_password = line->count == 4 && strcasecmp(line->words[1], "USERPASS") == 0;
  bool by_token = line->count == 3 && strcasecmp(line->words[1], "JWT") == 0;
  if (!by_password && !by_token)
    server_error(s, "ARGUMENTS", "AUTH USERPASS user password, or AUTH JWT token", sink);
  else if (!setup->authorise)
    server_error(s, "UNSUPPORTED", "nobody has to say who he is on this server", sink);
  else if (!setup->authorise(setup->user, by_password ? "USERPASS" : "JWT", by_password ? line->words[2] : "", line->words[line->count - 1]))
    server_error(s, "AUTH", "user, password or token are not known here", sink);
  else
    server_ok(s, sink);
}

/* ---- the flow ---- */

static void batch(protocol_session *s, const command_line *line, const protocol_sink *sink)
{
  (void)line;
  server_ok(s, sink);
  s->batch = true;
}

static void end(protocol_session *s, const command_line *line, const protocol_sink *sink)
{
  (void)line;
  bool any = s->batch;
  for (size_t i = 0; i < s->selection.stations_count; i++)
    any = any || s->selection.stations[i].wanted;
  if (any)
    server_start(s, sink);
  else
    server_error(s, "UNEXPECTED", "END without a station and DATA before it", sink);
}

static void end_fetch(protocol_session *s, const command_line *line, const protocol_sink *sink)
{
  s->fetch = true;
  end(s, line, sink);
}

static void bye(protocol_session *s, const command_line *line, const protocol_sink *sink)
{
  (void)line, (void)sink;
  s->closing = true;
}

/* ---- what there is ---- */

static void info(protocol_session *s, const command_line *line, const protocol_sink *sink)
{
  const char *level = line->count > 1 ? line->words[1] : "ID";
  if (s->version == 3)
    server_info_3(s, level, sink);
  else
    server_info_4(s, level, line->count > 2 ? line->words[2] : NULL, line->count > 3 ? line->words[3] : NULL, sink);
}

/* A line a station, then END (SeisComP's form). */
static void cat(protocol_session *s, const command_line *line, const protocol_sink *sink)
{
  (void)line;
  const protocol_ring *ring = s->server->setup.ring;
  const char *before = "";
  for (size_t i = 0; i < ring_streams(ring); i++) {
    const ring_stream *stream = ring_stream_sorted(ring, i);
    char text[64];
    if (strcmp(before, stream->station_id) == 0)
      continue;
    before = stream->station_id;
    snprintf(text, sizeof text, "%-2s %-5s %s\r\n", stream->codes.network, stream->codes.station, stream->station_id);
    server_answer(text, sink);
  }
  server_answer("END\r\n", sink);
}
