/* The daemon's own recording: every input in its order, with what was in force. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "model.h"
#include "record_build.h"
#include "record_inputs.h"
#include "record_reader.h"
#include "replay.h"
#include "replay_texts.h"

typedef struct {
  replay *r;
  const char *folder;
  record_reader *reader;
  int64_t until;
  char states[RECORD_STATES][RECORD_SHA_TEXT]; /* in force; "": none */
  uint32_t clock;
  int64_t run;     /* the daemon's whose inputs these are */
  uint32_t number; /* of the next input */
  char warned[RECORD_BUILD_TEXT];
} recording;

static bool take(recording *c, const record_head *head, const uint8_t *bytes);

/* ---- the whole of it ---- */

static bool read_time(const char *option, const char *text, int64_t otherwise, int64_t *time)
{
  *time = otherwise;
  if (!text || ingest_time_parse(text, time))
    return true;
  fprintf(stderr, "tocsin replay: --%s is `%s`; of a recording it takes a time, as 2019-07-06T03:19:53Z\n", option, text);
  return false;
}

/* Others in place of what was recorded are taken on purpose, and that is said. */
static bool prepare(replay *r)
{
  const char *config = r->options.config, *inventory = r->options.inventory;
  if (config && !settings_load(&r->settings, config))
    return false;
  if (config)
    settings_hash(&r->settings, r->hash);
  if (inventory && !(r->inventory = files_inventory(inventory)))
    return false;
  if (config || inventory)
    fprintf(stderr, "tocsin replay: %s%s%s in place of what was recorded: the messages are those of another daemon\n", config ? config : "",
            config && inventory ? " and " : "", inventory ? inventory : "");
  return true;
}

static bool is_input(const record_head *head)
{
  return head->kind >= RECORD_PACKET && head->kind <= RECORD_RESULT;
}

static bool run(recording *c)
{
  record_head head;
  const uint8_t *bytes;
  bool good = true;
  while (good && record_reader_next(c->reader, &head, &bytes)) {
    if (is_input(&head) && head.now > c->until)
      break;
    good = take(c, &head, bytes);
  }
  if (good && !c->r->engine)
    fputs("tocsin replay: no input of the engine is in this recording\n", stderr);
  return good && c->r->engine;
}

bool replay_recording(replay *r)
{
  int64_t from;
  recording c = {.r = r, .folder = r->options.recording, .run = INT64_MIN};
  if (!read_time("from", r->options.how.from, INT64_MIN, &from) || !read_time("until", r->options.how.until, INT64_MAX, &c.until) || !prepare(r))
    return false;
  c.reader = record_reader_open(c.folder);
  if (!c.reader)
    return false;
  r->silent_until = from;
  record_reader_seek(c.reader, from);
  bool good = run(&c);
  record_reader_close(c.reader);
  return good;
}

/* ---- what is in force ---- */

static const char *sha_of(const record_head *head, const uint8_t *bytes, char sha[RECORD_SHA_TEXT])
{
  snprintf(sha, RECORD_SHA_TEXT, "%.*s", head->length < RECORD_SHA_TEXT ? (int)head->length : RECORD_SHA_TEXT - 1, (const char *)bytes);
  return sha;
}

static bool adopt_rules(recording *c, int64_t now)
{
  static settings rules; /* settings are large */
  const char *sha = c->states[RECORD_RULES];
  char hash[SETTINGS_HASH_TEXT];
  if (c->r->options.config) {
    engine_advance(c->r->engine, now);
    return true;
  }
  if (!replay_texts_settings(c->folder, sha, &rules))
    return false;
  snprintf(hash, sizeof hash, "%.8s", sha);
  engine_result(c->r->engine, ENGINE_JOB_SETTINGS, &(engine_settings_result){&rules.engine, hash}, now);
  settings_release(&rules);
  return true;
}

/* The one before is needed until the engine has the new one. */
static bool adopt_inventory(recording *c, int64_t now)
{
  replay *r = c->r;
  if (r->options.inventory) {
    engine_advance(r->engine, now);
    return true;
  }
  ingest_inventory *fresh = replay_texts_inventory(c->folder, c->states[RECORD_INVENTORY], r->inventory);
  if (!fresh)
    return false;
  engine_result(r->engine, ENGINE_JOB_INVENTORY, fresh, now);
  bool taken = engine_inventory(r->engine) == fresh;
  if (taken) {
    ingest_inventory_destroy(r->inventory);
    r->inventory = fresh;
  } else { /* for want of memory, in the midst of it: both stay */
    fputs("tocsin replay: memory is short for the inventory that was read again\n", stderr);
  }
  return taken;
}

