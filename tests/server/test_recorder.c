/* The whole live chain with its recorder: what tocsind said is what `tocsin replay --recording` says. */
#define _GNU_SOURCE /* pipe2 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "daemon_process.h"
#include "data.h"
#include "private_redis.h"
#include "settings.h"

enum { TRIES = 9000, PATH_TEXT = 256, PACKETS_ROOM = 16 << 20 };

struct chain {
  private_redis redis;
  daemon_process d;
  bool in_earnest;
  char quake[PATH_TEXT], records[PATH_TEXT], inventory[PATH_TEXT], recording[PATH_TEXT], lines[PATH_TEXT], to[32];
};

/* All records of the earthquake in one file. */
static void join_files(struct chain *c)
{
  char pattern[PATH_TEXT + 16];
  glob_t found;
  FILE *all = fopen(c->records, "wb");
  assert_non_null(all);
  snprintf(pattern, sizeof pattern, "%s/*.mseed", c->quake);
  assert_int_equal(glob(pattern, 0, NULL, &found), 0);
  for (size_t i = 0; i < found.gl_pathc; i++) {
    size_t length;
    char *bytes = data_read(found.gl_pathv[i], &length);
    assert_int_equal(fwrite(bytes, 1, length, all), length);
    free(bytes);
  }
  assert_int_equal(fclose(all), 0);
  globfree(&found);
}

/* An earthquake amid so many stations, 20 s after their records begin. */
static void make_earthquake(struct chain *c, int stations)
{
  char csv[PATH_TEXT];
  snprintf(csv, sizeof csv, "%s/list.csv", c->d.folder);
  FILE *file = fopen(csv, "w");
  assert_non_null(file);
  fputs("network,station,latitude_deg,longitude_deg\n", file);
  for (int i = 0; i < stations; i++)
    fprintf(file, "XX,Q%d,%.2f,%.2f\n", i, 40.5 + 0.1 * (i % 3), 122.4 + 0.15 * (i / 3));
  fclose(file);
  const char *const arguments[] = {"scenario", "--latitude", "40.6",    "--longitude", "122.6",      "--depth", "10",    "--magnitude", "6.5",
                                   "--before", "20",         "--after", "20",          "--stations", csv,       "--out", c->quake,      NULL};
  assert_int_equal(run_program("tocsin", NULL, arguments), 0);
  join_files(c);
}

/* The same configuration with a key of its own in `server`. */
static void name_key(struct chain *c)
{
  char key[PATH_TEXT];
  size_t length;
  snprintf(key, sizeof key, "%s/key", c->d.folder);
  if (access(key, F_OK) != 0)
    assert_int_equal(run_program("tocsin", NULL, (const char *const[]){"key", "create", key, NULL}), 0);
  char *text = data_read(c->d.config, &length);
  FILE *file = fopen(c->d.config, "w");
  assert_non_null(file);
  assert_memory_equal(text, "server: {", 9);
  fprintf(file, "server: {key: %s, %s", key, text + 9);
  fclose(file);
  free(text);
}

static void configure(struct chain *c, const char *recorder, const char *more)
{
  char text[2 * PATH_TEXT];
  snprintf(text, sizeof text, "recorder: {folder: \"%s\"%s}\n%s", c->recording, recorder, more);
  daemon_configure(&c->d, c->redis.socket, text);
  if (c->in_earnest)
    name_key(c);
}

static void prepare(struct chain *c, int stations)
{
  signal(SIGPIPE, SIG_IGN);
  c->in_earnest = false;
  private_redis_prepare(&c->redis);
  private_redis_start(&c->redis);
  daemon_prepare(&c->d, 1);
  snprintf(c->quake, sizeof c->quake, "%s/quake", c->d.folder);
  snprintf(c->records, sizeof c->records, "%s/records", c->d.folder);
  snprintf(c->inventory, sizeof c->inventory, "%s/quake/stations.xml", c->d.folder);
  snprintf(c->recording, sizeof c->recording, "%s/recording", c->d.folder);
  snprintf(c->lines, sizeof c->lines, "%s/lines", c->d.folder);
  snprintf(c->to, sizeof c->to, "127.0.0.1:%d", c->d.port);
  make_earthquake(c, stations);
  configure(c, "", "");
}

