#include "scan_files.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WINDOW = 1 << 19, MOST_SAMPLES = 65535 };

static const char bad_extra[] = "extra headers that are no JSON; the record's samples are counted";
static const char cut_off[] = "a record cut short by the end of the file";

/* A file on its way through the window. */
typedef struct {
  scan *scan;
  const char *path;
  uint64_t offset;     /* in the file, of the window's first byte */
  uint64_t skip_until; /* where the last skipped stretch ended, for one that goes on */
  const char *skip_reason;
  size_t first_fault; /* of this file */
} reading;

/* A record at its place. */
typedef struct {
  scan_channel *channel;
  uint64_t offset;
  const uint8_t *bytes;
  size_t length;
} scan_sighting;

static bool read_through(reading *r, int descriptor);
static size_t take_records(reading *r, const uint8_t *bytes, size_t length);
static void skip(reading *r, uint64_t offset, size_t length, const char *reason);
static size_t take_alike(reading *r, uint64_t offset, const uint8_t *bytes, size_t length);
static void take_record(reading *r, uint64_t offset, const uint8_t *bytes, size_t length);
static void count_record(reading *r, const scan_sighting *seen, const ingest_record *record);

bool scan_file(scan *s, const char *path)
{
  int descriptor = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
  reading r = {.scan = s, .path = path, .first_fault = s->fault_count};
  if (s->samples && !s->decoded)
    s->decoded = malloc(MOST_SAMPLES * sizeof *s->decoded);
  bool done = descriptor >= 0 && (!s->samples || s->decoded);
  done = done && read_through(&r, descriptor);
  int failure = s->short_of_memory ? ENOMEM : errno;
  if (descriptor > STDIN_FILENO)
    close(descriptor);
  s->files += done;
  errno = failure;
  return done && !s->short_of_memory;
}

static void finish_file(reading *r, const uint8_t *bytes, size_t left)
{
  if (left > 0 && ingest_frame_last(bytes, left).framing == INGEST_FRAME_RECORD)
    take_record(r, r->offset, bytes, left);
  else if (left > 0)
    skip(r, r->offset, left, cut_off);
  r->scan->bytes += r->offset + left;
}

/* By read() into a window that stays in the processor's cache: on files of which memory holds a copy that costs what mapping their pages does, and a
   file that shrinks meanwhile ends early in place of ending the program. Each read goes to the same page, behind what is left of the one before: a
   copy from page to page is the fastest. */
static bool read_through(reading *r, int descriptor)
{
  uint8_t *room = aligned_alloc(INGEST_RECORD_MAXIMUM, INGEST_RECORD_MAXIMUM + WINDOW);
  size_t left = 0;
  ssize_t got = -1;
  while (room && got != 0) {
    got = read(descriptor, room + INGEST_RECORD_MAXIMUM, WINDOW);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      break;
    const uint8_t *begin = room + INGEST_RECORD_MAXIMUM - left;
    size_t length = left + (size_t)got, taken = take_records(r, begin, length);
    r->offset += taken;
    left = length - taken;
    memmove(room + INGEST_RECORD_MAXIMUM - left, begin + taken, left);
  }
  if (got == 0)
    finish_file(r, room + INGEST_RECORD_MAXIMUM - left, left);
  free(room);
  return got == 0;
}

/* How many bytes are done with; what is left wants more. */
static size_t take_records(reading *r, const uint8_t *bytes, size_t length)
{
  size_t at = 0;
  while (at < length) {
    size_t alike = r->scan->samples ? 0 : take_alike(r, r->offset + at, bytes + at, length - at);
    if (alike > 0) {
      at += alike;
      continue;
    }
    ingest_frame_result frame = ingest_frame(bytes + at, length - at);
    if (frame.framing == INGEST_FRAME_PARTIAL)
      break;
    if (frame.framing == INGEST_FRAME_SKIP)
      skip(r, r->offset + at, frame.length, frame.reason);
    else
      take_record(r, r->offset + at, bytes + at, frame.length);
    at += frame.length;
  }
  return at;
}

/* The record that nearly every one in a file is: like one before of its channel. Its length, 0 if it is none. */
static size_t take_alike(reading *r, uint64_t offset, const uint8_t *bytes, size_t length)
{
  ingest_record record;
  const scan_series *series = &r->scan->series[ingest_series_place(bytes, length, SCAN_SERIES)];
  size_t alike = ingest_series_next(&series->alike, bytes, length, &record);
  if (alike > 0)
    count_record(r, &(scan_sighting){series->channel, offset, bytes, alike}, &record);
  return alike;
}

