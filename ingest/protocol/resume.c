#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol.h"

enum { LINE = 128, FAULT = 160 };

struct protocol_resume {
  protocol_position *positions; /* sorted bytewise by station */
  size_t count, capacity;
};

static size_t place_of(const protocol_resume *resume, const char *station, bool *found);
static bool read_line(const char *line, protocol_position *position);

protocol_resume *protocol_resume_create(void)
{
  return calloc(1, sizeof(protocol_resume));
}

void protocol_resume_destroy(protocol_resume *resume)
{
  if (resume)
    free(resume->positions);
  free(resume);
}

size_t protocol_resume_count(const protocol_resume *resume)
{
  return resume->count;
}

const protocol_position *protocol_resume_at(const protocol_resume *resume, size_t index)
{
  return index < resume->count ? &resume->positions[index] : NULL;
}

const protocol_position *protocol_resume_find(const protocol_resume *resume, const char *station)
{
  bool found;
  size_t at = place_of(resume, station, &found);
  return found ? &resume->positions[at] : NULL;
}

static bool make_room(protocol_resume *resume)
{
  if (resume->count < resume->capacity)
    return true;
  size_t capacity = resume->capacity ? 2 * resume->capacity : 64;
  protocol_position *positions = realloc(resume->positions, capacity * sizeof *positions);
  if (!positions)
    return false;
  resume->positions = positions;
  resume->capacity = capacity;
  return true;
}

bool protocol_resume_set(protocol_resume *resume, const protocol_position *position)
{
  bool found;
  size_t at = place_of(resume, position->station, &found);
  if (!found) {
    if (!make_room(resume))
      return false;
    memmove(resume->positions + at + 1, resume->positions + at, (resume->count - at) * sizeof *resume->positions);
    resume->count++;
  }
  resume->positions[at] = *position;
  return true;
}

void protocol_resume_forget(protocol_resume *resume)
{
  resume->count = 0;
}

void protocol_resume_write(const protocol_resume *resume, config_write *write, void *user)
{
  for (size_t i = 0; i < resume->count; i++) {
    const protocol_position *p = &resume->positions[i];
    char line[LINE], sequence[24] = "-", time[INGEST_TIME_TEXT];
    if (p->sequence != PROTOCOL_NO_SEQUENCE)
      snprintf(sequence, sizeof sequence, "%" PRId64, p->sequence);
    int length = snprintf(line, sizeof line, "%s %s %s\n", p->station[0] ? p->station : "-", sequence, ingest_time_format(p->time, time));
    write(user, line, (size_t)length);
  }
}

bool protocol_resume_read(protocol_resume *resume, const char *bytes, size_t length, char *fault)
{
  long number = 0;
  bool good = true;
  for (const char *end = bytes + length, *next; bytes < end; bytes = next) {
    const char *newline = memchr(bytes, '\n', (size_t)(end - bytes));
    size_t n = (size_t)((newline ? newline : end) - bytes);
    next = newline ? newline + 1 : end;
    number++;
    char line[LINE] = "";
    protocol_position position;
    if (n < sizeof line)
      memcpy(line, bytes, n);
    if (n == 0 || (n < sizeof line && read_line(line, &position) && protocol_resume_set(resume, &position)))
      continue;
    if (good)
      snprintf(fault, FAULT, "line %ld is no position (station, sequence, time, as in \"CI_CLC 4711 2019-07-06T03:19:53.040000Z\"); it is left out",
               number);
    good = false;
  }
  return good;
}

static size_t place_of(const protocol_resume *resume, const char *station, bool *found)
{
  size_t low = 0, high = resume->count;
  *found = false;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    int order = strcmp(resume->positions[middle].station, station);
    if (order == 0) {
      *found = true;
      return middle;
    }
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* The next word of a line, NUL-terminated in `word`; false if it is none or too long. */
static bool take_word(const char **line, char *word, size_t room)
{
  size_t length = strcspn(*line, " ");
  if (length == 0 || length >= room)
    return false;
  memcpy(word, *line, length);
  word[length] = '\0';
  *line += length + strspn(*line + length, " ");
  return true;
}

static bool read_sequence(const char *word, int64_t *sequence)
{
  *sequence = PROTOCOL_NO_SEQUENCE;
  if (strcmp(word, "-") == 0)
    return true;
  size_t digits = strspn(word, "0123456789");
  if (digits == 0 || digits > 18 || word[digits])
    return false;
  *sequence = strtoll(word, NULL, 10);
  return true;
}

static bool is_name(const char *word)
{
  for (; *word; word++)
    if (*word <= ' ' || *word > '~')
      return false;
  return true;
}

static bool read_line(const char *line, protocol_position *position)
{
  char sequence[24], time[32];
  *position = (protocol_position){.time = 0};
  if (!take_word(&line, position->station, sizeof position->station) || !is_name(position->station))
    return false;
  if (strcmp(position->station, "-") == 0)
    position->station[0] = '\0';
  return take_word(&line, sequence, sizeof sequence) && read_sequence(sequence, &position->sequence) && take_word(&line, time, sizeof time) &&
         *line == '\0' && ingest_time_parse(time, &position->time);
}
