/* DataLink 1.0 and 1.1: one question at a time until STREAM, then packets. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "datalink_frame.h"
#include "datalink_match.h"
#include "foreign.h"
#include "unread.h"

enum {
  PAYLOAD_MOST = INGEST_RECORD_MAXIMUM,
  FRAME_MOST = DATALINK_PREHEADER + DATALINK_HEADER_MOST + PAYLOAD_MOST,
  FAULT = 240,
  PEER = 120,
};
/* AFTER counts by the time of samples, which is earlier than that of their packet. What comes twice is known again. */
static const int64_t before_packet = 300 * INGEST_SECOND;

typedef enum { ASK_ID, ASK_AUTH, ASK_POSITION, ASK_AFTER, ASK_LATEST, ASK_MATCH, ASK_REJECT, STREAMING } step;
static const char *const asked_words[] = {"ID", "AUTH", "POSITION SET", "POSITION AFTER", "POSITION SET LATEST", "MATCH", "REJECT", "STREAM"};

struct protocol_client {
  protocol_client_setup setup;
  step step;
  int64_t heard, asked; /* when the last bytes came, and when the last question or sign of life was asked for */
  bool greeted, waits_for_life, takes_auth;
  protocol_position resumed; /* where the conversation began; sequence PROTOCOL_NO_SEQUENCE: nowhere */
  unread in;
  size_t at;        /* bytes from here on are not yet looked at */
  uint64_t skipped; /* packets not taken */
  char fault[FAULT], peer[PEER];
  uint8_t bytes[FRAME_MOST];
};

static void ask(protocol_client *client, step next, int64_t now, const protocol_sink *sink);
static void take_frames(protocol_client *client, int64_t now, const protocol_sink *sink);

/* ---- life ---- */

static protocol_client *create(const protocol_client_setup *setup)
{
  protocol_client *client = calloc(1, sizeof *client);
  if (client)
    client->setup = *setup;
  return client;
}

static void destroy(protocol_client *client)
{
  free(client);
}

static void begin(protocol_client *client, int64_t now, const protocol_sink *sink)
{
  const protocol_position *known = client->setup.resume ? protocol_resume_find(client->setup.resume, "") : NULL;
  client->resumed = known ? *known : (protocol_position){.sequence = PROTOCOL_NO_SEQUENCE};
  client->greeted = client->takes_auth = client->waits_for_life = false;
  client->in = (unread){0};
  client->at = client->skipped = 0;
  client->fault[0] = client->peer[0] = '\0';
  client->heard = now;
  ask(client, ASK_ID, now, sink);
}

static bool take(protocol_client *client, const uint8_t *bytes, size_t length, int64_t now, const protocol_sink *sink)
{
  if (length > 0) {
    client->heard = now;
    client->waits_for_life = false;
  }
  while (length > 0 && !client->fault[0]) {
    size_t n = unread_take(&client->in, client->bytes, sizeof client->bytes, bytes, length);
    take_frames(client, now, sink);
    bytes += n;
    length -= n;
  }
  return !client->fault[0];
}

static int64_t dead_at(const protocol_client *client)
{
  int64_t since = client->step == STREAMING ? client->heard : client->asked;
  return since + (int64_t)(client->setup.dead_s * 1e9);
}

static int64_t deadline(const protocol_client *client)
{
  if (client->fault[0])
    return INT64_MAX;
  int64_t dead = dead_at(client), idle = client->heard + (int64_t)(client->setup.idle_s * 1e9);
  return client->step == STREAMING && !client->waits_for_life && idle < dead ? idle : dead;
}

static void send_frame(const char *header, const void *data, size_t size, const protocol_sink *sink)
{
  uint8_t begin_of_frame[DATALINK_PREHEADER + DATALINK_HEADER_MOST] = {'D', 'L', (uint8_t)strlen(header)};
  memcpy(begin_of_frame + DATALINK_PREHEADER, header, strlen(header));
  sink->send(sink->user, begin_of_frame, DATALINK_PREHEADER + strlen(header));
  if (size > 0)
    sink->send(sink->user, data, size);
}

/* ID is the sign of life, too; it may be asked for while packets come. */
static void say_id(const protocol_sink *sink)
{
  send_frame("ID tocsin:tocsin:0:c", NULL, 0, sink);
}

