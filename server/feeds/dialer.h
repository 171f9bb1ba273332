/* dialer.h: a TCP connection to the first of several addresses that answers: the next is tried when one fails, or after a short wait beside it
 * (RFC 8305, section 5), so that a broken IPv6 costs a quarter of a second. */
#ifndef TOCSIN_DIALER_H
#define TOCSIN_DIALER_H

#include <stdbool.h>

#include "resolver.h"

enum { DIALER_FAULT_TEXT = 240 };

/* The descriptor, connected and non-blocking, is the receiver's; -1: none answered, `fault` says what came of them. */
typedef void dialer_result(void *user, int descriptor, const char *fault);

typedef struct {
  ev_io io;
  size_t index; /* of its address */
} dialer_attempt;

typedef struct {
  struct ev_loop *loop;
  resolver_addresses addresses;
  size_t tried;
  dialer_attempt attempts[RESOLVER_ADDRESSES];
  size_t open;
  ev_timer next, limit;
  char fault[DIALER_FAULT_TEXT];
  dialer_result *result;
  void *user;
} dialer;

/* Begins; the result comes later, from the loop. At most `limit_s` in all. `d` is the caller's, any contents. */
void dialer_start(dialer *d, struct ev_loop *loop, const resolver_addresses *addresses, double limit_s, dialer_result *result, void *user);
/* Gives up what is under way; no result comes then. Also after a result. */
void dialer_stop(dialer *d);

#endif
