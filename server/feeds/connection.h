/* connection.h: the line to one configured server, kept up for ever: resolved, connected, secured, talked to by its protocol's machine; given up when
 * it is dead, and begun anew after growing, jittered waits.
 */
#ifndef TOCSIN_CONNECTION_H
#define TOCSIN_CONNECTION_H

#include "feed.h"
#include "feed_settings.h"
#include "resolver.h"

typedef struct connection connection;

typedef struct {
  feed_round *round;
  resolver *resolver;
  const feed_settings *settings; /* copied */
  protocol_resume *resume;       /* kept by pointer */
  int32_t number;
  double retry_first_s, retry_longest_s;
} connection_setup;

/* NULL if memory is short. Connects at once. */
connection *connection_create(const connection_setup *setup);
void connection_destroy(connection *c);

const feed_settings *connection_settings(const connection *c);
int32_t connection_number(const connection *c);
bool connection_is_up(const connection *c);
/* How many records were taken: what the resume state has moved by. */
uint64_t connection_packets(const connection *c);
void connection_describe(const connection *c, feed_status *status);

#endif