static void begin_virtual(struct chain *c)
{
  daemon_start(&c->d, -1, (const char *const[]){"--exercise", "--inventory", c->inventory, "--virtual-clock", NULL});
  daemon_await(&c->d, "READY=1");
}

static void end(struct chain *c)
{
  daemon_signal(&c->d, SIGTERM);
  assert_int_equal(daemon_end(&c->d), 0);
}

static void clear(struct chain *c)
{
  daemon_remove(&c->d);
  private_redis_remove(&c->redis);
}

/* The earthquake's records to the daemon's port; `options` end in NULL. */
static void play(struct chain *c, const char *const *options)
{
  const char *words[16] = {"play", "--packet", "1", "--to", c->to, c->records};
  for (size_t n = 6; *options; n++)
    words[n] = *options++;
  assert_int_equal(run_program("tocsin", NULL, words), 0);
}

/* ---- what was said: "channel message" without the message's last members, by channel ---- */

struct said {
  size_t count, room;
  char **lines;
};

static void replace(char *text, const char *what, const char *by)
{
  for (char *at = text; (at = strstr(at, what)); at += strlen(by)) {
    memmove(at + strlen(by), at + strlen(what), strlen(at + strlen(what)) + 1);
    memcpy(at, by, strlen(by));
  }
}

/* Without what tells an exercise from the same in earnest. */
static void add(struct said *s, const char *channel, const char *message, const char *until)
{
  const char *cut = strstr(message, until);
  if (!cut)
    fail_msg("no %s in %s", until, message);
  size_t length = strlen(channel) + (size_t)(cut - message) + 2;
  if (s->count == s->room)
    s->lines = realloc(s->lines, (s->room = 2 * s->room + 64) * sizeof *s->lines);
  char *line = malloc(length);
  snprintf(line, length, "%s %s", channel, message);
  replace(line, ":exercise:", ":");
  replace(line, "\"status\":\"exercise\"", "\"status\":\"actual\"");
  replace(line, "【演练】", "");
  replace(line, "EXERCISE: ", "");
  s->lines[s->count++] = line;
}

static void forget(struct said *s)
{
  for (size_t i = 0; i < s->count; i++)
    free(s->lines[i]);
  free(s->lines);
  *s = (struct said){0};
}

static int by_text(const void *left, const void *right)
{
  const redisReply *const *a = left, *const *b = right;
  return strcmp((*a)->str, (*b)->str);
}

static struct said live(struct chain *c, const char *until)
{
  struct said s = {0};
  redisContext *redis = private_redis_connect(&c->redis);
  redisReply *keys = private_redis_call(redis, "KEYS", "*", NULL);
  qsort(keys->element, keys->elements, sizeof(redisReply *), by_text);
  for (size_t i = 0; i < keys->elements; i++) {
    redisReply *stream = private_redis_call(redis, "XRANGE", keys->element[i]->str, "-", "+", NULL);
    for (size_t k = 0; stream->type == REDIS_REPLY_ARRAY && k < stream->elements; k++)
      add(&s, keys->element[i]->str, stream->element[k]->element[1]->element[1]->str, until);
    freeReplyObject(stream);
  }
  freeReplyObject(keys);
  freeReplyObject(private_redis_call(redis, "FLUSHALL", NULL));
  redisFree(redis);
  return s;
}

struct line {
  size_t number;
  char *channel, *message;
};

static int by_channel(const void *left, const void *right)
{
  const struct line *a = left, *b = right;
  int order = strcmp(a->channel, b->channel);
  return order ? order : (a->number > b->number) - (a->number < b->number);
}

/* {"data_time":"...","channel":"...","message":{...}} a line. */
static struct said sorted(char *text, const char *until)
{
  struct said s = {0};
  struct line *lines = NULL;
  size_t n = 0;
  for (char *at = text, *next; *at; at = next) {
    next = strchr(at, '\n') + 1;
    next[-1] = '\0';
    lines = realloc(lines, (n + 1) * sizeof *lines);
    lines[n] = (struct line){n, strstr(at, "\"channel\":\"") + 11, strstr(at, "\"message\":") + 10};
    *strchr(lines[n++].channel, '"') = '\0';
  }
  qsort(lines, n, sizeof *lines, by_channel);
  for (size_t i = 0; i < n; i++)
    add(&s, lines[i].channel, lines[i].message, until);
  free(lines);
  return s;
}

