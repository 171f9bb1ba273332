#include "seedlink_conversation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

static bool take_all(protocol_client *client, int64_t now, const protocol_sink *sink);

static protocol_client *create(const protocol_client_setup *setup)
{
  protocol_client *client = calloc(1, sizeof *client);
  if (client)
    client->setup = *setup;
  return client;
}

static void destroy(protocol_client *client)
{
  if (!client)
    return;
  seedlink_info_destroy(client->info);
  seedlink_plan_free(&client->plan);
  free(client);
}

/* Kept from the last conversation: what was learnt of the server's refusals, and the plan's memory. */
static void forget(protocol_client *client)
{
  seedlink_info_destroy(client->info);
  client->info = NULL;
  seedlink_plan_clear(&client->plan);
  client->fault[0] = client->peer[0] = '\0';
  client->version = 3;
  client->greeted = client->one_row = client->wildcards = client->extended = client->knows_time = false;
  client->planned = client->alone = client->batch = client->filtered = client->resumes = client->took_record = false;
  client->unanswered = client->accepted = client->refused = 0;
  client->skipped = client->out_of_memory = 0;
  client->in = (unread){0};
  client->wanted = 0;
}

static void begin(protocol_client *client, int64_t now, const protocol_sink *sink)
{
  forget(client);
  client->heard = now;
  client->info_asked = INT64_MIN;
  seedlink_handshake_begin(client, now, sink);
}

static bool take(protocol_client *client, const uint8_t *bytes, size_t length, int64_t now, const protocol_sink *sink)
{
  if (length > 0)
    client->heard = now;
  while (length > 0 && !client->fault[0]) {
    size_t n = unread_take(&client->in, client->bytes, sizeof client->bytes, bytes, length);
    take_all(client, now, sink);
    bytes += n;
    length -= n;
  }
  return !client->fault[0];
}

static int64_t seconds(double s)
{
  return (int64_t)(s * 1e9);
}

static bool streams(const protocol_client *client)
{
  return client->said.step == SEEDLINK_STREAM;
}

/* When the server is to be asked for a sign of life. An INFO that it never answers (some do not, while data flow) is forgotten in the end. */
static int64_t next_question(const protocol_client *client)
{
  int64_t idle = client->heard + seconds(client->setup.idle_s), forgotten = client->info_asked + seconds(client->setup.dead_s);
  if (client->info_asked == INT64_MIN)
    return idle;
  if (client->heard <= client->info_asked)
    return INT64_MAX;
  return idle > forgotten ? idle : forgotten;
}

/* A server whose numbers began anew, and are still below those asked for, may wait for them for ever. */
static int64_t patience(const protocol_client *client)
{
  enum { SILENCES = 5 };
  return client->resumes && !client->took_record ? client->asked + SILENCES * seconds(client->setup.dead_s) : INT64_MAX;
}

static int64_t deadline(const protocol_client *client)
{
  if (client->fault[0])
    return INT64_MAX;
  if (!streams(client))
    return client->asked + seconds(client->setup.dead_s);
  int64_t dead = client->heard + seconds(client->setup.dead_s), question = next_question(client);
  int64_t first = question < dead ? question : dead, stale = patience(client);
  return first < stale ? first : stale;
}

static bool give_up(protocol_client *client)
{
  char what[SEEDLINK_LINE], text[SEEDLINK_FAULT];
  seedlink_describe(client, &client->awaited, what);
  if (streams(client))
    snprintf(text, sizeof text, "nothing came for %g s, not even an answer to INFO ID; connecting anew", client->setup.dead_s);
  else
    snprintf(text, sizeof text, "no answer to %s for %g s; check address, port and kind, and that tls is as the server wants it", what,
             client->setup.dead_s);
  return seedlink_fail(client, text);
}

static bool advance(protocol_client *client, int64_t now, const protocol_sink *sink)
{
  if (client->fault[0])
    return false;
  if (!streams(client))
    return now < client->asked + seconds(client->setup.dead_s) || give_up(client);
  if (now >= client->heard + seconds(client->setup.dead_s))
    return give_up(client);
  if (now >= patience(client)) {
    client->stale = true;
    return seedlink_fail(client, "no record came after those that this feed has, though the server answers; connecting anew without their numbers");
  }
  if (now >= next_question(client)) {
    client->info_asked = now;
    seedlink_say(sink, "INFO ID\r\n");
  }
  return true;
}

static const char *fault(const protocol_client *client)
{
  return client->fault;
}

static const char *peer(const protocol_client *client)
{
  return client->peer;
}

const protocol_adapter protocol_seedlink = {.name = "seedlink",
                                            .port = 18000,
                                            .tls_port = 18500,
                                            .create = create,
                                            .destroy = destroy,
                                            .open = begin,
                                            .take = take,
                                            .advance = advance,
                                            .deadline = deadline,
                                            .fault = fault,
                                            .peer = peer};

static bool take_all(protocol_client *client, int64_t now, const protocol_sink *sink)
{
  size_t at = 0;
  while (!client->fault[0] && client->in.used > at && client->in.used - at >= client->wanted) {
    client->wanted = 0;
    size_t length = client->in.used - at;
    size_t taken = streams(client) ? seedlink_stream_take(client, client->bytes + at, length, sink)
                                   : seedlink_handshake_take(client, client->bytes + at, length, now, sink);
    if (taken == 0)
      break;
    at += taken;
  }
  unread_drop(&client->in, client->bytes, at);
  return !client->fault[0];
}
