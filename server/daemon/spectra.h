/* spectra.h: the noise spectrum of each channel in turn, once in a while, on a thread of its own; each result comes back on the loop. */
#ifndef TOCSIN_SPECTRA_H
#define TOCSIN_SPECTRA_H

#include <ev.h>

#include "engine.h"

typedef struct spectra spectra;

typedef struct {
  struct ev_loop *loop;
  size_t (*channels)(void *user); /* how many there are now: sensors * INGEST_COMPONENTS; the inventory may grow */
  double every_s;                 /* each channel once in so long, spread evenly */
  double kept_s;                  /* samples that there are at most */
  /* On the loop: the newest samples of a channel, as engine_kept(), and what came of them. */
  void (*copy)(void *user, int32_t sensor, int component, float *values, size_t capacity, ingest_samples *samples);
  void (*done)(void *user, const engine_spectrum_result *result);
  void *user;
} spectra_setup;

/* NULL if memory is short or no thread can be started. FFTW's planner is used here alone, before the thread begins. */
spectra *spectra_create(const spectra_setup *setup);
/* Waits for the channel that is being worked on. */
void spectra_destroy(spectra *s);

#endif
