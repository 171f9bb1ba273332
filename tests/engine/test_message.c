/* What every message begins and ends with, and its way to the sink. */
#include <string.h>

#include "message.h"
#include "town.h"

typedef struct {
  mailbox mail;
  post out;
} office;

static int open_office(void **state)
{
  static office o;
  engine_setup setup = {.status = ENGINE_TEST, .software = "tocsin test", .config_hash = "0123abcd"};
  engine_sink sink = mailbox_sink(&o.mail);
  assert_true(post_create(&o.out, &setup, &sink));
  o.out.now = ORIGIN;
  *state = &o;
  return 0;
}

static int close_office(void **state)
{
  office *o = *state;
  post_destroy(&o->out);
  mailbox_empty(&o->mail);
  return 0;
}

static void a_message_begins_and_ends_as_the_schemas_say(void **state)
{
  office *o = *state;
  writer *w = post_begin(&o->out, "tocsin.heartbeat.v1");
  writer_integer(w, "revision", 7);
  post_send(&o->out, (engine_message){.channel = ENGINE_HEARTBEAT});
  assert_string_equal(o->mail.of[0].about.json,
                      "{\"schema\":\"tocsin.heartbeat.v1\",\"status\":\"test\",\"issued_at\":\"2019-07-06T03:19:53.000000Z\","
                      "\"revision\":7,\"software\":\"tocsin test\",\"config\":\"0123abcd\"");
}

static void the_letter_says_when_and_why(void **state)
{
  office *o = *state;
  o->out.arrival = ORIGIN - 1;
  post_begin(&o->out, "tocsin.alert.v1");
  post_send(&o->out, (engine_message){.channel = ENGINE_ALERT_TARGET, .target = "haicheng", .expires_at = ORIGIN + 9, .sample_time = ORIGIN - 5});
  const engine_message *about = &o->mail.of[0].about;
  assert_string_equal(about->target, "haicheng");
  assert_int_equal(about->issued_at, ORIGIN);
  assert_int_equal(about->arrival, ORIGIN - 1);
  assert_int_equal(about->expires_at, ORIGIN + 9);
  assert_int_equal(about->sample_time, ORIGIN - 5);
  assert_int_equal(o->out.sent, 1);
}

static void a_message_too_long_is_logged_and_not_sent_and_the_next_one_is(void **state)
{
  office *o = *state;
  char line[1024];
  memset(line, 'x', sizeof line - 1);
  line[sizeof line - 1] = '\0';
  writer *w = post_begin(&o->out, "tocsin.event.v1");
  for (int i = 0; i < POST_CAPACITY / 1000; i++)
    writer_text(w, "text", line);
  post_send(&o->out, (engine_message){.channel = ENGINE_EVENT});
  assert_int_equal(o->mail.count, 0);
  assert_int_equal(o->out.oversized, 1);
  assert_non_null(strstr(o->mail.last_log, "event"));
  post_begin(&o->out, "tocsin.event.v1");
  post_send(&o->out, (engine_message){.channel = ENGINE_EVENT});
  assert_int_equal(o->mail.count, 1);
}

static void a_sink_without_a_log_is_none_the_worse(void **state)
{
  office *o = *state;
  o->out.sink.log = NULL;
  post_log(&o->out, 3, "nobody reads %d", 1);
  assert_int_equal(o->mail.logs, 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_office, close_office)

int main(void)
{
  const struct CMUnitTest tests[] = {
      T(a_message_begins_and_ends_as_the_schemas_say),
      T(the_letter_says_when_and_why),
      T(a_message_too_long_is_logged_and_not_sent_and_the_next_one_is),
      T(a_sink_without_a_log_is_none_the_worse),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
