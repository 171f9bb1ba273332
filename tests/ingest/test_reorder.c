#include <string.h>

#include "made.h"
#include "reorder.h"

static uint8_t in[INGEST_RECORD_MAXIMUM], out[INGEST_RECORD_MAXIMUM];

static bool hold(reorder *r, int32_t channel, int64_t start, int64_t arrival, size_t length)
{
  reorder_packet packet = {.start = start, .arrival = arrival, .channel = channel, .length = length};
  for (size_t i = 0; i < length; i++)
    in[i] = (uint8_t)((int64_t)i * 7 + start + channel);
  return reorder_hold(r, &packet, in);
}

static void assert_taken(reorder *r, int32_t channel, int64_t start, size_t length)
{
  reorder_packet packet = reorder_take(r, channel, out);
  assert_int_equal(packet.start, start);
  assert_int_equal(packet.length, length);
  for (size_t i = 0; i < length; i++)
    if (out[i] != (uint8_t)((int64_t)i * 7 + start + channel))
      fail_msg("byte %zu of the packet of %lld changed", i, (long long)start);
}

static void a_channels_packets_come_out_by_start(void **state)
{
  (void)state;
  reorder *r = reorder_create(3);
  static const int64_t starts[] = {5, 2, 9, 1, 7};
  for (int i = 0; i < 5; i++)
    assert_true(hold(r, 1, starts[i], i, (size_t)128 << i));
  assert_null(reorder_first(r, 0));
  assert_int_equal(reorder_first(r, 1)->start, 1);
  assert_taken(r, 1, 1, 128 << 3);
  assert_taken(r, 1, 2, 128 << 1);
  assert_taken(r, 1, 5, 128 << 0);
  assert_taken(r, 1, 7, 128 << 4);
  assert_taken(r, 1, 9, 128 << 2);
  assert_null(reorder_first(r, 1));
  assert_null(reorder_oldest(r));
  reorder_destroy(r);
}

static void the_oldest_is_the_first_to_arrive_of_all_channels(void **state)
{
  (void)state;
  reorder *r = reorder_create(3);
  hold(r, 2, 50, 100, 512);
  hold(r, 0, 10, 101, 512);
  hold(r, 2, 40, 102, 512);
  assert_int_equal(reorder_oldest(r)->arrival, 100);
  assert_taken(r, 2, 40, 512);
  assert_int_equal(reorder_oldest(r)->arrival, 100);
  assert_taken(r, 2, 50, 512);
  assert_int_equal(reorder_oldest(r)->channel, 0);
  reorder_destroy(r);
}

static void one_channel_never_takes_more_than_its_share(void **state)
{
  (void)state;
  reorder *r = reorder_create(2);
  int held = 0;
  while (hold(r, 0, held, held, 128))
    held++;
  assert_int_equal(held, 64);
  assert_true(hold(r, 1, 1, 64, 128));
  reorder_destroy(r);
}

static void a_full_store_takes_again_what_was_given_back(void **state)
{
  (void)state;
  reorder *r = reorder_create(2000);
  int32_t channel = 0;
  while (hold(r, channel, 1, channel, 65536))
    channel++;
  assert_true(channel >= 16);
  assert_false(hold(r, channel, 1, channel, 65536));
  for (int32_t i = 0; i < channel; i++)
    assert_taken(r, i, 1, 65536);
  for (int32_t i = 0; i < channel; i++)
    assert_true(hold(r, i, 2, channel + i, 65536));
  reorder_destroy(r);
}

static void any_sequence_of_holding_and_taking_keeps_every_packet_whole(void **state)
{
  (void)state;
  enum { CHANNELS = 5 };
  random_source random = {77};
  reorder *r = reorder_create(CHANNELS);
  size_t held = 0;
  for (int64_t now = 0; now < 20000; now++) {
    int32_t channel = (int32_t)random_below(&random, CHANNELS);
    const reorder_packet *first = reorder_first(r, channel);
    if (random_below(&random, 100) < 52) {
      held += hold(r, channel, now * 1000 - random_below(&random, 10000000), now, (size_t)128 << random_below(&random, 6));
    } else if (first) {
      assert_taken(r, channel, first->start, first->length);
      held--;
    }
  }
  for (int32_t channel = 0; channel < CHANNELS; channel++)
    for (; reorder_first(r, channel); held--)
      assert_taken(r, channel, reorder_first(r, channel)->start, reorder_first(r, channel)->length);
  assert_int_equal(held, 0);
  assert_null(reorder_oldest(r));
  reorder_destroy(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_channels_packets_come_out_by_start),
      cmocka_unit_test(the_oldest_is_the_first_to_arrive_of_all_channels),
      cmocka_unit_test(one_channel_never_takes_more_than_its_share),
      cmocka_unit_test(a_full_store_takes_again_what_was_given_back),
      cmocka_unit_test(any_sequence_of_holding_and_taking_keeps_every_packet_whole),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
