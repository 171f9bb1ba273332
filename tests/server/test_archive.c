#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive.h"
#include "data.h"

enum { FILES = 3, RATE = 100 };

static char paths[FILES][64];
static char *arguments[FILES] = {paths[0], paths[1], paths[2]};
static const archive_options as_they_are = {0};
static char said[8192];

static int make_files(void **state)
{
  (void)state;
  for (int i = 0; i < FILES; i++) {
    strcpy(paths[i], "/tmp/tocsin-archive-XXXXXX");
    int descriptor = mkstemp(paths[i]);
    if (descriptor < 0)
      return -1;
    close(descriptor);
  }
  return 0;
}

static int remove_files(void **state)
{
  (void)state;
  for (int i = 0; i < FILES; i++)
    unlink(paths[i]);
  return 0;
}

static void append(void *user, const uint8_t *bytes, size_t length)
{
  FILE *file = fopen(user, "ab");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, length, file), length);
  fclose(file);
}

static int64_t base_time(void)
{
  int64_t time;
  ingest_time_parse("2020-01-01T00:00:00Z", &time);
  return time;
}

static void append_record(int file, const char *channel, double start_s, int32_t samples)
{
  static double values[10000];
  ingest_record record = {.codes = {"XX", "AAA", "00", ""},
                          .start = base_time() + (int64_t)(start_s * 1e9),
                          .rate = RATE,
                          .samples = samples,
                          .encoding = 11,
                          .timing_quality = -1};
  strcpy(record.codes.channel, channel);
  for (int32_t i = 0; i < samples; i++)
    values[i] = i % 77;
  assert_int_equal(ingest_record_write(&record, values, 0, append, paths[file]), 1);
}

static void append_garbage(int file, size_t length)
{
  uint8_t bytes[1000] = {0};
  append(paths[file], bytes, length);
}

/* Opens with stderr turned into `said`. */
static archive *open_files(size_t count, const archive_options *options)
{
  FILE *kept = tmpfile();
  int error = dup(STDERR_FILENO);
  fflush(stderr);
  dup2(fileno(kept), STDERR_FILENO);
  archive *a = archive_open(arguments, count, options);
  fflush(stderr);
  dup2(error, STDERR_FILENO);
  close(error);
  rewind(kept);
  said[fread(said, 1, sizeof said - 1, kept)] = '\0';
  fclose(kept);
  return a;
}

static size_t lines_said(void)
{
  size_t lines = 0;
  for (const char *c = said; *c; c++)
    lines += *c == '\n';
  return lines;
}

static void packets_come_in_the_order_of_their_arrival_whatever_the_files(void **state)
{
  (void)state;
  append_record(0, "HNZ", 2, 100);
  append_record(0, "HNZ", 0, 100);
  append_record(1, "HNE", 1, 100);
  append_record(1, "HNZ", 1, 100);
  append_record(2, "HNE", 0.5, 50);
  archive *a = open_files(3, &as_they_are);
  assert_int_equal(archive_count(a), 5);
  static const char *const channels[] = {"HNE", "HNZ", "HNE", "HNZ", "HNZ"};
  static const int64_t starts_ms[] = {500, 0, 1000, 1000, 2000};
  for (size_t i = 0; i < 5; i++) {
    const archive_packet *p = archive_at(a, i);
    assert_string_equal(p->record.codes.channel, channels[i]);
    assert_int_equal(p->record.start - base_time(), starts_ms[i] * 1000000);
    assert_int_equal(p->arrival, ingest_record_last(&p->record));
  }
  assert_string_equal(said, "");
  archive_close(a);
}

static void cutting_delay_and_shift_are_applied(void **state)
{
  (void)state;
  append_record(0, "HNZ", 0.25, 1000);
  archive_options options = {.packet_s = 1, .delay_s = 0.75, .shift_ns = 86400 * INGEST_SECOND};
  archive *a = open_files(1, &options);
  assert_int_equal(archive_count(a), 11);
  int32_t samples = 0;
  for (size_t i = 0; i < 11; i++) {
    const archive_packet *p = archive_at(a, i);
    assert_int_equal(p->arrival, ingest_record_last(&p->record) + 750000000);
    assert_int_equal(p->record.start / INGEST_SECOND, base_time() / INGEST_SECOND + 86400 + (int64_t)i);
    samples += p->record.samples;
  }
  assert_int_equal(samples, 1000);
  archive_close(a);
}

static void records_of_512_bytes_arrive_each_at_its_own_last_sample(void **state)
{
  (void)state;
  append_record(0, "HNZ", 0, 5000);
  archive_options options = {.record_length = 512};
  archive *a = open_files(1, &options);
  int32_t samples = 0;
  assert_true(archive_count(a) > 3);
  for (size_t i = 0; i < archive_count(a); i++) {
    const archive_packet *p = archive_at(a, i);
    assert_int_equal(p->length, 512);
    assert_int_equal(p->record.start, base_time() + samples * (INGEST_SECOND / RATE));
    assert_int_equal(p->arrival, ingest_record_last(&p->record));
    samples += p->record.samples;
  }
  assert_int_equal(samples, 5000);
  archive_close(a);
}

