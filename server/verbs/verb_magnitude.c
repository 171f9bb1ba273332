/* tocsin magnitude: what each station said of an earthquake's size, second by second, and what the network made of it. */
#include "verbs.h"

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "magnitude_listen.h"
#include "magnitude_plot.h"
#include "model.h"

static const char help[] =
    "usage: tocsin magnitude --inventory DIR --event FILE [OPTION...] FILE...\n"
    "\n"
    "Station by station and second by second, what each estimate of magnitude said of an earthquake in miniSEED files, its true place given, and "
    "what\n"
    "the network made of them. What a wrong place would add is not in it: `tocsin replay` shows that.\n"
    "\n"
    "  --inventory DIR   StationXML (a folder or one file)\n"
    "  --event FILE      GeoJSON of the true origin (a Feature with properties mag and time and a point)\n"
    "  --until S         seconds after the origin time (120)\n"
    "  --packet S        cuts records at multiples of S seconds of UTC (1)\n"
    "  --plot FILE       SVG: the network's magnitude with its uncertainty, what each station's P wave and whole record said, the catalogue's\n"
    "  --config FILE     settings of the picker and the velocity model (the defaults)\n"
    "  --help            this text\n"
    "\n"
    "CSV on stdout: "
    "since_origin_s,station,epicentral_km,window_s,pd_m,pd_over_noise,tau_c_s,displacement_m,mpd,mdisp,ml,magnitude,uncertainty,type,\n"
    "stations,uncertainty_up,uncertainty_down. A row a station that has picked P, with its three magnitudes as far as it has them; then a row of "
    "station * with the network's.\n"
    "Exit status: 0 done, 1 a file or setting could not be read, 2 called wrongly.\n";

typedef struct {
  const char *config, *inventory, *event, *plot;
  double until_s, packet_s;
  bool help;
} magnitude_options;

enum { MOMENTS_MAXIMUM = 3600 };

static bool read_seconds(const char *name, const char *text, double most, double *seconds)
{
  char *end;
  *seconds = strtod(text, &end);
  if (*text && *end == '\0' && *seconds > 0 && *seconds <= most)
    return true;
  fprintf(stderr, "tocsin magnitude: --%s %s: give seconds, more than 0 and at most %g\n", name, text, most);
  return false;
}

static bool read_options(int argc, char **argv, magnitude_options *o)
{
  enum { CONFIG = 256, INVENTORY, EVENT, UNTIL, PACKET, PLOT };
  static const struct option known[] = {{"config", required_argument, NULL, CONFIG},
                                        {"inventory", required_argument, NULL, INVENTORY},
                                        {"event", required_argument, NULL, EVENT},
                                        {"until", required_argument, NULL, UNTIL},
                                        {"packet", required_argument, NULL, PACKET},
                                        {"plot", required_argument, NULL, PLOT},
                                        {"help", no_argument, NULL, 'h'},
                                        {0}};
  for (int option; (option = getopt_long(argc, argv, "h", known, NULL)) != -1;) {
    if (option == '?' || (option == UNTIL && !read_seconds("until", optarg, MOMENTS_MAXIMUM, &o->until_s)) ||
        (option == PACKET && !read_seconds("packet", optarg, 3600, &o->packet_s)))
      return false;
    o->config = option == CONFIG ? optarg : o->config;
    o->inventory = option == INVENTORY ? optarg : o->inventory;
    o->event = option == EVENT ? optarg : o->event;
    o->plot = option == PLOT ? optarg : o->plot;
    o->help |= option == 'h';
  }
  if (o->help || (o->inventory && o->event && optind < argc))
    return true;
  fputs("tocsin magnitude: give --inventory DIR, --event FILE and the miniSEED files\n", stderr);
  return false;
}

/* A number, or nothing where there is none. */
static void print_number(const char *format, double value)
{
  putchar(',');
  if (isfinite(value))
    printf(format, value);
}

static double hypocentral_km(const magnitude_observation *seen)
{
  return fmax(hypot(seen->epicentral_km, seen->depth_km), 1);
}

static double p_magnitude(const magnitude_observation *seen)
{
  return seen->pd_m > 0 ? magnitude_from_pd(seen->pd_m, seen->epicentral_km) : (double)NAN;
}

static double record_magnitude(const magnitude_observation *seen)
{
  return seen->jma_pgd_m > 0 ? magnitude_from_displacement(seen->jma_pgd_m, hypocentral_km(seen), seen->depth_km) : (double)NAN;
}

static void print_station(double since_s, const ingest_sensor *sensor, const magnitude_observation *seen)
{
  bool record = seen->jma_pgd_m > 0, local = seen->wood_anderson_mm > 0;
  printf("%.1f,%s.%s.%s", since_s, sensor->site_code, sensor->codes.location, sensor->codes.channel);
  print_number("%.1f", seen->epicentral_km);
  print_number("%.1f", seen->window_s > 0 ? (double)seen->window_s : (double)NAN);
  print_number("%.3e", seen->pd_m > 0 ? (double)seen->pd_m : (double)NAN);
  print_number("%.1f", seen->noise_pd_m > 0 ? (double)seen->pd_m / (double)seen->noise_pd_m : (double)NAN);
  print_number("%.2f", seen->tau_c_s > 0 ? (double)seen->tau_c_s : (double)NAN);
  print_number("%.3e", record ? (double)seen->jma_pgd_m : (double)NAN);
  print_number("%.2f", p_magnitude(seen));
  print_number("%.2f", record_magnitude(seen));
  print_number("%.2f", local ? magnitude_local(seen->wood_anderson_mm, hypocentral_km(seen)) : (double)NAN);
  puts(",,,,,,");
}

