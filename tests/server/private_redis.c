#define _XOPEN_SOURCE 700 /* nftw */
#include "private_redis.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "data.h"

static const double deadline_s = 180; /* no measure of speed: a machine may be busy */

void temporary_folder(char *path, size_t size)
{
  snprintf(path, size, "/tmp/tocsin-test-XXXXXX");
  assert_non_null(mkdtemp(path));
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *where)
{
  (void)status, (void)kind, (void)where;
  return remove(path);
}

void remove_folder(const char *path)
{
  if (strncmp(path, "/tmp/tocsin-test-", 17) == 0)
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static bool is_installed(const char *name)
{
  char path[1024];
  const char *folders = getenv("PATH");
  for (const char *at = folders ? folders : "/usr/bin"; at; at = strchr(at, ':') ? strchr(at, ':') + 1 : NULL) {
    snprintf(path, sizeof path, "%.*s/%s", (int)strcspn(at, ":"), at, name);
    if (access(path, X_OK) == 0)
      return true;
  }
  return false;
}

void private_redis_prepare(private_redis *r)
{
  if (!is_installed("redis-server")) {
    print_message("# skipped: redis-server is not installed\n");
    skip();
  }
  memset(r, 0, sizeof *r);
  temporary_folder(r->folder, sizeof r->folder);
  snprintf(r->socket, sizeof r->socket, "%s/redis.sock", r->folder);
}

static void become_server(const private_redis *r)
{
  const char *own[] = {"--port", "0", "--unixsocket", r->socket, "--dir", r->folder, "--save", "", "--daemonize", "no"};
  const char *words[16 + PRIVATE_REDIS_EXTRA] = {"redis-server"};
  size_t n = 1;
  if (r->config)
    words[n++] = r->config;
  for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
    words[n++] = own[i];
  for (size_t i = 0; r->extra[i]; i++)
    words[n++] = r->extra[i];
  prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that dies leaves nothing running */
  int log = open("/dev/null", O_WRONLY);
  dup2(log, STDOUT_FILENO);
  execvp(words[0], (char *const *)words);
  _exit(127);
}

void private_redis_start(private_redis *r)
{
  unlink(r->socket);
  r->pid = fork();
  assert_true(r->pid >= 0);
  if (r->pid == 0)
    become_server(r);
  redisFree(private_redis_connect(r));
}

void private_redis_kill(private_redis *r)
{
  if (r->pid <= 0)
    return;
  kill(r->pid, SIGKILL);
  waitpid(r->pid, NULL, 0);
  r->pid = 0;
}

void private_redis_remove(private_redis *r)
{
  private_redis_kill(r);
  remove_folder(r->folder);
}

static double seconds(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Any answer but "loading" shows that it is there: a server with a password refuses the PING. */
static bool answers(redisContext *c)
{
  redisReply *reply = c && !c->err ? redisCommand(c, "PING") : NULL;
  bool good = reply && !(reply->type == REDIS_REPLY_ERROR && strncmp(reply->str, "LOADING", 7) == 0);
  if (reply)
    freeReplyObject(reply);
  return good;
}

redisContext *private_redis_connect(const private_redis *r)
{
  for (double until = seconds() + deadline_s; seconds() < until; nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL)) {
    redisContext *c = redisConnectUnix(r->socket);
    if (answers(c))
      return c;
    if (c)
      redisFree(c);
  }
  fail_msg("redis-server does not answer on %s", r->socket);
  return NULL;
}

redisReply *private_redis_call(redisContext *c, ...)
{
  const char *words[16];
  int n = 0;
  va_list arguments;
  va_start(arguments, c);
  while (n < 16 && (words[n] = va_arg(arguments, const char *)))
    n++;
  va_end(arguments);
  redisReply *reply = redisCommandArgv(c, n, words, NULL);
  if (!reply)
    fail_msg("%s: the link to redis-server is broken: %s", words[0], c->errstr);
  return reply;
}

static void wake(struct ev_loop *loop, ev_timer *timer, int events)
{
  (void)loop, (void)timer, (void)events;
}

void wait_for(struct ev_loop *loop, bool (*is_true)(void *), void *user, const char *what)
{
  ev_timer tick;
  ev_timer_init(&tick, wake, 0.005, 0.005);
  ev_timer_start(loop, &tick);
  double until = seconds() + deadline_s;
  while (!is_true(user) && seconds() < until)
    ev_run(loop, EVRUN_ONCE);
  ev_timer_stop(loop, &tick);
  if (!is_true(user))
    fail_msg("did not come true in %.0f s: %s", deadline_s, what);
}
