/* What the log and systemd are told of the daemon. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <systemd/sd-daemon.h>

#include "clock.h"
#include "log.h"
#include "tocsind.h"

enum { STAGE_TEXT = 160, FEED_LINE_TEXT = 640 };

/* What may repeat of "feed 3: NET.STA.LOC.CHA: why: detail": all but the detail, in which times stand. */
static const char *kind_of(const char *text, char kind[FEED_LINE_TEXT])
{
  const char *end = text;
  for (int parts = 0; parts < 3 && end; parts++)
    end = strstr(end + (parts > 0), ": ");
  snprintf(kind, FEED_LINE_TEXT, "%.*s", (int)(end ? (size_t)(end - text) : strlen(text)), text);
  return kind;
}

/* "feed 3: ..." of the record in hand: its feed's name, and where in its bytes the record begins. */
static void log_of_feed(const daemon_state *d, int severity, const char *text)
{
  char line[FEED_LINE_TEXT], kind[FEED_LINE_TEXT], *rest;
  uint64_t offset;
  long number = strtol(text + strlen("feed "), &rest, 10);
  const char *label = *rest == ':' && d->feeds ? feeds_in_hand(d->feeds, (int32_t)number, &offset) : NULL;
  if (label)
    snprintf(line, sizeof line, "%s, byte %" PRIu64 "%s", label, offset, rest);
  log_repeated(severity, kind_of(text, kind), label ? line : text);
}

void report_on_engine_log(void *user, int severity, const char *text)
{
  if (strncmp(text, "feed ", 5) == 0)
    log_of_feed(user, severity, text);
  else if (strncmp(text, "station ", 8) == 0) /* there are many of them */
    log_repeated(severity, text, text);
  else
    log_line(severity, "%s", text);
}

void report_on_watchdog(struct ev_loop *loop, ev_timer *timer, int events)
{
  (void)loop, (void)timer, (void)events;
  sd_notify(0, "WATCHDOG=1");
}

void report_on_status(struct ev_loop *loop, ev_timer *timer, int events)
{
  (void)loop, (void)events;
  daemon_state *d = timer->data;
  char packet[STAGE_TEXT], step[STAGE_TEXT], signing[STAGE_TEXT], handover[STAGE_TEXT];
  engine_counters counted;
  feeds_counters taken;
  publisher_state redis;
  engine_count(d->engine, &counted);
  feeds_count(d->feeds, &taken);
  publisher_state_of(d->publisher, &redis);
  int64_t now = clock_monotonic();
  double rate = (double)(taken.records - d->packets_reported) / ((double)(now - d->reported) / 1e9);
  d->packets_reported = taken.records;
  d->reported = now;
  log_line(6,
           "%.0f packets/s from %" PRIu64 " feeds (%" PRIu64 " of %" PRIu64 " servers connected), %" PRIu64 " refused, %" PRIu64
           " bytes skipped; %" PRIu64 " picks, %" PRIu64 " events, %" PRIu64 " alerts; Redis %s, %s, epoch %" PRId64 ", %" PRIu64
           " published, %" PRIu64 " waiting, %" PRIu64 " dropped",
           rate, taken.open, taken.connected, taken.configured, counted.refused, taken.skipped_bytes, counted.picks, counted.events, counted.alerts,
           redis.connected ? "up" : "down", redis.leader ? "leading" : "silent", redis.epoch, redis.published, redis.queued, redis.dropped);
  log_line(6, "%s; %s; %s; %s", stage_report(&d->packet, packet, sizeof packet), stage_report(&d->step, step, sizeof step),
           stage_report(&d->signing, signing, sizeof signing), stage_report(&d->handover, handover, sizeof handover));
  sd_notifyf(0, "STATUS=%.0f packets/s, %" PRIu64 " alerts, Redis %s, %s", rate, counted.alerts, redis.connected ? "up" : "down",
             redis.leader ? "leading" : "silent");
}
