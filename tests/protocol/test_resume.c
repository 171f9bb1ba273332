#include <stdio.h>
#include <string.h>

#include "data.h"
#include "protocol.h"
#include "random.h"

typedef struct {
  char bytes[65536];
  size_t length;
} text;

static void collect(void *user, const char *bytes, size_t length)
{
  text *t = user;
  assert_true(t->length + length <= sizeof t->bytes);
  memcpy(t->bytes + t->length, bytes, length);
  t->length += length;
}

static protocol_position position(const char *station, int64_t sequence, int64_t time)
{
  protocol_position p = {.sequence = sequence, .time = time};
  snprintf(p.station, sizeof p.station, "%s", station);
  return p;
}

static void set(protocol_resume *resume, const char *station, int64_t sequence, int64_t time)
{
  protocol_position p = position(station, sequence, time);
  assert_true(protocol_resume_set(resume, &p));
}

static void assert_text(const protocol_resume *resume, const char *expected)
{
  text t = {.length = 0};
  protocol_resume_write(resume, collect, &t);
  t.bytes[t.length] = '\0';
  assert_string_equal(t.bytes, expected);
}

static void stations_in_any_order_are_kept_sorted_and_found(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 20; seed++) {
    random_source random = {seed};
    protocol_resume *resume = protocol_resume_create();
    for (int i = 0; i < 500; i++) {
      char name[16];
      snprintf(name, sizeof name, "N%d_S%d", (int)random_below(&random, 9), (int)random_below(&random, 60));
      set(resume, name, i, i * INGEST_SECOND);
      assert_int_equal(protocol_resume_find(resume, name)->sequence, i);
    }
    for (size_t i = 1; i < protocol_resume_count(resume); i++)
      assert_true(strcmp(protocol_resume_at(resume, i - 1)->station, protocol_resume_at(resume, i)->station) < 0);
    assert_null(protocol_resume_at(resume, protocol_resume_count(resume)));
    assert_null(protocol_resume_find(resume, "XX_NONE"));
    protocol_resume_forget(resume);
    assert_int_equal(protocol_resume_count(resume), 0);
    protocol_resume_destroy(resume);
  }
}

static void what_is_written_is_read_back_the_same(void **state)
{
  (void)state;
  const char expected[] = "- 9007199254740993 2020-01-01T00:00:00.000000Z\n"
                          "CI_CLC 16777215 2019-07-06T03:19:53.040000Z\n"
                          "CI_SLA - 2019-07-06T03:19:54.000000Z\n";
  protocol_resume *resume = protocol_resume_create(), *again = protocol_resume_create();
  set(resume, "CI_SLA", PROTOCOL_NO_SEQUENCE, INT64_C(1562383194) * INGEST_SECOND);
  set(resume, "", INT64_C(9007199254740993), INT64_C(1577836800) * INGEST_SECOND);
  set(resume, "CI_CLC", 0xFFFFFF, INT64_C(1562383193040000000));
  assert_text(resume, expected);
  char fault[160] = "";
  assert_true(protocol_resume_read(again, expected, strlen(expected), fault));
  assert_string_equal(fault, "");
  assert_text(again, expected);
  protocol_resume_destroy(resume);
  protocol_resume_destroy(again);
}

static void a_line_that_is_none_is_named_and_the_others_are_taken(void **state)
{
  (void)state;
  static const char *const bad[] = {"CI_CLC",
                                    "CI_CLC 12",
                                    "CI_CLC -7 2020-01-01T00:00:00Z",
                                    "CI_CLC 9999999999999999999 2020-01-01T00:00:00Z",
                                    "CI_CLC 12 yesterday",
                                    "CI_CLC 12 2020-01-01T00:00:00Z more",
                                    "A_STATION_WITH_TOO_LONG_A_NAME 12 2020-01-01T00:00:00Z",
                                    "CI\t_CLC 12 2020-01-01T00:00:00Z",
                                    " "};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    char bytes[512], fault[160] = "";
    protocol_resume *resume = protocol_resume_create();
    int length = snprintf(bytes, sizeof bytes, "AA_ONE 1 2020-01-01T00:00:00Z\n%s\nZZ_TWO 2 2020-01-01T00:00:00Z", bad[i]);
    assert_false(protocol_resume_read(resume, bytes, (size_t)length, fault));
    assert_non_null(strstr(fault, "line 2 is no position"));
    assert_text(resume, "AA_ONE 1 2020-01-01T00:00:00.000000Z\nZZ_TWO 2 2020-01-01T00:00:00.000000Z\n");
    protocol_resume_destroy(resume);
  }
}

static void any_bytes_are_read_without_harm(void **state)
{
  (void)state;
  static const char likely[] = "CI_CLC 12 2020-01-01T00:00:00Z\n-\0\xff";
  for (uint64_t seed = 1; seed <= 300; seed++) {
    random_source random = {seed};
    char bytes[300], fault[160] = "";
    size_t length = (size_t)random_below(&random, sizeof bytes);
    for (size_t i = 0; i < length; i++)
      bytes[i] = likely[random_below(&random, sizeof likely - 1)];
    protocol_resume *resume = protocol_resume_create();
    assert_true(protocol_resume_read(resume, bytes, length, fault) == (fault[0] == '\0'));
    protocol_resume_destroy(resume);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(stations_in_any_order_are_kept_sorted_and_found),
      cmocka_unit_test(what_is_written_is_read_back_the_same),
      cmocka_unit_test(a_line_that_is_none_is_named_and_the_others_are_taken),
      cmocka_unit_test(any_bytes_are_read_without_harm),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
