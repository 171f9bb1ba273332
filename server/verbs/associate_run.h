/* associate_run.h: picks of a table told to the locator on a virtual clock, as the daemon would have told them. */
#ifndef TOCSIN_ASSOCIATE_RUN_H
#define TOCSIN_ASSOCIATE_RUN_H

#include "associate_csv.h"
#include "settings.h"

typedef struct {
  locator_event *events; /* malloc'ed */
  size_t count, capacity;
  bool failed; /* memory was short */
} associate_catalogue;

/* The events in their last state, by origin time, without what was cancelled or is too weak for a catalogue. False, said on stderr, if memory is
   short. */
bool associate_run(const associate_picks *picks, const ingest_inventory *inventory, const locator_travel_times *tables, const settings *s,
                   associate_catalogue *c);

size_t associate_phases(const locator_event *event, char phase);

#endif