static struct said replayed(struct chain *c, const char *const *options, const char *until)
{
  const char *words[16] = {"replay", "--recording", c->recording};
  for (size_t n = 3; *options; n++)
    words[n] = *options++;
  assert_int_equal(run_program("tocsin", c->lines, words), 0);
  size_t length;
  char *text = data_read(c->lines, &length);
  struct said s = sorted(text, until);
  free(text);
  return s;
}

static const char tail[] = ",\"epoch\":", settings_hash_on[] = ",\"config\":";
static const char *const none[] = {NULL};

static void assert_same(const struct said *a, const struct said *b)
{
  for (size_t i = 0; i < a->count && i < b->count; i++)
    if (strcmp(a->lines[i], b->lines[i]) != 0)
      fail_msg("message %zu differs:\n%s\n%s", i, a->lines[i], b->lines[i]);
  assert_int_equal(a->count, b->count);
}

static size_t of_channel(const struct said *s, const char *channel, size_t from)
{
  size_t n = from, length = strlen(channel);
  while (n < s->count && strncmp(s->lines[n], channel, length) == 0 && s->lines[n][length] == ' ')
    n++;
  return n - from;
}

static size_t count_of(const struct said *s, const char *channel)
{
  size_t i = 0, n;
  while (i < s->count && !(n = of_channel(s, channel, i)))
    i++;
  return i < s->count ? n : 0;
}

/* On each channel one of the two goes on where the other ends. */
static void assert_one_begins_the_other(const struct said *a, const struct said *b)
{
  size_t i = 0, k = 0;
  while (i < a->count && k < b->count) {
    char channel[128];
    bool first = strcmp(a->lines[i], b->lines[k]) <= 0;
    snprintf(channel, sizeof channel, "%.*s", (int)strcspn(first ? a->lines[i] : b->lines[k], " "), first ? a->lines[i] : b->lines[k]);
    size_t in_a = of_channel(a, channel, i), in_b = of_channel(b, channel, k);
    for (size_t n = 0; n < in_a && n < in_b; n++)
      assert_string_equal(a->lines[i + n], b->lines[k + n]);
    i += in_a;
    k += in_b;
  }
}

/* ---- waiting ---- */

static void await_log(struct chain *c, const char *text)
{
  for (int i = 0; i < TRIES; i++, nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL))
    if (daemon_said(&c->d, text))
      return;
  size_t length;
  fail_msg("the log does not say \"%s\":\n%s", text, data_read(c->d.log, &length));
}

static void await_messages(struct chain *c, const char *stream, long long least)
{
  redisContext *redis = private_redis_connect(&c->redis);
  long long n = 0;
  for (int i = 0; i < TRIES && n < least; i++, nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL)) {
    redisReply *reply = private_redis_call(redis, "XLEN", stream, NULL);
    n = reply->integer;
    freeReplyObject(reply);
  }
  redisFree(redis);
  assert_true(n >= least);
}

static void await_size(const char *path, off_t least)
{
  struct stat status;
  for (int i = 0; i < TRIES; i++, nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL))
    if (stat(path, &status) == 0 && status.st_size >= least)
      return;
  fail_msg("%s does not grow to %lld bytes", path, (long long)least);
}

/* ---- what must be true ---- */

static void write_text(const char *path, const char *text)
{
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs(text, file);
  assert_int_equal(fclose(file), 0);
}

static void reload(struct chain *c, const char *rules, const char *corrections)
{
  char more[2 * PATH_TEXT], path[PATH_TEXT];
  snprintf(path, sizeof path, "%s/late.csv", c->d.folder);
  snprintf(more, sizeof more, "network,station,phase,seconds\n%s", corrections);
  write_text(path, more);
  snprintf(more, sizeof more, "locator: {corrections: \"%s\"}\n%s", path, rules);
  configure(c, "", more);
  daemon_signal(&c->d, SIGHUP);
  daemon_await(&c->d, "RELOADING=1");
  daemon_await(&c->d, "READY=1");
}

/* A region with a model of its own and a list of past earthquakes, each from a file. */
static void configure_priors(struct chain *c, const char *model, const char *past)
{
  char more[3 * PATH_TEXT];
  write_text(model, "depth_km,vp_km_s,vs_km_s\n0,5.9,3.4\n30,5.9,3.4\n30,8,4.5\n");
  write_text(past, "latitude_deg,longitude_deg\n40.6,122.8\n40.7,122.9\n");
  snprintf(more, sizeof more, "locator: {seismicity: \"%s\"}\nregions: [{name: here, outline: \"39 121, 42 121, 42 124, 39 124\", model: \"%s\"}]\n",
           past, model);
  configure(c, "", more);
}

