/* What a file says enters the settings; what is wrong with it is said with its place and the nearest right thing. */
#include "sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void what_the_file_says_enters_the_settings(void **state)
{
  (void)state;
  sample *s = sample_of_text("alarm:\n"
                             "  armed: off\n"
                             "  port: 18100\n"
                             "  crew: -5\n"
                             "  level: 1e-1\n"
                             "  wait_s: 3600.5\n"
                             "  depth_km: -7.25\n"
                             "  name: \"\\u5927\\u8FDE \\\"A\\\"\"\n"
                             "  kind: siren\n"
                             "doors:\n"
                             "  - {id: north, latitude_deg: 41.8}\n"
                             "  - id: south\n"
                             "    label: 大连市\n"
                             "    latitude_deg: -38.914\n");
  assert_true(s->clean);
  assert_false(s->alarm.armed);
  assert_int_equal(s->alarm.port, 18100);
  assert_int_equal(s->alarm.crew, -5);
  assert_true(s->alarm.level == 0.1 && s->alarm.wait_s == 3600.5 && s->alarm.depth_km == -7.25);
  assert_string_equal(s->alarm.name, "大连 \"A\"");
  assert_int_equal(s->alarm.kind, ALARM_SIREN);
  assert_int_equal(s->doors_count, 2);
  assert_string_equal(s->doors[0].id, "north");
  assert_string_equal(s->doors[0].label, "");
  assert_string_equal(s->doors[1].label, "大连市");
  assert_true(s->doors[1].latitude_deg == -38.914);
  sample_release(s);
}

static void what_the_file_leaves_out_keeps_its_default(void **state)
{
  (void)state;
  static const char *const files[] = {
      "", "# only a comment\n", "---\n", "alarm:\ndoors:\n", "{}", "alarm: {}\ndoors: []\n", "\xEF\xBB\xBF# a byte order mark\n"};
  sample *defaults = sample_of_defaults();
  char *expected = sample_canonical(defaults);
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
    sample *s = sample_of_text(files[i]);
    char *canonical = sample_canonical(s);
    assert_true(s->clean);
    assert_string_equal(canonical, expected);
    free(canonical);
    sample_release(s);
  }
  free(expected);
  sample_release(defaults);
}

static void each_spelling_of_a_truth_is_understood(void **state)
{
  (void)state;
  static const char *const words[] = {"no", "yes", "off", "on", "false", "true"};
  for (size_t i = 0; i < 6; i++) {
    char text[64];
    snprintf(text, sizeof text, "alarm: {armed: %s}", words[i]);
    sample *s = sample_of_text(text);
    assert_true(s->clean);
    assert_int_equal(s->alarm.armed, i % 2);
    sample_release(s);
  }
}

static void an_unknown_name_is_met_with_the_nearest_right_one(void **state)
{
  (void)state;
  assert_fault("alarm:\n  lvel: 0.5\n", 2, 3, "unknown setting `alarm.lvel`; did you mean `level`?");
  assert_fault("alarm:\n  prot: 5\n", 2, 3, "did you mean `port`?");
  assert_fault("alram:\n  port: 5\n", 1, 1, "unknown section `alram`; did you mean `alarm`?");
  assert_fault("alarm:\n  kind: sirene\n", 2, 9, "must be one of silent, bell, siren, found `sirene`; did you mean `siren`?");
  assert_fault("doors:\n- {id: a, latitude_deg: 1, lable: x}\n", 2, 28, "unknown setting `doors.lable`; did you mean `label`?");
}

static void an_unknown_name_that_resembles_none_is_told_where_to_look(void **state)
{
  (void)state;
  assert_fault("alarm:\n  watts: 100\n", 2, 3, "`watts` belongs to the section `lamp`");
  assert_fault("port: 6379\n", 1, 1, "`port` is a setting of the section `alarm`; indent it below `alarm:`");
  assert_fault("alarm:\n  moon: {a: [1, 2]}\n  port: 7\n", 2, 3, "unknown setting `alarm.moon`");
  assert_fault("telephone: 5\n", 1, 1, "unknown section `telephone`; there are alarm, lamp, doors");
  assert_fault("alarm: {kind: gong}\n", 1, 15, "must be one of silent, bell, siren, found `gong`");
}

