/* conversation.h: a client machine and a server that a test speaks for, byte by byte. */
#ifndef TOCSIN_TESTS_CONVERSATION_H
#define TOCSIN_TESTS_CONVERSATION_H

#include "made.h"
#include "protocol.h"

typedef struct {
  const protocol_adapter *adapter;
  protocol_client *client;
  protocol_resume *resume;
  int64_t now;
  bool alive; /* what take() and advance() said last */
  char said[65536];
  size_t said_length, heard; /* of the client; `heard`: already looked at */
  uint8_t *sent;             /* by the server in this connection */
  size_t sent_length;
  char notes[65536];
  made_records records;
  int64_t sequences[4096];
  char stations[4096][PROTOCOL_STATION_TEXT];
} conversation;

/* Connects: from `at`, with that setup (its resume is the conversation's own; idle_s 0 becomes 10 s, dead_s 30 s). */
conversation *converse(const protocol_adapter *adapter, protocol_client_setup setup);
void part(conversation *c);
/* The next connection of the same client. */
void connect_again(conversation *c);

void server_says(conversation *c, const char *text);
void server_sends(conversation *c, const void *bytes, size_t length);
void server_closes(conversation *c);
/* What the client said since the last call is this. */
void client_says(conversation *c, const char *expected);
void time_passes(conversation *c, double seconds);

void ends_with(const conversation *c, const char *part_of_fault);
void notes_have(const conversation *c, const char *text);

/* Bytes of a server, put one after another. */
typedef struct {
  uint8_t bytes[1 << 20];
  size_t used;
} wire;

void put_text(wire *w, const char *text);
void put_bytes(wire *w, const void *bytes, size_t length);
/* Packets of version 3 (sequence and any record), of its INFO (a piece of text), and of version 4. */
void put_packet_3(wire *w, int64_t sequence, const void *record, size_t length);
void put_info_3(wire *w, const char *text, bool last, const char *channel);
void put_packet_4(wire *w, const char *format, int64_t sequence, const char *station, const void *payload, size_t length);
/* ... with a record of 100 samples of this station from this second of 2020 on. */
void put_record_3(wire *w, int64_t sequence, const char *network, const char *station, int second);
void put_record_4(wire *w, int64_t sequence, const char *network, const char *station, int second);
size_t record_of(const char *network, const char *station, const char *location, int second, uint8_t *bytes);

#endif