static bool advance(protocol_client *client, int64_t now, const protocol_sink *sink)
{
  if (client->fault[0] || now < deadline(client))
    return !client->fault[0];
  if (now < dead_at(client)) {
    client->waits_for_life = true;
    say_id(sink);
  } else if (client->step == STREAMING) {
    snprintf(client->fault, sizeof client->fault, "nothing came for %g s, not even an answer to ID; connecting anew", client->setup.dead_s);
  } else {
    snprintf(client->fault, sizeof client->fault, "no answer to %s for %g s; check address, port and kind, and that tls is as the server wants it",
             asked_words[client->step], client->setup.dead_s);
  }
  return !client->fault[0];
}

static const char *fault(const protocol_client *client)
{
  return client->fault;
}

static const char *peer(const protocol_client *client)
{
  return client->peer;
}

const protocol_adapter protocol_datalink = {.name = "datalink",
                                            .port = 16000,
                                            .tls_port = 16500,
                                            .create = create,
                                            .destroy = destroy,
                                            .open = begin,
                                            .take = take,
                                            .advance = advance,
                                            .deadline = deadline,
                                            .fault = fault,
                                            .peer = peer};

/* ---- questions ---- */

static bool is_said(const char *text)
{
  return text && *text;
}

static void ask_auth(protocol_client *client, const protocol_sink *sink)
{
  char header[40], secret[512];
  bool by_token = is_said(client->setup.token);
  int size = by_token ? snprintf(secret, sizeof secret, "%s", client->setup.token)
                      : snprintf(secret, sizeof secret, "%s\r%s", client->setup.user, client->setup.password ? client->setup.password : "");
  if (size < 0 || (size_t)size >= sizeof secret) {
    snprintf(client->fault, sizeof client->fault, "user and password, or the token, are longer than 510 bytes; shorten them");
    return;
  }
  snprintf(header, sizeof header, "AUTH %s %d", by_token ? "JWT" : "USERPASS", size);
  send_frame(header, secret, (size_t)size, sink);
  memset(secret, 0, sizeof secret);
}

static void ask_regex(protocol_client *client, const char *command, const protocol_sink *sink)
{
  growing_text regex = {0};
  char header[40];
  if (client->step == ASK_MATCH)
    datalink_match(&client->setup, &regex);
  else
    datalink_reject(&client->setup, &regex);
  snprintf(header, sizeof header, "%s %zu", command, regex.length);
  if (regex.failed)
    snprintf(client->fault, sizeof client->fault, "memory is short for the selection");
  else if (regex.length == 0)
    send_frame(command, NULL, 0, sink); /* clears */
  else
    send_frame(header, regex.bytes, regex.length, sink);
  free(regex.bytes);
}

static void ask(protocol_client *client, step next, int64_t now, const protocol_sink *sink)
{
  char header[80];
  client->step = next;
  client->asked = now;
  switch (next) {
  case ASK_ID:
    say_id(sink);
    break;
  case ASK_AUTH:
    ask_auth(client, sink);
    break;
  case ASK_POSITION:
    snprintf(header, sizeof header, "POSITION SET %" PRId64 " %" PRId64, client->resumed.sequence, client->resumed.time / 1000);
    send_frame(header, NULL, 0, sink);
    break;
  case ASK_AFTER:
    snprintf(header, sizeof header, "POSITION AFTER %" PRId64, (client->resumed.time - before_packet) / 1000);
    send_frame(header, NULL, 0, sink);
    break;
  case ASK_LATEST:
    send_frame("POSITION SET LATEST", NULL, 0, sink);
    break;
  case ASK_MATCH:
  case ASK_REJECT:
    ask_regex(client, asked_words[next], sink);
    break;
  case STREAMING:
    send_frame("STREAM", NULL, 0, sink);
    break;
  }
}

/* ---- frames ---- */

static bool lose(protocol_client *client, const char *what)
{
  char quoted[48];
  size_t left = client->in.used - client->at;
  foreign_quote(client->bytes + client->at, left < 40 ? left : 40, quoted, sizeof quoted);
  snprintf(client->fault, sizeof client->fault, "%s (\"%s\"); connecting anew, and if it comes again check port and kind", what, quoted);
  return false;
}

