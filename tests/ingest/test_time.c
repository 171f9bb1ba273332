#include <stdio.h>
#include <time.h>

#include "data.h"
#include "ingest.h"
#include "random.h"

static int64_t parsed(const char *text)
{
  int64_t time;
  if (!ingest_time_parse(text, &time))
    fail_msg("%s is refused", text);
  return time;
}

static void assert_refused(const char *text)
{
  int64_t time;
  if (ingest_time_parse(text, &time))
    fail_msg("%s is taken for a time", text);
}

static void known_instants_are_read(void **state)
{
  (void)state;
  assert_int_equal(parsed("1970-01-01T00:00:00Z"), 0);
  assert_int_equal(parsed("2019-07-06T03:19:53.040Z"), INT64_C(1562383193040000000));
  assert_int_equal(parsed("2000-02-29"), INT64_C(951782400000000000));
  assert_int_equal(parsed("1969-12-31T23:59:59.999999999Z"), -1);
}

static void no_zone_means_utc_and_a_zone_is_taken_off(void **state)
{
  (void)state;
  assert_int_equal(parsed("2019-07-06 03:19:53"), parsed("2019-07-06T03:19:53Z"));
  assert_int_equal(parsed("2019-07-06T11:19:53+08:00"), parsed("2019-07-06T03:19:53Z"));
  assert_int_equal(parsed("2019-07-05T22:49:53-04:30"), parsed("2019-07-06T03:19:53Z"));
}

static void a_leap_second_is_the_next_minute(void **state)
{
  (void)state;
  assert_int_equal(parsed("2016-12-31T23:59:60Z"), parsed("2017-01-01T00:00:00Z"));
}

static void open_ends_are_clamped(void **state)
{
  (void)state;
  assert_true(parsed("2599-12-31T23:59:59Z") == INT64_MAX);
  assert_true(parsed("3000-01-01") == INT64_MAX);
  assert_true(parsed("2262-01-01T00:00:00") == INT64_MAX);
  assert_true(parsed("2261-12-31T23:59:59.999999999") < INT64_MAX);
  assert_true(parsed("1899-12-31T23:59:59") == INT64_MIN);
}

static void what_is_no_time_is_refused(void **state)
{
  (void)state;
  static const char *const texts[] = {"",
                                      "2019",
                                      "2019-13-01",
                                      "2019-00-10",
                                      "2019-02-29",
                                      "1900-02-29",
                                      "2019-06-31",
                                      "2019-07-06T24:00:00Z",
                                      "2019-07-06T03:60:00Z",
                                      "2019-07-06T03:19:61Z",
                                      "2019-07-06T03:19",
                                      "2019-07-06T03:19:53.",
                                      "2019-07-06T03:19:53.04x",
                                      "2019-07-06T03:19:53+0800",
                                      "2019-07-06T03:19:53+24:00",
                                      "2019-07-06T03:19:53ZZ",
                                      " 2019-07-06",
                                      "2019-7-6",
                                      "+2019-07-06"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    assert_refused(texts[i]);
}

static void writing_rounds_down_to_microseconds(void **state)
{
  (void)state;
  char text[INGEST_TIME_TEXT];
  assert_string_equal(ingest_time_format(INT64_C(1562383193040000999), text), "2019-07-06T03:19:53.040000Z");
  assert_string_equal(ingest_time_format(-1, text), "1969-12-31T23:59:59.999999Z");
  assert_string_equal(ingest_time_format(0, text), "1970-01-01T00:00:00.000000Z");
}

static void every_time_reads_back_as_it_was_written(void **state)
{
  (void)state;
  random_source random = {20190706};
  for (int i = 0; i < 20000; i++) {
    char text[INGEST_TIME_TEXT];
    int64_t time = (random_below(&random, INT64_C(11400000000000000)) - INT64_C(2200000000000000)) * 1000;
    assert_int_equal(parsed(ingest_time_format(time, text)), time);
  }
}

static void days_agree_with_the_c_library(void **state)
{
  (void)state;
  for (time_t day = -25000; day < 100000; day += 13) {
    time_t seconds = day * 86400;
    struct tm parts;
    char text[INGEST_TIME_TEXT], expected[INGEST_TIME_TEXT + 40];
    gmtime_r(&seconds, &parts);
    snprintf(expected, sizeof expected, "%04d-%02d-%02dT00:00:00.000000Z", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
    assert_string_equal(ingest_time_format((int64_t)seconds * INGEST_SECOND, text), expected);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(known_instants_are_read),
      cmocka_unit_test(no_zone_means_utc_and_a_zone_is_taken_off),
      cmocka_unit_test(a_leap_second_is_the_next_minute),
      cmocka_unit_test(open_ends_are_clamped),
      cmocka_unit_test(what_is_no_time_is_refused),
      cmocka_unit_test(writing_rounds_down_to_microseconds),
      cmocka_unit_test(every_time_reads_back_as_it_was_written),
      cmocka_unit_test(days_agree_with_the_c_library),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
