/* The daemon asked over its control socket, by `tocsin status` and by whoever writes rubbish into it. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "control.h"
#include "daemon_process.h"
#include "data.h"
#include "private_redis.h"
#include "seedlink_stand.h"

enum { TRIES = 9000 };

static const char *const exercise[] = {"--exercise", NULL};

typedef struct {
  private_redis redis;
  daemon_process d;
  struct ev_loop *loop;
  stand server;
  char control[96];
} world;

/* A daemon with two feeds: a server of this test, and one that is not there. */
static void begin(world *w)
{
  char more[512];
  signal(SIGPIPE, SIG_IGN);
  private_redis_prepare(&w->redis);
  private_redis_start(&w->redis);
  w->loop = ev_loop_new(0);
  stand_begin(&w->server, w->loop, "S001", STAND_GOOD, 1);
  daemon_prepare(&w->d, 2);
  snprintf(w->control, sizeof w->control, "%s/control", w->d.folder);
  snprintf(more, sizeof more,
           "feeds:\n  - {name: near, address: 127.0.0.1, port: %d, selections: XX.S001 HN?, link: radio}\n"
           "  - {name: gone, kind: raw, address: 127.0.0.1, port: 1}\n",
           w->server.port);
  daemon_configure(&w->d, w->redis.socket, more);
  daemon_start(&w->d, -1, exercise);
  daemon_await(&w->d, "READY=1");
}

static void clear(world *w)
{
  stand_clear(&w->server);
  ev_loop_destroy(w->loop);
  daemon_remove(&w->d);
  private_redis_remove(&w->redis);
}

static json_t *ask(const world *w)
{
  char fault[240];
  json_t *request = json_pack("{s:s}", "ask", "status"), *answer = control_ask(w->control, request, fault);
  json_decref(request);
  if (!answer)
    fail_msg("%s", fault);
  return answer;
}

static const json_t *feed(const json_t *answer, size_t i)
{
  return json_array_get(json_object_get(answer, "feeds"), i);
}

static const char *text(const json_t *object, const char *name)
{
  const char *value = json_string_value(json_object_get(object, name));
  return value ? value : "";
}

/* Data flow until the daemon says that so many packets of the first feed came, and that the second failed. */
static json_t *await_packets(world *w, int64_t packets)
{
  for (int i = 0; i < TRIES; i++, nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL)) {
    ev_run(w->loop, EVRUN_NOWAIT);
    if (w->server.produced < 1000 && w->server.accepted > 0)
      stand_produce(&w->server);
    json_t *answer = ask(w);
    if (json_integer_value(json_object_get(feed(answer, 0), "packets")) >= packets && *text(feed(answer, 1), "error"))
      return answer;
    json_decref(answer);
  }
  size_t length;
  fail_msg("the feed does not deliver; the daemon's log:\n%s", data_read(w->d.log, &length));
  return NULL;
}

static void each_feed_is_told_with_what_is_wrong_with_it(void **state)
{
  (void)state;
  world w;
  begin(&w);
  json_t *answer = await_packets(&w, 5);
  const json_t *near = feed(answer, 0), *gone = feed(answer, 1);
  assert_string_equal(text(near, "name"), "near");
  assert_int_equal(json_integer_value(json_object_get(near, "number")), 1);
  assert_string_equal(text(near, "state"), "connected");
  assert_string_equal(text(near, "link"), "radio");
  assert_non_null(strstr(text(near, "server"), "Stand/1"));
  assert_true(*text(near, "connected_since") && *text(near, "last_packet"));
  assert_true(json_number_value(json_object_get(near, "data_latency_s")) > 1e8); /* its data are of 2001 */
  assert_true(json_integer_value(json_object_get(near, "bytes")) > 0);
  assert_string_equal(text(gone, "name"), "gone");
  assert_string_not_equal(text(gone, "state"), "connected");
  assert_non_null(strstr(text(gone, "error"), "refuses connections: nothing listens there; start that server or correct `port`"));
  assert_string_equal(text(answer, "status"), "exercise");
  assert_true(json_number_value(json_object_get(answer, "uptime_s")) > 0);
  assert_true(json_is_true(json_object_get(json_object_get(answer, "redis"), "connected")));
  assert_int_equal(json_array_size(json_object_get(answer, "stages")), 4);
  assert_true(json_integer_value(json_object_get(json_object_get(answer, "engine"), "packets")) >= 5);
  json_decref(answer);
  assert_true(daemon_said(&w.d, "feed gone (raw at 127.0.0.1 port 1): 127.0.0.1:1 refuses connections"));
  clear(&w);
}

