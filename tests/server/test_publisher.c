#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "data.h"
#include "private_redis.h"
#include "publisher.h"
#include "stream_check.h"

/* One redis-server of the test's own, and up to two publishers on one loop. */
struct world {
  private_redis redis;
  struct ev_loop *loop;
  redis_settings settings;
  signer *signer;
  publisher *p, *other;
  int64_t now; /* of the engine */
  uint64_t wanted;
};

static int64_t engine_now(void *user)
{
  return ((struct world *)user)->now;
}

static void prepare(struct world *w)
{
  signal(SIGPIPE, SIG_IGN); /* as the daemon does */
  memset(w, 0, sizeof *w);
  private_redis_prepare(&w->redis);
  w->loop = ev_loop_new(0);
  w->settings =
      (redis_settings){.port = 0, .retry_first_s = 0.01, .retry_longest_s = 0.05, .queue_messages = 2000, .stream_length = 100000, .lease_s = 1};
  snprintf(w->settings.address, sizeof w->settings.address, "%s", w->redis.socket);
  snprintf(w->settings.prefix, sizeof w->settings.prefix, "tocsin");
  w->signer = signer_exercise();
  w->now = 1000 * INGEST_SECOND;
}

static publisher *speaker(struct world *w)
{
  publisher *p = publisher_create(
      &(publisher_setup){.loop = w->loop, .redis = &w->settings, .signer = w->signer, .status = ENGINE_EXERCISE, .now = engine_now, .user = w});
  assert_non_null(p);
  return p;
}

static void clear(struct world *w)
{
  publisher_destroy(w->p, 0);
  publisher_destroy(w->other, 0);
  ev_loop_destroy(w->loop);
  signer_destroy(w->signer);
  private_redis_remove(&w->redis);
}

/* A world with a running server and one publisher. */
static void begin(struct world *w)
{
  prepare(w);
  private_redis_start(&w->redis);
  w->p = speaker(w);
}

static void send_to(publisher *p, engine_channel channel, const char *status, int revision, int64_t expires_at)
{
  char json[256];
  int n = snprintf(json, sizeof json, "{\"schema\":\"tocsin.%s.v1\",\"status\":\"%s\",\"id\":\"E\",\"revision\":%d,\"config\":\"0\"",
                   engine_channel_words[channel], status, revision);
  const engine_message m = {
      .channel = channel, .target = channel == ENGINE_ALERT_TARGET ? "shenyang" : NULL, .json = json, .length = (size_t)n, .expires_at = expires_at};
  publisher_send(p, &m, 0);
}

static void send_alert(publisher *p, int revision)
{
  send_to(p, ENGINE_ALERT, "exercise", revision, 0);
}

static publisher_state state_of(const publisher *p)
{
  publisher_state s;
  publisher_state_of(p, &s);
  return s;
}

static bool all_is_out(void *user)
{
  struct world *w = user;
  return state_of(w->p).queued == 0;
}

static bool leads(void *user)
{
  return state_of(((struct world *)user)->p).leader;
}

static bool is_down(void *user)
{
  return !state_of(((struct world *)user)->p).connected;
}

static void a_message_arrives_on_its_channel_and_its_stream_the_same_and_verified(void **state)
{
  (void)state;
  struct world w;
  begin(&w);
  redisContext *subscriber = private_redis_connect(&w.redis);
  freeReplyObject(private_redis_call(subscriber, "SUBSCRIBE", "tocsin:exercise:alert:shenyang", NULL));
  send_to(w.p, ENGINE_ALERT_TARGET, "exercise", 1, 0);
  wait_for(w.loop, all_is_out, &w, "the message is delivered");
  redisReply *heard = NULL;
  assert_int_equal(redisGetReply(subscriber, (void **)&heard), REDIS_OK);
  struct stream s = stream_read(&w.redis, "tocsin:exercise:alert:shenyang");
  assert_int_equal(s.count, 1);
  assert_string_equal(heard->element[2]->str, s.items[0].text);
  assert_true(s.items[0].verified);
  assert_int_equal(s.items[0].epoch, state_of(w.p).epoch);
  stream_clear(&s);
  freeReplyObject(heard);
  redisFree(subscriber);
  clear(&w);
}

