#include "check_redis.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include <hiredis/hiredis.h>

#include "files.h"

/* One look at Redis as one user. */
typedef struct {
  findings *f;
  const redis_settings *settings;
  const char *subject, *user, *password_file, *user_setting, *password_setting;
  redisContext *context;
} visit;

static const char *name_of(const visit *v)
{
  return v->user[0] ? v->user : "default";
}

static const struct timeval patience = {.tv_sec = 2};

static bool connect_redis(visit *v)
{
  const redis_settings *r = v->settings;
  v->context = r->port ? redisConnectWithTimeout(r->address, (int)r->port, patience) : redisConnectUnixWithTimeout(r->address, patience);
  if (!v->context || v->context->err) {
    tell(v->f, FAULT, v->subject, "%s port %d: no connection (%s); start redis-server, or correct `redis.address` and `redis.port`", r->address,
         (int)r->port, v->context ? v->context->errstr : "memory is short");
    return false;
  }
  redisSetTimeout(v->context, patience);
  return true;
}

/* The answer, to be freed; NULL, said, if Redis is gone. */
static redisReply *ask(visit *v, int count, const char **words)
{
  redisReply *reply = redisCommandArgv(v->context, count, words, NULL);
  if (!reply)
    tell(v->f, FAULT, v->subject, "no answer to %s within 2 s (%s)", words[0], v->context->errstr);
  return reply;
}

static bool authenticate(visit *v)
{
  char *password = NULL;
  size_t length;
  if (!v->user[0] && !v->password_file[0])
    return true;
  if (v->password_file[0] && !(password = (char *)files_read(v->password_file, &length))) {
    tell(v->f, FAULT, v->subject, "%s: %s; it is named by `%s`", v->password_file, strerror(errno), v->password_setting);
    return false;
  }
  if (password)
    password[strcspn(password, "\r\n")] = 0;
  const char *words[] = {"AUTH", name_of(v), password ? password : ""};
  redisReply *reply = ask(v, 3, words);
  bool granted = reply && reply->type != REDIS_REPLY_ERROR;
  if (reply && !granted)
    tell(v->f, FAULT, v->subject, "user `%s` is refused (%s); correct `%s` and `%s`, or create the user with ACL SETUSER", words[1], reply->str,
         v->user_setting, v->password_setting);
  freeReplyObject(reply);
  free(password);
  return granted;
}

static const char *field(const redisReply *map, const char *name)
{
  for (size_t i = 0; map->type == REDIS_REPLY_ARRAY && i + 1 < map->elements; i += 2)
    if (map->element[i]->type == REDIS_REPLY_STRING && map->element[i + 1]->type == REDIS_REPLY_STRING && strcmp(map->element[i]->str, name) == 0)
      return map->element[i + 1]->str;
  return "";
}

/* HELLO is open to every user, whatever its ACL. */
static bool check_version(visit *v)
{
  redisReply *reply = ask(v, 1, (const char *[]){"HELLO"});
  if (!reply)
    return false;
  bool fit = false;
  if (reply->type == REDIS_REPLY_ERROR && strncmp(reply->str, "NOAUTH", 6) == 0)
    tell(v->f, FAULT, v->subject, "asks for a password; write it into a file (mode 0600) and name that in `%s`", v->password_setting);
  else if (strtol(field(reply, "version"), NULL, 10) < 7)
    tell(v->f, FAULT, v->subject, "version %s; the scripts need Redis 7.0 or newer", *field(reply, "version") ? field(reply, "version") : "before 6");
  else if (strcmp(field(reply, "role"), "master") != 0)
    tell(v->f, FAULT, v->subject, "is a %s, which cannot be written to; name the master in `redis.address`", field(reply, "role"));
  else
    fit = true;
  if (fit)
    tell(v->f, OK, v->subject, "%s, version %s, user %s", v->settings->address, field(reply, "version"), name_of(v));
  freeReplyObject(reply);
  return fit;
}

/* The value of a line `name:value` of INFO, "" where there is none. */
static const char *info_value(const char *info, const char *name, char value[64])
{
  const char *line = strstr(info, name);
  value[0] = 0;
  if (line)
    sscanf(line + strlen(name), ":%63[^\r\n]", value);
  return value;
}

static void check_memory_and_disk(visit *v)
{
  char limit[64], policy[64], saved[64];
  redisReply *reply = ask(v, 1, (const char *[]){"INFO"});
  if (!reply)
    return;
  if (reply->type == REDIS_REPLY_ERROR) {
    tell(v->f, NOTE, v->subject, "user %s may not read INFO, so its memory policy and disk were not looked at", name_of(v));
  } else {
    info_value(reply->str, "\nmaxmemory", limit);
    info_value(reply->str, "\nmaxmemory_policy", policy);
    info_value(reply->str, "\nrdb_last_bgsave_status", saved);
    if (strcmp(limit, "0") != 0 && strncmp(policy, "allkeys", 7) == 0)
      tell(v->f, FAULT, v->subject, "maxmemory-policy is %s, which may throw the lease and the streams away; CONFIG SET maxmemory-policy noeviction",
           policy);
    if (strcmp(saved, "err") == 0)
      tell(v->f, FAULT, v->subject, "its last snapshot failed, so it may refuse to write; see its log, and make room on its disk");
  }
  freeReplyObject(reply);
}

/* ---- may this user do what the publisher does? ---- */