/* `needed` items fit; memory that is short is noted, and then nothing more is kept. */
static void *room_for(scan *s, void *items, size_t *room, size_t needed, size_t size)
{
  if (needed <= *room)
    return items;
  size_t more = *room ? 2 * *room : 8;
  void *grown = realloc(items, more * size);
  if (!grown) {
    s->short_of_memory = true;
    return items;
  }
  *room = more;
  return grown;
}

/* ---- faults ---- */

static int compare_codes(const ingest_codes *a, const ingest_codes *b)
{
  int order = strcmp(a->network, b->network);
  if (order == 0)
    order = strcmp(a->station, b->station);
  if (order == 0)
    order = strcmp(a->location, b->location);
  return order ? order : strcmp(a->channel, b->channel);
}

static scan_fault *fault_of(reading *r, uint64_t offset, const char *reason, const ingest_codes *codes)
{
  scan *s = r->scan;
  for (size_t i = r->first_fault; i < s->fault_count; i++)
    if (s->faults[i].reason == reason && compare_codes(&s->faults[i].codes, codes) == 0)
      return &s->faults[i];
  s->faults = room_for(s, s->faults, &s->fault_room, s->fault_count + 1, sizeof *s->faults);
  if (s->fault_count == s->fault_room)
    return NULL;
  s->faults[s->fault_count] = (scan_fault){.path = r->path, .reason = reason, .codes = *codes, .offset = offset};
  return &s->faults[s->fault_count++];
}

static void note_fault(reading *r, uint64_t offset, size_t length, const char *reason, const ingest_codes *codes, bool goes_on)
{
  scan_fault *fault = fault_of(r, offset, reason, codes);
  if (!fault)
    return;
  fault->count += !goes_on;
  fault->bytes += length;
}

static void skip(reading *r, uint64_t offset, size_t length, const char *reason)
{
  bool goes_on = offset == r->skip_until && reason == r->skip_reason;
  note_fault(r, offset, length, reason, &(ingest_codes){0}, goes_on);
  r->skip_until = offset + length;
  r->skip_reason = reason;
}

/* ---- channels ---- */

static int by_codes(const void *left, const void *right)
{
  const scan_channel *a = left, *b = right;
  return compare_codes(&a->codes, &b->codes);
}

static scan_channel *add_channel(scan *s, const ingest_codes *codes)
{
  scan_channel *channel = calloc(1, sizeof *channel);
  s->channels = room_for(s, s->channels, &s->channel_room, s->channel_count + 1, sizeof *s->channels);
  if (channel && s->channel_count < s->channel_room) {
    channel->codes = *codes;
    channel->start = INT64_MAX;
    channel->end = INT64_MIN;
    channel->minimum = INFINITY;
    channel->maximum = -INFINITY;
    if (tsearch(channel, &s->index, by_codes)) {
      s->channels[s->channel_count++] = channel;
      return channel;
    }
  }
  s->short_of_memory = true;
  free(channel);
  return NULL;
}

static scan_channel *channel_of(scan *s, const ingest_codes *codes)
{
  scan_channel wanted = {.codes = *codes}, **found = tfind(&wanted, &s->index, by_codes);
  return found ? *found : add_channel(s, codes);
}

static void add_rate(scan_channel *c, double rate)
{
  size_t known = c->rate_count < SCAN_RATES ? c->rate_count : SCAN_RATES;
  for (size_t i = 0; i < known; i++)
    if (fabs(c->rates[i] - rate) <= 1e-3 * rate)
      return;
  if (known < SCAN_RATES)
    c->rates[c->rate_count++] = rate;
  else
    c->rate_count = SCAN_RATES + 1;
}

/* Most records go on where the one before ended, at its rate and with about as many samples. */
static void add_span(scan *s, scan_channel *c, const ingest_record *record)
{
  if (record->rate != c->rate)
    c->half = llround(0.5e9 / record->rate);
  if (record->rate != c->rate || record->samples != c->count)
    c->duration = ingest_record_end(record) - record->start;
  int64_t end = record->start + c->duration;
  scan_span *latest = c->span_count ? &c->spans[c->span_count - 1] : NULL;
  bool follows = latest && llabs(record->start - latest->end) <= c->half;
  c->rate = record->rate;
  c->count = record->samples;
  c->start = record->start < c->start ? record->start : c->start;
  if (end > c->end) {
    c->newest = *record;
    c->end = end;
  }
  if (follows) {
    latest->end = end;
    return;
  }
  c->spans = room_for(s, c->spans, &c->span_room, c->span_count + 1, sizeof *c->spans);
  if (c->span_count < c->span_room)
    c->spans[c->span_count++] = (scan_span){record->start, end, c->half};
}

