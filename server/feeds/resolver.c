#define _GNU_SOURCE
#include "resolver.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { THREADS = 4, NAME_TEXT = 256, FAULT_TEXT = 400 };

typedef struct job job;
struct job {
  job *next;
  char name[NAME_TEXT];
  int port;
  resolver_answer *answer; /* NULL: no longer wanted */
  void *user;
  resolver_addresses addresses;
  char fault[FAULT_TEXT];
};

/* What loop and threads share; the last one that lets go of it frees it. */
typedef struct {
  pthread_mutex_t lock;
  pthread_cond_t asked;
  struct ev_loop *loop; /* NULL: it has ended */
  ev_async answered;
  job *waiting, *asking, *done;
  int holders;
} shared;

struct resolver {
  shared *s;
};

static void append(job **list, job *j)
{
  while (*list)
    list = &(*list)->next;
  j->next = NULL;
  *list = j;
}

static job *take_first(job **list)
{
  job *j = *list;
  if (j)
    *list = j->next;
  return j;
}

static void take_out(job **list, const job *j)
{
  while (*list != j)
    list = &(*list)->next;
  *list = j->next;
}

static void free_jobs(job *j)
{
  for (job *next; j; j = next) {
    next = j->next;
    free(j);
  }
}

/* With the lock held, which it gives back. */
static void let_go(shared *s)
{
  bool last = --s->holders == 0;
  pthread_mutex_unlock(&s->lock);
  if (!last)
    return;
  free_jobs(s->waiting);
  free_jobs(s->done);
  pthread_mutex_destroy(&s->lock);
  pthread_cond_destroy(&s->asked);
  free(s);
}

/* ---- on a thread ---- */

static void add(resolver_addresses *addresses, const struct addrinfo *info)
{
  if (addresses->count == RESOLVER_ADDRESSES || info->ai_addrlen > sizeof addresses->items[0].address)
    return;
  resolver_address *a = &addresses->items[addresses->count++];
  memcpy(&a->address, info->ai_addr, info->ai_addrlen);
  a->length = info->ai_addrlen;
}

static const struct addrinfo *next_of(const struct addrinfo *info, int family)
{
  while (info && info->ai_family != family)
    info = info->ai_next;
  return info;
}

/* The system's order within a family is kept (RFC 6724); the family of its first goes first. */
static void take_by_turns(resolver_addresses *addresses, const struct addrinfo *list)
{
  int first = list->ai_family, second = first == AF_INET6 ? AF_INET : AF_INET6;
  const struct addrinfo *a = next_of(list, first), *b = next_of(list, second);
  while (a || b) {
    if (a) {
      add(addresses, a);
      a = next_of(a->ai_next, first);
    }
    if (b) {
      add(addresses, b);
      b = next_of(b->ai_next, second);
    }
  }
}

/* RFC 6761, 6.3: the one name that needs nobody to be asked; a bare system has no /etc/hosts that says so. */
static bool is_loopback(const char *name)
{
  return strcasecmp(name, "localhost") == 0;
}

static void resolve(job *j)
{
  char service[8];
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV}, *list = NULL;
  snprintf(service, sizeof service, "%d", j->port);
  int error = getaddrinfo(is_loopback(j->name) ? NULL : j->name, service, &hints, &list);
  if (error == 0)
    take_by_turns(&j->addresses, list);
  if (error == EAI_NONAME)
    snprintf(j->fault, sizeof j->fault, "the name %s is not known; correct `address`", j->name);
  else if (error)
    snprintf(j->fault, sizeof j->fault, "the name %s cannot be resolved: %s; see to /etc/resolv.conf, or give `address` as an IP address", j->name,
             error == EAI_SYSTEM ? strerror(errno) : gai_strerror(error));
  else if (j->addresses.count == 0)
    snprintf(j->fault, sizeof j->fault, "the name %s has no IPv4 or IPv6 address; correct `address`", j->name);
  if (list)
    freeaddrinfo(list);
}

