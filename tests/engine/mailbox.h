/* mailbox.h: a sink that keeps what the engine says, and reads it. */
#ifndef TOCSIN_TESTS_MAILBOX_H
#define TOCSIN_TESTS_MAILBOX_H

#include <jansson.h>

#include "data.h"
#include "engine.h"

typedef struct {
  engine_message about; /* json and target are the letter's own copies */
} letter;

typedef struct {
  letter *of;
  size_t count, capacity;
  size_t logs;
  char last_log[512];
} mailbox;

engine_sink mailbox_sink(mailbox *m);
void mailbox_empty(mailbox *m);

size_t mailbox_count(const mailbox *m, engine_channel channel);
/* The n-th letter (from 0) on a channel; n < 0 counts from the last, -1. Fails the test if there is none. */
const letter *mailbox_letter(const mailbox *m, engine_channel channel, int n);
/* ... and its message; the caller lets it go with json_decref(). */
json_t *mailbox_read(const mailbox *m, engine_channel channel, int n);
json_t *letter_read(const letter *l);

/* A member by its path "reason.code". Fails the test if there is none. */
const json_t *member(const json_t *message, const char *path);
const char *text_of(const json_t *message, const char *path);
double number_of(const json_t *message, const char *path);

/* Whether two mailboxes hold the same bytes in the same order. */
void assert_same_letters(const mailbox *a, const mailbox *b);

#endif
