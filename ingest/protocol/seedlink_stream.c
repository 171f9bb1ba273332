#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "foreign.h"
#include "seedlink_conversation.h"
#include "selectors.h"

static void take_record(protocol_client *client, const seedlink_packet *packet, const protocol_sink *sink);
static void take_error(protocol_client *client, const seedlink_packet *packet);
static void lose(protocol_client *client, const uint8_t *bytes, size_t length, const char *reason);
static void note_skipped(protocol_client *client, const uint8_t *bytes, const char *reason, const protocol_sink *sink);

size_t seedlink_stream_take(protocol_client *client, const uint8_t *bytes, size_t length, const protocol_sink *sink)
{
  seedlink_packet packet = client->version == 4 ? seedlink_packet_4(bytes, length) : seedlink_packet_3(bytes, length);
  switch (packet.kind) {
  case SEEDLINK_PARTIAL:
    client->wanted = (size_t)packet.length;
    return 0;
  case SEEDLINK_RECORD:
    take_record(client, &packet, sink);
    break;
  case SEEDLINK_INFO:
    if (packet.last)
      client->info_asked = INT64_MIN;
    break;
  case SEEDLINK_SKIPPED:
    if (packet.reason)
      note_skipped(client, bytes, packet.reason, sink);
    break;
  case SEEDLINK_END:
    seedlink_fail(client, "the server ended the stream (END); connecting anew");
    return 0;
  case SEEDLINK_ERROR:
    take_error(client, &packet);
    return 0;
  default:
    lose(client, bytes, length, packet.reason);
    return 0;
  }
  if (packet.length <= length)
    return (size_t)packet.length;
  client->in.to_skip = packet.length - length;
  return length;
}

static const char *selectors_of(const protocol_client *client, const ingest_codes *codes)
{
  for (size_t i = 0; i < client->setup.selections_count; i++)
    if (selectors_name(&client->setup.selections[i], codes->network, codes->station))
      return client->setup.selections[i].selectors;
  return "";
}

/* Of a server with one row of numbers only the newest packet counts; what is named is its station "". */
static void remember(protocol_client *client, const char *station, int64_t sequence, int64_t time, const protocol_sink *sink)
{
  protocol_position position = {.sequence = sequence, .time = time};
  if (!client->one_row)
    snprintf(position.station, sizeof position.station, "%s", station);
  if (!protocol_resume_set(client->setup.resume, &position) && client->out_of_memory++ == 0)
    seedlink_note(sink, LOG_ERR, "memory is short: where this station is to be resumed is not remembered");
}

/* In all the bytes of the connection; `bytes` are of the buffer. */
static uint64_t offset_of(const protocol_client *client, const uint8_t *bytes)
{
  return client->in.before + (uint64_t)(bytes - client->bytes);
}

/* A record without samples (a log) has no place in time that could be resumed. */
static void take_record(protocol_client *client, const seedlink_packet *packet, const protocol_sink *sink)
{
  ingest_record read;
  char station[PROTOCOL_STATION_TEXT] = "";
  bool readable = ingest_record_read(packet->payload, packet->payload_length, &read) == NULL;
  if (readable && client->filtered && !selectors_want(selectors_of(client, &read.codes), &read.codes))
    return;
  if (client->version == 4)
    memcpy(station, packet->station, sizeof station);
  else if (readable)
    snprintf(station, sizeof station, "%s_%s", read.codes.network, read.codes.station);
  if (readable && station[0])
    remember(client, station, packet->sequence, read.start, sink);
  client->took_record = true;
  client->stale = false;
  protocol_record record = {packet->payload, packet->payload_length, station[0] ? station : NULL, packet->sequence,
                            offset_of(client, packet->payload)};
  sink->record(sink->user, &record);
}

/* "ERROR" alone, or "ERROR CODE text". */
static void take_error(protocol_client *client, const seedlink_packet *packet)
{
  char why[SEEDLINK_LINE], text[SEEDLINK_FAULT];
  size_t length = packet->payload_length;
  if (length > 0 && packet->payload[length - 1] == '\r')
    length--;
  seedlink_reply_read(packet->payload, length, why);
  snprintf(text, sizeof text, "the server gave up the stream (ERROR)%s%s; connecting anew", why[0] ? ": " : "", why);
  seedlink_fail(client, text);
}

static void lose(protocol_client *client, const uint8_t *bytes, size_t length, const char *reason)
{
  char quote[24], text[SEEDLINK_FAULT];
  snprintf(text, sizeof text, "the stream lost its order: %s (\"%s\"); connecting anew", reason, foreign_quote(bytes, length, quote, sizeof quote));
  seedlink_fail(client, text);
}

/* The 1st, 2nd, 4th, 8th ... of a connection. */
static void note_skipped(protocol_client *client, const uint8_t *bytes, const char *reason, const protocol_sink *sink)
{
  char text[200];
  client->skipped++;
  if ((client->skipped & (client->skipped - 1)) != 0)
    return;
  snprintf(text, sizeof text, "a packet at byte %llu was left out (%llu so far): %s", (unsigned long long)offset_of(client, bytes),
           (unsigned long long)client->skipped, reason);
  seedlink_note(sink, LOG_WARNING, text);
}