static void *work(void *argument)
{
  shared *s = argument;
  pthread_mutex_lock(&s->lock);
  while (s->loop) {
    job *j = take_first(&s->waiting);
    if (!j) {
      pthread_cond_wait(&s->asked, &s->lock);
      continue;
    }
    append(&s->asking, j);
    pthread_mutex_unlock(&s->lock);
    resolve(j);
    pthread_mutex_lock(&s->lock);
    take_out(&s->asking, j);
    append(&s->done, j);
    if (s->loop)
      ev_async_send(s->loop, &s->answered);
  }
  let_go(s);
  return NULL;
}

/* ---- on the loop ---- */

static void on_answered(struct ev_loop *loop, ev_async *async, int events)
{
  (void)loop, (void)events;
  shared *s = async->data;
  for (;;) {
    pthread_mutex_lock(&s->lock);
    job *j = take_first(&s->done);
    pthread_mutex_unlock(&s->lock);
    if (!j)
      return;
    if (j->answer)
      j->answer(j->user, &j->addresses, j->fault);
    free(j);
  }
}

/* Signals are the loop's: the threads are born with all of them blocked. */
static void start_threads(shared *s)
{
  sigset_t all, before;
  pthread_t thread;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  for (int i = 0; i < THREADS; i++) {
    s->holders++;
    if (pthread_create(&thread, NULL, work, s) == 0)
      pthread_detach(thread);
    else
      s->holders--;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

resolver *resolver_create(struct ev_loop *loop)
{
  resolver *r = calloc(1, sizeof *r);
  shared *s = calloc(1, sizeof *s);
  if (!r || !s) {
    free(r);
    free(s);
    return NULL;
  }
  r->s = s;
  s->loop = loop;
  s->holders = 1;
  pthread_mutex_init(&s->lock, NULL);
  pthread_cond_init(&s->asked, NULL);
  ev_async_init(&s->answered, on_answered);
  s->answered.data = s;
  ev_async_start(loop, &s->answered);
  pthread_mutex_lock(&s->lock);
  start_threads(s);
  bool started = s->holders > 1;
  pthread_mutex_unlock(&s->lock);
  if (started)
    return r;
  resolver_destroy(r);
  return NULL;
}

void resolver_destroy(resolver *r)
{
  if (!r)
    return;
  shared *s = r->s;
  pthread_mutex_lock(&s->lock);
  ev_async_stop(s->loop, &s->answered);
  s->loop = NULL;
  pthread_cond_broadcast(&s->asked);
  let_go(s);
  free(r);
}

bool resolver_ask(resolver *r, const char *name, int port, resolver_answer *answer, void *user)
{
  job *j = calloc(1, sizeof *j);
  if (!j)
    return false;
  snprintf(j->name, sizeof j->name, "%s", name);
  j->port = port;
  j->answer = answer;
  j->user = user;
  pthread_mutex_lock(&r->s->lock);
  append(&r->s->waiting, j);
  pthread_cond_signal(&r->s->asked);
  pthread_mutex_unlock(&r->s->lock);
  return true;
}

static void forget(job *j, const void *user)
{
  for (; j; j = j->next)
    if (j->user == user)
      j->answer = NULL;
}

void resolver_forget(resolver *r, const void *user)
{
  pthread_mutex_lock(&r->s->lock);
  forget(r->s->waiting, user);
  forget(r->s->asking, user);
  forget(r->s->done, user);
  pthread_mutex_unlock(&r->s->lock);
}

bool resolver_literal(const char *text, int port, resolver_addresses *addresses)
{
  resolver_address *a = &addresses->items[0];
  struct sockaddr_in *v4 = (struct sockaddr_in *)&a->address;
  struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&a->address;
  memset(addresses, 0, sizeof *addresses);
  addresses->count = 1;
  if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons((uint16_t)port);
    a->length = sizeof *v4;
  } else if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons((uint16_t)port);
    a->length = sizeof *v6;
  } else {
    addresses->count = 0;
  }
  return addresses->count == 1;
}
