#include "sample.h"

#include <string.h>

static void every_setting_gets_its_default(void **state)
{
  (void)state;
  sample *s = sample_of_defaults();
  assert_true(s->alarm.armed);
  assert_int_equal(s->alarm.port, 6379);
  assert_int_equal(s->alarm.crew, 3);
  assert_true(s->alarm.level == 0.25 && s->alarm.wait_s == 2.5 && s->alarm.depth_km == -0.1);
  assert_string_equal(s->alarm.name, "front: #1");
  assert_int_equal(s->alarm.kind, ALARM_BELL);
  assert_int_equal(s->lamp_watts, 60);
  sample_release(s);
}

static void lists_become_empty(void **state)
{
  (void)state;
  door_settings door;
  sample *s = sample_of_defaults();
  s->doors = &door;
  s->doors_count = 1;
  config_defaults(s->sections);
  assert_null(s->doors);
  assert_int_equal(s->doors_count, 0);
  sample_release(s);
}

static void the_rest_of_a_text_is_wiped(void **state)
{
  (void)state;
  sample *s = sample_of_defaults();
  for (size_t i = strlen(s->alarm.name); i < sizeof s->alarm.name; i++)
    assert_int_equal(s->alarm.name[i], 0);
  sample_release(s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_setting_gets_its_default),
      cmocka_unit_test(lists_become_empty),
      cmocka_unit_test(the_rest_of_a_text_is_wiped),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