static void a_value_of_the_wrong_type_is_shown_with_what_was_expected(void **state)
{
  (void)state;
  assert_fault("alarm:\n  armed: maybe\n", 2, 10, "`alarm.armed` must be true or false, found `maybe`");
  assert_fault("alarm:\n  armed: \"true\"\n", 2, 10, "in quotes");
  assert_fault("alarm:\n  port: 1.5\n", 2, 9, "`alarm.port` must be a whole number, found `1.5`");
  assert_fault("alarm:\n  port: 0x10\n", 2, 9, "must be a whole number, found `0x10`");
  assert_fault("alarm:\n  port: '80'\n", 2, 9, "leave the quotes out");
  assert_fault("alarm:\n  level: loud\n", 2, 10, "must be a finite number, found `loud`");
  assert_fault("alarm:\n  level: 0,5\n", 2, 10, "decimals follow a point");
  assert_fault("alarm:\n  wait_s: 5 s\n", 2, 11, "write the number alone, it is in s");
  assert_fault("alarm:\n  port: [1]\n", 2, 9, "`alarm.port` must be one value, found a list");
  assert_fault("alarm:\n  port: {a: 1}\n", 2, 9, "found a mapping");
  assert_fault("alarm:\n  name:\n", 2, 8, "has no value; write \"\" for an empty text");
  assert_fault("alarm:\n  port: ~\n", 2, 9, "has no value");
}

static void no_number_is_infinite_or_none(void **state)
{
  (void)state;
  static const char *const words[] = {".nan", ".inf", "-.inf", "nan", "inf", "-inf", "infinity", "1e999", "-1e999", ".", "-.", "e5", "0x1p3", "1e"};
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
    char text[64];
    snprintf(text, sizeof text, "alarm:\n  depth_km: %s\n", words[i]);
    assert_fault(text, 2, 13, "`alarm.depth_km`");
  }
}

static void a_value_out_of_range_is_told_the_range_and_its_unit(void **state)
{
  (void)state;
  assert_fault("alarm:\n  port: 0\n", 2, 9, "`alarm.port` is 0, out of its range; it must be 1 to 65535");
  assert_fault("alarm:\n  level: 1.01\n", 2, 10, "it must be 0 to 1");
  assert_fault("alarm:\n  wait_s: 0.4\n", 2, 11, "it must be at least 0.5 s");
  assert_fault("alarm:\n  port: 99999999999999999999\n", 2, 9, "it must be 1 to 65535");
  assert_fault("lamp:\n  watts: 9223372036854775808\n", 2, 10, "is 9223372036854775808, out of its range");
  assert_fault("alarm:\n  crew: 4000000000\n", 2, 9, "is 4000000000, out of its range");
  assert_fault("doors:\n  - {id: a, latitude_deg: 91}\n", 2, 27, "`doors.1.latitude_deg` is 91, out of its range; it must be -90 to 90 degree");
}

static void the_ends_of_a_range_are_within_it(void **state)
{
  (void)state;
  sample *s = sample_of_text("alarm: {port: 65535, level: 1, wait_s: 0.5, crew: 2147483647}\nlamp: {watts: 9223372036854775807}");
  assert_true(s->clean);
  assert_int_equal(s->alarm.port, 65535);
  assert_int_equal(s->alarm.crew, 2147483647);
  assert_true(s->lamp_watts == INT64_MAX);
  sample_release(s);
}

