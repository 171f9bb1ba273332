/* tocsin intensity: ground motion and instrumental intensity of each sensor of recordings. */
#include "verbs.h"

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive.h"
#include "files.h"
#include "intensity.h"
#include "settings.h"

static const char help[] =
    "usage: tocsin intensity --inventory DIR [OPTION...] FILE...\n"
    "\n"
    "Peak ground motion and China's instrumental intensity (GB/T 17742-2020) of each sensor over whole miniSEED recordings. The baseline is the mean "
    "of\n"
    "the 30 s before the first P that the picker finds, else of the first 5 s. Of a record with gaps the longest part without one counts.\n"
    "\n"
    "  --inventory DIR   StationXML (a folder or one file): gains and units\n"
    "  --config FILE     settings of the picker (the defaults)\n"
    "  --help            this text\n"
    "\n"
    "CSV on stdout, a line a sensor: network,station,location,components,pga_m_s2,pgv_m_s,pgd_m,csis,jma,mmi,sa03_m_s2,sa10_m_s2,sa30_m_s2.\n"
    "`components`: 3; 2, the horizontals alone; 1, the vertical alone, of which no intensity is given. `pga_m_s2` and `pgv_m_s` are the maxima of "
    "the\n"
    "vector sums band-passed 0.1-10 Hz; `pgd_m` of the displacement high-passed at 0.075 Hz. Columns of scales that are not computed are empty.\n"
    "Exit status: 0 done, 1 a file, the inventory or a setting could not be read, 2 called wrongly.\n";

typedef struct {
  const char *config, *inventory;
  bool help;
} intensity_options;

/* Samples without a gap between them. */
typedef struct {
  int64_t start;
  float *values;
  size_t count, capacity;
} stretch;

typedef struct {
  stretch current, longest;
  size_t gaps;
} gathered_component;

typedef struct {
  gathered_component components[INGEST_COMPONENTS];
  double rate;
  ingest_unit unit;
  int64_t first_p; /* INT64_MAX: none */
  picker *picker;
} gathered_sensor;

typedef struct {
  const ingest_inventory *inventory;
  const picker_settings *settings;
  gathered_sensor *sensors;
  uint64_t refused;
  bool failed;
} gathering;

static bool read_options(int argc, char **argv, intensity_options *o);
static int measure_all(const archive *a, const ingest_inventory *inventory, const settings *s);

int verb_intensity(int argc, char **argv)
{
  static settings s; /* large */
  intensity_options options = {0};
  if (!read_options(argc, argv, &options))
    return 2;
  if (options.help)
    return fputs(help, stdout) < 0;
  if (optind >= argc || !options.inventory) {
    fputs("tocsin intensity: --inventory DIR and at least one miniSEED file are needed\n", stderr);
    return 2;
  }
  if (!settings_load(&s, options.config))
    return 1;
  int status = 1;
  ingest_inventory *inventory = files_inventory(options.inventory);
  const archive_options reading = {0};
  archive *a = inventory ? archive_open(argv + optind, (size_t)(argc - optind), &reading) : NULL;
  if (a)
    status = measure_all(a, inventory, &s);
  archive_close(a);
  ingest_inventory_destroy(inventory);
  settings_release(&s);
  return status;
}

static bool read_options(int argc, char **argv, intensity_options *o)
{
  enum { CONFIG = 256, INVENTORY };
  static const struct option known[] = {
      {"config", required_argument, NULL, CONFIG}, {"inventory", required_argument, NULL, INVENTORY}, {"help", no_argument, NULL, 'h'}, {0}};
  for (int option; (option = getopt_long(argc, argv, "h", known, NULL)) != -1;) {
    if (option == '?')
      return false;
    o->config = option == CONFIG ? optarg : o->config;
    o->inventory = option == INVENTORY ? optarg : o->inventory;
    o->help |= option == 'h';
  }
  return true;
}

static void note_first_p(void *user, const picker_pick *pick)
{
  gathered_sensor *sensor = user;
  if (pick->phase == 'P' && pick->time < sensor->first_p)
    sensor->first_p = pick->time;
}

static void forget_withdrawn(void *user, const picker_withdraw *withdraw)
{
  (void)withdraw;
  ((gathered_sensor *)user)->first_p = INT64_MAX;
}

