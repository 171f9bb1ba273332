#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <syslog.h>

#include "foreign.h"
#include "seedlink_conversation.h"
#include "selectors.h"

/* How many commands of version 4 are under way at once. */
enum { AHEAD = 64, NOTES_MOST = 5, GREETING_SEEN = 64 };

static size_t take_greeting(protocol_client *client, const uint8_t *bytes, size_t length, const protocol_sink *sink);
static size_t take_line(protocol_client *client, const uint8_t *bytes, size_t length, const protocol_sink *sink);
static size_t take_packet(protocol_client *client, const uint8_t *bytes, size_t length, const protocol_sink *sink);
static void go_on(protocol_client *client, const protocol_sink *sink);
static void refuse(protocol_client *client, const char *why, const protocol_sink *sink);
static void plan_stations(protocol_client *client, const protocol_sink *sink);

void seedlink_handshake_begin(protocol_client *client, int64_t now, const protocol_sink *sink)
{
  client->asked = now;
  client->said = client->awaited = (seedlink_cursor){SEEDLINK_HELLO, 0, 0};
  go_on(client, sink);
}

size_t seedlink_handshake_take(protocol_client *client, const uint8_t *bytes, size_t length, int64_t now, const protocol_sink *sink)
{
  size_t taken;
  bool asked_info = client->awaited.step == SEEDLINK_STATIONS || client->awaited.step == SEEDLINK_CAPABILITIES;
  if (client->awaited.step == SEEDLINK_HELLO)
    taken = take_greeting(client, bytes, length, sink);
  else if (asked_info && bytes[0] == 'S')
    taken = take_packet(client, bytes, length, sink);
  else
    taken = take_line(client, bytes, length, sink);
  if (taken > 0)
    client->asked = now;
  return taken;
}

/* ---- what the client says ---- */

static size_t window(const protocol_client *client)
{
  return client->version == 4 && !client->careful && client->said.step >= SEEDLINK_STATION ? AHEAD : 1;
}

static void end_handshake(protocol_client *client, const protocol_sink *sink)
{
  char line[2 * SEEDLINK_LINE], text[128];
  if (client->accepted == 0 && !client->alone) {
    seedlink_fail(client, client->plan.count ? "the server has none of the stations that are asked for; check selections"
                                             : "the server has no station that the selections name; check selections");
    return;
  }
  if (client->refused > NOTES_MOST) {
    snprintf(text, sizeof text, "the server refused %zu commands for %zu stations; check selections", client->refused, client->plan.count);
    seedlink_note(sink, LOG_WARNING, text);
  }
  seedlink_command(client, &client->said, line);
  seedlink_say(sink, line);
  client->said = client->awaited = (seedlink_cursor){SEEDLINK_STREAM, 0, 0};
}

/* Says as much as may be said before the next reply; END only when all replies are in. */
static void go_on(protocol_client *client, const protocol_sink *sink)
{
  char line[2 * SEEDLINK_LINE];
  while (client->said.step < SEEDLINK_END_STEP && client->unanswered < window(client)) {
    if (!seedlink_command(client, &client->said, line))
      break;
    seedlink_say(sink, line);
    if (client->batch)
      client->accepted += client->said.step == SEEDLINK_DATA;
    else
      client->unanswered++;
    if (client->said.step < SEEDLINK_BATCH) /* the next one depends on the answer */
      return;
    if (client->said.step == SEEDLINK_BATCH)
      return;
    client->said = seedlink_following(client, client->said);
  }
  if (client->said.step == SEEDLINK_END_STEP && client->unanswered == 0)
    end_handshake(client, sink);
}

/* Up to the stations each command waits for its answer, and what follows may depend on it. */
static void advance_past_answer(protocol_client *client, const protocol_sink *sink)
{
  if (client->unanswered > 0)
    client->unanswered--;
  if (client->awaited.step > SEEDLINK_BATCH) {
    client->awaited = seedlink_following(client, client->awaited);
    return;
  }
  client->said = seedlink_following(client, client->awaited);
  if (client->said.step >= SEEDLINK_BATCH && !client->planned) {
    plan_stations(client, sink);
    client->said = seedlink_following(client, client->awaited);
  }
  client->awaited = client->said;
}

static void accept(protocol_client *client, const protocol_sink *sink)
{
  client->accepted += client->awaited.step == SEEDLINK_DATA;
  if (client->awaited.step == SEEDLINK_BATCH) {
    client->batch = true;
    seedlink_note(sink, LOG_INFO, "many stations: asked for in one go (BATCH); the server will not say which it does not have");
  }
  advance_past_answer(client, sink);
  go_on(client, sink);
}