/* Asks Redis for its opinion of each command; runs none. ARGV: the lease, the epoch, the channels. */
static const char permission_script[] =
    "#!lua flags=no-writes,allow-stale\n"
    "local function may(...) return redis.acl_check_cmd(...) and 1 or 0 end\n"
    "local lease, epoch, speak, publish, append = ARGV[1], ARGV[2], 0, 1, 1\n"
    "for i = 3, #ARGV do\n"
    "  local p, a = may('PUBLISH', ARGV[i], 'x'), may('XADD', ARGV[i], 'MAXLEN', '~', '1', '*', 'json', 'x')\n"
    "  speak, publish, append = math.max(speak, p, a), math.min(publish, p), math.min(append, a)\n"
    "end\n"
    "return {speak, publish, append, may('GET', lease), may('MGET', lease, epoch), may('SET', lease, 'x', 'PX', '1'), may('SET', epoch, 'x'),\n"
    "  may('PEXPIRE', lease, '1'), may('DEL', lease), may('EVALSHA', 'x', '0'), may('SCRIPT', 'LOAD', 'x'), may('PING')}\n";
/* On all channels, but for the first: on any of them. */
static const char *const permission_names[] = {"",        "PUBLISH", "XADD",    "GET",         "MGET", "SET (lease)", "SET (epoch)",
                                               "PEXPIRE", "DEL",     "EVALSHA", "SCRIPT LOAD", "PING"};
enum { PERMISSIONS = sizeof permission_names / sizeof permission_names[0], SPEAK = 0 };

/* The opinions on names that begin with `prefix`; false, said, if there are none. */
static bool permissions(visit *v, const char *prefix, bool allowed[PERMISSIONS])
{
  enum { FIXED = 5 };
  char names[FIXED + ENGINE_CHANNELS][128];
  const char *words[FIXED + ENGINE_CHANNELS] = {"EVAL", permission_script, "0", names[3], names[4]};
  snprintf(names[3], sizeof names[0], "%s:lease", prefix);
  snprintf(names[4], sizeof names[0], "%s:epoch", prefix);
  for (int i = 0; i < ENGINE_CHANNELS; i++) {
    snprintf(names[FIXED + i], sizeof names[0], "%s:%s%s", prefix, engine_channel_words[i], i == ENGINE_ALERT_TARGET ? ":x" : "");
    words[FIXED + i] = names[FIXED + i];
  }
  redisReply *reply = ask(v, FIXED + ENGINE_CHANNELS, words);
  if (!reply)
    return false;
  bool told = reply->type == REDIS_REPLY_ARRAY && reply->elements == PERMISSIONS;
  for (size_t i = 0; told && i < PERMISSIONS; i++)
    allowed[i] = reply->element[i]->integer == 1;
  if (!told)
    tell(v->f, FAULT, v->subject, "user `%s` may not run scripts (%s); ACL SETUSER %s +eval +evalsha +script|load", name_of(v),
         reply->str ? reply->str : "no list", name_of(v));
  freeReplyObject(reply);
  return told;
}

static void check_permissions(visit *v, const char *prefix)
{
  bool allowed[PERMISSIONS];
  char missing[160] = "";
  if (!permissions(v, prefix, allowed))
    return;
  for (size_t i = SPEAK + 1; i < PERMISSIONS; i++)
    if (!allowed[i])
      strcat(strcat(missing, missing[0] ? ", " : ""), permission_names[i]);
  if (missing[0])
    tell(v->f, FAULT, v->subject, "user `%s` may not use %s on %s:*; ACL SETUSER %s ~%s:* &%s:* %s", name_of(v), missing, prefix, name_of(v), prefix,
         prefix, "+publish +xadd +get +mget +set +pexpire +del +eval +evalsha +script|load +ping");
  else
    tell(v->f, OK, v->subject, "user %s may publish and append on %s:*", name_of(v), prefix);
}

static void check_stream(visit *v, const char *prefix)
{
  char key[128];
  snprintf(key, sizeof key, "%s:alert", prefix);
  redisReply *reply = ask(v, 2, (const char *[]){"TYPE", key});
  if (reply && reply->type == REDIS_REPLY_STATUS && strcmp(reply->str, "none") != 0 && strcmp(reply->str, "stream") != 0)
    tell(v->f, FAULT, v->subject, "the key %s is a %s, so no stream can have its name; delete it or choose another `redis.prefix`", key, reply->str);
  freeReplyObject(reply);
}

static void check_kept_apart(visit *v)
{
  bool allowed[PERMISSIONS];
  if (!permissions(v, v->settings->prefix, allowed))
    return;
  if (allowed[SPEAK])
    tell(v->f, FAULT, v->subject, "user `%s` may speak on the actual channels; ACL SETUSER %s resetkeys resetchannels ~%s:exercise:* &%s:exercise:*",
         v->user, v->user, v->settings->prefix, v->settings->prefix);
  else
    tell(v->f, OK, v->subject, "user %s is kept off the actual channels", v->user);
}

/* Goes through all that concerns one user, whose messages begin with `prefix`. */
static void pay(visit *v, const char *prefix, bool exercise)
{
  if (connect_redis(v) && authenticate(v) && check_version(v)) {
    check_memory_and_disk(v);
    check_permissions(v, prefix);
    check_stream(v, prefix);
    if (exercise)
      check_kept_apart(v);
  }
  if (v->context)
    redisFree(v->context);
}

void check_redis(findings *f, const redis_settings *r)
{
  char prefix[96];
  visit actual = {f, r, "redis", r->user, r->password_file, "redis.user", "redis.password_file", NULL};
  visit exercise = {f, r, "redis exercise", r->exercise_user, r->exercise_password_file, "redis.exercise_user", "redis.exercise_password_file", NULL};
  snprintf(prefix, sizeof prefix, "%s:exercise", r->prefix);
  pay(&actual, r->prefix, false);
  if (r->exercise_user[0])
    pay(&exercise, prefix, true);
  else
    tell(f, NOTE, exercise.subject, "comes as the default user, so only the daemon keeps it off the actual channels; set `redis.exercise_user`");
}
