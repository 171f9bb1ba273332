/* prior.h: what the locator's settings name besides the velocity model and is read from files: the same for the daemon and every verb. */
#ifndef TOCSIN_PRIOR_H
#define TOCSIN_PRIOR_H

#include "locator.h"

/* The station corrections of that file; "": a table of none. `*text`, if it is asked for, is what they were read from, malloc'ed. NULL, said on
   stderr with the remedy, if it cannot be used. */
locator_corrections *prior_corrections(const char *path, char **text);

typedef struct {
  locator_corrections *corrections;
  locator_seismicity *past;
  size_t models_count;
  locator_travel_times **models; /* of regions, each once */
} prior;

/* Reads what `settings` name, and points them to it. False, said on stderr with the remedy, if something of it cannot be used; release it then,
   too. */
bool prior_load(prior *p, locator_settings *settings);
void prior_release(prior *p);

#endif
