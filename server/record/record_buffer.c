#define _GNU_SOURCE /* memfd_create */
#include "record_buffer.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

static bool map_twice(record_buffer *b, int descriptor)
{
  uint8_t *place = mmap(NULL, 2 * b->size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (place == MAP_FAILED)
    return false;
  const int how = MAP_SHARED | MAP_FIXED | MAP_POPULATE;
  if (mmap(place, b->size, PROT_READ | PROT_WRITE, how, descriptor, 0) == MAP_FAILED ||
      mmap(place + b->size, b->size, PROT_READ | PROT_WRITE, how, descriptor, 0) == MAP_FAILED) {
    munmap(place, 2 * b->size);
    return false;
  }
  b->bytes = place;
  return true;
}

bool record_buffer_create(record_buffer *b, size_t size)
{
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  *b = (record_buffer){.size = (size + page - 1) / page * page};
  int descriptor = memfd_create("tocsin-recorder", MFD_CLOEXEC);
  if (descriptor < 0)
    return false;
  bool good = ftruncate(descriptor, (off_t)b->size) == 0 && map_twice(b, descriptor);
  int failure = errno;
  close(descriptor);
  errno = failure;
  return good;
}

void record_buffer_destroy(record_buffer *b)
{
  if (b->bytes)
    munmap(b->bytes, 2 * b->size);
  b->bytes = NULL;
}

uint8_t *record_buffer_room(record_buffer *b, size_t length)
{
  size_t written = atomic_load_explicit(&b->written, memory_order_relaxed);
  if (written + length - b->known_taken > b->size) {
    b->known_taken = atomic_load_explicit(&b->taken, memory_order_acquire);
    if (written + length - b->known_taken > b->size)
      return NULL;
  }
  return b->bytes + written % b->size;
}

void record_buffer_give(record_buffer *b, size_t length)
{
  size_t written = atomic_load_explicit(&b->written, memory_order_relaxed);
  atomic_store_explicit(&b->written, written + length, memory_order_release);
}

uint8_t *record_buffer_peek(record_buffer *b, size_t *length)
{
  size_t taken = atomic_load_explicit(&b->taken, memory_order_relaxed);
  *length = atomic_load_explicit(&b->written, memory_order_acquire) - taken;
  return b->bytes + taken % b->size;
}

void record_buffer_take(record_buffer *b, size_t length)
{
  size_t taken = atomic_load_explicit(&b->taken, memory_order_relaxed);
  atomic_store_explicit(&b->taken, taken + length, memory_order_release);
}

size_t record_buffer_used(record_buffer *b)
{
  size_t taken = atomic_load_explicit(&b->taken, memory_order_acquire);
  return atomic_load_explicit(&b->written, memory_order_acquire) - taken;
}
