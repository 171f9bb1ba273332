/* recorder.h: the flight recorder: every input of the engine in its order, on disk, so that what was decided can be replayed to the byte.
 *
 * All functions are the loop's: they copy into a buffer and return; they wait for nothing, allocate nothing and write no file. A thread does the
 * rest. While the disk takes less than comes and the buffer is full, inputs are counted in place of recorded; the recording says so, and goes on with
 * what was then in force as soon as half the buffer is free. A NULL recorder records nothing.
 */
#ifndef TOCSIN_RECORDER_H
#define TOCSIN_RECORDER_H

#include "record_text.h"

typedef struct recorder recorder;

/* NULL if `recorder.folder` is empty or (said in the log) memory is short. Keeps `s`. */
recorder *recorder_create(const recorder_settings *s, engine_status status, const char *software);
/* Brings to the disk what waits, for a few seconds at most. */
void recorder_destroy(recorder *r);

/* Before the first input: what the engine was made of. Takes the text over, NULL: there is none. */
void recorder_state(recorder *r, record_state kind, record_text *text);

void recorder_packet(recorder *r, int32_t feed, const uint8_t *bytes, size_t length, int64_t now);
void recorder_advance(recorder *r, int64_t now);
void recorder_command(recorder *r, const engine_command_input *command, int64_t now);
/* A result that was made of a text is recorded by it (taken over; NULL: there was nothing usable), another by value. */
void recorder_result(recorder *r, engine_job job, const void *result, record_text *text, int64_t now);

/* What the engine said: around an event the recording is kept. */
void recorder_message(recorder *r, const engine_message *message);

typedef struct {
  uint64_t inputs, lost; /* lost: of them */
  size_t buffered, buffer;
  bool stopped;
} recorder_counters;
void recorder_count(recorder *r, recorder_counters *counters);

#endif
