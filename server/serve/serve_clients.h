/* serve_clients.h: the clients of `tocsin serve`: a listening port, hundreds of connections on one loop, each with its own place in the ring. */
#ifndef TOCSIN_SERVE_CLIENTS_H
#define TOCSIN_SERVE_CLIENTS_H

#include <stddef.h>
#include <stdint.h>

#include <ev.h>

#include "protocol.h"

typedef struct serve_clients serve_clients;

typedef struct {
  struct ev_loop *loop;
  const char *address; /* IP to listen on */
  int port;            /* 0: any free one */
  protocol_server *server;
  int64_t (*now)(void *user);  /* the time of what is played, by which windows of time end */
  void (*changed)(void *user); /* a client came so far that packets flow to it, or has sent more of what waits */
  void *user;
} serve_clients_setup;

/* NULL: errno says why. */
serve_clients *serve_clients_create(const serve_clients_setup *setup);
void serve_clients_destroy(serve_clients *c);
int serve_clients_port(const serve_clients *c);

/* New packets are in the ring. */
void serve_clients_pour(serve_clients *c);
/* How many clients packets flow to, and the earliest place of theirs in the ring (INT64_MAX: none). */
size_t serve_clients_flowing(const serve_clients *c, int64_t *earliest);

#endif
