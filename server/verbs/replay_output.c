/* What a replay writes: messages as lines, the engine's log, and how its events compare with the truth. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "replay.h"

enum { WARNINGS = 100 };

static told_event *told(replay *r, const char *id)
{
  size_t i = 0;
  while (i < r->events_count && strcmp(r->events[i].id, id) != 0)
    i++;
  if (i == REPLAY_EVENTS)
    return NULL;
  if (i == r->events_count)
    snprintf(r->events[r->events_count++].id, LOCATOR_ID_TEXT, "%s", id);
  return &r->events[i];
}

static void compare_with_truth(replay *r, const char *line, size_t length, int64_t issued_at)
{
  const char *id, *origin_time;
  solution s = {.magnitude = NAN};
  json_int_t revision;
  json_t *magnitude, *root = json_loadb(line, length, 0, NULL);
  if (root && json_unpack(root, "{s:s,s:I,s:s,s:F,s:F,s:F,s:o}", "id", &id, "revision", &revision, "origin_time", &origin_time, "latitude_deg",
                          &s.latitude_deg, "longitude_deg", &s.longitude_deg, "depth_km", &s.depth_km, "magnitude", &magnitude) == 0) {
    told_event *of = told(r, id);
    s.magnitude = json_is_number(magnitude) ? json_number_value(magnitude) : NAN;
    ingest_time_parse(origin_time, &s.origin_time);
    if (of && of->revision == 0) {
      of->first = s;
      of->first_at = issued_at;
    }
    if (of) {
      of->last = s;
      of->last_at = issued_at;
      of->revision = revision;
    }
  }
  json_decref(root);
}

void replay_message(void *user, const engine_message *message)
{
  replay *r = user;
  char time[INGEST_TIME_TEXT];
  if (message->issued_at < r->silent_until)
    return;
  size_t needed = message->length + SIGNER_TAIL_MAXIMUM;
  if (needed > r->line_capacity) {
    char *grown = realloc(r->line, needed);
    if (!grown) {
      fputs("tocsin replay: memory is short: a message is lost\n", stderr);
      return;
    }
    r->line = grown;
    r->line_capacity = needed;
  }
  size_t length = signer_finish(r->signer, message->json, message->length, r->epoch, NULL, r->line, r->line_capacity);
  printf("{\"data_time\":\"%s\",\"channel\":\"%s:exercise:%s%s%s\",\"message\":", ingest_time_format(message->issued_at, time),
         r->settings.redis.prefix, engine_channel_words[message->channel], message->target ? ":" : "", message->target ? message->target : "");
  fwrite(r->line, 1, length, stdout);
  fputs("}\n", stdout);
  if (message->channel == ENGINE_EVENT && r->options.truth)
    compare_with_truth(r, r->line, length, message->issued_at);
}

void replay_log(void *user, int severity, const char *text)
{
  replay *r = user;
  char time[INGEST_TIME_TEXT];
  bool warning = severity <= 4;
  if (!r->options.status_lines && (!warning || r->warnings++ >= WARNINGS))
    return;
  fprintf(stderr, "%s %s%s\n", ingest_time_format(r->now, time), warning ? "warning: " : "", text);
}

bool replay_flush(void)
{
  if (fflush(stdout) == 0 && !ferror(stdout))
    return true;
  fprintf(stderr, "tocsin replay: stdout: %s\n", strerror(errno));
  return false;
}

/* ---- summary ---- */

static void print_errors(const char *when, const solution *s, const solution *truth, int64_t at)
{
  double off_km = locator_distance_km(truth->latitude_deg, truth->longitude_deg, s->latitude_deg, s->longitude_deg, NULL);
  fprintf(stderr, "  %s, %.1f s after the true origin: %.1f km off, depth %+.1f km, origin time %+.2f s, ", when,
          (double)(at - truth->origin_time) / 1e9, off_km, s->depth_km - truth->depth_km, (double)(s->origin_time - truth->origin_time) / 1e9);
  if (isnan(s->magnitude))
    fputs("no magnitude\n", stderr);
  else
    fprintf(stderr, "M%.1f (%+.1f)\n", s->magnitude, s->magnitude - truth->magnitude);
}

void replay_summarise(const replay *r)
{
  engine_counters c;
  char from[INGEST_TIME_TEXT], to[INGEST_TIME_TEXT];
  engine_count(r->engine, &c);
  fprintf(stderr,
          "%s to %s: %" PRIu64 " packets (%" PRIu64 " refused, %" PRIu64 " bytes no record), %" PRIu64 " picks, %" PRIu64 " events, %" PRIu64
          " alert messages, %" PRIu64 " messages in all\n",
          ingest_time_format(r->epoch * INGEST_SECOND, from), ingest_time_format(r->now, to), c.packets, c.refused, r->skipped_bytes, c.picks,
          c.events, c.alerts, c.messages);
  if (r->warnings > WARNINGS)
    fprintf(stderr, "%u further warnings are not shown; --status-lines shows them\n", r->warnings - WARNINGS);
  for (size_t i = 0; i < r->events_count; i++) {
    fprintf(stderr, "event %s, %" PRId64 " revisions\n", r->events[i].id, r->events[i].revision);
    print_errors("first", &r->events[i].first, &r->truth, r->events[i].first_at);
    print_errors("last", &r->events[i].last, &r->truth, r->events[i].last_at);
  }
}
