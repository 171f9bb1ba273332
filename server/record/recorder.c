#include "recorder.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "log.h"
#include "record_build.h"
#include "record_inputs.h"
#include "record_worker.h"

enum { PATIENCE_S = 3 };

struct recorder {
  record_worker worker;
  record_text *states[RECORD_STATES]; /* as the engine has it; of RECORD_CLOCK: `clock` */
  uint32_t clock;
  uint32_t number; /* of the next input */
  bool stopped;
  record_gap gap;
  uint64_t inputs, lost;
};

static void describe(record_worker *w, engine_status status, const char *software)
{
  char build[RECORD_BUILD_TEXT], processor[RECORD_PROCESSOR_TEXT];
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  snprintf(w->header, sizeof w->header, "software=%s\nbuild=%s\nprocessor=%s\nstatus=%s\nrun=%" PRId64 "\n", software, record_build_id(build),
           record_processor(processor), engine_status_words[status], t.tv_sec * INGEST_SECOND + t.tv_nsec);
}

recorder *recorder_create(const recorder_settings *s, engine_status status, const char *software)
{
  if (!*s->folder)
    return NULL;
  recorder *r = calloc(1, sizeof *r);
  if (r)
    r->worker.settings = s;
  if (!r || !record_buffer_create(&r->worker.buffer, (size_t)s->buffer_mib << 20)) {
    log_line(3, "nothing is recorded: %s for `recorder.buffer_mib` %" PRId64, strerror(errno), s->buffer_mib);
    free(r);
    return NULL;
  }
  describe(&r->worker, status, software);
  if (record_worker_start(&r->worker)) {
    log_line(5, "every input is recorded in %s", s->folder);
    return r;
  }
  log_line(3, "nothing is recorded: no thread can be started: %s", strerror(errno));
  record_buffer_destroy(&r->worker.buffer);
  free(r);
  return NULL;
}

void recorder_destroy(recorder *r)
{
  if (!r)
    return;
  if (!record_worker_end(&r->worker, PATIENCE_S)) {
    log_line(3, "%s does not answer: the recording's last %zu bytes are lost", r->worker.settings->folder, record_buffer_used(&r->worker.buffer));
    return; /* the thread still holds all of it */
  }
  for (record_state s = 0; s < RECORD_STATES; s++)
    record_text_release(r->states[s]);
  record_buffer_destroy(&r->worker.buffer);
  free(r);
}

/* ---- into the buffer ---- */

static bool put(recorder *r, const record_head *head, const void *bytes)
{
  uint8_t *place = record_buffer_room(&r->worker.buffer, record_size(head->length));
  if (!place)
    return false;
  record_put(place, head, bytes);
  record_buffer_give(&r->worker.buffer, record_size(head->length));
  return true;
}

/* The thread gets a hold of its own with the name. */
static bool put_named(recorder *r, record_head *head, record_text *text)
{
  record_named named = {.text = record_text_hold(text)};
  memcpy(named.sha, text->sha, sizeof named.sha);
  head->length = sizeof named;
  if (put(r, head, &named))
    return true;
  record_text_release(text);
  return false;
}

static bool put_state(recorder *r, record_state kind, int64_t now)
{
  record_head head = {.kind = RECORD_STATE, .detail = (uint16_t)kind, .length = sizeof r->clock, .number = r->number, .now = now};
  if (kind == RECORD_CLOCK)
    return put(r, &head, &r->clock);
  return !r->states[kind] || put_named(r, &head, r->states[kind]);
}

/* Half of the buffer is free, at least 512 KiB: what follows has room. */
static void resume(recorder *r, int64_t now)
{
  char since[INGEST_TIME_TEXT], until[INGEST_TIME_TEXT];
  record_head gap = {.kind = RECORD_GAP, .length = sizeof r->gap, .number = r->number, .now = now};
  put(r, &gap, &r->gap);
  for (record_state s = 0; s < RECORD_STATES; s++)
    put_state(r, s, now);
  r->stopped = false;
  log_line(5, "the recording goes on; it lacks %" PRIu64 " inputs from %s to %s", r->gap.lost, ingest_time_format(r->gap.since, since),
           ingest_time_format(now, until));
}

