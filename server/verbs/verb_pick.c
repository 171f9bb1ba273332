/* tocsin pick: the picker alone, over recordings in the order in which a live feed would have brought them. */
#include "verbs.h"

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive.h"
#include "files.h"
#include "settings.h"

static const char help[] =
    "usage: tocsin pick [OPTION...] FILE...\n"
    "\n"
    "Onsets of P and S in miniSEED files, as the daemon would have picked them (S whatever picker.s_picks says). Without an inventory each channel\n"
    "counts as a velocity sensor of gain 1.\n"
    "\n"
    "  --inventory DIR   StationXML (a folder or one file): gains and units; channels that are not in it are left out\n"
    "  --packet S        cuts records at multiples of S seconds of UTC (1)\n"
    "  --config FILE     settings of the picker (the defaults)\n"
    "  --help            this text\n"
    "\n"
    "CSV on stdout, in the order of emission: network,station,location,channel,phase,time_utc,emitted_utc,uncertainty_s,snr,polarity. `channel` is "
    "the\n"
    "vertical; `emitted_utc` is the time of the last sample that the pick needed; `polarity` is up, down or empty where it is unclear. Picks that\n"
    "later samples took back stay in, as they were sent; how many is said on stderr.\n"
    "Exit status: 0 done, 1 a file or setting could not be read, 2 called wrongly.\n";

typedef struct {
  const char *config, *inventory;
  double packet_s;
  bool help;
} pick_options;

typedef struct {
  const ingest_inventory *inventory;
  const picker_settings *settings;
  picker **pickers; /* one a sensor, made at its first samples */
  double *rates;    /* for which each was made */
  char (*verticals)[9];
  uint64_t withdrawn, refused;
  bool failed;
} pick_run;

static bool read_options(int argc, char **argv, pick_options *o);
static ingest_inventory *inventory_of(const pick_options *o, const archive *a);
static int pick_all(const archive *a, const ingest_inventory *inventory, const settings *s);

int verb_pick(int argc, char **argv)
{
  static settings s; /* large */
  pick_options options = {.packet_s = 1};
  if (!read_options(argc, argv, &options))
    return 2;
  if (options.help)
    return fputs(help, stdout) < 0;
  if (optind >= argc) {
    fputs("tocsin pick: no file given; say which miniSEED files to pick\n", stderr);
    return 2;
  }
  if (!settings_load(&s, options.config))
    return 1;
  s.picker.s_picks = true; /* the setting is the locator's choice */
  int status = 1;
  const archive_options reading = {.packet_s = options.packet_s};
  archive *a = archive_open(argv + optind, (size_t)(argc - optind), &reading);
  ingest_inventory *inventory = a ? inventory_of(&options, a) : NULL;
  if (inventory)
    status = pick_all(a, inventory, &s);
  ingest_inventory_destroy(inventory);
  archive_close(a);
  settings_release(&s);
  return status;
}

static bool read_packet(const char *text, pick_options *o)
{
  char *end;
  o->packet_s = strtod(text, &end);
  if (*end == '\0' && o->packet_s > 0 && o->packet_s <= 3600)
    return true;
  fprintf(stderr, "tocsin pick: --packet %s: give seconds, more than 0 and at most 3600\n", text);
  return false;
}

static bool read_options(int argc, char **argv, pick_options *o)
{
  enum { CONFIG = 256, INVENTORY, PACKET };
  static const struct option known[] = {{"config", required_argument, NULL, CONFIG},
                                        {"inventory", required_argument, NULL, INVENTORY},
                                        {"packet", required_argument, NULL, PACKET},
                                        {"help", no_argument, NULL, 'h'},
                                        {0}};
  for (int option; (option = getopt_long(argc, argv, "h", known, NULL)) != -1;) {
    if (option == '?' || (option == PACKET && !read_packet(optarg, o)))
      return false;
    o->config = option == CONFIG ? optarg : o->config;
    o->inventory = option == INVENTORY ? optarg : o->inventory;
    o->help |= option == 'h';
  }
  return true;
}

static const double nowhere_deg = 90; /* picks need no place */

/* Each channel of the records as a velocity sensor of gain 1. */
static ingest_inventory *inventory_of_records(const archive *a)
{
  ingest_inventory *inventory = ingest_inventory_create();
  ingest_codes last = {0};
  for (size_t i = 0; inventory && i < archive_count(a); i++) {
    const ingest_record *record = &archive_at(a, i)->record;
    if (memcmp(&record->codes, &last, sizeof last) == 0)
      continue;
    last = record->codes;
    const ingest_epoch epoch = {
        .start = INT64_MIN, .end = INT64_MAX, .gain = 1, .rate = record->rate, .azimuth_deg = NAN, .dip_deg = NAN, .unit = INGEST_UNIT_VELOCITY};
    ingest_inventory_add_channel(inventory, &last, nowhere_deg, 0, 0, 0, &epoch);
  }
  if (inventory)
    ingest_inventory_seal(inventory, NULL, NULL);
  return inventory;
}

static ingest_inventory *inventory_of(const pick_options *o, const archive *a)
{
  ingest_inventory *inventory = o->inventory ? files_inventory(o->inventory) : inventory_of_records(a);
  if (!inventory && !o->inventory)
    fputs("tocsin pick: memory is short\n", stderr);
  return inventory;
}

