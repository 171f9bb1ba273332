/* What no configuration may hold, whatever its settings: bad YAML, bad UTF-8, anchors, tags, depth. */
#include "sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void bad_syntax_is_a_fault_in_its_line_and_the_last(void **state)
{
  (void)state;
  assert_fault("alarm:\n  port: 5\n level: 1\n", 3, 2, "the indentation differs from the lines before");
  assert_fault("alarm:\n  port: 5\n  level:1\n  crew: 1\n", 4, 3, "a colon and a blank part a name from its value");
  assert_fault("alarm: {port: 5\n", 2, 1, "a bracket that was opened is not closed");
  assert_fault("alarm:\n  name: \"open\n", 3, 1, "a quote that was opened is not closed");
  assert_fault("alarm:\n  name: a: b\n", 2, 10, "a text with a colon needs quotes");
  assert_fault("doors:\n  - {id: a, latitude_deg: 1}\n  id: b\n", 3, 3, "each entry of a list begins with `- `");
  assert_fault("alarm:\n\tport: 5\n", 2, 1, "a tab cannot indent");
  assert_fault("alarm:\n  name: @home\n", 2, 9, "need quotes");
  assert_fault("%YAML 3.0\n---\nalarm:\n", 1, 1, "no valid YAML");
}

static void faults_before_bad_syntax_are_said_too(void **state)
{
  (void)state;
  sample *s = sample_of_text("alarm:\n  port: 0\n  level: 5\n  }\n");
  assert_int_equal(s->faults.count, 3);
  assert_has_fault(s, 2, "1 to 65535");
  assert_has_fault(s, 3, "0 to 1");
  assert_has_fault(s, 4, "The rest was not read");
  sample_release(s);
}

static void bytes_that_are_no_utf8_are_a_fault_where_they_stand(void **state)
{
  (void)state;
  assert_fault("alarm:\n  name: 大\xFFx\n", 2, 10, "save the file as UTF-8");
  assert_fault("alarm:\n  name: \xE5\xA4", 2, 9, "save the file as UTF-8");
  sample *s = sample_of("\xFF\xFE"
                        "a\0:\0",
                        6);
  assert_int_equal(s->faults.count, 1);
  assert_has_fault(s, 1, "save the file as UTF-8");
  sample_release(s);
  s = sample_of("alarm:\n  name: a\0b\n", 19);
  assert_int_equal(s->faults.count, 1);
  assert_has_fault(s, 2, "");
  sample_release(s);
}

static void anchors_aliases_and_tags_are_refused(void **state)
{
  (void)state;
  assert_fault("alarm:\n  port: &p 5\n", 2, 9, "anchors and aliases are not followed, found `&p`; write the value out");
  assert_fault("alarm:\n  port: !!int 5\n", 2, 9, "tags have no meaning here");
  assert_fault("alarm: !bell {port: 5}\n", 1, 8, "found `!bell`");
  assert_fault("doors: &d\n  - {id: a, latitude_deg: 1}\n", 1, 8, "found `&d`");
  sample *s = sample_of_text("alarm: &a\n  port: 5\nlamp: *a\ndoors:\n  - *a\n  - {*a : 5, id: b, latitude_deg: *a}\n");
  assert_int_equal(s->faults.count, 5);
  assert_has_fault(s, 1, "`&a`");
  assert_has_fault(s, 3, "`*a`");
  assert_has_fault(s, 5, "`*a`");
  assert_has_fault(s, 6, "`*a`");
  sample_release(s);
}

static void an_alias_bomb_costs_nothing(void **state)
{
  (void)state;
  char text[2048], *at = text + sprintf(text, "a0: &a0 [x, x]\n");
  for (int i = 1; i < 40; i++)
    at += sprintf(at, "a%d: &a%d [*a%d, *a%d]\n", i, i, i - 1, i - 1);
  sample *s = sample_of_text(text);
  assert_int_equal(s->faults.count, 40 + 40 + 2 * 39);
  sample_release(s);
}

static void nesting_beyond_four_levels_is_a_fault_and_the_rest_is_read(void **state)
{
  (void)state;
  sample *s = sample_of_text("lamp:\n  watts: {a: {b: [c]}}\nalarm:\n  port: 0\n");
  assert_int_equal(s->faults.count, 3);
  assert_has_fault(s, 2, "nested more than four levels deep");
  assert_has_fault(s, 2, "`lamp.watts` must be one value");
  assert_has_fault(s, 4, "1 to 65535");
  sample_release(s);
}

static void a_million_open_brackets_end_the_reading(void **state)
{
  (void)state;
  enum { DEPTH = 1000000 };
  static const char *const openers[] = {"[", "{", "- ", "? ", "{a: "};
  for (size_t i = 0; i < sizeof openers / sizeof openers[0]; i++) {
    size_t size = strlen(openers[i]);
    char *text = malloc(DEPTH * size);
    for (size_t j = 0; j < DEPTH; j++)
      memcpy(text + j * size, openers[i], size);
    sample *s = sample_of(text, DEPTH * size);
    assert_has_fault(s, 1, "nested more than four levels deep");
    sample_release(s);
    free(text);
  }
}

static void a_second_document_is_a_fault(void **state)
{
  (void)state;
  assert_fault("alarm: {port: 5}\n---\nalarm: {port: 6}\n", 2, 1, "a second document begins");
  sample *s = sample_of_text("---\nalarm: {port: 5}\n...\n");
  assert_true(s->clean);
  sample_release(s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bad_syntax_is_a_fault_in_its_line_and_the_last),
      cmocka_unit_test(faults_before_bad_syntax_are_said_too),
      cmocka_unit_test(bytes_that_are_no_utf8_are_a_fault_where_they_stand),
      cmocka_unit_test(anchors_aliases_and_tags_are_refused),
      cmocka_unit_test(an_alias_bomb_costs_nothing),
      cmocka_unit_test(nesting_beyond_four_levels_is_a_fault_and_the_rest_is_read),
      cmocka_unit_test(a_million_open_brackets_end_the_reading),
      cmocka_unit_test(a_second_document_is_a_fault),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
