#include "data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../server/private_redis.h"
#include "watch_link.h"

enum { TURNS = 3000, TURN_MS = 20, KEPT = 64 };
static const char *const all[] = {"tocsin:exercise:*"};

typedef struct {
  private_redis redis;
  redisContext *publisher;
  watch_link *link;
  struct {
    char channel[64], json[64];
    bool missed;
  } got[KEPT];
  size_t count, notices;
} scene;

static void note(void *user, const char *channel, const char *json, size_t length, bool missed)
{
  scene *s = user;
  if (!json) {
    s->notices++;
    return;
  }
  assert_true(s->count < KEPT);
  snprintf(s->got[s->count].channel, sizeof s->got[0].channel, "%s", channel);
  snprintf(s->got[s->count].json, sizeof s->got[0].json, "%.*s", (int)length, json);
  s->got[s->count++].missed = missed;
}

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
  watch_link_destroy(s->link);
  if (s->publisher)
    redisFree(s->publisher);
  if (s->redis.folder[0])
    private_redis_remove(&s->redis);
  free(s);
  return 0;
}

static void begin(scene *s, const char *const *patterns, size_t count)
{
  private_redis_prepare(&s->redis);
  private_redis_start(&s->redis);
  s->publisher = private_redis_connect(&s->redis);
  s->link = watch_link_create(
      &(watch_link_setup){
          .address = s->redis.socket, .user = "", .password = "", .patterns = patterns, .patterns_count = count, .prefix = "tocsin:exercise:"},
      note, s);
  assert_non_null(s->link);
}

/* As the daemon does: published and appended under one name. */
static void publish(scene *s, const char *channel, const char *json)
{
  freeReplyObject(private_redis_call(s->publisher, "PUBLISH", channel, json, NULL));
  freeReplyObject(private_redis_call(s->publisher, "XADD", channel, "*", "json", json, NULL));
}

static void append(scene *s, const char *channel, const char *json)
{
  freeReplyObject(private_redis_call(s->publisher, "XADD", channel, "*", "json", json, NULL));
}

static void turn_until_up(scene *s)
{
  for (int i = 0; i < TURNS && !watch_link_up(s->link); i++)
    watch_link_turn(s->link, TURN_MS);
  assert_true(watch_link_up(s->link));
}

static void turn_until(scene *s, size_t count)
{
  for (int i = 0; i < TURNS && s->count < count; i++)
    watch_link_turn(s->link, TURN_MS);
  assert_int_equal(s->count, count);
}

static void cut(scene *s)
{
  freeReplyObject(private_redis_call(s->publisher, "CLIENT", "KILL", "TYPE", "pubsub", NULL));
  for (int i = 0; i < TURNS && watch_link_up(s->link); i++)
    watch_link_turn(s->link, TURN_MS);
  assert_false(watch_link_up(s->link));
}

static void assert_got(const scene *s, size_t i, const char *channel, const char *json, bool missed)
{
  assert_string_equal(s->got[i].channel, channel);
  assert_string_equal(s->got[i].json, json);
  assert_int_equal(s->got[i].missed, missed);
}

static void what_is_published_arrives_in_order(void **state)
{
  scene *s = *state;
  begin(s, all, 1);
  turn_until_up(s);
  publish(s, "tocsin:exercise:alert", "{\"n\":1}");
  publish(s, "tocsin:exercise:heartbeat", "{\"n\":2}");
  publish(s, "tocsin:exercise:alert:shenyang", "{\"n\":3}");
  publish(s, "tocsin:alert", "{\"n\":4}");
  publish(s, "tocsin:exercise:event", "{\"n\":5}");
  turn_until(s, 4);
  assert_got(s, 0, "tocsin:exercise:alert", "{\"n\":1}", false);
  assert_got(s, 1, "tocsin:exercise:heartbeat", "{\"n\":2}", false);
  assert_got(s, 2, "tocsin:exercise:alert:shenyang", "{\"n\":3}", false);
  assert_got(s, 3, "tocsin:exercise:event", "{\"n\":5}", false);
}

static void what_was_published_during_a_break_is_read_from_the_stream_once(void **state)
{
  scene *s = *state;
  begin(s, all, 1);
  publish(s, "tocsin:exercise:alert", "{\"n\":\"before the start\"}");
  turn_until_up(s);
  publish(s, "tocsin:exercise:alert", "{\"n\":1}");
  turn_until(s, 1);
  cut(s);
  publish(s, "tocsin:exercise:alert", "{\"n\":2}");
  append(s, "tocsin:exercise:alert", "{\"n\":\"expired, appended only\"}");
  publish(s, "tocsin:exercise:event", "{\"n\":3}");
  turn_until_up(s);
  publish(s, "tocsin:exercise:alert", "{\"n\":4}");
  turn_until(s, 5);
  assert_got(s, 1, "tocsin:exercise:alert", "{\"n\":2}", true);
  assert_got(s, 2, "tocsin:exercise:alert", "{\"n\":\"expired, appended only\"}", true);
  assert_got(s, 3, "tocsin:exercise:event", "{\"n\":3}", true);
  assert_got(s, 4, "tocsin:exercise:alert", "{\"n\":4}", false);
}

static void a_break_longer_than_a_page_loses_nothing(void **state)
{
  scene *s = *state;
  begin(s, all, 1);
  turn_until_up(s);
  publish(s, "tocsin:exercise:pick", "{\"n\":0}");
  turn_until(s, 1);
  cut(s);
  for (int i = 1; i <= 450; i++) {
    char json[32];
    snprintf(json, sizeof json, "{\"n\":%d}", i);
    append(s, "tocsin:exercise:heartbeat", "{\"same\":true}");
    if (i % 10 == 0)
      append(s, "tocsin:exercise:pick", json);
  }
  turn_until_up(s);
  turn_until(s, 1 + 1 + 45); /* equal bytes are one message */
  publish(s, "tocsin:exercise:alert", "{\"n\":\"last\"}");
  turn_until(s, 48);
}

static void a_redis_that_comes_late_is_waited_for(void **state)
{
  scene *s = *state;
  begin(s, all, 1);
  redisFree(s->publisher);
  s->publisher = NULL;
  private_redis_kill(&s->redis);
  for (int i = 0; i < 5; i++)
    watch_link_turn(s->link, 1);
  assert_false(watch_link_up(s->link));
  assert_int_equal(s->notices, 1);
  private_redis_start(&s->redis);
  s->publisher = private_redis_connect(&s->redis);
  turn_until_up(s);
  publish(s, "tocsin:exercise:alert", "{\"n\":1}");
  turn_until(s, 1);
}

static void a_named_channel_is_read_from_its_stream_too(void **state)
{
  static const char *const siren[] = {"tocsin:exercise:alert:shenyang"};
  scene *s = *state;
  begin(s, siren, 1);
  turn_until_up(s);
  cut(s);
  publish(s, "tocsin:exercise:alert:shenyang", "{\"n\":1}");
  publish(s, "tocsin:exercise:alert", "{\"n\":2}");
  turn_until_up(s);
  turn_until(s, 1);
  assert_got(s, 0, "tocsin:exercise:alert:shenyang", "{\"n\":1}", true);
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_scene, clear_scene)

int main(void)
{
  const struct CMUnitTest tests[] = {
      SCENE(what_is_published_arrives_in_order),          SCENE(what_was_published_during_a_break_is_read_from_the_stream_once),
      SCENE(a_break_longer_than_a_page_loses_nothing),    SCENE(a_redis_that_comes_late_is_waited_for),
      SCENE(a_named_channel_is_read_from_its_stream_too),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
