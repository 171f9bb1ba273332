/* tocsin scenario: the recordings of an earthquake that never was. */
#include "verbs.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "model.h"
#include "scenario.h"
#include "settings.h"

static const char help[] =
    "usage: tocsin scenario [OPTION...]\n"
    "\n"
    "Makes the recordings that a network of accelerometers would have made of an earthquake: omega-squared stochastic sources along a line on the\n"
    "fault, P and S through the configured velocity model, each station's own noise. Without options: Haicheng 1975 (M7.3) seen by a built-in "
    "network of\n"
    "60 made-up stations in Liaoning. The same options give the same bytes.\n"
    "\n"
    "the earthquake\n"
    "  --latitude DEG     of the hypocentre, WGS84 (40.7)\n"
    "  --longitude DEG    (122.8)\n"
    "  --depth KM         below sea level, 0 to 700 (16)\n"
    "  --magnitude MW     moment magnitude, 1 to 9 (7.3)\n"
    "  --strike DEG       of the fault, clockwise from north (300; drawn from the seed when the place is given without it)\n"
    "  --time ISO         origin time, UTC (1975-02-04T11:36:07Z)\n"
    "\n"
    "the recordings\n"
    "  --stations CSV     header network,station,latitude_deg,longitude_deg and optionally location,elevation_m (the built-in network)\n"
    "  --before S         seconds of record before the origin time (20)\n"
    "  --after S          seconds of record after it (120)\n"
    "  --rate HZ          samples a second, 20 to 500 (100)\n"
    "  --noise M_S2       rms of the local noise at every station; 0: none but the instrument's and the sea's (each station its own, 2e-5 to 1e-3)\n"
    "  --seed N           draws everything that is random (1975)\n"
    "  --noise-only       no earthquake: only noise, from --time on\n"
    "  --minutes N        ... for so many minutes (30)\n"
    "\n"
    "  --out DIR          folder for the files, created if absent (scenario)\n"
    "  --config FILE      settings: the velocity model (the defaults)\n"
    "\n"
    "Writes NET.STA.LOC.CHA.mseed of each channel (Steim-2, 512-byte records), stations.xml and event.json (the truth, as FDSN services give it), "
    "ready for\n"
    "`tocsin replay --inventory DIR --truth DIR/event.json DIR/*.mseed`.\n";

static const double farthest_km = 800;

typedef struct {
  scenario s;
  double before_s, after_s, minutes;
  bool placed; /* latitude or longitude given */
  const char *stations, *out, *config;
  scenario_station *read; /* of the CSV; NULL: built in */
} request;

static bool complain(const char *option, const char *found, const char *right)
{
  fprintf(stderr, "tocsin scenario: --%s %s: %s\n", option, found, right);
  return false;
}

static bool number(const char *option, const char *text, double least, double most, double *value)
{
  char *end, right[96];
  double read = strtod(text, &end);
  snprintf(right, sizeof right, "must be a number from %g to %g", least, most);
  if (end == text || *end || !(read >= least && read <= most))
    return complain(option, text, right);
  *value = read;
  return true;
}

/* ---- stations ---- */

enum { COLUMNS_MAXIMUM = 16 };
typedef struct {
  int network, station, location, latitude, longitude, elevation; /* column of each, -1 absent */
} columns;

/* Cuts a line at its commas, in place. */
static int cut(char *line, char *fields[COLUMNS_MAXIMUM])
{
  int count = 0;
  line[strcspn(line, "\r\n")] = '\0';
  for (char *at = line; at && count < COLUMNS_MAXIMUM; count++) {
    fields[count] = at;
    if ((at = strchr(at, ',')))
      *at++ = '\0';
  }
  return count;
}

static int column(char *const *names, int count, const char *name)
{
  for (int i = 0; i < count; i++)
    if (strcmp(names[i], name) == 0)
      return i;
  return -1;
}

static bool degrees(const char *text, double limit, double *value)
{
  char *end;
  *value = strtod(text, &end);
  return end != text && !*end && fabs(*value) <= limit;
}

/* A code of up to `longest` ASCII letters and digits, as miniSEED 2 has room for; "--" is blank. */
static bool take(char out[9], size_t longest, char *const *fields, int count, int at)
{
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  if (at < 0 || at >= count)
    return false;
  const char *code = strcmp(fields[at], "--") == 0 ? "" : fields[at];
  snprintf(out, 9, "%s", code);
  return strlen(code) <= longest && code[strspn(code, letters)] == '\0';
}