static void many_messages_arrive_once_and_in_order(void **state)
{
  (void)state;
  struct world w;
  begin(&w);
  for (int i = 1; i <= 1500; i++)
    send_alert(w.p, i);
  wait_for(w.loop, all_is_out, &w, "all are delivered");
  assert_revisions_exactly(&w.redis, "tocsin:exercise:alert", 1, 1500);
  assert_int_equal(state_of(w.p).published, 1500);
  clear(&w);
}

static void what_was_said_before_redis_ran_is_delivered_when_it_does(void **state)
{
  (void)state;
  struct world w;
  prepare(&w);
  w.p = speaker(&w);
  for (int i = 1; i <= 100; i++)
    send_alert(w.p, i);
  wait_for(w.loop, is_down, &w, "an attempt fails");
  ev_run(w.loop, EVRUN_NOWAIT);
  assert_int_equal(state_of(w.p).queued, 100);
  private_redis_start(&w.redis);
  wait_for(w.loop, all_is_out, &w, "the queue is delivered");
  assert_revisions_exactly(&w.redis, "tocsin:exercise:alert", 1, 100);
  clear(&w);
}

static bool half_is_out(void *user)
{
  struct world *w = user;
  return state_of(w->p).published >= w->wanted;
}

/* The append-only file keeps what Redis confirmed before it was killed. */
static void nothing_is_lost_or_disordered_when_redis_is_killed_and_restarted(void **state)
{
  (void)state;
  struct world w;
  prepare(&w);
  static const char *const durable[] = {"--appendonly", "yes", "--appendfsync", "always"};
  for (size_t i = 0; i < 4; i++)
    w.redis.extra[i] = durable[i];
  private_redis_start(&w.redis);
  w.p = speaker(&w);
  for (int round = 0; round < 3; round++) {
    for (int i = 1; i <= 300; i++)
      send_alert(w.p, round * 300 + i);
    w.wanted = state_of(w.p).published + 100;
    wait_for(w.loop, half_is_out, &w, "some are delivered");
    private_redis_kill(&w.redis);
    wait_for(w.loop, is_down, &w, "the break is noticed");
    private_redis_start(&w.redis);
  }
  wait_for(w.loop, all_is_out, &w, "the rest is delivered");
  assert_revisions_in_order(&w.redis, "tocsin:exercise:alert", 1, 900);
  assert_int_equal(state_of(w.p).reconnections, 3);
  assert_int_equal(state_of(w.p).dropped, 0);
  clear(&w);
}

static void a_redis_that_came_back_empty_gets_a_higher_epoch(void **state)
{
  (void)state;
  struct world w;
  begin(&w);
  wait_for(w.loop, leads, &w, "the lease is ours");
  int64_t before = state_of(w.p).epoch;
  private_redis_kill(&w.redis);
  wait_for(w.loop, is_down, &w, "the break is noticed");
  private_redis_start(&w.redis);
  send_alert(w.p, 1);
  wait_for(w.loop, all_is_out, &w, "the message is delivered");
  struct stream s = stream_read(&w.redis, "tocsin:exercise:alert");
  assert_int_equal(s.count, 1);
  assert_true(s.items[0].epoch > before);
  stream_clear(&s);
  clear(&w);
}

static void what_expired_in_the_queue_is_appended_but_not_published(void **state)
{
  (void)state;
  struct world w;
  prepare(&w);
  w.p = speaker(&w);
  send_to(w.p, ENGINE_ALERT, "exercise", 1, w.now + 10);
  send_to(w.p, ENGINE_ALERT, "exercise", 2, 0);
  w.now += 1000;
  private_redis_start(&w.redis);
  redisContext *subscriber = private_redis_connect(&w.redis);
  freeReplyObject(private_redis_call(subscriber, "SUBSCRIBE", "tocsin:exercise:alert", NULL));
  wait_for(w.loop, all_is_out, &w, "both are delivered");
  redisReply *heard = NULL;
  assert_int_equal(redisGetReply(subscriber, (void **)&heard), REDIS_OK);
  assert_int_equal(revision_of(heard->element[2]->str), 2);
  assert_revisions_exactly(&w.redis, "tocsin:exercise:alert", 1, 2);
  assert_int_equal(state_of(w.p).appended_expired, 1);
  assert_int_equal(state_of(w.p).published, 1);
  freeReplyObject(heard);
  redisFree(subscriber);
  clear(&w);
}

