/* settings.c: all settings of one installation: the server's own rows, the sections joined, the file read and compared with itself. */
#include "settings.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "files.h"

#define AT(type, member) .offset = offsetof(type, member)
#define TEXT_AT(type, member) .offset = offsetof(type, member), .size = sizeof((type *)0)->member

const config_row server_rows[] = {
    {"inventory", CONFIG_TEXT, "", 0, 0, "", "Folder or file of StationXML that names the stations; a relative path begins in the working directory",
     TEXT_AT(server_settings, inventory)},
    {"key", CONFIG_TEXT, "", 0, 0, "",
     "File of the signing key, made by `tocsin key create` (a relative path begins in the working directory); empty: the published exercise key",
     TEXT_AT(server_settings, key)},
    {"name", CONFIG_TEXT, "", 0, 0, "Earthquake early warning", "Name of the centre in English texts", TEXT_AT(server_settings, name)},
    {"name_zh", CONFIG_TEXT, "", 0, 0, "地震预警", "Name of the centre in Chinese texts", TEXT_AT(server_settings, name_zh)},
    {"listen_port", CONFIG_INT, "", 0, 65535, "18100", "TCP port that takes miniSEED records; 0: none", AT(server_settings, listen_port)},
    {"listen_address", CONFIG_TEXT, "", 0, 0, "127.0.0.1", "IP address of that port; 0.0.0.0 takes records from other machines",
     TEXT_AT(server_settings, listen_address)},
    {"status_interval_s", CONFIG_REAL, "s", 1, 86400, "60", "A line of health is written to the log this often",
     AT(server_settings, status_interval_s)},
    {"spectra_s", CONFIG_REAL, "s", 0, 604800, "3600", "A spectrum of each channel's noise is compared with the noise models this often; 0: never",
     AT(server_settings, spectra_s)},
    {"state", CONFIG_TEXT, "", 0, 0, "",
     "Folder in which is kept where each feed resumes after a restart (in service /var/lib/tocsin); empty: nothing is kept",
     TEXT_AT(server_settings, state)},
    {"control", CONFIG_TEXT, "", 0, 0, "/run/tocsin/control", "Unix socket on which `tocsin status` asks this daemon; empty: none",
     TEXT_AT(server_settings, control)},
    {"feed_retry_first_s", CONFIG_REAL, "s", 0.01, 60, "0.5", "First wait before a server of `feeds` is connected again; each next one is longer",
     AT(server_settings, feed_retry_first_s)},
    {"feed_retry_longest_s", CONFIG_REAL, "s", 0.1, 3600, "30", "Longest such wait", AT(server_settings, feed_retry_longest_s)},
    {0},
};

const config_row redis_rows[] = {
    {"address", CONFIG_TEXT, "", 0, 0, "127.0.0.1", "IP address of the Redis server, or the path of its Unix socket (then port 0)",
     TEXT_AT(redis_settings, address)},
    {"port", CONFIG_INT, "", 0, 65535, "6379", "TCP port of the Redis server; 0: `address` is the path of a Unix socket", AT(redis_settings, port)},
    {"user", CONFIG_TEXT, "", 0, 0, "", "Redis user of the actual service; empty: the server's default user", TEXT_AT(redis_settings, user)},
    {"password_file", CONFIG_TEXT, "", 0, 0, "",
     "File whose first line is that user's password (a relative path begins in the working directory); empty: none",
     TEXT_AT(redis_settings, password_file)},
    {"exercise_user", CONFIG_TEXT, "", 0, 0, "",
     "Redis user of exercises, whose ACL allows PREFIX:exercise:* alone; empty: the server's default user", TEXT_AT(redis_settings, exercise_user)},
    {"exercise_password_file", CONFIG_TEXT, "", 0, 0, "", "File whose first line is the exercise user's password; empty: none",
     TEXT_AT(redis_settings, exercise_password_file)},
    {"prefix", CONFIG_TEXT, "", 0, 0, "tocsin", "First part of each channel's and stream's name: letters, digits, :, - and _",
     TEXT_AT(redis_settings, prefix)},
    {"retry_first_s", CONFIG_REAL, "s", 0.01, 60, "0.2", "First wait before connecting again; each next one is longer",
     AT(redis_settings, retry_first_s)},
    {"retry_longest_s", CONFIG_REAL, "s", 0.1, 600, "10", "Longest wait before connecting again", AT(redis_settings, retry_longest_s)},
    {"queue_messages", CONFIG_INT, "", 100, 1000000, "10000", "Messages kept while Redis is away; the oldest that is no alert is dropped first",
     AT(redis_settings, queue_messages)},
    {"stream_length", CONFIG_INT, "", 100, 100000000, "100000", "Messages kept in each stream, about", AT(redis_settings, stream_length)},
    {"lease_s", CONFIG_REAL, "s", 1, 60, "3", "A leader that is silent for so long loses the right to speak to its standby",
     AT(redis_settings, lease_s)},
    {0},
};

