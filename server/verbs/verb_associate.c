/* tocsin associate: picks from anywhere become earthquakes, as the daemon would have made them. */
#include "verbs.h"

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "associate_corrections.h"
#include "associate_tune.h"
#include "files.h"
#include "model.h"
#include "prior.h"
#include "quakeml.h"

static const char help[] =
    "usage: tocsin associate --stations CSV [OPTION...] PICKS.csv\n"
    "       tocsin associate --stations CSV --tune NAME=FROM:TO:STEP [--tune ...] --truth CSV [OPTION...] PICKS.csv\n"
    "\n"
    "Association, location and magnitude of picks, told to the locator in the order of their times.\n"
    "\n"
    "  --stations CSV    network,station,latitude_deg,longitude_deg[,elevation_m]\n"
    "  --velocity CSV    velocity model: depth_km,vp_km_s,vs_km_s, linear between its rows (the configured model)\n"
    "  --format FORMAT   csv, or quakeml: QuakeML 1.2 with picks, arrivals, residuals, weights and uncertainties (csv)\n"
    "  --config FILE     settings of the locator (the defaults)\n"
    "  --corrections-out CSV\n"
    "                    writes station corrections, for `locator.corrections`: of each station's P and S the robust mean of the residuals in events "
    "of\n"
    "                    10 phases and more placed within 5 km, n readings shrunk by n / (n + 5), added to the corrections in use\n"
    "  --tune NAME=FROM:TO:STEP, --tune NAME=A,B,C\n"
    "                    tries these values of a setting of the section `locator`; of several settings all combinations\n"
    "  --truth CSV       the earthquakes to find: origin_time_utc,latitude_deg,longitude_deg[,n_phases]\n"
    "  --within S,KM     how near an event must lie to be one of them (2,10)\n"
    "  --jobs N          processes that try at a time (one a processor)\n"
    "  --plot SVG        found and CPU against extra events\n"
    "  --help            this text\n"
    "\n"
    "PICKS.csv: columns by the names in the header, in any order, as are the lines. Needed: network,station,phase,time_utc. Used if there:\n"
    "  uncertainty_s      one standard deviation (0.1)\n"
    "  snr                signal-to-noise ratio (1)\n"
    "  polarity           up, down or nothing; carried into QuakeML\n"
    "  pd_m               of a P: peak vertical displacement, high-passed at 0.075 Hz, of its first window_s (3)\n"
    "  noise_pd_m         the same of the noise before: of a pd_m below three times this only the upper bound counts (0)\n"
    "  displacement_m     peak three-component displacement of the whole record, high-passed at 1/6 Hz\n"
    "  wood_anderson_mm   peak of the whole record on a Wood-Anderson seismograph, mean of the horizontals\n"
    "With one of the last four an event gets a magnitude. CSV on stdout, an event a line, by origin time:\n"
    "event,origin_time_utc,latitude_deg,longitude_deg,depth_km,magnitude,n_p,n_s,azimuthal_gap_deg,rms_s,horizontal_error_km,depth_error_km.\n"
    "A station counts as running within an hour of any of its picks. Left out are events with fewer than 5 P\n"
    "(or 3 P and 12 phases in all), and those without S that noise explains nearly as well. A line that is no pick, of a station without\n"
    "coordinates, that repeats another or lies years from all others is named on stderr; the rest is used.\n"
    "With --tune a line a combination: its values, then found,missed,missed_with_20_phases,extra,median_km,cpu_s; earthquakes and events\n"
    "are matched one to one.\n"
    "Exit status: 0 done, 1 a file or setting could not be read, 2 called wrongly.\n";

typedef enum format { FORMAT_CSV, FORMAT_QUAKEML, FORMATS } format;
static const char *const format_words[FORMATS] = {"csv", "quakeml"};

typedef struct {
  const char *config, *stations, *velocity, *corrections_out;
  format format;
  associate_tuning tuning;
  bool help;
} associate_options;

/* What is read before anything is computed. */
typedef struct {
  settings settings;
  ingest_inventory *inventory;
  locator_travel_times *tables;
  prior prior;
  associate_picks picks;
} material;

static bool read_options(int argc, char **argv, associate_options *o);
static bool gather(const associate_options *o, const char *path, material *m);
static bool tune_all(const associate_options *o, const material *m);
static bool write_catalogue(const associate_options *o, const material *m, const associate_catalogue *c);
static bool write_corrections(const associate_options *o, const material *m, const associate_catalogue *c);
static void release(material *m);

