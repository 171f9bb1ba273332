#include "tocsind_options.h"

#include <getopt.h>
#include <stdio.h>

static const char help[] =
    "usage: tocsind [OPTION...]\n"
    "Fetches and takes miniSEED records, finds earthquakes in them and publishes alerts on Redis.\n"
    "\n"
    "  --config FILE     settings (YAML; `tocsin check --example` writes one with all defaults); without it the defaults\n"
    "  --inventory PATH  StationXML file or folder, instead of the configured one\n"
    "  --exercise        everything goes out as an exercise: on PREFIX:exercise:*, as the exercise user, signed with the published key\n"
    "  --virtual-clock   time is that of the packets, not of the wall clock, so that recordings can be fed at any speed (with --exercise only)\n"
    "  --stdin           takes packets from standard input too; with no port configured, ends when it ends\n"
    "  --help, --version\n"
    "\n"
    "SIGHUP reads rules, targets and feeds of the configuration and the inventory again; SIGTERM and SIGINT deliver what waits and end.\n"
    "Exit status: 0 ended as asked, 1 could not start (said on stderr), 2 called wrongly.\n";

enum { HELP = 1, VERSION, CONFIG, INVENTORY, EXERCISE, VIRTUAL_CLOCK, STANDARD_INPUT };

static const struct option known[] = {
    {"help", no_argument, NULL, HELP},
    {"version", no_argument, NULL, VERSION},
    {"config", required_argument, NULL, CONFIG},
    {"inventory", required_argument, NULL, INVENTORY},
    {"exercise", no_argument, NULL, EXERCISE},
    {"virtual-clock", no_argument, NULL, VIRTUAL_CLOCK},
    {"stdin", no_argument, NULL, STANDARD_INPUT},
    {0},
};

static bool ended(int *status, int with)
{
  *status = with;
  return false;
}

static bool wrong(int *status, const char *text)
{
  fprintf(stderr, "tocsind: %s; `tocsind --help` says all\n", text);
  return ended(status, 2);
}

/* False: an option that ends the program. */
static bool take(tocsind_options *o, int option, int *status)
{
  switch (option) {
  case CONFIG:
    o->config = optarg;
    return true;
  case INVENTORY:
    o->inventory = optarg;
    return true;
  case EXERCISE:
    return o->exercise = true;
  case VIRTUAL_CLOCK:
    return o->virtual_clock = true;
  case STANDARD_INPUT:
    return o->standard_input = true;
  case HELP:
    fputs(help, stdout);
    return ended(status, 0);
  case VERSION:
    puts("tocsind " TOCSIN_VERSION);
    return ended(status, 0);
  default:
    return wrong(status, "an option is not understood");
  }
}

bool tocsind_options_read(tocsind_options *options, int argc, char **argv, int *status)
{
  *options = (tocsind_options){0};
  for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;)
    if (!take(options, option, status))
      return false;
  if (optind < argc)
    return wrong(status, "it takes options only");
  if (options->virtual_clock && !options->exercise)
    return wrong(status, "--virtual-clock goes with --exercise only: what is said in earnest is said at its own time");
  return true;
}