static bool read_station(char *const *fields, int count, const columns *c, scenario_station *station)
{
  *station = (scenario_station){0};
  if (!take(station->network, 2, fields, count, c->network) || !take(station->station, 5, fields, count, c->station))
    return false;
  if (c->location >= 0 && !take(station->location, 2, fields, count, c->location))
    return false;
  if (c->elevation >= 0 && c->elevation < count && *fields[c->elevation] && !degrees(fields[c->elevation], 9000, &station->elevation_m))
    return false;
  return c->latitude < count && c->longitude < count && degrees(fields[c->latitude], 90, &station->latitude_deg) &&
         degrees(fields[c->longitude], 180, &station->longitude_deg) && *station->station;
}

static bool read_header(request *q, char *line, columns *c)
{
  char *names[COLUMNS_MAXIMUM];
  int count = cut(line, names);
  *c = (columns){column(names, count, "network"),      column(names, count, "station"),       column(names, count, "location"),
                 column(names, count, "latitude_deg"), column(names, count, "longitude_deg"), column(names, count, "elevation_m")};
  if (c->network >= 0 && c->station >= 0 && c->latitude >= 0 && c->longitude >= 0)
    return true;
  return complain("stations", q->stations, "line 1 must name network,station,latitude_deg,longitude_deg");
}

static bool read_lines(request *q, char *text)
{
  columns c;
  size_t line = 1, capacity = 0;
  char *at = text, *next = strchr(text, '\n');
  if (!read_header(q, strsep(&at, "\n"), &c))
    return false;
  for (char *one; next && (one = strsep(&at, "\n"));) {
    char *fields[COLUMNS_MAXIMUM], where[128];
    line++;
    if (!*one || *one == '\r')
      continue;
    if (q->s.stations_count == capacity) {
      capacity = capacity ? 2 * capacity : 64;
      scenario_station *more = realloc(q->read, capacity * sizeof *more);
      if (!more)
        return complain("stations", q->stations, "memory is short");
      q->read = more;
    }
    snprintf(where, sizeof where, "line %zu: needs a network of 2, a station of 5 letters or digits at most, and degrees", line);
    if (!read_station(fields, cut(one, fields), &c, &q->read[q->s.stations_count]))
      return complain("stations", q->stations, where);
    q->s.stations_count++;
  }
  q->s.stations = q->read;
  return q->s.stations_count > 0 || complain("stations", q->stations, "names no station");
}

static bool read_stations(request *q)
{
  size_t length;
  if (!q->stations)
    return true;
  char *text = (char *)files_read(q->stations, &length);
  if (!text)
    return complain("stations", q->stations, strerror(errno));
  q->s.stations_count = 0;
  bool good = read_lines(q, text);
  free(text);
  return good;
}

/* ---- options ---- */

enum {
  LATITUDE = 256,
  LONGITUDE,
  DEPTH,
  MAGNITUDE,
  STRIKE,
  STATIONS,
  TIME,
  BEFORE,
  AFTER,
  RATE,
  NOISE,
  SEED,
  OUT,
  NOISE_ONLY,
  MINUTES,
  CONFIG,
  HELP
};

static const struct option options[] = {
    {"latitude", required_argument, NULL, LATITUDE},
    {"longitude", required_argument, NULL, LONGITUDE},
    {"depth", required_argument, NULL, DEPTH},
    {"magnitude", required_argument, NULL, MAGNITUDE},
    {"strike", required_argument, NULL, STRIKE},
    {"stations", required_argument, NULL, STATIONS},
    {"time", required_argument, NULL, TIME},
    {"before", required_argument, NULL, BEFORE},
    {"after", required_argument, NULL, AFTER},
    {"rate", required_argument, NULL, RATE},
    {"noise", required_argument, NULL, NOISE},
    {"seed", required_argument, NULL, SEED},
    {"out", required_argument, NULL, OUT},
    {"noise-only", no_argument, NULL, NOISE_ONLY},
    {"minutes", required_argument, NULL, MINUTES},
    {"config", required_argument, NULL, CONFIG},
    {"help", no_argument, NULL, HELP},
    {NULL, 0, NULL, 0},
};

static bool take_seed(const char *text, uint64_t *seed)
{
  char *end;
  errno = 0;
  *seed = strtoull(text, &end, 10);
  return (end != text && !*end && !errno && *text != '-') || complain("seed", text, "must be a whole number from 0");
}

