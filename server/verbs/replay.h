/* replay.h: `tocsin replay`, of archived files or of the daemon's own recording: what its parts share. */
#ifndef TOCSIN_REPLAY_H
#define TOCSIN_REPLAY_H

#include "playing.h"
#include "prior.h"
#include "schedule.h"
#include "settings.h"
#include "signer.h"
#include "truth.h"

enum { REPLAY_EVENTS = 16, REPLAY_DELAYS = 256 };

typedef struct {
  const char *config, *inventory, *key, *truth, *recording, *sds;
  playing_options how;
  double delay_s; /* of all stations */
  schedule_rule delays[REPLAY_DELAYS];
  size_t delays_count;
  bool status_lines, help;
} replay_options;

/* What was said of one event first and last. */
typedef struct {
  char id[LOCATOR_ID_TEXT];
  solution first, last;
  int64_t first_at, last_at;
  int64_t revision;
} told_event;

typedef struct {
  replay_options options;
  settings settings;
  char hash[SETTINGS_HASH_TEXT];
  ingest_inventory *inventory;
  locator_travel_times *tables;
  prior prior;
  signer *signer;
  engine *engine;
  solution truth;
  int64_t epoch, now;
  int64_t silent_until;           /* messages before are not written */
  int64_t began_monotonic, began; /* where the two clocks of a paced replay met */
  uint64_t skipped_bytes;
  char *line; /* a finished message */
  size_t line_capacity;
  told_event events[REPLAY_EVENTS];
  size_t events_count;
  unsigned warnings;
} replay;

/* Each bool is false for what was said on stderr. */
bool replay_archive(replay *r, char **paths);
bool replay_recording(replay *r);

/* ---- replay_engine.c ---- */

/* An engine of `r`'s settings, inventory and tables, whose messages go to standard output. */
bool replay_create_engine(replay *r);
/* The first input comes at `now`. */
void replay_begin(replay *r, int64_t now);
/* Time passes, as fast as --speed says. */
void replay_advance(replay *r, int64_t to);

/* ---- replay_output.c ---- */

void replay_message(void *user, const engine_message *message);
/* A line on stderr, at most a hundred warnings of them unless --status-lines. */
void replay_log(void *user, int severity, const char *text);
bool replay_flush(void);
void replay_summarise(const replay *r);

#endif
