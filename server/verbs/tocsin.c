/* tocsin: the operator's command: one binary with verbs. */
#include <stdio.h>
#include <string.h>

#include "verbs.h"

static const struct verb {
  const char *name;
  int (*run)(int argc, char **argv);
  const char *does;
} verbs[] = {
    {"associate", verb_associate, "picks from anywhere become earthquakes (CSV)"},
    {"check", verb_check, "validates configuration, inventory and Redis: all faults at once, each with its remedy"},
    {"intensity", verb_intensity, "ground motion and intensities of each station of recordings (CSV)"},
    {"key", verb_key, "creates signing keys"},
    {"magnitude", verb_magnitude, "what each station said of an earthquake's size, second by second (CSV, plot)"},
    {"pick", verb_pick, "P and S onsets of recordings (CSV)"},
    {"play", verb_play, "sends recordings to a daemon's TCP feed as if live"},
    {"replay", verb_replay, "recordings through the whole engine on a virtual clock (JSON Lines)"},
    {"scan", verb_scan, "what is in miniSEED files: channels, spans, gaps, rates, encodings, faults (table, CSV, JSON Lines)"},
    {"scenario", verb_scenario, "makes the recordings of a scenario earthquake (miniSEED, StationXML, truth)"},
    {"serve", verb_serve, "a SeedLink server that plays recordings as if live"},
    {"status", verb_status, "what the running daemon is doing, and how each feed is"},
    {"watch", verb_watch, "follows the channels in a terminal, verifying signatures"},
    {"why", verb_why, "why an event was alerted, or not: what was decided when, and by which numbers"},
};
enum { VERBS = sizeof verbs / sizeof verbs[0] };

static void usage(FILE *out)
{
  fputs("usage: tocsin VERB [OPTION...] [ARGUMENT...]\n\n", out);
  for (size_t i = 0; i < VERBS; i++)
    fprintf(out, "  %-10s %s\n", verbs[i].name, verbs[i].does);
  fputs("\n`tocsin VERB --help` says all of a verb. `--config FILE` is understood by each.\n", out);
}

int main(int argc, char **argv)
{
  if (argc < 2) {
    usage(stderr);
    return 2;
  }
  for (size_t i = 0; i < VERBS; i++)
    if (strcmp(argv[1], verbs[i].name) == 0)
      return verbs[i].run(argc - 1, argv + 1);
  if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
    usage(stdout);
    return 0;
  }
  if (strcmp(argv[1], "--version") == 0) {
    puts("tocsin " TOCSIN_VERSION);
    return 0;
  }
  fprintf(stderr, "tocsin: no verb `%s`\n\n", argv[1]);
  usage(stderr);
  return 2;
}