static bool adopt_corrections(recording *c, int64_t now)
{
  replay *r = c->r;
  char path[RECORD_TEXT_PATH];
  if (r->options.config) {
    engine_advance(r->engine, now);
    return true;
  }
  locator_corrections *fresh = prior_corrections(record_text_path(c->folder, c->states[RECORD_CORRECTIONS], path), NULL);
  if (!fresh)
    return false;
  engine_result(r->engine, ENGINE_JOB_CORRECTIONS, fresh, now);
  locator_corrections_destroy(r->prior.corrections);
  r->prior.corrections = fresh;
  return true;
}

static bool adopt(recording *c, record_state state, int64_t now)
{
  switch (state) {
  case RECORD_RULES:
    return adopt_rules(c, now);
  case RECORD_INVENTORY:
    return adopt_inventory(c, now);
  case RECORD_CORRECTIONS:
    return adopt_corrections(c, now);
  default:
    return true;
  }
}

static void set_clock(recording *c, int64_t now)
{
  engine_command(c->r->engine, &(engine_command_input){.kind = ENGINE_SET_CLOCK, .clock = c->clock}, now);
}

/* The settings' hash is that of their lines, so that messages bear it as the daemon's did, whatever this build makes of them. */
static bool read_settings(recording *c)
{
  replay *r = c->r;
  if (r->options.config)
    return true;
  settings_release(&r->settings);
  if (!replay_texts_settings(c->folder, c->states[RECORD_SETTINGS], &r->settings))
    return false;
  snprintf(r->hash, sizeof r->hash, "%.8s", c->states[RECORD_SETTINGS]);
  char path[RECORD_TEXT_PATH];
  if (*c->states[RECORD_MODEL])
    snprintf(r->settings.locator.model, sizeof r->settings.locator.model, "%s", record_text_path(c->folder, c->states[RECORD_MODEL], path));
  snprintf(r->settings.locator.corrections, sizeof r->settings.locator.corrections, "%s",
           *c->states[RECORD_CORRECTIONS] ? record_text_path(c->folder, c->states[RECORD_CORRECTIONS], path) : "");
  return replay_texts_files(c->folder, c->states[RECORD_FILES], &r->settings.locator);
}

static bool read_inventory(recording *c)
{
  replay *r = c->r;
  if (r->options.inventory)
    return true;
  ingest_inventory_destroy(r->inventory);
  r->inventory = replay_texts_inventory(c->folder, c->states[RECORD_INVENTORY], NULL);
  return r->inventory != NULL;
}

/* The engine as it was before the input at `now`; only one that begins with its daemon counts as that did. */
static bool create_engine(recording *c, const record_head *head)
{
  replay *r = c->r;
  char time[INGEST_TIME_TEXT];
  if (!read_settings(c) || !read_inventory(c))
    return false;
  locator_travel_times_destroy(r->tables);
  prior_release(&r->prior);
  r->tables = model_travel_times(&r->settings.locator);
  if (!r->tables || !prior_load(&r->prior, &r->settings.locator) || !replay_create_engine(r))
    return false;
  replay_begin(r, head->now);
  c->number = head->number;
  if (head->number > 0)
    fprintf(stderr,
            "tocsin replay: it begins at %s in the middle: %" PRIu32 " inputs since the daemon's start are not in it, so revisions that count\n"
            "since then differ, and so may messages until the filters have settled\n",
            ingest_time_format(head->now, time), head->number);
  if (c->clock != ENGINE_CLOCK_UNKNOWN)
    set_clock(c, head->now);
  return !*c->states[RECORD_RULES] || adopt_rules(c, head->now);
}

/* At the head of a segment, and after a gap: only there it may be news. */
static bool take_state(recording *c, const record_head *head, const uint8_t *bytes)
{
  char sha[RECORD_SHA_TEXT];
  bool running = c->r->engine != NULL;
  if (head->detail >= RECORD_STATES)
    return true;
  if (head->detail == RECORD_CLOCK) {
    uint32_t before = c->clock;
    memcpy(&c->clock, bytes, head->length == sizeof c->clock ? sizeof c->clock : 0);
    if (running && c->clock != before)
      set_clock(c, head->now);
    return true;
  }
  bool same = strcmp(c->states[head->detail], sha_of(head, bytes, sha)) == 0;
  snprintf(c->states[head->detail], RECORD_SHA_TEXT, "%s", sha);
  return !running || same || adopt(c, head->detail, head->now);
}

