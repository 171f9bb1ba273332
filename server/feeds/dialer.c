#include "dialer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "listener.h"

static const double beside_s = 0.25; /* RFC 8305, "Connection Attempt Delay" */

static void close_attempt(dialer *d, size_t i)
{
  ev_io_stop(d->loop, &d->attempts[i].io);
  close(d->attempts[i].io.fd);
  d->attempts[i].io.fd = -1;
  d->open--;
}

void dialer_stop(dialer *d)
{
  if (!d->loop)
    return;
  for (size_t i = 0; i < d->tried; i++)
    if (d->attempts[i].io.fd >= 0)
      close_attempt(d, i);
  ev_timer_stop(d->loop, &d->next);
  ev_timer_stop(d->loop, &d->limit);
}

static void end(dialer *d, int descriptor)
{
  dialer_stop(d);
  d->result(d->user, descriptor, d->fault);
}

static void note_fault(dialer *d, size_t index, int error)
{
  char peer[LISTENER_PEER_TEXT];
  listener_name_peer(&d->addresses.items[index].address, peer);
  if (error == ECONNREFUSED)
    snprintf(d->fault, sizeof d->fault, "%s refuses connections: nothing listens there; start that server or correct `port`", peer);
  else if (error == ENETUNREACH || error == EHOSTUNREACH)
    snprintf(d->fault, sizeof d->fault, "%s cannot be reached: %s; see to the line and its routes", peer, strerror(error));
  else
    snprintf(d->fault, sizeof d->fault, "%s: %s", peer, strerror(error));
}

static void try_next(dialer *d);

static void on_writable(struct ev_loop *loop, ev_io *io, int events)
{
  (void)loop, (void)events;
  dialer *d = io->data;
  size_t i = (size_t)((dialer_attempt *)(void *)io - d->attempts);
  int error = 0, descriptor = io->fd;
  getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &(socklen_t){sizeof error});
  if (error == 0) {
    ev_io_stop(d->loop, io);
    io->fd = -1;
    d->open--;
    listener_prepare(descriptor);
    end(d, descriptor);
    return;
  }
  note_fault(d, i, error);
  close_attempt(d, i);
  try_next(d);
}

static bool start_attempt(dialer *d, size_t i)
{
  const resolver_address *a = &d->addresses.items[i];
  int descriptor = socket(a->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  d->attempts[i].io.fd = -1;
  if (descriptor >= 0 && (connect(descriptor, (const struct sockaddr *)&a->address, a->length) == 0 || errno == EINPROGRESS)) {
    ev_io_init(&d->attempts[i].io, on_writable, descriptor, EV_WRITE);
    d->attempts[i].io.data = d;
    ev_io_start(d->loop, &d->attempts[i].io);
    d->open++;
    return true;
  }
  note_fault(d, i, errno);
  if (descriptor >= 0)
    close(descriptor);
  return false;
}

static void try_next(dialer *d)
{
  ev_timer_stop(d->loop, &d->next);
  while (d->tried < d->addresses.count && !start_attempt(d, d->tried++))
    continue;
  if (d->open == 0 && d->tried == d->addresses.count) {
    end(d, -1);
  } else if (d->tried < d->addresses.count) {
    ev_timer_set(&d->next, beside_s, 0);
    ev_timer_start(d->loop, &d->next);
  }
}

static void on_next(struct ev_loop *loop, ev_timer *timer, int events)
{
  (void)loop, (void)events;
  try_next(timer->data);
}

static void on_limit(struct ev_loop *loop, ev_timer *timer, int events)
{
  (void)loop, (void)events;
  dialer *d = timer->data;
  char peer[LISTENER_PEER_TEXT];
  for (size_t i = 0; i < d->tried; i++)
    if (d->attempts[i].io.fd >= 0)
      snprintf(d->fault, sizeof d->fault, "%s does not answer: the machine is off, or a firewall on the way drops what is sent to that port",
               listener_name_peer(&d->addresses.items[i].address, peer));
  end(d, -1);
}

void dialer_start(dialer *d, struct ev_loop *loop, const resolver_addresses *addresses, double limit_s, dialer_result *result, void *user)
{
  ev_now_update(loop);
  *d = (dialer){.loop = loop, .addresses = *addresses, .result = result, .user = user};
  ev_timer_init(&d->next, on_next, 0, 0); /* at once, but from the loop: the result never comes within this call */
  ev_timer_init(&d->limit, on_limit, limit_s, 0);
  d->next.data = d->limit.data = d;
  ev_timer_start(loop, &d->next);
  ev_timer_start(loop, &d->limit);
}
