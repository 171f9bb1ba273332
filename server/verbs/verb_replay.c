/* verb_replay.c: `tocsin replay`: recordings through the whole engine on a virtual clock. */
#include "verbs.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay.h"

static const char help[] =
    "usage: tocsin replay --inventory DIR [OPTION...] FILE...\n"
    "       tocsin replay --inventory DIR --sds ROOT --from TIME --until TIME [OPTION...]\n"
    "       tocsin replay --recording FOLDER [OPTION...]\n"
    "\n"
    "Archived miniSEED through the engine of the daemon on a virtual clock: a packet is delivered when its last sample would have been. Writes\n"
    "JSON Lines on stdout, one a message: {\"data_time\":\"...Z\",\"channel\":\"tocsin:exercise:alert\",\"message\":{...}}; data_time is the "
    "virtual\n"
    "time of issue. All messages are exercises. The same files and options give the same bytes. A summary goes to stderr.\n"
    "\n"
    "  --inventory DIR   StationXML (a folder or one file); default: `server.inventory` of the configuration\n"
    "  --config FILE     the configuration; default: iasp91, and each station is a target\n"
    "  --packet S        cuts records at multiples of S seconds of UTC, as short packets would have come\n"
    "  --delay S         adds S seconds to each packet's arrival\n"
    "  --delay NET.STA=S adds S seconds to those of that station (* and ? are wildcards), as slow telemetry would; again for more\n"
    "  --from WHEN       begins there: an ISO 8601 time, or +S seconds after the first packet\n"
    "  --until WHEN      ends there (+S counts from the first packet too)\n"
    "  --speed max|X     as fast as possible (default), or X times as fast as real time\n"
    "  --key FILE        signs with this key instead of the published exercise key\n"
    "  --truth FILE      GeoJSON of the true origin: the summary compares the events with it\n"
    "  --recording FOLDER   what the daemon recorded (`recorder.folder`, or events/ID in it): every input in its order, with the settings and the\n"
    "                    inventory then in force, gives the messages that the daemon sent. --config and --inventory put others in their place;\n"
    "                    --from and --until are ISO 8601 times. --packet and --delay are for FILEs\n"
    "  --sds ROOT        an archive ROOT/YEAR/NET/STA/CHA.D/NET.STA.LOC.CHA.D.YEAR.DAY: its files of the days from --from to --until (ISO 8601)\n"
    "  --status-lines    what the engine says in its log, on stderr\n"
    "  --help            this text\n"
    "\n"
    "A FILE may be a folder: its *.mseed. Exit status: 0 done, 1 it could not be done, 2 called wrongly.\n";

static bool read_options(int argc, char **argv, replay_options *o);
static bool run(replay *r, char **paths);
static void release(replay *r);

int verb_replay(int argc, char **argv)
{
  static replay r; /* settings are large */
  if (!read_options(argc, argv, &r.options))
    return 2;
  if (r.options.help)
    return fputs(help, stdout) < 0;
  int sources = (optind < argc) + (r.options.recording != NULL) + (r.options.sds != NULL);
  if (sources != 1) {
    fprintf(stderr, "tocsin replay: %s; `tocsin replay --help` says how\n",
            sources > 1 ? "FILE, --sds and --recording each bring packets, it takes one of them" : "no FILE to replay, nor --sds or --recording");
    return 2;
  }
  bool done = run(&r, argv + optind);
  if (done)
    replay_summarise(&r);
  release(&r);
  return done ? 0 : 1;
}

static bool run(replay *r, char **paths)
{
  if (r->options.truth && !truth_read("tocsin replay: --truth", r->options.truth, &r->truth))
    return false;
  r->signer = r->options.key ? signer_load(r->options.key) : signer_exercise();
  if (!r->signer)
    return false;
  bool done = r->options.recording ? replay_recording(r) : replay_archive(r, paths);
  return done && replay_flush();
}

static void release(replay *r)
{
  engine_destroy(r->engine);
  signer_destroy(r->signer);
  locator_travel_times_destroy(r->tables);
  prior_release(&r->prior);
  ingest_inventory_destroy(r->inventory);
  settings_release(&r->settings);
  free(r->line);
}

/* ---- options ---- */

/* "S", or "NET.STA=S". */
static bool take_delay(replay_options *o, const char *text)
{
  const char *fault = "takes a number of seconds from 0 to 86400, or NET.STA= and such a number";
  double all;
  if (playing_number(text, 0, 86400, &all)) {
    o->delay_s = all;
    return true;
  }
  if (o->delays_count == REPLAY_DELAYS)
    fault = "is given more than 256 times";
  else if (!schedule_read(SCHEDULE_DELAY, text, 0, &o->delays[o->delays_count]))
    return ++o->delays_count > 0;
  fprintf(stderr, "tocsin replay: --delay %s, not `%s`\n", fault, text);
  return false;
}

static bool read_options(int argc, char **argv, replay_options *o)
{
  static const struct option known[] = {{"inventory", required_argument, NULL, 'i'},
                                        {"config", required_argument, NULL, 'c'},
                                        {"packet", required_argument, NULL, 'p'},
                                        {"delay", required_argument, NULL, 'd'},
                                        {"speed", required_argument, NULL, 'p'},
                                        {"key", required_argument, NULL, 'k'},
                                        {"truth", required_argument, NULL, 't'},
                                        {"from", required_argument, NULL, 'p'},
                                        {"until", required_argument, NULL, 'p'},
                                        {"recording", required_argument, NULL, 'r'},
                                        {"sds", required_argument, NULL, 'S'},
                                        {"status-lines", no_argument, NULL, 'l'},
                                        {"help", no_argument, NULL, 'h'},
                                        {0}};
  bool good = true;
  for (int option, index = 0; good && (option = getopt_long(argc, argv, "h", known, &index)) != -1;) {
    good = option != '?';
    o->inventory = option == 'i' ? optarg : o->inventory;
    o->config = option == 'c' ? optarg : o->config;
    o->key = option == 'k' ? optarg : o->key;
    o->truth = option == 't' ? optarg : o->truth;
    o->recording = option == 'r' ? optarg : o->recording;
    o->sds = option == 'S' ? optarg : o->sds;
    o->status_lines |= option == 'l';
    o->help |= option == 'h';
    if (option == 'p')
      good = playing_take(&o->how, "replay", known[index].name, optarg);
    else if (option == 'd')
      good = take_delay(o, optarg);
  }
  return good;
}
