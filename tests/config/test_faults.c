#include "faults.h"

#include <stdio.h>
#include <string.h>

#include "data.h"
#include "random.h"

static void faults_stand_in_the_order_of_line_and_column_and_equals_as_they_came(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 20; seed++) {
    random_source r = {seed};
    config_faults faults = {0};
    for (int i = 0; i < 200; i++)
      faults_add(&faults, (size_t)random_below(&r, 10), (size_t)random_below(&r, 5), "%03d", i);
    for (size_t i = 1; i < faults.count; i++) {
      const config_fault *a = &faults.items[i - 1], *b = &faults.items[i];
      bool ordered = a->line < b->line || (a->line == b->line && (a->column < b->column || (a->column == b->column && strcmp(a->text, b->text) < 0)));
      if (!ordered)
        fail_msg("seed %d: fault %zu", (int)seed, i);
    }
    config_faults_clear(&faults);
  }
}

static void a_text_too_long_ends_between_two_characters(void **state)
{
  (void)state;
  char text[400] = "";
  config_faults faults = {0};
  for (int i = 0; i < 130; i++)
    strcat(text, "震");
  for (size_t from = 0; from < 3; from++)
    faults_add(&faults, 1, 1, "%s", text + 3 * from);
  faults_add(&faults, 1, 1, "x%s", text);
  assert_int_equal(strlen(faults.items[0].text), 318);
  assert_int_equal(strlen(faults.items[3].text), 319);
  config_faults_clear(&faults);
}

static void the_last_fault_that_fits_says_that_reading_ends(void **state)
{
  (void)state;
  config_faults faults = {0};
  for (size_t i = 1; i < FAULTS_MAXIMUM; i++)
    assert_true(faults_add(&faults, i, 1, "x"));
  assert_false(faults_add(&faults, FAULTS_MAXIMUM, 1, "x"));
  assert_false(faults_add(&faults, FAULTS_MAXIMUM, 1, "x"));
  assert_int_equal(faults.count, FAULTS_MAXIMUM);
  config_faults_clear(&faults);
  assert_null(faults.items);
  assert_int_equal(faults.count, 0);
}

static void a_quoted_text_cannot_move_the_cursor(void **state)
{
  (void)state;
  char quote[FAULTS_QUOTE];
  assert_string_equal(faults_quote(quote, "a\x1B[2Jb\n\x7F", 8), "a?[2Jb??");
  assert_string_equal(faults_quote(quote, "地震", 6), "地震");
  assert_string_equal(faults_quote(quote, "cut here", 3), "cut");
}

static void a_long_quote_is_cut_between_characters_and_marked(void **state)
{
  (void)state;
  char quote[FAULTS_QUOTE], text[300] = "";
  for (int i = 0; i < 90; i++)
    strcat(text, "震");
  for (size_t length = 70; length < strlen(text); length += 3) {
    faults_quote(quote, text, length - length % 3);
    size_t shown = strlen(quote);
    assert_true(shown < FAULTS_QUOTE);
    if (length - length % 3 > 76)
      assert_string_equal(quote + shown - 6, "震...");
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(faults_stand_in_the_order_of_line_and_column_and_equals_as_they_came),
      cmocka_unit_test(a_text_too_long_ends_between_two_characters),
      cmocka_unit_test(the_last_fault_that_fits_says_that_reading_ends),
      cmocka_unit_test(a_quoted_text_cannot_move_the_cursor),
      cmocka_unit_test(a_long_quote_is_cut_between_characters_and_marked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
