#include "number.h"

#include <math.h>
#include <string.h>

#include "data.h"
#include "random.h"

static void a_number_is_as_long_as_its_grammar_says(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    size_t length;
    bool whole;
  } cases[] = {{"0", 1, true},       {"-17", 3, true},  {"+5", 2, true},  {"3.25", 4, false}, {".5", 2, false}, {"5.", 2, false}, {"1e3", 3, false},
               {"1.5E-7", 6, false}, {"10 s", 2, true}, {"1e", 1, true},  {"1e+", 1, true},   {"1,5", 1, true}, {"", 0, true},    {"-", 0, true},
               {".", 0, false},      {"nan", 0, true},  {"inf", 0, true}, {"0x10", 1, true},  {" 5", 0, true},  {"5-3", 1, true}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    bool whole;
    assert_int_equal(number_length(cases[i].text, strlen(cases[i].text), &whole), cases[i].length);
    if (cases[i].length)
      assert_int_equal(whole, cases[i].whole);
  }
}

static void the_length_given_bounds_what_is_looked_at(void **state)
{
  (void)state;
  bool whole;
  assert_int_equal(number_length("12345", 3, &whole), 3);
  assert_int_equal(number_length("1e5", 2, &whole), 1);
  assert_int_equal(number_length("1.5", 0, &whole), 0);
}

static void numbers_are_printed_as_short_as_reads_back(void **state)
{
  (void)state;
  static const struct {
    double value;
    const char *text;
  } cases[] = {{0, "0"},          {0.1, "0.1"},   {1.0 / 3, "0.3333333333333333"}, {100000, "100000"}, {-18000, "-18000"}, {123.43, "123.43"},
               {1e300, "1e+300"}, {2e-7, "2e-07"}};
  char text[NUMBER_TEXT];
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    assert_string_equal(number_print(cases[i].value, text), cases[i].text);
}

static void any_finite_number_survives_being_printed(void **state)
{
  (void)state;
  random_source r = {7};
  for (int i = 0; i < 20000; i++) {
    uint64_t bits = random_next(&r);
    double value;
    char text[NUMBER_TEXT];
    memcpy(&value, &bits, sizeof value);
    if (isfinite(value) && number_value(number_print(value, text)) != value)
      fail_msg("draw %d: %a became %s", i, value, text);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_number_is_as_long_as_its_grammar_says),
      cmocka_unit_test(the_length_given_bounds_what_is_looked_at),
      cmocka_unit_test(numbers_are_printed_as_short_as_reads_back),
      cmocka_unit_test(any_finite_number_survives_being_printed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
