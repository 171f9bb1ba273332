/* tocsin watch: follows the channels in a terminal, verifying signatures. */
#include "verbs.h"

#include <getopt.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "files.h"
#include "settings.h"
#include "signer.h"
#include "watch_demo.h"
#include "watch_link.h"
#include "watch_screen.h"

enum { KEYS = 16, TURN_MS = 100 };
static const int64_t silence_ns = 3 * INGEST_SECOND;

typedef struct {
  const char *config, *redis, *truth;
  const char *patterns[WATCH_PATTERNS];
  char *keys[KEYS];
  size_t patterns_count, keys_count;
  bool exercise, json, help;
  int colour;              /* -1: by the terminal */
  double shift_s, until_s; /* until_s 0: for ever */
} watch_options;

typedef struct {
  watch_options options;
  settings settings;
  char prefix[96], address[256], password[256];
  char own_patterns[ENGINE_CHANNELS][160];
  watch_link_setup setup;
  signer_keyring *keyring;
  watch_screen screen;
  watch_demo *demo;
  int64_t began, last_heartbeat, newest; /* monotonic, monotonic, newest issued_at */
  bool silent;
} watcher;

static volatile sig_atomic_t stop;

static const char help[] =
    "usage: tocsin watch [OPTION...]\n\n"
    "Follows the channels of a tocsind in a terminal: a line a message, each signature verified. What was published while the link to Redis\n"
    "was broken is read from the streams afterwards. Ends at ^C.\n\n"
    "  --config FILE      settings: Redis, user, prefix, model\n"
    "  --redis WHERE      HOST:PORT, or the path of a Unix socket, instead of the settings'\n"
    "  --exercise         the channels of exercises and replays, and the published exercise key\n"
    "  --key FILE.pub     a public key to trust (again for more); default: the settings' own\n"
    "  --channel NAME     or a pattern as PSUBSCRIBE takes it (again for more); default: all channels of the prefix\n"
    "  --json             the messages themselves, one a line, only those with a valid signature\n"
    "  --color, --no-color  default: colour on a terminal\n"
    "  --truth EVENT.json compares with the true origin (GeoJSON) and ends with a summary\n"
    "  --shift S          seconds that were added to the recordings' times, and so to the truth's\n"
    "  --until-final S    ends when the alert is final, or S seconds after the true origin (without --truth: after the start)\n\n"
    "Exit status: 0 ended as wanted; 1 Redis or a key was no use, or with --truth: no alert, a false one, or a bad signature; 2 called wrongly.\n";

static bool read_options(int argc, char **argv, watch_options *o);
static bool prepare(watcher *w);
static void follow(watcher *w);
static void end(int signal_number);

int verb_watch(int argc, char **argv)
{
  static watcher w; /* settings are large */
  if (!read_options(argc, argv, &w.options))
    return 2;
  if (w.options.help) {
    fputs(help, stdout);
    return 0;
  }
  int status = 1;
  if (prepare(&w)) {
    signal(SIGINT, end);
    signal(SIGTERM, end);
    follow(&w);
    status = w.demo && !watch_demo_summary(w.demo, &w.screen) ? 1 : 0;
    watch_screen_close(&w.screen);
  }
  watch_demo_close(w.demo);
  signer_keyring_destroy(w.keyring);
  settings_release(&w.settings);
  return status;
}

static void end(int signal_number)
{
  (void)signal_number;
  stop = 1;
}

static bool read_number(const char *name, const char *text, double *value)
{
  char *rest;
  *value = strtod(text, &rest);
  if (rest != text && !*rest && isfinite(*value))
    return true;
  fprintf(stderr, "tocsin watch: --%s wants a number of seconds, not `%s`\n", name, text);
  return false;
}

static bool add_text(const char *name, const char **list, size_t *count, size_t most, const char *text)
{
  if (*count == most) {
    fprintf(stderr, "tocsin watch: at most %zu times --%s\n", most, name);
    return false;
  }
  list[(*count)++] = text;
  return true;
}

static bool take_option(watch_options *o, int option)
{
  switch (option) {
  case 'c':
    o->config = optarg;
    return true;
  case 'r':
    o->redis = optarg;
    return true;
  case 'e':
    o->exercise = true;
    return true;
  case 'k':
    return add_text("key", (const char **)o->keys, &o->keys_count, KEYS, optarg);
  case 'p':
    return add_text("channel", o->patterns, &o->patterns_count, WATCH_PATTERNS, optarg);
  case 'j':
    o->json = true;
    return true;
  case 'y':
  case 'n':
    o->colour = option == 'y';
    return true;
  case 't':
    o->truth = optarg;
    return true;
  case 's':
    return read_number("shift", optarg, &o->shift_s);
  case 'u':
    return read_number("until-final", optarg, &o->until_s);
  case 'h':
    o->help = true;
    return true;
  default:
    return false;
  }
}

