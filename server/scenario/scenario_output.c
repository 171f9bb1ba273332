/* A scenario as counts, and as the files that a network would have left: miniSEED, StationXML and the truth. */
#include "scenario.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const double ns_per_ms = 1e6;

/* ---- samples to counts ---- */

typedef struct {
  size_t count;
  float *samples[INGEST_COMPONENTS];
  double *counts;
} buffers;

static void buffers_free(buffers *b)
{
  for (int component = 0; component < INGEST_COMPONENTS; component++)
    free(b->samples[component]);
  free(b->counts);
}

static bool buffers_make(buffers *b, size_t count)
{
  *b = (buffers){.count = count, .counts = calloc(count, sizeof *b->counts)};
  bool all = b->counts;
  for (int component = 0; component < INGEST_COMPONENTS; component++)
    all &= (b->samples[component] = calloc(count, sizeof *b->samples[component])) != NULL;
  return all;
}

static ingest_codes codes_of(const scenario_station *station, int component)
{
  ingest_codes codes = {0};
  memcpy(codes.network, station->network, sizeof codes.network);
  memcpy(codes.station, station->station, sizeof codes.station);
  memcpy(codes.location, station->location, sizeof codes.location);
  memcpy(codes.channel, scenario_channels[component], sizeof scenario_channels[component]);
  return codes;
}

/* Beyond full scale the digitiser stays there, and says so. */
static bool digitise(const float *samples, double *counts, size_t count)
{
  bool clipped = false;
  for (size_t i = 0; i < count; i++) {
    counts[i] = fmin(fmax(rint(samples[i] * scenario_gain), -SCENARIO_FULL_SCALE), SCENARIO_FULL_SCALE) + 0.0; /* no negative zero */
    clipped |= fabs(counts[i]) == SCENARIO_FULL_SCALE;
  }
  return clipped;
}

static bool make_station(const scenario *s, scenario_fault *fault, const scenario_station *station, buffers *b, scenario_sink *sink, void *user)
{
  for (int component = 0; component < INGEST_COMPONENTS; component++)
    if (!scenario_noise(s, station, component, b->samples[component], b->count))
      return false;
  if (fault)
    scenario_fault_shake(fault, station, b->samples, b->count);
  for (int component = 0; component < INGEST_COMPONENTS; component++) {
    bool clipped = digitise(b->samples[component], b->counts, b->count);
    ingest_record header = {.codes = codes_of(station, component),
                            .start = s->start,
                            .rate = s->rate,
                            .samples = (int32_t)b->count,
                            .encoding = 11,
                            .clipped = clipped,
                            .timing_quality = 100};
    sink(user, &header, b->counts);
  }
  return true;
}

bool scenario_make(const scenario *s, scenario_sink *sink, void *user)
{
  buffers b;
  scenario_fault *fault = s->noise_only ? NULL : scenario_fault_create(s);
  bool done = buffers_make(&b, (size_t)llround(s->duration_s * s->rate)) && (fault || s->noise_only);
  for (size_t i = 0; done && i < s->stations_count; i++)
    done = make_station(s, fault, &s->stations[i], &b, sink, user);
  buffers_free(&b);
  scenario_fault_destroy(fault);
  return done;
}

/* ---- files ---- */

static FILE *open_in(const char *folder, const char *name)
{
  char path[1024];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "wb");
  if (!file)
    fprintf(stderr, "tocsin: cannot write %s: %s\n", path, strerror(errno));
  return file;
}

/* True when all of it reached the disk's cache. */
static bool finish(FILE *file, const char *name)
{
  bool good = !ferror(file);
  good &= fclose(file) == 0;
  if (!good)
    fprintf(stderr, "tocsin: cannot write %s: %s\n", name, strerror(errno));
  return good;
}

typedef struct {
  const char *folder;
  FILE *file;
  bool failed;
} writing;

static void write_record(void *user, const uint8_t *bytes, size_t length)
{
  writing *w = user;
  fwrite(bytes, 1, length, w->file);
}

