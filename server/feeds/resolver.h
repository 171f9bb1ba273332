/* resolver.h: names become addresses on threads of its own, since a resolver may be silent for half a minute; the answer comes back on the loop. */
#ifndef TOCSIN_RESOLVER_H
#define TOCSIN_RESOLVER_H

#include <stdbool.h>
#include <stddef.h>

#include <ev.h>
#include <sys/socket.h>

enum { RESOLVER_ADDRESSES = 8 };

typedef struct {
  struct sockaddr_storage address;
  socklen_t length;
} resolver_address;

/* In the order of trial: IPv6 and IPv4 by turns (RFC 8305, section 4). */
typedef struct {
  resolver_address items[RESOLVER_ADDRESSES];
  size_t count;
} resolver_addresses;

typedef struct resolver resolver;

/* NULL if memory is short or no thread can be started. */
resolver *resolver_create(struct ev_loop *loop);
/* Does not wait for a name that is being asked for: its answer is thrown away. */
void resolver_destroy(resolver *r);

/* On the loop: the addresses, or none and `fault`, a sentence. */
typedef void resolver_answer(void *user, const resolver_addresses *addresses, const char *fault);

/* Asks for `name`; later asks wait for their turn. False if memory is short. */
bool resolver_ask(resolver *r, const char *name, int port, resolver_answer *answer, void *user);
/* What that user asked for is no longer wanted. */
void resolver_forget(resolver *r, const void *user);

/* The one address of a text that is an IP address; false: it is a name. */
bool resolver_literal(const char *text, int port, resolver_addresses *addresses);

#endif
