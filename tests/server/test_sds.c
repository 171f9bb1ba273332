/* An SDS archive made by code: which day files a span of time needs, and a replay of it. */
#include "sds.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon_process.h"
#include "data.h"
#include "files.h"
#include "made_records.h"
#include "private_redis.h"

static const int64_t day_ns = 86400 * INGEST_SECOND;

static void make_folders(const char *path)
{
  char part[512];
  for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    snprintf(part, sizeof part, "%.*s", (int)(slash - path), path);
    mkdir(part, 0700);
  }
}

/* One day file of XX.STATION..HNZ with so many seconds from `start` on. */
static void make_file(const char *root, const char *station, int year, int day, int64_t start, int seconds)
{
  char path[512];
  snprintf(path, sizeof path, "%s/%d/XX/%s/HNZ.D/XX.%s..HNZ.D.%d.%03d", root, year, station, station, year, day);
  make_folders(path);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  for (int i = 0; i < seconds; i++) {
    made_record r = made_second(station, start + i * INGEST_SECOND, (uint64_t)i);
    fwrite(r.bytes, 1, r.length, file);
  }
  fclose(file);
}

static int64_t time_of(const char *text)
{
  int64_t time;
  assert_true(ingest_time_parse(text, &time));
  return time;
}

static void make_archive(char root[64])
{
  temporary_folder(root, 64);
  int64_t new_year = time_of("2020-01-01T00:00:00Z");
  make_file(root, "S001", 2019, 365, new_year - 10 * INGEST_SECOND, 10);
  make_file(root, "S000", 2019, 365, new_year - 10 * INGEST_SECOND, 10);
  make_file(root, "S000", 2020, 1, new_year, 10);
  make_file(root, "S000", 2020, 2, new_year + day_ns, 10);
}

/* The ends of the names found, joined. */
static void names_of(char **list, char *text, size_t size)
{
  text[0] = '\0';
  for (size_t i = 0; list && list[i]; i++) {
    size_t n = strlen(text);
    snprintf(text + n, size - n, "%s ", strrchr(list[i], '/') + 1);
  }
  if (list)
    files_list_free(list);
}

static void assert_files(const char *root, const char *from, const char *until, const char *expected)
{
  char text[512];
  names_of(sds_list(root, time_of(from), time_of(until)), text, sizeof text);
  assert_string_equal(text, expected);
}

static void the_days_of_the_span_are_listed_in_their_order(void **state)
{
  (void)state;
  char root[64];
  make_archive(root);
  assert_files(root, "2020-01-02T05:00:00Z", "2020-01-02T06:00:00Z", "XX.S000..HNZ.D.2020.002 ");
  assert_files(root, "2019-12-31T05:00:00Z", "2020-01-01T00:00:00Z", "XX.S000..HNZ.D.2019.365 XX.S001..HNZ.D.2019.365 ");
  assert_files(root, "2019-12-31T23:59:00Z", "2020-01-01T00:00:01Z", "XX.S000..HNZ.D.2019.365 XX.S001..HNZ.D.2019.365 XX.S000..HNZ.D.2020.001 ");
  remove_folder(root);
}

static void the_day_before_counts_right_after_midnight(void **state)
{
  (void)state;
  char root[64];
  make_archive(root);
  assert_files(root, "2020-01-02T00:00:00Z", "2020-01-02T00:01:00Z", "XX.S000..HNZ.D.2020.001 XX.S000..HNZ.D.2020.002 ");
  remove_folder(root);
}

static void what_is_not_there_is_an_error(void **state)
{
  (void)state;
  char root[64];
  make_archive(root);
  assert_null(sds_list(root, time_of("2021-05-05T00:00:00Z"), time_of("2021-05-06T00:00:00Z")));
  assert_int_equal(errno, ENOENT);
  assert_null(sds_list("/nonexistent", time_of("2020-01-01T00:00:00Z"), time_of("2020-01-02T00:00:00Z")));
  assert_int_equal(errno, ENOENT);
  assert_null(sds_list(root, time_of("2020-01-02T00:00:00Z"), time_of("2020-01-02T00:00:00Z")));
  assert_int_equal(errno, EINVAL);
  remove_folder(root);
}

static int replay(const char *root, const char *until, const char *output)
{
  char inventory[128];
  snprintf(inventory, sizeof inventory, "%s/stations.xml", root);
  const char *const words[] = {"replay", "--inventory", inventory, "--sds", root, "--from", "2019-12-31T23:59:55Z", "--until", until, NULL};
  return run_program("tocsin", output, words);
}

static void a_span_is_replayed_over_midnight_and_new_year(void **state)
{
  (void)state;
  char root[64], output[128];
  size_t length;
  make_archive(root);
  made_inventory(root, 2);
  snprintf(output, sizeof output, "%s/output", root);
  assert_int_equal(replay(root, "2020-01-01T00:00:05Z", output), 0);
  char *text = data_read(output, &length);
  assert_non_null(strstr(text, "\"data_time\":\"2019-12-31T23:59:5"));
  assert_non_null(strstr(text, "\"data_time\":\"2020-01-01T00:00:0"));
  free(text);
  assert_int_equal(replay(root, "+5", output), 1);
  assert_int_equal(replay(root, "1999-01-01T00:00:00Z", output), 1);
  remove_folder(root);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_days_of_the_span_are_listed_in_their_order),
      cmocka_unit_test(the_day_before_counts_right_after_midnight),
      cmocka_unit_test(what_is_not_there_is_an_error),
      cmocka_unit_test(a_span_is_replayed_over_midnight_and_new_year),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
