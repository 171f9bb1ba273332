#include "record_inputs.h"

#include <assert.h>
#include <string.h>

/* A kind of input that is not recorded must not compile. */
#pragma GCC diagnostic error "-Wswitch"

/* No padding, and what lies behind a name's end is zero. */
typedef struct {
  int32_t feed;
  ingest_feed_path path;
} recorded_feed;
static_assert(sizeof(recorded_feed) == sizeof(int32_t) + sizeof(ingest_feed_path), "it is copied as it lies in memory");

static bool is_ended(const char *text, size_t size)
{
  return memchr(text, '\0', size) != NULL;
}

uint32_t record_command_put(const engine_command_input *command, uint8_t bytes[RECORD_INPUT_ROOM])
{
  switch (command->kind) {
  case ENGINE_SET_CLOCK:
    memcpy(bytes, &(uint32_t){command->clock}, sizeof(uint32_t));
    return sizeof(uint32_t);
  case ENGINE_SKIP:
    return 0;
  case ENGINE_CANCEL_EVENT:
    memcpy(bytes, command->event, sizeof command->event);
    return (uint32_t)strnlen(command->event, sizeof command->event);
  case ENGINE_SET_FEED:
    memcpy(bytes, &(recorded_feed){command->feed, command->path}, sizeof(recorded_feed));
    return sizeof(recorded_feed);
  }
  return 0;
}

bool record_command_get(const record_head *head, const uint8_t *bytes, engine_command_input *command)
{
  uint32_t clock = 0;
  *command = (engine_command_input){.kind = head->detail};
  switch (command->kind) {
  case ENGINE_SET_CLOCK:
    if (head->length != sizeof clock)
      return false;
    memcpy(&clock, bytes, sizeof clock);
    command->clock = clock;
    return clock <= ENGINE_CLOCK_FREE;
  case ENGINE_SKIP:
    return head->length == 0;
  case ENGINE_CANCEL_EVENT:
    if (head->length == 0 || head->length >= sizeof command->event || memchr(bytes, '\0', head->length))
      return false;
    memcpy(command->event, bytes, head->length);
    return true;
  case ENGINE_SET_FEED: {
    recorded_feed f;
    if (head->length != sizeof f)
      return false;
    memcpy(&f, bytes, sizeof f);
    command->feed = f.feed;
    command->path = f.path;
    return is_ended(f.path.link, sizeof f.path.link) && is_ended(f.path.provider, sizeof f.path.provider);
  }
  }
  return false;
}

record_state record_job_state(engine_job job)
{
  switch (job) {
  case ENGINE_JOB_SETTINGS:
    return RECORD_RULES;
  case ENGINE_JOB_SPECTRUM:
    return RECORD_STATES;
  case ENGINE_JOB_INVENTORY:
    return RECORD_INVENTORY;
  case ENGINE_JOB_CORRECTIONS:
    return RECORD_CORRECTIONS;
  }
  return RECORD_STATES;
}

/* Field by field, so that no padding comes into the file. */
typedef struct {
  int32_t sensor, component;
  uint32_t verdict;
  float above_high, below_low;
} recorded_spectrum;

uint32_t record_result_put(engine_job job, const void *result, uint8_t bytes[RECORD_INPUT_ROOM])
{
  if (!result)
    return 0;
  switch (job) {
  case ENGINE_JOB_SETTINGS: /* by their texts */
  case ENGINE_JOB_INVENTORY:
  case ENGINE_JOB_CORRECTIONS:
    return 0;
  case ENGINE_JOB_SPECTRUM: {
    const engine_spectrum_result *s = result;
    const recorded_spectrum r = {s->sensor, s->component, s->noise.verdict, s->noise.above_high, s->noise.below_low};
    memcpy(bytes, &r, sizeof r);
    return sizeof r;
  }
  }
  return 0;
}

bool record_result_get(const record_head *head, const uint8_t *bytes, record_result *result)
{
  recorded_spectrum r;
  switch ((engine_job)head->detail) {
  case ENGINE_JOB_SETTINGS:
  case ENGINE_JOB_INVENTORY:
  case ENGINE_JOB_CORRECTIONS:
    return false;
  case ENGINE_JOB_SPECTRUM:
    if (head->length != sizeof r)
      return false;
    memcpy(&r, bytes, sizeof r);
    result->spectrum = (engine_spectrum_result){r.sensor, r.component, {r.verdict, r.above_high, r.below_low}};
    return r.verdict <= INGEST_NOISE_MISGAINED;
  }
  return false;
}