const config_row budget_rows[] = {
    {"packet_ms", CONFIG_REAL, "ms", 0.001, 1000, "0.5", "One packet through the engine; more is counted, logged and shown",
     AT(budget_settings, packet_ms)},
    {"step_ms", CONFIG_REAL, "ms", 0.001, 1000, "2", "One step of the engine, which comes each 100 ms", AT(budget_settings, step_ms)},
    {"sign_ms", CONFIG_REAL, "ms", 0.001, 1000, "0.2", "Signing one message", AT(budget_settings, sign_ms)},
    {"handover_ms", CONFIG_REAL, "ms", 0.001, 10000, "1", "From the deciding packet's reception to the message's hand-over to Redis",
     AT(budget_settings, handover_ms)},
    {0},
};

void settings_sections(settings *s, config_section sections[SETTINGS_SECTIONS])
{
  const config_section all[SETTINGS_SECTIONS] = {
      {"server", "The daemon itself: what it serves, with which key, where it takes data", server_rows, sizeof s->server, &s->server, NULL},
      {"redis", "The Redis server that messages are published on", redis_rows, sizeof s->redis, &s->redis, NULL},
      {"budget", "What each stage may take", budget_rows, sizeof s->budget, &s->budget, NULL},
      {"recorder", "Every input on disk, so that yesterday can run again", recorder_rows, sizeof s->recorder, &s->recorder, NULL},
      {"ingest", "Packets become clean streams", ingest_rows, sizeof s->ingest, &s->ingest, NULL},
      {"paths", "By which way stations' data come: what they share may fail for all of them at once", ingest_path_rows, sizeof *s->ingest.paths,
       &s->ingest.paths, &s->ingest.paths_count},
      {"picker", "Onsets of P and S waves", picker_rows, sizeof s->picker, &s->picker, NULL},
      {"locator", "Picks become earthquakes", locator_rows, sizeof s->locator, &s->locator, NULL},
      {"regions", "Where another velocity model holds, or earthquakes are at other depths; of several the first that holds a place",
       locator_region_rows, sizeof *s->locator.regions, &s->locator.regions, &s->locator.regions_count},
      {"intensity", "Earthquakes become shaking at places", intensity_rows, sizeof s->intensity, &s->intensity, NULL},
      {"rules", "When an alert is given and updated, and to whom", engine_rule_rows, sizeof s->engine.rules, &s->engine.rules, NULL},
      {"targets", "Places that are warned", engine_target_rows, sizeof *s->engine.targets, &s->engine.targets, &s->engine.targets_count},
      {"feeds", "Servers that data are fetched from", feed_rows, sizeof *s->feeds, &s->feeds, &s->feeds_count},
      {0},
  };
  memcpy(sections, all, sizeof all);
}

/* ---- reading ---- */

/* A file and its settings, to be compared with each other. */
typedef struct {
  const settings *s;
  const char *bytes;
  size_t length;
  config_faults *faults;
} comparison;

static void compare(const comparison *c);

bool settings_read(settings *s, const char *path, config_faults *faults)
{
  config_section sections[SETTINGS_SECTIONS];
  size_t length = 0;
  memset(s, 0, sizeof *s);
  settings_sections(s, sections);
  config_defaults(sections);
  if (!path)
    return true;
  char *bytes = (char *)files_read(path, &length);
  if (!bytes) {
    char text[160];
    snprintf(text, sizeof text, "cannot be read: %s; `tocsin check --example` prints a file to begin with", strerror(errno));
    config_fault_at(faults, "", 0, "", 0, "", text);
    return false;
  }
  config_parse(sections, bytes, length, faults);
  compare(&(comparison){s, bytes, length, faults});
  free(bytes);
  return faults->count == 0;
}

