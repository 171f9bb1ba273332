/* record_keeper.h: what of a recording stays: the newest within the limits of size and age, and what lies around events in events/ID/. */
#ifndef TOCSIN_RECORD_KEEPER_H
#define TOCSIN_RECORD_KEEPER_H

#include <stdint.h>

#include "locator.h"
#include "recorder_settings.h"

enum { RECORD_WINDOWS = 256 };

/* Around one event; of the oldest its place is taken by the next. */
typedef struct {
  char id[LOCATOR_ID_TEXT];
  int64_t since, until;
} record_window;

typedef struct {
  const recorder_settings *settings;
  record_window windows[RECORD_WINDOWS];
  uint64_t windows_count; /* ever */
} record_keeper;

/* Reads the windows of earlier processes. Keeps `s`. */
void record_keeper_start(record_keeper *k, const recorder_settings *s);

/* An event, told as often as one likes: closed segments, which end at `closed_until`, are kept at once where its window meets them, later ones when
   they close. */
void record_keeper_event(record_keeper *k, const char *id, int64_t origin, int64_t closed_until);

/* The segment at `path`, of inputs from `first` to `last`, was closed: kept for the events that it meets; then what is beyond the limits is deleted.
 */
void record_keeper_closed(record_keeper *k, const char *path, int64_t first, int64_t last);

#endif
