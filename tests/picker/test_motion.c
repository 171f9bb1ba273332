/* Ground motion against closed forms, and the stream against the whole record. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data.h"
#include "motion.h"
#include "signals.h"

static const double PI = 3.14159265358979323846;

static void assert_near(double value, double expected, double part)
{
  if (!(fabs(value - expected) <= part * fabs(expected)))
    fail_msg("%g is not within %g of %g", value, part, expected);
}

/* A sine on each component, in phase, that swells over 40 s so that nothing overshoots. */
static picker_motion motion_of_sine(double rate, ingest_unit unit, double frequency, double vertical, double north, double east)
{
  const double amplitudes[INGEST_COMPONENTS] = {vertical, north, east};
  signal s[INGEST_COMPONENTS];
  const float *components[INGEST_COMPONENTS];
  picker_motion motion;
  for (int c = 0; c < INGEST_COMPONENTS; c++) {
    s[c] = signal_zero(200, rate);
    signal_add_sine(&s[c], 10, amplitudes[c], frequency);
    for (size_t i = 0; i < s[c].n; i++)
      s[c].values[i] *= (float)fmin((double)i / rate / 50, 1);
    components[c] = s[c].values;
  }
  assert_true(picker_record_motion(components, s[0].n, rate, unit, 0, &motion));
  for (int c = 0; c < INGEST_COMPONENTS; c++)
    signal_free(&s[c]);
  return motion;
}

static void a_1_hz_sine_of_1_m_s2_has_a_velocity_of_0_159_m_s(void **state)
{
  (void)state;
  for (double rate = 50; rate <= 500; rate *= 2) {
    picker_motion m = motion_of_sine(rate, INGEST_UNIT_ACCELERATION, 1, 0, 1, 0);
    assert_int_equal(m.components, 3);
    assert_near((double)m.csis_pga_m_s2, 1, 0.01);
    assert_near((double)m.pga_m_s2, 1, 0.01);
    assert_near((double)m.csis_pgv_m_s, 1 / (2 * PI), 0.01);
  }
}

static void vector_sums_are_of_three_components(void **state)
{
  (void)state;
  picker_motion one = motion_of_sine(100, INGEST_UNIT_ACCELERATION, 2, 0, 0, 1), all = motion_of_sine(100, INGEST_UNIT_ACCELERATION, 2, 2, 3, 6);
  assert_near((double)all.pga_m_s2, 7 * (double)one.pga_m_s2, 1e-5);
  assert_near((double)all.csis_pga_m_s2, 7 * (double)one.csis_pga_m_s2, 1e-5);
  assert_near((double)all.csis_pgv_m_s, 7 * (double)one.csis_pgv_m_s, 1e-5);
  assert_near((double)all.jma_pgd_m, 7 * (double)one.jma_pgd_m, 1e-5);
  assert_near((double)all.wood_anderson_mm, (3 + 6) / 2.0 * (double)one.wood_anderson_mm, 1e-5);
}

/* The last second of a long steady sine, past all that swings in. */
static motion_outputs steady(double rate, ingest_unit unit, double frequency)
{
  motion_design design;
  motion_state s = {0};
  motion_outputs out, most = {0};
  motion_lanes none = {0};
  motion_design_init(&design, rate, unit);
  for (int i = 0; i < (int)(300 * rate); i++) {
    double value = sin(2 * PI * frequency * i / rate);
    motion_lanes x = {value, value, value, 0};
    motion_filter(&design, &s, &x, &none, &out);
    for (size_t k = 0; i > 290 * rate && k < sizeof out / sizeof(motion_lanes); k++)
      ((motion_lanes *)&most)[k][0] = fmax(((motion_lanes *)&most)[k][0], fabs(((motion_lanes *)&out)[k][0]));
  }
  return most;
}