int verb_associate(int argc, char **argv)
{
  static material m; /* large */
  associate_options options = {0};
  if (!read_options(argc, argv, &options))
    return 2;
  if (options.help)
    return fputs(help, stdout) < 0;
  if (optind + 1 != argc || !options.stations) {
    fputs("tocsin associate: give --stations CSV and one file of picks; see --help\n", stderr);
    return 2;
  }
  if (!settings_load(&m.settings, options.config))
    return 1;
  m.settings.locator.minimum_magnitude = -9; /* what has no amplitude is an earthquake none the less */
  associate_catalogue found = {0};
  bool done = gather(&options, argv[optind], &m);
  if (done && options.tuning.sweep.count > 0)
    done = tune_all(&options, &m);
  else
    done = done && associate_run(&m.picks, m.inventory, m.tables, &m.settings, &found) && write_catalogue(&options, &m, &found) &&
           write_corrections(&options, &m, &found);
  free(found.events);
  release(&m);
  return done ? 0 : 1;
}

static bool read_format(const char *word, format *found)
{
  for (int i = 0; i < FORMATS; i++)
    if (strcmp(word, format_words[i]) == 0) {
      *found = (format)i;
      return true;
    }
  fprintf(stderr, "tocsin associate: no format: `%s`; give csv or quakeml\n", word);
  return false;
}

static bool read_within(const char *text, associate_tuning *t)
{
  char *end;
  t->within_s = strtod(text, &end);
  t->within_km = *end == ',' ? strtod(end + 1, &end) : 0;
  if (*end == '\0' && t->within_s > 0 && t->within_km > 0)
    return true;
  fprintf(stderr, "tocsin associate: --within %s: give seconds and kilometres above 0, as 2,10\n", text);
  return false;
}

static bool read_jobs(const char *text, associate_tuning *t)
{
  double jobs;
  if (csv_number(text, 1, 1000, &jobs)) {
    t->jobs = (int)jobs;
    return true;
  }
  fprintf(stderr, "tocsin associate: --jobs %s: give a number of 1 to 1000\n", text);
  return false;
}

static bool tuning_is_whole(const associate_tuning *t)
{
  bool tunes = t->sweep.count > 0;
  if (tunes && !t->truth)
    fputs("tocsin associate: --tune needs --truth CSV: the earthquakes to find\n", stderr);
  if (!tunes && (t->truth || t->plot))
    fputs("tocsin associate: --truth and --plot belong to --tune NAME=FROM:TO:STEP: say what to try\n", stderr);
  return tunes ? t->truth != NULL : !t->truth && !t->plot;
}

enum { CONFIG = 256, STATIONS, VELOCITY, CORRECTIONS_OUT, FORMAT, TUNE, TRUTH, WITHIN, JOBS, PLOT };

static bool take_option(int option, associate_options *o)
{
  switch (option) {
  case CONFIG:
    o->config = optarg;
    return true;
  case STATIONS:
    o->stations = optarg;
    return true;
  case VELOCITY:
    o->velocity = optarg;
    return true;
  case CORRECTIONS_OUT:
    o->corrections_out = optarg;
    return true;
  case FORMAT:
    return read_format(optarg, &o->format);
  case TUNE:
    return associate_tune_add(&o->tuning.sweep, optarg);
  case TRUTH:
    o->tuning.truth = optarg;
    return true;
  case WITHIN:
    return read_within(optarg, &o->tuning);
  case JOBS:
    return read_jobs(optarg, &o->tuning);
  case PLOT:
    o->tuning.plot = optarg;
    return true;
  case 'h':
    o->help = true;
    return true;
  default:
    return false;
  }
}

static bool read_options(int argc, char **argv, associate_options *o)
{
  static const struct option known[] = {{"config", required_argument, NULL, CONFIG},
                                        {"stations", required_argument, NULL, STATIONS},
                                        {"velocity", required_argument, NULL, VELOCITY},
                                        {"corrections-out", required_argument, NULL, CORRECTIONS_OUT},
                                        {"format", required_argument, NULL, FORMAT},
                                        {"tune", required_argument, NULL, TUNE},
                                        {"truth", required_argument, NULL, TRUTH},
                                        {"within", required_argument, NULL, WITHIN},
                                        {"jobs", required_argument, NULL, JOBS},
                                        {"plot", required_argument, NULL, PLOT},
                                        {"help", no_argument, NULL, 'h'},
                                        {0}};
  long processors = sysconf(_SC_NPROCESSORS_ONLN);
  o->tuning = (associate_tuning){.sweep = {.verb = "associate", .section = "locator", .rows = locator_rows},
                                 .within_s = 2,
                                 .within_km = 10,
                                 .jobs = processors > 0 ? (int)processors : 1};
  for (int option; (option = getopt_long(argc, argv, "h", known, NULL)) != -1;)
    if (!take_option(option, o))
      return false;
  return o->help || tuning_is_whole(&o->tuning);
}

