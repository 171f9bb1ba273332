#define _GNU_SOURCE /* accept4 */
#include "control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"

enum { CLIENTS = 16, REQUEST_BYTES = 4096, ANSWER_FLAGS = JSON_COMPACT | JSON_PRESERVE_ORDER };
static const double patience_s = 10; /* with a client that says nothing, or does not read */

typedef struct {
  control *owner; /* NULL: this place is free */
  ev_io io;
  ev_timer limit;
  size_t asked; /* bytes of a request */
  char request[REQUEST_BYTES];
  char *answer; /* what is not yet sent of it; NULL: none */
  size_t sent, length;
} client;

struct control {
  control_setup setup;
  int listener;
  ev_io acceptable;
  client clients[CLIENTS];
};

static void serve(client *k);

static bool name_of(const char *path, struct sockaddr_un *name)
{
  *name = (struct sockaddr_un){.sun_family = AF_UNIX};
  return snprintf(name->sun_path, sizeof name->sun_path, "%s", path) < (int)sizeof name->sun_path;
}

/* ---- one client ---- */

static void close_client(client *k)
{
  struct ev_loop *loop = k->owner->setup.loop;
  ev_io_stop(loop, &k->io);
  ev_timer_stop(loop, &k->limit);
  close(k->io.fd);
  free(k->answer);
  k->answer = NULL;
  k->owner = NULL;
}

static void on_limit(struct ev_loop *loop, ev_timer *timer, int events)
{
  (void)loop, (void)events;
  close_client(timer->data);
}

static void watch(client *k, int events)
{
  struct ev_loop *loop = k->owner->setup.loop;
  ev_io_stop(loop, &k->io);
  ev_io_set(&k->io, k->io.fd, events);
  ev_io_start(loop, &k->io);
  ev_timer_again(loop, &k->limit);
}

static json_t *refuse(const char *text, const control_row *rows)
{
  json_t *known = json_array();
  for (; rows->ask; rows++)
    json_array_append_new(known, json_string(rows->ask));
  return json_pack("{s:s, s:o}", "error", text, "asks", known);
}

static json_t *answer_to(const control *c, const char *text, size_t length)
{
  json_t *request = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
  const char *ask = json_string_value(json_object_get(request, "ask"));
  json_t *answer = NULL;
  const control_row *row = c->setup.rows;
  while (ask && row->ask && strcmp(row->ask, ask) != 0)
    row++;
  if (!ask)
    answer = refuse("a request is one line of JSON, an object with `ask`, as {\"ask\":\"status\"}", c->setup.rows);
  else if (!row->ask)
    answer = refuse("this cannot be asked", c->setup.rows);
  else
    answer = row->answer(c->setup.user, request);
  json_decref(request);
  return answer;
}

/* The first line of what was asked is answered; the rest waits for its turn. */
static bool begin_answer(client *k, size_t line)
{
  json_t *answer = answer_to(k->owner, k->request, line);
  char *text = answer ? json_dumps(answer, ANSWER_FLAGS) : NULL;
  json_decref(answer);
  if (!text)
    return false;
  k->length = strlen(text);
  text[k->length++] = '\n'; /* in the place of its NUL */
  k->answer = text;
  k->sent = 0;
  k->asked -= line + 1;
  memmove(k->request, k->request + line + 1, k->asked);
  return true;
}

