/* What is kept of a peer's bytes, and what is stepped over. */
#include <string.h>

#include "data.h"
#include "unread.h"

enum { ROOM = 8 };
static uint8_t buffer[ROOM];

static const uint8_t *bytes_of(const char *text)
{
  return (const uint8_t *)text;
}

static void what_comes_is_kept_until_it_is_understood(void **state)
{
  (void)state;
  unread u = {0};
  assert_int_equal(unread_take(&u, buffer, ROOM, bytes_of("abcd"), 4), 4);
  assert_int_equal(unread_take(&u, buffer, ROOM, bytes_of("ef"), 2), 2);
  unread_drop(&u, buffer, 5);
  assert_int_equal(u.used, 1);
  assert_int_equal(u.before, 5);
  assert_memory_equal(buffer, "f", 1);
}

static void no_more_is_taken_than_there_is_room_for(void **state)
{
  (void)state;
  unread u = {0};
  assert_int_equal(unread_take(&u, buffer, ROOM, bytes_of("abcdefghij"), 10), ROOM);
  assert_int_equal(unread_take(&u, buffer, ROOM, bytes_of("ij"), 2), 0);
  unread_drop(&u, buffer, ROOM);
  assert_int_equal(unread_take(&u, buffer, ROOM, bytes_of("ij"), 2), 2);
  assert_memory_equal(buffer, "ij", 2);
  assert_int_equal(u.before, ROOM);
}

static void what_is_to_be_skipped_is_counted_and_not_kept(void **state)
{
  (void)state;
  unread u = {.to_skip = 6};
  assert_int_equal(unread_take(&u, buffer, ROOM, bytes_of("abcd"), 4), 4);
  assert_int_equal(unread_take(&u, buffer, ROOM, bytes_of("efgh"), 4), 2);
  assert_int_equal(u.used, 0);
  assert_int_equal(u.before, 6);
  assert_int_equal(unread_take(&u, buffer, ROOM, bytes_of("gh"), 2), 2);
  assert_memory_equal(buffer, "gh", 2);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_comes_is_kept_until_it_is_understood),
      cmocka_unit_test(no_more_is_taken_than_there_is_room_for),
      cmocka_unit_test(what_is_to_be_skipped_is_counted_and_not_kept),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
