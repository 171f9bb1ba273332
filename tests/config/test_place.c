/* Faults that only a comparison of settings shows stand where the setting is. */
#include "sample.h"

#include <string.h>

static const char file[] = "# a house\n"
                           "alarm: {port: 5,\n"
                           "  level: 1}\n"
                           "doors:\n"
                           "  - {id: a, latitude_deg: 1}\n"
                           "  - label: b\n"
                           "    latitude_deg: 2\n"
                           "    id:\n"
                           "      long\n";

static void assert_place(const char *text, const char *section, size_t entry, const char *name, size_t line, size_t column)
{
  config_faults faults = {0};
  config_fault_at(&faults, text, strlen(text), section, entry, name, "two alike");
  assert_int_equal(faults.count, 1);
  assert_string_equal(faults.items[0].text, "two alike");
  assert_int_equal(faults.items[0].line, line);
  assert_int_equal(faults.items[0].column, column);
  config_faults_clear(&faults);
}

static void a_setting_is_found_where_its_value_stands(void **state)
{
  (void)state;
  assert_place(file, "alarm", 0, "port", 2, 15);
  assert_place(file, "alarm", 0, "level", 3, 10);
  assert_place(file, "doors", 1, "latitude_deg", 5, 27);
  assert_place(file, "doors", 2, "id", 9, 7);
}

static void what_is_left_out_is_looked_for_as_near_as_there_is(void **state)
{
  (void)state;
  assert_place(file, "alarm", 0, "crew", 2, 8);
  assert_place(file, "doors", 2, "color", 6, 5);
  assert_place(file, "doors", 3, "id", 5, 3);
  assert_place(file, "lamp", 0, "watts", 0, 0);
  assert_place("", "lamp", 0, "watts", 0, 0);
  assert_place("lamp: 5", "lamp", 0, "watts", 1, 7);
  assert_place("lamp: [", "lamp", 1, "watts", 1, 7);
}

static void it_joins_the_others_in_the_order_of_lines(void **state)
{
  (void)state;
  config_faults faults = {0};
  config_fault_at(&faults, file, strlen(file), "doors", 2, "id", "second");
  config_fault_at(&faults, file, strlen(file), "alarm", 0, "port", "first");
  assert_string_equal(faults.items[0].text, "first");
  config_faults_clear(&faults);
}

static void a_value_that_was_refused_is_not_compared_too(void **state)
{
  (void)state;
  config_faults faults = {0};
  config_fault_at(&faults, file, strlen(file), "doors", 1, "id", "bad");
  config_fault_at(&faults, file, strlen(file), "doors", 1, "id", "worse");
  assert_int_equal(faults.count, 1);
  config_fault_at(&faults, file, strlen(file), "lamp", 0, "watts", "a");
  config_fault_at(&faults, file, strlen(file), "lamp", 0, "volts", "b");
  assert_int_equal(faults.count, 3);
  config_faults_clear(&faults);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_setting_is_found_where_its_value_stands),
      cmocka_unit_test(what_is_left_out_is_looked_for_as_near_as_there_is),
      cmocka_unit_test(a_value_that_was_refused_is_not_compared_too),
      cmocka_unit_test(it_joins_the_others_in_the_order_of_lines),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