static bool read_options(int argc, char **argv, watch_options *o)
{
  static const struct option names[] = {{"config", required_argument, NULL, 'c'},
                                        {"redis", required_argument, NULL, 'r'},
                                        {"exercise", no_argument, NULL, 'e'},
                                        {"key", required_argument, NULL, 'k'},
                                        {"channel", required_argument, NULL, 'p'},
                                        {"json", no_argument, NULL, 'j'},
                                        {"color", no_argument, NULL, 'y'},
                                        {"no-color", no_argument, NULL, 'n'},
                                        {"truth", required_argument, NULL, 't'},
                                        {"shift", required_argument, NULL, 's'},
                                        {"until-final", required_argument, NULL, 'u'},
                                        {"help", no_argument, NULL, 'h'},
                                        {0}};
  o->colour = -1;
  for (int option; (option = getopt_long(argc, argv, "", names, NULL)) != -1;)
    if (!take_option(o, option)) {
      fputs("`tocsin watch --help` lists the options\n", stderr);
      return false;
    }
  if (optind == argc)
    return true;
  fprintf(stderr, "tocsin watch: `%s` is no option; channels are named with --channel\n", argv[optind]);
  return false;
}

/* "HOST:PORT" or a path; the settings' own otherwise. */
static bool find_redis(watcher *w)
{
  const redis_settings *redis = &w->settings.redis;
  const char *where = w->options.redis, *colon = where ? strrchr(where, ':') : NULL;
  snprintf(w->address, sizeof w->address, "%s", where ? where : redis->address);
  w->setup.port = where ? 0 : (int)redis->port;
  w->setup.address = w->address;
  if (!colon || strchr(where, '/'))
    return true;
  char *rest;
  long port = strtol(colon + 1, &rest, 10);
  if (*rest || port < 1 || port > 65535) {
    fprintf(stderr, "tocsin watch: --redis wants HOST:PORT with a port of 1..65535, or a socket's path, not `%s`\n", where);
    return false;
  }
  w->address[colon - where] = '\0';
  w->setup.port = (int)port;
  return true;
}

static bool read_password(watcher *w)
{
  const redis_settings *redis = &w->settings.redis;
  const char *path = w->options.exercise ? redis->exercise_password_file : redis->password_file;
  w->setup.user = w->options.exercise ? redis->exercise_user : redis->user;
  w->setup.password = w->password;
  if (!*path)
    return true;
  size_t length;
  char *text = (char *)files_read(path, &length);
  if (!text) {
    fprintf(stderr, "tocsin watch: cannot read the password of Redis in %s\n", path);
    return false;
  }
  snprintf(w->password, sizeof w->password, "%.*s", (int)strcspn(text, "\r\n"), text);
  free(text);
  return true;
}

/* By default all channels of the prefix: the seven, and those of single targets. */
static void choose_channels(watcher *w)
{
  watch_options *o = &w->options;
  snprintf(w->prefix, sizeof w->prefix, "%s:%s", w->settings.redis.prefix, o->exercise ? "exercise:" : "");
  w->setup.prefix = w->prefix;
  for (engine_channel c = 0; c < ENGINE_CHANNELS && !o->patterns_count; c++) {
    snprintf(w->own_patterns[c], sizeof w->own_patterns[c], "%s%s%s", w->prefix, engine_channel_words[c], c == ENGINE_ALERT_TARGET ? ":*" : "");
    w->setup.patterns_count++;
  }
  for (size_t i = 0; i < w->setup.patterns_count; i++)
    o->patterns[o->patterns_count++] = w->own_patterns[i];
  w->setup.patterns = o->patterns;
  w->setup.patterns_count = o->patterns_count;
}

/* Without --key, the public half of the key that the settings name, where there is one. */
static bool gather_keys(watcher *w)
{
  static char own[600];
  watch_options *o = &w->options;
  snprintf(own, sizeof own, "%s.pub", w->settings.server.key);
  if (!o->keys_count && *w->settings.server.key && access(own, R_OK) == 0)
    o->keys[o->keys_count++] = own;
  if (!o->keys_count && !o->exercise) {
    fputs("tocsin watch: no public key to verify with; name the daemon's with --key FILE.pub\n", stderr);
    return false;
  }
  w->keyring = signer_keyring_load(o->keys, o->keys_count, o->exercise);
  return w->keyring != NULL;
}

