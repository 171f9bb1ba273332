/* `tocsin why`: the story of an event out of its messages. */
#include <string.h>

#include "private_redis.h"
#include "command.h"

#define PLACE                                                                                                                         \
  "\"origin_time\":\"2019-07-06T03:19:53.000000Z\",\"latitude_deg\":40.7,\"longitude_deg\":-122.8,\"horizontal_uncertainty_km\":1.1," \
  "\"depth_km\":12.3,\"magnitude\":5.2,\"magnitude_uncertainty\":0.4,\"stations_used\":5"
#define REASONS(code, silences)                                                                                                                      \
  "\"reasons\":{\"code\":\"" code "\",\"evidence\":9.9,\"picks\":31.0,\"silences\":" silences ",\"rarity\":-18.0,\"depth\":-0.1,"                    \
  "\"remoteness\":-1.0,\"awaited\":-0.7,\"afar\":2.5,\"reach_km\":33,\"p_voices\":3,\"s_voices\":1,\"common_path\":{\"kind\":\"link\",\"stations\":" \
  "3},"                                                                                                                                              \
  "\"doubted\":1,\"doubted_stations\":[\"LN.DDD\"],\"silent\":7,\"silent_stations\":[{\"station\":\"LN.SSS\",\"distance_km\":12.4,"                  \
  "\"log_odds\":-1.9}]}"
#define EVENT(id, revision, at, state, likelihood, reasons, refusal)                                                                       \
  "{\"schema\":\"tocsin.event.v1\",\"issued_at\":\"2019-07-06T03:" at "Z\",\"id\":\"" id "\",\"revision\":" revision ",\"state\":\"" state \
  "\",\"likelihood\":" likelihood "," PLACE "," reasons ",\"alert_refusal\":" refusal "}"

static const char weak[] = EVENT("20190706T031953-4070N12280W", "1", "19:58.500000", "open", "0.70", REASONS("new", "-2.0"),
                                 "\"the likelihood is below "
                                 "rules.minimum_likelihood\"");
static const char alert[] =
    "{\"schema\":\"tocsin.alert.v1\",\"issued_at\":\"2019-07-06T03:19:59.000000Z\",\"id\":\"20190706T031953-4070N12280W\","
    "\"revision\":1,\"type\":\"new\",\"level\":\"orange\",\"max_intensity\":5.5,\"reason\":{\"code\":\"rules_met\",\"en\":\"the "
    "alert rules are met\"}}";
static const char strong[] = EVENT("20190706T031953-4070N12280W", "2", "19:59.000000", "open", "0.95", REASONS("pick", "0.0"), "null");
static const char cancelled[] =
    EVENT("20190706T031953-4070N12280W", "3", "20:09.000000", "cancelled", "0.10", REASONS("contradicted", "-12.0"), "null");
static const char other[] = EVENT("20190706T041953-4070N12280W", "1", "59:59.000000", "open", "0.99", REASONS("new", "0.0"), "null");

static int make(void **state)
{
  command_folder_make(state);
  FILE *f = command_open("lines.jsonl", "w");
  const char *bare[] = {weak, strong, cancelled, "no JSON", "{\"schema\":\"tocsin.pick.v1\"}", other};
  for (size_t i = 0; i < sizeof bare / sizeof bare[0]; i++)
    fprintf(f, "%s\n", bare[i]);
  fprintf(f, "{\"data_time\":\"2019-07-06T03:19:59Z\",\"channel\":\"tocsin:exercise:alert\",\"message\":%s}\n", alert);
  fclose(f);
  return 0;
}

static void each_event_has_a_line(void **state)
{
  (void)state;
  assert_int_equal(command_run("why --from lines.jsonl"), 0);
  command_assert_said(
      "20190706T031953-4070N12280W  cancelled  40.7000 N 122.8000 W +-1.1 km, 12 km deep, M5.2+-0.4, 5 stations, likelihood 0.10; alerted");
  command_assert_said("20190706T041953-4070N12280W  open");
}

/* The numbers stand at each turn, alerts between the revisions. */
static void an_event_s_story_is_told_in_its_order(void **state)
{
  (void)state;
  assert_int_equal(command_run("why 20190706T0319 --from lines.jsonl"), 0);
  static const char *const order[] = {"03:19:58.500  revision 1, open (new)",
                                      "picks         +31.0",
                                      "3 P and 1 S speak for themselves; 3 of the stations share one link and are one voice",
                                      "an S that soon followed puts the P of 1 in doubt: LN.DDD",
                                      "silences       -2.0",
                                      "within 33 km: LN.SSS at 12 km (-1.9) and 6 more",
                                      "together       +9.9",
                                      "from afar      +2.5",
                                      "no alert: the likelihood is below rules.minimum_likelihood",
                                      "03:19:59.000  ALERT 1, new: the alert rules are met; level orange, intensity 5.5 at most",
                                      "03:19:59.000  revision 2, open (a pick came or went)",
                                      "03:20:09.000  revision 3, cancelled (further data contradict it)",
                                      "silences      -12.0"};
  const char *at = command_said();
  for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
    const char *found = strstr(at, order[i]);
    if (!found)
      fail_msg("`%s` is not said, or not in its place: %s", order[i], command_said());
    at = found;
  }
}

static void what_cannot_be_told_is_said(void **state)
{
  (void)state;
  assert_int_equal(command_run("why 2018 --from lines.jsonl"), 1);
  command_assert_complained("nothing of an event 2018 is kept");
  assert_int_equal(command_run("why 2019 --from lines.jsonl"), 1);
  command_assert_complained("give more of the id");
  assert_int_equal(command_run("why --from nothing.jsonl"), 1);
  command_assert_complained("nothing.jsonl: No such file");
  assert_int_equal(command_run("why 1 2"), 2);
  command_assert_complained("not `2` too");
}

static void the_daemon_s_streams_are_read(void **state)
{
  (void)state;
  private_redis redis = {0};
  char config[512];
  private_redis_prepare(&redis);
  private_redis_start(&redis);
  redisContext *c = private_redis_connect(&redis);
  freeReplyObject(private_redis_call(c, "XADD", "tocsin:exercise:event", "*", "json", weak, NULL));
  freeReplyObject(private_redis_call(c, "XADD", "tocsin:exercise:event", "*", "json", strong, NULL));
  freeReplyObject(private_redis_call(c, "XADD", "tocsin:exercise:alert", "*", "json", alert, NULL));
  snprintf(config, sizeof config, "redis:\n  address: %s\n  port: 0\n", redis.socket);
  command_write("redis.yaml", config);
  assert_int_equal(command_run("why --exercise --config redis.yaml 2019"), 0);
  command_assert_said("revision 2, open");
  command_assert_said("ALERT 1, new");
  assert_int_equal(command_run("why --config redis.yaml"), 0);
  assert_string_equal(command_said(), "");
  private_redis_kill(&redis);
  assert_int_equal(command_run("why --config redis.yaml"), 1);
  command_assert_complained("see `redis` in the configuration");
  redisFree(c);
  private_redis_remove(&redis);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_event_has_a_line),
      cmocka_unit_test(an_event_s_story_is_told_in_its_order),
      cmocka_unit_test(what_cannot_be_told_is_said),
      cmocka_unit_test(the_daemon_s_streams_are_read),
  };
  return cmocka_run_group_tests(tests, make, command_folder_remove);
}
