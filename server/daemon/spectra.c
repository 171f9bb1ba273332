#include "spectra.h"

#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

static const double highest_rate = 1000, shortest_turn_s = 0.02;

typedef enum { IDLE, GIVEN, DONE, ENDED } job_state;

/* `job` belongs to the loop while `state` is IDLE or DONE, and to the thread while it is GIVEN; the lock is held for a change of `state` alone. */
struct spectra {
  spectra_setup setup;
  ingest_spectrometer *spectrometer;
  size_t next; /* channel */
  pthread_t thread;
  bool has_thread;
  pthread_mutex_t lock;
  pthread_cond_t given;
  job_state state;
  struct {
    ingest_samples samples;
    float *values;
    size_t capacity;
    bool good;
    engine_spectrum_result result;
  } job;
  ev_timer turn;
  ev_async done;
};

static void *work(void *argument);
static void on_turn(struct ev_loop *loop, ev_timer *timer, int events);
static void on_done(struct ev_loop *loop, ev_async *async, int events);

/* Signals are the loop's: the thread is born with all of them blocked. */
static bool start_thread(spectra *s)
{
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  s->has_thread = pthread_create(&s->thread, NULL, work, s) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return s->has_thread;
}

static double until_next_turn(const spectra *s)
{
  size_t channels = s->setup.channels(s->setup.user);
  return fmax(s->setup.every_s / (double)(channels > 0 ? channels : 1), shortest_turn_s);
}

static void start_watchers(spectra *s)
{
  ev_async_init(&s->done, on_done);
  s->done.data = s;
  ev_async_start(s->setup.loop, &s->done);
  ev_timer_init(&s->turn, on_turn, 0, until_next_turn(s));
  ev_set_priority(&s->turn, EV_MINPRI);
  s->turn.data = s;
  ev_timer_again(s->setup.loop, &s->turn);
}

spectra *spectra_create(const spectra_setup *setup)
{
  spectra *s = calloc(1, sizeof *s);
  if (!s)
    return NULL;
  s->setup = *setup;
  s->job.capacity = (size_t)ceil(setup->kept_s * highest_rate);
  s->job.values = calloc(s->job.capacity + 1, sizeof *s->job.values);
  s->spectrometer = ingest_spectrometer_create();
  pthread_mutex_init(&s->lock, NULL);
  pthread_cond_init(&s->given, NULL);
  if (s->job.values && s->spectrometer && start_thread(s)) {
    start_watchers(s);
    return s;
  }
  spectra_destroy(s);
  return NULL;
}

static void enter(spectra *s, job_state state)
{
  pthread_mutex_lock(&s->lock);
  s->state = state;
  pthread_cond_signal(&s->given);
  pthread_mutex_unlock(&s->lock);
}

void spectra_destroy(spectra *s)
{
  if (!s)
    return;
  if (s->has_thread) {
    enter(s, ENDED);
    pthread_join(s->thread, NULL);
    ev_timer_stop(s->setup.loop, &s->turn);
    ev_async_stop(s->setup.loop, &s->done);
  }
  pthread_cond_destroy(&s->given);
  pthread_mutex_destroy(&s->lock);
  ingest_spectrometer_destroy(s->spectrometer);
  free(s->job.values);
  free(s);
}

/* ---- the thread ---- */

/* False: it is to end. */
static bool wait_for_job(spectra *s)
{
  pthread_mutex_lock(&s->lock);
  while (s->state == IDLE || s->state == DONE)
    pthread_cond_wait(&s->given, &s->lock);
  bool is_given = s->state == GIVEN;
  pthread_mutex_unlock(&s->lock);
  return is_given;
}

static void hand_back(spectra *s)
{
  pthread_mutex_lock(&s->lock);
  if (s->state == GIVEN)
    s->state = DONE;
  pthread_mutex_unlock(&s->lock);
  ev_async_send(s->setup.loop, &s->done);
}

static void *work(void *argument)
{
  spectra *s = argument;
  while (wait_for_job(s)) {
    ingest_spectrum spectrum;
    s->job.good = ingest_spectrum_take(s->spectrometer, &s->job.samples, &spectrum);
    if (s->job.good)
      s->job.result = (engine_spectrum_result){s->job.samples.sensor, s->job.samples.component, ingest_noise_compare(&spectrum)};
    hand_back(s);
  }
  return NULL;
}

/* ---- the loop ---- */

static bool is_in(spectra *s, job_state state)
{
  pthread_mutex_lock(&s->lock);
  bool is = s->state == state;
  pthread_mutex_unlock(&s->lock);
  return is;
}

/* A channel whose turn comes while the thread still works waits for the next turn. */
static void on_turn(struct ev_loop *loop, ev_timer *timer, int events)
{
  (void)events;
  spectra *s = timer->data;
  timer->repeat = until_next_turn(s);
  ev_timer_again(loop, timer);
  if (!is_in(s, IDLE))
    return;
  s->next = s->next < s->setup.channels(s->setup.user) ? s->next : 0;
  int32_t sensor = (int32_t)(s->next / INGEST_COMPONENTS);
  s->setup.copy(s->setup.user, sensor, (int)(s->next % INGEST_COMPONENTS), s->job.values, s->job.capacity, &s->job.samples);
  s->next++;
  if (s->job.samples.count > 0)
    enter(s, GIVEN);
}

static void on_done(struct ev_loop *loop, ev_async *async, int events)
{
  (void)loop, (void)events;
  spectra *s = async->data;
  if (!is_in(s, DONE))
    return;
  if (s->job.good)
    s->setup.done(s->setup.user, &s->job.result);
  enter(s, IDLE);
}