static void plan_stations(protocol_client *client, const protocol_sink *sink)
{
  const protocol_client_setup *setup = &client->setup;
  client->planned = true;
  if (client->one_row)
    seedlink_plan_one_row(&client->plan, setup);
  else if (client->wildcards)
    seedlink_plan_rows(&client->plan, setup);
  else
    seedlink_plan_exact(&client->plan, setup);
  for (size_t i = 0; i < client->plan.count; i++) {
    seedlink_ask *ask = &client->plan.asks[i];
    ask->sequence = client->stale ? PROTOCOL_NO_SEQUENCE : ask->sequence;
    client->resumes |= ask->sequence != PROTOCOL_NO_SEQUENCE;
  }
  client->alone = client->plan.count == 0 && setup->selections_count == 0;
  client->filtered = false;
  for (size_t i = 0; i < setup->selections_count; i++) {
    char fault[160];
    client->filtered = client->filtered || (!client->wildcards && selectors_name_blank(setup->selections[i].selectors));
    if (protocol_selection_fault(&setup->selections[i], fault))
      seedlink_note(sink, LOG_WARNING, fault);
  }
  if (client->plan.short_of_memory)
    seedlink_note(sink, LOG_ERR, "memory is short: not all stations are asked for");
}

/* ---- HELLO ---- */

static bool has_word(const char *text, const char *word)
{
  size_t length = strlen(word);
  for (; *text; text++)
    if (strncasecmp(text, word, length) == 0)
      return true;
  return false;
}

/* "SeedLink v3.1 (2016.271)", or " :: " and capabilities after it; version 4 is offered by SLPROTO:4.x among them. */
static void read_greeting(protocol_client *client, const uint8_t *line, size_t length, const protocol_sink *sink)
{
  foreign_quote(line, length, client->peer, sizeof client->peer);
  const char *capabilities = strstr(client->peer, "::");
  bool offers_4 = capabilities && has_word(capabilities, "SLPROTO:4.");
  client->version = offers_4 && client->setup.version != 3 && !client->refused_4 ? 4 : 3;
  client->one_row = has_word(client->peer, "ringserver");
  client->wildcards = client->version == 4 || client->one_row || (capabilities && has_word(capabilities, "NSWILDCARD"));
  client->extended = capabilities && has_word(capabilities, " CAP");
  if (client->setup.version == 4 && client->version != 4)
    seedlink_fail(client, "the server does not speak SeedLink 4; set version: 3, or leave it out");
  const protocol_client_setup *setup = &client->setup;
  bool wants = (setup->user && setup->user[0]) || (setup->token && setup->token[0]);
  if (wants && client->version != 4)
    seedlink_note(sink, LOG_NOTICE, "the server speaks SeedLink 3, which knows no authentication: user or token are not sent");
  else if (wants && !seedlink_may_authenticate(setup))
    seedlink_note(sink, LOG_WARNING, "user or token are not sent over a connection without TLS, nor with blanks in them; set tls: true");
}

static size_t not_seedlink(protocol_client *client, const uint8_t *bytes, size_t length, const char *speaker)
{
  char quote[40], text[160];
  snprintf(text, sizeof text, "no SeedLink server answers on this port: it says \"%s\"; check address, port and kind",
           foreign_quote(bytes, length, quote, sizeof quote));
  seedlink_fail(client, speaker ? speaker : text);
  return 0;
}

/* Two lines; what does not begin as the first one must is somebody else's. */
static size_t take_greeting(protocol_client *client, const uint8_t *bytes, size_t length, const protocol_sink *sink)
{
  static const char expected[] = "SeedLink";
  const uint8_t *newline = memchr(bytes, '\n', length);
  size_t known = length < sizeof expected - 1 ? length : sizeof expected - 1;
  if (!client->greeted && strncasecmp((const char *)bytes, expected, known) != 0) {
    const char *speaker = foreign_speaker(bytes, length);
    return speaker || newline || length >= GREETING_SEEN ? not_seedlink(client, bytes, length, speaker) : 0;
  }
  if (!newline) {
    if (length > 2 * SEEDLINK_LINE)
      seedlink_fail(client, "the server's answer to HELLO is a line without an end; check address and port");
    return 0;
  }
  size_t line = (size_t)(newline - bytes);
  if (client->greeted) {
    accept(client, sink);
  } else {
    client->greeted = true;
    read_greeting(client, bytes, line > 0 && bytes[line - 1] == '\r' ? line - 1 : line, sink);
  }
  return client->fault[0] ? 0 : line + 1;
}

/* ---- replies ---- */

static size_t take_line(protocol_client *client, const uint8_t *bytes, size_t length, const protocol_sink *sink)
{
  char why[SEEDLINK_LINE], what[SEEDLINK_LINE], quote[40], text[SEEDLINK_FAULT];
  const uint8_t *newline = memchr(bytes, '\n', length);
  if (!newline && length <= 2 * SEEDLINK_LINE)
    return 0;
  size_t line = newline ? (size_t)(newline - bytes) : length, visible = line > 0 && bytes[line - 1] == '\r' ? line - 1 : line;
  switch (newline ? seedlink_reply_read(bytes, visible, why) : SEEDLINK_NO_REPLY) {
  case SEEDLINK_OK:
    accept(client, sink);
    break;
  case SEEDLINK_REFUSED:
    refuse(client, why, sink);
    break;
  default:
    seedlink_describe(client, &client->awaited, what);
    snprintf(text, sizeof text, "the server answers %s with \"%s\", which is no reply of SeedLink; check address, port and version", what,
             foreign_quote(bytes, visible, quote, sizeof quote));
    seedlink_fail(client, text);
  }
  return client->fault[0] ? 0 : line + 1;
}

