#include "why_source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "files.h"

/* ---- lines ---- */

bool why_read_lines(const char *path, why_take *take, void *user)
{
  size_t length;
  char *text = (char *)files_read(path, &length), *rest = NULL;
  if (!text) {
    fprintf(stderr, "tocsin why: %s: %s\n", path, strerror(errno));
    return false;
  }
  for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
    json_t *outer = json_loads(line, 0, NULL), *message = json_object_get(outer, "message");
    if (outer)
      take(user, json_incref(message ? message : outer));
    json_decref(outer);
  }
  free(text);
  return true;
}

/* ---- streams ---- */

static redisContext *connect_redis(const redis_settings *r)
{
  const struct timeval patience = {.tv_sec = 2};
  redisContext *c = r->port ? redisConnectWithTimeout(r->address, (int)r->port, patience) : redisConnectUnixWithTimeout(r->address, patience);
  if (c && !c->err) {
    redisSetTimeout(c, patience);
    return c;
  }
  fprintf(stderr, "tocsin why: Redis at %s port %d: %s; see `redis` in the configuration (--config), or give lines with --from FILE\n", r->address,
          (int)r->port, c ? c->errstr : "memory is short");
  if (c)
    redisFree(c);
  return NULL;
}

static bool is_good(redisReply *reply, const redisContext *c, const char *what)
{
  if (reply && reply->type != REDIS_REPLY_ERROR)
    return true;
  fprintf(stderr, "tocsin why: Redis: %s: %s\n", what, reply ? reply->str : c->errstr);
  return false;
}

static bool authenticate(redisContext *c, const char *user, const char *password_file)
{
  char *password = NULL;
  size_t length;
  if (!*user && !*password_file)
    return true;
  if (*password_file && !(password = (char *)files_read(password_file, &length))) {
    fprintf(stderr, "tocsin why: %s: %s\n", password_file, strerror(errno));
    return false;
  }
  if (password)
    password[strcspn(password, "\r\n")] = 0;
  redisReply *reply = redisCommand(c, "AUTH %s %s", *user ? user : "default", password ? password : "");
  bool good = is_good(reply, c, "the user is refused");
  freeReplyObject(reply);
  free(password);
  return good;
}

/* An entry: [id, [field, value, ...]]. */
static void take_entry(const redisReply *entry, why_take *take, void *user)
{
  const redisReply *fields = entry->elements == 2 ? entry->element[1] : NULL;
  for (size_t i = 0; fields && i + 1 < fields->elements; i += 2) {
    const redisReply *value = fields->element[i + 1];
    json_t *message = strcmp(fields->element[i]->str, "json") == 0 ? json_loadb(value->str, value->len, 0, NULL) : NULL;
    if (message)
      take(user, message);
  }
}

bool why_read_stream(const redis_settings *redis, bool exercise, const char *channel, unsigned count, why_take *take, void *user)
{
  redisContext *c = connect_redis(redis);
  redisReply *reply = NULL;
  if (c && authenticate(c, exercise ? redis->exercise_user : redis->user, exercise ? redis->exercise_password_file : redis->password_file))
    reply = redisCommand(c, "XREVRANGE %s:%s%s + - COUNT %u", redis->prefix, exercise ? "exercise:" : "", channel, count);
  bool good = c && !c->err && reply && is_good(reply, c, "XREVRANGE");
  for (size_t i = good ? reply->elements : 0; i-- > 0;)
    take_entry(reply->element[i], take, user);
  if (reply)
    freeReplyObject(reply);
  if (c)
    redisFree(c);
  return good;
}
