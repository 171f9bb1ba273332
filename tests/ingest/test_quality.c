#include "quality.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "made.h"

/* One accelerometer channel: counts as digitised, and what is made of them. */
enum { RATE = 100, MOST_SAMPLES = 65536 };
#define GAIN 1e5

static ingest_settings settings = {.flat_after_s = 60,
                                   .noisy_ratio = 10,
                                   .noisy_after_s = 1800,
                                   .usual_hours = 24,
                                   .spikes_minute = 1,
                                   .offset_m_s2 = 5,
                                   .offset_m_s = 0.005,
                                   .drift_ratio = 5};
static quality q;
static random_source draws;
static bool begun;

/* What the channel measures besides noise of `sigma` counts; NULL: nothing. */
typedef double signal(double seconds, int index);

static int begin(void **state)
{
  (void)state;
  memset(&q, 0, sizeof q);
  draws.state = 11;
  begun = false;
  return 0;
}

static void feed(const int32_t *counts, size_t count, double rate, ingest_unit unit, double gain)
{
  float values[4096];
  for (size_t at = 0; at < count;) {
    size_t n = count - at < 4096 ? count - at : 4096;
    for (size_t i = 0; i < n; i++)
      values[i] = (float)(counts[at + i] / gain);
    ingest_samples samples = {.gap = !begun, .unit = unit, .rate = rate, .count = n, .values = values};
    quality_feed(&q, &settings, &samples, counts + at);
    begun = true;
    at += n;
  }
}

static uint32_t watched(int seconds, double sigma, signal *add, uint32_t (*bend)(uint32_t count))
{
  uint32_t faults = 0;
  int32_t counts[RATE];
  for (int second = 0; second < seconds; second++) {
    for (int i = 0; i < RATE; i++) {
      double value = sigma * random_normal(&draws) + (add ? add(second + (double)i / RATE, second * RATE + i) : 0);
      int32_t count = (int32_t)lround(fmin(fmax(value, -8e6), 8e6));
      counts[i] = bend ? (int32_t)bend((uint32_t)count) : count;
    }
    feed(counts, RATE, RATE, INGEST_UNIT_ACCELERATION, GAIN);
    faults |= q.faults;
  }
  return faults;
}

static bool is(ingest_fault_kind fault)
{
  return q.faults >> fault & 1;
}

#define FAULT(name) (UINT32_C(1) << INGEST_FAULT_##name)

static void noise_has_no_fault_and_becomes_the_usual(void **state)
{
  (void)state;
  assert_int_equal(watched(3000, 50, NULL, NULL), 0);
  ingest_quality told;
  quality_tell(&q, &told);
  assert_true(fabs((double)told.usual_rms - 50 / GAIN) < 2 / GAIN);
  assert_true(fabs((double)told.usual_step - 50 * sqrt(2) / GAIN) < 3 / GAIN);
  assert_true(fabs((double)told.offset) < 1 / GAIN);
}

/* An M7 near by: full scale for a minute, and a coda that falls with the time since (1 / t). */
static double near_quake(double t, int index)
{
  double envelope = t < 2 ? 0 : t < 60 ? 2e7 : 2e7 * pow(60 / t, 1.5);
  return envelope * sin(0.31 * index) * cos(0.05 * index * index);
}

static void a_strong_earthquake_near_by_is_clipped_and_nothing_else(void **state)
{
  (void)state;
  watched(1200, 50, NULL, NULL);
  uint32_t faults = watched(5400, 50, near_quake, NULL);
  assert_true(faults & FAULT(CLIPPED));
  assert_int_equal(faults & ~FAULT(CLIPPED) & ~FAULT(DRIFT), 0);
  ingest_quality told;
  quality_tell(&q, &told);
  assert_true((double)told.usual_rms < 80 / GAIN);
}

static double swarm(double t, int index)
{
  double since = fmod(t, 20);
  return 3e5 * exp(-since / 4) * sin(0.9 * index);
}

static void a_swarm_is_no_fault_for_hours(void **state)
{
  (void)state;
  watched(1200, 50, NULL, NULL);
  assert_int_equal(watched(9000, 50, swarm, NULL), 0);
}

static void an_earthquake_in_its_first_minute_does_not_spoil_a_channel(void **state)
{
  (void)state;
  watched(30, 50, NULL, NULL);
  watched(300, 50, near_quake, NULL);
  uint32_t faults = watched(9000, 50, NULL, NULL);
  assert_int_equal(faults & ~FAULT(CLIPPED), 0);
  ingest_quality told;
  quality_tell(&q, &told);
  assert_true((double)told.usual_rms < 100 / GAIN);
}

static double hum(double t, int index)
{
  (void)index;
  return 3000 * sin(2 * M_PI * 12.5 * t);
}