/* ---- segments ---- */

/* Messages are the same to the byte for one program on one kind of processor. */
static void compare_build(recording *c)
{
  const record_origin *o = record_reader_origin(c->reader);
  char processor[RECORD_PROCESSOR_TEXT];
  if (strcmp(c->warned, o->build) == 0)
    return;
  snprintf(c->warned, sizeof c->warned, "%s", o->build);
  if (strcmp(o->build, record_daemon_build_id) != 0)
    fprintf(stderr, "tocsin replay: recorded by another build (%s, %.12s; this tocsin belongs to %.12s): messages may differ\n", o->software,
            o->build, record_daemon_build_id);
  if (strcmp(o->processor, record_processor(processor)) != 0)
    fprintf(stderr, "tocsin replay: recorded on another processor (%s; this one: %s): messages may differ in their last digits\n", o->processor,
            processor);
}

static bool take_header(recording *c, const record_head *head)
{
  const record_origin *o = record_reader_origin(c->reader);
  char time[INGEST_TIME_TEXT];
  compare_build(c);
  if (o->run == c->run)
    return true;
  if (c->r->engine)
    fprintf(stderr, "tocsin replay: the daemon was started again; its inputs go on at %s\n", ingest_time_format(head->now, time));
  engine_destroy(c->r->engine);
  c->r->engine = NULL;
  memset(c->states, 0, sizeof c->states);
  c->clock = ENGINE_CLOCK_UNKNOWN;
  c->run = o->run;
  return true;
}

static bool take_gap(recording *c, const record_head *head, const uint8_t *bytes)
{
  record_gap gap;
  char since[INGEST_TIME_TEXT], until[INGEST_TIME_TEXT];
  if (head->length != sizeof gap)
    return true;
  memcpy(&gap, bytes, sizeof gap);
  fprintf(stderr, "tocsin replay: %" PRIu64 " inputs from %s to %s were not recorded: the disk was full or slow; messages may differ from then on\n",
          gap.lost, ingest_time_format(gap.since, since), ingest_time_format(head->now, until));
  c->number = head->number;
  return true;
}

/* ---- inputs ---- */

static bool give_result(recording *c, const record_head *head, const uint8_t *bytes)
{
  record_state state = record_job_state(head->detail);
  record_result result;
  char sha[RECORD_SHA_TEXT];
  if (head->length == 0 && state != RECORD_STATES) {
    engine_result(c->r->engine, head->detail, NULL, head->now);
  } else if (state != RECORD_STATES) {
    snprintf(c->states[state], RECORD_SHA_TEXT, "%s", sha_of(head, bytes, sha));
    return adopt(c, state, head->now);
  } else if (record_result_get(head, bytes, &result)) {
    engine_result(c->r->engine, head->detail, &result, head->now);
  } else {
    fprintf(stderr, "tocsin replay: a result of the kind %d is unknown to this build: left out\n", head->detail);
  }
  return true;
}

static bool give(recording *c, const record_head *head, const uint8_t *bytes)
{
  replay *r = c->r;
  engine_command_input command;
  if (r->options.how.speed > 0)
    replay_advance(r, head->now);
  r->now = head->now;
  if (head->kind == RECORD_PACKET)
    engine_packet(r->engine, head->feed, bytes, head->length, head->now);
  else if (head->kind == RECORD_ADVANCE)
    engine_advance(r->engine, head->now);
  else if (head->kind == RECORD_RESULT)
    return give_result(c, head, bytes);
  else if (record_command_get(head, bytes, &command))
    engine_command(r->engine, &command, head->now);
  else
    fprintf(stderr, "tocsin replay: a command of the kind %d is unknown to this build: left out\n", head->detail);
  return true;
}

static bool take(recording *c, const record_head *head, const uint8_t *bytes)
{
  char time[INGEST_TIME_TEXT];
  if (head->kind == RECORD_HEADER)
    return take_header(c, head);
  if (head->kind == RECORD_STATE)
    return take_state(c, head, bytes);
  if (head->kind == RECORD_GAP)
    return take_gap(c, head, bytes);
  if (!is_input(head))
    return true;
  if (!c->r->engine && !create_engine(c, head))
    return false;
  if (head->number != c->number)
    fprintf(stderr, "tocsin replay: %" PRIu32 " inputs before %s are missing (damaged or deleted): messages may differ from then on\n",
            head->number - c->number, ingest_time_format(head->now, time));
  c->number = head->number + 1;
  return give(c, head, bytes);
}