char *settings_fault(const char *path, const config_fault *fault, char text[SETTINGS_FAULT_TEXT])
{
  if (fault->line == 0)
    snprintf(text, SETTINGS_FAULT_TEXT, "%s: %s", path, fault->text);
  else
    snprintf(text, SETTINGS_FAULT_TEXT, "%s:%zu:%zu: %s", path, fault->line, fault->column, fault->text);
  return text;
}

bool settings_load(settings *s, const char *path)
{
  char text[SETTINGS_FAULT_TEXT];
  config_faults faults = {0};
  bool clean = settings_read(s, path, &faults);
  for (size_t i = 0; i < faults.count; i++)
    fprintf(stderr, "%s\n", settings_fault(path, &faults.items[i], text));
  config_faults_clear(&faults);
  return clean;
}

void settings_release(settings *s)
{
  free(s->ingest.paths);
  s->ingest.paths = NULL;
  s->ingest.paths_count = 0;
  free(s->locator.regions);
  s->locator.regions = NULL;
  s->locator.regions_count = 0;
  free(s->engine.targets);
  s->engine.targets = NULL;
  s->engine.targets_count = 0;
  free(s->feeds);
  s->feeds = NULL;
  s->feeds_count = 0;
}

static void digest(void *user, const char *text, size_t length)
{
  crypto_hash_sha256_update(user, (const unsigned char *)text, length);
}

void settings_hash(settings *s, char hash[SETTINGS_HASH_TEXT])
{
  config_section sections[SETTINGS_SECTIONS];
  crypto_hash_sha256_state state;
  unsigned char bytes[crypto_hash_sha256_BYTES];
  settings_sections(s, sections);
  crypto_hash_sha256_init(&state);
  config_canonical(sections, digest, &state);
  crypto_hash_sha256_final(&state, bytes);
  sodium_bin2hex(hash, SETTINGS_HASH_TEXT, bytes, (SETTINGS_HASH_TEXT - 1) / 2);
}

/* ---- what single settings cannot show ---- */

static void fault(const comparison *c, const char *section, size_t entry, const char *name, const char *text)
{
  config_fault_at(c->faults, c->bytes, c->length, section, entry, name, text);
}

static bool consists_of(const char *text, const char *characters)
{
  return text[0] && strspn(text, characters) == strlen(text);
}

static bool is_ip(const char *text)
{
  unsigned char address[sizeof(struct in6_addr)];
  return inet_pton(AF_INET, text, address) == 1 || inet_pton(AF_INET6, text, address) == 1;
}

static void compare_server(const comparison *c)
{
  const server_settings *server = &c->s->server;
  if (server->listen_port && !is_ip(server->listen_address))
    fault(c, "server", 0, "listen_address", "`server.listen_address` must be an IP address, as 127.0.0.1 or 0.0.0.0");
  if (server->feed_retry_first_s > server->feed_retry_longest_s)
    fault(c, "server", 0, "feed_retry_first_s", "`server.feed_retry_first_s` must not exceed `server.feed_retry_longest_s`");
  if (c->s->ingest.late_after_s > c->s->ingest.dead_after_s)
    fault(c, "ingest", 0, "late_after_s", "`ingest.late_after_s` must not exceed `ingest.dead_after_s`: a station is late before it is dead");
}