static void stop(recorder *r, int64_t now)
{
  r->stopped = true;
  r->gap = (record_gap){.since = now};
  log_line(3,
           "recording stops: %s takes less than comes, and `recorder.buffer_mib` (%" PRId64
           ") is full: see to that disk (full? slow? broken?); it goes on by itself, and alerts are not concerned",
           r->worker.settings->folder, r->worker.settings->buffer_mib);
}

/* Whether an input at `now` can be recorded. */
static bool is_open(recorder *r, int64_t now)
{
  if (r->stopped && record_buffer_used(&r->worker.buffer) <= r->worker.buffer.size / 2)
    resume(r, now);
  return !r->stopped;
}

static void close_input(recorder *r, int64_t now, bool recorded)
{
  r->number++;
  r->inputs++;
  if (recorded)
    return;
  if (!r->stopped)
    stop(r, now);
  r->gap.lost++;
  r->lost++;
}

static void give(recorder *r, record_head *head, const void *bytes)
{
  bool recorded = is_open(r, head->now);
  head->number = r->number;
  close_input(r, head->now, recorded && put(r, head, bytes));
}

/* ---- the inputs ---- */

void recorder_packet(recorder *r, int32_t feed, const uint8_t *bytes, size_t length, int64_t now)
{
  if (r)
    give(r, &(record_head){.kind = RECORD_PACKET, .feed = feed, .length = (uint32_t)length, .now = now}, bytes);
}

void recorder_advance(recorder *r, int64_t now)
{
  if (r)
    give(r, &(record_head){.kind = RECORD_ADVANCE, .now = now}, NULL);
}

void recorder_command(recorder *r, const engine_command_input *command, int64_t now)
{
  uint8_t bytes[RECORD_INPUT_ROOM];
  if (!r)
    return;
  uint32_t length = record_command_put(command, bytes);
  give(r, &(record_head){.kind = RECORD_COMMAND, .detail = (uint16_t)command->kind, .length = length, .now = now}, bytes);
  if (command->kind == ENGINE_SET_CLOCK)
    r->clock = command->clock;
}

static void replace(recorder *r, record_state kind, record_text *text)
{
  record_text_release(r->states[kind]);
  r->states[kind] = text;
}

void recorder_result(recorder *r, engine_job job, const void *result, record_text *text, int64_t now)
{
  uint8_t bytes[RECORD_INPUT_ROOM];
  if (!r) {
    record_text_release(text);
    return;
  }
  record_head head = {.kind = RECORD_RESULT, .detail = (uint16_t)job, .now = now};
  if (!text) {
    head.length = record_result_put(job, result, bytes);
    give(r, &head, bytes);
    return;
  }
  bool recorded = is_open(r, now);
  head.number = r->number;
  close_input(r, now, recorded && put_named(r, &head, text));
  replace(r, record_job_state(job), text);
}

void recorder_state(recorder *r, record_state kind, record_text *text)
{
  if (!r || !text) {
    record_text_release(text);
    return;
  }
  replace(r, kind, text);
  put_state(r, kind, 0);
}

/* ---- events ---- */

/* The text behind `"name":"` near the message's begin. */
static bool find(const engine_message *m, const char *name, char *value, size_t size)
{
  const char *end = m->json + m->length;
  for (const char *at = m->json; at + strlen(name) < end; at++) {
    if (memcmp(at, name, strlen(name)) != 0)
      continue;
    at += strlen(name);
    size_t n = 0;
    while (at + n < end && at[n] != '"' && n + 1 < size)
      n++;
    memcpy(value, at, n);
    value[n] = '\0';
    return true;
  }
  return false;
}

void recorder_message(recorder *r, const engine_message *message)
{
  char id[LOCATOR_ID_TEXT], time[INGEST_TIME_TEXT];
  int64_t origin;
  if (!r || message->channel != ENGINE_EVENT || r->stopped)
    return;
  if (find(message, "\"id\":\"", id, sizeof id) && find(message, "\"origin_time\":\"", time, sizeof time) && ingest_time_parse(time, &origin))
    put(r, &(record_head){.kind = RECORD_EVENT, .length = (uint32_t)strlen(id), .number = r->number, .now = origin}, id);
}

void recorder_count(recorder *r, recorder_counters *counters)
{
  *counters = (recorder_counters){0};
  if (r)
    *counters = (recorder_counters){r->inputs, r->lost, record_buffer_used(&r->worker.buffer), r->worker.buffer.size, r->stopped};
}
