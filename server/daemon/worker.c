#include "worker.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

#include "log.h"

/* The thread alone touches `fresh` from its start until it is joined. */
struct worker {
  worker_setup setup;
  pthread_t thread;
  bool busy, again;
  settings *fresh;
  ev_async done;
};

static void *load(void *argument)
{
  worker *w = argument;
  w->fresh = calloc(1, sizeof *w->fresh);
  if (w->fresh && !settings_load(w->fresh, w->setup.config)) {
    settings_release(w->fresh);
    free(w->fresh);
    w->fresh = NULL;
  }
  ev_async_send(w->setup.loop, &w->done);
  return NULL;
}

/* Signals are the loop's: the thread is born with all of them blocked. */
static bool start(worker *w)
{
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  w->busy = pthread_create(&w->thread, NULL, load, w) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return w->busy;
}

void worker_load(worker *w)
{
  if (w->busy) {
    w->again = true;
  } else if (!start(w)) {
    log_line(3, "no thread can be started to read the configuration; the old one stays; ask again when the machine has resources");
    w->setup.loaded(w->setup.user, NULL);
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
  settings *fresh = w->fresh;
  w->fresh = NULL;
  w->setup.loaded(w->setup.user, fresh);
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
  if (w->fresh) {
    settings_release(w->fresh);
    free(w->fresh);
  }
  ev_async_stop(w->setup.loop, &w->done);
  free(w);
}
