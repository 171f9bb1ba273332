/* seedlink_plan.h: which stations a SeedLink client asks for on this connection, in which order, and from which packet on. For this folder's own
 * use. */
#ifndef TOCSIN_PROTOCOL_SEEDLINK_PLAN_H
#define TOCSIN_PROTOCOL_SEEDLINK_PLAN_H

#include "protocol.h"

enum { SEEDLINK_CODE = 16 };

/* One STATION command: codes or patterns. */
typedef struct {
  char network[SEEDLINK_CODE], station[SEEDLINK_CODE];
  const char *selectors;  /* of its selection */
  int64_t sequence, time; /* of the last packet taken; PROTOCOL_NO_SEQUENCE: from now on */
} seedlink_ask;

typedef struct {
  seedlink_ask *asks;
  size_t count, capacity;
  bool short_of_memory;
} seedlink_plan;

void seedlink_plan_clear(seedlink_plan *plan);
void seedlink_plan_free(seedlink_plan *plan);

/* For a server whose sequence numbers are one row for all stations (ringserver) and that resumes the whole connection at the newest that is named:
 * the selections as they are, all from the newest packet taken, whose position has no station. */
void seedlink_plan_one_row(seedlink_plan *plan, const protocol_client_setup *setup);

/* For a server with a row a station that takes wildcards: each station that is known from where it was, then the pattern for new ones (stations
 * matched earlier are not matched again). */
void seedlink_plan_rows(seedlink_plan *plan, const protocol_client_setup *setup);

/* For a server that takes exact codes only: a station that it has (add each; the first selection that names it counts), or that a selection names
 * exactly (the whole rest at once). */
void seedlink_plan_station(seedlink_plan *plan, const protocol_client_setup *setup, const char *network, const char *station);
void seedlink_plan_exact(seedlink_plan *plan, const protocol_client_setup *setup);

#endif
