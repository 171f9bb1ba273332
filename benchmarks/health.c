/* What it costs to know how good each channel is: a sample's share, a spectrum, a channel's memory; one JSON line a figure. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "ingest.h"
#include "quality.h"
#include "random.h"

/* A national network's channels, each a packet of a second in turn, so that a channel's state has left the cache when its next one comes. */
enum { CHANNELS = 54000, TWENTIETH = CHANNELS / 20, RATE = 100, NOISES = 64, SECONDS_FED = 12, ROUNDS = 5, KEPT = 60 * RATE };

static int32_t counts[NOISES][RATE];
static float values[NOISES][RATE];

static double seconds_now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void make_noise(void)
{
  random_source random = {1};
  for (int n = 0; n < NOISES; n++)
    for (int i = 0; i < RATE; i++) {
      counts[n][i] = (int32_t)(200 * random_normal(&random));
      values[n][i] = (float)(counts[n][i] * 1e-6);
    }
}

static double time_quality(quality *channels, const ingest_settings *settings)
{
  double begin = seconds_now();
  for (int second = 0; second < SECONDS_FED; second++)
    for (int c = 0; c < CHANNELS; c++) {
      int n = (c + second) % NOISES;
      ingest_samples samples = {.gap = second == 0, .unit = INGEST_UNIT_ACCELERATION, .rate = RATE, .count = RATE, .values = values[n]};
      quality_feed(&channels[c], settings, &samples, counts[n]);
    }
  return seconds_now() - begin;
}

/* The least that any such judgement must do: mean and variance. */
static double time_moments(double *sums)
{
  double begin = seconds_now();
  for (int second = 0; second < SECONDS_FED; second++)
    for (int c = 0; c < CHANNELS; c++) {
      const float *of = values[(c + second) % NOISES];
      double sum = 0, squares = 0;
      for (int i = 0; i < RATE; i++) {
        sum += (double)of[i];
        squares += (double)of[i] * (double)of[i];
      }
      sums[c] += squares - sum * sum / RATE;
    }
  return seconds_now() - begin;
}

static void measure_samples(const ingest_settings *settings)
{
  quality *channels = calloc(CHANNELS, sizeof *channels);
  double *sums = calloc(CHANNELS, sizeof *sums), ours = 1e9, least = 1e9;
  for (int round = 0; channels && sums && round < ROUNDS; round++) {
    ours = fmin(ours, time_quality(channels, settings));
    least = fmin(least, time_moments(sums));
  }
  double samples = (double)CHANNELS * RATE * SECONDS_FED;
  printf("{\"name\":\"health_sample\",\"value\":%.2f,\"unit\":\"ns/sample\",\"baseline\":%.2f}\n", 1e9 * ours / samples, 1e9 * least / samples);
  free(channels);
  free(sums);
}

/* The baseline is what there is for one channel when all 54,000 are to have theirs in an hour. */
static void measure_spectrum(void)
{
  enum { SPECTRA = 200 };
  static float kept[KEPT];
  ingest_spectrometer *meter = ingest_spectrometer_create();
  ingest_spectrum spectrum;
  for (int i = 0; i < KEPT; i++)
    kept[i] = values[i / RATE % NOISES][i % RATE];
  double begin = seconds_now();
  for (int i = 0; meter && i < SPECTRA; i++) {
    kept[i] += 1e-6F;
    ingest_spectrum_take(meter, &(ingest_samples){.unit = INGEST_UNIT_ACCELERATION, .rate = RATE, .count = KEPT, .values = kept}, &spectrum);
  }
  printf("{\"name\":\"health_spectrum\",\"value\":%.0f,\"unit\":\"us\",\"baseline\":%.0f}\n", 1e6 * (seconds_now() - begin) / SPECTRA,
         3600e6 / CHANNELS);
  ingest_spectrometer_destroy(meter);
}

static double resident_bytes(void)
{
  long all = 0, resident = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (!file || fscanf(file, "%ld %ld", &all, &resident) != 2)
    resident = 0;
  if (file)
    fclose(file);
  return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

static ingest_codes codes_of(int channel)
{
  ingest_codes codes = {.network = "XX", .location = "00"};
  snprintf(codes.station, sizeof codes.station, "S%04u", (unsigned)channel / 3 % 10000);
  snprintf(codes.channel, sizeof codes.channel, "HN%c", "ZNE"[channel % 3]);
  return codes;
}

typedef struct {
  ingest *in;
  ingest_sink sink;
  int64_t now;
} target;

static void give(void *user, const uint8_t *bytes, size_t length)
{
  target *to = user;
  ingest_packet(to->in, 0, bytes, length, to->now, &to->sink);
}

static void ignore_samples(void *user, const ingest_samples *samples)
{
  (void)user, (void)samples;
}

static void ignore_status(void *user, const ingest_status *status)
{
  (void)user, (void)status;
}

static void fill(target *to, int seconds)
{
  double samples[RATE];
  for (int second = 0; second < seconds; second++)
    for (int channel = 0; channel < TWENTIETH; channel++) {
      ingest_record record = {
          .codes = codes_of(channel), .start = (1600000000 + second) * INGEST_SECOND, .rate = RATE, .samples = RATE, .encoding = 11};
      for (int i = 0; i < RATE; i++)
        samples[i] = counts[channel % NOISES][i];
      to->now = ingest_record_last(&record);
      ingest_record_write(&record, samples, 0, give, to);
    }
}

/* A twentieth of a national network with a minute kept; the baseline is the samples alone. */
static void measure_memory(ingest_settings settings)
{
  ingest_inventory *inventory = ingest_inventory_create();
  ingest_epoch epoch = {.start = INT64_MIN, .end = INT64_MAX, .gain = 1e6, .rate = RATE, .unit = INGEST_UNIT_ACCELERATION};
  for (int channel = 0; channel < TWENTIETH; channel++) {
    ingest_codes codes = codes_of(channel);
    ingest_inventory_add_channel(inventory, &codes, 41, 123, 0, 0, &epoch);
  }
  ingest_inventory_seal(inventory, NULL, NULL);
  double before = resident_bytes();
  target to = {.in = ingest_create(&settings, inventory), .sink = {ignore_samples, ignore_status, NULL, NULL}};
  fill(&to, 65);
  printf("{\"name\":\"health_memory\",\"value\":%.0f,\"unit\":\"bytes/channel\",\"baseline\":%zu}\n", (resident_bytes() - before) / TWENTIETH,
         KEPT * sizeof(float));
  ingest_destroy(to.in);
  ingest_inventory_destroy(inventory);
}

int main(void)
{
  ingest_settings settings;
  config_section sections[] = {{"ingest", "", ingest_rows, sizeof settings, &settings, NULL}, {0}};
  config_defaults(sections);
  settings.paths = NULL;
  settings.paths_count = 0;
  make_noise();
  measure_samples(&settings);
  measure_spectrum();
  measure_memory(settings);
  return 0;
}
