#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>

#include "foreign.h"
#include "protocol.h"
#include "unread.h"

enum { BUFFER = INGEST_RECORD_MAXIMUM, FAULT = 240 };

/* Records in a row, nothing else: no handshake, no sequence, nothing that can be asked. */
struct protocol_client {
  protocol_client_setup setup;
  int64_t heard; /* when the last bytes came */
  unread in;
  size_t wanted;    /* fewer bytes than this need not be looked at */
  bool greeted;     /* the first bytes were looked at */
  uint64_t garbage; /* pieces that were no record */
  char fault[FAULT];
  uint8_t bytes[BUFFER];
};

static bool take_records(protocol_client *client, const protocol_sink *sink);
static void hand_over(const protocol_client *client, size_t at, size_t length, const protocol_sink *sink);

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
  (void)sink;
  client->heard = now;
  client->in = (unread){0};
  client->wanted = 0;
  client->greeted = false;
  client->garbage = 0;
  client->fault[0] = '\0';
}

static bool take(protocol_client *client, const uint8_t *bytes, size_t length, int64_t now, const protocol_sink *sink)
{
  if (length > 0)
    client->heard = now;
  while (length > 0 && !client->fault[0]) {
    size_t n = unread_take(&client->in, client->bytes, sizeof client->bytes, bytes, length);
    bytes += n;
    length -= n;
    if (!take_records(client, sink))
      return false;
  }
  return !client->fault[0];
}

/* A record of version 2 that does not state its length. */
static void end(protocol_client *client, const protocol_sink *sink)
{
  if (client->fault[0] || client->in.used == 0 || ingest_frame_last(client->bytes, client->in.used).framing != INGEST_FRAME_RECORD)
    return;
  hand_over(client, 0, client->in.used, sink);
  unread_drop(&client->in, client->bytes, client->in.used);
}

static int64_t deadline(const protocol_client *client)
{
  return client->fault[0] ? INT64_MAX : client->heard + (int64_t)(client->setup.dead_s * 1e9);
}

static bool advance(protocol_client *client, int64_t now, const protocol_sink *sink)
{
  (void)sink;
  if (client->fault[0])
    return false;
  if (now < deadline(client))
    return true;
  snprintf(client->fault, sizeof client->fault,
           "nothing came for %g s; a server that waits to be spoken to is no raw feed: set kind: seedlink or datalink", client->setup.dead_s);
  return false;
}

static const char *fault(const protocol_client *client)
{
  return client->fault;
}

static const char *peer(const protocol_client *client)
{
  return client->in.used || client->greeted ? "raw miniSEED" : "";
}

const protocol_adapter protocol_raw = {.name = "raw",
                                       .port = 0,
                                       .tls_port = 0,
                                       .create = create,
                                       .destroy = destroy,
                                       .open = begin,
                                       .take = take,
                                       .advance = advance,
                                       .end = end,
                                       .deadline = deadline,
                                       .fault = fault,
                                       .peer = peer};

/* A peer of another protocol is named; anything else is garbage that ends at the next record. */
static bool greet(protocol_client *client)
{
  enum { ENOUGH = 9 };
  if (client->greeted || client->in.used < ENOUGH)
    return true;
  client->greeted = true;
  const char *speaker =
      ingest_frame(client->bytes, client->in.used).framing == INGEST_FRAME_SKIP ? foreign_speaker(client->bytes, client->in.used) : NULL;
  if (speaker)
    snprintf(client->fault, sizeof client->fault, "%s", speaker);
  return !speaker;
}

static void hand_over(const protocol_client *client, size_t at, size_t length, const protocol_sink *sink)
{
  protocol_record record = {client->bytes + at, length, NULL, PROTOCOL_NO_SEQUENCE, client->in.before + at};
  sink->record(sink->user, &record);
}

static void note_garbage(protocol_client *client, size_t at, const char *reason, const protocol_sink *sink)
{
  char text[160];
  if ((client->garbage & (client->garbage - 1)) != 0) /* the 1st, 2nd, 4th, 8th ... */
    return;
  snprintf(text, sizeof text, "stepped over what is no record at byte %" PRIu64 " (%" PRIu64 " times so far): %s", client->in.before + at,
           client->garbage, reason);
  sink->note(sink->user, LOG_WARNING, text);
}

static bool take_records(protocol_client *client, const protocol_sink *sink)
{
  size_t at = 0;
  if (!greet(client))
    return false;
  while (client->in.used - at > 0 && client->in.used - at >= client->wanted) {
    ingest_frame_result next = ingest_frame(client->bytes + at, client->in.used - at);
    client->wanted = next.framing == INGEST_FRAME_PARTIAL ? next.length : 0;
    if (next.framing == INGEST_FRAME_PARTIAL)
      break;
    if (next.framing == INGEST_FRAME_RECORD) {
      hand_over(client, at, next.length, sink);
    } else {
      client->garbage++;
      note_garbage(client, at, next.reason, sink);
    }
    at += next.length;
  }
  unread_drop(&client->in, client->bytes, at);
  return true;
}