static void a_text_that_does_not_fit_is_a_fault(void **state)
{
  (void)state;
  assert_fault("alarm: {name: twelve bytes}\n", 1, 15, "is 12 bytes long, at most 11 fit");
  assert_fault("alarm: {name: 地震监测}\n", 1, 15, "is 12 bytes long");
  assert_fault("alarm: {name: \"a\\nb\"}\n", 1, 15, "holds a control character");
  assert_fault("alarm: {name: \"a\\0b\"}\n", 1, 15, "holds a control character");
  sample *s = sample_of_text("alarm: {name: eleven byte}\n");
  assert_true(s->clean);
  sample_release(s);
}

static void what_is_set_twice_is_a_fault_that_names_the_first(void **state)
{
  (void)state;
  assert_fault("alarm:\n  port: 1\n  level: 1\n  port: 2\n", 4, 3, "`alarm.port` is set a second time, first in line 2; keep one");
  assert_fault("alarm:\n  port: 1\nlamp:\nalarm:\n  level: 0\n", 4, 1, "the section `alarm` comes a second time, first in line 1; join the two");
  assert_fault("doors:\n  - id: a\n    latitude_deg: 1\n    id: b\n", 4, 5, "`doors.1.id` is set a second time, first in line 2");
}

static void a_required_setting_is_missed_at_its_entry(void **state)
{
  (void)state;
  assert_fault("doors:\n  - {id: a, latitude_deg: 1}\n  - label: x\n    latitude_deg: 2\n", 3, 5,
               "entry 2 of `doors` has no `id`: Short name; add it");
  sample *s = sample_of_text("doors:\n  - {}\n");
  assert_int_equal(s->faults.count, 2);
  assert_has_fault(s, 2, "has no `id`");
  assert_has_fault(s, 2, "has no `latitude_deg`");
  sample_release(s);
}

static void a_section_of_the_wrong_shape_is_told_the_right_one(void **state)
{
  (void)state;
  assert_fault("alarm: 5\n", 1, 8, "the section `alarm` must be a mapping of settings, one `name: value` a line, found `5`");
  assert_fault("alarm:\n  - port: 5\n", 2, 3, "must be a mapping of settings");
  assert_fault("doors:\n  id: a\n", 2, 3, "the section `doors` must be a list, each entry begun with `- `, found a mapping");
  assert_fault("doors:\n  - north\n", 2, 5, "an entry of `doors` must be a mapping of settings, found `north`");
  assert_fault("- alarm\n", 1, 1, "the file must be a mapping of sections");
  assert_fault("alarm:\n  ? [a, b]\n  : 5\n  port: 6\n", 2, 5, "a setting's name must be one word, found a list");
  assert_fault("? {a: b}\n: 5\n", 1, 3, "a section's name must be one word, found a mapping");
}

static void all_faults_come_at_once_in_the_order_of_their_lines(void **state)
{
  (void)state;
  sample *s = sample_of_text("alarm:\n"
                             "  prot: 5\n"
                             "  level: loud\n"
                             "doors:\n"
                             "  - label: this text is far too long\n"
                             "    latitude_deg: 100\n"
                             "lmap:\n"
                             "  watts: 5\n");
  assert_int_equal(s->faults.count, 6);
  for (size_t i = 1; i < s->faults.count; i++)
    assert_true(s->faults.items[i].line >= s->faults.items[i - 1].line);
  assert_has_fault(s, 2, "`port`");
  assert_has_fault(s, 3, "`alarm.level`");
  assert_has_fault(s, 5, "has no `id`");
  assert_has_fault(s, 5, "at most 15 fit");
  assert_has_fault(s, 6, "-90 to 90");
  assert_has_fault(s, 7, "`lamp`");
  sample_release(s);
}

static void a_faulty_setting_keeps_its_default_and_its_neighbours_their_values(void **state)
{
  (void)state;
  sample *s = sample_of_text("alarm: {port: 70000, level: x, name: this is too long, kind: drum, crew: 9}\n");
  assert_int_equal(s->faults.count, 4);
  assert_int_equal(s->alarm.port, 6379);
  assert_true(s->alarm.level == 0.25);
  assert_string_equal(s->alarm.name, "front: #1");
  assert_int_equal(s->alarm.kind, ALARM_BELL);
  assert_int_equal(s->alarm.crew, 9);
  sample_release(s);
}

