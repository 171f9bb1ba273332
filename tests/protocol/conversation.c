#include "conversation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void send_bytes(void *user, const void *bytes, size_t length)
{
  conversation *c = user;
  assert_true(c->said_length + length < sizeof c->said);
  memcpy(c->said + c->said_length, bytes, length);
  c->said_length += length;
  c->said[c->said_length] = '\0';
}

static void keep_record(void *user, const protocol_record *record)
{
  conversation *c = user;
  size_t at = c->records.count;
  assert_true(record->length > 0 && at < 4096);
  assert_true(record->offset + record->length <= c->sent_length);
  assert_memory_equal(c->sent + record->offset, record->bytes, record->length);
  c->sequences[at] = record->sequence;
  snprintf(c->stations[at], PROTOCOL_STATION_TEXT, "%s", record->station ? record->station : "");
  made_collect(&c->records, record->bytes, record->length);
}

static void keep_note(void *user, int severity, const char *text)
{
  conversation *c = user;
  size_t used = strlen(c->notes);
  assert_true(severity >= 3 && severity <= 7 && text[0]);
  snprintf(c->notes + used, sizeof c->notes - used, "%s\n", text);
}

static const protocol_sink *sink_of(conversation *c)
{
  static protocol_sink sink;
  sink = (protocol_sink){send_bytes, keep_record, keep_note, c};
  return &sink;
}

conversation *converse(const protocol_adapter *adapter, protocol_client_setup setup)
{
  conversation *c = calloc(1, sizeof *c);
  assert_non_null(c);
  c->adapter = adapter;
  c->resume = protocol_resume_create();
  c->now = INT64_C(1577836800) * INGEST_SECOND;
  setup.name = "test";
  setup.resume = c->resume;
  setup.idle_s = setup.idle_s > 0 ? setup.idle_s : 10;
  setup.dead_s = setup.dead_s > 0 ? setup.dead_s : 30;
  c->client = adapter->create(&setup);
  assert_non_null(c->client);
  connect_again(c);
  return c;
}

void part(conversation *c)
{
  c->adapter->destroy(c->client);
  protocol_resume_destroy(c->resume);
  free(c->sent);
  free(c);
}

void connect_again(conversation *c)
{
  c->alive = true;
  c->heard = c->said_length;
  c->sent_length = 0;
  c->adapter->open(c->client, c->now, sink_of(c));
}

void server_sends(conversation *c, const void *bytes, size_t length)
{
  uint8_t *exact = malloc(length + (length == 0));
  memcpy(exact, bytes, length);
  c->sent = realloc(c->sent, c->sent_length + length + 1);
  memcpy(c->sent + c->sent_length, bytes, length);
  c->sent_length += length;
  c->alive = c->adapter->take(c->client, exact, length, c->now, sink_of(c));
  free(exact);
  assert_true(c->alive == (c->adapter->fault(c->client)[0] == '\0'));
}

void server_closes(conversation *c)
{
  if (c->adapter->end)
    c->adapter->end(c->client, sink_of(c));
}

void server_says(conversation *c, const char *text)
{
  server_sends(c, text, strlen(text));
}

void client_says(conversation *c, const char *expected)
{
  assert_string_equal(c->said + c->heard, expected);
  c->heard = c->said_length;
}

/* As the shell does: advance() at each deadline on the way. */
void time_passes(conversation *c, double seconds)
{
  int64_t until = c->now + (int64_t)(seconds * 1e9);
  for (int64_t due; c->alive && (due = c->adapter->deadline(c->client)) <= until; c->alive = c->adapter->advance(c->client, c->now, sink_of(c)))
    c->now = due > c->now ? due : c->now;
  c->now = until;
}

void ends_with(const conversation *c, const char *part_of_fault)
{
  const char *fault = c->adapter->fault(c->client);
  if (c->alive || !strstr(fault, part_of_fault))
    fail_msg("%s: \"%s\" lacks \"%s\"", c->alive ? "alive" : "ended", fault, part_of_fault);
}

void notes_have(const conversation *c, const char *text)
{
  if (!strstr(c->notes, text))
    fail_msg("the notes lack \"%s\":\n%s", text, c->notes);
}

void put_bytes(wire *w, const void *bytes, size_t length)
{
  assert_true(w->used + length <= sizeof w->bytes);
  memcpy(w->bytes + w->used, bytes, length);
  w->used += length;
}

void put_text(wire *w, const char *text)
{
  put_bytes(w, text, strlen(text));
}

void put_packet_3(wire *w, int64_t sequence, const void *record, size_t length)
{
  char header[16];
  snprintf(header, sizeof header, "SL%06X", (unsigned)sequence & 0xFFFFFF);
  put_text(w, header);
  put_bytes(w, record, length);
}

/* A log record of SeisComP's seedlink: miniSEED 2, 512 bytes, encoding text. */
void put_info_3(wire *w, const char *text, bool last, const char *channel)
{
  uint8_t record[512] = {0};
  size_t length = strlen(text);
  assert_true(length <= sizeof record - 56);
  memcpy(record, "000001D INFO   ", 15);
  memcpy(record + 15, channel, 3);
  memcpy(record + 18, "SL", 2);
  record[20] = 2020 >> 8, record[21] = 2020 & 255, record[23] = 1;
  record[30] = (uint8_t)(length >> 8), record[31] = (uint8_t)length;
  record[39] = 1, record[45] = 56, record[47] = 48;
  record[48] = 1000 >> 8, record[49] = 1000 & 255, record[53] = 1, record[54] = 9;
  memcpy(record + 56, text, length);
  put_text(w, last ? "SLINFO  " : "SLINFO *");
  put_bytes(w, record, sizeof record);
}

void put_packet_4(wire *w, const char *format, int64_t sequence, const char *station, const void *payload, size_t length)
{
  uint8_t header[17] = {'S', 'E', (uint8_t)format[0], (uint8_t)format[1]};
  for (int i = 0; i < 4; i++)
    header[4 + i] = (uint8_t)(length >> 8 * i);
  for (int i = 0; i < 8; i++)
    header[8 + i] = (uint8_t)((uint64_t)sequence >> 8 * i);
  header[16] = (uint8_t)strlen(station);
  put_bytes(w, header, sizeof header);
  put_text(w, station);
  put_bytes(w, payload, length);
}

static ingest_record header_of(const char *network, const char *station, const char *location, int second)
{
  ingest_record record = made_header(11, 100);
  snprintf(record.codes.network, sizeof record.codes.network, "%s", network);
  snprintf(record.codes.station, sizeof record.codes.station, "%s", station);
  snprintf(record.codes.location, sizeof record.codes.location, "%s", location);
  record.start += second * INGEST_SECOND;
  return record;
}

size_t record_of(const char *network, const char *station, const char *location, int second, uint8_t *bytes)
{
  return made_as(header_of(network, station, location, second), 512, (uint64_t)second, bytes);
}

void put_record_3(wire *w, int64_t sequence, const char *network, const char *station, int second)
{
  uint8_t record[512];
  put_packet_3(w, sequence, record, record_of(network, station, "", second, record));
}

void put_record_4(wire *w, int64_t sequence, const char *network, const char *station, int second)
{
  uint8_t record[2048];
  char id[PROTOCOL_STATION_TEXT];
  ingest_record header = header_of(network, station, "", second);
  header.version = 3;
  snprintf(id, sizeof id, "%s_%s", network, station);
  put_packet_4(w, "3D", sequence, id, record, made_as(header, 0, (uint64_t)second, record));
}
