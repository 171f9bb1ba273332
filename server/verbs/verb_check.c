/* verb_check.c: `tocsin check`: everything that can be wrong before the daemon starts, in one go, each fault with its remedy. */
#include "verbs.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check_feeds.h"
#include "check_inventory.h"
#include "check_redis.h"
#include "clock.h"
#include "files.h"
#include "settings.h"
#include "signer.h"

static const char help[] =
    "usage: tocsin check [OPTION...] [FILE...]\n"
    "\n"
    "Validates the configuration, and that what it names is there and fit for service: the signing key, the velocity model, the station\n"
    "corrections, the inventory, the feeds' files, Redis and the clock. Nothing is changed or written. All faults are found in one run, a line each\n"
    "on stdout: `ok`, `note` (worth knowing, no fault) or `fault` with its remedy, as FILE:LINE:COLUMN where it lies in the configuration.\n"
    "\n"
    "FILEs are miniSEED recordings of the inventory's stations, a few quiet minutes of each and an earthquake at best. They show channels that the\n"
    "inventory lacks, times outside its epochs, other rates than it states, components that are silent, dead or exchanged, and gains that disagree "
    "with\n"
    "the noise of the sensor's other channels or of the nearest like ones.\n"
    "\n"
    "  --config FILE     the configuration; without it the defaults are checked\n"
    "  --inventory DIR   StationXML (a folder or one file) in place of `server.inventory`\n"
    "  --no-redis        leaves Redis alone\n"
    "  --feeds           tries the feeds' servers, too: name, connection, TLS, authentication, selections, the first record; at most 20 s\n"
    "  --example         prints a configuration file with every setting, its help, unit, range and default, and does nothing else\n"
    "  --help            this text\n"
    "\n"
    "Relative paths, here and in the configuration, begin in the working directory.\n"
    "Exit status: 0 no fault, 1 faults, 2 called wrongly.\n";

typedef struct {
  const char *config, *inventory;
  char **recordings;
  size_t recordings_count;
  bool no_redis, feeds, example, help;
} check_options;

static bool read_options(int argc, char **argv, check_options *o);
static bool are_recordings(const check_options *o);
static bool print_example(void);
static size_t check(const check_options *o, settings *s);

int verb_check(int argc, char **argv)
{
  static settings s; /* large */
  check_options options = {0};
  if (!read_options(argc, argv, &options))
    return 2;
  if (options.help)
    return fputs(help, stdout) < 0;
  if (options.example)
    return print_example() ? 0 : 1;
  size_t faults = check(&options, &s);
  settings_release(&s);
  return fflush(stdout) != 0 || faults > 0;
}

static bool read_options(int argc, char **argv, check_options *o)
{
  enum { CONFIG = 256, INVENTORY, NO_REDIS, FEEDS, EXAMPLE };
  static const struct option known[] = {{"config", required_argument, NULL, CONFIG},
                                        {"inventory", required_argument, NULL, INVENTORY},
                                        {"no-redis", no_argument, NULL, NO_REDIS},
                                        {"feeds", no_argument, NULL, FEEDS},
                                        {"example", no_argument, NULL, EXAMPLE},
                                        {"help", no_argument, NULL, 'h'},
                                        {0}};
  for (int option; (option = getopt_long(argc, argv, "h", known, NULL)) != -1;) {
    if (option == '?')
      return false;
    o->config = option == CONFIG ? optarg : o->config;
    o->inventory = option == INVENTORY ? optarg : o->inventory;
    o->no_redis |= option == NO_REDIS;
    o->feeds |= option == FEEDS;
    o->example |= option == EXAMPLE;
    o->help |= option == 'h';
  }
  o->recordings = argv + optind;
  o->recordings_count = (size_t)(argc - optind);
  return are_recordings(o);
}

/* The slip that is likely. */
static bool are_recordings(const check_options *o)
{
  for (size_t i = 0; i < o->recordings_count; i++)
    if (strstr(o->recordings[i], ".yaml") || strstr(o->recordings[i], ".yml")) {
      fprintf(stderr, "tocsin check: `%s` is no recording; `--config FILE` names the configuration\n", o->recordings[i]);
      return false;
    }
  return true;
}

static void print(void *user, const char *text, size_t length)
{
  fwrite(text, 1, length, user);
}

static bool print_example(void)
{
  static settings s;
  config_section sections[SETTINGS_SECTIONS];
  settings_sections(&s, sections);
  config_example(sections, print, stdout);
  return fflush(stdout) == 0;
}

/* ---- what the configuration names ---- */

static void check_configuration(findings *f, const char *path, settings *s)
{
  char hash[SETTINGS_HASH_TEXT], text[SETTINGS_FAULT_TEXT];
  config_faults faults = {0};
  if (settings_read(s, path, &faults)) {
    settings_hash(s, hash);
    tell(f, OK, "configuration", "%s, %zu targets, hash %s", path ? path : "the defaults", s->engine.targets_count, hash);
  }
  for (size_t i = 0; i < faults.count; i++)
    tell(f, FAULT, "configuration", "%s", settings_fault(path, &faults.items[i], text));
  config_faults_clear(&faults);
  if (!s->engine.targets_count && !s->engine.rules.targets_from_stations)
    tell(f, FAULT, "targets", "there are none, and `rules.targets_from_stations` is false: nobody would be warned; list some in `targets`");
}