static void print_network(double since_s, const magnitude_estimate *e)
{
  printf("%.1f,*,,,,,,,,,", since_s);
  print_number("%.2f", (double)e->magnitude);
  print_number("%.2f", (double)e->uncertainty);
  printf(",%s,%d", locator_magnitude_type_texts[e->type], e->stations);
  print_number("%.2f", (double)e->up);
  print_number("%.2f", (double)e->down);
  putchar('\n');
}

static double worth(const magnitude_observation *o)
{
  return o->clipped || !(o->noise_pd_m > 0) ? 0 : (double)o->pd_m / (double)o->noise_pd_m;
}

/* NET.STA votes once: by the sensor that is not clipped and stands highest above its noise. Sensors of one site follow each other. */
static size_t vote(magnitude_observation *votes, int32_t *sites, size_t count, const magnitude_observation *o, int32_t site)
{
  bool again = count > 0 && sites[count - 1] == site;
  if (!again || worth(o) > worth(&votes[count - 1]))
    votes[again ? count - 1 : count] = *o;
  sites[again ? count - 1 : count] = site;
  return again ? count : count + 1;
}

static void tell_moment(const magnitude_listener *l, const ingest_inventory *inventory, int64_t until, magnitude_moment *moment)
{
  magnitude_observation seen, votes[LOCATOR_PICKS_MAXIMUM];
  int32_t sites[LOCATOR_PICKS_MAXIMUM];
  size_t count = 0;
  for (size_t i = 0; i < MAGNITUDE_PLOT_STATIONS; i++)
    moment->p_wave[i] = moment->record[i] = NAN;
  for (size_t i = 0; i < ingest_inventory_sensors(inventory) && count < LOCATOR_PICKS_MAXIMUM; i++) {
    const ingest_sensor *sensor = ingest_inventory_sensor(inventory, i);
    if (!magnitude_heard(l, i, until, &seen))
      continue;
    print_station(moment->since_origin_s, sensor, &seen);
    moment->p_wave[i % MAGNITUDE_PLOT_STATIONS] = p_magnitude(&seen);
    moment->record[i % MAGNITUDE_PLOT_STATIONS] = record_magnitude(&seen);
    count = vote(votes, sites, count, &seen, sensor->site);
  }
  magnitude_estimate e = magnitude_of(votes, count);
  moment->magnitude = (double)e.magnitude;
  moment->up = (double)e.up;
  moment->down = (double)e.down;
  moment->type = locator_magnitude_type_texts[e.type];
  print_network(moment->since_origin_s, &e);
}

static bool tell_all(const magnitude_options *o, const archive *a, const ingest_inventory *inventory, magnitude_listener *l, const solution *event)
{
  static magnitude_moment moments[MOMENTS_MAXIMUM];
  size_t packet = 0, count = 0;
  int64_t last = archive_at(a, archive_count(a) - 1)->arrival;
  puts("since_origin_s,station,epicentral_km,window_s,pd_m,pd_over_noise,tau_c_s,displacement_m,mpd,mdisp,ml,magnitude,uncertainty,type,stations,"
       "uncertainty_up,uncertainty_down");
  for (int second = 1; second <= o->until_s && count < MOMENTS_MAXIMUM; second++) {
    int64_t until = event->origin_time + second * INGEST_SECOND;
    if (until > last + INGEST_SECOND)
      break;
    packet = magnitude_listen(l, a, packet, until);
    moments[count] = (magnitude_moment){.since_origin_s = second};
    tell_moment(l, inventory, until, &moments[count++]);
  }
  char title[160];
  snprintf(title, sizeof title, "M %.1f, %.3f, %.3f, %.0f km deep: magnitude by time", event->magnitude, event->latitude_deg, event->longitude_deg,
           event->depth_km);
  return (!o->plot || magnitude_plot(o->plot, title, moments, count, event->magnitude)) && fflush(stdout) == 0;
}

static bool run(const magnitude_options *o, char **paths, const settings *s)
{
  solution event;
  if (!truth_read("tocsin magnitude: --event", o->event, &event))
    return false;
  size_t count = 0;
  while (paths[count])
    count++;
  archive *a = archive_open(paths, count, &(archive_options){.packet_s = o->packet_s});
  ingest_inventory *inventory = a ? files_inventory(o->inventory) : NULL;
  locator_travel_times *tables = inventory ? model_travel_times(&s->locator) : NULL;
  magnitude_listener *l = tables ? magnitude_listener_create(s, inventory, tables, &event) : NULL;
  bool good = l && tell_all(o, a, inventory, l, &event);
  if (tables && !l)
    fputs("tocsin magnitude: memory is short\n", stderr);
  magnitude_listener_destroy(l);
  if (tables)
    locator_travel_times_destroy(tables);
  if (inventory)
    ingest_inventory_destroy(inventory);
  archive_close(a);
  return good;
}

int verb_magnitude(int argc, char **argv)
{
  static settings s; /* large */
  magnitude_options options = {.until_s = 120, .packet_s = 1};
  if (!read_options(argc, argv, &options))
    return 2;
  if (options.help)
    return fputs(help, stdout) < 0;
  if (!settings_load(&s, options.config))
    return 1;
  bool good = run(&options, argv + optind, &s);
  settings_release(&s);
  return good ? 0 : 1;
}
