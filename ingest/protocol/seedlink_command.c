#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "seedlink_conversation.h"
#include "selectors.h"

enum { COMMAND = 2 * SEEDLINK_LINE };

static bool opening(const protocol_client *client, const seedlink_cursor *cursor, char line[COMMAND]);
static bool selecting(const protocol_client *client, const seedlink_cursor *cursor, char line[COMMAND]);
static bool data_3(const seedlink_ask *ask, int attempt, char line[COMMAND]);
static bool data_4(const protocol_client *client, const seedlink_ask *ask, int attempt, char line[COMMAND]);

bool seedlink_command(const protocol_client *client, const seedlink_cursor *cursor, char line[COMMAND])
{
  const seedlink_ask *ask = cursor->ask < client->plan.count ? &client->plan.asks[cursor->ask] : NULL;
  switch (cursor->step) {
  case SEEDLINK_STATION:
    if (!ask)
      return false;
    if (client->version == 4)
      snprintf(line, COMMAND, "STATION %s_%s\r\n", ask->network, ask->station);
    else
      snprintf(line, COMMAND, "STATION %s %s\r\n", ask->station, ask->network);
    return true;
  case SEEDLINK_SELECT:
    return ask && selecting(client, cursor, line);
  case SEEDLINK_DATA:
    return ask && (client->version == 4 ? data_4(client, ask, cursor->part, line) : data_3(ask, cursor->part, line));
  case SEEDLINK_END_STEP:
    snprintf(line, COMMAND, client->alone ? "DATA\r\n" : "END\r\n");
    return true;
  default:
    return opening(client, cursor, line);
  }
}

static bool authentication(const protocol_client_setup *setup, char line[COMMAND])
{
  if (!seedlink_may_authenticate(setup))
    return false;
  if (setup->token && setup->token[0])
    return snprintf(line, COMMAND, "AUTH JWT %s\r\n", setup->token) < COMMAND;
  return setup->user && setup->user[0] &&
         snprintf(line, COMMAND, "AUTH USERPASS %s %s\r\n", setup->user, setup->password ? setup->password : "") < COMMAND;
}

/* Only exact codes can be said to a server without wildcards; where all are exact, its list is not needed. */
static bool needs_stations(const protocol_client *client)
{
  bool needed = client->setup.selections_count == 0;
  for (size_t i = 0; i < client->setup.selections_count; i++)
    needed = needed || selectors_have_wildcards(&client->setup.selections[i]);
  return needed && !client->wildcards;
}

static bool opening(const protocol_client *client, const seedlink_cursor *cursor, char line[COMMAND])
{
  enum { MANY_STATIONS = 20 };
  const char *text = NULL;
  switch (cursor->step) {
  case SEEDLINK_HELLO:
    text = "HELLO\r\n";
    break;
  case SEEDLINK_PROTOCOL:
    text = "SLPROTO 4.0\r\n";
    break;
  case SEEDLINK_AGENT:
    text = "USERAGENT tocsin/" TOCSIN_VERSION "\r\n";
    break;
  case SEEDLINK_AUTH:
    return authentication(&client->setup, line);
  case SEEDLINK_CAPABILITIES:
    text = protocol_resume_count(client->setup.resume) > 0 ? "INFO CAPABILITIES\r\n" : NULL;
    break;
  case SEEDLINK_EXTENDED:
    text = client->extended ? "CAPABILITIES EXTREPLY\r\n" : NULL;
    break;
  case SEEDLINK_STATIONS:
    text = needs_stations(client) ? "INFO STATIONS\r\n" : NULL;
    break;
  case SEEDLINK_BATCH:
    text = client->plan.count > MANY_STATIONS ? "BATCH\r\n" : NULL;
    break;
  default:
    break;
  }
  if (text)
    snprintf(line, COMMAND, "%s", text);
  return text != NULL;
}

/* Version 3 takes one selector a command; SeisComP knows no name for a blank location. */
static bool selecting_3(const protocol_client *client, const char *selectors, int part, char line[COMMAND])
{
  char word[SELECTORS_WORD], text[SELECTORS_WORD];
  while (selectors_next(&selectors, word)) {
    snprintf(text, sizeof text, "%s", word);
    if (!client->wildcards && !selectors_without_blank(word, text))
      continue;
    if (part-- > 0)
      continue;
    snprintf(line, COMMAND, "SELECT %s\r\n", text);
    return true;
  }
  return false;
}

static bool selecting(const protocol_client *client, const seedlink_cursor *cursor, char line[COMMAND])
{
  const char *selectors = client->plan.asks[cursor->ask].selectors;
  char patterns[SELECTORS_LINE];
  if (client->version != 4)
    return selecting_3(client, selectors, cursor->part, line);
  if (selectors_to_4(selectors, cursor->part, patterns) < 0)
    return false;
  snprintf(line, COMMAND, "SELECT%s\r\n", patterns);
  return true;
}

