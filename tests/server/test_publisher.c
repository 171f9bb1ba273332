#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data.h"
#include "publisher_world.h"
#include "stream_check.h"

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

static bool has_refused(void *user)
{
  struct world *w = user;
  return state_of(w->p).refused == w->wanted;
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

/* Else a standby would wait for a lease that nobody holds. */
static void an_end_while_the_lease_is_asked_for_gives_it_back(void **state)
{
  (void)state;
  struct world w;
  begin(&w);
  while (!state_of(w.p).connected)
    ev_run(w.loop, EVRUN_ONCE);
  ev_run(w.loop, EVRUN_NOWAIT); /* the question leaves */
  publisher_destroy(w.p, 10);
  w.p = NULL;
  redisContext *c = private_redis_connect(&w.redis);
  redisReply *lease = private_redis_call(c, "GET", "tocsin:exercise:lease", NULL);
  assert_int_equal(lease->type, REDIS_REPLY_NIL);
  freeReplyObject(lease);
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
      cmocka_unit_test(scripts_that_redis_forgot_are_loaded_again),
      cmocka_unit_test(a_redis_without_memory_still_takes_messages),
      cmocka_unit_test(a_redis_that_cannot_write_still_publishes),
      cmocka_unit_test(a_redis_that_cannot_write_is_not_spoken_to_by_the_wrong_process),
      cmocka_unit_test(an_end_while_the_lease_is_asked_for_gives_it_back),
      cmocka_unit_test(a_message_that_redis_refuses_for_good_does_not_stop_the_others),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