static void the_command_prints_a_table_or_the_answer_itself(void **state)
{
  (void)state;
  world w;
  char output[128];
  size_t length;
  begin(&w);
  json_decref(await_packets(&w, 1));
  snprintf(output, sizeof output, "%s/output", w.d.folder);
  assert_int_equal(run_program("tocsin", output, (const char *const[]){"status", "--config", w.d.config, NULL}), 3);
  char *table = data_read(output, &length);
  assert_non_null(strstr(table, "2 feeds, 1 not connected"));
  assert_non_null(strstr(table, "DOWN:"));
  assert_true(strstr(table, "gone") < strstr(table, "near")); /* what needs a hand comes first */
  free(table);
  assert_int_equal(run_program("tocsin", output, (const char *const[]){"status", "--json", "--control", w.control, NULL}), 3);
  char *json = data_read(output, &length);
  json_t *answer = json_loads(json, 0, NULL);
  assert_int_equal(json_array_size(json_object_get(answer, "feeds")), 2);
  json_decref(answer);
  free(json);
  assert_int_equal(run_program("tocsin", output, (const char *const[]){"status", "--control", "/nonexistent/control", NULL}), 1);
  assert_int_equal(run_program("tocsin", output, (const char *const[]){"status", "now", NULL}), 2);
  clear(&w);
}

static int connected(const world *w)
{
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  struct timeval limit = {.tv_sec = 60};
  snprintf(name.sun_path, sizeof name.sun_path, "%.107s", w->control);
  int s = socket(AF_UNIX, SOCK_STREAM, 0);
  setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  assert_int_equal(connect(s, (struct sockaddr *)&name, sizeof name), 0);
  return s;
}

/* What comes back up to the end of a line; "" when the daemon hangs up. */
static const char *answer_to(int s, const char *request, char answer[4096])
{
  size_t n = 0;
  send(s, request, strlen(request), MSG_NOSIGNAL);
  while (n < 4095 && recv(s, answer + n, 1, 0) == 1 && answer[n] != '\n')
    n++;
  answer[n] = '\0';
  return answer;
}

static void rubbish_gets_an_answer_that_says_what_can_be_asked(void **state)
{
  (void)state;
  static const char *const rubbish[] = {"\n", "status\n", "{\"ask\":7}\n", "[1,2]\n", "{\"ask\":\"status\"\n", "\xff\xfe\n"};
  world w;
  char answer[4096];
  begin(&w);
  int s = connected(&w);
  for (size_t i = 0; i < sizeof rubbish / sizeof rubbish[0]; i++)
    assert_non_null(strstr(answer_to(s, rubbish[i], answer), "a request is one line of JSON"));
  assert_non_null(strstr(answer_to(s, "{\"ask\":\"the time\"}\n", answer), "\"asks\":[\"status\"]"));
  close(s);
  s = connected(&w);
  char *long_line = malloc(9000);
  memset(long_line, 'x', 8999);
  long_line[8999] = '\0';
  assert_string_equal(answer_to(s, long_line, answer), ""); /* it hangs up */
  free(long_line);
  close(s);
  json_decref(ask(&w));
  clear(&w);
}

