/* record_inputs.h: an operator's acts and workers' results as bytes of a recording, and back. */
#ifndef TOCSIN_RECORD_INPUTS_H
#define TOCSIN_RECORD_INPUTS_H

#include "record_format.h"

enum { RECORD_INPUT_ROOM = 4096 };

/* Returns the number of bytes. */
uint32_t record_command_put(const engine_command_input *command, uint8_t bytes[RECORD_INPUT_ROOM]);
/* False: no command of this build. */
bool record_command_get(const record_head *head, const uint8_t *bytes, engine_command_input *command);

/* The state that such a result changes, by naming the text that it was made of; RECORD_STATES: it is recorded by value. */
record_state record_job_state(engine_job job);

/* A result that is recorded by value; `result` NULL: no bytes. */
uint32_t record_result_put(engine_job job, const void *result, uint8_t bytes[RECORD_INPUT_ROOM]);
typedef union {
  engine_spectrum_result spectrum;
} record_result;
/* False: no such result of this build. */
bool record_result_get(const record_head *head, const uint8_t *bytes, record_result *result);

#endif
