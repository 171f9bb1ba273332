/* fault_track.h (inside locator/): keeps the line sources of great open events up to date, a slice of the search each step. */
#ifndef TOCSIN_LOCATOR_FAULT_TRACK_H
#define TOCSIN_LOCATOR_FAULT_TRACK_H

#include "event.h"

/* NULL if memory is short. */
fault_track *fault_track_create(locator_relation *relation);
void fault_track_destroy(fault_track *track);

/* Goes on with the search at hand, or begins one: of the open event of locator_settings.fault_magnitude or more whose line is the oldest, at most
   once a second each. */
void fault_track_step(locator *l, int64_t now);

/* The magnitude with what the line says in it: a line never makes it smaller. */
magnitude_estimate fault_track_magnitude(const event *e, magnitude_estimate point);

/* The line in the words of the public header. */
locator_fault fault_track_told(const event *e);
/* Is it another line, by what a user would see? */
bool fault_track_differs(const locator_fault *told, const locator_fault *now);

#endif