static void those_who_ask_and_never_read_or_never_end_hold_up_nobody(void **state)
{
  (void)state;
  world w;
  int sockets[12];
  begin(&w);
  for (int i = 0; i < 12; i++) {
    sockets[i] = connected(&w);
    const char *request = i % 2 ? "{\"ask\":" : "{\"ask\":\"status\"}\n{\"ask\":\"status\"}\n";
    assert_true(send(sockets[i], request, strlen(request), MSG_NOSIGNAL) > 0);
  }
  for (int i = 0; i < 20; i++)
    json_decref(ask(&w));
  for (int i = 0; i < 12; i++)
    close(sockets[i]);
  clear(&w);
}

static void the_socket_is_its_owners_and_groups_and_goes_with_the_daemon(void **state)
{
  (void)state;
  world w;
  struct stat s;
  begin(&w);
  json_decref(ask(&w));
  assert_int_equal(stat(w.control, &s), 0);
  assert_int_equal(s.st_mode & 0777, 0660);
  daemon_signal(&w.d, SIGKILL);
  daemon_end(&w.d);
  assert_int_equal(stat(w.control, &s), 0);
  daemon_start(&w.d, -1, exercise); /* what a crash left behind is no obstacle */
  daemon_await(&w.d, "READY=1");
  json_decref(ask(&w));
  daemon_signal(&w.d, SIGTERM);
  assert_int_equal(daemon_end(&w.d), 0);
  assert_int_not_equal(stat(w.control, &s), 0);
  clear(&w);
}

static void what_is_no_socket_is_left_alone(void **state)
{
  (void)state;
  static const control_row rows[] = {{0}};
  char folder[64], path[96];
  struct stat s;
  temporary_folder(folder, sizeof folder);
  snprintf(path, sizeof path, "%s/precious", folder);
  fclose(fopen(path, "w"));
  struct ev_loop *loop = ev_loop_new(0);
  assert_null(control_create(&(control_setup){.loop = loop, .path = path, .rows = rows}));
  assert_int_equal(stat(path, &s), 0);
  snprintf(path, sizeof path, "%s/none/control", folder);
  assert_null(control_create(&(control_setup){.loop = loop, .path = path, .rows = rows}));
  ev_loop_destroy(loop);
  remove_folder(folder);
}

/* A hangup takes the new list; the feed that stays does not notice. */
static void a_reload_adopts_feeds_and_leaves_the_others_alone(void **state)
{
  (void)state;
  world w;
  char more[512], since[64];
  begin(&w);
  json_t *answer = await_packets(&w, 1);
  snprintf(since, sizeof since, "%s", text(feed(answer, 0), "connected_since"));
  json_decref(answer);
  snprintf(more, sizeof more,
           "feeds:\n  - {name: near, address: 127.0.0.1, port: %d, selections: XX.S001 HN?, link: radio}\n"
           "  - {name: other, kind: raw, address: 127.0.0.1, port: 2}\n",
           w.server.port);
  daemon_configure(&w.d, w.redis.socket, more);
  daemon_signal(&w.d, SIGHUP);
  daemon_await(&w.d, "RELOADING=1");
  daemon_await(&w.d, "READY=1");
  answer = await_packets(&w, 2);
  assert_string_equal(text(feed(answer, 0), "connected_since"), since);
  assert_string_equal(text(feed(answer, 1), "name"), "other");
  assert_int_equal(json_integer_value(json_object_get(feed(answer, 1), "number")), 3);
  assert_int_equal(json_array_size(json_object_get(answer, "feeds")), 2);
  assert_int_equal(w.server.accepted, 1);
  json_decref(answer);
  clear(&w);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_feed_is_told_with_what_is_wrong_with_it),
      cmocka_unit_test(the_command_prints_a_table_or_the_answer_itself),
      cmocka_unit_test(rubbish_gets_an_answer_that_says_what_can_be_asked),
      cmocka_unit_test(those_who_ask_and_never_read_or_never_end_hold_up_nobody),
      cmocka_unit_test(the_socket_is_its_owners_and_groups_and_goes_with_the_daemon),
      cmocka_unit_test(what_is_no_socket_is_left_alone),
      cmocka_unit_test(a_reload_adopts_feeds_and_leaves_the_others_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