static void each_filter_has_its_gain(void **state)
{
  (void)state;
  for (int unit = INGEST_UNIT_VELOCITY; unit <= INGEST_UNIT_ACCELERATION; unit++)
    for (double frequency = 0.3; frequency < 6; frequency *= 1.7) {
      double w = 2 * PI * frequency, acceleration = unit == INGEST_UNIT_ACCELERATION ? 1 : w, velocity = acceleration / w;
      filters_section band[FILTERS_BANDPASS_SECTIONS], high = filters_highpass(200, 0.075), jma = filters_highpass(200, 1.0 / 6);
      filters_bandpass(200, 0.1, 10, band);
      motion_outputs m = steady(200, (ingest_unit)unit, frequency);
      double gain = filters_gain(band, FILTERS_BANDPASS_SECTIONS, 200, frequency);
      assert_near(m.band_acceleration[0], acceleration * gain, 0.01);
      assert_near(m.band_velocity[0], velocity * gain, 0.01);
      assert_near(m.acceleration[0], acceleration, 0.01);
      assert_near(m.velocity[0], velocity, 0.01);
      assert_near(m.displacement[0], velocity / w * filters_gain(&high, 1, 200, frequency), 0.01);
      assert_near(m.jma[0], velocity / w * filters_gain(&jma, 1, 200, frequency), 0.01);
      double own = 2 * PI / 0.8, real = own * own - w * w, imaginary = 2 * 0.7 * own * w;
      assert_near(m.wood_anderson[0], 2080 * velocity / w * w * w / sqrt(real * real + imaginary * imaginary), 0.01);
    }
}

static void the_band_pass_velocity_equals_the_running_sum_filtered_apart(void **state)
{
  (void)state;
  signal s = signal_noise(3, 60, 100);
  motion_design design;
  motion_state sum_state = {0}, together = {0};
  motion_outputs a, b;
  motion_lanes none = {0};
  motion_design_init(&design, 100, INGEST_UNIT_ACCELERATION);
  double sum = 0;
  for (size_t i = 0; i < s.n; i++) {
    sum += (double)s.values[i] / 100;
    motion_lanes x = {(double)s.values[i]}, v = {sum};
    motion_filter(&design, &together, &x, &none, &a);
    motion_filter(&design, &sum_state, &v, &none, &b);
    assert_true(fabs(a.band_velocity[0] - b.band_acceleration[0]) < 1e-9);
  }
  signal_free(&s);
}

/* Three components through a picker in packets of a second; the last report. */
static picker_motion streamed(const signal s[INGEST_COMPONENTS], size_t packet, ingest_unit unit, unsigned left_out, told *t, size_t *reports)
{
  picker_settings settings = default_picker_settings();
  picker *p = picker_create(&settings, 0, s[0].rate);
  picker_sink sink = sink_into(t);
  picker_motion motion = {0};
  memset(t, 0, sizeof *t);
  *reports = 0;
  for (size_t from = 0; from < s[0].n; from += packet) {
    size_t count = from + packet < s[0].n ? packet : s[0].n - from;
    for (int c = 0; c < INGEST_COMPONENTS; c++) {
      if (left_out >> c & 1)
        continue;
      ingest_samples piece = piece_of(&s[c], c, unit, from, count, from == 0);
      picker_feed(p, &piece, &sink);
    }
    *reports += picker_motion_take(p, &motion);
  }
  picker_destroy(p);
  return motion;
}

static void make_quake(signal s[INGEST_COMPONENTS], uint64_t seed, double seconds, double onset_s, double offset)
{
  for (int c = 0; c < INGEST_COMPONENTS; c++) {
    s[c] = signal_noise(seed + (uint64_t)c, seconds, 100);
    for (size_t i = 0; i < s[c].n; i++)
      s[c].values[i] = s[c].values[i] * 1e-4f + (float)offset;
    signal_add_wave(&s[c], seed, onset_s, 0.05);
    signal_add_wave(&s[c], seed + 50, onset_s + 3, 0.6);
  }
}

static void release(signal s[INGEST_COMPONENTS])
{
  for (int c = 0; c < INGEST_COMPONENTS; c++)
    signal_free(&s[c]);
}

static void assert_same_motion(const picker_motion *a, const picker_motion *b, double part)
{
  assert_int_equal(a->components, b->components);
  assert_near((double)a->pga_m_s2, (double)b->pga_m_s2, part);
  assert_near((double)a->csis_pga_m_s2, (double)b->csis_pga_m_s2, part);
  assert_near((double)a->csis_pgv_m_s, (double)b->csis_pgv_m_s, part);
  assert_near((double)a->pgd_m, (double)b->pgd_m, part);
  assert_near((double)a->jma_pgd_m, (double)b->jma_pgd_m, part);
  assert_near((double)a->wood_anderson_mm, (double)b->wood_anderson_mm, part);
}

