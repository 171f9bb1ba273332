/* Where feeds resume: kept in a file that is never half written. */
#include "positions.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data.h"
#include "private_redis.h"

static protocol_resume *at(const char *station, int64_t sequence)
{
  protocol_resume *r = protocol_resume_create();
  protocol_position p = {.sequence = sequence, .time = INGEST_SECOND * 1000000000};
  snprintf(p.station, sizeof p.station, "%s", station);
  assert_true(protocol_resume_set(r, &p));
  return r;
}

static void note(positions *p, const char *feed, const char *station, int64_t sequence)
{
  protocol_resume *r = at(station, sequence);
  assert_true(positions_note(p, feed, r));
  protocol_resume_destroy(r);
}

/* What is read of that feed's station; PROTOCOL_NO_SEQUENCE if nothing is known. */
static int64_t sequence_of(positions *p, const char *feed, const char *station)
{
  protocol_resume *r = protocol_resume_create();
  positions_read(p, feed, r);
  const protocol_position *found = protocol_resume_find(r, station);
  int64_t sequence = found ? found->sequence : PROTOCOL_NO_SEQUENCE;
  protocol_resume_destroy(r);
  return sequence;
}

static void what_was_noted_is_read_after_a_restart(void **state)
{
  (void)state;
  char folder[64];
  temporary_folder(folder, sizeof folder);
  positions *p = positions_open(folder);
  note(p, "one", "CN_SY", 41);
  note(p, "two", "CN_DL", 7);
  note(p, "one", "CN_SY", 42);
  positions_close(p);
  p = positions_open(folder);
  assert_int_equal(sequence_of(p, "one", "CN_SY"), 42);
  assert_int_equal(sequence_of(p, "two", "CN_DL"), 7);
  assert_int_equal(sequence_of(p, "three", "CN_DL"), PROTOCOL_NO_SEQUENCE);
  positions_forget(p, "one");
  positions_close(p);
  p = positions_open(folder);
  assert_int_equal(sequence_of(p, "one", "CN_SY"), PROTOCOL_NO_SEQUENCE);
  assert_int_equal(sequence_of(p, "two", "CN_DL"), 7);
  positions_close(p);
  remove_folder(folder);
}

static void a_folder_that_is_missing_is_made(void **state)
{
  (void)state;
  char above[64], folder[96];
  struct stat made;
  temporary_folder(above, sizeof above);
  snprintf(folder, sizeof folder, "%s/state", above);
  positions *p = positions_open(folder);
  note(p, "one", "CN_SY", 41);
  positions_write(p);
  positions_close(p);
  assert_int_equal(stat(folder, &made), 0);
  assert_int_equal(made.st_mode & 07027, 0);
  p = positions_open(folder);
  assert_int_equal(sequence_of(p, "one", "CN_SY"), 41);
  positions_close(p);
  remove_folder(above);
}

/* Whoever reads at any moment finds a whole file: the last line is never cut. */
static void a_reader_never_finds_half_a_file(void **state)
{
  (void)state;
  char folder[64], path[96];
  temporary_folder(folder, sizeof folder);
  snprintf(path, sizeof path, "%s/feeds", folder);
  positions *p = positions_open(folder);
  note(p, "one", "CN_SY", 0);
  positions_close(p);
  p = positions_open(folder);
  for (int64_t i = 1; i <= 300; i++) {
    size_t length;
    note(p, "one", "CN_SY", i);
    positions_write(p);
    char *text = data_read(path, &length);
    assert_memory_equal(text, "tocsin feeds 1\nfeed one\nCN_SY ", strlen("tocsin feeds 1\nfeed one\nCN_SY "));
    assert_int_equal(text[length - 1], '\n');
    free(text);
  }
  positions_close(p);
  p = positions_open(folder);
  assert_int_equal(sequence_of(p, "one", "CN_SY"), 300);
  positions_close(p);
  remove_folder(folder);
}

static void damage_costs_its_own_lines_alone(void **state)
{
  (void)state;
  char folder[64], path[96];
  temporary_folder(folder, sizeof folder);
  snprintf(path, sizeof path, "%s/feeds", folder);
  FILE *file = fopen(path, "w");
  fputs("tocsin feeds 1\nfeed one\nCN_SY 9 2001-09-09T01:46:40.000000Z\nCN_XX nonsense\nfeed two\nCN_DL 7 2001-09-09T01:46", file);
  fclose(file);
  positions *p = positions_open(folder);
  assert_int_equal(sequence_of(p, "one", "CN_SY"), 9);
  assert_int_equal(sequence_of(p, "one", "CN_XX"), PROTOCOL_NO_SEQUENCE);
  positions_close(p);
  remove_folder(folder);
}

static void a_folder_that_is_not_there_stops_nothing(void **state)
{
  (void)state;
  positions *p = positions_open("/nonexistent/folder");
  assert_non_null(p);
  note(p, "one", "CN_SY", 1);
  positions_write(p);
  positions_close(p);
}

static void an_empty_file_or_an_endless_line_is_no_trouble(void **state)
{
  (void)state;
  char folder[64], path[96];
  temporary_folder(folder, sizeof folder);
  snprintf(path, sizeof path, "%s/feeds", folder);
  FILE *file = fopen(path, "w");
  fclose(file);
  positions_close(positions_open(folder));
  file = fopen(path, "w");
  for (int i = 0; i < 100000; i++)
    fputs(i == 5 ? "feed " : "x", file);
  fclose(file);
  positions *p = positions_open(folder);
  assert_int_equal(sequence_of(p, "x", "CN_SY"), PROTOCOL_NO_SEQUENCE);
  positions_close(p);
  remove_folder(folder);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_was_noted_is_read_after_a_restart),   cmocka_unit_test(a_folder_that_is_missing_is_made),
      cmocka_unit_test(a_reader_never_finds_half_a_file),         cmocka_unit_test(damage_costs_its_own_lines_alone),
      cmocka_unit_test(a_folder_that_is_not_there_stops_nothing), cmocka_unit_test(an_empty_file_or_an_endless_line_is_no_trouble),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
