#include "worker.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "log.h"
#include "prior.h"

/* The thread alone touches `result` from its start until it is joined. */
struct worker {
  worker_setup setup;
  pthread_t thread;
  bool busy, again;
  const ingest_inventory *previous;
  worker_result result;
  ev_async done;
};

static void load_settings(worker *w)
{
  settings *fresh = calloc(1, sizeof *fresh);
  if (fresh && !settings_load(fresh, w->setup.config)) {
    settings_release(fresh);
    free(fresh);
    fresh = NULL;
  }
  w->result.settings = fresh;
  w->result.settings_text = fresh ? record_text_settings(fresh) : NULL;
}

/* All or nothing: what was left out at the start is known to be missing, but nobody wants to lose a station that works to a slip of the pen. */
static void load_inventory(worker *w)
{
  char *list = NULL;
  const char *path = w->setup.inventory ? w->setup.inventory : w->result.settings->server.inventory;
  ingest_inventory *fresh = files_inventory_listed(path, w->previous, &list);
  if (fresh && ingest_inventory_faults(fresh) > ingest_inventory_faults(w->previous)) {
    log_line(3, "%s has %zu faults (above), the inventory in use %zu", path, ingest_inventory_faults(fresh), ingest_inventory_faults(w->previous));
    ingest_inventory_destroy(fresh);
    fresh = NULL;
  }
  w->result.inventory = fresh;
  if (fresh && list)
    w->result.inventory_text = record_text_create(list, strlen(list));
  else
    free(list);
}

static void load_corrections(worker *w)
{
  char *text = NULL;
  w->result.corrections = prior_corrections(w->result.settings->locator.corrections, &text);
  w->result.corrections_text = text ? record_text_create(text, strlen(text)) : NULL;
}

static void *load(void *argument)
{
  worker *w = argument;
  w->result = (worker_result){.settings = NULL};
  if (w->setup.config)
    load_settings(w);
  if (w->result.settings)
    load_corrections(w);
  if (!w->setup.config || w->result.settings)
    load_inventory(w);
  ev_async_send(w->setup.loop, &w->done);
  return NULL;
}

/* Signals are the loop's: the thread is born with all of them blocked. */
static bool start(worker *w)
{
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  w->previous = *w->setup.in_use;
  w->busy = pthread_create(&w->thread, NULL, load, w) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return w->busy;
}

void worker_load(worker *w)
{
  if (w->busy) {
    w->again = true;
  } else if (!start(w)) {
    log_line(3, "no thread can be started to read configuration and inventory; ask again when the machine has resources");
    w->setup.loaded(w->setup.user, &(worker_result){.settings = NULL});
  }
}

static void on_done(struct ev_loop *loop, ev_async *async, int events)
{
  (void)loop, (void)events;
  worker *w = async->data;
  if (!w->busy)
    return;
  pthread_join(w->thread, NULL);
  w->busy = false;
  worker_result result = w->result;
  w->result = (worker_result){.settings = NULL};
  w->setup.loaded(w->setup.user, &result);
  if (w->again) {
    w->again = false;
    worker_load(w);
  }
}

worker *worker_create(const worker_setup *setup)
{
  worker *w = calloc(1, sizeof *w);
  if (!w)
    return NULL;
  w->setup = *setup;
  ev_async_init(&w->done, on_done);
  w->done.data = w;
  ev_async_start(setup->loop, &w->done);
  return w;
}

void worker_destroy(worker *w)
{
  if (!w)
    return;
  if (w->busy)
    pthread_join(w->thread, NULL);
  if (w->result.settings) {
    settings_release(w->result.settings);
    free(w->result.settings);
  }
  record_text_release(w->result.settings_text);
  ingest_inventory_destroy(w->result.inventory);
  record_text_release(w->result.inventory_text);
  locator_corrections_destroy(w->result.corrections);
  record_text_release(w->result.corrections_text);
  ev_async_stop(w->setup.loop, &w->done);
  free(w);
}
