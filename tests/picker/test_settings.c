#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data.h"
#include "picker.h"

static size_t rows_count(void)
{
  size_t count = 0;
  while (picker_rows[count].name)
    count++;
  return count;
}

/* Numbers come first, the one switch last. */
static size_t numbers_count(void)
{
  size_t count = 0;
  while (picker_rows[count].type == CONFIG_REAL)
    count++;
  return count;
}

static void each_member_has_one_row(void **state)
{
  (void)state;
  assert_int_equal(rows_count(), numbers_count() + 1);
  assert_int_equal(rows_count() * sizeof(double), sizeof(picker_settings));
  assert_int_equal(picker_rows[numbers_count()].type, CONFIG_BOOL);
  for (size_t i = 0; i < rows_count(); i++) {
    assert_int_equal(picker_rows[i].offset, i * sizeof(double));
    assert_true(strlen(picker_rows[i].help) > 10);
  }
}

static void each_default_is_in_its_range(void **state)
{
  (void)state;
  for (size_t i = 0; i < numbers_count(); i++) {
    char *end;
    double standard = strtod(picker_rows[i].fallback, &end);
    assert_true(*end == '\0' && standard >= picker_rows[i].minimum && standard <= picker_rows[i].maximum);
  }
}

/* All settings at their least and greatest, on noise with a wave in it. */
static void the_ends_of_all_ranges_do_no_harm(void **state)
{
  (void)state;
  static float values[3000];
  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
    values[i] = (float)(sin((double)(i * i % 977)) + (i > 2000 ? 50 * sin(0.4 * (double)i) : 0));
  for (int greatest = 0; greatest < 2; greatest++)
    for (double rate = 20; rate <= 500; rate *= 5) {
      picker_settings settings = {.s_picks = greatest};
      for (size_t i = 0; i < numbers_count(); i++)
        ((double *)&settings)[i] = greatest ? picker_rows[i].maximum : picker_rows[i].minimum;
      picker *p = picker_create(&settings, 3, rate);
      assert_non_null(p);
      const picker_sink sink = {0};
      const ingest_samples piece = {.sensor = 3, .gap = true, .unit = INGEST_UNIT_VELOCITY, .rate = rate, .count = 3000, .values = values};
      picker_feed(p, &piece, &sink);
      assert_true(picker_delay(&settings) > 0);
      picker_destroy(p);
    }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_member_has_one_row),
      cmocka_unit_test(each_default_is_in_its_range),
      cmocka_unit_test(the_ends_of_all_ranges_do_no_harm),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
