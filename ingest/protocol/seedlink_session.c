#include "seedlink_session.h"

#include <stdio.h>
#include <string.h>

void server_note(const protocol_session *s, int severity, const protocol_sink *sink, const char *text)
{
  char line[200];
  snprintf(line, sizeof line, "%s: %s", s->peer, text);
  sink->note(sink->user, severity, line);
}

void server_answer(const char *text, const protocol_sink *sink)
{
  sink->send(sink->user, text, strlen(text));
}

void server_ok(protocol_session *s, const protocol_sink *sink)
{
  if (!s->batch)
    server_answer("OK\r\n", sink);
}

void server_error(protocol_session *s, const char *code, const char *text, const protocol_sink *sink)
{
  char reply[160] = "ERROR\r\n";
  if (s->batch)
    return;
  if (s->version == 4 || s->extended)
    snprintf(reply, sizeof reply, "ERROR%c%s %s\r\n", s->version == 4 ? ' ' : '\r', code, text);
  server_answer(reply, sink);
}

void server_send_header_4(const char *format, uint64_t sequence, const char *station, size_t length, const protocol_sink *sink)
{
  uint8_t header[17 + RING_STATION_TEXT] = {'S', 'E', (uint8_t)format[0], (uint8_t)format[1]};
  size_t id = strlen(station);
  for (size_t i = 0; i < 4; i++)
    header[4 + i] = (uint8_t)(length >> 8 * i);
  for (size_t i = 0; i < 8; i++)
    header[8 + i] = (uint8_t)(sequence >> 8 * i);
  header[16] = (uint8_t)id;
  memcpy(header + 17, station, id);
  sink->send(sink->user, header, 17 + id);
}

void server_start(protocol_session *s, const protocol_sink *sink)
{
  s->batch = false;
  s->place = protocol_ring_next(s->server->setup.ring);
  for (size_t i = 0; i < s->selection.stations_count; i++) {
    const station_choice *choice = &s->selection.stations[i];
    if (choice->wanted && choice->from_sequence < s->place)
      s->place = choice->from_sequence;
  }
  if (s->place < protocol_ring_oldest(s->server->setup.ring))
    s->place = protocol_ring_oldest(s->server->setup.ring);
  s->streaming = select_seal(&s->selection);
  s->closing = !s->streaming;
  if (s->closing)
    server_note(s, 3, sink, "memory is short for what it asks");
}