/* Anything but DataLink is named, once enough of it came. */
static bool is_foreign(protocol_client *client)
{
  enum { ENOUGH = 9 };
  const uint8_t *bytes = client->bytes + client->at;
  size_t left = client->in.used - client->at;
  if (memcmp(bytes, "DL", left < 2 ? left : 2) == 0)
    return false;
  const char *speaker = client->greeted ? NULL : foreign_speaker(bytes, left);
  if (speaker)
    snprintf(client->fault, sizeof client->fault, "%s", speaker);
  else if (client->greeted || left >= ENOUGH || memchr(bytes, '\n', left))
    lose(client, client->greeted ? "no frame begins where one must" : "this is no DataLink server");
  return true;
}

/* ---- answers ---- */

/* Where the stream begins: after the packet taken last, else after its time; else with what comes now. */
static step first_position(const protocol_client *client)
{
  if (client->resumed.sequence != PROTOCOL_NO_SEQUENCE)
    return ASK_POSITION;
  return client->resumed.time > 0 ? ASK_AFTER : ASK_MATCH;
}

static void answer_id(protocol_client *client, const datalink_frame *h, int64_t now, const protocol_sink *sink)
{
  if (client->step != ASK_ID)
    return;
  if (strncmp(h->text, "ID DataLink", 11) != 0) {
    lose(client, "this is no DataLink server");
    return;
  }
  foreign_quote((const uint8_t *)h->text + 3, h->length - 3, client->peer, sizeof client->peer);
  client->takes_auth = strstr(h->text, " AUTH") != NULL;
  bool has_secret = is_said(client->setup.user) || is_said(client->setup.token);
  if (has_secret && !client->setup.encrypted && !client->setup.plain_authentication)
    snprintf(client->fault, sizeof client->fault, "user and password or token are sent over TLS alone: set tls: true, or leave them out");
  else if (has_secret && client->takes_auth)
    ask(client, ASK_AUTH, now, sink);
  else {
    if (has_secret)
      sink->note(sink->user, LOG_WARNING, "the server asks nobody who he is: user, password and token are not sent");
    ask(client, first_position(client), now, sink);
  }
}

static void refuse(protocol_client *client, const char *reason)
{
  static const char *const remedies[] = {[ASK_ID] = "check address and kind",
                                         [ASK_AUTH] = "check user, password or token",
                                         [ASK_MATCH] = "check network, station and selectors of this feed",
                                         [ASK_REJECT] = "check network, station and selectors of this feed",
                                         [STREAMING] = "connecting anew"};
  snprintf(client->fault, sizeof client->fault, "the server refuses %s: %s; %s", asked_words[client->step], *reason ? reason : "without a reason",
           remedies[client->step]);
}

/* A ring that was reset, or is too short: by time, and if that fails from now on. */
static void answer_error(protocol_client *client, const char *reason, int64_t now, const protocol_sink *sink)
{
  switch (client->step) {
  case ASK_POSITION:
    sink->note(sink->user, LOG_WARNING, "the server no longer has the packet where this feed ended; resuming by its time");
    ask(client, ASK_AFTER, now, sink);
    break;
  case ASK_AFTER:
    sink->note(sink->user, LOG_WARNING, "the server has nothing after the time where this feed ended; resuming with what comes now");
    ask(client, ASK_LATEST, now, sink);
    break;
  case ASK_LATEST:
    ask(client, ASK_MATCH, now, sink);
    break;
  default:
    refuse(client, reason);
  }
}

static void answer_ok(protocol_client *client, const datalink_frame *h, int64_t now, const protocol_sink *sink)
{
  switch (client->step) {
  case ASK_AUTH:
    ask(client, first_position(client), now, sink);
    break;
  case ASK_POSITION:
  case ASK_AFTER:
  case ASK_LATEST:
    ask(client, ASK_MATCH, now, sink);
    break;
  case ASK_MATCH:
    if (client->setup.selections_count > 0 && h->count > 1 && strcmp(h->words[1], "0") == 0)
      sink->note(sink->user, LOG_WARNING, "the selection names no stream that the server has now; check network, station and selectors of this feed");
    ask(client, ASK_REJECT, now, sink);
    break;
  case ASK_REJECT:
    ask(client, STREAMING, now, sink);
    break;
  case ASK_ID:
    lose(client, "OK where another answer must come");
    break;
  case STREAMING:
    break;
  }
}

/* ---- packets ---- */

