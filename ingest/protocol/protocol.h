/* protocol.h: the feeds' protocols as machines without I/O: bytes and `now` in; bytes to send, records and deadlines out.
 *
 *   socket bytes --client->take()--> bytes to send, records, one line when something is wrong
 *
 * A machine never connects, waits or asks for the time: the shell does, and calls open(), take() and advance(). Every length and word from the peer
 * is taken for hostile. Times are int64_t nanoseconds since 1970 UTC. Specifications: FDSN SeedLink 4.0, SeedLink 3 as SeisComP's seedlink and
 * ringserver speak it, DataLink 1.0 and 1.1 of libdali.
 */
#ifndef TOCSIN_PROTOCOL_H
#define TOCSIN_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ingest.h"

/* ---- where a conversation resumes (resume.c) ---- */

enum { PROTOCOL_STATION_TEXT = 24, PROTOCOL_NO_SEQUENCE = -1 };

/* The last packet that was taken of one station of one server. */
typedef struct {
  char station[PROTOCOL_STATION_TEXT]; /* "NET_STA"; "": the server's one sequence (DataLink) */
  int64_t sequence;                    /* PROTOCOL_NO_SEQUENCE: none is known */
  int64_t time;                        /* start of its first sample; of DataLink: the packet's time */
} protocol_position;

typedef struct protocol_resume protocol_resume;

/* NULL if memory is short. Positions are kept sorted by station. */
protocol_resume *protocol_resume_create(void);
void protocol_resume_destroy(protocol_resume *resume);
size_t protocol_resume_count(const protocol_resume *resume);
const protocol_position *protocol_resume_at(const protocol_resume *resume, size_t index);
/* NULL where nothing is known of that station. */
const protocol_position *protocol_resume_find(const protocol_resume *resume, const char *station);
/* False if memory is short (a new station only). */
bool protocol_resume_set(protocol_resume *resume, const protocol_position *position);
void protocol_resume_forget(protocol_resume *resume);
/* As text, a line a station: "NET_STA SEQUENCE TIME" (a dash for no sequence or no station; ISO time). What read() cannot read it names in `fault`
   (char[160], the line and the remedy) and leaves out; false then, the good lines are taken all the same. */
void protocol_resume_write(const protocol_resume *resume, config_write *write, void *user);
bool protocol_resume_read(protocol_resume *resume, const char *bytes, size_t length, char *fault);

/* ---- clients: one small interface, one file an adapter ---- */

/* Which streams are asked for: SeedLink's network and station patterns (* and ?) and selectors ("BH?", "00BHZ.D", "!LH?"; several by blanks; ""
   all). Of version 4 they are turned into its own form. DataLink: into its regular expressions. */
typedef struct {
  char network[16], station[16], selectors[256];
} protocol_selection;

typedef struct {
  const char *name;                     /* of the feed, for messages */
  const protocol_selection *selections; /* kept by pointer; none: everything the server has */
  size_t selections_count;
  const char *user, *password, *token;  /* "" or NULL: none; only ever sent over TLS, or by `plain_authentication` */
  bool encrypted;                       /* the connection is TLS */
  int version;                          /* of the protocol: 0 the newest both speak; 3 or 4: that one (SeedLink) */
  double idle_s;                        /* silence after which the peer is asked for a sign of life */
  double dead_s;                        /* ... and after which it is given up */
  protocol_resume *resume;              /* kept by pointer: read at open(), brought up to date with each record taken */
} protocol_client_setup;

/* One record from the peer, valid during the call. */
typedef struct {
  const uint8_t *bytes;
  size_t length;
  const char *station; /* "NET_STA" as the server names it; NULL: it does not */
  int64_t sequence;    /* PROTOCOL_NO_SEQUENCE: none */
} protocol_record;

typedef struct {
  void (*send)(void *user, const void *bytes, size_t length);
  void (*record)(void *user, const protocol_record *record);
  /* One line, with the remedy where there is one; severity as syslog's. */
  void (*note)(void *user, int severity, const char *text);
  void *user;
} protocol_sink;

typedef struct protocol_client protocol_client;

typedef struct {
  const char *name; /* "seedlink", "datalink", "raw" */
  int port, tls_port;
  /* NULL if memory is short. */
  protocol_client *(*create)(const protocol_client_setup *setup);
  void (*destroy)(protocol_client *client);
  /* A fresh connection stands: the conversation begins, and resumes where the last one left. */
  void (*open)(protocol_client *client, int64_t now, const protocol_sink *sink);
  /* Bytes in any portions. False: this connection is of no more use, fault() says why; close it and connect anew. */
  bool (*take)(protocol_client *client, const uint8_t *bytes, size_t length, int64_t now, const protocol_sink *sink);
  /* Time passes: keepalive, silence. False as above. */
  bool (*advance)(protocol_client *client, int64_t now, const protocol_sink *sink);
  /* When advance() is due next; INT64_MAX: never. */
  int64_t (*deadline)(const protocol_client *client);
  /* Why the conversation ended, one sentence with its remedy; "": it did not. Valid until the next open(). */
  const char *(*fault)(const protocol_client *client);
  /* What the peer said of itself ("SeedLink v3.1 (2016.271) :: SLPROTO:3.1"); "" before. */
  const char *(*peer)(const protocol_client *client);
} protocol_adapter;

extern const protocol_adapter protocol_seedlink, protocol_datalink, protocol_raw;
/* By name, or NULL. */
const protocol_adapter *protocol_adapter_named(const char *name);

/* ---- SeedLink server (seedlink_server.c): section below is its own ---- */

#endif
