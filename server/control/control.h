/* control.h: the daemon asked over a Unix socket: JSON Lines, a request {"ask":"status"} a line, one answer a line. What can be asked is a table.
 *
 * On the loop, bounded in clients, in bytes and in time, so that nobody who asks can hold it up. Only for the socket's owner and group (mode 0660).
 */
#ifndef TOCSIN_CONTROL_H
#define TOCSIN_CONTROL_H

#include <stdbool.h>

#include <ev.h>
#include <jansson.h>

/* A new reference: what is answered; NULL if memory is short. */
typedef json_t *control_answer(void *user, const json_t *request);

typedef struct {
  const char *ask;
  control_answer *answer;
} control_row;

typedef struct {
  struct ev_loop *loop;
  const char *path;        /* of the socket; at most 107 bytes */
  const control_row *rows; /* ended by one without `ask`; kept by pointer */
  void *user;
} control_setup;

typedef struct control control;

/* NULL, said in the log, if the socket cannot be made: its folder is missing, or another daemon answers there. */
control *control_create(const control_setup *setup);
void control_destroy(control *c);

/* The other side: one question to the daemon that listens at `path`, blocking; a new reference to its answer, or NULL with `fault` (240 bytes). */
json_t *control_ask(const char *path, const json_t *request, char *fault);

#endif