static bool append(stretch *s, const ingest_samples *samples)
{
  if (s->count + samples->count > s->capacity) {
    size_t capacity = 2 * (s->count + samples->count);
    float *values = realloc(s->values, capacity * sizeof *values);
    if (!values)
      return false;
    s->values = values;
    s->capacity = capacity;
  }
  memcpy(s->values + s->count, samples->values, samples->count * sizeof *samples->values);
  s->count += samples->count;
  return true;
}

static void keep_the_longer(gathered_component *c)
{
  if (c->current.count <= c->longest.count)
    return;
  stretch shorter = c->longest;
  c->longest = c->current;
  c->current = shorter;
}

static bool gather(gathered_component *c, const ingest_samples *samples)
{
  if (samples->gap || c->current.count == 0) {
    c->gaps += c->current.count > 0;
    keep_the_longer(c);
    c->current.count = 0;
    c->current.start = samples->start;
  }
  return append(&c->current, samples);
}

static void take_samples(void *user, const ingest_samples *samples)
{
  gathering *g = user;
  gathered_sensor *sensor = &g->sensors[samples->sensor];
  const picker_sink sink = {.pick = note_first_p, .withdraw = forget_withdrawn, .user = sensor};
  if (samples->rate < 20 || samples->rate > 500)
    return;
  if (!sensor->picker) {
    sensor->picker = picker_create(g->settings, samples->sensor, samples->rate);
    sensor->rate = samples->rate;
    sensor->unit = samples->unit;
    sensor->first_p = INT64_MAX;
  }
  if (!sensor->picker || !gather(&sensor->components[samples->component], samples)) {
    g->failed = true;
    return;
  }
  picker_feed(sensor->picker, samples, &sink);
}

static void count_refusal(void *user, int32_t feed, bool waited, const ingest_codes *codes, ingest_refusal reason, const char *detail)
{
  (void)feed, (void)waited, (void)codes, (void)reason, (void)detail;
  ((gathering *)user)->refused++;
}

static void ignore_status(void *user, const ingest_status *status)
{
  (void)user, (void)status;
}

static void run_packets(const archive *a, ingest *in, gathering *g)
{
  const ingest_sink sink = {.samples = take_samples, .status = ignore_status, .refused = count_refusal, .user = g};
  int64_t now = 0;
  for (size_t i = 0; i < archive_count(a); i++) {
    const archive_packet *packet = archive_at(a, i);
    now = packet->arrival;
    ingest_packet(in, 0, packet->bytes, packet->length, now, &sink);
  }
  ingest_advance(in, now + 3600 * INGEST_SECOND, &sink);
  for (int reason = 0; g->refused && reason < INGEST_REFUSALS; reason++)
    if (ingest_refused(in, (ingest_refusal)reason))
      fprintf(stderr, "tocsin intensity: %llu records left out: %s\n", (unsigned long long)ingest_refused(in, (ingest_refusal)reason),
              ingest_refusal_texts[reason]);
}

static int64_t end_of(const stretch *s, double rate)
{
  return s->start + llround((double)s->count * 1e9 / rate);
}

/* The time that the components have in common: those that would cost it more than half are left out. */
static void align(const gathered_sensor *sensor, bool used[INGEST_COMPONENTS], int64_t *start, int64_t *end)
{
  size_t most = 0;
  for (int c = 0; c < INGEST_COMPONENTS; c++)
    if (sensor->components[c].longest.count > most)
      most = sensor->components[c].longest.count;
  *start = INT64_MIN;
  *end = INT64_MAX;
  for (int c = 0; c < INGEST_COMPONENTS; c++) {
    const stretch *s = &sensor->components[c].longest;
    used[c] = s->count > 0;
    if (!used[c])
      continue;
    int64_t from = s->start > *start ? s->start : *start, until = end_of(s, sensor->rate) < *end ? end_of(s, sensor->rate) : *end;
    used[c] = (double)(until - from) * sensor->rate / 1e9 > (double)most / 2;
    *start = used[c] ? from : *start;
    *end = used[c] ? until : *end;
  }
}

