/* Samples a second through the picker on one core, beside a plain double-precision FilterPicker-like bank in the same run; one JSON line a figure. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "characteristic.h"
#include "picker.h"
#include "random.h"

enum { RATE = 100, SECONDS = 200, SAMPLES = RATE * SECONDS, ROUNDS = 15, SENSORS = 2000, TICKS = 12 };

static float noise[INGEST_COMPONENTS][SAMPLES];
static volatile double kept; /* so that nothing is optimised away */

static double seconds_now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void make_noise(void)
{
  random_source r = {1};
  for (int c = 0; c < INGEST_COMPONENTS; c++) {
    double slow = 0;
    for (int i = 0; i < SAMPLES; i++) {
      slow = 0.98 * slow + 0.2 * random_normal(&r);
      noise[c][i] = (float)(1e-4 * (slow + 0.4 * random_normal(&r)));
    }
  }
}

static picker_settings default_settings(void)
{
  picker_settings settings = {0};
  settings.s_picks = true;
  for (const config_row *row = picker_rows; row->name; row++)
    if (row->type == CONFIG_REAL)
      *(double *)((char *)&settings + row->offset) = strtod(row->fallback, NULL);
  return settings;
}

/* FilterPicker's bank after Lomax, Satriano & Vassallo 2012: differences, six bands of two high-passes and a low-pass, mean and deviation of each. */
static void run_plain_bank(void)
{
  enum { BANDS = 6 };
  double high_1[BANDS] = {0}, high_2[BANDS] = {0}, low[BANDS] = {0}, mean[BANDS] = {0}, square[BANDS] = {0}, before_1[BANDS] = {0},
         before_2[BANDS] = {0};
  double last = 0, most = 0, memory = 1.0 / (10 * RATE);
  for (int i = 0; i < SAMPLES; i++) {
    double difference = (double)noise[0][i] - last;
    last = (double)noise[0][i];
    for (int b = 0; b < BANDS; b++) {
      double w = (1 << b) / 6.283185307179586, constant = w / (w + 1), x = difference;
      high_1[b] = constant * (high_1[b] + x - before_1[b]);
      before_1[b] = x;
      high_2[b] = constant * (high_2[b] + high_1[b] - before_2[b]);
      before_2[b] = high_1[b];
      low[b] += (high_2[b] - low[b]) / (1 + w);
      double energy = low[b] * low[b], deviation = sqrt(fmax(square[b] - mean[b] * mean[b], 0));
      double function = deviation > 1e-300 ? (energy - mean[b]) / deviation : 0;
      most = function > most ? function : most;
      mean[b] += memory * (energy - mean[b]);
      square[b] += memory * (energy * energy - square[b]);
    }
  }
  kept += most;
}

static void run_bank(void)
{
  characteristic c;
  characteristic_init(&c, RATE, 1, 8, 2, 8);
  characteristic_restart(&c, noise[0][0]);
  for (size_t i = 0; i < SAMPLES;) {
    bool up;
    i += characteristic_run(&c, &noise[0][i], SAMPLES - i, &up);
  }
  kept += (double)c.noise[0];
}

static const picker_sink no_sink = {0};

static void feed_second(picker *p, int32_t sensor, int component, int second)
{
  int part = second % SECONDS;
  ingest_samples piece = {.sensor = sensor,
                          .component = component,
                          .gap = second == 0,
                          .unit = INGEST_UNIT_ACCELERATION,
                          .start = INT64_C(1000000000) * second,
                          .rate = RATE,
                          .count = RATE,
                          .values = &noise[component][part * RATE]};
  picker_feed(p, &piece, &no_sink);
}

static void run_sensor(int components)
{
  picker_settings settings = default_settings();
  picker *p = picker_create(&settings, 0, RATE);
  for (int second = 0; second < SECONDS; second++)
    for (int c = 0; c < components; c++)
      feed_second(p, 0, c, second);
  picker_destroy(p);
}

static void run_vertical(void)
{
  run_sensor(1);
}

static void run_whole_sensor(void)
{
  run_sensor(INGEST_COMPONENTS);
}

/* The best of several rounds, nanoseconds a sample. */
static double nanoseconds(void (*run)(void), double samples)
{
  double best = INFINITY;
  for (int round = 0; round < ROUNDS; round++) {
    double start = seconds_now();
    run();
    best = fmin(best, (seconds_now() - start) * 1e9 / samples);
  }
  return best;
}

/* A second of each of many sensors in turn, in an order that no cache foresees. */
static double nanoseconds_of_network(void)
{
  static picker *pickers[SENSORS];
  picker_settings settings = default_settings();
  random_source r = {2};
  for (int32_t i = 0; i < SENSORS; i++)
    pickers[i] = picker_create(&settings, i, RATE);
  double start = 0;
  for (int second = 0; second < TICKS; second++) {
    if (second == TICKS / 2)
      start = seconds_now();
    int32_t at = (int32_t)random_below(&r, SENSORS);
    for (int32_t i = 0; i < SENSORS; i++, at = (at + 787) % SENSORS)
      for (int c = 0; c < INGEST_COMPONENTS; c++)
        feed_second(pickers[at], at, c, second);
  }
  double taken = seconds_now() - start;
  for (int32_t i = 0; i < SENSORS; i++)
    picker_destroy(pickers[i]);
  return taken * 1e9 / ((double)SENSORS * (TICKS - TICKS / 2) * RATE);
}

static void report(const char *name, double value, const char *unit, double baseline)
{
  printf("{\"name\":\"%s\",\"value\":%.1f,\"unit\":\"%s\",\"baseline\":%.1f}\n", name, value, unit, baseline);
}

int main(void)
{
  make_noise();
  double plain = nanoseconds(run_plain_bank, SAMPLES), bank = nanoseconds(run_bank, SAMPLES);
  double vertical = nanoseconds(run_vertical, SAMPLES), sensor = nanoseconds(run_whole_sensor, SAMPLES);
  report("picker_bank", 1e3 / bank, "Msamples/s a core (baseline: a plain scalar double bank)", 1e3 / plain);
  report("picker_vertical", vertical, "ns a sample: bank, P wave and motion of a vertical alone", plain);
  report("picker_sensor", sensor, "ns a triple of samples: three components, all", plain);
  report("picker_network", nanoseconds_of_network(), "ns a triple, 2000 sensors in turn with packets of 1 s", sensor);
  return 0;
}
