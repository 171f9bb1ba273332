#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data.h"
#include "made_records.h"
#include "schedule.h"

enum { SECONDS = 200 };

static char path[] = "/tmp/tocsin-schedule-XXXXXX";
static archive *recordings;
static archive_span span;

static int64_t base_time(void)
{
  int64_t time;
  ingest_time_parse("2020-01-01T00:00:00Z", &time);
  return time;
}

/* XX.AAA and XX.BBB, a packet a second. */
static int make_recordings(void **state)
{
  (void)state;
  static const archive_options as_they_are = {0};
  FILE *file = fdopen(mkstemp(path), "wb");
  for (int i = 0; i < 2 * SECONDS; i++) {
    made_record r = made_second(i % 2 ? "AAA" : "BBB", base_time() + i / 2 * INGEST_SECOND, (uint64_t)i);
    if (fwrite(r.bytes, 1, r.length, file) != r.length)
      return -1;
  }
  fclose(file);
  recordings = archive_open((char *const[]){path}, 1, &as_they_are);
  return recordings && archive_choose(recordings, NULL, NULL, &span) == NULL ? 0 : -1;
}

static int remove_recordings(void **state)
{
  (void)state;
  archive_close(recordings);
  return unlink(path);
}

static schedule_rule rule_of(schedule_kind kind, const char *text)
{
  schedule_rule rule;
  assert_null(schedule_read(kind, text, span.from, &rule));
  return rule;
}

static schedule make(schedule_rule rule, uint64_t seed)
{
  schedule s;
  assert_true(schedule_make(&s, recordings, &span, &rule, 1, seed));
  for (size_t i = 1; i < s.count; i++)
    assert_true(s.entries[i].due > s.entries[i - 1].due ||
                (s.entries[i].due == s.entries[i - 1].due && s.entries[i].packet > s.entries[i - 1].packet));
  assert_int_equal(s.count + s.lost, 2 * SECONDS);
  return s;
}

static const archive_packet *packet_of(const schedule *s, size_t index)
{
  return archive_at(recordings, s->entries[index].packet);
}

static void a_delay_moves_the_stations_it_names(void **state)
{
  (void)state;
  schedule s = make(rule_of(SCHEDULE_DELAY, "XX.A*=2.5"), 1);
  for (size_t i = 0; i < s.count; i++) {
    bool is_late = packet_of(&s, i)->record.codes.station[0] == 'A';
    assert_int_equal(s.entries[i].due, packet_of(&s, i)->arrival + (is_late ? 2500000000 : 0));
  }
  schedule_free(&s);
}

static void losses_are_as_frequent_as_asked_and_the_seed_s(void **state)
{
  (void)state;
  schedule s = make(rule_of(SCHEDULE_LOSS, "*.AAA=0.3"), 7), again = make(rule_of(SCHEDULE_LOSS, "*.AAA=0.3"), 7);
  schedule other = make(rule_of(SCHEDULE_LOSS, "*.AAA=0.3"), 8);
  assert_in_range(s.lost, 40, 80); /* 60 of 200, three standard deviations */
  assert_int_equal(s.count, again.count);
  assert_memory_equal(s.entries, again.entries, s.count * sizeof *s.entries);
  assert_true(s.count != other.count || memcmp(s.entries, other.entries, s.count * sizeof *s.entries) != 0);
  schedule_free(&s);
  schedule_free(&again);
  schedule_free(&other);
}

static void an_outage_loses_what_falls_into_it(void **state)
{
  (void)state;
  schedule s = make(rule_of(SCHEDULE_OUTAGE, "XX.BBB=+10,2020-01-01T00:00:30.99Z"), 1);
  assert_int_equal(s.lost, 20);
  for (size_t i = 0; i < s.count; i++)
    if (packet_of(&s, i)->record.codes.station[0] == 'B')
      assert_false(s.entries[i].due >= span.from + 10 * INGEST_SECOND && s.entries[i].due < span.from + 30 * INGEST_SECOND);
  schedule_free(&s);
}

static void a_late_outage_brings_all_of_it_at_its_end(void **state)
{
  (void)state;
  schedule s = make(rule_of(SCHEDULE_OUTAGE, "XX.BBB=+10,+30,late"), 1);
  size_t at_the_end = 0;
  assert_int_equal(s.lost, 0);
  for (size_t i = 0; i < s.count; i++)
    at_the_end += s.entries[i].due == span.from + 30 * INGEST_SECOND && packet_of(&s, i)->record.codes.station[0] == 'B';
  assert_int_equal(at_the_end, 21); /* twenty held back, and the one that is due then */
  schedule_free(&s);
}

static void what_cannot_be_meant_is_refused(void **state)
{
  (void)state;
  static const struct {
    schedule_kind kind;
    const char *text;
  } wrong[] = {{SCHEDULE_DELAY, "XX.AAA"},
               {SCHEDULE_DELAY, "=3"},
               {SCHEDULE_DELAY, "AAA=3"},
               {SCHEDULE_DELAY, "XX.AAA=-1"},
               {SCHEDULE_DELAY, "XX.AAA=1e9"},
               {SCHEDULE_DELAY, "XX.AAA=nan"},
               {SCHEDULE_LOSS, "XX.AAA=1.1"},
               {SCHEDULE_LOSS, "XX.AAA=half"},
               {SCHEDULE_OUTAGE, "XX.AAA=+3"},
               {SCHEDULE_OUTAGE, "XX.AAA=+9,+3"},
               {SCHEDULE_OUTAGE, "XX.AAA=+1,+3,soon"},
               {SCHEDULE_OUTAGE, "XX.AAA=now,+3"},
               {SCHEDULE_DELAY, "XX.AAAAAAAAAAAAAAAAAAAAAAAAAAAA=3"}};
  schedule_rule rule;
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    assert_non_null(schedule_read(wrong[i].kind, wrong[i].text, 0, &rule));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_delay_moves_the_stations_it_names), cmocka_unit_test(losses_are_as_frequent_as_asked_and_the_seed_s),
      cmocka_unit_test(an_outage_loses_what_falls_into_it),  cmocka_unit_test(a_late_outage_brings_all_of_it_at_its_end),
      cmocka_unit_test(what_cannot_be_meant_is_refused),
  };
  return cmocka_run_group_tests(tests, make_recordings, remove_recordings);
}
