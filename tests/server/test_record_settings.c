#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data.h"
#include "record_settings.h"
#include "record_text.h"

static void write_config(const char *path, int targets)
{
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs("server: {name: \"A \\\"quoted\\\" \\\\ name: # no comment\", name_zh: 地震, status_interval_s: 12.3456789012345}\n"
        "redis: {prefix: \"yes\"}\nrules: {minimum_magnitude: 4.7, targets_from_stations: true, audience: public}\ntargets:\n",
        file);
  for (int i = 0; i < targets; i++)
    fprintf(file, "- {id: t%d, name: \"No %d\", name_zh: 此%d, latitude_deg: %.17g, longitude_deg: 122.1}\n", i, i, i, 30 + i / 13.0);
  fclose(file);
}

static void settings_come_back_from_their_lines_with_the_same_hash(void **state)
{
  (void)state;
  static settings s, back;
  char path[] = "/tmp/tocsin-test-settings-XXXXXX", hash[SETTINGS_HASH_TEXT], hash_back[SETTINGS_HASH_TEXT];
  static const int counts[] = {0, 1, 9, 12, 321};
  close(mkstemp(path));
  for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
    write_config(path, counts[i]);
    assert_true(settings_load(&s, path));
    record_text *text = record_text_settings(&s);
    assert_true(record_settings_read(&back, "test", text->bytes));
    settings_hash(&s, hash);
    settings_hash(&back, hash_back);
    assert_string_equal(hash, hash_back);
    assert_memory_equal(text->sha, hash, SETTINGS_HASH_TEXT - 1);
    assert_int_equal(back.engine.targets_count, counts[i]);
    for (int k = 0; k < counts[i]; k++)
      assert_memory_equal(&s.engine.targets[k], &back.engine.targets[k], sizeof *s.engine.targets);
    record_text_release(text);
    settings_release(&s);
    settings_release(&back);
  }
  unlink(path);
}

static void lines_of_another_build_are_told_and_the_rest_holds(void **state)
{
  (void)state;
  static settings s;
  assert_false(record_settings_read(&s, "test", "rules.minimum_magnitude=4.5\nrules.no_such=1\n"));
  assert_float_equal(s.engine.rules.minimum_magnitude, 4.5, 0);
  settings_release(&s);
  assert_false(record_settings_read(&s, "test", "no line"));
  settings_release(&s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(settings_come_back_from_their_lines_with_the_same_hash),
      cmocka_unit_test(lines_of_another_build_are_told_and_the_rest_holds),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
