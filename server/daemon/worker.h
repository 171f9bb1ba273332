/* worker.h: what takes too long for the loop is done on a thread; its result comes back on the loop: configuration and what it names read
 * again. */
#ifndef TOCSIN_WORKER_H
#define TOCSIN_WORKER_H

#include <ev.h>

#include "record_text.h"
#include "settings.h"

typedef struct worker worker;

/* All of it is the receiver's, each with the text that it was made of. NULL: there is none, or it had faults, which stderr tells. */
typedef struct {
  settings *settings; /* malloc'ed: settings_release() and free() them */
  record_text *settings_text;
  ingest_inventory *inventory; /* in the place of the one in use; not read after settings with faults */
  record_text *inventory_text;
  locator_corrections *corrections; /* as the settings name them; not read without settings */
  record_text *corrections_text;
} worker_result;

typedef struct {
  struct ev_loop *loop;
  const char *config;                                /* the file, NULL: none */
  const char *inventory;                             /* file or folder, NULL: as the configuration says */
  const ingest_inventory *const *in_use;             /* read as the work begins; it stays until `loaded` was called */
  void (*loaded)(void *user, worker_result *result); /* on the loop */
  void *user;
} worker_setup;

/* NULL if memory is short. */
worker *worker_create(const worker_setup *setup);
/* Waits for a thread that still runs. */
void worker_destroy(worker *w);

/* Reads configuration, inventory and station corrections; asked again meanwhile, once more after that. */
void worker_load(worker *w);

#endif
