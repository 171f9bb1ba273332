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

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_value_is_found_by_its_whole_path),
      cmocka_unit_test(what_only_looks_like_it_is_not_taken),
      cmocka_unit_test(a_quality_that_is_no_percentage_is_unknown),
      cmocka_unit_test(a_text_cut_anywhere_is_never_read_past_its_end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