static void a_folder_stands_for_its_recordings(void **state)
{
  (void)state;
  char folder[] = "/tmp/tocsin-archive-XXXXXX", inside[80];
  char *named[] = {folder};
  assert_non_null(mkdtemp(folder));
  assert_null(archive_open(named, 1, &as_they_are)); /* none is there yet */
  append_record(0, "HNZ", 0, 100);
  snprintf(inside, sizeof inside, "%s/a.mseed", folder);
  assert_int_equal(rename(paths[0], inside), 0);
  archive *a = archive_open(named, 1, &as_they_are);
  assert_int_equal(archive_count(a), 1);
  archive_close(a);
  unlink(inside);
  rmdir(folder);
}

static void what_is_no_record_is_named_counted_and_skipped(void **state)
{
  (void)state;
  append_garbage(0, 100);
  append_record(0, "HNZ", 0, 100);
  append_garbage(0, 30);
  append_record(0, "HNZ", 1, 100);
  archive *a = open_files(1, &as_they_are);
  assert_int_equal(archive_count(a), 2);
  assert_int_equal(archive_skipped(a), 130);
  assert_int_equal(lines_said(), 2);
  char expected[200];
  snprintf(expected, sizeof expected, "%s:0: no miniSEED record header; 100 bytes skipped\n", paths[0]);
  assert_memory_equal(said, expected, strlen(expected));
  archive_close(a);
}

static void a_truncated_record_at_the_end_is_named(void **state)
{
  (void)state;
  append_record(0, "HNZ", 0, 100);
  append_record(0, "HNZ", 1, 100);
  FILE *file = fopen(paths[0], "rb");
  fseek(file, 0, SEEK_END);
  long size = ftell(file);
  fclose(file);
  assert_int_equal(truncate(paths[0], size - 20), 0);
  archive *a = open_files(1, &as_they_are);
  assert_int_equal(archive_count(a), 1);
  assert_int_equal(archive_skipped(a), size / 2 - 20);
  assert_non_null(strstr(said, "cut short by the end of the file"));
  archive_close(a);
}

static void only_the_first_faults_of_a_file_are_named_one_by_one(void **state)
{
  (void)state;
  for (int i = 0; i < 25; i++) {
    append_garbage(0, 10);
    append_record(0, "HNZ", i, 100);
  }
  archive *a = open_files(1, &as_they_are);
  assert_int_equal(archive_count(a), 25);
  assert_int_equal(archive_skipped(a), 250);
  assert_int_equal(lines_said(), 11);
  assert_non_null(strstr(said, "15 more such places"));
  archive_close(a);
}

static void a_missing_file_opens_nothing(void **state)
{
  (void)state;
  append_record(0, "HNZ", 0, 100);
  unlink(paths[1]);
  assert_null(open_files(2, &as_they_are));
  assert_non_null(strstr(said, paths[1]));
}

static void empty_files_are_an_archive_of_nothing(void **state)
{
  (void)state;
  archive *a = open_files(3, &as_they_are);
  assert_int_equal(archive_count(a), 0);
  archive_close(a);
}

static void a_span_is_chosen_by_time_or_by_seconds_after_the_first_packet(void **state)
{
  (void)state;
  for (int second = 0; second < 10; second++)
    append_record(0, "HNZ", second, 101); /* its last sample, and so its arrival, on a whole second */
  archive *a = open_files(1, &as_they_are);
  archive_span s;
  assert_null(archive_choose(a, NULL, NULL, &s));
  assert_true(s.first == 0 && s.last == 10 && s.from == archive_at(a, 0)->arrival);
  assert_null(archive_choose(a, "+3", "+5.5", &s));
  assert_true(s.first == 3 && s.last == 6 && s.from == archive_at(a, 0)->arrival + 3 * INGEST_SECOND);
  assert_null(archive_choose(a, "2020-01-01T00:00:02Z", "2020-01-01T00:00:04Z", &s));
  assert_true(s.first == 1 && s.last == 3 && s.from == base_time() + 2 * INGEST_SECOND);
  assert_non_null(archive_choose(a, "yesterday", NULL, &s));
  assert_non_null(archive_choose(a, "+x", NULL, &s));
  assert_non_null(archive_choose(a, "+-1", NULL, &s));
  assert_non_null(archive_choose(a, "+20", NULL, &s));
  assert_non_null(archive_choose(a, "+5", "+5", &s));
  archive_close(a);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(packets_come_in_the_order_of_their_arrival_whatever_the_files, make_files, remove_files),
      cmocka_unit_test_setup_teardown(cutting_delay_and_shift_are_applied, make_files, remove_files),
      cmocka_unit_test_setup_teardown(records_of_512_bytes_arrive_each_at_its_own_last_sample, make_files, remove_files),
      cmocka_unit_test_setup_teardown(a_folder_stands_for_its_recordings, make_files, remove_files),
      cmocka_unit_test_setup_teardown(what_is_no_record_is_named_counted_and_skipped, make_files, remove_files),
      cmocka_unit_test_setup_teardown(a_truncated_record_at_the_end_is_named, make_files, remove_files),
      cmocka_unit_test_setup_teardown(only_the_first_faults_of_a_file_are_named_one_by_one, make_files, remove_files),
      cmocka_unit_test_setup_teardown(a_missing_file_opens_nothing, make_files, remove_files),
      cmocka_unit_test_setup_teardown(a_span_is_chosen_by_time_or_by_seconds_after_the_first_packet, make_files, remove_files),
      cmocka_unit_test_setup_teardown(empty_files_are_an_archive_of_nothing, make_files, remove_files),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
