/* tocsin pick: the picker alone, over recordings in the order in which a live feed would have brought them. */
#include "verbs.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pick_run.h"
#include "tune.h"

static const char help[] =
    "usage: tocsin pick [OPTION...] FILE...\n"
    "       tocsin pick --tune NAME=FROM:TO:STEP [--tune ...] --labels CSV [OPTION...] FILE...\n"
    "\n"
    "Onsets of P and S in miniSEED files (or all *.mseed of a folder), as the daemon would have picked them (S whatever picker.s_picks says). "
    "Without\n"
    "an inventory each channel counts as a velocity sensor of gain 1.\n"
    "\n"
    "  --inventory DIR   StationXML (a folder or one file): gains and units; channels that are not in it are left out\n"
    "  --packet S        cuts records at multiples of S seconds of UTC (1)\n"
    "  --config FILE     settings of the picker (the defaults)\n"
    "  --tune NAME=FROM:TO:STEP, --tune NAME=A,B,C\n"
    "                    tries these values of a number in the section `picker` of the settings; with several, all combinations\n"
    "  --labels CSV      where people said P and S begin: network,station,window_start_utc,p_sample[,s_sample][,rate_hz]; samples count from the\n"
    "                    window's first one; no p_sample: all of the window is noise\n"
    "  --jobs N          processes that try settings at the same time (as many as there are processors)\n"
    "  --plot FILE       SVG: hits and delay against false picks an hour, a point a combination\n"
    "  --help            this text\n"
    "\n"
    "CSV on stdout, in the order of emission: network,station,location,channel,phase,time_utc,emitted_utc,uncertainty_s,snr,polarity. `channel` is "
    "the\n"
    "vertical; `emitted_utc` is the time of the last sample that the pick needed; `polarity` is up, down or empty where it is unclear. Picks that\n"
    "later samples took back stay in, as they were sent; how many, and why what else rose was no pick, is said on stderr.\n"
    "With --tune a line a combination: its values, then\n"
    "windows,p_hits,false_per_hour,noise_h,p_after_p,p_error_median_s,p_error_90_s,emitted_after_median_s,emitted_after_90_s,windows_with_s,s_hits,\n"
    "s_error_median_s: a hit is within 0.5 s of the label; false is any pick earlier than 0.5 s before P.\n"
    "Exit status: 0 done, 1 a file or setting could not be read, 2 called wrongly.\n";

typedef struct {
  const char *config, *inventory;
  double packet_s;
  tune_request tune;
  bool help;
} pick_options;

typedef struct {
  const ingest_inventory *inventory;
  char (*verticals)[9];
} pick_printer;

static bool read_options(int argc, char **argv, pick_options *o);
static int pick_all(const archive *a, const ingest_inventory *inventory, const settings *s);

