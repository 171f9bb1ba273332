#include "record_reader.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"

enum { HEADER_READ = 4096, LINE_TEXT = 160 };

typedef struct {
  char *path;
  record_origin origin;
  int64_t first;
} segment;

struct record_reader {
  segment *segments;
  size_t count, next; /* next: to be loaded */
  uint8_t *bytes;     /* of the one before `next`; NULL: none is loaded */
  size_t length, at;
  uint64_t damages;
};

/* ---- headers ---- */

/* The value of a line name=value; "" where there is none. */
static void value_of(const char *lines, const char *name, char *value, size_t size)
{
  size_t n = strlen(name);
  *value = '\0';
  for (const char *line = lines; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
    if (strncmp(line, name, n) == 0 && line[n] == '=') {
      snprintf(value, size, "%.*s", (int)strcspn(line + n + 1, "\n"), line + n + 1);
      return;
    }
}

static void read_origin(const uint8_t *bytes, uint32_t length, record_origin *o)
{
  char lines[HEADER_READ] = "", number[LINE_TEXT];
  memcpy(lines, bytes, length < sizeof lines ? length : sizeof lines - 1);
  value_of(lines, "software", o->software, sizeof o->software);
  value_of(lines, "build", o->build, sizeof o->build);
  value_of(lines, "processor", o->processor, sizeof o->processor);
  value_of(lines, "status", o->status, sizeof o->status);
  value_of(lines, "run", number, sizeof number);
  o->run = strtoll(number, NULL, 10);
  value_of(lines, "segment", number, sizeof number);
  o->segment = strtoull(number, NULL, 10);
}

static bool read_header(const char *path, segment *s)
{
  uint8_t bytes[HEADER_READ];
  record_head head;
  FILE *file = fopen(path, "rbe");
  size_t n = file ? fread(bytes, 1, sizeof bytes, file) : 0;
  if (file)
    fclose(file);
  if (n < RECORD_MAGIC_LENGTH || memcmp(bytes, RECORD_MAGIC, RECORD_MAGIC_LENGTH) != 0 ||
      !record_check(bytes + RECORD_MAGIC_LENGTH, n - RECORD_MAGIC_LENGTH, &head) || head.kind != RECORD_HEADER)
    return false;
  s->first = head.now;
  read_origin(bytes + RECORD_MAGIC_LENGTH + sizeof head, head.length, &s->origin);
  return true;
}

static int by_run_and_number(const void *left, const void *right)
{
  const segment *a = left, *b = right;
  if (a->origin.run != b->origin.run)
    return a->origin.run < b->origin.run ? -1 : 1;
  if (a->origin.segment != b->origin.segment)
    return a->origin.segment < b->origin.segment ? -1 : 1;
  return strcmp(a->path, b->path);
}

record_reader *record_reader_open(const char *folder)
{
  char **list = files_list(folder, RECORD_SUFFIX);
  size_t n = 0;
  while (list && list[n])
    n++;
  record_reader *r = n ? calloc(1, sizeof *r) : NULL;
  segment *segments = r ? calloc(n, sizeof *segments) : NULL;
  if (!segments) {
    fprintf(stderr, "%s: %s; a recording is the folder that `recorder.folder` names, or events/ID in it\n", folder,
            !list ? strerror(errno)
            : n   ? "memory is short"
                  : "no *" RECORD_SUFFIX " in it");
    files_list_free(list);
    free(r);
    return NULL;
  }
  r->segments = segments;
  for (size_t i = 0; i < n; i++) {
    if (read_header(list[i], &segments[r->count])) {
      segments[r->count++].path = list[i];
    } else {
      fprintf(stderr, "%s: it does not begin as a segment of a recording does; it is left out\n", list[i]);
      free(list[i]);
    }
  }
  free(list);
  qsort(segments, r->count, sizeof *segments, by_run_and_number);
  return r;
}

void record_reader_close(record_reader *r)
{
  if (!r)
    return;
  for (size_t i = 0; i < r->count; i++)
    free(r->segments[i].path);
  free(r->segments);
  free(r->bytes);
  free(r);
}

/* ---- entries ---- */

void record_reader_seek(record_reader *r, int64_t from)
{
  r->next = 0;
  for (size_t i = 0; i < r->count && r->segments[i].first <= from; i++)
    r->next = i;
}

static bool load(record_reader *r)
{
  free(r->bytes);
  r->bytes = NULL;
  while (!r->bytes && r->next < r->count) {
    const char *path = r->segments[r->next++].path;
    r->bytes = files_read(path, &r->length);
    r->at = RECORD_MAGIC_LENGTH;
    if (!r->bytes) {
      fprintf(stderr, "%s: %s; it is left out\n", path, strerror(errno));
      r->damages++;
    }
  }
  return r->bytes != NULL;
}

/* From a place where no whole entry begins to one where one does, or to the end. */
static void step_over(record_reader *r)
{
  record_head head;
  size_t from = r->at;
  while (r->at < r->length && !record_check(r->bytes + r->at, r->length - r->at, &head))
    r->at++;
  r->damages++;
  fprintf(stderr, "%s: %zu bytes from offset %zu are %s; they are left out\n", record_reader_path(r), r->at - from, from,
          r->at == r->length ? "the torn end of it" : "damaged");
}

bool record_reader_next(record_reader *r, record_head *head, const uint8_t **bytes)
{
  while (!r->bytes || r->at >= r->length)
    if (!load(r))
      return false;
  if (!record_check(r->bytes + r->at, r->length - r->at, head)) {
    step_over(r);
    return record_reader_next(r, head, bytes);
  }
  *bytes = r->bytes + r->at + sizeof *head;
  r->at += record_size(head->length);
  return true;
}

const record_origin *record_reader_origin(const record_reader *r)
{
  return &r->segments[r->next - 1].origin;
}

const char *record_reader_path(const record_reader *r)
{
  return r->segments[r->next - 1].path;
}

uint64_t record_reader_damages(const record_reader *r)
{
  return r->damages;
}
