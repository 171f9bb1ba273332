/* Recordings through `tocsin serve`, SeedLink and the daemon: its picks, events and alerts are those of `tocsin replay` of the files. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "archive.h"
#include "control.h"
#include "daemon_process.h"
#include "data.h"
#include "private_redis.h"

enum { TRIES = 9000, PATH_TEXT = 256, LINES_MOST = 200000 };

typedef struct {
  private_redis redis;
  daemon_process d;
  pid_t server;
  FILE *server_says;
  int port;
  long packets;
  char files[1024], control[PATH_TEXT], lines[PATH_TEXT];
} world;

static long number_after(const char *line, const char *name)
{
  const char *at = strstr(line, name);
  assert_non_null(at);
  return strtol(at + strlen(name), NULL, 10);
}

/* Each packet as it will be cut for the replay, all over one connection, once somebody listens. */
static void serve(world *w)
{
  int ends[2];
  char line[200];
  assert_int_equal(pipe(ends), 0);
  w->server = fork();
  assert_true(w->server >= 0);
  if (w->server == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(ends[1], STDOUT_FILENO);
    execl(build_path("tocsin"), "tocsin", "serve", "--port", "0", "--start", "archive", "--speed", "max", "--wait", "1", "--packet", "1", "--record",
          "native", w->files, (char *)NULL);
    _exit(127);
  }
  close(ends[1]);
  w->server_says = fdopen(ends[0], "r");
  assert_non_null(fgets(line, sizeof line, w->server_says));
  w->port = (int)number_after(line, "{\"port\":");
  w->packets = number_after(line, "\"packets\":");
}

static long long packets_of_engine(const world *w)
{
  char fault[240];
  json_t *request = json_pack("{s:s}", "ask", "status"), *answer = control_ask(w->control, request, fault);
  long long packets = json_integer_value(json_object_get(json_object_get(answer, "engine"), "packets"));
  json_decref(request);
  json_decref(answer);
  return packets;
}

static void run_daemon(world *w)
{
  char more[200];
  snprintf(more, sizeof more, "feeds: [{name: archive, address: 127.0.0.1, port: %d}]\n", w->port);
  daemon_configure(&w->d, w->redis.socket, more);
  daemon_start(&w->d, -1, (const char *const[]){"--exercise", "--virtual-clock", "--inventory", w->files, NULL});
  daemon_await(&w->d, "READY=1");
  for (int i = 0; i < TRIES && packets_of_engine(w) < w->packets; i++)
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
  assert_int_equal(packets_of_engine(w), w->packets);
  daemon_signal(&w->d, SIGTERM);
  assert_int_equal(daemon_end(&w->d), 0);
}

static void begin(world *w, const char *recordings)
{
  snprintf(w->files, sizeof w->files, "%s", data_path(recordings));
  signal(SIGPIPE, SIG_IGN);
  private_redis_prepare(&w->redis);
  private_redis_start(&w->redis);
  daemon_prepare(&w->d, 1);
  snprintf(w->control, sizeof w->control, "%s/control", w->d.folder);
  snprintf(w->lines, sizeof w->lines, "%s/lines", w->d.folder);
  serve(w);
  run_daemon(w);
}

static void clear(world *w)
{
  kill(w->server, SIGTERM);
  waitpid(w->server, NULL, 0);
  fclose(w->server_says);
  daemon_remove(&w->d);
  private_redis_remove(&w->redis);
}

/* ---- what was said on one channel, each message up to its configuration, and of the replay only while packets came ---- */

typedef struct {
  char *lines[LINES_MOST];
  size_t count;
} said;

static void add(said *s, const char *message)
{
  const char *cut = strstr(message, ",\"config\":");
  assert_non_null(cut);
  assert_true(s->count < LINES_MOST);
  s->lines[s->count++] = strndup(message, (size_t)(cut - message));
}

static void forget(said *s)
{
  for (size_t i = 0; i < s->count; i++)
    free(s->lines[i]);
  s->count = 0;
}

static void take_live(said *s, redisContext *redis, const char *channel)
{
  redisReply *stream = private_redis_call(redis, "XRANGE", channel, "-", "+", NULL);
  for (size_t i = 0; stream->type == REDIS_REPLY_ARRAY && i < stream->elements; i++)
    add(s, stream->element[i]->element[1]->element[1]->str);
  freeReplyObject(stream);
}

static void take_replayed(said *s, const char *text, const char *channel, const char *until)
{
  char wanted[80];
  snprintf(wanted, sizeof wanted, "\"channel\":\"%s\"", channel);
  for (const char *line = text, *next; *line; line = next) {
    const char *end = strchr(line, '\n'), *named = strstr(line, wanted);
    next = end ? end + 1 : line + strlen(line);
    if (named && named < next && strncmp(line + strlen("{\"data_time\":\""), until, strlen(until)) <= 0)
      add(s, strstr(named, "\"message\":") + strlen("\"message\":"));
  }
}

/* When the last packet comes. */
static void end_of(const world *w, char until[INGEST_TIME_TEXT])
{
  const archive_options how = {.packet_s = 1};
  archive *a = archive_open((char *const[]){(char *)(uintptr_t)w->files}, 1, &how);
  assert_non_null(a);
  assert_int_equal(archive_count(a), w->packets);
  ingest_time_format(archive_at(a, archive_count(a) - 1)->arrival, until);
  archive_close(a);
}

/* At least so many on each channel. */
static void assert_same(const world *w, const char *recordings, size_t least)
{
  static const char *const channels[] = {"tocsin:exercise:pick", "tocsin:exercise:event", "tocsin:exercise:alert"};
  static said live, replayed;
  char until[INGEST_TIME_TEXT];
  size_t length;
  end_of(w, until);
  assert_int_equal(run_program("tocsin", w->lines, (const char *[]){"replay", "--packet", "1", "--inventory", w->files, w->files, NULL}), 0);
  char *text = data_read(w->lines, &length);
  redisContext *redis = private_redis_connect(&w->redis);
  for (size_t c = 0; c < sizeof channels / sizeof channels[0]; c++) {
    take_live(&live, redis, channels[c]);
    take_replayed(&replayed, text, channels[c], until);
    print_message("# %s: %zu messages on %s\n", recordings, live.count, channels[c]);
    for (size_t i = 0; i < live.count && i < replayed.count; i++)
      assert_string_equal(live.lines[i], replayed.lines[i]);
    assert_int_equal(live.count, replayed.count);
    assert_true(live.count >= least);
    forget(&live);
    forget(&replayed);
  }
  redisFree(redis);
  free(text);
}

static void check(const char *recordings, size_t least)
{
  world w;
  begin(&w, recordings);
  assert_same(&w, recordings, least);
  clear(&w);
}

static void ridgecrest_through_seedlink_is_what_its_replay_says(void **state)
{
  (void)state;
  check("ridgecrest-2019", 1);
}

static void pleasant_hill_through_seedlink_is_what_its_replay_says(void **state)
{
  (void)state;
  check("pleasant-hill-2019", 1);
}

static void the_others_through_seedlink_are_what_their_replay_says(void **state)
{
  (void)state;
  check("oaxaca-2018", 0);
  check("bardarbunga-2014", 0);
  check("teleseism-2011", 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ridgecrest_through_seedlink_is_what_its_replay_says),
      cmocka_unit_test(pleasant_hill_through_seedlink_is_what_its_replay_says),
      cmocka_unit_test(the_others_through_seedlink_are_what_their_replay_says),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
