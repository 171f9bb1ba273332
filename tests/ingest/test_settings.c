#include <string.h>

#include "data.h"
#include "ingest.h"

static ingest_settings values;
static config_section sections[] = {{.name = "ingest", .help = "Samples", .rows = ingest_rows, .struct_size = sizeof values, .values = &values},
                                    {.name = NULL}};

static bool parse(const char *text)
{
  config_faults faults = {0};
  bool is_good = config_parse(sections, text, strlen(text), &faults);
  config_faults_clear(&faults);
  return is_good;
}

static void the_defaults_are_sensible(void **state)
{
  (void)state;
  config_defaults(sections);
  assert_true(values.reorder_s > 0 && values.reorder_s < 5);
  assert_true(values.future_s > 0);
  assert_true(values.late_after_s > values.reorder_s);
  assert_true(values.dead_after_s > values.late_after_s);
}

static void each_setting_is_read_into_its_place(void **state)
{
  (void)state;
  assert_true(parse("ingest:\n  reorder_s: 1.5\n  future_s: 3\n  late_after_s: 7\n  dead_after_s: 70\n"));
  assert_float_equal(values.reorder_s, 1.5, 0);
  assert_float_equal(values.future_s, 3, 0);
  assert_float_equal(values.late_after_s, 7, 0);
  assert_float_equal(values.dead_after_s, 70, 0);
}

static void what_is_out_of_range_is_a_fault(void **state)
{
  (void)state;
  assert_false(parse("ingest:\n  reorder_s: -1\n"));
  assert_false(parse("ingest:\n  future_s: .inf\n"));
  assert_false(parse("ingest:\n  late_after_s: 0\n"));
  assert_false(parse("ingest:\n  dead_after_s: 1e9\n"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_defaults_are_sensible),
      cmocka_unit_test(each_setting_is_read_into_its_place),
      cmocka_unit_test(what_is_out_of_range_is_a_fault),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
