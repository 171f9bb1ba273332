#include "archive.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "protocol.h"

enum { CHUNK_ROOM = 4 << 20, MOST_LINES = 10 };

/* Records lie in chunks that never move, so that packets can point at them. */
typedef struct chunk {
  struct chunk *before;
  size_t used, room;
  uint8_t bytes[];
} chunk;

typedef struct {
  archive_packet packet;
  size_t order; /* as read */
} entry;

struct archive {
  entry *entries;
  size_t count, capacity;
  chunk *newest;
  uint64_t skipped;
  archive_options options;
  bool short_of_memory;
};

/* One file on its way in. */
typedef struct {
  archive *archive;
  const archive_options *options;
  const char *path;
  size_t offset;
  unsigned faults;
} reading;

static bool read_path(archive *a, const char *path, const archive_options *options);
static void repack(void *user, const uint8_t *bytes, size_t length);
static void keep(void *user, const uint8_t *bytes, size_t length);
static int compare(const void *left, const void *right);

archive *archive_open(char *const *paths, size_t count, const archive_options *options)
{
  archive *a = calloc(1, sizeof *a);
  if (!a) {
    fprintf(stderr, "memory is short\n");
    return NULL;
  }
  a->options = *options;
  for (size_t i = 0; i < count; i++)
    if (!read_path(a, paths[i], options)) {
      archive_close(a);
      return NULL;
    }
  if (a->count > 0)
    qsort(a->entries, a->count, sizeof *a->entries, compare);
  return a;
}

void archive_close(archive *a)
{
  if (!a)
    return;
  for (chunk *c = a->newest, *before; c; c = before) {
    before = c->before;
    free(c);
  }
  free(a->entries);
  free(a);
}

size_t archive_count(const archive *a)
{
  return a->count;
}

const archive_packet *archive_at(const archive *a, size_t index)
{
  return &a->entries[index].packet;
}

bool archive_when(const char *text, int64_t first, int64_t *when)
{
  if (*text != '+')
    return ingest_time_parse(text, when);
  char *end;
  double seconds = strtod(text + 1, &end);
  if (end == text + 1 || *end || !(seconds >= 0 && seconds <= 1e9))
    return false;
  *when = first + (int64_t)(seconds * 1e9);
  return true;
}

const char *archive_choose(const archive *a, const char *from, const char *until, archive_span *span)
{
  size_t count = archive_count(a);
  if (count == 0)
    return "no record in these files";
  int64_t start = archive_at(a, 0)->arrival, end = INT64_MAX;
  span->from = start;
  if ((from && !archive_when(from, start, &span->from)) || (until && !archive_when(until, start, &end)))
    return "--from and --until take an ISO 8601 time, or +S with S from 0 to 1e9 seconds";
  for (span->first = 0; span->first < count && archive_at(a, span->first)->arrival < span->from;)
    span->first++;
  for (span->last = span->first; span->last < count && archive_at(a, span->last)->arrival < end;)
    span->last++;
  return span->first < span->last ? NULL : "no packet lies between --from and --until";
}

uint64_t archive_skipped(const archive *a)
{
  return a->skipped;
}

static int compare_codes(const ingest_codes *a, const ingest_codes *b)
{
  int order = strcmp(a->network, b->network);
  if (order == 0)
    order = strcmp(a->station, b->station);
  if (order == 0)
    order = strcmp(a->location, b->location);
  return order ? order : strcmp(a->channel, b->channel);
}

static int compare(const void *left, const void *right)
{
  const entry *a = left, *b = right;
  const archive_packet *p = &a->packet, *q = &b->packet;
  if (p->arrival != q->arrival)
    return p->arrival < q->arrival ? -1 : 1;
  int order = compare_codes(&p->record.codes, &q->record.codes);
  if (order)
    return order;
  if (p->record.start != q->record.start)
    return p->record.start < q->record.start ? -1 : 1;
  return a->order < b->order ? -1 : 1;
}