static bool prepare(watcher *w)
{
  const watch_options *o = &w->options;
  if (!settings_load(&w->settings, o->config) || !find_redis(w) || !read_password(w) || !gather_keys(w))
    return false;
  choose_channels(w);
  if (o->truth && !(w->demo = watch_demo_open(o->truth, o->shift_s, &w->settings.locator)))
    return false;
  bool terminal = isatty(STDOUT_FILENO);
  if (!watch_screen_open(&w->screen, stdout, o->colour < 0 ? terminal : o->colour, w->demo ? watch_demo_origin(w->demo) : 0))
    return false;
  w->screen.progress = terminal && !o->json;
  return true;
}

static engine_channel kind_of(const json_t *body)
{
  static const char *const schemas[ENGINE_CHANNELS] = {
      [ENGINE_ALERT] = "tocsin.alert.v1",     [ENGINE_ALERT_TARGET] = "tocsin.alert-target.v1", [ENGINE_EVENT] = "tocsin.event.v1",
      [ENGINE_REPORT] = "tocsin.report.v1",   [ENGINE_INTENSITY] = "tocsin.intensity.v1",       [ENGINE_PICK] = "tocsin.pick.v1",
      [ENGINE_STATION] = "tocsin.station.v1", [ENGINE_HEARTBEAT] = "tocsin.heartbeat.v1"};
  for (engine_channel kind = 0; kind < ENGINE_CHANNELS; kind++)
    if (strcmp(watch_text(body, "schema"), schemas[kind]) == 0)
      return kind;
  return ENGINE_CHANNELS;
}

static void show(watcher *w, const watch_message *message)
{
  char remark[128] = "";
  if (w->demo)
    watch_demo_message(w->demo, message, remark, sizeof remark);
  watch_screen_message(&w->screen, message, remark);
}

static void hear_heartbeat(watcher *w)
{
  if (w->silent)
    watch_screen_notice(&w->screen, false, "the heartbeat is back");
  w->silent = false;
  w->last_heartbeat = clock_monotonic();
}

static void receive(void *user, const char *channel, const char *json, size_t length, bool missed)
{
  watcher *w = user;
  if (!json) {
    if (!w->options.json)
      watch_screen_notice(&w->screen, false, channel);
    return;
  }
  bool genuine = signer_verify(w->keyring, json, length);
  json_t *body = genuine ? json_loadb(json, length, 0, NULL) : NULL;
  watch_message message = {channel, kind_of(body), body, watch_time(body, "issued_at"), genuine, missed};
  if (message.genuine && message.issued_at > w->newest)
    w->newest = message.issued_at;
  if (message.genuine && message.kind == ENGINE_HEARTBEAT && !missed)
    hear_heartbeat(w);
  if (w->options.json && message.genuine) {
    fwrite(json, 1, length, stdout);
    putchar('\n');
    fflush(stdout);
  } else if (!w->options.json) {
    show(w, &message);
  } else {
    fprintf(stderr, "tocsin watch: %s: a message without a valid signature of a trusted key\n", channel);
  }
  json_decref(body);
}

static void listen_for_silence(watcher *w, const watch_link *link)
{
  if (!watch_link_up(link)) {
    w->last_heartbeat = clock_monotonic();
  } else if (!w->silent && clock_monotonic() - w->last_heartbeat > silence_ns) {
    w->silent = true;
    if (!w->options.json)
      watch_screen_notice(&w->screen, true, "no heartbeat for 3 s: the daemon is dead or cut off");
  }
}

/* The newest message tells the time, so that it is right with a virtual clock, too. */
static void show_waiting(watcher *w)
{
  char text[64], utc[INGEST_TIME_TEXT];
  if (!w->newest)
    snprintf(text, sizeof text, "waiting for the first message");
  else if (w->demo)
    snprintf(text, sizeof text, "T%+.0f s, listening", (double)(w->newest - watch_demo_origin(w->demo)) / (double)INGEST_SECOND);
  else
    snprintf(text, sizeof text, "%.8s UTC, listening", ingest_time_format(w->newest, utc) + 11);
  watch_screen_waiting(&w->screen, text);
}

static bool over(const watcher *w)
{
  if (stop || (w->demo && watch_demo_over(w->demo)))
    return true;
  if (w->options.until_s <= 0)
    return false;
  int64_t limit = (int64_t)(w->options.until_s * (double)INGEST_SECOND);
  return w->demo ? w->newest - watch_demo_origin(w->demo) > limit : clock_monotonic() - w->began > limit;
}

static void follow(watcher *w)
{
  watch_link *link = watch_link_create(&w->setup, receive, w);
  if (!link) {
    fputs("tocsin watch: memory is short\n", stderr);
    return;
  }
  w->began = w->last_heartbeat = clock_monotonic();
  while (!over(w)) {
    watch_link_turn(link, TURN_MS);
    listen_for_silence(w, link);
    show_waiting(w);
  }
  watch_screen_waiting(&w->screen, "");
  watch_link_destroy(link);
}
