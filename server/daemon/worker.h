/* worker.h: what takes too long for the loop is done on a thread; its result comes back on the loop. Now: reading the configuration again. */
#ifndef TOCSIN_WORKER_H
#define TOCSIN_WORKER_H

#include <ev.h>

#include "settings.h"

typedef struct worker worker;

typedef struct {
  struct ev_loop *loop;
  const char *config; /* the file, NULL: none */
  /* On the loop: the new settings, malloc'ed (settings_release() and free() them), or NULL if the file had faults, which stderr tells. */
  void (*loaded)(void *user, settings *fresh);
  void *user;
} worker_setup;

/* NULL if memory is short. */
worker *worker_create(const worker_setup *setup);
/* Waits for a thread that still runs. */
void worker_destroy(worker *w);

/* Reads the configuration; asked again meanwhile, once more after that. */
void worker_load(worker *w);

#endif
