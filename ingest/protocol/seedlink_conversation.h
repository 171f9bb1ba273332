/* seedlink_conversation.h: the state of a conversation with a SeedLink server, and its parts. For this folder's own use. */
#ifndef TOCSIN_PROTOCOL_SEEDLINK_CONVERSATION_H
#define TOCSIN_PROTOCOL_SEEDLINK_CONVERSATION_H

#include "protocol.h"
#include "seedlink_info.h"
#include "seedlink_packet.h"
#include "seedlink_plan.h"
#include "unread.h"

enum { SEEDLINK_LINE = 256, SEEDLINK_FAULT = 400, SEEDLINK_PEER = 128, SEEDLINK_BUFFER = SEEDLINK_PACKET_MOST };

/* What the client says, in this order; version 3 and 4 leave out what is not theirs. */
typedef enum {
  SEEDLINK_HELLO,
  SEEDLINK_PROTOCOL,     /* 4: SLPROTO */
  SEEDLINK_AGENT,        /* 4: USERAGENT */
  SEEDLINK_AUTH,         /* 4 */
  SEEDLINK_CAPABILITIES, /* 4: INFO CAPABILITIES, to resume by time, too */
  SEEDLINK_EXTENDED,     /* 3: CAPABILITIES EXTREPLY */
  SEEDLINK_STATIONS,     /* 3: INFO STATIONS, where the server takes no wildcards */
  SEEDLINK_BATCH,        /* 3: no replies, for many stations */
  SEEDLINK_STATION,
  SEEDLINK_SELECT,
  SEEDLINK_DATA,
  SEEDLINK_END_STEP,
  SEEDLINK_STREAM
} seedlink_step;

/* A command: its step, of which station, and which of several SELECTs or which attempt of DATA. */
typedef struct {
  seedlink_step step;
  size_t ask;
  int part;
} seedlink_cursor;

struct protocol_client {
  protocol_client_setup setup;
  char fault[SEEDLINK_FAULT], peer[SEEDLINK_PEER];
  /* what the server is */
  int version;     /* that is spoken */
  bool greeted;    /* the first line of two was read */
  bool refused_4;  /* it offers version 4 and then refuses it */
  bool one_row;    /* of sequence numbers, for all stations: ringserver */
  bool wildcards;  /* STATION takes them */
  bool extended;   /* it can say why it refuses */
  bool knows_time; /* 4: DATA takes times */
  bool stale;      /* kept, too: nothing came after packets by their number, which may have begun anew; none is asked for until a record comes */
  bool careful;    /* kept from one connection to the next: a refusal among commands sent ahead makes the next conversation wait for each reply */
  /* the handshake */
  seedlink_plan plan;
  bool planned, alone; /* alone: uni-station mode, the server's default */
  bool batch;
  seedlink_cursor said, awaited;
  size_t unanswered, accepted, refused;
  int64_t asked; /* when the last word of the handshake was said or answered */
  seedlink_info *info;
  /* the stream */
  int64_t heard;      /* when the last bytes came */
  int64_t info_asked; /* ... and INFO ID was asked without an answer; INT64_MIN: it was not */
  uint64_t skipped, out_of_memory;
  bool resumes, took_record; /* some station by its number; any record of this connection */
  bool filtered;             /* some selector cannot be said to this server */
  /* bytes that are not yet taken */
  unread in;
  size_t wanted; /* fewer than this need not be looked at */
  uint8_t bytes[SEEDLINK_BUFFER];
};

/* ---- seedlink_conversation.c ---- */

/* Ends the conversation; returns false. The first fault stays. */
bool seedlink_fail(protocol_client *client, const char *text) __attribute__((nonnull));
void seedlink_note(const protocol_sink *sink, int severity, const char *text);
void seedlink_say(const protocol_sink *sink, const char *line);
bool seedlink_may_authenticate(const protocol_client_setup *setup);

/* ---- seedlink_command.c ---- */

/* The command at this place, CR LF included; false where there is nothing to say (then go on). */
bool seedlink_command(const protocol_client *client, const seedlink_cursor *cursor, char line[2 * SEEDLINK_LINE]);
/* For messages: the command without what nobody may read. */
void seedlink_describe(const protocol_client *client, const seedlink_cursor *cursor, char text[SEEDLINK_LINE]);
/* The place of the next command that has something to say. */
seedlink_cursor seedlink_following(const protocol_client *client, seedlink_cursor cursor);
enum { SEEDLINK_ATTEMPTS = 3 };

/* ---- seedlink_handshake.c ---- */

void seedlink_handshake_begin(protocol_client *client, int64_t now, const protocol_sink *sink);
/* Takes what stands first in the buffer. The bytes used, 0 where more are needed or the client failed. */
size_t seedlink_handshake_take(protocol_client *client, const uint8_t *bytes, size_t length, int64_t now, const protocol_sink *sink);

/* ---- seedlink_stream.c ---- */

size_t seedlink_stream_take(protocol_client *client, const uint8_t *bytes, size_t length, const protocol_sink *sink);

/* ---- seedlink_reply.c ---- */

typedef enum { SEEDLINK_OK, SEEDLINK_REFUSED, SEEDLINK_NO_REPLY } seedlink_answer;
/* Reads a line (its CR LF cut off): "OK", "ERROR", "ERROR CODE text" of version 4 or "ERROR\rCODE text" of EXTREPLY. `why`: what it says and the
 * remedy, "" where it says nothing. */
seedlink_answer seedlink_reply_read(const uint8_t *line, size_t length, char why[SEEDLINK_LINE]);

#endif
