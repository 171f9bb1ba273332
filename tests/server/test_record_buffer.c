#include <pthread.h>
#include <string.h>

#include "data.h"
#include "random.h"
#include "record_buffer.h"

enum { PIECES = 200000, LONGEST = 900 };

static void what_is_given_is_taken_in_one_piece_and_its_room_comes_back(void **state)
{
  (void)state;
  record_buffer b;
  assert_true(record_buffer_create(&b, 1));
  size_t length, page = b.size, most = page - page % 3;
  for (int round = 0; round < 1000; round++) {
    uint8_t *room = record_buffer_room(&b, most);
    assert_non_null(room);
    memset(room, round, most);
    record_buffer_give(&b, most);
    assert_null(record_buffer_room(&b, page - most + 1));
    assert_int_equal(record_buffer_used(&b), most);
    const uint8_t *taken = record_buffer_peek(&b, &length);
    assert_int_equal(length, most);
    for (size_t i = 0; i < most; i++)
      assert_int_equal(taken[i], (uint8_t)round);
    record_buffer_take(&b, most);
  }
  record_buffer_destroy(&b);
}

/* Pieces of drawn lengths, each filled with its number's low byte. */
static void *give_all(void *buffer)
{
  record_buffer *b = buffer;
  random_source r = {.state = 5};
  for (int i = 0; i < PIECES; i++) {
    size_t length = (size_t)random_below(&r, LONGEST) + 1;
    uint8_t *room;
    while (!(room = record_buffer_room(b, length)))
      sched_yield();
    memset(room, i, length);
    record_buffer_give(b, length);
  }
  return NULL;
}

static void another_thread_takes_the_same_bytes_in_the_same_order(void **state)
{
  (void)state;
  record_buffer b;
  pthread_t giver;
  random_source r = {.state = 5};
  assert_true(record_buffer_create(&b, 8192));
  assert_int_equal(pthread_create(&giver, NULL, give_all, &b), 0);
  for (int i = 0; i < PIECES; i++) {
    size_t wanted = (size_t)random_below(&r, LONGEST) + 1, length = 0;
    const uint8_t *bytes;
    while ((bytes = record_buffer_peek(&b, &length)) && length < wanted)
      sched_yield();
    if (bytes[0] != (uint8_t)i || bytes[wanted / 2] != (uint8_t)i || bytes[wanted - 1] != (uint8_t)i)
      fail_msg("piece %d of %zu bytes is not what was given", i, wanted);
    record_buffer_take(&b, wanted);
  }
  assert_int_equal(pthread_join(giver, NULL), 0);
  assert_int_equal(record_buffer_used(&b), 0);
  record_buffer_destroy(&b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_given_is_taken_in_one_piece_and_its_room_comes_back),
      cmocka_unit_test(another_thread_takes_the_same_bytes_in_the_same_order),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
