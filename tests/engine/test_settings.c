/* The sections `alerts` and `targets` of the configuration. */
#include <stdlib.h>
#include <string.h>

#include "data.h"
#include "engine.h"

static engine_settings read_settings;
static config_faults faults;

static bool reads(const char *yaml)
{
  static engine_settings *s = &read_settings;
  config_section sections[] = {
      {.name = "alerts", .help = "Rules", .rows = engine_rule_rows, .struct_size = sizeof s->rules, .values = &s->rules},
      {.name = "targets",
       .help = "Places",
       .rows = engine_target_rows,
       .struct_size = sizeof *s->targets,
       .values = &s->targets,
       .count = &s->targets_count},
      {0},
  };
  config_faults_clear(&faults);
  free(s->targets);
  *s = (engine_settings){0};
  return config_parse(sections, yaml, strlen(yaml), &faults);
}

static int forget(void **state)
{
  (void)state;
  config_faults_clear(&faults);
  free(read_settings.targets);
  read_settings.targets = NULL;
  return 0;
}

static void the_defaults_are_the_practice_of_the_field(void **state)
{
  (void)state;
  assert_true(reads(""));
  assert_float_equal(read_settings.rules.minimum_magnitude, 4.0, 0);
  assert_float_equal(read_settings.rules.minimum_intensity, 3.0, 0);
  assert_int_equal(read_settings.rules.minimum_stations, 4);
  assert_string_equal(engine_audience_words[read_settings.rules.audience], "internal");
  assert_true(read_settings.rules.targets_from_stations);
  assert_int_equal(read_settings.targets_count, 0);
}

static void every_rule_can_be_set(void **state)
{
  (void)state;
  assert_true(reads("alerts: {minimum_magnitude: 5, minimum_stations: 6, audience: public, targets_from_stations: no, update_interval_s: 0}\n"));
  assert_float_equal(read_settings.rules.minimum_magnitude, 5, 0);
  assert_int_equal(read_settings.rules.minimum_stations, 6);
  assert_string_equal(engine_audience_words[read_settings.rules.audience], "public");
  assert_false(read_settings.rules.targets_from_stations);
  assert_float_equal(read_settings.rules.update_interval_s, 0, 0);
  assert_float_equal(read_settings.rules.maximum_uncertainty_km, 50, 0);
}

static void a_target_needs_id_name_and_place_and_has_a_threshold(void **state)
{
  (void)state;
  assert_true(reads("targets:\n  - {id: haicheng, name: Haicheng, name_zh: 海城市, latitude_deg: 40.88, longitude_deg: 122.69}\n"));
  assert_int_equal(read_settings.targets_count, 1);
  assert_string_equal(read_settings.targets[0].name_zh, "海城市");
  assert_float_equal(read_settings.targets[0].threshold, 3, 0);
  assert_float_equal(read_settings.targets[0].site_term, 0, 0);
  assert_false(reads("targets:\n  - {id: haicheng, name: Haicheng, longitude_deg: 122.69}\n"));
}

static void values_out_of_range_are_faults(void **state)
{
  (void)state;
  assert_false(reads("alerts: {minimum_magnitude: 11}\n"));
  assert_false(reads("alerts: {minimum_likelihood: 1.5}\n"));
  assert_false(reads("alerts: {audience: everyone}\n"));
  assert_false(reads("alerts: {station_report_s: 0}\n"));
  assert_int_equal(faults.count, 1);
}

static void every_row_says_what_it_is_for(void **state)
{
  (void)state;
  const config_row *tables[] = {engine_rule_rows, engine_target_rows};
  for (size_t t = 0; t < 2; t++)
    for (const config_row *row = tables[t]; row->name; row++) {
      assert_true(strlen(row->help) > 10);
      assert_int_not_equal(row->help[strlen(row->help) - 1], '.');
    }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_defaults_are_the_practice_of_the_field),
      cmocka_unit_test(every_rule_can_be_set),
      cmocka_unit_test(a_target_needs_id_name_and_place_and_has_a_threshold),
      cmocka_unit_test(values_out_of_range_are_faults),
      cmocka_unit_test(every_row_says_what_it_is_for),
  };
  return cmocka_run_group_tests(tests, NULL, forget);
}
