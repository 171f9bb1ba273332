/* Archived files: each packet arrives when its last sample would have been there. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive.h"
#include "files.h"
#include "model.h"
#include "replay.h"
#include "sds.h"

static const int64_t run_on = 120 * INGEST_SECOND, settle = 10 * INGEST_SECOND, skipped_gap = 60 * INGEST_SECOND;

/* An SDS archive is read by days, so its span must be known before. NULL, said on stderr. */
static char **list_sds(const replay_options *o, size_t *count)
{
  int64_t from, until;
  if (!o->how.from || !o->how.until || !ingest_time_parse(o->how.from, &from) || !ingest_time_parse(o->how.until, &until)) {
    fputs("tocsin replay: --sds goes with --from and --until as ISO 8601 times, as 2019-07-06T03:19:00Z\n", stderr);
    return NULL;
  }
  char **files = sds_list(o->sds, from, until);
  for (*count = 0; files && files[*count];)
    ++*count;
  if (!files)
    fprintf(stderr, "tocsin replay: %s: %s; wanted are files ROOT/YEAR/NET/STA/CHA.D/NET.STA.LOC.CHA.D.YEAR.DAY of the time from --from to --until\n",
            o->sds, strerror(errno));
  return files;
}

static int64_t late(const void *of, const ingest_codes *codes)
{
  const replay_options *o = of;
  return schedule_delay(codes, o->delays, o->delays_count);
}

/* NULL, said on stderr. */
static archive *open_archive(const replay *r, char **paths, archive_span *span)
{
  size_t count = 0;
  archive_options how = {.packet_s = r->options.how.packet_s, .delay_s = r->options.delay_s, .late = late, .late_of = &r->options};
  char **listed = r->options.sds ? list_sds(&r->options, &count) : NULL;
  if (r->options.sds && !listed)
    return NULL;
  while (!listed && paths[count])
    count++;
  archive *a = archive_open(listed ? listed : paths, count, &how);
  files_list_free(listed);
  const char *fault = a ? archive_choose(a, r->options.how.from, r->options.how.until, span) : NULL;
  if (!fault)
    return a;
  fprintf(stderr, "tocsin replay: %s\n", fault);
  archive_close(a);
  return NULL;
}

static bool prepare(replay *r)
{
  if (!settings_load(&r->settings, r->options.config))
    return false;
  settings_hash(&r->settings, r->hash);
  const char *inventory = r->options.inventory ? r->options.inventory : r->settings.server.inventory;
  if (!*inventory) {
    fputs("tocsin replay: --inventory names no folder of StationXML, nor does server.inventory\n", stderr);
    return false;
  }
  return (r->inventory = files_inventory(inventory)) && (r->tables = model_travel_times(&r->settings.locator)) &&
         prior_load(&r->prior, &r->settings.locator) && replay_create_engine(r);
}

/* What still comes when the data end: at least the packets that wait for others, then until every event is final. */
static void let_events_end(replay *r, int64_t latest)
{
  engine_counters counters;
  int64_t end = r->now + run_on < latest ? r->now + run_on : latest, least = r->now + settle;
  do {
    replay_advance(r, r->now + INGEST_SECOND < end ? r->now + INGEST_SECOND : end);
    engine_count(r->engine, &counters);
  } while (r->now < end && (counters.events_open > 0 || r->now < least));
}

static void skip_gap(replay *r, int64_t to)
{
  let_events_end(r, to);
  if (to - r->now <= skipped_gap)
    return;
  engine_command(r->engine, &(engine_command_input){.kind = ENGINE_SKIP}, to);
  r->began += to - r->now;
  r->now = to;
}

static void run(replay *r, const archive *a, const archive_span *span)
{
  replay_begin(r, archive_at(a, span->first)->arrival);
  for (size_t i = span->first; i < span->last; i++) {
    const archive_packet *packet = archive_at(a, i);
    if (packet->arrival - r->now > skipped_gap)
      skip_gap(r, packet->arrival);
    replay_advance(r, packet->arrival);
    engine_packet(r->engine, 0, packet->bytes, packet->length, packet->arrival);
  }
  let_events_end(r, INT64_MAX);
}

bool replay_archive(replay *r, char **paths)
{
  archive_span span;
  archive *a = prepare(r) ? open_archive(r, paths, &span) : NULL;
  if (!a)
    return false;
  run(r, a, &span);
  r->skipped_bytes = archive_skipped(a);
  archive_close(a);
  return true;
}
