/* A segment of a recording whose entries the input names, sealed as the recorder does, then damaged where the input says; or, for an odd first byte,
 * the input as it is after a good header. Whatever lies there, the reader gives whole entries only, and all that end before the damage in order. */
#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record_inputs.h"
#include "record_reader.h"

enum { ROOM = 1 << 18, ENTRIES = 4096, NAMED = 6 /* bytes of the input that name an entry */ };

static char folder[] = "/tmp/tocsin-fuzz-XXXXXX", path[sizeof folder + 16];
static uint8_t segment[ROOM];
static size_t used, places[ENTRIES], count;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add(const record_head *head, const void *bytes)
{
  if (used + record_size(head->length) > ROOM || count == ENTRIES)
    return;
  record_put(segment + used, head, bytes);
  record_seal(segment + used);
  places[count++] = used;
  used += record_size(head->length);
}

static void begin_segment(void)
{
  static const char lines[] = "software=fuzz\nbuild=1\nprocessor=x\nstatus=exercise\nrun=1\nsegment=0\n";
  memcpy(segment, RECORD_MAGIC, RECORD_MAGIC_LENGTH);
  used = RECORD_MAGIC_LENGTH;
  count = 0;
  add(&(record_head){.kind = RECORD_HEADER, .length = sizeof lines - 1}, lines);
}

/* Kind, detail, feed, the step of time, and the length of what it holds. */
static void add_named(const uint8_t *bytes, size_t length)
{
  int64_t now = 0;
  for (size_t n; length > NAMED; bytes += NAMED + n, length -= NAMED + n) {
    size_t wished = (size_t)bytes[4] | (size_t)bytes[5] << 8;
    n = wished < length - NAMED ? wished : length - NAMED;
    now += bytes[3] * ENGINE_STEP_NS;
    add(&(record_head){.kind = bytes[0] % 10, .detail = bytes[1], .feed = bytes[2], .length = (uint32_t)n, .number = (uint32_t)count, .now = now},
        bytes + NAMED);
  }
}

/* Returns how many entries end before the damage; `by` 0: all, nothing is damaged. */
static size_t damage(size_t at, uint8_t by)
{
  size_t before = 0;
  if (at >= used || by == 0)
    return count;
  segment[at] ^= by;
  while (before + 1 < count && places[before + 1] <= at)
    before++;
  return before;
}

static void append(const uint8_t *bytes, size_t length)
{
  memcpy(segment + used, bytes, length);
  used += length;
}

static void write_segment(void)
{
  int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  assert(file >= 0 && write(file, segment, used) == (ssize_t)used);
  close(file);
}

/* What is read of an entry becomes the same bytes again. */
static void check_inputs(const record_head *head, const uint8_t *bytes)
{
  uint8_t back[RECORD_INPUT_ROOM];
  engine_command_input command;
  record_result result;
  if (head->kind == RECORD_COMMAND && record_command_get(head, bytes, &command))
    assert(record_command_put(&command, back) == head->length && memcmp(back, bytes, head->length) == 0);
  else if (head->kind == RECORD_RESULT && record_result_get(head, bytes, &result))
    assert(record_result_put(head->detail, &result, back) == head->length && memcmp(back, bytes, head->length) == 0);
}

/* The first `known` entries are those that were written. */
static void read_all(size_t known)
{
  record_head head;
  const uint8_t *bytes;
  size_t i = 0;
  record_reader *r = record_reader_open(folder);
  assert(r);
  record_reader_seek(r, 0);
  for (; record_reader_next(r, &head, &bytes); i++) {
    const uint8_t *place = segment + places[i < known ? i : 0];
    assert(head.mark == RECORD_MARK && head.length <= RECORD_LENGTH_MAXIMUM);
    assert(strcmp(record_reader_origin(r)->software, "fuzz") == 0);
    assert(i >= known || (memcmp(place, &head, sizeof head) == 0 && memcmp(place + sizeof head, bytes, head.length) == 0));
    check_inputs(&head, bytes);
  }
  assert(i >= known);
  record_reader_close(r);
}

static void prepare(void)
{
  assert(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/a" RECORD_SUFFIX, folder);
}

static void clear(void)
{
  unlink(path);
  rmdir(folder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size < 4)
    return 0;
  if (!path[0]) {
    prepare();
    atexit(clear);
  }
  begin_segment();
  size_t header = used, known;
  if (data[0] % 2 == 0) {
    add_named(data + 4, size - 4);
    known = damage(header + ((size_t)data[1] | (size_t)data[2] << 8), data[3]);
  } else {
    known = 1;
    append(data + 1, size - 1 < ROOM - used ? size - 1 : ROOM - used);
  }
  write_segment();
  read_all(known);
  return 0;
}
