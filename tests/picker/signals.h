/* signals.h: made ground motion for the picker's tests, and what a picker says of it. */
#ifndef TOCSIN_TESTS_SIGNALS_H
#define TOCSIN_TESTS_SIGNALS_H

#include <stddef.h>

#include "picker.h"
#include "random.h"

static const int64_t signal_start = INT64_C(1562383193) * INGEST_SECOND;

/* One component's samples from signal_start on. */
typedef struct {
  float *values; /* malloc'ed */
  size_t n;
  double rate;
} signal;

/* White noise over a random walk that falls back, root mean square about 1. */
signal signal_noise(uint64_t seed, double seconds, double rate);
signal signal_zero(double seconds, double rate);
void signal_free(signal *s);

/* A wave that begins at once and dies away: sines of 2 to 9 Hz of random phase, largest `amplitude` or a little less, decay time 2 s. */
void signal_add_wave(signal *s, uint64_t seed, double onset_s, double amplitude);
void signal_add_sine(signal *s, double from_s, double amplitude, double frequency_hz);

enum { TOLD_MAXIMUM = 512 };

/* All that came out of a picker. */
typedef struct {
  picker_pick picks[TOLD_MAXIMUM];
  picker_withdraw withdrawals[TOLD_MAXIMUM];
  picker_p_wave waves[TOLD_MAXIMUM];
  size_t pick_count, withdrawal_count, wave_count;
} told;

picker_settings default_picker_settings(void);
picker_sink sink_into(told *t);

/* The vertical through a new picker that looks for P alone, in packets of `packet` samples; 0: all at once. */
void feed_vertical(told *t, const signal *s, size_t packet, ingest_unit unit);

/* A piece of a component, as the stream hands it on. */
ingest_samples piece_of(const signal *s, int component, ingest_unit unit, size_t from, size_t count, bool gap);

double seconds_after_start(int64_t time);

#endif