static void print_pick(void *user, const picker_pick *pick)
{
  pick_run *run = user;
  const ingest_sensor *sensor = ingest_inventory_sensor(run->inventory, (size_t)pick->sensor);
  char time[INGEST_TIME_TEXT], emitted[INGEST_TIME_TEXT];
  const char *polarity = pick->polarity > 0 ? "up" : pick->polarity < 0 ? "down" : "";
  printf("%s,%s,%s,%s,%c,%s,%s,%.3f,%.1f,%s\n", sensor->codes.network, sensor->codes.station, sensor->codes.location, run->verticals[pick->sensor],
         pick->phase, ingest_time_format(pick->time, time), ingest_time_format(pick->data_until, emitted), (double)pick->uncertainty_s,
         (double)pick->snr, polarity);
}

static void count_withdrawal(void *user, const picker_withdraw *withdraw)
{
  (void)withdraw;
  ((pick_run *)user)->withdrawn++;
}

/* A picker made for a lower rate gives way to one that can take this. */
static picker *picker_for(pick_run *run, const ingest_samples *samples)
{
  picker **p = &run->pickers[samples->sensor];
  if (*p && samples->rate <= run->rates[samples->sensor])
    return *p;
  if (samples->rate < 20 || samples->rate > 500)
    return NULL;
  picker_destroy(*p);
  *p = picker_create(run->settings, samples->sensor, samples->rate);
  run->rates[samples->sensor] = samples->rate;
  if (!*p)
    run->failed = true;
  return *p;
}

static void feed_samples(void *user, const ingest_samples *samples)
{
  pick_run *run = user;
  const picker_sink sink = {.pick = print_pick, .withdraw = count_withdrawal, .user = run};
  picker *p = picker_for(run, samples);
  if (p)
    picker_feed(p, samples, &sink);
}

static void count_refusal(void *user, int32_t feed, const ingest_codes *codes, ingest_refusal reason, const char *detail)
{
  (void)feed, (void)codes, (void)reason, (void)detail;
  ((pick_run *)user)->refused++;
}

static void ignore_status(void *user, const ingest_status *status)
{
  (void)user, (void)status;
}

/* The vertical's full channel code of each sensor, as its picks are named. */
static void name_verticals(pick_run *run, const archive *a)
{
  for (size_t i = 0; i < archive_count(a); i++) {
    int component;
    const ingest_codes *codes = &archive_at(a, i)->record.codes;
    int32_t sensor = ingest_inventory_find(run->inventory, codes, &component);
    if (sensor >= 0 && component == INGEST_VERTICAL)
      memcpy(run->verticals[sensor], codes->channel, sizeof codes->channel);
  }
}

static void say_refusals(const ingest *in, uint64_t refused)
{
  for (int reason = 0; refused && reason < INGEST_REFUSALS; reason++)
    if (ingest_refused(in, (ingest_refusal)reason))
      fprintf(stderr, "tocsin pick: %llu records left out: %s\n", (unsigned long long)ingest_refused(in, (ingest_refusal)reason),
              ingest_refusal_texts[reason]);
}

/* So often what waits after a gap is looked after; else a sensor's components would come tens of seconds apart. */
static const int64_t tick = INGEST_SECOND / 5;

static void run_packets(const archive *a, ingest *in, pick_run *run)
{
  const ingest_sink sink = {.samples = feed_samples, .status = ignore_status, .refused = count_refusal, .user = run};
  int64_t now = 0, advanced = INT64_MIN;
  for (size_t i = 0; i < archive_count(a); i++) {
    const archive_packet *packet = archive_at(a, i);
    now = packet->arrival;
    if (advanced == INT64_MIN || now - advanced >= tick) {
      ingest_advance(in, now, &sink);
      advanced = now;
    }
    ingest_packet(in, 0, packet->bytes, packet->length, now, &sink);
  }
  ingest_advance(in, now + 3600 * INGEST_SECOND, &sink);
}

static int pick_all(const archive *a, const ingest_inventory *inventory, const settings *s)
{
  size_t sensors = ingest_inventory_sensors(inventory);
  pick_run run = {.inventory = inventory, .settings = &s->picker};
  run.pickers = calloc(sensors + 1, sizeof *run.pickers);
  run.rates = calloc(sensors + 1, sizeof *run.rates);
  run.verticals = calloc(sensors + 1, sizeof *run.verticals);
  ingest *in = ingest_create(&s->ingest, inventory);
  if (run.pickers && run.rates && run.verticals && in) {
    name_verticals(&run, a);
    puts("network,station,location,channel,phase,time_utc,emitted_utc,uncertainty_s,snr,polarity");
    run_packets(a, in, &run);
    say_refusals(in, run.refused);
  } else {
    run.failed = true;
  }
  if (run.failed)
    fputs("tocsin pick: memory is short\n", stderr);
  if (run.withdrawn)
    fprintf(stderr, "tocsin pick: %llu of these picks were withdrawn later\n", (unsigned long long)run.withdrawn);
  for (size_t i = 0; run.pickers && i < sensors; i++)
    picker_destroy(run.pickers[i]);
  free(run.pickers);
  free(run.rates);
  free(run.verticals);
  ingest_destroy(in);
  return run.failed || fflush(stdout) != 0;
}
