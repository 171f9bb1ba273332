/* The JSON writer, held against jansson. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "data.h"
#include "ingest.h"
#include "random.h"
#include "writer.h"

enum { CAPACITY = 4096 };

static char buffer[CAPACITY + 1];

static writer started(void)
{
  writer w;
  writer_start(&w, buffer, CAPACITY);
  return w;
}

static json_t *parsed(const writer *w)
{
  json_error_t error;
  json_t *value = json_loadb(w->bytes, w->length, JSON_DECODE_ANY, &error);
  if (!value)
    fail_msg("%s in %.*s", error.text, (int)w->length, w->bytes);
  return value;
}

static const char *written(const writer *w)
{
  w->bytes[w->length] = '\0';
  return w->bytes;
}

static const char *fixed(double value, int decimals)
{
  writer w = started();
  writer_fixed(&w, NULL, value, decimals);
  return written(&w);
}

static void members_and_elements_are_parted_by_commas_alone(void **state)
{
  (void)state;
  writer w = started();
  writer_open(&w, NULL, '{');
  writer_text(&w, "a", "x[");
  writer_open(&w, "b", '[');
  writer_integer(&w, NULL, 1);
  writer_open(&w, NULL, '{');
  writer_close(&w, '}');
  writer_flag(&w, NULL, true);
  writer_close(&w, ']');
  writer_flag(&w, "c", false);
  writer_null(&w, "d");
  writer_close(&w, '}');
  assert_string_equal(written(&w), "{\"a\":\"x[\",\"b\":[1,{},true],\"c\":false,\"d\":null}");
}

static void decimals_are_fixed_and_halves_go_away_from_zero(void **state)
{
  (void)state;
  assert_string_equal(fixed(6.8, 1), "6.8");
  assert_string_equal(fixed(35.7695, 4), "35.7695");
  assert_string_equal(fixed(-117.5993333, 4), "-117.5993");
  assert_string_equal(fixed(0.25, 1), "0.3");
  assert_string_equal(fixed(-0.25, 1), "-0.3");
  assert_string_equal(fixed(88.5, 0), "89");
  assert_string_equal(fixed(0.05, 2), "0.05");
  assert_string_equal(fixed(0, 3), "0.000");
  assert_string_equal(fixed(1234567.125, 3), "1234567.125");
  assert_string_equal(fixed(0.000000123, 9), "0.000000123");
}

static void zero_never_bears_a_minus(void **state)
{
  (void)state;
  assert_string_equal(fixed(-0.0, 1), "0.0");
  assert_string_equal(fixed(-0.04, 1), "0.0");
}

static void what_is_no_finite_number_is_null(void **state)
{
  (void)state;
  assert_string_equal(fixed((double)NAN, 1), "null");
  assert_string_equal(fixed((double)INFINITY, 1), "null");
  assert_string_equal(fixed(-(double)INFINITY, 1), "null");
  assert_string_equal(fixed(1e300, 4), "null");
}

static void any_number_reads_back_within_half_of_its_last_place(void **state)
{
  (void)state;
  random_source r = {.state = 11};
  for (int i = 0; i < 20000; i++) {
    int decimals = (int)random_below(&r, 10);
    double value = random_normal(&r) * pow(10, random_uniform(&r, -9, 5)), half = 0.5 * pow(10, -decimals);
    double back = strtod(fixed(value, decimals), NULL);
    if (!(fabs(back - value) <= half * (1 + 1e-9) + fabs(value) * 1e-15))
      fail_msg("seed 11, draw %d: %.17g with %d decimals reads back as %.17g", i, value, decimals, back);
  }
}

static void integers_are_whole_to_the_extremes(void **state)
{
  (void)state;
  static const struct {
    int64_t value;
    const char *text;
  } cases[] = {{0, "0"}, {-1, "-1"}, {10, "10"}, {INT64_MAX, "9223372036854775807"}, {INT64_MIN, "-9223372036854775808"}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    writer w = started();
    writer_integer(&w, NULL, cases[i].value);
    assert_string_equal(written(&w), cases[i].text);
  }
}

static void times_have_six_decimals_and_unknown_ones_are_null(void **state)
{
  (void)state;
  writer w = started();
  writer_open(&w, NULL, '[');
  writer_time(&w, NULL, INT64_C(1562383193040000000));
  writer_time(&w, NULL, 0);
  writer_time(&w, NULL, INT64_MIN);
  writer_time(&w, NULL, INT64_MAX);
  writer_close(&w, ']');
  assert_string_equal(written(&w), "[\"2019-07-06T03:19:53.040000Z\",null,null,null]");
}

static void quotes_backslashes_and_controls_are_escaped(void **state)
{
  (void)state;
  writer w = started();
  writer_text(&w, NULL, "a\"b\\c\nd\te\x01 海城 \x7f");
  assert_string_equal(written(&w), "\"a\\\"b\\\\c\\nd\\te\\u0001 海城 \x7f\"");
}

static void text_that_is_no_utf8_gets_replacement_characters(void **state)
{
  (void)state;
  static const char *const bad[] = {"\xff", "\xc0\x80", "\xe4\xb8", "\xed\xa0\x80", "\xf4\x90\x80\x80", "a\x80z", "\xf0\x80\x80\x80", "\xe0\x80\x80"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    writer w = started();
    writer_text(&w, NULL, bad[i]);
    assert_non_null(strstr(written(&w), "\xEF\xBF\xBD"));
    json_decref(parsed(&w));
  }
}

static void any_bytes_make_json_that_jansson_reads(void **state)
{
  (void)state;
  random_source r = {.state = 12};
  for (int i = 0; i < 20000; i++) {
    char text[64];
    size_t n = (size_t)random_below(&r, (int64_t)sizeof text);
    for (size_t k = 0; k < n; k++)
      text[k] = (char)(1 + random_below(&r, 255));
    text[n] = '\0';
    writer w = started();
    writer_text(&w, NULL, text);
    json_t *value = parsed(&w);
    writer again = started();
    char *once = strdup(json_string_value(value));
    writer_text(&again, NULL, once);
    json_t *second = parsed(&again);
    assert_string_equal(json_string_value(second), once);
    free(once);
    json_decref(value);
    json_decref(second);
  }
}

static void good_text_comes_back_as_it_was(void **state)
{
  (void)state;
  static const char *const good[] = {"", "海城市东北 12 km", "\"\\/\b\f\n\r\t", "𠀀 é ß", "\xEF\xBF\xBD"};
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    writer w = started();
    writer_text(&w, NULL, good[i]);
    json_t *value = parsed(&w);
    assert_string_equal(json_string_value(value), good[i]);
    json_decref(value);
  }
}

static void what_does_not_fit_is_marked_and_never_written_past_the_end(void **state)
{
  (void)state;
  for (size_t capacity = 0; capacity < 40; capacity++) {
    char small[64];
    writer w;
    memset(small, '#', sizeof small);
    writer_start(&w, small, capacity);
    writer_open(&w, NULL, '{');
    writer_text(&w, "name", "海城\n");
    writer_fixed(&w, "x", 12.5, 2);
    writer_close(&w, '}');
    assert_int_equal(w.overflow, capacity < strlen("{\"name\":\"海城\\n\",\"x\":12.50}"));
    assert_true(w.length <= capacity);
    for (size_t i = capacity; i < sizeof small; i++)
      assert_int_equal(small[i], '#');
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(members_and_elements_are_parted_by_commas_alone),
      cmocka_unit_test(decimals_are_fixed_and_halves_go_away_from_zero),
      cmocka_unit_test(zero_never_bears_a_minus),
      cmocka_unit_test(what_is_no_finite_number_is_null),
      cmocka_unit_test(any_number_reads_back_within_half_of_its_last_place),
      cmocka_unit_test(integers_are_whole_to_the_extremes),
      cmocka_unit_test(times_have_six_decimals_and_unknown_ones_are_null),
      cmocka_unit_test(quotes_backslashes_and_controls_are_escaped),
      cmocka_unit_test(text_that_is_no_utf8_gets_replacement_characters),
      cmocka_unit_test(any_bytes_make_json_that_jansson_reads),
      cmocka_unit_test(good_text_comes_back_as_it_was),
      cmocka_unit_test(what_does_not_fit_is_marked_and_never_written_past_the_end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
