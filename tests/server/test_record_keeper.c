#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "data.h"
#include "private_redis.h"
#include "record_keeper.h"
#include "record_segment.h"

struct world {
  recorder_settings settings;
  record_keeper keeper;
};

static const int64_t origin = 1562383193 * INGEST_SECOND;
static const char id[] = "20190706T031953-3577N11760W";

static void prepare(struct world *w)
{
  char path[RECORD_PATH_TEXT];
  w->settings =
      (recorder_settings){.segment_mib = 1, .limit_mib = 4, .events_limit_mib = 2, .limit_days = 10, .keep_before_s = 60, .keep_after_s = 120};
  temporary_folder(w->settings.folder, 64);
  static const char *const folders[] = {"events", "texts"};
  for (size_t i = 0; i < 2; i++) {
    snprintf(path, sizeof path, "%s/%s", w->settings.folder, folders[i]);
    assert_int_equal(mkdir(path, 0700), 0);
  }
  record_keeper_start(&w->keeper, &w->settings);
}

static void path_of(const struct world *w, const char *event, int64_t first, char path[RECORD_PATH_TEXT])
{
  char name[RECORD_NAME_TEXT];
  snprintf(path, RECORD_PATH_TEXT, "%s%s%s/%s.rec", w->settings.folder, event ? "/events/" : "", event ? event : "", record_name(first, name));
}

static void make_file(const char *path, off_t size)
{
  int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
  assert_true(descriptor >= 0);
  assert_int_equal(ftruncate(descriptor, size), 0);
  close(descriptor);
}

/* A segment of a MiB that was closed at `last`. */
static void close_one(struct world *w, int64_t first, int64_t last)
{
  char path[RECORD_PATH_TEXT];
  path_of(w, NULL, first, path);
  make_file(path, 1 << 20);
  record_keeper_closed(&w->keeper, path, first, last);
}

static bool is_there(const struct world *w, const char *event, int64_t first)
{
  char path[RECORD_PATH_TEXT];
  path_of(w, event, first, path);
  return access(path, F_OK) == 0;
}

static void the_oldest_go_beyond_size_and_age(void **state)
{
  (void)state;
  struct world w;
  prepare(&w);
  for (int i = 0; i < 6; i++)
    close_one(&w, origin + i * 3600 * INGEST_SECOND, origin + (i + 1) * 3600 * INGEST_SECOND);
  for (int i = 0; i < 6; i++)
    assert_int_equal(is_there(&w, NULL, origin + i * 3600 * INGEST_SECOND), i >= 3); /* the current one is the fourth MiB */
  close_one(&w, origin + 11 * 86400 * INGEST_SECOND, origin + 12 * 86400 * INGEST_SECOND);
  assert_false(is_there(&w, NULL, origin + 5 * 3600 * INGEST_SECOND));
  remove_folder(w.settings.folder);
}

static void what_lies_around_an_event_outlives_the_rest(void **state)
{
  (void)state;
  struct world w;
  const int64_t minute = 60 * INGEST_SECOND;
  prepare(&w);
  close_one(&w, origin - 4 * minute, origin - 3 * minute);
  close_one(&w, origin - 3 * minute / 2, origin - minute / 2);
  record_keeper_event(&w.keeper, id, origin, origin - minute / 2);
  record_keeper_event(&w.keeper, id, origin + minute, origin - minute / 2); /* an update moves nothing */
  close_one(&w, origin - minute / 2, origin + minute);
  record_keeper_start(&w.keeper, &w.settings); /* as after a restart */
  close_one(&w, origin + minute, origin + 5 * minute);
  close_one(&w, origin + 5 * minute, origin + 6 * minute);
  for (int i = 6; i < 12; i++)
    close_one(&w, origin + i * minute, origin + (i + 1) * minute);
  assert_false(is_there(&w, id, origin - 4 * minute));
  assert_true(is_there(&w, id, origin - 3 * minute / 2));
  assert_true(is_there(&w, id, origin - minute / 2));
  assert_true(is_there(&w, id, origin + minute));
  assert_false(is_there(&w, id, origin + 5 * minute));
  assert_false(is_there(&w, NULL, origin - minute / 2));
  remove_folder(w.settings.folder);
}

static void of_events_the_oldest_go_and_an_id_that_is_a_path_is_none(void **state)
{
  (void)state;
  struct world w;
  const int64_t hour = 3600 * INGEST_SECOND;
  char name[LOCATOR_ID_TEXT];
  prepare(&w);
  record_keeper_event(&w.keeper, "../../evil", origin, origin);
  record_keeper_event(&w.keeper, "", origin, origin);
  for (int i = 0; i < 8; i++) {
    snprintf(name, sizeof name, "20190706T0%d", i);
    record_keeper_event(&w.keeper, name, origin + i * hour, origin + i * hour - hour / 2);
    close_one(&w, origin + i * hour, origin + i * hour + INGEST_SECOND);
  }
  for (int i = 0; i < 8; i++) {
    snprintf(name, sizeof name, "20190706T0%d", i);
    assert_true(is_there(&w, name, origin + i * hour) == (i >= 8 - 3)); /* each half counted here, half with the rest */
  }
  remove_folder(w.settings.folder);
}

static void texts_go_when_no_segment_is_as_old_as_their_last_use(void **state)
{
  (void)state;
  struct world w;
  char path[RECORD_PATH_TEXT];
  prepare(&w);
  static const int ages_days[] = {0, 3};
  for (size_t i = 0; i < 2; i++) {
    snprintf(path, sizeof path, "%s/texts/%zu", w.settings.folder, i);
    make_file(path, 1);
    const struct timespec then[2] = {{.tv_sec = time(NULL) - ages_days[i] * 86400}, {.tv_sec = time(NULL) - ages_days[i] * 86400}};
    assert_int_equal(utimensat(AT_FDCWD, path, then, 0), 0);
  }
  close_one(&w, origin, origin + INGEST_SECOND);
  for (size_t i = 0; i < 2; i++) {
    snprintf(path, sizeof path, "%s/texts/%zu", w.settings.folder, i);
    assert_int_equal(access(path, F_OK) == 0, i == 0);
  }
  remove_folder(w.settings.folder);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_oldest_go_beyond_size_and_age),
      cmocka_unit_test(what_lies_around_an_event_outlives_the_rest),
      cmocka_unit_test(of_events_the_oldest_go_and_an_id_that_is_a_path_is_none),
      cmocka_unit_test(texts_go_when_no_segment_is_as_old_as_their_last_use),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
