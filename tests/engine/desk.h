/* desk.h: bulletins at work over the towns of Liaoning, with one event made by hand. */
#ifndef TOCSIN_TESTS_DESK_H
#define TOCSIN_TESTS_DESK_H

#include "bulletins.h"
#include "town.h"

extern struct desk {
  town town;
  post out; /* out.now is the time */
  bulletins *bulletins;
  locator_event event; /* told as it stands by the next desk_tell() */
} desk;

int desk_open(void **state);
int desk_close(void **state);

/* The next revision of the event, `after` seconds later. */
void desk_tell(double after);
/* Engine steps for so long. */
void desk_steps(double seconds);

/* Alert messages so far, without those to single targets. */
size_t desk_alerts(void);
void desk_assert_last_alert(const char *type, const char *code);
/* The revisions of all messages on a channel are 1, 2, 3 ... */
void desk_assert_revisions(engine_channel channel);

#endif
