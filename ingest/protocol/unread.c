#include "unread.h"

#include <string.h>

size_t unread_take(unread *u, uint8_t *buffer, size_t room, const uint8_t *bytes, size_t length)
{
  if (u->to_skip > 0) {
    size_t n = u->to_skip < length ? (size_t)u->to_skip : length;
    u->to_skip -= n;
    u->before += n;
    return n;
  }
  size_t free = room - u->used, n = length < free ? length : free;
  memcpy(buffer + u->used, bytes, n);
  u->used += n;
  return n;
}

void unread_drop(unread *u, uint8_t *buffer, size_t taken)
{
  u->before += taken;
  u->used -= taken;
  memmove(buffer, buffer + taken, u->used);
}
