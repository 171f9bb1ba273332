/* seedlink_session.h: one conversation of a SeedLink server as its parts see it: session, commands, INFO. For this folder's own use. */
#ifndef TOCSIN_PROTOCOL_SEEDLINK_SESSION_H
#define TOCSIN_PROTOCOL_SEEDLINK_SESSION_H

#include "seedlink_server_select.h"

enum { SERVER_LINE_MOST = 255, SERVER_WORDS_MOST = 64, SERVER_PEER_TEXT = 64, SERVER_AGENT_TEXT = 96 };

struct protocol_server {
  protocol_server_setup setup;
  protocol_session *first, *last; /* in order of their coming */
};

struct protocol_session {
  protocol_server *server;
  protocol_session *previous, *next;
  char peer[SERVER_PEER_TEXT], agent[SERVER_AGENT_TEXT];
  int64_t connected;
  int version;   /* 3 until SLPROTO says otherwise */
  bool spoken;   /* a command that chooses has been said: the version stays */
  bool batch;    /* no replies until END */
  bool extended; /* errors with their reason (version 3) */
  bool stations; /* STATION was said */
  bool fetch;    /* end at the newest packet */
  bool streaming, closing, finished;
  bool noted_version; /* that packets of miniSEED 3 are left out for it */
  selection selection;
  int32_t current; /* the station's choice that SELECT and DATA speak of; -1: none */
  int64_t place;   /* the next packet to look at */
  uint64_t sent, sent_bytes, lost;
  char line[SERVER_LINE_MOST + 1];
  size_t line_length;
};

/* ---- seedlink_session.c ---- */

/* A line for the log, with whom it is about. */
void server_note(const protocol_session *session, int severity, const protocol_sink *sink, const char *text);
/* OK and ERROR as version, batch mode and extended replies want them. `code` is one of version 4: UNSUPPORTED, UNEXPECTED, UNAUTHORIZED, LIMIT,
   ARGUMENTS, AUTH, INTERNAL. */
void server_ok(protocol_session *session, const protocol_sink *sink);
void server_error(protocol_session *session, const char *code, const char *text, const protocol_sink *sink);
void server_answer(const char *text, const protocol_sink *sink);
/* The handshake is over: packets flow from the earliest place that is wanted. */
void server_start(protocol_session *session, const protocol_sink *sink);
/* The header of one packet of version 4. */
void server_send_header_4(const char *format, uint64_t sequence, const char *station, size_t length, const protocol_sink *sink);

/* ---- seedlink_server_commands.c, seedlink_server_choices.c ---- */

/* One command. */
void server_command(protocol_session *session, char *line, const protocol_sink *sink);

/* A command's words; words[0] is the command. */
typedef struct {
  char *words[SERVER_WORDS_MOST + 1];
  size_t count;
} command_line;

/* The commands that choose. */
void server_station(protocol_session *session, const command_line *line, const protocol_sink *sink);
void server_select(protocol_session *session, const command_line *line, const protocol_sink *sink);
void server_data(protocol_session *session, const command_line *line, const protocol_sink *sink);

/* ---- seedlink_server_info.c, seedlink_server_info_json.c ---- */

/* INFO: XML in log records (version 3), JSON (version 4). `level` and what it is about as the client wrote them; NULL where it wrote none. */
void server_info_3(protocol_session *session, const char *level, const protocol_sink *sink);
void server_info_4(protocol_session *session, const char *level, const char *station, const char *stream, const protocol_sink *sink);

#endif
