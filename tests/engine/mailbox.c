#include "mailbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void on_message(void *user, const engine_message *message)
{
  mailbox *m = user;
  if (m->count == m->capacity) {
    m->capacity = m->capacity ? 2 * m->capacity : 64;
    m->of = realloc(m->of, m->capacity * sizeof *m->of);
    assert_non_null(m->of);
  }
  letter *l = &m->of[m->count++];
  l->about = *message;
  l->about.json = strndup(message->json, message->length);
  l->about.target = message->target ? strdup(message->target) : NULL;
}

static void on_log(void *user, int severity, const char *text)
{
  mailbox *m = user;
  (void)severity;
  m->logs++;
  snprintf(m->last_log, sizeof m->last_log, "%s", text);
}

engine_sink mailbox_sink(mailbox *m)
{
  return (engine_sink){on_message, on_log, m};
}

void mailbox_empty(mailbox *m)
{
  for (size_t i = 0; i < m->count; i++) {
    free((char *)m->of[i].about.json);
    free((char *)m->of[i].about.target);
  }
  free(m->of);
  *m = (mailbox){0};
}

size_t mailbox_count(const mailbox *m, engine_channel channel)
{
  size_t count = 0;
  for (size_t i = 0; i < m->count; i++)
    count += m->of[i].about.channel == channel;
  return count;
}

const letter *mailbox_letter(const mailbox *m, engine_channel channel, int n)
{
  size_t wanted = n < 0 ? mailbox_count(m, channel) - (size_t)-n : (size_t)n;
  for (size_t i = 0; i < m->count; i++)
    if (m->of[i].about.channel == channel && wanted-- == 0)
      return &m->of[i];
  fail_msg("no message %d on channel %s: %zu are there", n, engine_channel_words[channel], mailbox_count(m, channel));
  return NULL;
}

json_t *letter_read(const letter *l)
{
  json_error_t error;
  char *whole = malloc(l->about.length + 2);
  assert_non_null(whole);
  memcpy(whole, l->about.json, l->about.length);
  memcpy(whole + l->about.length, "}", 2);
  json_t *message = json_loads(whole, JSON_REJECT_DUPLICATES, &error);
  if (!message)
    fail_msg("%s: %s", error.text, whole);
  free(whole);
  return message;
}

json_t *mailbox_read(const mailbox *m, engine_channel channel, int n)
{
  return letter_read(mailbox_letter(m, channel, n));
}

const json_t *member(const json_t *message, const char *path)
{
  char name[64];
  while (path) {
    const char *dot = strchr(path, '.');
    snprintf(name, sizeof name, "%.*s", dot ? (int)(dot - path) : (int)strlen(path), path);
    message = json_object_get(message, name);
    if (!message)
      fail_msg("no member %s", path);
    path = dot ? dot + 1 : NULL;
  }
  return message;
}

const char *text_of(const json_t *message, const char *path)
{
  const json_t *value = member(message, path);
  if (!json_is_string(value))
    fail_msg("%s is no text", path);
  return json_string_value(value);
}

double number_of(const json_t *message, const char *path)
{
  const json_t *value = member(message, path);
  if (!json_is_number(value))
    fail_msg("%s is no number", path);
  return json_number_value(value);
}

void assert_same_letters(const mailbox *a, const mailbox *b)
{
  assert_int_equal(a->count, b->count);
  for (size_t i = 0; i < a->count; i++)
    assert_string_equal(a->of[i].about.json, b->of[i].about.json);
}