/* Names what is skipped, the first few of each file one by one. */
static void skip(reading *r, size_t length, const char *reason)
{
  r->archive->skipped += length;
  if (++r->faults <= MOST_LINES)
    fprintf(stderr, "%s:%zu: %s; %zu bytes skipped\n", r->path, r->offset, reason, length);
}

static void read_records(reading *r, const uint8_t *bytes, size_t length)
{
  for (ingest_frame_result next; r->offset < length && !r->archive->short_of_memory; r->offset += next.length) {
    const uint8_t *here = bytes + r->offset;
    next = ingest_frame_last(here, length - r->offset);
    if (next.framing == INGEST_FRAME_PARTIAL) {
      next.length = length - r->offset;
      skip(r, next.length, "a record cut short by the end of the file");
    } else if (next.framing == INGEST_FRAME_SKIP) {
      skip(r, next.length, next.reason);
    } else {
      const char *fault = ingest_record_cut(here, next.length, r->options->packet_s, r->options->shift_ns, repack, r->archive);
      if (fault)
        skip(r, next.length, fault);
    }
  }
}

static bool read_file(archive *a, const char *path, const archive_options *options)
{
  size_t length;
  uint8_t *bytes = files_read(path, &length);
  if (!bytes) {
    fprintf(stderr, "%s: %s\n", path, strerror(errno));
    return false;
  }
  reading r = {.archive = a, .options = options, .path = path};
  read_records(&r, bytes, length);
  free(bytes);
  if (r.faults > MOST_LINES)
    fprintf(stderr, "%s: %u more such places\n", path, r.faults - MOST_LINES);
  if (a->short_of_memory)
    fprintf(stderr, "%s: memory is short\n", path);
  return !a->short_of_memory;
}

/* A file, or the *.mseed of a folder. */
static bool read_path(archive *a, const char *path, const archive_options *options)
{
  if (strcmp(path, "-") == 0)
    return read_file(a, path, options);
  char **files = files_list(path, ".mseed");
  bool good = files && files[0];
  if (!good)
    fprintf(stderr, "%s: %s\n", path, files ? "no *.mseed in it" : strerror(errno));
  for (size_t i = 0; good && files[i]; i++)
    good = read_file(a, files[i], options);
  files_list_free(files);
  return good;
}

static uint8_t *room_for(archive *a, size_t length)
{
  if (!a->newest || a->newest->room - a->newest->used < length) {
    chunk *c = malloc(sizeof *c + CHUNK_ROOM);
    if (!c)
      return NULL;
    *c = (chunk){.before = a->newest, .room = CHUNK_ROOM};
    a->newest = c;
  }
  uint8_t *room = a->newest->bytes + a->newest->used;
  a->newest->used += length;
  return room;
}

static bool grow(archive *a)
{
  if (a->count < a->capacity)
    return true;
  size_t capacity = a->capacity ? 2 * a->capacity : 1024;
  entry *grown = realloc(a->entries, capacity * sizeof *grown);
  if (!grown)
    return false;
  a->entries = grown;
  a->capacity = capacity;
  return true;
}

/* A record that does not fit the wanted form stays as it is. */
static void repack(void *user, const uint8_t *bytes, size_t length)
{
  const archive *a = user;
  bool is_so = a->options.record_length == 0 || ((size_t)a->options.record_length == length && bytes[0] != 'M');
  if (is_so || protocol_repack(bytes, length, 2, a->options.record_length, 0, keep, user))
    keep(user, bytes, length);
}

static void keep(void *user, const uint8_t *bytes, size_t length)
{
  archive *a = user;
  ingest_record record;
  if (ingest_record_read(bytes, length, &record))
    return;
  uint8_t *room = grow(a) ? room_for(a, length) : NULL;
  if (!room) {
    a->short_of_memory = true;
    return;
  }
  memcpy(room, bytes, length);
  const archive_options *o = &a->options;
  int64_t arrival = ingest_record_last(&record) + llround(o->delay_s * 1e9) + (o->late ? o->late(o->late_of, &record.codes) : 0);
  a->entries[a->count] = (entry){{arrival, room, length, record}, a->count};
  a->count++;
}
