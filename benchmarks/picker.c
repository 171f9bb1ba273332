/* Samples a second through the picker on one core, beside the same bank and FilterPicker in plain double precision in the same run; one JSON line a
 * figure. With the name of one of `parts` it runs that once over 20,000 samples, to count instructions:
 *
 *   for part in bank plain filterpicker vertical sensor; do
 *     valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect=run_part build/benchmarks/bench_picker $part 2>&1 | grep Collected
 *   done
 *
 * and divides by 20,000. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "characteristic.h"
#include "picker.h"
#include "random.h"

enum { RATE = 100, SECONDS = 200, SAMPLES = RATE * SECONDS, ROUNDS = 15, SENSORS = 2000, TICKS = 12 };
enum { CHANNELS = 18000, STRIDE = 7919, VISITED = 8 }; /* STRIDE: no divisor in common with CHANNELS */

static float noise[INGEST_COMPONENTS][SAMPLES];
static const double PI = 3.14159265358979323846;
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

enum { BANDS = 6 };

/* What compilers make two or four at a time of is no longer plain. */
#ifdef __clang__
#define SCALAR
#define ONE_BY_ONE _Pragma("clang loop vectorize(disable) unroll(disable)")
#else
#define SCALAR __attribute__((optimize("no-tree-vectorize")))
#define ONE_BY_ONE
#endif
static void run_plain_bank(void) SCALAR;
static void run_filter_picker(void) SCALAR;

/* The program's own bank, one band after the other in plain double precision: what it would be without lanes. */
static void run_plain_bank(void)
{
  static const double multiples[BANDS] = {1, 2, 4, 8, 16, 25};
  double high_step[BANDS], low_step[BANDS], brief[BANDS], h1[BANDS] = {0}, h2[BANDS] = {0}, l1[BANDS] = {0}, l2[BANDS] = {0}, average[BANDS] = {0},
                                                          level[BANDS] = {0}, sum[BANDS] = {0}, last = (double)noise[0][0], step = 1.0 / (8 * RATE);
  int triggers = 0;
  for (int b = 0; b < BANDS; b++) {
    high_step[b] = 1 - exp(-2 * PI * multiples[b] / 1.4 / RATE);
    low_step[b] = 1 - exp(-2 * PI * multiples[b] * 1.4 / RATE);
    brief[b] = 1 / (fmin(fmax(0.4 / multiples[b], 0.04), 0.3) * RATE + 1);
  }
  for (int i = 0; i < SAMPLES; i++) {
    double difference = (double)noise[0][i] - last;
    bool up = false;
    last = (double)noise[0][i];
    ONE_BY_ONE
    for (int b = 0; b < BANDS; b++) {
      double x = difference;
      h1[b] += high_step[b] * (x - h1[b]);
      x -= h1[b];
      h2[b] += high_step[b] * (x - h2[b]);
      x -= h2[b];
      l1[b] += low_step[b] * (x - l1[b]);
      l2[b] += low_step[b] * (l1[b] - l2[b]);
      double energy = l2[b] * l2[b], limit = i < 2 * RATE ? energy : 6 * level[b];
      sum[b] += energy;
      average[b] += brief[b] * (energy - average[b]);
      level[b] += (i < 2 * RATE ? 1.0 / (i + 1) : step) * ((energy < limit ? energy : limit) - level[b]);
      up |= average[b] > 8 * level[b];
    }
    triggers += up;
  }
  kept += triggers + sum[0];
}

/* FilterPicker after Lomax, Satriano & Vassallo 2012, eq. 1-6: differences; in each band two high-passes and a low-pass of one pole; the squared
 * output over its own mean and deviation; the largest of the bands, no more than 5 times threshold_1; a pick where it passes threshold_1 and its mean
 * over the next t_up passes threshold_2. */