static void the_stream_equals_the_whole_record(void **state)
{
  (void)state;
  static told t;
  for (int unit = INGEST_UNIT_VELOCITY; unit <= INGEST_UNIT_ACCELERATION; unit++) {
    signal s[INGEST_COMPONENTS];
    size_t reports;
    make_quake(s, 5, 120, 60, 9.8);
    picker_motion stream = streamed(s, 100, (ingest_unit)unit, 0, &t, &reports), record;
    size_t onset = (size_t)llround(seconds_after_start(t.picks[0].time) * 100);
    const float *components[] = {s[0].values, s[1].values, s[2].values};
    assert_true(picker_record_motion(components, s[0].n, 100, (ingest_unit)unit, onset, &record));
    assert_true(reports >= 2);
    assert_same_motion(&stream, &record, 0.002);
    release(s);
  }
}

static void other_packets_give_the_same_maxima(void **state)
{
  (void)state;
  static told t;
  signal s[INGEST_COMPONENTS];
  size_t reports;
  make_quake(s, 6, 120, 60, 0);
  picker_motion second = streamed(s, 100, INGEST_UNIT_ACCELERATION, 0, &t, &reports);
  static const size_t packets[] = {1, 20, 37, 512, 900};
  for (size_t i = 0; i < sizeof packets / sizeof packets[0]; i++) {
    picker_motion other = streamed(s, packets[i], INGEST_UNIT_ACCELERATION, 0, &t, &reports);
    assert_same_motion(&other, &second, 1e-4);
  }
  release(s);
}

static void an_absent_component_is_done_without(void **state)
{
  (void)state;
  static told t;
  size_t reports;
  signal s[INGEST_COMPONENTS];
  make_quake(s, 7, 120, 60, 0);
  assert_int_equal(streamed(s, 100, INGEST_UNIT_ACCELERATION, 1u << INGEST_NORTH | 1u << INGEST_EAST, &t, &reports).components, 1);
  assert_true(reports > 0);
  picker_motion two = streamed(s, 100, INGEST_UNIT_ACCELERATION, 1u << INGEST_VERTICAL, &t, &reports);
  assert_int_equal(two.components, 2);
  assert_true(two.csis_pga_m_s2 > 0);
  release(s);
}

static void a_window_closes_after_quiet_and_another_opens(void **state)
{
  (void)state;
  signal s[INGEST_COMPONENTS];
  picker_settings settings = default_picker_settings();
  static told t;
  picker_sink sink = sink_into(&t);
  picker *p = picker_create(&settings, 0, 100);
  make_quake(s, 8, 200, 50, 0);
  for (int c = 0; c < INGEST_COMPONENTS; c++)
    signal_add_wave(&s[c], 99, 120, 0.3);
  int64_t since[8];
  size_t windows = 0;
  for (size_t from = 0; from < s[0].n; from += 100) {
    for (int c = 0; c < INGEST_COMPONENTS; c++) {
      ingest_samples piece = piece_of(&s[c], c, INGEST_UNIT_ACCELERATION, from, 100, from == 0);
      picker_feed(p, &piece, &sink);
    }
    picker_motion m;
    if (picker_motion_take(p, &m) && (windows == 0 || m.since != since[windows - 1]) && windows < 8)
      since[windows++] = m.since;
    assert_true(!picker_motion_take(p, &m));
  }
  picker_destroy(p);
  assert_int_equal(windows, 2);
  assert_true(fabs(seconds_after_start(since[0]) - 50) < 0.2 && fabs(seconds_after_start(since[1]) - 120) < 0.2);
  release(s);
}

