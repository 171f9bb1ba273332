#include "data.h"
#include "units.h"

static void assert_unit(const char *name, ingest_unit expected, double expected_size)
{
  double size;
  ingest_unit unit = units_read(name, &size);
  if (unit != expected || size != expected_size)
    fail_msg("%s: unit %d of size %g, not %d of %g", name, (int)unit, size, (int)expected, expected_size);
}

static void all_spellings_of_acceleration_are_known(void **state)
{
  (void)state;
  static const char *const names[] = {"M/S**2", "m/s**2", "M/(S**2)", "M/SEC**2", "m/(sec**2)", "M/S/S", " m/s^2 ", "M/S2"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    assert_unit(names[i], INGEST_UNIT_ACCELERATION, 1);
}

static void all_spellings_of_velocity_and_displacement_are_known(void **state)
{
  (void)state;
  assert_unit("M/S", INGEST_UNIT_VELOCITY, 1);
  assert_unit("m/s", INGEST_UNIT_VELOCITY, 1);
  assert_unit("M/SEC", INGEST_UNIT_VELOCITY, 1);
  assert_unit("M", INGEST_UNIT_DISPLACEMENT, 1);
  assert_unit("m", INGEST_UNIT_DISPLACEMENT, 1);
}

static void prefixes_are_taken_out(void **state)
{
  (void)state;
  assert_unit("NM/S", INGEST_UNIT_VELOCITY, 1e-9);
  assert_unit("nm", INGEST_UNIT_DISPLACEMENT, 1e-9);
  assert_unit("um/s", INGEST_UNIT_VELOCITY, 1e-6);
  assert_unit("mm/s", INGEST_UNIT_VELOCITY, 1e-3);
  assert_unit("CM/S**2", INGEST_UNIT_ACCELERATION, 1e-2);
}

static void all_else_is_no_ground_motion(void **state)
{
  (void)state;
  static const char *const names[] = {"",      "V",      "COUNTS", "PA",   "C",         "RAD",
                                      "RAD/S", "M/S**3", "MINUTE", "KM/S", "M**3/M**3", "a unit far longer than any unit of motion"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    assert_unit(names[i], INGEST_UNIT_OTHER, 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_spellings_of_acceleration_are_known),
      cmocka_unit_test(all_spellings_of_velocity_and_displacement_are_known),
      cmocka_unit_test(prefixes_are_taken_out),
      cmocka_unit_test(all_else_is_no_ground_motion),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