static bool take_numbers(request *q, int option, const char *text)
{
  scenario *s = &q->s;
  switch (option) {
  case LATITUDE:
    q->placed = true;
    return number("latitude", text, -89, 89, &s->latitude_deg);
  case LONGITUDE:
    q->placed = true;
    return number("longitude", text, -180, 180, &s->longitude_deg);
  case DEPTH:
    return number("depth", text, 0, 700, &s->depth_km);
  case MAGNITUDE:
    return number("magnitude", text, 1, 9, &s->magnitude);
  case STRIKE:
    return number("strike", text, -360, 360, &s->strike_deg);
  case BEFORE:
    return number("before", text, 0, 3600, &q->before_s);
  case AFTER:
    return number("after", text, 1, 3600, &q->after_s);
  case RATE:
    return number("rate", text, 20, 500, &s->rate);
  case NOISE:
    return number("noise", text, 0, 1, &s->noise_m_s2);
  default:
    return number("minutes", text, 0.1, 240, &q->minutes);
  }
}

static bool take_option(request *q, int option, const char *text)
{
  switch (option) {
  case STATIONS:
    q->stations = text;
    return true;
  case OUT:
    q->out = text;
    return true;
  case CONFIG:
    q->config = text;
    return true;
  case NOISE_ONLY:
    q->s.noise_only = true;
    return true;
  case SEED:
    return take_seed(text, &q->s.seed);
  case TIME:
    return ingest_time_parse(text, &q->s.origin_time) || complain("time", text, "must be as 1975-02-04T11:36:07Z");
  case '?':
    fputs("`tocsin scenario --help` says all of it.\n", stderr);
    return false;
  default:
    return take_numbers(q, option, text);
  }
}

/* 0: go on, else the exit status plus 1. */
static int read_options(request *q, int argc, char **argv)
{
  bool strike = false;
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    if (option == HELP) {
      fputs(help, stdout);
      return 1;
    }
    if (!take_option(q, option, optarg))
      return 3;
    strike |= option == STRIKE;
  }
  if (optind < argc) {
    fprintf(stderr, "tocsin scenario: takes no argument `%s`; stations are given by --stations\n", argv[optind]);
    return 3;
  }
  if (q->placed && !strike)
    q->s.strike_deg = NAN;
  return 0;
}

static locator_travel_times *tables_of(const scenario *s, const char *config)
{
  settings loaded;
  if (!settings_load(&loaded, config))
    return NULL;
  loaded.locator.maximum_depth_km = fmax(loaded.locator.maximum_depth_km, s->depth_km);
  locator_travel_times *tables = model_travel_times(&loaded.locator);
  settings_release(&loaded);
  return tables;
}

/* The travel-time tables end at 1000 km. */
static bool within_reach(const scenario *s)
{
  for (size_t i = 0; i < s->stations_count; i++) {
    const scenario_station *station = &s->stations[i];
    double km = locator_distance_km(s->latitude_deg, s->longitude_deg, station->latitude_deg, station->longitude_deg, NULL);
    if (km > farthest_km) {
      fprintf(stderr, "tocsin scenario: station %s.%s is %.0f km from the hypocentre; leave out what is farther than %.0f km\n", station->network,
              station->station, km, farthest_km);
      return false;
    }
  }
  return true;
}

static int make(request *q)
{
  scenario *s = &q->s;
  s->start = s->noise_only ? s->origin_time : s->origin_time - llround(q->before_s * 1e9);
  s->duration_s = s->noise_only ? q->minutes * 60 : q->before_s + q->after_s;
  if (!s->noise_only && !within_reach(s))
    return 1;
  locator_travel_times *tables = tables_of(s, q->config);
  s->tables = tables;
  bool done = tables && scenario_write(s, q->out);
  locator_travel_times_destroy(tables);
  if (done)
    fprintf(stderr, "%zu stations, %g s at %g samples/s in %s\n", s->stations_count, s->duration_s, s->rate, q->out);
  return done ? 0 : 1;
}

int verb_scenario(int argc, char **argv)
{
  request q = {.s = scenario_haicheng(), .before_s = 20, .after_s = 120, .minutes = 30, .out = "scenario"};
  int ended = read_options(&q, argc, argv);
  if (ended)
    return ended - 1;
  int status = read_stations(&q) ? make(&q) : 2;
  free(q.read);
  return status;
}
