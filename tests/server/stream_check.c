#include "stream_check.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "data.h"
#include "signer.h"

static int64_t member(const char *message, const char *name)
{
  json_t *root = json_loads(message, JSON_REJECT_DUPLICATES, NULL);
  if (!root)
    fail_msg("this message is no JSON: %s", message);
  int64_t value = json_integer_value(json_object_get(root, name));
  json_decref(root);
  return value;
}

int64_t revision_of(const char *message)
{
  return member(message, "revision");
}

/* An entry is {id, {"json", message}}. */
static struct streamed read_entry(const redisReply *entry, const signer_keyring *ring)
{
  const redisReply *fields = entry->element[1];
  assert_int_equal(fields->elements, 2);
  assert_string_equal(fields->element[0]->str, "json");
  const redisReply *message = fields->element[1];
  return (struct streamed){.text = strdup(message->str),
                           .epoch = member(message->str, "epoch"),
                           .revision = revision_of(message->str),
                           .verified = signer_verify(ring, message->str, (size_t)message->len)};
}

struct stream stream_read(const private_redis *r, const char *name)
{
  redisContext *c = private_redis_connect(r);
  redisReply *reply = private_redis_call(c, "XRANGE", name, "-", "+", NULL);
  signer_keyring *ring = signer_keyring_load(NULL, 0, true);
  assert_int_equal(reply->type, REDIS_REPLY_ARRAY);
  struct stream s = {.count = reply->elements, .items = calloc(reply->elements + 1, sizeof *s.items)};
  for (size_t i = 0; i < s.count; i++)
    s.items[i] = read_entry(reply->element[i], ring);
  signer_keyring_destroy(ring);
  freeReplyObject(reply);
  redisFree(c);
  return s;
}

void stream_clear(struct stream *s)
{
  for (size_t i = 0; i < s->count; i++)
    free(s->items[i].text);
  free(s->items);
}

void assert_revisions_exactly(const private_redis *r, const char *name, int64_t first, int64_t last)
{
  struct stream s = stream_read(r, name);
  assert_int_equal(s.count, last - first + 1);
  for (size_t i = 0; i < s.count; i++) {
    assert_int_equal(s.items[i].revision, first + (int64_t)i);
    assert_true(s.items[i].verified);
  }
  stream_clear(&s);
}

void assert_revisions_in_order(const private_redis *r, const char *name, int64_t first, int64_t last)
{
  struct stream s = stream_read(r, name);
  int64_t next = first;
  for (size_t i = 0; i < s.count; i++) {
    if (s.items[i].revision > next)
      fail_msg("%s: revision %lld comes before %lld", name, (long long)s.items[i].revision, (long long)next);
    assert_true(s.items[i].verified);
    next += s.items[i].revision == next;
  }
  assert_int_equal(next, last + 1);
  stream_clear(&s);
}