static void hum_is_loud_after_half_an_hour_and_its_end_is_seen(void **state)
{
  (void)state;
  watched(1200, 50, NULL, NULL);
  assert_int_equal(watched(1700, 50, hum, NULL), 0);
  watched(300, 50, hum, NULL);
  assert_true(is(INGEST_FAULT_LOUD));
  watched(60, 50, NULL, NULL);
  assert_true(is(INGEST_FAULT_LOUD));
  watched(120, 50, NULL, NULL);
  assert_false(is(INGEST_FAULT_LOUD));
}

static void a_lost_sensor_is_deaf(void **state)
{
  (void)state;
  watched(7 * 3600, 500, NULL, NULL);
  watched(1700, 5, NULL, NULL);
  assert_false(is(INGEST_FAULT_DEAF));
  watched(300, 5, NULL, NULL);
  assert_true(is(INGEST_FAULT_DEAF));
  watched(61, 500, NULL, NULL);
  assert_false(is(INGEST_FAULT_DEAF));
}

static double still(double t, int index)
{
  (void)t, (void)index;
  return 7;
}

static void what_does_not_move_is_flat_until_its_first_sample_that_moves(void **state)
{
  (void)state;
  watched(1200, 50, NULL, NULL);
  watched(58, 0, still, NULL);
  assert_false(is(INGEST_FAULT_FLAT));
  watched(3, 0, still, NULL);
  assert_true(is(INGEST_FAULT_FLAT));
  feed((const int32_t[]){7, 7, 8}, 3, RATE, INGEST_UNIT_ACCELERATION, GAIN);
  assert_false(is(INGEST_FAULT_FLAT));
}

static double spikes(double t, int index)
{
  (void)t;
  return index % 1733 == 0 ? 20000 : 0;
}

static void spikes_are_told_from_waves(void **state)
{
  (void)state;
  watched(1200, 50, NULL, NULL);
  watched(1200, 50, spikes, NULL);
  assert_true(is(INGEST_FAULT_SPIKY));
  assert_int_equal(q.faults & ~FAULT(SPIKY), 0);
  watched(1800, 50, NULL, NULL);
  assert_false(is(INGEST_FAULT_SPIKY));
}

static uint32_t with_bit_3_set(uint32_t count)
{
  return count | 8;
}

static uint32_t with_bit_4_clear(uint32_t count)
{
  return count & ~UINT32_C(16);
}

static uint32_t coarse(uint32_t count)
{
  return count & ~UINT32_C(7);
}

static void a_stuck_bit_is_found_set_or_clear_and_coarse_counts_are_none(void **state)
{
  static uint32_t (*const bends[])(uint32_t) = {with_bit_3_set, with_bit_4_clear, coarse};
  for (int i = 0; i < 3; i++) {
    begin(state);
    watched(300, 100, NULL, NULL);
    watched(150, 100, NULL, bends[i]);
    assert_int_equal(is(INGEST_FAULT_STUCK_BIT), i < 2);
    watched(150, 100, NULL, NULL);
    assert_false(is(INGEST_FAULT_STUCK_BIT));
  }
}

static double far_off(double t, int index)
{
  (void)t, (void)index;
  return 7 * GAIN;
}

static double upright(double t, int index)
{
  (void)t, (void)index;
  return 9.8 * GAIN;
}

static void a_mean_far_from_zero_is_an_offset_and_gravity_is_none(void **state)
{
  assert_int_equal(watched(300, 50, far_off, NULL), FAULT(OFFSET));
  begin(state);
  assert_int_equal(watched(300, 50, upright, NULL), 0);
}

static double ramp(double t, int index)
{
  (void)index;
  return 10 * t;
}

static void a_drift_is_told_with_its_size(void **state)
{
  (void)state;
  watched(1200, 50, NULL, NULL);
  watched(3000, 50, ramp, NULL);
  assert_true(is(INGEST_FAULT_DRIFT));
  ingest_quality told;
  quality_tell(&q, &told);
  assert_true(fabs((double)told.drift_hour - 36000 / GAIN) < 1500 / GAIN);
  assert_int_equal(q.faults & ~FAULT(DRIFT), 0);
}

static void another_sensor_is_learned_anew(void **state)
{
  (void)state;
  const int32_t counts[RATE] = {1, -1, 2, -2};
  watched(1200, 50, NULL, NULL);
  begun = false;
  feed(counts, RATE, RATE, INGEST_UNIT_ACCELERATION, GAIN);
  assert_true(q.learned > 600);
  begun = false;
  feed(counts, RATE, RATE, INGEST_UNIT_VELOCITY, GAIN);
  assert_true(q.learned <= 1);
}

static void any_cutting_gives_the_same(void **state)
{
  enum { SAMPLES = 20000 };
  static int32_t counts[SAMPLES];
  begin(state);
  for (int i = 0; i < SAMPLES; i++)
    counts[i] = (int32_t)(50 * random_normal(&draws) + swarm((double)i / RATE, i));
  feed(counts, SAMPLES, RATE, INGEST_UNIT_ACCELERATION, GAIN);
  quality whole = q;
  begin(state);
  for (size_t at = 0; at < SAMPLES;) {
    size_t n = 1 + (size_t)random_below(&draws, 333);
    n = n < SAMPLES - at ? n : SAMPLES - at;
    feed(counts + at, n, RATE, INGEST_UNIT_ACCELERATION, GAIN);
    at += n;
  }
  assert_memory_equal(&q, &whole, sizeof q);
}

