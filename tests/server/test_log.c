#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data.h"
#include "log.h"
#include "private_redis.h"

/* Standard error goes into a file while the log is written. */
struct captured {
  char folder[64], path[96];
  int before;
};

static struct captured begin(void)
{
  struct captured c;
  temporary_folder(c.folder, sizeof c.folder);
  snprintf(c.path, sizeof c.path, "%s/log", c.folder);
  c.before = dup(STDERR_FILENO);
  int file = open(c.path, O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(file, STDERR_FILENO);
  close(file);
  return c;
}

/* What was written; the caller frees it. */
static char *end(struct captured *c)
{
  size_t length;
  dup2(c->before, STDERR_FILENO);
  close(c->before);
  char *text = data_read(c->path, &length);
  remove_folder(c->folder);
  return text;
}

static size_t lines_of(const char *text)
{
  size_t n = 0;
  for (; *text; text++)
    n += *text == '\n';
  return n;
}

static void a_line_has_its_severity_in_the_journal_s_way_or_in_words(void **state)
{
  (void)state;
  struct captured c = begin();
  unsetenv("JOURNAL_STREAM");
  log_line(4, "%d sensors", 3);
  setenv("JOURNAL_STREAM", "8:1", 1);
  log_line(4, "%d sensors", 4);
  unsetenv("JOURNAL_STREAM");
  char *text = end(&c);
  assert_non_null(strstr(text, "Z warning: 3 sensors\n"));
  assert_non_null(strstr(text, "\n<4>4 sensors\n"));
  free(text);
}

static void what_came_from_a_wire_cannot_make_lines_or_reach_the_terminal(void **state)
{
  (void)state;
  struct captured c = begin();
  log_line(6, "station %s", "A\nerror: \033[31mB\x7f");
  char *text = end(&c);
  assert_int_equal(lines_of(text), 1);
  assert_non_null(strstr(text, "station A?error: ?[31mB?"));
  free(text);
}

static void a_text_of_any_length_is_one_line(void **state)
{
  (void)state;
  struct captured c = begin();
  char *longest = malloc(100001);
  memset(longest, 'x', 100000);
  longest[100000] = '\0';
  log_line(6, "%s", longest);
  free(longest);
  char *text = end(&c);
  assert_int_equal(lines_of(text), 1);
  free(text);
}

static void repeats_of_a_kind_are_held_back(void **state)
{
  (void)state;
  struct captured c = begin();
  for (int i = 0; i < 1000; i++) {
    log_limited(4, "kind one", "one %d", i);
    log_limited(4, "kind two", "two %d", i);
  }
  char *text = end(&c);
  assert_int_equal(lines_of(text), 2);
  assert_non_null(strstr(text, "one 0\n"));
  assert_non_null(strstr(text, "two 0\n"));
  free(text);
}

static void one_kind_is_written_once_wherever_it_occurs_and_many_are_bounded(void **state)
{
  (void)state;
  struct captured c = begin();
  for (int i = 0; i < 100; i++) {
    char place[64];
    snprintf(place, sizeof place, "feed one, byte %d: XX.A..HNZ: not in the inventory", 512 * i);
    log_repeated(5, "feed 1: XX.A..HNZ: not in the inventory", place);
  }
  for (int i = 0; i < 5000; i++) {
    char line[64];
    snprintf(line, sizeof line, "feed 1: XX.S%04d..HNZ: not in the inventory", i);
    log_repeated(5, line, line);
  }
  char *text = end(&c);
  assert_int_equal(lines_of(text), 200);
  assert_non_null(strstr(text, "feed one, byte 0: XX.A..HNZ"));
  free(text);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_line_has_its_severity_in_the_journal_s_way_or_in_words),
      cmocka_unit_test(what_came_from_a_wire_cannot_make_lines_or_reach_the_terminal),
      cmocka_unit_test(a_text_of_any_length_is_one_line),
      cmocka_unit_test(repeats_of_a_kind_are_held_back),
      cmocka_unit_test(one_kind_is_written_once_wherever_it_occurs_and_many_are_bounded),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