static void write_channel(void *user, const ingest_record *header, const double *counts)
{
  writing *w = user;
  char codes[INGEST_CODES_TEXT], name[64];
  snprintf(name, sizeof name, "%s.mseed", ingest_codes_format(&header->codes, codes));
  if (w->failed || !(w->file = open_in(w->folder, name))) {
    w->failed = true;
    return;
  }
  if (ingest_record_write(header, counts, SCENARIO_RECORD_LENGTH, write_record, w) < 1) {
    fprintf(stderr, "tocsin: %s does not fit miniSEED 2: network and location have up to 2 letters, stations 5\n", name);
    w->failed = true;
  }
  w->failed |= !finish(w->file, name);
}

static void write_text(void *user, const char *text, size_t length)
{
  fwrite(text, 1, length, user);
}

ingest_inventory *scenario_inventory(const scenario *s)
{
  ingest_inventory *inventory = ingest_inventory_create();
  static const double azimuth_deg[INGEST_COMPONENTS] = {0, 0, 90}, dip_deg[INGEST_COMPONENTS] = {-90, 0, 0};
  for (size_t i = 0; inventory && i < s->stations_count; i++)
    for (int component = 0; component < INGEST_COMPONENTS; component++) {
      const scenario_station *station = &s->stations[i];
      ingest_codes codes = codes_of(station, component);
      ingest_epoch epoch = {.start = 0,
                            .end = INT64_MAX,
                            .gain = scenario_gain,
                            .gain_frequency_hz = 1,
                            .rate = s->rate,
                            .azimuth_deg = azimuth_deg[component],
                            .dip_deg = dip_deg[component],
                            .unit = INGEST_UNIT_ACCELERATION};
      if (!ingest_inventory_add_channel(inventory, &codes, station->latitude_deg, station->longitude_deg, station->elevation_m, 0, &epoch)) {
        ingest_inventory_destroy(inventory);
        return NULL;
      }
    }
  if (inventory)
    ingest_inventory_seal(inventory, NULL, NULL);
  return inventory;
}

static bool write_inventory(const scenario *s, const char *folder)
{
  ingest_inventory *inventory = scenario_inventory(s);
  FILE *file = inventory ? open_in(folder, "stations.xml") : NULL;
  if (file)
    ingest_inventory_write(inventory, s->start, write_text, file);
  ingest_inventory_destroy(inventory);
  return file && finish(file, "stations.xml");
}

/* The GeoJSON feature of FDSN event services, times in ms. */
static bool write_truth(const scenario *s, const char *folder)
{
  FILE *file = open_in(folder, "event.json");
  if (!file)
    return false;
  fprintf(file,
          "{\n \"type\": \"Feature\",\n \"id\": \"scenario\",\n \"properties\": {\n  \"mag\": %.2f,\n  \"magType\": \"mw\",\n"
          "  \"place\": \"Scenario\",\n  \"time\": %.0f,\n  \"title\": \"M %.1f - Scenario\"\n },\n"
          " \"geometry\": {\n  \"type\": \"Point\",\n  \"coordinates\": [\n   %.6f,\n   %.6f,\n   %.3f\n  ]\n }\n}\n",
          s->magnitude, floor((double)s->origin_time / ns_per_ms + 0.5), s->magnitude, s->longitude_deg, s->latitude_deg, s->depth_km);
  return finish(file, "event.json");
}

/* An earlier scenario's truth is none of noise. */
static bool remove_truth(const char *folder)
{
  char path[1024];
  snprintf(path, sizeof path, "%s/event.json", folder);
  if (unlink(path) == 0 || errno == ENOENT)
    return true;
  fprintf(stderr, "tocsin: cannot remove %s: %s\n", path, strerror(errno));
  return false;
}

bool scenario_write(const scenario *s, const char *folder)
{
  if (mkdir(folder, 0777) != 0 && errno != EEXIST) {
    fprintf(stderr, "tocsin: cannot create folder %s: %s\n", folder, strerror(errno));
    return false;
  }
  writing w = {.folder = folder};
  if (!write_inventory(s, folder) || !(s->noise_only ? remove_truth(folder) : write_truth(s, folder)))
    return false;
  if (!scenario_make(s, write_channel, &w)) {
    fprintf(stderr, "tocsin: memory is short for %.0f s at %.0f samples/s; ask for less\n", s->duration_s, s->rate);
    return false;
  }
  return !w.failed;
}
