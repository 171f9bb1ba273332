#include "seedlink_session.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOOKED_AT_MOST = 20000 /* packets in one call */ };
static const int64_t window_grace = 60 * INGEST_SECOND;

protocol_server *protocol_server_create(const protocol_server_setup *setup)
{
  protocol_server *server = calloc(1, sizeof *server);
  if (server)
    server->setup = *setup;
  return server;
}

void protocol_server_destroy(protocol_server *server)
{
  free(server);
}

protocol_session *protocol_session_create(protocol_server *server, const char *peer, int64_t now)
{
  protocol_session *s = calloc(1, sizeof *s);
  if (!s)
    return NULL;
  s->server = server;
  s->version = 3;
  s->current = -1;
  s->connected = now;
  snprintf(s->peer, sizeof s->peer, "%s", peer);
  s->previous = server->last;
  *(server->last ? &server->last->next : &server->first) = s;
  server->last = s;
  return s;
}

void protocol_session_destroy(protocol_session *s)
{
  if (!s)
    return;
  protocol_server *server = s->server;
  *(s->previous ? &s->previous->next : &server->first) = s->next;
  *(s->next ? &s->next->previous : &server->last) = s->previous;
  select_clear(&s->selection);
  free(s);
}

bool protocol_session_finished(const protocol_session *s)
{
  return s->finished;
}

int64_t protocol_session_place(const protocol_session *s)
{
  return s->streaming && !s->finished ? s->place : 0;
}

uint64_t protocol_session_sent(const protocol_session *s)
{
  return s->sent;
}

uint64_t protocol_session_lost(const protocol_session *s)
{
  return s->lost;
}

/* ---- bytes of the client ---- */

/* Any of CR, LF and both ends a line. */
static bool take_byte(protocol_session *s, uint8_t byte, const protocol_sink *sink)
{
  bool ends = byte == '\r' || byte == '\n';
  if (!ends && (byte < ' ' || byte > '~')) {
    server_note(s, 4, sink, byte == 0x16 ? "it speaks TLS; this port is plain" : "it does not speak SeedLink: a byte that is no text");
    return false;
  }
  if (!ends && s->line_length == SERVER_LINE_MOST) {
    server_note(s, 4, sink, "it does not speak SeedLink: a command of more than 255 bytes");
    return false;
  }
  if (!ends) {
    s->line[s->line_length++] = (char)byte;
    return true;
  }
  s->line[s->line_length] = '\0';
  s->line_length = 0;
  if (strncmp(s->line, "GET ", 4) == 0 || strncmp(s->line, "POST ", 5) == 0) {
    server_note(s, 4, sink, "it speaks HTTP; a SeedLink client is wanted here");
    return false;
  }
  if (*s->line)
    server_command(s, s->line, sink);
  return !s->closing;
}

bool protocol_session_take(protocol_session *s, const uint8_t *bytes, size_t length, const protocol_sink *sink)
{
  for (size_t i = 0; i < length; i++)
    if (s->closing || !take_byte(s, bytes[i], sink))
      return false;
  return !s->closing;
}

/* ---- packets for the client ---- */

/* One packet on its way out, perhaps turned into miniSEED 3. */
typedef struct {
  protocol_session *session;
  const protocol_sink *sink;
  protocol_packet packet;
  const char *format;
} sending;

static void send_4(void *user, const uint8_t *bytes, size_t length)
{
  const sending *out = user;
  const ring_stream *stream = ring_stream_at(out->session->server->setup.ring, (size_t)out->packet.stream);
  server_send_header_4(out->format, (uint64_t)out->packet.sequence, stream->station_id, length, out->sink);
  out->sink->send(out->sink->user, bytes, length);
  out->session->sent++;
  out->session->sent_bytes += length;
}

static void send_3(protocol_session *s, const protocol_packet *packet, const protocol_sink *sink)
{
  char header[9];
  if (packet->version != 2) {
    if (!s->noted_version)
      server_note(s, 4, sink, "records of miniSEED 3 are left out for it: it speaks version 3 of SeedLink");
    s->noted_version = true;
    return;
  }
  snprintf(header, sizeof header, "SL%06X", (unsigned)(packet->sequence & 0xFFFFFF));
  sink->send(sink->user, header, 8);
  sink->send(sink->user, packet->bytes, packet->length);
  s->sent++;
  s->sent_bytes += packet->length;
}

static void send_packet(protocol_session *s, const protocol_packet *packet, bool convert, const protocol_sink *sink)
{
  if (s->version == 3) {
    send_3(s, packet, sink);
    return;
  }
  sending out = {s, sink, *packet, packet->version == 3 || convert ? "3D" : "2D"};
  if (!convert || protocol_repack(packet->bytes, packet->length, 3, 0, 0, send_4, &out)) {
    out.format = packet->version == 3 ? "3D" : "2D";
    send_4(&out, packet->bytes, packet->length);
  }
}

static void skip_lost(protocol_session *s, const protocol_sink *sink)
{
  int64_t oldest = protocol_ring_oldest(s->server->setup.ring);
  if (s->place >= oldest)
    return;
  char text[100];
  s->lost += (uint64_t)(oldest - s->place);
  snprintf(text, sizeof text, "too slow for the ring: %" PRId64 " packets gave way before it came to them", oldest - s->place);
  server_note(s, 4, sink, text);
  s->place = oldest;
}

static bool is_wanted(const station_choice *choice, const protocol_packet *packet)
{
  return choice && packet->sequence >= choice->from_sequence && packet->end > choice->begin && packet->start < choice->end;
}

/* Every station asked for has an end, and its streams are past it; a stream that stopped before is waited for one minute. */
static bool windows_are_over(protocol_session *s, int64_t now)
{
  const protocol_ring *ring = s->server->setup.ring;
  int64_t latest = INT64_MIN;
  for (size_t i = 0; i < s->selection.stations_count; i++) {
    const station_choice *choice = &s->selection.stations[i];
    if (choice->wanted && choice->end > latest)
      latest = choice->end;
  }
  if (latest == INT64_MAX)
    return false;
  if (now - window_grace >= latest)
    return true;
  bool any = false, convert;
  for (size_t i = 0; i < ring_streams(ring); i++) {
    const station_choice *choice = select_stream(&s->selection, ring, (int32_t)i, &convert);
    if (choice && ring_stream_at(ring, i)->end < choice->end)
      return false;
    any = any || choice;
  }
  return any;
}

static void finish_if_over(protocol_session *s, int64_t now, const protocol_sink *sink)
{
  if (s->finished || !(s->fetch || windows_are_over(s, now)))
    return;
  server_answer("END", sink);
  s->finished = true;
}

bool protocol_session_pour(protocol_session *s, size_t room, int64_t now, const protocol_sink *sink)
{
  protocol_ring *ring = s->server->setup.ring;
  if (!s->streaming || s->finished)
    return false;
  skip_lost(s, sink);
  uint64_t before = s->sent_bytes;
  protocol_packet packet;
  for (int looked = 0; looked < LOOKED_AT_MOST && s->sent_bytes - before < room && protocol_ring_at(ring, s->place, &packet); looked++) {
    bool convert;
    if (is_wanted(select_stream(&s->selection, ring, packet.stream, &convert), &packet))
      send_packet(s, &packet, convert, sink);
    s->place++;
  }
  if (s->place < protocol_ring_next(ring))
    return true;
  finish_if_over(s, now, sink);
  return false;
}