static void check_key(findings *f, const char *path)
{
  if (!path[0]) {
    tell(f, NOTE, "key",
         "none is configured: messages are signed with the published exercise key, which is refused for actual service; "
         "`tocsin key create FILE` makes one for `server.key`");
    return;
  }
  signer *key = signer_load(path);
  if (!key)
    tell(f, FAULT, "key", "%s: see the line on stderr", path);
  else if (signer_is_exercise(key))
    tell(f, FAULT, "key", "%s holds the published exercise key; make one with `tocsin key create FILE`", path);
  else
    tell(f, OK, "key", "%s, key id %s", path, signer_key_id(key));
  signer_destroy(key);
}

static void check_model(findings *f, const char *setting, const char *name)
{
  locator_model model;
  char why[160] = "";
  size_t length;
  if (locator_model_named(name, &model)) {
    tell(f, OK, "model", "%s, %zu nodes", name, model.count);
    return;
  }
  char *bytes = (char *)files_read(name, &length);
  if (!bytes)
    tell(f, FAULT, "model", "`%s` is `%s`: neither a model that ships (iasp91, north-china) nor a file that can be read (%s)", setting, name,
         strerror(errno));
  else if (!locator_model_parse(bytes, length, &model, why))
    tell(f, FAULT, "model", "%s: %s", name, why);
  else
    tell(f, OK, "model", "%s, %zu nodes", name, model.count);
  free(bytes);
}

static void check_regions(findings *f, const locator_settings *s)
{
  char setting[40];
  for (size_t i = 0; i < s->regions_count; i++) {
    snprintf(setting, sizeof setting, "regions.%zu.model", i + 1);
    if (*s->regions[i].model)
      check_model(f, setting, s->regions[i].model);
  }
}

static void check_seismicity(findings *f, const locator_settings *s)
{
  char why[160] = "";
  size_t length;
  if (!*s->seismicity)
    return;
  char *bytes = (char *)files_read(s->seismicity, &length);
  locator_seismicity *read = bytes ? locator_seismicity_parse(bytes, length, s->seismicity_kernel_km, s->seismicity_floor, why) : NULL;
  if (!bytes)
    tell(f, FAULT, "seismicity", "`locator.seismicity` is `%s`: %s; name a CSV file of latitude_deg,longitude_deg, or leave it empty", s->seismicity,
         strerror(errno));
  else if (!read)
    tell(f, FAULT, "seismicity", "%s: %s", s->seismicity, why);
  else
    tell(f, OK, "seismicity", "%s, %zu earthquakes", s->seismicity, locator_seismicity_count(read));
  locator_seismicity_destroy(read);
  free(bytes);
}

/* A table that cannot be read is told without its stations being held against the inventory. */
static void check_corrections(findings *f, const char *path, const char *inventory_path)
{
  char why[160] = "", first[LOCATOR_SITE_TEXT];
  size_t length;
  if (!*path)
    return;
  char *bytes = (char *)files_read(path, &length);
  locator_corrections *read = bytes ? locator_corrections_parse(bytes, length, why) : NULL;
  if (!bytes)
    tell(f, FAULT, "corrections", "`locator.corrections` is `%s`: %s; name a CSV file of network,station,phase,seconds, or leave it empty", path,
         strerror(errno));
  else if (!read)
    tell(f, FAULT, "corrections", "%s: %s", path, why);
  else
    tell(f, OK, "corrections", "%s, %zu of them", path, locator_corrections_count(read));
  ingest_inventory *inventory = read && *inventory_path ? files_inventory(inventory_path) : NULL;
  size_t strangers = inventory ? locator_corrections_strangers(read, inventory, first) : 0;
  if (strangers > 0)
    tell(f, NOTE, "corrections", "%s: %zu of its stations are not in the inventory, %s first: their lines have no effect", path, strangers, first);
  ingest_inventory_destroy(inventory);
  locator_corrections_destroy(read);
  free(bytes);
}

/* ---- clock ---- */

static void check_clock(findings *f)
{
  int64_t offset;
  if (clock_state(&offset) == ENGINE_CLOCK_SYNCHRONISED)
    tell(f, OK, "clock", "synchronised");
  else
    tell(f, NOTE, "clock", "is not known to be synchronised, so seconds of warning may be wrong; run chrony and see `chronyc tracking`");
}

/* ---- all ---- */

static size_t check(const check_options *o, settings *s)
{
  findings f = {0};
  check_configuration(&f, o->config, s);
  check_key(&f, s->server.key);
  check_model(&f, "locator.model", s->locator.model);
  check_regions(&f, &s->locator);
  check_seismicity(&f, &s->locator);
  check_corrections(&f, s->locator.corrections, o->inventory ? o->inventory : s->server.inventory);
  check_inventory(&f, o->inventory ? o->inventory : s->server.inventory, clock_now(), o->recordings, o->recordings_count);
  check_feeds(&f, s);
  if (o->feeds)
    check_servers(&f, s);
  if (!o->no_redis)
    check_redis(&f, &s->redis);
  check_clock(&f);
  printf("faults: %zu\n", f.faults);
  return f.faults;
}