static locator_travel_times *travel_times(const associate_options *o, const locator_settings *configured)
{
  locator_settings wanted = *configured;
  wanted.maximum_depth_km = associate_tune_deepest(&o->tuning.sweep, wanted.maximum_depth_km);
  if (!o->velocity)
    return model_travel_times(&wanted);
  size_t length;
  char *bytes = (char *)files_read(o->velocity, &length), fault[160];
  locator_model model;
  if (!bytes) {
    fprintf(stderr, "tocsin associate: cannot read %s\n", o->velocity);
    return NULL;
  }
  bool parsed = locator_model_parse(bytes, length, &model, fault);
  free(bytes);
  if (!parsed)
    fprintf(stderr, "%s: %s\n", o->velocity, fault);
  return parsed ? locator_travel_times_create(&model, 1500, wanted.maximum_depth_km) : NULL;
}

static void tell_strangers(const material *m)
{
  char first[LOCATOR_SITE_TEXT];
  size_t strangers = locator_corrections_strangers(m->prior.corrections, m->inventory, first);
  if (strangers > 0)
    fprintf(stderr, "locator.corrections %s: %zu of its stations are not in the table of stations, %s first: their lines have no effect\n",
            m->settings.locator.corrections, strangers, first);
}

static bool gather(const associate_options *o, const char *path, material *m)
{
  m->inventory = associate_stations(o->stations);
  m->tables = m->inventory ? travel_times(o, &m->settings.locator) : NULL;
  if (!m->tables || !prior_load(&m->prior, &m->settings.locator))
    return false;
  tell_strangers(m);
  return associate_read_picks(path, m->inventory, &m->picks);
}

static void release(material *m)
{
  free(m->picks.items);
  locator_travel_times_destroy(m->tables);
  prior_release(&m->prior);
  ingest_inventory_destroy(m->inventory);
  settings_release(&m->settings);
}

static bool tune_all(const associate_options *o, const material *m)
{
  const associate_material of = {&m->picks, m->inventory, m->tables, &m->settings};
  return associate_tune(&o->tuning, &of) && fflush(stdout) == 0;
}

/* ---- output ---- */

static void print_csv(const associate_catalogue *c)
{
  puts("event,origin_time_utc,latitude_deg,longitude_deg,depth_km,magnitude,n_p,n_s,azimuthal_gap_deg,rms_s,horizontal_error_km,depth_error_km");
  for (size_t i = 0; i < c->count; i++) {
    const locator_event *e = &c->events[i];
    char time[INGEST_TIME_TEXT], magnitude[16] = "";
    if (isfinite(e->magnitude))
      snprintf(magnitude, sizeof magnitude, "%.2f", (double)e->magnitude);
    printf("%s,%s,%.5f,%.5f,%.2f,%s,%zu,%zu,%.0f,%.3f,%.2f,%.2f\n", e->id, ingest_time_format(e->origin_time, time), e->latitude_deg,
           e->longitude_deg, (double)e->depth_km, magnitude, associate_phases(e, 'P'), associate_phases(e, 'S'), (double)e->azimuthal_gap_deg,
           (double)e->rms_s, (double)e->horizontal_uncertainty_km, (double)e->depth_uncertainty_km);
  }
}

static bool write_catalogue(const associate_options *o, const material *m, const associate_catalogue *c)
{
  const quakeml_content content = {c, &m->picks, m->inventory, o->velocity ? o->velocity : m->settings.locator.model};
  if (o->format == FORMAT_CSV)
    print_csv(c);
  if ((o->format == FORMAT_CSV || quakeml_write(&content, stdout)) && fflush(stdout) == 0)
    return true;
  perror("tocsin associate: stdout");
  return false;
}

static bool write_corrections(const associate_options *o, const material *m, const associate_catalogue *c)
{
  return !o->corrections_out || associate_corrections_write(c, m->inventory, m->prior.corrections, o->corrections_out);
}