static void a_queue_that_overflows_keeps_the_alerts_and_counts_the_rest(void **state)
{
  (void)state;
  struct world w;
  prepare(&w);
  w.settings.queue_messages = 100;
  w.p = speaker(&w);
  for (int i = 1; i <= 80; i++) {
    send_to(w.p, ENGINE_PICK, "exercise", i, 0);
    send_alert(w.p, i);
  }
  assert_int_equal(state_of(w.p).dropped, 60);
  private_redis_start(&w.redis);
  wait_for(w.loop, all_is_out, &w, "the rest is delivered");
  assert_revisions_exactly(&w.redis, "tocsin:exercise:alert", 1, 80);
  assert_revisions_exactly(&w.redis, "tocsin:exercise:pick", 61, 80);
  clear(&w);
}

static bool other_leads(void *user)
{
  return state_of(((struct world *)user)->other).leader;
}

static bool other_is_connected(void *user)
{
  return state_of(((struct world *)user)->other).connected;
}

static bool other_is_out(void *user)
{
  return state_of(((struct world *)user)->other).queued == 0;
}

static void of_two_only_the_leader_speaks_and_the_other_follows_with_a_higher_epoch(void **state)
{
  (void)state;
  struct world w;
  begin(&w);
  wait_for(w.loop, leads, &w, "the first leads");
  w.other = speaker(&w);
  wait_for(w.loop, other_is_connected, &w, "the second is connected");
  for (int i = 1; i <= 20; i++) {
    send_alert(w.p, i);
    send_to(w.other, ENGINE_EVENT, "exercise", i, 0);
  }
  wait_for(w.loop, all_is_out, &w, "the leader's are delivered");
  assert_false(state_of(w.other).leader);
  assert_int_equal(state_of(w.other).published, 0);
  int64_t epoch = state_of(w.p).epoch;
  publisher_destroy(w.p, 1);
  w.p = NULL;
  wait_for(w.loop, other_leads, &w, "the second takes over");
  send_to(w.other, ENGINE_EVENT, "exercise", 21, 0);
  wait_for(w.loop, other_is_out, &w, "what the second held is delivered");
  struct stream s = stream_read(&w.redis, "tocsin:exercise:event");
  assert_true(s.count >= 1);
  assert_int_equal(s.items[s.count - 1].revision, 21);
  for (size_t i = 0; i < s.count; i++)
    assert_true(s.items[i].epoch > epoch);
  stream_clear(&s);
  clear(&w);
}

static bool yields(void *user)
{
  struct world *w = user;
  return state_of(w->other).yielded == w->wanted;
}

static void a_standby_forgets_what_the_leader_has_said(void **state)
{
  (void)state;
  struct world w;
  begin(&w);
  wait_for(w.loop, leads, &w, "the first leads");
  w.other = speaker(&w);
  for (int i = 1; i <= 10; i++)
    send_alert(w.other, i);
  w.wanted = 10;
  wait_for(w.loop, yields, &w, "the standby's old messages are gone");
  assert_int_equal(state_of(w.other).published, 0);
  clear(&w);
}

/* The lease is taken away as if this leader had slept: nothing of it may come after the new one's. */
static void a_leader_that_slept_does_not_speak_with_its_old_epoch(void **state)
{
  (void)state;
  struct world w;
  begin(&w);
  wait_for(w.loop, leads, &w, "the first leads");
  int64_t old = state_of(w.p).epoch;
  redisContext *c = private_redis_connect(&w.redis);
  char usurper[32];
  snprintf(usurper, sizeof usurper, "%lld", (long long)old + 5);
  freeReplyObject(private_redis_call(c, "SET", "tocsin:exercise:lease", usurper, "PX", "1500", NULL));
  freeReplyObject(private_redis_call(c, "SET", "tocsin:exercise:epoch", usurper, NULL));
  for (int i = 1; i <= 5; i++)
    send_alert(w.p, i);
  wait_for(w.loop, all_is_out, &w, "it leads again and delivers");
  struct stream s = stream_read(&w.redis, "tocsin:exercise:alert");
  for (size_t i = 0; i < s.count; i++)
    assert_true(s.items[i].epoch > old + 5);
  stream_clear(&s);
  assert_revisions_exactly(&w.redis, "tocsin:exercise:alert", 1, 5);
  redisFree(c);
  clear(&w);
}

