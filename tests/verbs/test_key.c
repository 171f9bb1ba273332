/* `tocsin key`: keys are made once, never overwritten, and secret. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "command.h"

static void a_path(const char *name, char path[160])
{
  snprintf(path, 160, "%s/%s", command_folder(), name);
}

static mode_t mode_of(const char *name)
{
  struct stat s;
  char path[160];
  a_path(name, path);
  assert_int_equal(stat(path, &s), 0);
  return s.st_mode & 0777;
}

static char *text_of(const char *name)
{
  char path[160];
  size_t length;
  a_path(name, path);
  return data_read(path, &length);
}

static void a_key_is_a_secret_and_a_public_file(void **state)
{
  (void)state;
  assert_int_equal(command_run("key create a.key"), 0);
  assert_int_equal(mode_of("a.key"), 0600);
  assert_true((mode_of("a.key.pub") & 0077) != 0);
}

static void both_halves_show_the_same_id(void **state)
{
  (void)state;
  assert_int_equal(command_run("key create b.key"), 0);
  assert_int_equal(command_run("key show b.key"), 0);
  char *secret = strdup(command_said());
  assert_int_equal(command_run("key show b.key.pub"), 0);
  assert_string_equal(command_said(), secret);
  free(secret);
}

static void a_key_is_never_overwritten(void **state)
{
  (void)state;
  assert_int_equal(command_run("key create c.key"), 0);
  char *before = text_of("c.key");
  assert_int_equal(command_run("key create c.key"), 1);
  command_assert_complained("c.key");
  char *after = text_of("c.key");
  assert_string_equal(before, after);
  free(before);
  free(after);
}

static void no_two_keys_are_alike(void **state)
{
  (void)state;
  assert_int_equal(command_run("key create d.key"), 0);
  assert_int_equal(command_run("key create e.key"), 0);
  char *one = text_of("d.key.pub"), *other = text_of("e.key.pub");
  assert_string_not_equal(one, other);
  free(one);
  free(other);
}

static void the_exercise_key_is_published(void **state)
{
  (void)state;
  assert_int_equal(command_run("key show --exercise"), 0);
  assert_true(strlen(command_said()) > 16);
}

static void what_is_no_key_is_named(void **state)
{
  (void)state;
  command_write("f.key", "not a key\n");
  assert_int_equal(command_run("key show f.key"), 1);
  command_assert_complained("f.key");
  assert_int_equal(command_run("key show absent.key"), 1);
  command_assert_complained("absent.key");
  assert_int_equal(command_run("key"), 2);
  assert_int_equal(command_run("key burn a.key"), 2);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_key_is_a_secret_and_a_public_file), cmocka_unit_test(both_halves_show_the_same_id),
      cmocka_unit_test(a_key_is_never_overwritten),          cmocka_unit_test(no_two_keys_are_alike),
      cmocka_unit_test(the_exercise_key_is_published),       cmocka_unit_test(what_is_no_key_is_named),
  };
  return cmocka_run_group_tests(tests, command_folder_make, command_folder_remove);
}