static void a_flood_of_faults_ends_at_the_thousandth(void **state)
{
  (void)state;
  enum { LINES = 5000 };
  char *text = malloc(LINES * 16 + 16), *at = text + sprintf(text, "alarm:\n");
  for (int i = 0; i < LINES; i++)
    at += sprintf(at, "  wrong%d: 1\n", i);
  sample *s = sample_of_text(text);
  assert_int_equal(s->faults.count, 1000);
  assert_int_equal(s->faults.items[999].line, 1001);
  sample_release(s);
  free(text);
}

static void a_list_longer_than_any_real_one_is_refused(void **state)
{
  (void)state;
  enum { ENTRIES = 65537 };
  static const char entry[] = "- {id: a, latitude_deg: 1}\n";
  char *text = malloc(8 + ENTRIES * sizeof entry), *at = text + sprintf(text, "doors:\n");
  for (int i = 0; i < ENTRIES; i++)
    at += sprintf(at, "%s", entry);
  assert_fault(text, 65538, 3, "`doors` has more than 65536 entries");
  free(text);
}

static void a_file_larger_than_16_mib_is_refused(void **state)
{
  (void)state;
  size_t length = (16u << 20) + 1;
  char *text = malloc(length);
  memset(text, '\n', length);
  sample *s = sample_of(text, length);
  assert_int_equal(s->faults.count, 1);
  assert_has_fault(s, 0, "16 MiB");
  sample_release(s);
  s = sample_of(text, length - 1);
  assert_true(s->clean);
  sample_release(s);
  free(text);
}

static void nothing_is_remembered_from_the_reading_before(void **state)
{
  (void)state;
  sample *s = sample_of_text("alarm: {port: 5}\ndoors: [{id: a, latitude_deg: 1}]\n");
  free(s->doors);
  assert_true(config_parse(s->sections, "", 0, NULL));
  assert_int_equal(s->alarm.port, 6379);
  assert_null(s->doors);
  assert_int_equal(s->doors_count, 0);
  sample_release(s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_the_file_says_enters_the_settings),
      cmocka_unit_test(what_the_file_leaves_out_keeps_its_default),
      cmocka_unit_test(each_spelling_of_a_truth_is_understood),
      cmocka_unit_test(an_unknown_name_is_met_with_the_nearest_right_one),
      cmocka_unit_test(an_unknown_name_that_resembles_none_is_told_where_to_look),
      cmocka_unit_test(a_value_of_the_wrong_type_is_shown_with_what_was_expected),
      cmocka_unit_test(no_number_is_infinite_or_none),
      cmocka_unit_test(a_value_out_of_range_is_told_the_range_and_its_unit),
      cmocka_unit_test(the_ends_of_a_range_are_within_it),
      cmocka_unit_test(a_text_that_does_not_fit_is_a_fault),
      cmocka_unit_test(what_is_set_twice_is_a_fault_that_names_the_first),
      cmocka_unit_test(a_required_setting_is_missed_at_its_entry),
      cmocka_unit_test(a_section_of_the_wrong_shape_is_told_the_right_one),
      cmocka_unit_test(all_faults_come_at_once_in_the_order_of_their_lines),
      cmocka_unit_test(a_faulty_setting_keeps_its_default_and_its_neighbours_their_values),
      cmocka_unit_test(a_flood_of_faults_ends_at_the_thousandth),
      cmocka_unit_test(a_list_longer_than_any_real_one_is_refused),
      cmocka_unit_test(a_file_larger_than_16_mib_is_refused),
      cmocka_unit_test(nothing_is_remembered_from_the_reading_before),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
