#include "ring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BYTES_LEAST = 65536, BYTES_AN_ENTRY = 256 };

typedef struct {
  size_t offset, length;
  int64_t start, end;
  int64_t following; /* the next packet of its stream; 0: none yet */
  int32_t stream;
  uint8_t version;
} entry;

/* Records lie one behind the other in `bytes`, in the order of their sequences, none across its end. */
struct protocol_ring {
  uint8_t *bytes;
  size_t size, head;
  entry *entries; /* of sequence s at s % entries_size */
  size_t entries_size;
  int64_t oldest, next;
  ring_stream *streams;
  int32_t *sorted;
  size_t streams_count, streams_capacity;
};

static int32_t stream_of(protocol_ring *ring, const ingest_codes *codes);
static void make_room(protocol_ring *ring, size_t length);

protocol_ring *protocol_ring_create(size_t bytes, int64_t first)
{
  protocol_ring *ring = calloc(1, sizeof *ring);
  if (!ring)
    return NULL;
  ring->size = bytes > BYTES_LEAST ? bytes : BYTES_LEAST;
  ring->entries_size = ring->size / BYTES_AN_ENTRY;
  ring->oldest = ring->next = first;
  ring->bytes = malloc(ring->size);
  ring->entries = calloc(ring->entries_size, sizeof *ring->entries);
  if (ring->bytes && ring->entries)
    return ring;
  protocol_ring_destroy(ring);
  return NULL;
}

void protocol_ring_destroy(protocol_ring *ring)
{
  if (!ring)
    return;
  free(ring->bytes);
  free(ring->entries);
  free(ring->streams);
  free(ring->sorted);
  free(ring);
}

static entry *entry_of(const protocol_ring *ring, int64_t sequence)
{
  return &ring->entries[(uint64_t)sequence % ring->entries_size];
}

static void append_to_stream(protocol_ring *ring, ring_stream *stream, const ingest_record *record)
{
  if (stream->first <= stream->last)
    entry_of(ring, stream->last)->following = ring->next;
  else
    stream->first = ring->next;
  stream->last = ring->next;
  stream->version = record->version;
  int64_t end = ingest_record_end(record);
  stream->end = end > stream->end ? end : stream->end;
}

const char *protocol_ring_add(protocol_ring *ring, const uint8_t *bytes, size_t length)
{
  ingest_record record;
  const char *fault = ingest_record_read(bytes, length, &record);
  if (fault)
    return fault;
  if (length > ring->size)
    return "a record larger than the ring";
  int32_t stream = stream_of(ring, &record.codes);
  if (stream < 0)
    return "memory is short";
  make_room(ring, length);
  memcpy(ring->bytes + ring->head, bytes, length);
  append_to_stream(ring, &ring->streams[stream], &record);
  *entry_of(ring, ring->next) = (entry){ring->head, length, record.start, ingest_record_end(&record), 0, stream, record.version};
  ring->head += length;
  ring->next++;
  return NULL;
}

int64_t protocol_ring_oldest(const protocol_ring *ring)
{
  return ring->oldest;
}

int64_t protocol_ring_next(const protocol_ring *ring)
{
  return ring->next;
}

bool protocol_ring_at(const protocol_ring *ring, int64_t sequence, protocol_packet *packet)
{
  if (sequence < ring->oldest || sequence >= ring->next)
    return false;
  const entry *e = entry_of(ring, sequence);
  *packet = (protocol_packet){sequence, e->start, e->end, e->stream, e->version, ring->bytes + e->offset, e->length};
  return true;
}

size_t ring_streams(const protocol_ring *ring)
{
  return ring->streams_count;
}

const ring_stream *ring_stream_at(const protocol_ring *ring, size_t index)
{
  return &ring->streams[index];
}

const ring_stream *ring_stream_sorted(const protocol_ring *ring, size_t place)
{
  return &ring->streams[ring->sorted[place]];
}

/* ---- room for the next record ---- */

static void drop_oldest(protocol_ring *ring)
{
  const entry *e = entry_of(ring, ring->oldest);
  ring_stream *stream = &ring->streams[e->stream];
  stream->first = e->following ? e->following : stream->last + 1;
  ring->oldest++;
}

static bool is_in_the_way(const protocol_ring *ring, size_t begin, size_t end)
{
  const entry *e = entry_of(ring, ring->oldest);
  return e->offset < end && e->offset + e->length > begin;
}

/* What lies behind the head is the oldest, up to the end of the bytes, and then from their beginning. */
static void make_room(protocol_ring *ring, size_t length)
{
  if (ring->size - ring->head < length) {
    while (ring->oldest < ring->next && entry_of(ring, ring->oldest)->offset >= ring->head)
      drop_oldest(ring);
    ring->head = 0;
  }
  while (ring->oldest < ring->next && is_in_the_way(ring, ring->head, ring->head + length))
    drop_oldest(ring);
  while (ring->next - ring->oldest >= (int64_t)ring->entries_size)
    drop_oldest(ring);
}

/* ---- streams ---- */

static int compare_codes(const ingest_codes *a, const ingest_codes *b)
{
  int order = strcmp(a->network, b->network);
  order = order ? order : strcmp(a->station, b->station);
  order = order ? order : strcmp(a->location, b->location);
  return order ? order : strcmp(a->channel, b->channel);
}

/* The place in `sorted` of these codes, or where they would stand. */
static size_t sorted_place(const protocol_ring *ring, const ingest_codes *codes, bool *found)
{
  size_t low = 0, high = ring->streams_count;
  *found = false;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    int order = compare_codes(codes, &ring_stream_sorted(ring, middle)->codes);
    if (order == 0)
      *found = true;
    if (order <= 0)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

static bool grow(protocol_ring *ring)
{
  if (ring->streams_count < ring->streams_capacity)
    return true;
  size_t capacity = ring->streams_capacity ? 2 * ring->streams_capacity : 64;
  ring_stream *streams = realloc(ring->streams, capacity * sizeof *streams);
  ring->streams = streams ? streams : ring->streams;
  int32_t *sorted = streams ? realloc(ring->sorted, capacity * sizeof *sorted) : NULL;
  ring->sorted = sorted ? sorted : ring->sorted;
  if (!sorted)
    return false;
  ring->streams_capacity = capacity;
  return true;
}

/* Version 4 writes a channel of three letters as B_S_SS; longer ones have their underscores already. */
static void name_stream(ring_stream *stream)
{
  const ingest_codes *c = &stream->codes;
  bool is_short = strlen(c->channel) == 3;
  snprintf(stream->station_id, sizeof stream->station_id, "%s_%s", c->network, c->station);
  if (is_short)
    snprintf(stream->stream_id, sizeof stream->stream_id, "%s_%c_%c_%c", c->location, c->channel[0], c->channel[1], c->channel[2]);
  else
    snprintf(stream->stream_id, sizeof stream->stream_id, "%s_%s", c->location, c->channel);
}

static int32_t stream_of(protocol_ring *ring, const ingest_codes *codes)
{
  bool found;
  size_t place = sorted_place(ring, codes, &found);
  if (found)
    return ring->sorted[place];
  if (ring->streams_count >= INT32_MAX || !grow(ring))
    return -1;
  memmove(ring->sorted + place + 1, ring->sorted + place, (ring->streams_count - place) * sizeof *ring->sorted);
  int32_t index = (int32_t)ring->streams_count++;
  ring->sorted[place] = index;
  ring->streams[index] = (ring_stream){.codes = *codes, .first = 1, .last = 0, .end = INT64_MIN};
  name_stream(&ring->streams[index]);
  return index;
}