/* False: the client is to be closed. */
static bool send_answer(client *k)
{
  ssize_t n = send(k->io.fd, k->answer + k->sent, k->length - k->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (n < 0 && errno != EAGAIN && errno != EINTR)
    return false;
  k->sent += n > 0 ? (size_t)n : 0;
  if (k->sent < k->length) {
    watch(k, EV_WRITE);
    return true;
  }
  free(k->answer);
  k->answer = NULL;
  watch(k, EV_READ);
  return true;
}

static bool read_request(client *k)
{
  ssize_t n = recv(k->io.fd, k->request + k->asked, sizeof k->request - k->asked, MSG_DONTWAIT);
  if (n <= 0)
    return n < 0 && (errno == EAGAIN || errno == EINTR);
  k->asked += (size_t)n;
  return true;
}

/* One answer a call: whoever asks much at once waits for the next round. */
static void serve(client *k)
{
  const char *end = memchr(k->request, '\n', k->asked);
  bool good = true;
  if (!k->answer && !end) {
    good = read_request(k);
    end = good ? memchr(k->request, '\n', k->asked) : NULL;
    good = good && (end || k->asked < sizeof k->request);
  }
  if (good && !k->answer && end)
    good = begin_answer(k, (size_t)(end - k->request));
  if (good && k->answer)
    good = send_answer(k);
  if (!good)
    close_client(k);
  else if (!k->answer && memchr(k->request, '\n', k->asked))
    watch(k, EV_READ | EV_WRITE);
}

static void on_io(struct ev_loop *loop, ev_io *io, int events)
{
  (void)loop, (void)events;
  serve(io->data);
}

/* ---- the listener ---- */

static void on_acceptable(struct ev_loop *loop, ev_io *io, int events)
{
  (void)events;
  control *c = io->data;
  int descriptor = accept4(c->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (descriptor < 0)
    return;
  client *k = c->clients;
  while (k < c->clients + CLIENTS && k->owner)
    k++;
  if (k == c->clients + CLIENTS) {
    log_limited(4, "control clients", "more than %d ask on %s at once; one was turned away", CLIENTS, c->setup.path);
    close(descriptor);
    return;
  }
  memset(k, 0, sizeof *k);
  k->owner = c;
  ev_io_init(&k->io, on_io, descriptor, EV_READ);
  ev_init(&k->limit, on_limit);
  k->limit.repeat = patience_s;
  k->io.data = k->limit.data = k;
  ev_io_start(loop, &k->io);
  ev_timer_again(loop, &k->limit);
}

/* Whether somebody answers there; a socket that a crash left behind refuses. */
static bool is_answered(const struct sockaddr_un *name)
{
  int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  bool answered = s >= 0 && (connect(s, (const struct sockaddr *)name, sizeof *name) == 0 || errno == EAGAIN);
  if (s >= 0)
    close(s);
  return answered;
}

/* Only a socket is taken away: whatever else has that name is somebody's. */
static bool is_other_thing(const char *path)
{
  struct stat s;
  return lstat(path, &s) == 0 && !S_ISSOCK(s.st_mode);
}

static int open_listener(const char *path)
{
  struct sockaddr_un name;
  if (!name_of(path, &name)) {
    errno = ENAMETOOLONG;
    return -1;
  }
  if (is_answered(&name)) {
    errno = EADDRINUSE;
    return -1;
  }
  if (is_other_thing(path)) {
    errno = EEXIST;
    return -1;
  }
  unlink(path);
  int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (s >= 0 && bind(s, (struct sockaddr *)&name, sizeof name) == 0 && chmod(path, 0660) == 0 && listen(s, CLIENTS) == 0)
    return s;
  int error = errno;
  if (s >= 0)
    close(s);
  errno = error;
  return -1;
}

control *control_create(const control_setup *setup)
{
  control *c = calloc(1, sizeof *c);
  if (!c)
    return NULL;
  c->setup = *setup;
  c->listener = open_listener(setup->path);
  if (c->listener < 0) {
    log_line(5, "no `tocsin status`: the socket %s cannot be made: %s; make its folder, or name another in `server.control` (empty: none)",
             setup->path, errno == EADDRINUSE ? "another daemon answers there" : strerror(errno));
    free(c);
    return NULL;
  }
  ev_io_init(&c->acceptable, on_acceptable, c->listener, EV_READ);
  c->acceptable.data = c;
  ev_io_start(setup->loop, &c->acceptable);
  return c;
}

void control_destroy(control *c)
{
  if (!c)
    return;
  for (size_t i = 0; i < CLIENTS; i++)
    if (c->clients[i].owner)
      close_client(&c->clients[i]);
  ev_io_stop(c->setup.loop, &c->acceptable);
  close(c->listener);
  unlink(c->setup.path);
  free(c);
}

/* ---- the other side ---- */

static int connect_to(const char *path, char *fault)
{
  struct sockaddr_un name;
  struct timeval limit = {.tv_sec = (time_t)patience_s};
  int s = name_of(path, &name) ? socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) : -1;
  if (s >= 0 && connect(s, (struct sockaddr *)&name, sizeof name) == 0) {
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    return s;
  }
  const char *remedy = errno == EACCES ? "ask as root or as a member of the daemon's group" : "is tocsind running, and is this its `server.control`?";
  snprintf(fault, 240, "%.110s: %s; %s", path, s < 0 ? "no such socket can be" : strerror(errno), remedy);
  if (s >= 0)
    close(s);
  return -1;
}

json_t *control_ask(const char *path, const json_t *request, char *fault)
{
  json_error_t error;
  json_t *answer = NULL;
  int s = connect_to(path, fault);
  if (s < 0)
    return NULL;
  FILE *stream = fdopen(s, "r");
  if (stream && json_dumpfd(request, s, JSON_COMPACT) == 0 && send(s, "\n", 1, MSG_NOSIGNAL) == 1)
    answer = json_loadf(stream, JSON_DISABLE_EOF_CHECK, &error);
  if (!answer)
    snprintf(fault, 240, "%.110s: the daemon gave no answer within %g s; its log may say why", path, patience_s);
  if (stream)
    fclose(stream);
  else
    close(s);
  return answer;
}