static const char *add_samples(scan *s, scan_channel *c, const uint8_t *bytes, size_t length)
{
  ingest_record record;
  const char *fault = ingest_record_decode(bytes, length, &record, s->decoded, MOST_SAMPLES);
  for (int32_t i = 0; !fault && i < record.samples; i++) {
    double value = s->decoded[i];
    c->minimum = value < c->minimum ? value : c->minimum;
    c->maximum = value > c->maximum ? value : c->maximum;
    c->sum += value;
    c->decoded++;
  }
  return fault;
}

static void take_record(reading *r, uint64_t offset, const uint8_t *bytes, size_t length)
{
  scan *s = r->scan;
  ingest_record record;
  const char *fault = ingest_record_read(bytes, length, &record);
  if (fault) {
    note_fault(r, offset, length, fault, &(ingest_codes){0}, false);
    return;
  }
  scan_channel *channel = channel_of(s, &record.codes);
  if (!channel)
    return;
  if (record.extra_malformed)
    note_fault(r, offset, length, bad_extra, &record.codes, false);
  scan_series *series = &s->series[ingest_series_place(bytes, length, SCAN_SERIES)];
  series->channel = channel;
  ingest_series_begin(&series->alike, bytes, length, &record);
  count_record(r, &(scan_sighting){channel, offset, bytes, length}, &record);
}

static void count_record(reading *r, const scan_sighting *seen, const ingest_record *record)
{
  scan *s = r->scan;
  scan_channel *c = seen->channel;
  const char *fault;
  if (s->samples && (fault = add_samples(s, c, seen->bytes, seen->length)) != NULL) {
    note_fault(r, seen->offset, seen->length, fault, &record->codes, false);
    c->undecodable++;
  }
  c->records++;
  c->samples += (uint64_t)record->samples;
  s->records++;
  s->values += (uint64_t)record->samples;
  if (c->rate_count == 0 || fabs(c->rates[0] - record->rate) > 1e-3 * record->rate)
    add_rate(c, record->rate);
  c->encodings |= UINT64_C(1) << (record->encoding & 63);
  c->shortest = c->shortest == 0 || seen->length < c->shortest ? seen->length : c->shortest;
  c->longest = seen->length > c->longest ? seen->length : c->longest;
  add_span(s, c, record);
}

/* ---- the end ---- */

static int by_channel(const void *left, const void *right)
{
  scan_channel *const *a = left, *const *b = right;
  return by_codes(*a, *b);
}

static int by_start(const void *left, const void *right)
{
  const scan_span *a = left, *b = right;
  if (a->start != b->start)
    return (a->start > b->start) - (a->start < b->start);
  return (a->end > b->end) - (a->end < b->end);
}

static void count_breaks(scan_channel *c)
{
  qsort(c->spans, c->span_count, sizeof *c->spans, by_start);
  for (size_t i = 1; i < c->span_count; i++) {
    scan_span *before = &c->spans[i - 1], *span = &c->spans[i];
    int64_t ahead = span->start - before->end;
    if (ahead > span->half) {
      c->gaps++;
      c->gap_s += (double)ahead / 1e9;
    } else if (-ahead > span->half) {
      int64_t shared = span->end < before->end ? span->end - span->start : -ahead;
      c->overlaps++;
      c->overlap_s += (double)shared / 1e9;
    }
    span->end = before->end > span->end ? before->end : span->end;
  }
}

void scan_finish(scan *s)
{
  if (s->channel_count)
    qsort(s->channels, s->channel_count, sizeof *s->channels, by_channel);
  for (size_t i = 0; i < s->channel_count; i++) {
    scan_channel *c = s->channels[i];
    c->last = ingest_record_last(&c->newest);
    count_breaks(c);
  }
}

void scan_release(scan *s)
{
  for (size_t i = 0; i < s->channel_count; i++) {
    tdelete(s->channels[i], &s->index, by_codes);
    free(s->channels[i]->spans);
    free(s->channels[i]);
  }
  free(s->channels);
  free(s->faults);
  free(s->decoded);
}
