/* tocsin scan: what is in these miniSEED files. */
#include "verbs.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "files.h"
#include "scan_output.h"

static const char help[] =
    "usage: tocsin scan [OPTION...] FILE...\n"
    "\n"
    "What is in miniSEED files (\"-\": standard input): a line each channel, sorted by its codes, over all files together. The order of files and\n"
    "records does not matter. Files of any size are read in one pass, a small part of each in memory at a time.\n"
    "\n"
    "  --csv             RFC 4180 in place of the table; faults go to stderr\n"
    "  --json            JSON Lines in place of the table: an object each channel, then an object each fault\n"
    "  --samples         decodes the samples too: minimum, maximum, mean (as recorded) and the records that cannot be decoded\n"
    "  --inventory DIR   StationXML (a folder or one file): says of each channel whether its epochs hold the data, and states their rate\n"
    "  --help            this text\n"
    "\n"
    "  network, station, location, channel\n"
    "  start_utc, end_utc         times of the first and the last sample\n"
    "  rate_hz                    samples a second; several are joined by /\n"
    "  encoding                   int16, int32, float32, float64, steim1, steim2 or an older one; several are joined by /\n"
    "  record_bytes               length of the records, or LEAST..MOST where they differ\n"
    "  records, samples\n"
    "  gaps, gap_s                times without samples between the first and the last, and their length in seconds\n"
    "  overlaps, overlap_s        times that are there more than once\n"
    "  minimum, maximum, mean     with --samples; empty where nothing was decoded\n"
    "  undecodable                with --samples: records whose header is good, but whose samples are not\n"
    "  inventory                  with --inventory: ok, or what does not fit\n"
    "\n"
    "Faults are told by file and reason: the byte where the first one is, how many there are, and how many bytes they cover.\n"
    "Exit status: 0 done (faults in the data are told, not failed on), 1 a file could not be read or none holds a record, 2 called wrongly.\n";

typedef struct {
  const char *inventory;
  bool csv, json, samples, help;
} scan_options;

static bool read_options(int argc, char **argv, scan_options *o);
static int scan_all(char **paths, const scan_options *o, const ingest_inventory *inventory);

int verb_scan(int argc, char **argv)
{
  scan_options options = {0};
  if (!read_options(argc, argv, &options))
    return 2;
  if (options.help)
    return fputs(help, stdout) < 0;
  if (optind >= argc) {
    fputs("tocsin scan: no file given; say which miniSEED files to scan\n", stderr);
    return 2;
  }
  ingest_inventory *inventory = files_inventory(options.inventory);
  if (options.inventory && !inventory)
    return 1;
  int status = scan_all(argv + optind, &options, inventory);
  ingest_inventory_destroy(inventory);
  return status;
}

static bool read_options(int argc, char **argv, scan_options *o)
{
  enum { CSV = 256, JSON, SAMPLES, INVENTORY };
  static const struct option known[] = {{"csv", no_argument, NULL, CSV},         {"json", no_argument, NULL, JSON},
                                        {"samples", no_argument, NULL, SAMPLES}, {"inventory", required_argument, NULL, INVENTORY},
                                        {"help", no_argument, NULL, 'h'},        {0}};
  for (int option; (option = getopt_long(argc, argv, "h", known, NULL)) != -1;) {
    if (option == '?')
      return false;
    o->csv |= option == CSV;
    o->json |= option == JSON;
    o->samples |= option == SAMPLES;
    o->inventory = option == INVENTORY ? optarg : o->inventory;
    o->help |= option == 'h';
  }
  if (o->csv && o->json)
    fputs("tocsin scan: --csv and --json exclude each other; choose one\n", stderr);
  return !(o->csv && o->json);
}

static bool write_all(const scan *s, const scan_options *o, const ingest_inventory *inventory)
{
  if (o->json)
    return scan_write_json(s, inventory, stdout);
  if (!o->csv)
    return scan_write_table(s, inventory, stdout);
  scan_write_faults(s, stderr);
  return scan_write_csv(s, inventory, stdout);
}

static int scan_all(char **paths, const scan_options *o, const ingest_inventory *inventory)
{
  scan s = {.samples = o->samples};
  bool done = true;
  for (; *paths; paths++)
    if (!scan_file(&s, *paths)) {
      fprintf(stderr, "tocsin scan: %s: %s\n", *paths, strerror(errno));
      done = false;
    }
  scan_finish(&s);
  if (!write_all(&s, o, inventory)) {
    fprintf(stderr, "tocsin scan: stdout cannot be written: %s\n", strerror(errno));
    done = false;
  }
  if (s.records == 0)
    fputs("tocsin scan: no miniSEED record in these files\n", stderr);
  done = done && s.records > 0;
  scan_release(&s);
  return done ? 0 : 1;
}
