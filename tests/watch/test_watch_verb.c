#include "data.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../server/private_redis.h"
#include "signer.h"

/* `tocsin watch` as a subscriber of a private Redis; what it prints is read from a pipe. */
typedef struct {
  private_redis redis;
  redisContext *publisher;
  signer *signer;
  pid_t pid;
  FILE *printed;
  char line[4096];
} scene;

static int set_scene(void **state)
{
  scene *s = calloc(1, sizeof *s);
  assert_non_null(s);
  *state = s;
  return 0;
}

static int clear_scene(void **state)
{
  scene *s = *state;
  if (s->pid > 0) {
    kill(s->pid, SIGKILL);
    waitpid(s->pid, NULL, 0);
  }
  if (s->printed)
    fclose(s->printed);
  if (s->publisher)
    redisFree(s->publisher);
  if (s->signer)
    signer_destroy(s->signer);
  if (s->redis.folder[0])
    private_redis_remove(&s->redis);
  free(s);
  return 0;
}

static size_t subscribers(scene *s)
{
  redisReply *reply = private_redis_call(s->publisher, "PUBSUB", "NUMPAT", NULL);
  size_t n = (size_t)reply->integer;
  freeReplyObject(reply);
  return n;
}

/* `extra`: up to three further arguments. */
static void begin(scene *s, const char *const extra[3])
{
  int ends[2];
  private_redis_prepare(&s->redis);
  private_redis_start(&s->redis);
  s->publisher = private_redis_connect(&s->redis);
  s->signer = signer_exercise();
  assert_non_null(s->signer);
  assert_int_equal(pipe(ends), 0);
  s->pid = fork();
  assert_true(s->pid >= 0);
  if (s->pid == 0) {
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    execl(build_path("tocsin"), "tocsin", "watch", "--redis", s->redis.socket, extra[0], extra[1], extra[2], (char *)NULL);
    _exit(127);
  }
  close(ends[1]);
  s->printed = fdopen(ends[0], "r");
  for (int i = 0; i < 3000 && subscribers(s) == 0; i++)
    usleep(10000);
  assert_true(subscribers(s) > 0);
}

static const char *next_line(scene *s)
{
  assert_non_null(fgets(s->line, sizeof s->line, s->printed));
  return s->line;
}

static int end_of(scene *s, int signal_number)
{
  int status;
  if (signal_number)
    kill(s->pid, signal_number);
  assert_int_equal(waitpid(s->pid, &status, 0), s->pid);
  s->pid = 0;
  assert_true(WIFEXITED(status));
  return WEXITSTATUS(status);
}

/* Signs `json` (without its closing brace), changes it as asked and publishes it. */
static void publish(scene *s, const char *channel, const char *json, const char *find, char replacement)
{
  char message[2048];
  size_t length = signer_finish(s->signer, json, strlen(json), 7, NULL, message, sizeof message - 1);
  assert_true(length > 0);
  message[length] = '\0';
  if (find) {
    char *at = strstr(message, find);
    assert_non_null(at);
    *at = replacement;
  }
  freeReplyObject(private_redis_call(s->publisher, "PUBLISH", channel, message, NULL));
}

#define ALERT                                                                                                                                      \
  "{\"schema\":\"tocsin.alert.v1\",\"status\":\"exercise\",\"issued_at\":\"2019-07-06T03:20:00.040000Z\",\"id\":\"e\",\"level\":\"red\",\"type\":" \
  "\"update\",\"config\":\"9f2c\""
#define HEARTBEAT                                                                                                                              \
  "{\"schema\":\"tocsin.heartbeat.v1\",\"status\":\"exercise\",\"issued_at\":\"2019-07-06T03:20:01.040000Z\",\"id\":\"heartbeat\",\"config\":" \
  "\"9f2c\""

static void json_passes_genuine_messages_alone(void **state)
{
  scene *s = *state;
  begin(s, (const char *const[3]){"--exercise", "--json", NULL});
  publish(s, "tocsin:exercise:alert", ALERT, "\"red\"", ' ');
  publish(s, "tocsin:exercise:alert", ALERT, "update", 'U');
  publish(s, "tocsin:exercise:heartbeat", HEARTBEAT, NULL, 0);
  assert_non_null(strstr(next_line(s), "tocsin.heartbeat.v1"));
  assert_int_equal(end_of(s, SIGTERM), 0);
  assert_null(fgets(s->line, sizeof s->line, s->printed));
}

static void a_changed_message_is_called_out_on_the_screen(void **state)
{
  scene *s = *state;
  begin(s, (const char *const[3]){"--exercise", NULL, NULL});
  assert_non_null(strstr(next_line(s), "linked to Redis"));
  publish(s, "tocsin:exercise:alert", ALERT, "\"red\"", ' ');
  assert_non_null(strstr(next_line(s), "without a valid signature"));
  publish(s, "tocsin:exercise:alert", ALERT, NULL, 0);
  assert_non_null(strstr(next_line(s), "red update"));
  assert_int_equal(end_of(s, SIGINT), 0);
}

static void the_silence_of_the_heartbeat_is_said(void **state)
{
  scene *s = *state;
  begin(s, (const char *const[3]){"--exercise", NULL, NULL});
  next_line(s);
  assert_non_null(strstr(next_line(s), "no heartbeat for 3 s"));
  publish(s, "tocsin:exercise:heartbeat", HEARTBEAT, NULL, 0);
  assert_non_null(strstr(next_line(s), "the heartbeat is back"));
  assert_int_equal(end_of(s, SIGTERM), 0);
}

static int status_of(const char *first, const char *second)
{
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0) {
    int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    execl(build_path("tocsin"), "tocsin", "watch", first, second, (char *)NULL);
    _exit(127);
  }
  int status;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void calls_that_make_no_sense_are_refused(void **state)
{
  (void)state;
  assert_int_equal(status_of("--help", NULL), 0);
  assert_int_equal(status_of("--no-such-option", NULL), 2);
  assert_int_equal(status_of("tocsin:alert", NULL), 2);
  assert_int_equal(status_of("--shift", "soon"), 2);
  assert_int_equal(status_of("--redis", "localhost:0"), 1);
  assert_int_equal(status_of("--key", "/nowhere/key.pub"), 1);
}

static void actual_messages_are_not_followed_without_a_key(void **state)
{
  (void)state;
  assert_int_equal(status_of("--redis", "127.0.0.1:1"), 1);
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_scene, clear_scene)

int main(void)
{
  const struct CMUnitTest tests[] = {
      SCENE(json_passes_genuine_messages_alone),
      SCENE(a_changed_message_is_called_out_on_the_screen),
      SCENE(the_silence_of_the_heartbeat_is_said),
      cmocka_unit_test(calls_that_make_no_sense_are_refused),
      cmocka_unit_test(actual_messages_are_not_followed_without_a_key),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