/* Whole seconds, by commas and without leading zeros' meaning: 2019,07,06,03,19,53. */
static void time_3(int64_t time, char text[INGEST_TIME_TEXT])
{
  ingest_time_format(time, text);
  text[4] = text[7] = text[10] = text[13] = text[16] = ',';
  text[19] = '\0';
}

/* The packet after the last one and its record's time; if that is refused, without the time; then from now on. */
static bool data_3(const seedlink_ask *ask, int attempt, char line[COMMAND])
{
  char time[INGEST_TIME_TEXT];
  if (attempt == SEEDLINK_ATTEMPTS - 1) {
    snprintf(line, COMMAND, "DATA\r\n");
    return true;
  }
  if (ask->sequence == PROTOCOL_NO_SEQUENCE)
    return false;
  unsigned next = (unsigned)((ask->sequence + 1) & 0xFFFFFF);
  time_3(ask->time, time);
  if (attempt == 0)
    snprintf(line, COMMAND, "DATA %06X %s\r\n", next, time);
  else
    snprintf(line, COMMAND, "DATA %06X\r\n", next);
  return true;
}

static bool data_4(const protocol_client *client, const seedlink_ask *ask, int attempt, char line[COMMAND])
{
  char time[INGEST_TIME_TEXT];
  if (attempt == SEEDLINK_ATTEMPTS - 1) {
    snprintf(line, COMMAND, "DATA\r\n");
    return true;
  }
  if (ask->sequence == PROTOCOL_NO_SEQUENCE && ask->time > 0 && client->knows_time && attempt == 0) {
    snprintf(line, COMMAND, "DATA ALL %s\r\n", ingest_time_format(ask->time, time));
    return true;
  }
  if (ask->sequence == PROTOCOL_NO_SEQUENCE || ask->sequence == INT64_MAX || (attempt == 0 && !client->knows_time))
    return false;
  if (attempt == 0)
    snprintf(line, COMMAND, "DATA %" PRId64 " %s\r\n", ask->sequence + 1, ingest_time_format(ask->time, time));
  else
    snprintf(line, COMMAND, "DATA %" PRId64 "\r\n", ask->sequence + 1);
  return true;
}

void seedlink_describe(const protocol_client *client, const seedlink_cursor *cursor, char text[SEEDLINK_LINE])
{
  char line[COMMAND] = "";
  if (cursor->step == SEEDLINK_AUTH)
    snprintf(line, sizeof line, "the authentication");
  else if (!seedlink_command(client, cursor, line))
    snprintf(line, sizeof line, "END");
  snprintf(text, SEEDLINK_LINE, "%.*s", (int)strcspn(line, "\r"), line);
}

static seedlink_cursor step_on(const protocol_client *client, seedlink_cursor at)
{
  char patterns[SELECTORS_LINE];
  switch (at.step) {
  case SEEDLINK_HELLO:
    return (seedlink_cursor){client->version == 4 ? SEEDLINK_PROTOCOL : SEEDLINK_EXTENDED, 0, 0};
  case SEEDLINK_PROTOCOL:
    return (seedlink_cursor){client->version == 4 ? SEEDLINK_AGENT : SEEDLINK_EXTENDED, 0, 0};
  case SEEDLINK_CAPABILITIES:
    return (seedlink_cursor){SEEDLINK_STATION, 0, 0};
  case SEEDLINK_SELECT:
    at.part = client->version == 4 ? selectors_to_4(client->plan.asks[at.ask].selectors, at.part, patterns) : at.part + 1;
    return at;
  case SEEDLINK_DATA:
    return (seedlink_cursor){SEEDLINK_STATION, at.ask + 1, 0};
  case SEEDLINK_STREAM:
    return at;
  default:
    return (seedlink_cursor){at.step + 1, at.ask, 0};
  }
}

seedlink_cursor seedlink_following(const protocol_client *client, seedlink_cursor cursor)
{
  char line[COMMAND];
  cursor = step_on(client, cursor);
  while (cursor.step != SEEDLINK_STREAM && !seedlink_command(client, &cursor, line)) {
    if (cursor.step == SEEDLINK_SELECT)
      cursor = (seedlink_cursor){SEEDLINK_DATA, cursor.ask, 0};
    else if (cursor.step == SEEDLINK_DATA)
      cursor.part++;
    else if (cursor.step == SEEDLINK_STATION)
      cursor = (seedlink_cursor){SEEDLINK_END_STEP, 0, 0};
    else
      cursor = step_on(client, cursor);
  }
  return cursor;
}
