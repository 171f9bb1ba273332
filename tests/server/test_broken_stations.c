#include "data.h"

#include <math.h>

#include "listening.h"

/* An M6.5 in the province, with the truth of how earthquakes differ in it. */
typedef struct {
  locator_travel_times *tables;
  picker_settings settings;
  listener sound[LISTENING_STATIONS], broken[LISTENING_STATIONS];
} world;

static world w;

static int create(void **state)
{
  (void)state;
  locator_model model;
  const config_section sections[] = {{.name = "picker", .rows = picker_rows, .struct_size = sizeof w.settings, .values = &w.settings}, {0}};
  config_defaults(sections);
  if (!locator_model_named("north-china", &model))
    return -1;
  w.tables = locator_travel_times_create(&model, 600, 100);
  return w.tables ? 0 : -1;
}

static int destroy(void **state)
{
  (void)state;
  locator_travel_times_destroy(w.tables);
  return 0;
}

/* With every `each`-th station from the `from`-th on broken; each 0: that one alone. */
static void hear(listening_defect defect, int from, int each, listener *listeners)
{
  static scenario_station stations[64];
  scenario s = scenario_haicheng();
  s.latitude_deg = 41.3;
  s.longitude_deg = 123.1;
  s.magnitude = 6.5;
  s.tables = w.tables;
  s.stress_sigma_ln = 0.6;
  s.path_sigma_ln = 0.4;
  s.radiates = true;
  for (size_t i = 0; i < scenario_liaoning_count; i++)
    stations[i] = scenario_liaoning[i];
  listening_sort(&s, stations, scenario_liaoning_count);
  for (int i = 0; i < LISTENING_STATIONS; i++)
    listeners[i].defect = i == from || (each > 0 && i % each == from) ? defect : LISTENING_SOUND;
  listening_hear(&s, stations, &w.settings, listeners);
}

/* From the 20 s on at which every station has spoken. */
static void assert_little_change(listening_defect defect, int from, int each)
{
  enum { FIRST = 3 };
  hear(LISTENING_SOUND, 0, 0, w.sound);
  hear(defect, from, each, w.broken);
  for (int k = FIRST; k < LISTENING_TIMES; k++) {
    double before = listening_magnitude(w.sound, k).magnitude, after = listening_magnitude(w.broken, k).magnitude;
    if (!(fabs(after - before) <= 0.2) || !(fabs(before - 6.5) < 0.5))
      fail_msg("defect %d: M %.2f instead of %.2f at %g s", (int)defect, after, before, listening_after_p_s[k]);
  }
}

static void a_gain_of_ten_changes_little(void **state)
{
  (void)state;
  assert_little_change(LISTENING_GAIN, 0, 0);
}

static void a_station_upside_down_changes_nothing(void **state)
{
  (void)state;
  hear(LISTENING_SOUND, 0, 0, w.sound);
  hear(LISTENING_POLARITY, 1, 0, w.broken);
  for (int k = 0; k < LISTENING_TIMES; k++)
    assert_true(fabsf(listening_magnitude(w.sound, k).magnitude - listening_magnitude(w.broken, k).magnitude) < 0.01F);
}

static void a_clipped_station_changes_little(void **state)
{
  (void)state;
  assert_little_change(LISTENING_CLIPPED, 0, 0);
}

static void a_step_changes_little(void **state)
{
  (void)state;
  assert_little_change(LISTENING_STEP, 0, 0);
}

static void long_period_noise_on_a_third_changes_little(void **state)
{
  (void)state;
  assert_little_change(LISTENING_LONG_PERIOD, 0, 3);
}

static void what_is_broken_is_seen_to_be(void **state)
{
  (void)state;
  hear(LISTENING_SOUND, 0, 0, w.sound);
  hear(LISTENING_GAIN, 0, 0, w.broken);
  assert_true(w.broken[0].now.pd_m > 5 * w.sound[0].now.pd_m);
  hear(LISTENING_CLIPPED, 0, 0, w.broken);
  assert_true(w.broken[0].now.clipped && !w.sound[0].now.clipped);
  hear(LISTENING_STEP, 0, 0, w.broken);
  assert_true(w.broken[0].now.tau_c_s > 2 * w.sound[0].now.tau_c_s);
  hear(LISTENING_LONG_PERIOD, 0, 3, w.broken);
  assert_true(w.broken[0].now.noise_pd_m > 10 * w.sound[0].now.noise_pd_m);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_gain_of_ten_changes_little),     cmocka_unit_test(a_station_upside_down_changes_nothing),
      cmocka_unit_test(a_clipped_station_changes_little), cmocka_unit_test(a_step_changes_little),
      cmocka_unit_test(what_is_broken_is_seen_to_be),     cmocka_unit_test(long_period_noise_on_a_third_changes_little),
  };
  return cmocka_run_group_tests(tests, create, destroy);
}
