#include "log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"

enum { LINE_MAXIMUM = 2048, KINDS = 64, TEXTS = 1024, TEXTS_A_MINUTE = 200 };
static const int64_t quiet_ns = 60 * INGEST_SECOND;

/* Kinds are few and static, so a plain array found by its text is enough; past KINDS of them the last place is shared. */
static struct {
  const char *kind;
  int64_t written; /* monotonic */
  uint64_t held_back;
} kinds[KINDS];

/* Texts by the hash of their kind; one that meets another's place takes it over. */
static struct {
  uint64_t hash;
  int64_t written;
  uint64_t held_back;
} texts[TEXTS];
static struct {
  int64_t since;
  uint64_t written, held_back;
} this_minute;

static void write_line(int severity, const char *format, va_list arguments, uint64_t held_back);

void log_line(int severity, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  write_line(severity, format, arguments, 0);
  va_end(arguments);
}

void log_limited(int severity, const char *kind, const char *format, ...)
{
  size_t i = 0;
  while (i < KINDS - 1 && kinds[i].kind && strcmp(kinds[i].kind, kind) != 0)
    i++;
  int64_t now = clock_monotonic();
  if (kinds[i].kind && now - kinds[i].written < quiet_ns) {
    kinds[i].held_back++;
    return;
  }
  va_list arguments;
  va_start(arguments, format);
  write_line(severity, format, arguments, kinds[i].held_back);
  va_end(arguments);
  kinds[i].kind = kind;
  kinds[i].written = now;
  kinds[i].held_back = 0;
}

static uint64_t hash_of(const char *text)
{
  uint64_t h = 14695981039346656037u; /* FNV-1a */
  for (; *text; text++)
    h = (h ^ (unsigned char)*text) * 1099511628211u;
  return h;
}

/* Whether one more text may be written in this minute. */
static bool has_room_this_minute(int64_t now)
{
  if (now - this_minute.since >= quiet_ns) {
    if (this_minute.held_back > 0)
      log_line(5, "%llu more lines of this kind were held back in the last minute", (unsigned long long)this_minute.held_back);
    this_minute.since = now;
    this_minute.written = this_minute.held_back = 0;
  }
  bool room = this_minute.written < TEXTS_A_MINUTE;
  *(room ? &this_minute.written : &this_minute.held_back) += 1;
  return room;
}

void log_repeated(int severity, const char *kind, const char *text)
{
  uint64_t hash = hash_of(kind), held_back = 0;
  size_t i = hash % TEXTS;
  int64_t now = clock_monotonic();
  bool known = texts[i].hash == hash && texts[i].written != 0;
  if (known && now - texts[i].written < quiet_ns) {
    texts[i].held_back++;
    return;
  }
  if (!has_room_this_minute(now))
    return;
  held_back = known ? texts[i].held_back : 0;
  texts[i].hash = hash;
  texts[i].written = now;
  texts[i].held_back = 0;
  if (held_back)
    log_line(severity, "%s (and %llu times since the last such line)", text, (unsigned long long)held_back);
  else
    log_line(severity, "%s", text);
}

/* journald reads the priority from "<N>" and stamps the time itself; a person gets both in words. */
static size_t write_prefix(char *line, size_t size, int severity)
{
  static const char *const words[] = {"emergency", "alert", "critical", "error", "warning", "notice", "info", "debug"};
  if (getenv("JOURNAL_STREAM"))
    return (size_t)snprintf(line, size, "<%d>", severity);
  struct timespec t;
  struct tm utc;
  clock_gettime(CLOCK_REALTIME, &t);
  gmtime_r(&t.tv_sec, &utc);
  size_t n = strftime(line, size, "%Y-%m-%dT%H:%M:%S", &utc);
  return n + (size_t)snprintf(line + n, size - n, ".%03ldZ %s: ", t.tv_nsec / 1000000, words[severity & 7]);
}

/* The number of bytes that a text of `wanted` bytes took of `room`. */
static size_t taken(int wanted, size_t room)
{
  return wanted < 0 ? 0 : (size_t)wanted < room ? (size_t)wanted : room - 1;
}

static void write_line(int severity, const char *format, va_list arguments, uint64_t held_back)
{
  char line[LINE_MAXIMUM];
  size_t room = sizeof line - 1;
  size_t n = write_prefix(line, room, severity);
  size_t text = n;
  n += taken(vsnprintf(line + n, room - n, format, arguments), room - n);
  if (held_back)
    n += taken(snprintf(line + n, room - n, " (and %llu more like it since)", (unsigned long long)held_back), room - n);
  for (size_t i = text; i < n; i++) /* a text from the wire must not make a second line or speak to a terminal */
    if ((unsigned char)line[i] < ' ' || line[i] == 127)
      line[i] = '?';
  line[n++] = '\n';
  if (write(STDERR_FILENO, line, n) < 0)
    return; /* there is nowhere left to say it */
}
