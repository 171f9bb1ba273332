/* INFO of SeedLink 4: one JSON document, one packet. */
#include "seedlink_session.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "growing_text.h"

/* Which stations and streams are asked about. */
typedef struct {
  const char *station, *stream; /* patterns; NULL: all */
} info_filter;

static void add_identity(growing_text *json, const protocol_session *s)
{
  char started[INGEST_TIME_TEXT];
  text_add(json, "{\"software\":\"SeedLink v4.0 (%s)\",\"organization\":\"", s->server->setup.software);
  text_add_json(json, s->server->setup.organization);
  text_add(json, "\",\"server_start\":\"%s\"", ingest_time_format(s->server->setup.started, started));
}

static void add_formats(growing_text *json)
{
  text_add(json, ",\"format\":{\"2\":{\"mimetype\":\"application/vnd.fdsn.mseed\",\"subformat\":{\"D\":\"Data\"}},"
                 "\"3\":{\"mimetype\":\"application/vnd.fdsn.mseed3\",\"subformat\":{\"D\":\"Data\"}}},"
                 "\"filter\":{\"native\":\"as it is held\",\"3\":\"miniSEED 3\"}");
}

static void add_capabilities(growing_text *json, const protocol_session *s)
{
  text_add(json, ",\"capability\":[\"SLPROTO:4.0\",\"SLPROTO:3.1\",\"TIME\",\"SEQWILDCARD\"%s]",
           s->server->setup.authorise ? ",\"AUTH:USERPASS\",\"AUTH:JWT\"" : "");
}

static bool is_asked(const ring_stream *stream, const info_filter *filter)
{
  selector wanted;
  if (stream->first > stream->last || (filter->station && !select_matches(filter->station, stream->station_id)))
    return false;
  if (!filter->stream)
    return true;
  return select_read_4(filter->stream, &wanted) == NULL && select_matches(wanted.pattern, stream->stream_id) &&
         (!wanted.format || wanted.format == '0' + stream->version);
}

static void add_stream(growing_text *json, const protocol_ring *ring, const ring_stream *stream, bool first_of_all)
{
  char begin[INGEST_TIME_TEXT], end[INGEST_TIME_TEXT];
  protocol_packet first;
  if (protocol_ring_at(ring, stream->first, &first))
    text_add(json, "%s{\"id\":\"%s\",\"format\":\"%d\",\"subformat\":\"D\",\"start_time\":\"%s\",\"end_time\":\"%s\"}", first_of_all ? "" : ",",
             stream->stream_id, stream->version, ingest_time_format(first.start, begin), ingest_time_format(stream->end, end));
}

/* One station: its streams that are asked about stand in sorted places [from, to). */
static bool add_station(growing_text *json, const protocol_ring *ring, const info_filter *filter, size_t from, size_t to, bool with_streams,
                        bool first_of_all)
{
  int64_t first = INT64_MAX, last = 0;
  for (size_t i = from; i < to; i++) {
    const ring_stream *stream = ring_stream_sorted(ring, i);
    if (!is_asked(stream, filter))
      continue;
    first = stream->first < first ? stream->first : first;
    last = stream->last > last ? stream->last : last;
  }
  if (first > last)
    return false;
  const char *id = ring_stream_sorted(ring, from)->station_id;
  text_add(json, "%s{\"id\":\"%s\",\"description\":\"%s station\",\"start_seq\":%" PRId64 ",\"end_seq\":%" PRId64, first_of_all ? "" : ",", id, id,
           first, last + 1);
  if (with_streams) {
    bool first_stream = true;
    text_add(json, ",\"stream\":[");
    for (size_t i = from; i < to; i++)
      if (is_asked(ring_stream_sorted(ring, i), filter)) {
        add_stream(json, ring, ring_stream_sorted(ring, i), first_stream);
        first_stream = false;
      }
    text_add(json, "]");
  }
  text_add(json, "}");
  return true;
}

static void add_stations(growing_text *json, const protocol_ring *ring, const info_filter *filter, bool with_streams)
{
  size_t count = ring_streams(ring);
  bool first = true;
  text_add(json, ",\"station\":[");
  for (size_t from = 0, to; from < count; from = to) {
    for (to = from + 1; to < count && strcmp(ring_stream_sorted(ring, to)->station_id, ring_stream_sorted(ring, from)->station_id) == 0;)
      to++;
    if (add_station(json, ring, filter, from, to, with_streams, first))
      first = false;
  }
  text_add(json, "]");
}

static void add_connections(growing_text *json, const protocol_server *server)
{
  char time[INGEST_TIME_TEXT];
  size_t count = 0;
  text_add(json, ",\"connections\":{\"client\":[");
  for (const protocol_session *s = server->first; s; s = s->next, count++) {
    const char *port = strrchr(s->peer, ':');
    int host = port ? (int)(port - s->peer) : (int)strlen(s->peer);
    text_add(json, "%s{\"host\":\"%.*s\",\"ip_address\":\"%.*s\",\"client_port\":\"%s\",\"type\":\"SeedLink\",\"client_id\":\"", count ? "," : "",
             host, s->peer, host, s->peer, port ? port + 1 : "");
    text_add_json(json, s->agent);
    text_add(json, "\",\"protocol_version\":\"%s\",\"connect_time\":\"%s\",\"transmit_packets\":%" PRIu64 ",\"transmit_bytes\":%" PRIu64 "}",
             s->version == 4 ? "4.0" : "3.1", ingest_time_format(s->connected, time), s->sent, s->sent_bytes);
  }
  text_add(json, "],\"client_count\":%zu}", count);
}

/* False: no such level. */
static bool add_level(growing_text *json, const protocol_session *s, const char *level, const info_filter *filter)
{
  bool streams = strcasecmp(level, "STREAMS") == 0;
  if (strcasecmp(level, "FORMATS") == 0)
    add_formats(json);
  else if (strcasecmp(level, "CAPABILITIES") == 0)
    add_capabilities(json, s);
  else if (strcasecmp(level, "CONNECTIONS") == 0)
    add_connections(json, s->server);
  else if (streams || strcasecmp(level, "STATIONS") == 0)
    add_stations(json, s->server->setup.ring, filter, streams);
  else
    return strcasecmp(level, "ID") == 0;
  return true;
}

void server_info_4(protocol_session *s, const char *level, const char *station, const char *stream, const protocol_sink *sink)
{
  growing_text json = {0};
  const info_filter filter = {station, stream};
  add_identity(&json, s);
  bool known = add_level(&json, s, level, &filter);
  if (!known)
    text_add(&json,
             ",\"error\":{\"code\":\"ARGUMENTS\",\"message\":\"the levels are ID, FORMATS, CAPABILITIES, STATIONS, STREAMS and CONNECTIONS\"}");
  text_add(&json, "}");
  if (json.failed) {
    s->closing = true; /* no answer would be worse than none at all */
  } else {
    server_send_header_4(known ? "JI" : "JE", 0, "", json.length, sink);
    sink->send(sink->user, json.bytes, json.length);
  }
  free(json.bytes);
}
