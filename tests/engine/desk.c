#include "desk.h"

struct desk desk;

int desk_open(void **state)
{
  (void)state;
  town_build(&desk.town, NULL);
  engine_sink sink = mailbox_sink(&desk.town.mail);
  assert_true(post_create(&desk.out, &desk.town.setup, &sink));
  desk.bulletins = bulletins_create(&desk.town.setup, &desk.out);
  assert_non_null(desk.bulletins);
  desk.event = town_event();
  desk.out.now = ORIGIN + SECONDS(5.2);
  return 0;
}

int desk_close(void **state)
{
  (void)state;
  bulletins_destroy(desk.bulletins);
  post_destroy(&desk.out);
  town_leave(&desk.town);
  return 0;
}

/* The next revision of the event, `after` seconds later. */
void desk_tell(double after)
{
  desk.out.now += SECONDS(after);
  bulletins_event(desk.bulletins, &desk.event);
  desk.event.revision++;
}

void desk_steps(double seconds)
{
  for (int64_t end = desk.out.now + SECONDS(seconds); desk.out.now < end; desk.out.now += ENGINE_STEP_NS)
    bulletins_step(desk.bulletins);
}

size_t desk_alerts(void)
{
  return mailbox_count(&desk.town.mail, ENGINE_ALERT);
}

void desk_assert_last_alert(const char *type, const char *code)
{
  json_t *alert = mailbox_read(&desk.town.mail, ENGINE_ALERT, -1);
  assert_string_equal(text_of(alert, "type"), type);
  assert_string_equal(text_of(alert, "reason.code"), code);
  json_decref(alert);
}

void desk_assert_revisions(engine_channel channel)
{
  for (size_t i = 0; i < mailbox_count(&desk.town.mail, channel); i++) {
    json_t *message = mailbox_read(&desk.town.mail, channel, (int)i);
    assert_int_equal(number_of(message, "revision"), i + 1);
    json_decref(message);
  }
}