/* ---- recordings: minutes of them, each made half an hour longer by its own first seconds ---- */

/* The channel's first `noise_s` over and over, in turns from one end, from the other, so that no step lies between; then all of it. Returns the
   faults that there were since the recording itself began. */
static uint32_t faults_in(const char *path, double noise_s, double gain, ingest_unit unit)
{
  static double values[MOST_SAMPLES];
  static int32_t counts[200000];
  size_t length = 0, count = 0;
  uint8_t *bytes = (uint8_t *)data_read(path, &length);
  ingest_record record = {.rate = RATE};
  for (size_t at = 0; at < length;) {
    ingest_frame_result frame = ingest_frame(bytes + at, length - at);
    if (frame.framing == INGEST_FRAME_RECORD && !ingest_record_decode(bytes + at, frame.length, &record, values, MOST_SAMPLES))
      for (int32_t i = 0; i < record.samples && count < 200000; i++)
        counts[count++] = (int32_t)values[i];
    at += frame.length;
  }
  free(bytes);
  size_t noise = (size_t)(noise_s * record.rate);
  assert_true(count > noise);
  int32_t *back = malloc(noise * sizeof *back);
  for (size_t i = 0; i < noise; i++)
    back[i] = counts[noise - 1 - i];
  for (double t = 0; t < 1800; t += 2 * noise_s) {
    feed(counts, noise, record.rate, unit, gain);
    feed(back, noise, record.rate, unit, gain);
  }
  free(back);
  uint32_t faults = 0;
  for (size_t at = 0; at < count; at += 100, faults |= q.faults)
    feed(counts + at, count - at < 100 ? count - at : 100, record.rate, unit, gain);
  return faults;
}

/* All channels of a folder of recordings must have no fault but `allowed`; returns how many there were. */
static int assert_faults_of(const char *folder, double noise_s, double gain, ingest_unit unit, uint32_t allowed)
{
  char relative[300];
  int channels = 0;
  DIR *listing = opendir(data_path(folder));
  assert_non_null(listing);
  for (const struct dirent *entry; (entry = readdir(listing)) != NULL;) {
    if (!strstr(entry->d_name, ".mseed"))
      continue;
    begin(NULL);
    snprintf(relative, sizeof relative, "%s/%s", folder, entry->d_name);
    uint32_t faults = faults_in(data_path(relative), noise_s, gain, unit);
    if (faults & ~allowed)
      fail_msg("%s: faults %x", relative, faults);
    channels++;
  }
  closedir(listing);
  return channels;
}

static void the_m71_of_ridgecrest_makes_no_station_noisy_or_dead(void **state)
{
  (void)state;
  assert_true(assert_faults_of("ridgecrest-2019", 25, 2e5, INGEST_UNIT_ACCELERATION, FAULT(CLIPPED) | FAULT(DRIFT)) > 0);
}

static void the_bardarbunga_swarm_makes_no_station_noisy_or_dead(void **state)
{
  (void)state;
  assert_true(assert_faults_of("bardarbunga-2014", 15, 3.3e9, INGEST_UNIT_VELOCITY, 0) > 0);
}

static void cheap_sensors_in_cities_are_good_in_their_own_noise_and_in_the_m72_of_oaxaca(void **state)
{
  (void)state;
  assert_true(assert_faults_of("oaxaca-2018", 200, 1e5, INGEST_UNIT_ACCELERATION, FAULT(DRIFT)) > 0);
}

#define T(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
  const struct CMUnitTest tests[] = {
      T(noise_has_no_fault_and_becomes_the_usual),
      T(a_strong_earthquake_near_by_is_clipped_and_nothing_else),
      T(a_swarm_is_no_fault_for_hours),
      T(an_earthquake_in_its_first_minute_does_not_spoil_a_channel),
      T(hum_is_loud_after_half_an_hour_and_its_end_is_seen),
      T(a_lost_sensor_is_deaf),
      T(what_does_not_move_is_flat_until_its_first_sample_that_moves),
      T(spikes_are_told_from_waves),
      T(a_stuck_bit_is_found_set_or_clear_and_coarse_counts_are_none),
      T(a_mean_far_from_zero_is_an_offset_and_gravity_is_none),
      T(a_drift_is_told_with_its_size),
      T(another_sensor_is_learned_anew),
      T(any_cutting_gives_the_same),
      T(the_m71_of_ridgecrest_makes_no_station_noisy_or_dead),
      T(the_bardarbunga_swarm_makes_no_station_noisy_or_dead),
      T(cheap_sensors_in_cities_are_good_in_their_own_noise_and_in_the_m72_of_oaxaca),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
