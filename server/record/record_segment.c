#include "record_segment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEADER_ROOM = 4096, NAMES_TRIED = 1000 };

static bool write_all(int descriptor, const uint8_t *bytes, size_t length)
{
  while (length > 0) {
    ssize_t n = write(descriptor, bytes, length);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return false;
    bytes += n;
    length -= (size_t)n;
  }
  return true;
}

static void path_of(const char *folder, const char *name, char path[RECORD_PATH_TEXT])
{
  snprintf(path, RECORD_PATH_TEXT, "%s/%s", folder, name);
}

/* The next free microsecond where the name is taken: a virtual clock may run twice. A link is made only where nothing stands. */
static void give_name(const char *folder, int64_t first, char path[RECORD_PATH_TEXT])
{
  char current[RECORD_PATH_TEXT], name[RECORD_NAME_TEXT];
  path_of(folder, RECORD_CURRENT, current);
  for (int i = 0; i < NAMES_TRIED; i++) {
    record_name(first + i * 1000, name);
    path_of(folder, strcat(name, RECORD_SUFFIX), path);
    if (link(current, path) == 0) {
      unlink(current);
      return;
    }
    if (errno != EEXIST)
      break;
  }
  *path = '\0';
}

static bool read_first(const char *path, int64_t *first)
{
  uint8_t bytes[HEADER_ROOM];
  record_head head;
  int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  ssize_t n = descriptor >= 0 ? read(descriptor, bytes, sizeof bytes) : -1;
  if (descriptor >= 0)
    close(descriptor);
  if (n <= RECORD_MAGIC_LENGTH || memcmp(bytes, RECORD_MAGIC, RECORD_MAGIC_LENGTH) != 0 ||
      !record_check(bytes + RECORD_MAGIC_LENGTH, (size_t)n - RECORD_MAGIC_LENGTH, &head))
    return false;
  *first = head.now;
  return true;
}

void record_segment_recover(const char *folder)
{
  char current[RECORD_PATH_TEXT], path[RECORD_PATH_TEXT];
  struct stat status;
  int64_t first;
  path_of(folder, RECORD_CURRENT, current);
  if (lstat(current, &status) == 0 && S_ISREG(status.st_mode) && read_first(current, &first))
    give_name(folder, first, path);
}

static void drop(record_segment *s)
{
  int failure = errno;
  close(s->descriptor);
  s->descriptor = -1;
  errno = failure;
}

bool record_segment_open(record_segment *s, const record_head *head, const char *text, const uint8_t *states, size_t states_length)
{
  char path[RECORD_PATH_TEXT];
  uint8_t place[HEADER_ROOM];
  size_t length = record_size(head->length);
  record_segment_recover(s->folder);
  path_of(s->folder, RECORD_CURRENT, path);
  s->descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  s->first = head->now;
  s->bytes = s->empty = 0;
  if (s->descriptor < 0)
    return false;
  memcpy(place, RECORD_MAGIC, RECORD_MAGIC_LENGTH);
  record_put(place + RECORD_MAGIC_LENGTH, head, text);
  record_seal(place + RECORD_MAGIC_LENGTH);
  if (write_all(s->descriptor, place, RECORD_MAGIC_LENGTH + length) && write_all(s->descriptor, states, states_length)) {
    s->bytes = s->empty = RECORD_MAGIC_LENGTH + length + states_length;
    return true;
  }
  drop(s);
  return false;
}

/* What a full disk took of the entries is cut off again, so that they can be written once more. */
bool record_segment_add(record_segment *s, const uint8_t *bytes, size_t length)
{
  if (write_all(s->descriptor, bytes, length)) {
    s->bytes += length;
    return true;
  }
  int failure = errno;
  struct stat status;
  if (fstat(s->descriptor, &status) == 0 && S_ISREG(status.st_mode) && ftruncate(s->descriptor, (off_t)s->bytes) != 0)
    failure = errno;
  errno = failure;
  return false;
}

/* What lies on the disk is not needed in memory: others (Redis) use the kernel's cache better. */
void record_segment_close(record_segment *s, char name[RECORD_PATH_TEXT])
{
  struct stat status;
  *name = '\0';
  if (s->descriptor < 0)
    return;
  bool regular = fstat(s->descriptor, &status) == 0 && S_ISREG(status.st_mode);
  fdatasync(s->descriptor);
  posix_fadvise(s->descriptor, 0, 0, POSIX_FADV_DONTNEED);
  close(s->descriptor);
  s->descriptor = -1;
  if (regular && s->bytes > s->empty) {
    give_name(s->folder, s->first, name);
  } else if (regular) {
    path_of(s->folder, RECORD_CURRENT, name);
    unlink(name);
    *name = '\0';
  }
}