/* The same stations in another file. */
static void touch_inventory(struct chain *c)
{
  FILE *file = fopen(c->inventory, "a");
  assert_non_null(file);
  fputs("<!-- read again -->\n", file);
  assert_int_equal(fclose(file), 0);
}

/* In earnest and real time: steps by the timer, the kernel's clock state, rules read again (once with faults), the inventory and station corrections
 * (once with faults) while the earthquake is under way. */
static void a_replay_of_the_live_chain_says_what_it_said_each_time(void **state)
{
  (void)state;
  struct chain c;
  char model[PATH_TEXT], past[PATH_TEXT];
  prepare(&c, 8);
  c.in_earnest = true;
  snprintf(model, sizeof model, "%s/model.csv", c.d.folder);
  snprintf(past, sizeof past, "%s/past.csv", c.d.folder);
  configure_priors(&c, model, past);
  daemon_start(&c.d, -1, (const char *const[]){"--inventory", c.inventory, NULL});
  daemon_await(&c.d, "READY=1");
  pid_t player = fork();
  assert_true(player >= 0);
  if (player == 0) {
    play(&c, (const char *const[]){"--now", "--from", "+9", "--until", "+35", NULL});
    _exit(0);
  }
  await_messages(&c, "tocsin:heartbeat", 10);
  reload(&c, "rules: {minimum_magnitude: strong}\n", "XX,Q0,P,0.4\n");
  assert_false(daemon_said(&c.d, "station corrections adopted"));
  reload(&c, "", "XX,Q0,P,soon\n");
  assert_true(daemon_said(&c.d, "late.csv: line 2: `XX,Q0,P,soon` lacks a field"));
  assert_true(daemon_said(&c.d, "the station corrections have faults (above): the old ones stay"));
  touch_inventory(&c);
  reload(&c,
         "feeds: [{name: relay, kind: raw, address: 127.0.0.1, port: 1, link: relay 3}]\n"
         "targets: [{id: here, name: Here, name_zh: 此, latitude_deg: 40.6, longitude_deg: 122.6}]\n",
         "XX,Q0,P,0.4\nXX,Q1,S,-0.3\nZZ,GONE,P,1\n");
  assert_true(daemon_said(&c.d, "3 station corrections adopted in place of 0"));
  assert_true(daemon_said(&c.d, "the station corrections name 1 stations that the inventory lacks: ZZ.GONE"));
  int status = -1;
  assert_int_equal(waitpid(player, &status, 0), player);
  assert_int_equal(status, 0);
  end(&c);
  assert_int_equal(unlink(model) + unlink(past), 0);
  struct said said = live(&c, tail);
  assert_true(count_of(&said, "tocsin:heartbeat") > 20);
  assert_true(count_of(&said, "tocsin:alert") > 0);
  for (int i = 0; i < 3; i++) {
    struct said again = replayed(&c, none, tail);
    assert_same(&said, &again);
    forget(&again);
  }
  forget(&said);
  clear(&c);
}

static void an_earthquake_s_alerts_are_replayed_and_kept_with_the_event(void **state)
{
  (void)state;
  struct chain c;
  prepare(&c, 8);
  begin_virtual(&c);
  play(&c, (const char *const[]){"--speed", "max", NULL});
  await_messages(&c, "tocsin:exercise:alert", 1);
  end(&c);
  struct said said = live(&c, tail), again = replayed(&c, none, tail);
  assert_true(count_of(&said, "tocsin:alert") >= 1);
  assert_same(&said, &again);
  forget(&again);

  glob_t found;
  char pattern[PATH_TEXT + 16];
  snprintf(pattern, sizeof pattern, "%s/events/*", c.recording);
  assert_int_equal(glob(pattern, 0, NULL, &found), 0);
  assert_int_equal(found.gl_pathc, 1);
  snprintf(c.recording, sizeof c.recording, "%s", found.gl_pathv[0]);
  again = replayed(&c, none, tail);
  assert_same(&said, &again);
  globfree(&found);
  forget(&again);
  forget(&said);
  clear(&c);
}