static void say_shortcomings(const ingest_sensor *named, const gathered_sensor *sensor, const bool used[INGEST_COMPONENTS])
{
  static const char *const words[INGEST_COMPONENTS] = {"vertical", "north", "east"};
  for (int c = 0; c < INGEST_COMPONENTS; c++) {
    const gathered_component *component = &sensor->components[c];
    if (component->gaps)
      fprintf(stderr, "tocsin intensity: %s %s, %s: %zu gaps; the longest part without one, %.1f s, is taken\n", named->site_code,
              named->codes.channel, words[c], component->gaps, (double)component->longest.count / sensor->rate);
    if (component->longest.count && !used[c])
      fprintf(stderr, "tocsin intensity: %s %s, %s: covers too little of the others' time; left out\n", named->site_code, named->codes.channel,
              words[c]);
  }
}

static void print_row(const ingest_sensor *named, const picker_motion *motion)
{
  printf("%s,%s,%s,%d,%.6g,%.6g,%.6g,", named->codes.network, named->codes.station, named->codes.location, motion->components,
         (double)motion->csis_pga_m_s2, (double)motion->csis_pgv_m_s, (double)motion->pgd_m);
  double csis = intensity_csis((double)motion->csis_pga_m_s2, (double)motion->csis_pgv_m_s);
  if (motion->components >= 2 && isfinite(csis))
    printf("%.1f", intensity_rounded(csis));
  puts(",,,,,");
}

static bool measure(const ingest_sensor *named, const gathered_sensor *sensor)
{
  bool used[INGEST_COMPONENTS];
  int64_t start, end;
  const float *component[INGEST_COMPONENTS] = {NULL};
  align(sensor, used, &start, &end);
  say_shortcomings(named, sensor, used);
  size_t count = (size_t)llround((double)(end - start) * sensor->rate / 1e9), onset = 0;
  for (int c = 0; c < INGEST_COMPONENTS; c++) {
    const stretch *s = &sensor->components[c].longest;
    if (!used[c])
      continue;
    size_t skipped = (size_t)llround((double)(start - s->start) * sensor->rate / 1e9);
    if (skipped + count > s->count)
      count = s->count - skipped;
    component[c] = s->values + skipped;
  }
  if (sensor->first_p > start && sensor->first_p < end)
    onset = (size_t)llround((double)(sensor->first_p - start) * sensor->rate / 1e9);
  picker_motion motion;
  if (!picker_record_motion(component, count, sensor->rate, sensor->unit, onset, &motion))
    return false;
  print_row(named, &motion);
  return true;
}

static void measure_sensors(gathering *g)
{
  puts("network,station,location,components,pga_m_s2,pgv_m_s,pgd_m,csis,jma,mmi,sa03_m_s2,sa10_m_s2,sa30_m_s2");
  for (size_t i = 0; i < ingest_inventory_sensors(g->inventory); i++) {
    gathered_sensor *sensor = &g->sensors[i];
    if (!sensor->picker)
      continue;
    for (int c = 0; c < INGEST_COMPONENTS; c++)
      keep_the_longer(&sensor->components[c]);
    g->failed |= !measure(ingest_inventory_sensor(g->inventory, i), sensor);
  }
}

static void release(gathering *g)
{
  for (size_t i = 0; g->sensors && i < ingest_inventory_sensors(g->inventory); i++) {
    picker_destroy(g->sensors[i].picker);
    for (int c = 0; c < INGEST_COMPONENTS; c++) {
      free(g->sensors[i].components[c].current.values);
      free(g->sensors[i].components[c].longest.values);
    }
  }
  free(g->sensors);
}

static int measure_all(const archive *a, const ingest_inventory *inventory, const settings *s)
{
  gathering g = {.inventory = inventory, .settings = &s->picker};
  g.sensors = calloc(ingest_inventory_sensors(inventory) + 1, sizeof *g.sensors);
  ingest *in = ingest_create(&s->ingest, inventory);
  g.failed = !g.sensors || !in;
  if (!g.failed) {
    run_packets(a, in, &g);
    measure_sensors(&g);
  }
  if (g.failed)
    fputs("tocsin intensity: memory is short\n", stderr);
  release(&g);
  ingest_destroy(in);
  return g.failed || fflush(stdout) != 0;
}