static void scripts_that_redis_forgot_are_loaded_again(void **state)
{
  (void)state;
  struct world w;
  begin(&w);
  send_alert(w.p, 1);
  wait_for(w.loop, all_is_out, &w, "the first is delivered");
  redisContext *c = private_redis_connect(&w.redis);
  freeReplyObject(private_redis_call(c, "SCRIPT", "FLUSH", NULL));
  for (int i = 2; i <= 50; i++)
    send_alert(w.p, i);
  wait_for(w.loop, all_is_out, &w, "the others are delivered");
  assert_revisions_exactly(&w.redis, "tocsin:exercise:alert", 1, 50);
  redisFree(c);
  clear(&w);
}

static void a_redis_without_memory_still_takes_messages(void **state)
{
  (void)state;
  struct world w;
  begin(&w);
  redisContext *c = private_redis_connect(&w.redis);
  freeReplyObject(private_redis_call(c, "CONFIG", "SET", "maxmemory", "1", NULL));
  redisReply *refused = private_redis_call(c, "SET", "x", "y", NULL);
  assert_int_equal(refused->type, REDIS_REPLY_ERROR);
  for (int i = 1; i <= 10; i++)
    send_alert(w.p, i);
  wait_for(w.loop, all_is_out, &w, "all are delivered");
  assert_revisions_exactly(&w.redis, "tocsin:exercise:alert", 1, 10);
  freeReplyObject(refused);
  redisFree(c);
  clear(&w);
}

/* A snapshot cannot be put in place of a folder, and Redis then refuses to write until one succeeds. */
static void break_snapshots(struct world *w, redisContext *c)
{
  char path[128];
  snprintf(path, sizeof path, "%s/dump.rdb", w->redis.folder);
  assert_int_equal(mkdir(path, 0700), 0);
  freeReplyObject(private_redis_call(c, "CONFIG", "SET", "save", "3600 1000000", NULL));
  freeReplyObject(private_redis_call(c, "BGSAVE", NULL));
  for (bool failing = false; !failing; usleep(1000)) {
    redisReply *reply = private_redis_call(c, "INFO", "persistence", NULL);
    failing = strstr(reply->str, "rdb_last_bgsave_status:err");
    freeReplyObject(reply);
  }
}

static void a_redis_that_cannot_write_still_publishes(void **state)
{
  (void)state;
  struct world w;
  begin(&w);
  wait_for(w.loop, leads, &w, "the lease is ours");
  redisContext *c = private_redis_connect(&w.redis), *subscriber = private_redis_connect(&w.redis);
  freeReplyObject(private_redis_call(subscriber, "SUBSCRIBE", "tocsin:exercise:alert", NULL));
  break_snapshots(&w, c);
  for (int i = 1; i <= 10; i++)
    send_alert(w.p, i);
  wait_for(w.loop, all_is_out, &w, "all are published");
  for (int i = 1; i <= 10; i++) {
    redisReply *heard = NULL;
    assert_int_equal(redisGetReply(subscriber, (void **)&heard), REDIS_OK);
    assert_int_equal(revision_of(heard->element[2]->str), i);
    freeReplyObject(heard);
  }
  freeReplyObject(private_redis_call(c, "CONFIG", "SET", "stop-writes-on-bgsave-error", "no", NULL));
  w.wanted = state_of(w.p).published + 1;
  send_alert(w.p, 11);
  wait_for(w.loop, half_is_out, &w, "the eleventh is delivered");
  redisFree(c);
  redisFree(subscriber);
  clear(&w);
}

