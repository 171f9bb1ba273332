#include "extra_headers.h"

#include <stdlib.h>
#include <string.h>

#include "data.h"

static bool clipped(const char *json)
{
  return extra_headers_flag((const uint8_t *)json, strlen(json), "Flags", "DigitizerClipping");
}

static int quality(const char *json)
{
  return extra_headers_percent((const uint8_t *)json, strlen(json), "Time", "Quality");
}

static void a_value_is_found_by_its_whole_path(void **state)
{
  (void)state;
  assert_true(clipped("{\"FDSN\":{\"Flags\":{\"DigitizerClipping\":true}}}"));
  assert_true(clipped(
      " { \"A\": [1, {\"b\": 2}], \"FDSN\" : { \"Time\" : {\"Quality\": 7}, \"Flags\" :\n{ \"X\": \"}\\\"{\", \"DigitizerClipping\" :\ttrue } } }"));
  assert_int_equal(quality("{\"FDSN\":{\"Flags\":{\"MissingData\":true},\"Time\":{\"Quality\":87.5}}}"), 87);
  assert_int_equal(quality("{\"FDSN\":{\"Time\":{\"Quality\":0}}}"), 0);
}

static void what_only_looks_like_it_is_not_taken(void **state)
{
  (void)state;
  static const char *const others[] = {
      "",
      "{}",
      "{\"FDSN\":{\"Flags\":{\"DigitizerClipping\":false}}}",
      "{\"FDSN\":{\"Flags\":{\"DigitizerClipping\":\"true\"}}}",
      "{\"Flags\":{\"DigitizerClipping\":true}}",
      "{\"DigitizerClipping\":true}",
      "{\"Vendor\":{\"Flags\":{\"DigitizerClipping\":true}}}",
      "{\"Vendor\":{\"FDSN\":{\"Flags\":{\"DigitizerClipping\":true}}}}",
      "{\"FDSN\":{\"Flags\":{\"Deep\":{\"DigitizerClipping\":true}}}}",
      "{\"FDSN\":{\"Flags\":{}},\"X\":{\"Flags\":{\"DigitizerClipping\":true}}}",
      "{\"FDSN\":{\"Flags\":1,\"Other\":{\"DigitizerClipping\":true}}}",
      "{\"FDSN\":[{\"Flags\":{\"DigitizerClipping\":true}}]}",
      "{\"Note\":\"\\\"FDSN\\\":{\\\"Flags\\\":{\\\"DigitizerClipping\\\":true}}\"}",
      "\"FDSN\":\"Flags\":\"DigitizerClipping\":true",
      "}}}{\"DigitizerClipping\":true",
  };
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    if (clipped(others[i]))
      fail_msg("%s", others[i]);
}

static void a_quality_that_is_no_percentage_is_unknown(void **state)
{
  (void)state;
  assert_int_equal(quality("{\"FDSN\":{\"Time\":{\"Quality\":101}}}"), -1);
  assert_int_equal(quality("{\"FDSN\":{\"Time\":{\"Quality\":99999999999999999999}}}"), -1);
  assert_int_equal(quality("{\"FDSN\":{\"Time\":{\"Quality\":-5}}}"), -1);
  assert_int_equal(quality("{\"FDSN\":{\"Time\":{\"Quality\":"), -1);
  assert_int_equal(quality("{\"FDSN\":{\"Time\":{}}}"), -1);
}

/* On the heap, so that the sanitizer sees a read past the end. */
static void a_text_cut_anywhere_is_never_read_past_its_end(void **state)
{
  (void)state;
  static const char json[] = "{\"FDSN\":{\"Flags\":{\"a\\\\\\\"\":[1,\"\\\"\"],\"DigitizerClipping\":true}}}";
  for (size_t length = 0; length < sizeof json; length++) {
    uint8_t *part = malloc(length + (length == 0));
    memcpy(part, json, length);
    bool found = extra_headers_flag(part, length, "Flags", "DigitizerClipping");
    assert_int_equal(found, length >= sizeof json - 1 - 3);
    free(part);
  }
}

static bool hold(const char *json)
{
  return extra_headers_hold((const uint8_t *)json, strlen(json));
}

static void one_json_object_holds(void **state)
{
  (void)state;
  static const char *const good[] = {
      "{}",
      " { \"a\" : 1 } \n",
      "{\"a\":[],\"b\":{},\"c\":[1,-2.5e+3,0,0.1,1E9,\"\"],\"d\":true,\"e\":false,\"f\":null}",
      "{\"FDSN\":{\"Time\":{\"Quality\":100,\"LeapSecond\":1},\"Event\":{\"Detection\":[{\"Type\":\"MURDOCK\",\"SNR\":3.6}]}}}",
      "{\"a\\\"\\u00e4\\n\":\"\xc3\xa4\"}",
      "{\"a\":[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]}"};
  for (size_t i = 0; i < sizeof good / sizeof *good; i++)
    if (!hold(good[i]))
      fail_msg("%s", good[i]);
}

static void anything_else_does_not(void **state)
{
  (void)state;
  static const char *const bad[] = {"",
                                    "  ",
                                    "[]",
                                    "1",
                                    "null",
                                    "\"a\"",
                                    "{",
                                    "}",
                                    "{}}",
                                    "{} {}",
                                    "{\"a\"}",
                                    "{\"a\":}",
                                    "{\"a\":1,}",
                                    "{,\"a\":1}",
                                    "{a:1}",
                                    "{'a':1}",
                                    "{\"a\":1 \"b\":2}",
                                    "{\"a\":[1,]}",
                                    "{\"a\":[1}",
                                    "{\"a\":[1}]",
                                    "{\"a\":01}",
                                    "{\"a\":.5}",
                                    "{\"a\":1.}",
                                    "{\"a\":1e}",
                                    "{\"a\":-}",
                                    "{\"a\":+1}",
                                    "{\"a\":NaN}",
                                    "{\"a\":tru}",
                                    "{\"a\":\"\\x\"}",
                                    "{\"a\":\"\\u12g4\"}",
                                    "{\"a\":\"\n\"}",
                                    "{\"a\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    if (hold(bad[i]))
      fail_msg("%s", bad[i]);
  assert_false(extra_headers_hold((const uint8_t *)"{\"a\":\"\0\"}", 9));
}

static void an_object_cut_anywhere_is_none(void **state)
{
  (void)state;
  static const char json[] = "{\"FDSN\":{\"a\":[1.5e-3,\"\\u00e4\",true,null],\"b\":{\"c\":false}}}";
  for (size_t length = 0; length < sizeof json; length++) {
    uint8_t *part = malloc(length + (length == 0));
    memcpy(part, json, length);
    assert_int_equal(extra_headers_hold(part, length), length == sizeof json - 1);
    free(part);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_value_is_found_by_its_whole_path),
      cmocka_unit_test(what_only_looks_like_it_is_not_taken),
      cmocka_unit_test(a_quality_that_is_no_percentage_is_unknown),
      cmocka_unit_test(a_text_cut_anywhere_is_never_read_past_its_end),
      cmocka_unit_test(one_json_object_holds),
      cmocka_unit_test(anything_else_does_not),
      cmocka_unit_test(an_object_cut_anywhere_is_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