static void note_refusal(protocol_client *client, const char *why, const char *then, const protocol_sink *sink)
{
  char what[SEEDLINK_LINE], text[SEEDLINK_FAULT + 80];
  seedlink_describe(client, &client->awaited, what);
  snprintf(text, sizeof text, "the server refused %s%s%s; %s", what, why[0] ? ": " : "", why, then);
  if (client->refused++ < NOTES_MOST)
    seedlink_note(sink, LOG_WARNING, text);
}

static void fail_refused(protocol_client *client, const char *why, const char *remedy)
{
  char what[SEEDLINK_LINE], text[SEEDLINK_FAULT];
  seedlink_describe(client, &client->awaited, what);
  snprintf(text, sizeof text, "the server refused %s%s%s; %s", what, why[0] ? ": " : "", why, remedy);
  seedlink_fail(client, text);
}

/* Nothing was sent ahead: the next attempt of DATA, or the next station. */
static void refuse_station(protocol_client *client, const char *why, const protocol_sink *sink)
{
  seedlink_cursor *at = &client->awaited;
  client->unanswered = 0;
  if (at->step == SEEDLINK_DATA && at->part + 1 < SEEDLINK_ATTEMPTS) {
    note_refusal(client, why, "asking for later packets", sink);
    at->part++;
  } else if (at->step == SEEDLINK_SELECT) {
    note_refusal(client, why, "the station's other channels come, too", sink);
    *at = seedlink_following(client, *at);
  } else {
    note_refusal(client, why, "this station is left out", sink);
    *at = seedlink_following(client, (seedlink_cursor){SEEDLINK_DATA, at->ask, SEEDLINK_ATTEMPTS});
  }
  client->said = *at;
  go_on(client, sink);
}

static void refuse(protocol_client *client, const char *why, const protocol_sink *sink)
{
  switch (client->awaited.step) {
  case SEEDLINK_AUTH:
    fail_refused(client, why, strstr(why, "check user") ? "connecting anew" : "check user, password_file, token_file");
    return;
  case SEEDLINK_PROTOCOL:
    client->refused_4 = true;
    fail_refused(client, why, client->setup.version == 4 ? "set version: 3, or leave it out" : "connecting anew with SeedLink 3");
    return;
  case SEEDLINK_STATIONS:
    note_refusal(client, why, "name the stations without wildcards", sink);
    break;
  case SEEDLINK_STATION:
  case SEEDLINK_SELECT:
  case SEEDLINK_DATA:
    if (client->unanswered > 1) { /* what was sent after it can mean something else now */
      client->careful = true;
      fail_refused(client, why, "connecting anew, one command at a time");
    } else {
      refuse_station(client, why, sink);
    }
    return;
  default: /* the others are wishes */
    break;
  }
  advance_past_answer(client, sink);
  go_on(client, sink);
}

/* ---- answers to INFO ---- */

static void add_station(void *user, const char *network, const char *station)
{
  protocol_client *client = user;
  seedlink_plan_station(&client->plan, &client->setup, network, station);
}

static void take_stations(protocol_client *client, const seedlink_packet *packet, const protocol_sink *sink)
{
  if (packet->refused) {
    if (packet->last)
      refuse(client, "", sink);
    return;
  }
  if (!client->info)
    client->info = seedlink_info_create(add_station, client);
  bool good = client->info && seedlink_info_feed(client->info, packet->payload, packet->payload_length, packet->last);
  if (!packet->last)
    return;
  seedlink_info_destroy(client->info);
  client->info = NULL;
  if (good)
    accept(client, sink);
  else
    refuse(client, "its answer is no XML", sink);
}

static size_t take_packet(protocol_client *client, const uint8_t *bytes, size_t length, const protocol_sink *sink)
{
  seedlink_packet packet = client->version == 4 ? seedlink_packet_4(bytes, length) : seedlink_packet_3(bytes, length);
  if (packet.kind == SEEDLINK_PARTIAL)
    return 0;
  if (packet.kind != SEEDLINK_INFO) {
    seedlink_fail(client, packet.kind == SEEDLINK_LOST ? packet.reason : "the server sends something else than the answer to INFO");
    return 0;
  }
  if (client->version == 4) {
    client->knows_time = !packet.refused && seedlink_info_has(packet.payload, packet.payload_length, "TIME");
    accept(client, sink);
  } else {
    take_stations(client, &packet, sink);
  }
  return client->fault[0] ? 0 : (size_t)packet.length;
}