static void compare_redis(const comparison *c)
{
  const redis_settings *redis = &c->s->redis;
  if (redis->port && !is_ip(redis->address))
    fault(c, "redis", 0, "address",
          "`redis.address` must be an IP address (to resolve a name would block), or the path of a Unix socket with `port: 0`");
  if (!redis->port && (!redis->address[0] || is_ip(redis->address)))
    fault(c, "redis", 0, "address", "`redis.port` is 0, so `redis.address` must be the path of a Unix socket, as /run/redis/redis-server.sock");
  if (!consists_of(redis->prefix, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:_-"))
    fault(c, "redis", 0, "prefix", "`redis.prefix` must be letters, digits, :, - and _, at least one");
  if (redis->retry_first_s > redis->retry_longest_s)
    fault(c, "redis", 0, "retry_first_s", "`redis.retry_first_s` must not exceed `redis.retry_longest_s`");
  if (redis->user[0] && strcmp(redis->user, redis->exercise_user) == 0)
    fault(c, "redis", 0, "exercise_user",
          "`redis.exercise_user` must be another user than `redis.user`: Redis keeps exercises off the actual channels by it");
}

static void compare_recorder(const comparison *c)
{
  const recorder_settings *recorder = &c->s->recorder;
  if (recorder->limit_mib < 2 * recorder->segment_mib)
    fault(c, "recorder", 0, "limit_mib", "`recorder.limit_mib` must hold two files at least, that is twice `recorder.segment_mib`");
}

static void compare_target(const comparison *c, size_t i)
{
  const engine_target *targets = c->s->engine.targets, *t = &targets[i];
  char text[200];
  if (!consists_of(t->id, "abcdefghijklmnopqrstuvwxyz0123456789_-")) {
    snprintf(text, sizeof text, "`targets.%zu.id` must be small letters, digits, - and _, it names a channel; found `%s`", i + 1, t->id);
    fault(c, "targets", i + 1, "id", text);
  }
  for (size_t j = 0; j < i; j++)
    if (strcmp(targets[j].id, t->id) == 0) {
      snprintf(text, sizeof text, "`targets.%zu.id` is `%s` as that of entry %zu; an id names one target", i + 1, t->id, j + 1);
      fault(c, "targets", i + 1, "id", text);
      break;
    }
  if (fabs(t->latitude_deg) < 1e-3 && fabs(t->longitude_deg) < 1e-3) {
    snprintf(text, sizeof text, "target `%s` lies at 0 N 0 E, in the sea off Africa: give its coordinates", t->id);
    fault(c, "targets", i + 1, "latitude_deg", text);
  }
}

static void compare_feed(const comparison *c, size_t i)
{
  char text[FEED_FAULT_TEXT];
  const char *name = feed_fault(c->s->feeds, i, text);
  if (name)
    fault(c, "feeds", i + 1, name, text);
}

static void compare_region(const comparison *c, size_t i)
{
  const locator_region *r = &c->s->locator.regions[i];
  char why[160], text[320];
  if (!locator_region_outline(r->outline, why)) {
    snprintf(text, sizeof text, "`regions.%zu.outline` of `%s`: %s", i + 1, r->name, why);
    fault(c, "regions", i + 1, "outline", text);
  }
  if (r->depth_sigma_km >= 0 && r->depth_sigma_km < 0.5)
    fault(c, "regions", i + 1, "depth_sigma_km", "`depth_sigma_km` of a region must be at least 0.5, or -1 for that of `locator`");
  double deepest = r->maximum_depth_km >= 0 ? r->maximum_depth_km : c->s->locator.maximum_depth_km;
  if (deepest > c->s->locator.maximum_depth_km)
    fault(c, "regions", i + 1, "maximum_depth_km",
          "`maximum_depth_km` of a region must not exceed `locator.maximum_depth_km`: travel times end there");
  if (r->minimum_depth_km >= 0 && r->minimum_depth_km >= deepest)
    fault(c, "regions", i + 1, "minimum_depth_km", "`minimum_depth_km` of a region must lie above its `maximum_depth_km`");
  double usual = r->default_depth_km;
  if (usual >= 0 && (usual > deepest || usual < r->minimum_depth_km))
    fault(c, "regions", i + 1, "default_depth_km", "`default_depth_km` of a region must lie between its `minimum_depth_km` and `maximum_depth_km`");
}

static void compare(const comparison *c)
{
  compare_server(c);
  compare_redis(c);
  compare_recorder(c);
  for (size_t i = 0; i < c->s->engine.targets_count; i++)
    compare_target(c, i);
  for (size_t i = 0; i < c->s->locator.regions_count; i++)
    compare_region(c, i);
  for (size_t i = 0; i < c->s->feeds_count; i++)
    compare_feed(c, i);
}