/* On purpose other rules: no alert where there was one. */
static void another_configuration_decides_anew_on_what_was_recorded(void **state)
{
  (void)state;
  struct chain c;
  prepare(&c, 8);
  begin_virtual(&c);
  play(&c, (const char *const[]){"--speed", "max", NULL});
  await_messages(&c, "tocsin:exercise:alert", 1);
  end(&c);
  configure(&c, "", "rules: {minimum_magnitude: 8}\n");
  struct said said = replayed(&c, (const char *const[]){"--config", c.d.config, NULL}, tail);
  assert_true(count_of(&said, "tocsin:event") > 0);
  assert_int_equal(count_of(&said, "tocsin:alert"), 0);
  forget(&said);
  clear(&c);
}

static void after_a_crash_the_torn_recording_replays_up_to_there_and_the_next_run_follows(void **state)
{
  (void)state;
  struct chain c;
  char current[PATH_TEXT + 16];
  struct stat status;
  prepare(&c, 8);
  snprintf(current, sizeof current, "%s/current.rec", c.recording);
  begin_virtual(&c);
  play(&c, (const char *const[]){"--speed", "max", "--until", "+30", NULL});
  await_messages(&c, "tocsin:exercise:heartbeat", 20);
  await_size(current, 200000);
  daemon_signal(&c.d, SIGKILL);
  assert_int_equal(daemon_end(&c.d), 128 + SIGKILL);
  struct said said = live(&c, tail);
  assert_int_equal(stat(current, &status), 0);
  assert_int_equal(truncate(current, status.st_size - 7), 0);
  struct said again = replayed(&c, none, tail);
  assert_true(count_of(&again, "tocsin:heartbeat") > 10);
  assert_one_begins_the_other(&said, &again);

  begin_virtual(&c);
  play(&c, (const char *const[]){"--speed", "max", "--from", "+30", NULL});
  await_messages(&c, "tocsin:exercise:heartbeat", 5);
  end(&c);
  struct said next = live(&c, tail), both = replayed(&c, none, tail);
  assert_int_equal(both.count, again.count + next.count);
  forget(&both);
  forget(&next);
  forget(&again);
  forget(&said);
  clear(&c);
}

/* The packets of the earthquake as they would come, in one piece. */
static uint8_t *packets(struct chain *c, size_t *length)
{
  struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_int_equal(bind(s, (struct sockaddr *)&any, sizeof any), 0);
  assert_int_equal(listen(s, 1), 0);
  assert_int_equal(getsockname(s, (struct sockaddr *)&any, &(socklen_t){sizeof any}), 0);
  snprintf(c->to, sizeof c->to, "127.0.0.1:%d", ntohs(any.sin_port));
  pid_t player = fork();
  assert_true(player >= 0);
  if (player == 0) {
    play(c, (const char *const[]){"--speed", "max", NULL});
    _exit(0);
  }
  int peer = accept(s, NULL, NULL), status = -1;
  uint8_t *bytes = malloc(PACKETS_ROOM);
  ssize_t n;
  for (*length = 0; (n = read(peer, bytes + *length, PACKETS_ROOM - *length)) > 0; *length += (size_t)n)
    continue;
  assert_int_equal(waitpid(player, &status, 0), player);
  assert_int_equal(status, 0);
  close(peer);
  close(s);
  return bytes;
}

static void write_all(int descriptor, const uint8_t *bytes, size_t length)
{
  for (ssize_t n; length > 0; bytes += n, length -= (size_t)n) {
    n = write(descriptor, bytes, length);
    assert_true(n > 0);
  }
}

/* Over standard input, whose end ends the daemon when all is decided. */
static struct said taken_in_two(struct chain *c, int quarters, void (*between)(struct chain *c))
{
  int ends[2];
  size_t length, half;
  uint8_t *bytes = packets(c, &length);
  half = length / 4 * (size_t)quarters;
  assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
  daemon_start(&c->d, ends[0], (const char *const[]){"--exercise", "--inventory", c->inventory, "--virtual-clock", "--stdin", NULL});
  close(ends[0]);
  write_all(ends[1], bytes, half);
  if (between)
    between(c);
  write_all(ends[1], bytes + half, length - half);
  close(ends[1]);
  assert_int_equal(daemon_end(&c->d), 0);
  free(bytes);
  return live(c, settings_hash_on);
}