/* Nobody may speak plainly whose lease another took before Redis stopped writing. */
static void a_redis_that_cannot_write_is_not_spoken_to_by_the_wrong_process(void **state)
{
  (void)state;
  struct world w;
  begin(&w);
  wait_for(w.loop, leads, &w, "the lease is ours");
  redisContext *c = private_redis_connect(&w.redis);
  char usurper[32];
  snprintf(usurper, sizeof usurper, "%lld", (long long)state_of(w.p).epoch + 5);
  freeReplyObject(private_redis_call(c, "SET", "tocsin:exercise:epoch", usurper, NULL));
  freeReplyObject(private_redis_call(c, "DEL", "tocsin:exercise:lease", NULL));
  break_snapshots(&w, c);
  send_alert(w.p, 1);
  for (int i = 0; i < 50; i++) {
    freeReplyObject(private_redis_call(c, "PING", NULL));
    ev_run(w.loop, EVRUN_NOWAIT);
    usleep(10000);
  }
  assert_int_equal(state_of(w.p).published, 0);
  assert_int_equal(state_of(w.p).queued, 1);
  redisFree(c);
  clear(&w);
}

static void an_actual_message_is_refused_by_a_publisher_of_exercises(void **state)
{
  (void)state;
  struct world w;
  begin(&w);
  send_to(w.p, ENGINE_ALERT, "actual", 1, 0);
  send_to(w.p, ENGINE_ALERT, "exercise\",\"status\":\"actual", 2, 0);
  const engine_message bare = {.channel = ENGINE_ALERT, .json = "{}", .length = 2};
  publisher_send(w.p, &bare, 0);
  assert_int_equal(state_of(w.p).refused, 2);
  clear(&w);
}

static void actual_messages_need_a_key_of_their_own_and_refuse_exercises(void **state)
{
  (void)state;
  struct world w;
  prepare(&w);
  publisher_setup setup = {.loop = w.loop, .redis = &w.settings, .signer = w.signer, .status = ENGINE_ACTUAL, .now = engine_now, .user = &w};
  assert_null(publisher_create(&setup));
  char path[128];
  snprintf(path, sizeof path, "%s/key", w.redis.folder);
  assert_true(signer_create(path));
  signer *own = signer_load(path);
  setup.signer = own;
  w.p = publisher_create(&setup);
  assert_non_null(w.p);
  send_alert(w.p, 1);
  assert_int_equal(state_of(w.p).refused, 1);
  assert_int_equal(state_of(w.p).queued, 0);
  clear(&w);
  signer_destroy(own);
}

static bool has_refused(void *user)
{
  struct world *w = user;
  return state_of(w->p).refused == w->wanted;
}

/* A server that begins with the shipped file of users, and a file that holds one password of it. */
static void prepare_users(struct world *w, char *password_file, size_t size, const char *password)
{
  prepare(w);
  w->redis.config = project_path("config/redis-users.acl");
  private_redis_start(&w->redis);
  snprintf(password_file, size, "%s/password", w->redis.folder);
  FILE *file = fopen(password_file, "w");
  assert_non_null(file);
  fprintf(file, "%s\n", password);
  fclose(file);
}

/* With the users of the shipped file: both work on their own channels, and Redis itself refuses the exercise user the actual ones. */
static void the_shipped_acl_lets_each_user_do_its_own_and_no_more(void **state)
{
  (void)state;
  struct world w;
  prepare_users(&w, w.settings.exercise_password_file, sizeof w.settings.exercise_password_file, "change-this-exercise-password");
  snprintf(w.settings.exercise_user, sizeof w.settings.exercise_user, "tocsin-exercise");
  w.p = speaker(&w);
  send_alert(w.p, 1);
  send_to(w.p, ENGINE_ALERT_TARGET, "exercise", 1, 0);
  wait_for(w.loop, all_is_out, &w, "the exercise user publishes exercises");
  assert_int_equal(state_of(w.p).published, 2);

  redisContext *exercise = private_redis_connect(&w.redis);
  freeReplyObject(private_redis_call(exercise, "AUTH", "tocsin-exercise", "change-this-exercise-password", NULL));
  static const char *const forbidden[][3] = {
      {"PUBLISH", "tocsin:alert", "x"}, {"PUBLISH", "tocsin:alert:shenyang", "x"}, {"GET", "tocsin:lease", NULL}, {"DEL", "tocsin:alert", NULL}};
  for (size_t i = 0; i < 4; i++) {
    redisReply *reply = private_redis_call(exercise, forbidden[i][0], forbidden[i][1], forbidden[i][2], NULL);
    if (reply->type != REDIS_REPLY_ERROR || strncmp(reply->str, "NOPERM", 6) != 0)
      fail_msg("the exercise user may %s %s", forbidden[i][0], forbidden[i][1]);
    freeReplyObject(reply);
  }
  redisReply *script = private_redis_call(exercise, "EVAL", "return redis.call('PUBLISH', 'tocsin:alert', 'x')", "0", NULL);
  assert_int_equal(script->type, REDIS_REPLY_ERROR);
  freeReplyObject(script);
  redisFree(exercise);
  clear(&w);
}

