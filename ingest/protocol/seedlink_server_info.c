/* INFO of SeedLink 3: XML in the text of log records (SeisComP's form). */
#include "seedlink_session.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "growing_text.h"

enum { LOG_RECORD = 512, LOG_TEXT_AT = 56, LOG_TEXT = LOG_RECORD - LOG_TEXT_AT, XML_TIME = 40 };

/* "2019/07/06 03:19:53.0400" */
static const char *xml_time(int64_t time, char text[XML_TIME])
{
  char iso[INGEST_TIME_TEXT];
  ingest_time_format(time, iso);
  snprintf(text, XML_TIME, "%.4s/%.2s/%.2s %.13s", iso, iso + 5, iso + 8, iso + 11);
  return text;
}

/* ---- log records ---- */

/* A record of miniSEED 2 without samples: encoding 0, text. */
static void build_log(const char *text, size_t length, const char *channel, uint8_t record[LOG_RECORD])
{
  static const uint8_t blockette_1000[8] = {1000 >> 8, 1000 & 255, 0, 0, 0, 1, 9, 0};
  memset(record, 0, LOG_RECORD);
  memcpy(record, "000001D SLINF  ", 15);
  memcpy(record + 8, "INFO   ", 7);
  memcpy(record + 15, channel, 3);
  memcpy(record + 18, "SL", 2);
  record[20] = 1970 >> 8;
  record[21] = 1970 & 255;
  record[23] = 1;
  record[30] = (uint8_t)(length >> 8);
  record[31] = (uint8_t)length;
  record[39] = 1;
  record[45] = LOG_TEXT_AT;
  record[47] = 48;
  memcpy(record + 48, blockette_1000, sizeof blockette_1000);
  memcpy(record + LOG_TEXT_AT, text, length);
}

static void send_text(const char *text, size_t length, const char *channel, const protocol_sink *sink)
{
  uint8_t packet[8 + LOG_RECORD];
  for (size_t at = 0; at == 0 || at < length; at += LOG_TEXT) {
    size_t part = length - at < LOG_TEXT ? length - at : LOG_TEXT;
    memcpy(packet, at + part < length ? "SLINFO *" : "SLINFO  ", 8);
    build_log(text + at, part, channel, packet + 8);
    sink->send(sink->user, packet, sizeof packet);
  }
}

/* ---- the document ---- */

static void add_capabilities(growing_text *xml)
{
  static const char *const names[] = {"dialup",        "multistation", "window-extraction", "info:id", "info:capabilities",
                                      "info:stations", "info:streams", "info:connections",  "info:all"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    text_add(xml, "<capability name=\"%s\"/>", names[i]);
}

static void add_stream(growing_text *xml, const protocol_ring *ring, const ring_stream *stream)
{
  char begin[XML_TIME], end[XML_TIME];
  protocol_packet first;
  if (protocol_ring_at(ring, stream->first, &first))
    text_add(xml, "<stream location=\"%s\" seedname=\"%s\" type=\"D\" begin_time=\"%s\" end_time=\"%s\"/>", stream->codes.location,
             stream->codes.channel, xml_time(first.start, begin), xml_time(stream->end, end));
}

/* The streams of one station stand side by side: from place `from` up to, not including, the result. */
static size_t add_station(growing_text *xml, const protocol_ring *ring, size_t from, bool with_streams)
{
  const ring_stream *head = ring_stream_sorted(ring, from);
  int64_t first = INT64_MAX, last = 0;
  size_t to = from;
  for (; to < ring_streams(ring) && strcmp(ring_stream_sorted(ring, to)->station_id, head->station_id) == 0; to++) {
    const ring_stream *stream = ring_stream_sorted(ring, to);
    first = stream->first <= stream->last && stream->first < first ? stream->first : first;
    last = stream->last > last ? stream->last : last;
  }
  if (first > last)
    return to;
  text_add(xml, "<station name=\"%s\" network=\"%s\" description=\"%s station\" begin_seq=\"%06X\" end_seq=\"%06X\" stream_check=\"enabled\"%s",
           head->codes.station, head->codes.network, head->station_id, (unsigned)(first & 0xFFFFFF), (unsigned)((last + 1) & 0xFFFFFF),
           with_streams ? ">" : "/>");
  for (size_t i = from; with_streams && i < to; i++)
    add_stream(xml, ring, ring_stream_sorted(ring, i));
  if (with_streams)
    text_add(xml, "</station>");
  return to;
}

static void add_stations(growing_text *xml, const protocol_ring *ring, bool with_streams)
{
  for (size_t at = 0; at < ring_streams(ring);)
    at = add_station(xml, ring, at, with_streams);
}

/* Connections stand below a station in this form; all of them below one that is none, as in ringserver. */
static void add_connections(growing_text *xml, const protocol_server *server)
{
  char time[XML_TIME];
  unsigned next = (unsigned)(protocol_ring_next(server->setup.ring) & 0xFFFFFF);
  text_add(
      xml,
      "<station name=\"CLIENTS\" network=\"*\" description=\"clients of this server\" begin_seq=\"0\" end_seq=\"%06X\" stream_check=\"enabled\">",
      next);
  for (const protocol_session *s = server->first; s; s = s->next) {
    const char *port = strrchr(s->peer, ':');
    text_add(xml,
             "<connection host=\"%.*s\" port=\"%s\" ctime=\"%s\" begin_seq=\"0\" current_seq=\"%06X\" sequence_gaps=\"0\" txcount=\"%" PRIu64 "\"",
             (int)(port ? (size_t)(port - s->peer) : strlen(s->peer)), s->peer, port ? port + 1 : "", xml_time(s->connected, time),
             s->streaming ? (unsigned)(s->place & 0xFFFFFF) : next, s->sent);
    text_add(xml, " totBytes=\"%" PRIu64 "\" begin_seq_valid=\"yes\" realtime=\"%s\" end_of_data=\"%s\" useragent=\"", s->sent_bytes,
             s->fetch ? "no" : "yes", s->finished ? "yes" : "no");
    text_add_xml(xml, s->agent);
    text_add(xml, "\"/>");
  }
  text_add(xml, "</station>");
}

/* False: no such level. */
static bool add_level(growing_text *xml, const protocol_session *s, const char *level)
{
  bool all = strcasecmp(level, "ALL") == 0, streams = all || strcasecmp(level, "STREAMS") == 0;
  bool stations = streams || strcasecmp(level, "STATIONS") == 0, connections = all || strcasecmp(level, "CONNECTIONS") == 0;
  bool capabilities = all || strcasecmp(level, "CAPABILITIES") == 0;
  if (capabilities)
    add_capabilities(xml);
  if (stations)
    add_stations(xml, s->server->setup.ring, streams);
  if (connections)
    add_connections(xml, s->server);
  return capabilities || stations || connections || strcasecmp(level, "ID") == 0;
}

void server_info_3(protocol_session *s, const char *level, const protocol_sink *sink)
{
  char started[XML_TIME];
  growing_text xml = {0};
  text_add(&xml, "<?xml version=\"1.0\"?><seedlink software=\"SeedLink v3.1 (%s)\" organization=\"", s->server->setup.software);
  text_add_xml(&xml, s->server->setup.organization);
  text_add(&xml, "\" started=\"%s\">", xml_time(s->server->setup.started, started));
  bool known = add_level(&xml, s, level);
  text_add(&xml, "</seedlink>");
  if (xml.failed || !known)
    send_text("ERROR: this INFO is not served", 30, "ERR", sink);
  else
    send_text(xml.bytes, xml.length, "INF", sink);
  free(xml.bytes);
}
