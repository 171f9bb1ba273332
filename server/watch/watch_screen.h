/* watch_screen.h: one readable line a message. */
#ifndef TOCSIN_WATCH_SCREEN_H
#define TOCSIN_WATCH_SCREEN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "engine.h"

/* A message as it came, its signature judged. */
typedef struct {
  const char *channel;
  engine_channel kind; /* ENGINE_CHANNELS: of a schema that this program does not know */
  json_t *body;
  int64_t issued_at; /* 0: none stated */
  bool genuine, missed;
} watch_message;

typedef struct {
  FILE *out;
  bool colour, progress; /* progress: the last line of the terminal is rewritten while it waits */
  int64_t origin;        /* times are shown as seconds since then; 0: as UTC */
  json_t *states;        /* what was shown last of each station, event, target */
  bool progress_shown;
  double strongest; /* intensity of the shaking that goes on ... */
  size_t felt;      /* ... and how many stations people would feel it at */
  int64_t shaken;   /* when it was last heard of */
} watch_screen;

bool watch_screen_open(watch_screen *screen, FILE *out, bool colour, int64_t origin);
void watch_screen_close(watch_screen *screen);

/* `remark` is set behind the line ("" for none). What says nothing new gives no line: heartbeats, growing windows, events that only gained a station.
   With an origin to count from, of a station's picks the first of each phase alone is shown: those in the coda are noise to a reader. */
void watch_screen_message(watch_screen *screen, const watch_message *message, const char *remark);

/* A line about the link or the daemon itself; `bad` is shown as such. */
void watch_screen_notice(watch_screen *screen, bool bad, const char *text);

/* What stands in the last line while nothing else happens; only on a terminal. */
void watch_screen_waiting(watch_screen *screen, const char *text);

/* Escape sequences that begin and end a level's colour ("red", "orange", ...), or "" without colour. */
const char *watch_screen_level(const watch_screen *screen, const char *level);
const char *watch_screen_plain(const watch_screen *screen);

/* Reading messages: a missing or null member gives "" or NAN or 0. */
const char *watch_text(const json_t *object, const char *member);
double watch_number(const json_t *object, const char *member);
int64_t watch_time(const json_t *object, const char *member);

#endif
