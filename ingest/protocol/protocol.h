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
/* What no server could understand of it, with the remedy, in `fault` (char[160]); false: nothing. */
bool protocol_selection_fault(const protocol_selection *selection, char *fault);

typedef struct {
  const char *name;                     /* of the feed, for messages */
  const protocol_selection *selections; /* kept by pointer; none: everything the server has */
  size_t selections_count;
  const char *user, *password, *token; /* "" or NULL: none; only ever sent over TLS, or by `plain_authentication` */
  bool encrypted;                      /* the connection is TLS */
  bool plain_authentication;           /* send user, password or token even where it is not */
  int version;                         /* of the protocol: 0 the newest both speak; 3 or 4: that one (SeedLink) */
  double idle_s;                       /* silence after which the peer is asked for a sign of life */
  double dead_s;                       /* ... and after which it is given up */
  protocol_resume *resume;             /* kept by pointer: read at open(), brought up to date with each record taken */
} protocol_client_setup;

/* One record from the peer, valid during the call. */
typedef struct {
  const uint8_t *bytes;
  size_t length;
  const char *station; /* "NET_STA" as the server names it; NULL: it does not */
  int64_t sequence;    /* PROTOCOL_NO_SEQUENCE: none */
  uint64_t offset;     /* where it begins in all the bytes of this connection */
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
  /* The peer closed the connection: what is left may be a whole record. NULL: never so. */
  void (*end)(protocol_client *client, const protocol_sink *sink);
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

/* ---- SeedLink server: many clients read one ring of packets, each at its own place (ring.c, seedlink_server*.c) ---- */

/* One packet of a ring. Sequences rise by one over the whole ring, so they rise within each station, as both versions of SeedLink ask, and one number
   holds for any selection of stations. */
typedef struct {
  int64_t sequence, start, end; /* times of the first sample, and just past the last */
  int32_t stream;               /* its index in the ring, in order of appearance */
  uint8_t version;              /* of miniSEED */
  const uint8_t *bytes;         /* until the next protocol_ring_add() */
  size_t length;
} protocol_packet;

typedef struct protocol_ring protocol_ring;

/* Holds the newest `bytes` bytes of records (64 KB at least); the first gets the sequence `first` (> 0). NULL if memory is short. */
protocol_ring *protocol_ring_create(size_t bytes, int64_t first);
void protocol_ring_destroy(protocol_ring *ring);
/* Adds one record, the oldest ones giving way. NULL, or what is wrong. */
const char *protocol_ring_add(protocol_ring *ring, const uint8_t *bytes, size_t length);
/* The oldest sequence still held, and the one that the next packet will get. Equal: it is empty. */
int64_t protocol_ring_oldest(const protocol_ring *ring);
int64_t protocol_ring_next(const protocol_ring *ring);
/* False when that packet is gone or not yet there. */
bool protocol_ring_at(const protocol_ring *ring, int64_t sequence, protocol_packet *packet);

/* Writes one record anew, all its times moved by `shift` ns: as records of `record_length` bytes of that version of miniSEED (clients of SeedLink 3
   insist on 512 of version 2), or, with 0, as one that is as long as needed. NULL, or what is wrong: names or values that such a record cannot hold.
 */
const char *protocol_repack(const uint8_t *bytes, size_t length, int version, int record_length, int64_t shift, ingest_record_sink *sink, void *user);

/* What all clients of one server share. */
typedef struct {
  protocol_ring *ring;                 /* kept by pointer */
  const char *software, *organization; /* kept by pointer, for HELLO and INFO */
  int64_t started;
  /* Version 4's AUTH: `method` is USERPASS (name and secret) or JWT (secret alone). NULL: nobody is asked who he is, and AUTH is refused. */
  bool (*authorise)(void *user, const char *method, const char *name, const char *secret);
  void *user;
} protocol_server_setup;

typedef struct protocol_server protocol_server;
/* NULL if memory is short. All its sessions end before it does. */
protocol_server *protocol_server_create(const protocol_server_setup *setup);
void protocol_server_destroy(protocol_server *server);

/* One client's conversation: versions 3 and 4, as it asks. The sink's `record` is not used. */
typedef struct protocol_session protocol_session;
/* `peer` is its address for messages, "IP:PORT". NULL if memory is short. */
protocol_session *protocol_session_create(protocol_server *server, const char *peer, int64_t now);
void protocol_session_destroy(protocol_session *session);
/* Bytes of the client in any portions. False: say nothing more, close (BYE, a foreign protocol, a line without end). */
bool protocol_session_take(protocol_session *session, const uint8_t *bytes, size_t length, const protocol_sink *sink);
/* Sends waiting packets until `room` bytes are used (one packet may go beyond). True: more waits. A client that was too slow for the ring loses the
   oldest packets, which is noted. */
bool protocol_session_pour(protocol_session *session, size_t room, int64_t now, const protocol_sink *sink);
/* The client asked for an end, and has all of it: close once everything is sent. */
bool protocol_session_finished(const protocol_session *session);
/* The next packet of the ring that it looks at; 0: none flow to it. */
int64_t protocol_session_place(const protocol_session *session);
/* Packets sent, and packets of the ring that it came too late for. */
uint64_t protocol_session_sent(const protocol_session *session);
uint64_t protocol_session_lost(const protocol_session *session);

#endif