static void strong_shaking_without_a_pick_opens_a_window(void **state)
{
  (void)state;
  signal s[INGEST_COMPONENTS];
  picker_settings settings = default_picker_settings();
  settings.threshold_1 = 1e9;
  static told t;
  picker_sink sink = sink_into(&t);
  picker *p = picker_create(&settings, 0, 100);
  make_quake(s, 9, 100, 60, 0);
  picker_motion m = {0};
  for (size_t from = 0; from < s[0].n; from += 50)
    for (int c = 0; c < INGEST_COMPONENTS; c++) {
      ingest_samples piece = piece_of(&s[c], c, INGEST_UNIT_ACCELERATION, from, 50, from == 0);
      picker_feed(p, &piece, &sink);
    }
  assert_true(picker_motion_take(p, &m));
  assert_int_equal(t.pick_count, 0);
  assert_true(fabs(seconds_after_start(m.since) - 60) < 1);
  picker_destroy(p);
  release(s);
}

static void a_gap_of_an_hour_and_one_swapped_rate_do_no_harm(void **state)
{
  (void)state;
  signal s[INGEST_COMPONENTS];
  picker_settings settings = default_picker_settings();
  static told t;
  picker_sink sink = sink_into(&t);
  picker *p = picker_create(&settings, 0, 100);
  make_quake(s, 10, 100, 60, 0);
  for (int hour = 0; hour < 3; hour++)
    for (int c = 0; c < INGEST_COMPONENTS; c++) {
      ingest_samples piece = piece_of(&s[c], c, INGEST_UNIT_ACCELERATION, 0, s[c].n, true);
      piece.start += 3600 * INGEST_SECOND * hour + (c == INGEST_NORTH ? 5 * INGEST_SECOND : 0);
      piece.rate = c == INGEST_EAST && hour == 1 ? 50 : 100;
      picker_feed(p, &piece, &sink);
    }
  picker_motion m;
  if (picker_motion_take(p, &m))
    assert_true(isfinite(m.pga_m_s2) && isfinite(m.csis_pgv_m_s) && isfinite(m.pgd_m));
  picker_destroy(p);
  release(s);
}

static void a_component_that_pauses_in_strong_shaking_comes_back_on_its_baseline(void **state)
{
  (void)state;
  static told t;
  size_t reports;
  signal s[INGEST_COMPONENTS];
  make_quake(s, 12, 120, 60, 3);
  picker_motion whole = streamed(s, 100, INGEST_UNIT_ACCELERATION, 0, &t, &reports);
  for (size_t i = 6320; i < 6420; i++)
    s[INGEST_NORTH].values[i] = NAN;
  picker_motion paused = streamed(s, 100, INGEST_UNIT_ACCELERATION, 0, &t, &reports);
  assert_int_equal(paused.components, 3);
  assert_true(paused.jma_pgd_m < 1.5f * whole.jma_pgd_m && paused.pgd_m < 2 * whole.pgd_m);
  assert_true(paused.csis_pgv_m_s < 1.5f * whole.csis_pgv_m_s);
  release(s);
}

static void a_record_of_a_wrong_rate_is_refused(void **state)
{
  (void)state;
  float x[100] = {0};
  const float *components[] = {x, x, x};
  picker_motion m;
  assert_false(picker_record_motion(components, 100, 19, INGEST_UNIT_VELOCITY, 0, &m));
  assert_false(picker_record_motion(components, 100, 501, INGEST_UNIT_VELOCITY, 0, &m));
  assert_true(picker_record_motion(components, 100, 100, INGEST_UNIT_VELOCITY, 1000, &m));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_1_hz_sine_of_1_m_s2_has_a_velocity_of_0_159_m_s),
      cmocka_unit_test(vector_sums_are_of_three_components),
      cmocka_unit_test(each_filter_has_its_gain),
      cmocka_unit_test(the_band_pass_velocity_equals_the_running_sum_filtered_apart),
      cmocka_unit_test(the_stream_equals_the_whole_record),
      cmocka_unit_test(other_packets_give_the_same_maxima),
      cmocka_unit_test(an_absent_component_is_done_without),
      cmocka_unit_test(a_window_closes_after_quiet_and_another_opens),
      cmocka_unit_test(strong_shaking_without_a_pick_opens_a_window),
      cmocka_unit_test(a_gap_of_an_hour_and_one_swapped_rate_do_no_harm),
      cmocka_unit_test(a_component_that_pauses_in_strong_shaking_comes_back_on_its_baseline),
      cmocka_unit_test(a_record_of_a_wrong_rate_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