static void run_filter_picker(void)
{
  enum { UP = RATE / 2 };
  const double threshold_1 = 10, threshold_2 = 10, memory = 1.0 / (10 * RATE);
  double high_1[BANDS] = {0}, high_2[BANDS] = {0}, low[BANDS] = {0}, mean[BANDS] = {0}, square[BANDS] = {0}, before_1[BANDS] = {0},
         before_2[BANDS] = {0}, high_constant[BANDS], low_constant[BANDS], recent[UP] = {0}, integral = 0, last = 0;
  int picks = 0, waiting = 0;
  for (int b = 0; b < BANDS; b++) {
    double w = (1 << b) / (2 * PI);
    high_constant[b] = w / (w + 1);
    low_constant[b] = 1 / (w + 1);
  }
  for (int i = 0; i < SAMPLES; i++) {
    double difference = (double)noise[0][i] - last, most = 0;
    last = (double)noise[0][i];
    ONE_BY_ONE
    for (int b = 0; b < BANDS; b++) {
      high_1[b] = high_constant[b] * (high_1[b] + difference - before_1[b]);
      before_1[b] = difference;
      high_2[b] = high_constant[b] * (high_2[b] + high_1[b] - before_2[b]);
      before_2[b] = high_1[b];
      low[b] += low_constant[b] * (high_2[b] - low[b]);
      double energy = low[b] * low[b], deviation = sqrt(fmax(square[b] - mean[b] * mean[b], 0));
      double function = deviation > 1e-300 ? (energy - mean[b]) / deviation : 0;
      most = function > most ? function : most;
      mean[b] += memory * (energy - mean[b]);
      square[b] += memory * (energy * energy - square[b]);
    }
    most = i < 10 * RATE ? 0 : fmin(most, 5 * threshold_1);
    integral += most - recent[i % UP];
    recent[i % UP] = most;
    waiting = waiting > 0 ? waiting - 1 : most > threshold_1 ? UP : 0;
    if (waiting == 1 && integral > threshold_2 * UP)
      picks++;
  }
  kept += picks;
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

/* The banks of a national network, visited in an order that no cache foresees, one packet a visit; its samples are where the decoder left them, in
 * the cache. Nanoseconds a sample, of the best round. */
static double nanoseconds_of_banks(int packet)
{
  static characteristic *banks;
  random_source r = {3};
  if (!banks)
    banks = aligned_alloc(64, CHANNELS * sizeof *banks);
  for (int i = 0; i < CHANNELS; i++) {
    characteristic_init(&banks[i], RATE, 1, 8, 2, 8);
    characteristic_restart(&banks[i], 0);
  }
  int rounds = VISITED * RATE / packet;
  double best = INFINITY;
  for (int round = 0; round < rounds; round++) {
    int at = (int)random_below(&r, CHANNELS), from = (int)random_below(&r, SAMPLES - RATE);
    double start = seconds_now();
    for (int visit = 0; visit < CHANNELS; visit++, at = (at + STRIDE) % CHANNELS) {
      characteristic_expect(&banks[at], (size_t)packet);
      bool up;
      for (size_t i = 0; i < (size_t)packet;)
        i += characteristic_run(&banks[at], noise[0] + from + i, (size_t)packet - i, &up);
    }
    best = fmin(best, (seconds_now() - start) * 1e9 / ((double)CHANNELS * packet));
  }
  return best;
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

static const struct {
  const char *name;
  void (*run)(void);
} parts[] = {
    {"bank", run_bank}, {"plain", run_plain_bank}, {"filterpicker", run_filter_picker}, {"vertical", run_vertical}, {"sensor", run_whole_sensor}};

/* Not inlined, so that callgrind knows it by its name. */
__attribute__((noinline)) static void run_part(const char *name)
{
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
    if (strcmp(parts[i].name, name) == 0)
      parts[i].run();
}

int main(int argc, char **argv)
{
  make_noise();
  if (argc > 1) {
    run_part(argv[1]);
    return 0;
  }
  double plain = nanoseconds(run_plain_bank, SAMPLES), paper = nanoseconds(run_filter_picker, SAMPLES), bank = nanoseconds(run_bank, SAMPLES);
  double vertical = nanoseconds(run_vertical, SAMPLES), sensor = nanoseconds(run_whole_sensor, SAMPLES);
  report("picker_bank", 1e3 / bank, "Msamples/s a core, one hot channel (baseline: the same bank in plain scalar double)", 1e3 / plain);
  report("picker_bank_filterpicker", 1e3 / bank, "Msamples/s a core (baseline: FilterPicker after the paper in plain scalar double)", 1e3 / paper);
  report("picker_bank_bytes", (double)sizeof(characteristic), "bytes a channel beside its samples (baseline: what may be)", 4096);
  report("picker_bank_18000_1s", 1e3 / nanoseconds_of_banks(RATE), "Msamples/s a core, 18,000 channels in random order, packets of 1 s", 1e3 / plain);
  report("picker_bank_18000_0.2s", 1e3 / nanoseconds_of_banks(RATE / 5), "Msamples/s a core, the same, packets of 0.2 s", 1e3 / plain);
  report("picker_vertical", vertical, "ns a sample: bank, P wave and motion of a vertical alone", plain);
  report("picker_sensor", sensor, "ns a triple of samples: three components, all", plain);
  report("picker_network", nanoseconds_of_network(), "ns a triple, 2000 sensors in turn with packets of 1 s", sensor);
  return 0;
}
