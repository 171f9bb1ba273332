#include "transport.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { OUTPUT_FIRST = 4096, OUTPUT_MAXIMUM = 4 << 20 };

void transport_close(transport *t)
{
  if (t->descriptor < 0)
    return;
  tls_close(t->tls);
  t->tls = NULL;
  close(t->descriptor);
  t->descriptor = -1;
  t->used = 0;
  t->wants_write = false;
}

void transport_free(transport *t)
{
  transport_close(t);
  free(t->output);
}

static bool break_with(transport *t, const char *why)
{
  snprintf(t->fault, sizeof t->fault, "%s", why);
  return false;
}

static ssize_t read_plain(transport *t, uint8_t *bytes, size_t room)
{
  ssize_t n = recv(t->descriptor, bytes, room, 0);
  if (n >= 0)
    return n;
  if (errno == EAGAIN || errno == EINTR)
    return TRANSPORT_NOTHING_NOW;
  break_with(t, errno == ECONNRESET  ? "the server reset the connection"
                : errno == ETIMEDOUT ? "the line is dead: the server's machine answers no more"
                                     : strerror(errno));
  return TRANSPORT_BROKEN;
}

static ssize_t read_secure(transport *t, uint8_t *bytes, size_t room)
{
  ssize_t n = tls_read(t->tls, bytes, room);
  if (n >= 0)
    return n;
  t->wants_write |= n == TLS_WANTS_WRITE;
  if (n != TLS_FAILED)
    return TRANSPORT_NOTHING_NOW;
  break_with(t, tls_fault(t->tls));
  return TRANSPORT_BROKEN;
}

ssize_t transport_read(transport *t, uint8_t *bytes, size_t room)
{
  return t->tls ? read_secure(t, bytes, room) : read_plain(t, bytes, room);
}

void transport_add(transport *t, const void *bytes, size_t length)
{
  size_t wanted = t->used + length;
  if (wanted > t->room && wanted <= OUTPUT_MAXIMUM) {
    size_t room = t->room ? t->room : OUTPUT_FIRST;
    while (room < wanted)
      room *= 2;
    uint8_t *grown = realloc(t->output, room);
    t->output = grown ? grown : t->output;
    t->room = grown ? room : t->room;
  }
  if (wanted <= t->room)
    memcpy(t->output + t->used, bytes, length);
  t->used = wanted; /* past the room: transport_flush() says so */
}

/* As tls_write(), whatever is underneath. */
static ssize_t write_some(transport *t)
{
  if (t->tls)
    return tls_write(t->tls, t->output, t->used);
  ssize_t n = send(t->descriptor, t->output, t->used, MSG_NOSIGNAL);
  if (n >= 0)
    return n;
  return errno == EAGAIN || errno == EINTR ? TLS_WANTS_WRITE : TLS_FAILED;
}

bool transport_flush(transport *t)
{
  t->wants_write = false;
  if (t->used > t->room)
    return break_with(t, "the server does not read what it is asked; shorten `selections` by wildcards");
  while (t->used > 0) {
    ssize_t n = write_some(t);
    if (n == TLS_WANTS_READ || n == TLS_WANTS_WRITE) {
      t->wants_write = n == TLS_WANTS_WRITE;
      return true;
    }
    if (n <= 0)
      return break_with(t, !t->tls ? strerror(errno) : *tls_fault(t->tls) ? tls_fault(t->tls) : "the server closed the connection");
    t->used -= (size_t)n;
    memmove(t->output, t->output + n, t->used);
  }
  return true;
}
