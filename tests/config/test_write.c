/* The example file and the canonical lines. */
#include "sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char house_example[] = "# Every setting of Tocsin with its default. A setting that is left out keeps it.\n"
                                    "\n"
                                    "# The alarm\n"
                                    "alarm:\n"
                                    "  # Whether it rings (true or false)\n"
                                    "  armed: true\n"
                                    "  # Port of the bell (1 to 65535)\n"
                                    "  port: 6379\n"
                                    "  # People who come (-5 to 5000000000)\n"
                                    "  crew: 3\n"
                                    "  # How loud (0 to 1)\n"
                                    "  level: 0.25\n"
                                    "  # How long (at least 0.5 s)\n"
                                    "  wait_s: 2.5\n"
                                    "  # How deep (km)\n"
                                    "  depth_km: -0.1\n"
                                    "  # What it is called\n"
                                    "  name: \"front: #1\"\n"
                                    "  # What is heard (silent | bell | siren)\n"
                                    "  kind: bell\n"
                                    "\n"
                                    "# The lamp\n"
                                    "lamp:\n"
                                    "  # Power of the lamp (W)\n"
                                    "  watts: 60\n"
                                    "\n"
                                    "# The doors (a list; an entry, commented out)\n"
                                    "doors:\n"
                                    "#    # Short name; required\n"
                                    "#  - id: id\n"
                                    "#    # Long name\n"
                                    "#    label: \"\"\n"
                                    "#    # Where it is (-90 to 90 degree); required\n"
                                    "#    latitude_deg: 0\n";

static void the_example_shows_help_range_unit_choices_and_default(void **state)
{
  (void)state;
  sample *s = sample_of_defaults();
  char *example = sample_example(s);
  assert_string_equal(example, house_example);
  free(example);
  sample_release(s);
}

static void reading_the_example_gives_the_defaults(void **state)
{
  (void)state;
  sample *defaults = sample_of_defaults();
  char *example = sample_example(defaults), *expected = sample_canonical(defaults);
  sample *read = sample_of_text(example);
  char *canonical = sample_canonical(read);
  assert_true(read->clean);
  assert_string_equal(canonical, expected);
  free(canonical);
  free(expected);
  free(example);
  sample_release(read);
  sample_release(defaults);
}

static void the_commented_entry_is_a_right_one_once_its_marks_are_gone(void **state)
{
  (void)state;
  sample *defaults = sample_of_defaults();
  char *example = sample_example(defaults), *list = strstr(example, "\ndoors:\n");
  assert_non_null(list);
  for (char *line = list; (line = strstr(line, "\n#  "));)
    line[1] = ' ';
  sample *read = sample_of_text(example);
  assert_true(read->clean);
  assert_int_equal(read->doors_count, 1);
  assert_string_equal(read->doors[0].id, "id");
  free(example);
  sample_release(read);
  sample_release(defaults);
}

static void the_canonical_lines_are_the_sorted_settings(void **state)
{
  (void)state;
  sample *s = sample_of_text("doors: [{id: b, latitude_deg: 1.50}, {id: a, latitude_deg: 2}]\nalarm: {name: 大连}\n");
  char *canonical = sample_canonical(s);
  assert_string_equal(canonical, "alarm.armed=true\n"
                                 "alarm.crew=3\n"
                                 "alarm.depth_km=-0.1\n"
                                 "alarm.kind=bell\n"
                                 "alarm.level=0.25\n"
                                 "alarm.name=大连\n"
                                 "alarm.port=6379\n"
                                 "alarm.wait_s=2.5\n"
                                 "doors.1.id=b\n"
                                 "doors.1.label=\n"
                                 "doors.1.latitude_deg=1.5\n"
                                 "doors.2.id=a\n"
                                 "doors.2.label=\n"
                                 "doors.2.latitude_deg=2\n"
                                 "lamp.watts=60\n");
  free(canonical);
  sample_release(s);
}

static void how_a_file_is_written_does_not_show_in_its_canonical_lines(void **state)
{
  (void)state;
  sample *a = sample_of_text("lamp: {watts: 5}\nalarm:\n  level: 0.50\n  armed: yes\n");
  sample *b = sample_of_text("# the same\nalarm: {armed: true, level: 5e-1}\nlamp:\n  watts: 5\n");
  char *canonical_a = sample_canonical(a), *canonical_b = sample_canonical(b);
  assert_string_equal(canonical_a, canonical_b);
  free(canonical_a);
  free(canonical_b);
  sample_release(a);
  sample_release(b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_example_shows_help_range_unit_choices_and_default),      cmocka_unit_test(reading_the_example_gives_the_defaults),
      cmocka_unit_test(the_commented_entry_is_a_right_one_once_its_marks_are_gone), cmocka_unit_test(the_canonical_lines_are_the_sorted_settings),
      cmocka_unit_test(how_a_file_is_written_does_not_show_in_its_canonical_lines),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