static void hand_over(const uint8_t *bytes, size_t size, uint64_t offset, const datalink_frame *h, int64_t id, const protocol_sink *sink)
{
  char station[PROTOCOL_STATION_TEXT], text[160], quoted[64];
  const char *stream = h->words[1];
  for (size_t at = 0; at < size;) {
    ingest_frame_result next = ingest_frame_last(bytes + at, size - at);
    if (next.framing != INGEST_FRAME_RECORD) {
      foreign_quote((const uint8_t *)stream, strlen(stream), quoted, sizeof quoted);
      snprintf(text, sizeof text, "a packet of %s holds no whole record at byte %" PRIu64 ": %s", quoted, offset + at,
               next.reason ? next.reason : "it is cut short");
      sink->note(sink->user, LOG_WARNING, text);
      return;
    }
    protocol_record record = {bytes + at, next.length, datalink_station(stream, station), id, offset + at};
    sink->record(sink->user, &record);
    at += next.length;
  }
}

/* PACKET streamid id packet_time data_start data_end size; the one where the conversation resumed was taken before. */
static bool take_packet(protocol_client *client, const datalink_frame *h, const uint8_t *data, const protocol_sink *sink)
{
  int64_t id, microseconds;
  if (h->count != 7 || !datalink_number(h->words[2], INT64_MAX, &id) || !datalink_number(h->words[3], INT64_MAX / 1000, &microseconds))
    return lose(client, "a PACKET whose header cannot be read");
  protocol_position here = {.sequence = id, .time = microseconds * 1000};
  bool is_resumed = id == client->resumed.sequence && here.time == client->resumed.time;
  if (datalink_is_miniseed(h->words[1]) && h->data <= PAYLOAD_MOST && !is_resumed)
    hand_over(data, (size_t)h->data, client->in.before + (uint64_t)(data - client->bytes), h, id, sink);
  else
    client->skipped++;
  if (client->setup.resume)
    protocol_resume_set(client->setup.resume, &here);
  return true;
}

static void take_frame(protocol_client *client, const datalink_frame *h, const uint8_t *data, int64_t now, const protocol_sink *sink)
{
  char reason[128];
  size_t said = h->data <= PAYLOAD_MOST ? (size_t)h->data : 0;
  const char *word = h->count ? h->words[0] : "";
  client->greeted = true;
  if (strncmp(h->text, "ID", 2) == 0)
    answer_id(client, h, now, sink);
  else if (strcmp(word, "PACKET") == 0)
    take_packet(client, h, data, sink);
  else if (strcmp(word, "OK") == 0)
    answer_ok(client, h, now, sink);
  else if (strcmp(word, "ERROR") == 0)
    answer_error(client, foreign_quote(data, said, reason, sizeof reason), now, sink);
  else if (strcmp(word, "ENDSTREAM") == 0)
    lose(client, "the server ended the stream");
  else if (strcmp(word, "INFO") != 0)
    lose(client, "a frame of no known kind");
}

/* How many bytes the frame takes away; 0: more are needed, or the conversation is over. What is too long to be kept is stepped over. */
static size_t next_frame(protocol_client *client, int64_t now, const protocol_sink *sink)
{
  datalink_frame h;
  const uint8_t *frame = client->bytes + client->at;
  size_t left = client->in.used - client->at;
  if (left < DATALINK_PREHEADER || left < (size_t)DATALINK_PREHEADER + frame[2])
    return 0;
  if (!datalink_read_header(frame, &h)) {
    lose(client, "a frame whose size cannot be read, or is more than 16 MB");
    return 0;
  }
  size_t header = DATALINK_PREHEADER + h.length;
  bool is_kept = h.data <= PAYLOAD_MOST;
  if (is_kept && left - header < h.data)
    return 0;
  take_frame(client, &h, frame + header, now, sink);
  size_t here = left - header < h.data ? left - header : (size_t)h.data;
  client->in.to_skip = h.data - here;
  return header + here;
}

static void take_frames(protocol_client *client, int64_t now, const protocol_sink *sink)
{
  size_t taken = 1;
  while (taken > 0 && client->at < client->in.used && !client->fault[0] && !is_foreign(client)) {
    taken = next_frame(client, now, sink);
    client->at += taken;
  }
  unread_drop(&client->in, client->bytes, client->at);
  client->at = 0;
}