int verb_pick(int argc, char **argv)
{
  static settings s; /* large */
  static pick_options options;
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
  int status = 1;
  const archive_options reading = {.packet_s = options.packet_s};
  archive *a = archive_open(argv + optind, (size_t)(argc - optind), &reading);
  ingest_inventory *inventory = a ? pick_inventory(options.inventory, a) : NULL;
  if (inventory)
    status = options.tune.sweep.count ? tune(&options.tune, a, inventory, &s) : pick_all(a, inventory, &s);
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

static bool read_jobs(const char *text, tune_request *t)
{
  char *end;
  long jobs = strtol(text, &end, 10);
  t->jobs = (int)jobs;
  if (*text && *end == '\0' && jobs >= 1 && jobs <= 1024)
    return true;
  fprintf(stderr, "tocsin pick: --jobs %s: give a number of processes, 1 to 1024\n", text);
  return false;
}

static bool is_complete(const pick_options *o)
{
  bool tunes = o->tune.sweep.count > 0;
  if (tunes && !o->tune.labels)
    fputs("tocsin pick: --tune needs --labels CSV: where people said P begins\n", stderr);
  if (!tunes && (o->tune.labels || o->tune.plot))
    fputs("tocsin pick: --labels and --plot belong to --tune NAME=FROM:TO:STEP: say what to try\n", stderr);
  return tunes ? o->tune.labels != NULL : !o->tune.labels && !o->tune.plot;
}

static bool read_options(int argc, char **argv, pick_options *o)
{
  enum { CONFIG = 256, INVENTORY, PACKET, TUNE, LABELS, JOBS, PLOT };
  static const struct option known[] = {{"config", required_argument, NULL, CONFIG},
                                        {"inventory", required_argument, NULL, INVENTORY},
                                        {"packet", required_argument, NULL, PACKET},
                                        {"tune", required_argument, NULL, TUNE},
                                        {"labels", required_argument, NULL, LABELS},
                                        {"jobs", required_argument, NULL, JOBS},
                                        {"plot", required_argument, NULL, PLOT},
                                        {"help", no_argument, NULL, 'h'},
                                        {0}};
  long processors = sysconf(_SC_NPROCESSORS_ONLN);
  *o = (pick_options){.packet_s = 1,
                      .tune = {.sweep = {.verb = "pick", .section = "picker", .rows = picker_rows}, .jobs = processors > 0 ? (int)processors : 1}};
  for (int option; (option = getopt_long(argc, argv, "h", known, NULL)) != -1;) {
    if (option == '?' || (option == PACKET && !read_packet(optarg, o)) || (option == TUNE && !tune_sweep_add(&o->tune.sweep, optarg)) ||
        (option == JOBS && !read_jobs(optarg, &o->tune)))
      return false;
    o->config = option == CONFIG ? optarg : o->config;
    o->inventory = option == INVENTORY ? optarg : o->inventory;
    o->tune.labels = option == LABELS ? optarg : o->tune.labels;
    o->tune.plot = option == PLOT ? optarg : o->tune.plot;
    o->help |= option == 'h';
  }
  return o->help || is_complete(o);
}

static void print_pick(void *user, const picker_pick *pick)
{
  const pick_printer *printer = user;
  const ingest_sensor *sensor = ingest_inventory_sensor(printer->inventory, (size_t)pick->sensor);
  char time[INGEST_TIME_TEXT], emitted[INGEST_TIME_TEXT];
  const char *polarity = pick->polarity > 0 ? "up" : pick->polarity < 0 ? "down" : "";
  printf("%s,%s,%s,%s,%c,%s,%s,%.3f,%.1f,%s\n", sensor->codes.network, sensor->codes.station, sensor->codes.location,
         printer->verticals[pick->sensor], pick->phase, ingest_time_format(pick->time, time), ingest_time_format(pick->data_until, emitted),
         (double)pick->uncertainty_s, (double)pick->snr, polarity);
}

/* The vertical's full channel code of each sensor, as its picks are named. */
static void name_verticals(pick_printer *printer, const archive *a)
{
  for (size_t i = 0; i < archive_count(a); i++) {
    int component;
    const ingest_codes *codes = &archive_at(a, i)->record.codes;
    int32_t sensor = ingest_inventory_find(printer->inventory, codes, &component);
    if (sensor >= 0 && component == INGEST_VERTICAL)
      memcpy(printer->verticals[sensor], codes->channel, sizeof codes->channel);
  }
}

static void say_summary(const pick_summary *sum)
{
  for (int reason = 0; reason < INGEST_REFUSALS; reason++)
    if (sum->refused[reason])
      fprintf(stderr, "tocsin pick: %" PRIu64 " records left out: %s\n", sum->refused[reason], ingest_refusal_texts[reason]);
  if (sum->withdrawn)
    fprintf(stderr, "tocsin pick: %" PRIu64 " of these picks were withdrawn later\n", sum->withdrawn);
  const char *before = "tocsin pick: rejected: ";
  for (int reason = 0; reason < PICKER_REJECTIONS; reason++)
    if (sum->rejected[reason]) {
      fprintf(stderr, "%s%" PRIu64 " %s", before, sum->rejected[reason], picker_rejections[reason]);
      before = ", ";
    }
  if (before[0] == ',')
    fputc('\n', stderr);
}

static int pick_all(const archive *a, const ingest_inventory *inventory, const settings *s)
{
  pick_printer printer = {.inventory = inventory, .verticals = calloc(ingest_inventory_sensors(inventory) + 1, sizeof *printer.verticals)};
  const picker_sink sink = {.pick = print_pick, .user = &printer};
  pick_summary summary;
  bool good = printer.verticals != NULL;
  if (good) {
    name_verticals(&printer, a);
    puts("network,station,location,channel,phase,time_utc,emitted_utc,uncertainty_s,snr,polarity");
    good = pick_run(a, inventory, s, &sink, &summary);
  }
  if (good)
    say_summary(&summary);
  else
    fputs("tocsin pick: memory is short\n", stderr);
  free(printer.verticals);
  return !good || fflush(stdout) != 0;
}
