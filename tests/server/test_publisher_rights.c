#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data.h"
#include "publisher_world.h"
#include "stream_check.h"

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

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(of_two_only_the_leader_speaks_and_the_other_follows_with_a_higher_epoch),
      cmocka_unit_test(a_standby_forgets_what_the_leader_has_said),
      cmocka_unit_test(a_leader_that_slept_does_not_speak_with_its_old_epoch),
      cmocka_unit_test(an_actual_message_is_refused_by_a_publisher_of_exercises),
      cmocka_unit_test(actual_messages_need_a_key_of_their_own_and_refuse_exercises),
      cmocka_unit_test(the_shipped_acl_lets_each_user_do_its_own_and_no_more),
      cmocka_unit_test(the_shipped_acl_lets_the_actual_user_publish_actual_messages),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
