#include "data.h"
#include "made_records.h"
#include "virtual_clock.h"

enum { BASE = 1000000000, LAST_MS = 990 };

static bool take(virtual_clock *c, int64_t start_s)
{
  made_record r = made_second("S000", start_s * INGEST_SECOND, 1);
  return virtual_clock_take(c, r.bytes, r.length);
}

static int64_t last_of(int64_t start_s)
{
  return start_s * INGEST_SECOND + LAST_MS * (INGEST_SECOND / 1000);
}

static void time_is_the_last_sample_s_of_the_newest_packet_and_never_decreases(void **state)
{
  (void)state;
  virtual_clock c = {0};
  assert_false(take(&c, BASE));
  assert_int_equal(c.now, last_of(BASE));
  assert_false(take(&c, BASE + 1));
  assert_false(take(&c, BASE - 100));
  assert_int_equal(c.now, last_of(BASE + 1));
}

static void a_gap_of_more_than_a_minute_is_a_skip(void **state)
{
  (void)state;
  virtual_clock c = {0};
  take(&c, BASE);
  assert_false(take(&c, BASE + 60));
  assert_true(take(&c, BASE + 60 + 61));
}

static void packets_of_one_broken_clock_among_others_do_not_carry_time_away(void **state)
{
  (void)state;
  virtual_clock c = {0};
  for (int i = 0; i < 100; i++) {
    assert_false(take(&c, BASE + i));
    for (int component = 0; component < 3; component++)
      assert_false(take(&c, BASE + 6000000 + i));
    assert_int_equal(c.now, last_of(BASE + i));
  }
}

static void many_packets_in_a_row_that_agree_on_a_far_time_are_believed(void **state)
{
  (void)state;
  virtual_clock c = {0};
  take(&c, BASE);
  for (int i = 1; i < VIRTUAL_CLOCK_AGREEING; i++)
    assert_false(take(&c, BASE + 100000 + i));
  assert_int_equal(c.now, last_of(BASE));
  assert_true(take(&c, BASE + 100000 + VIRTUAL_CLOCK_AGREEING));
  assert_int_equal(c.now, last_of(BASE + 100000 + VIRTUAL_CLOCK_AGREEING));
}

static void bytes_that_are_no_record_leave_time_alone(void **state)
{
  (void)state;
  virtual_clock c = {.now = 5};
  assert_false(virtual_clock_take(&c, (const uint8_t *)"no record", 9));
  assert_int_equal(c.now, 5);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(time_is_the_last_sample_s_of_the_newest_packet_and_never_decreases),
      cmocka_unit_test(a_gap_of_more_than_a_minute_is_a_skip),
      cmocka_unit_test(packets_of_one_broken_clock_among_others_do_not_carry_time_away),
      cmocka_unit_test(many_packets_in_a_row_that_agree_on_a_far_time_are_believed),
      cmocka_unit_test(bytes_that_are_no_record_leave_time_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