static void the_shipped_acl_lets_the_actual_user_publish_actual_messages(void **state)
{
  (void)state;
  struct world w;
  char path[128];
  prepare_users(&w, w.settings.password_file, sizeof w.settings.password_file, "change-this-password");
  snprintf(path, sizeof path, "%s/key", w.redis.folder);
  assert_true(signer_create(path));
  signer *own = signer_load(path);
  snprintf(w.settings.user, sizeof w.settings.user, "tocsin");
  w.p = publisher_create(
      &(publisher_setup){.loop = w.loop, .redis = &w.settings, .signer = own, .status = ENGINE_ACTUAL, .now = engine_now, .user = &w});
  for (int channel = 0; channel < ENGINE_CHANNELS; channel++)
    send_to(w.p, (engine_channel)channel, "actual", 1, 0);
  wait_for(w.loop, all_is_out, &w, "all channels are published");
  assert_int_equal(state_of(w.p).published, ENGINE_CHANNELS);
  clear(&w);
  signer_destroy(own);
}

static void a_message_that_redis_refuses_for_good_does_not_stop_the_others(void **state)
{
  (void)state;
  struct world w;
  begin(&w);
  redisContext *c = private_redis_connect(&w.redis);
  freeReplyObject(private_redis_call(c, "SET", "tocsin:exercise:event", "a key of another type", NULL));
  send_to(w.p, ENGINE_EVENT, "exercise", 1, 0);
  send_alert(w.p, 1);
  wait_for(w.loop, all_is_out, &w, "the alert is delivered");
  w.wanted = 1;
  wait_for(w.loop, has_refused, &w, "the refusal is counted");
  assert_revisions_exactly(&w.redis, "tocsin:exercise:alert", 1, 1);
  redisFree(c);
  clear(&w);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_message_arrives_on_its_channel_and_its_stream_the_same_and_verified),
      cmocka_unit_test(many_messages_arrive_once_and_in_order),
      cmocka_unit_test(what_was_said_before_redis_ran_is_delivered_when_it_does),
      cmocka_unit_test(nothing_is_lost_or_disordered_when_redis_is_killed_and_restarted),
      cmocka_unit_test(a_redis_that_came_back_empty_gets_a_higher_epoch),
      cmocka_unit_test(what_expired_in_the_queue_is_appended_but_not_published),
      cmocka_unit_test(a_queue_that_overflows_keeps_the_alerts_and_counts_the_rest),
      cmocka_unit_test(of_two_only_the_leader_speaks_and_the_other_follows_with_a_higher_epoch),
      cmocka_unit_test(a_standby_forgets_what_the_leader_has_said),
      cmocka_unit_test(a_leader_that_slept_does_not_speak_with_its_old_epoch),
      cmocka_unit_test(scripts_that_redis_forgot_are_loaded_again),
      cmocka_unit_test(a_redis_without_memory_still_takes_messages),
      cmocka_unit_test(a_redis_that_cannot_write_still_publishes),
      cmocka_unit_test(a_redis_that_cannot_write_is_not_spoken_to_by_the_wrong_process),
      cmocka_unit_test(an_actual_message_is_refused_by_a_publisher_of_exercises),
      cmocka_unit_test(actual_messages_need_a_key_of_their_own_and_refuse_exercises),
      cmocka_unit_test(the_shipped_acl_lets_each_user_do_its_own_and_no_more),
      cmocka_unit_test(the_shipped_acl_lets_the_actual_user_publish_actual_messages),
      cmocka_unit_test(a_message_that_redis_refuses_for_good_does_not_stop_the_others),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