/* The disk hangs until the buffer is full; then it fails, then it is full, then it is well again. */
static void let_the_disk_hang_and_fill(struct chain *c)
{
  char current[PATH_TEXT + 16];
  snprintf(current, sizeof current, "%s/current.rec", c->recording);
  await_log(c, "`recorder.buffer_mib` (1) is full");
  int reader = open(current, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  assert_true(reader >= 0);
  assert_int_equal(unlink(current), 0);
  assert_int_equal(symlink("/dev/full", current), 0);
  close(reader);
  await_log(c, "free space there");
  assert_int_equal(unlink(current), 0);
  await_log(c, "can be written again");
}

static void a_disk_that_hangs_and_then_is_full_changes_no_message_and_recording_resumes(void **state)
{
  (void)state;
  struct chain c;
  char current[PATH_TEXT + 16], folder[PATH_TEXT];
  prepare(&c, 48);
  snprintf(folder, sizeof folder, "%s", c.recording);
  c.recording[0] = '\0';
  c.d.port = 0;
  configure(&c, "", "");
  struct said without = taken_in_two(&c, 3, NULL);
  snprintf(c.recording, sizeof c.recording, "%s", folder);
  configure(&c, ", buffer_mib: 1", "");
  assert_int_equal(mkdir(c.recording, 0700), 0);
  snprintf(current, sizeof current, "%s/current.rec", c.recording);
  assert_int_equal(mkfifo(current, 0600), 0);
  struct said with = taken_in_two(&c, 3, let_the_disk_hang_and_fill);
  assert_true(count_of(&without, "tocsin:alert") >= 1);
  assert_same(&without, &with);
  assert_true(daemon_said(&c.d, "the recording goes on; it lacks "));
  struct said again = replayed(&c, none, tail);
  assert_true(count_of(&again, "tocsin:heartbeat") > 0);
  forget(&again);
  forget(&with);
  forget(&without);
  clear(&c);
}

static void read_rules_again(struct chain *c)
{
  daemon_await(&c->d, "READY=1");
  configure(c, ", segment_mib: 1", "rules: {minimum_magnitude: 4.321}\n");
  daemon_signal(&c->d, SIGHUP);
  daemon_await(&c->d, "RELOADING=1");
  daemon_await(&c->d, "READY=1");
}

/* Segments of one MiB, the first of which is deleted: what follows bears the settings that were read again in it. */
static void a_recording_that_begins_in_the_middle_starts_with_what_was_then_in_force(void **state)
{
  (void)state;
  struct chain c;
  char pattern[PATH_TEXT + 16];
  glob_t found;
  prepare(&c, 48);
  c.d.port = 0;
  configure(&c, ", segment_mib: 1", "");
  struct said said = taken_in_two(&c, 1, read_rules_again);
  snprintf(pattern, sizeof pattern, "%s/*.rec", c.recording);
  assert_int_equal(glob(pattern, 0, NULL, &found), 0);
  assert_int_equal(found.gl_pathc, 2);
  assert_int_equal(unlink(found.gl_pathv[0]), 0);
  struct said again = replayed(&c, none, tail);
  size_t heartbeats = count_of(&again, "tocsin:heartbeat"), all = count_of(&said, "tocsin:heartbeat");
  assert_in_range(heartbeats, 5, all - 5);
  static settings s;
  char hash[SETTINGS_HASH_TEXT];
  assert_true(settings_load(&s, c.d.config));
  settings_hash(&s, hash);
  settings_release(&s);
  for (size_t i = 0; i < again.count; i++)
    assert_non_null(strstr(again.lines[i], hash));
  globfree(&found);
  forget(&again);
  forget(&said);
  clear(&c);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_replay_of_the_live_chain_says_what_it_said_each_time),
      cmocka_unit_test(an_earthquake_s_alerts_are_replayed_and_kept_with_the_event),
      cmocka_unit_test(another_configuration_decides_anew_on_what_was_recorded),
      cmocka_unit_test(after_a_crash_the_torn_recording_replays_up_to_there_and_the_next_run_follows),
      cmocka_unit_test(a_recording_that_begins_in_the_middle_starts_with_what_was_then_in_force),
      cmocka_unit_test(a_disk_that_hangs_and_then_is_full_changes_no_message_and_recording_resumes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
