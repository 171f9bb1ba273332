#include <math.h>
#include <string.h>

#include "world.h"

static void packets_in_order_are_handed_on_at_once(void **state)
{
  (void)state;
  world *w = begin();
  forget_packets();
  for (int k = 0; k < 20; k++)
    add_packet(0, k * 100, 100, 0);
  for (size_t k = 0; k < 20; k++) {
    feed(w, k);
    assert_int_equal(w->streams[0].count, (k + 1) * 100);
    assert_int_equal(w->statuses, k + 1);
    assert_int_equal(w->status[0].data_until, packets[k].arrival);
  }
  assert_stream_is(&w->streams[0], 0, 0, 2000);
  end(w);
}

static void a_packet_ahead_waits_for_the_missing_one(void **state)
{
  (void)state;
  world *w = begin();
  forget_packets();
  add_packet(0, 0, 100, 0);
  add_packet(0, 200, 100, 0);
  add_packet(0, 100, 100, 0);
  feed(w, 0);
  feed(w, 1);
  assert_int_equal(w->streams[0].count, 100);
  feed(w, 2);
  assert_stream_is(&w->streams[0], 0, 0, 300);
  assert_int_equal(w->status[0].gaps, 0);
  end(w);
}

static void what_never_comes_is_a_gap_after_the_reorder_window(void **state)
{
  (void)state;
  world *w = begin();
  forget_packets();
  add_packet(0, 0, 100, 0);
  add_packet(0, 200, 100, 0);
  add_packet(0, 300, 100, 0);
  for (size_t i = 0; i < 3; i++)
    feed(w, i);
  ingest_advance(w->in, packets[1].arrival + 2 * INGEST_SECOND - 1, &w->sink);
  assert_int_equal(w->streams[0].count, 100);
  ingest_advance(w->in, packets[1].arrival + 2 * INGEST_SECOND, &w->sink);
  assert_int_equal(w->streams[0].count, 300);
  assert_true(w->streams[0].gaps[100]);
  assert_false(w->streams[0].gaps[200]);
  assert_int_equal(w->status[0].gaps, 1);
  end(w);
}

static void a_packet_later_than_its_gap_is_old_and_a_second_copy_is_repeated(void **state)
{
  (void)state;
  world *w = begin();
  forget_packets();
  add_packet(0, 0, 100, 0);
  add_packet(0, 200, 100, 0);
  add_packet(0, 100, 100, 10 * INGEST_SECOND);
  feed(w, 0);
  feed(w, 1);
  ingest_advance(w->in, packets[1].arrival + 3 * INGEST_SECOND, &w->sink);
  feed(w, 2);
  feed(w, 1);
  assert_int_equal(w->refusals[INGEST_REFUSED_OLD], 1);
  assert_int_equal(w->refusals[INGEST_REFUSED_REPEATED], 1);
  assert_int_equal(w->status[0].discarded_samples, 200);
  assert_int_equal(ingest_refused(w->in, INGEST_REFUSED_OLD), 1);
  assert_int_equal(w->streams[0].count, 200);
  end(w);
}

static void an_overlap_is_trimmed_and_counted(void **state)
{
  (void)state;
  world *w = begin();
  forget_packets();
  add_packet(0, 0, 100, 0);
  add_packet(0, 60, 100, 0);
  feed(w, 0);
  feed(w, 1);
  assert_stream_is(&w->streams[0], 0, 0, 160);
  assert_int_equal(w->status[0].discarded_samples, 40);
  end(w);
}

/* A minute of each channel with packets missing here and there. `mixed`: others late within the reorder window, and copies at any time. */
static void make_traffic(uint64_t seed, bool is_mixed)
{
  random_source random = {seed}, delays = {seed + 1000};
  forget_packets();
  for (int channel = 0; channel < CHANNELS; channel++)
    for (int64_t at = 0, count; at < 6000; at += count) {
      count = random_below(&random, 200) + 1;
      if (random_below(&random, 15) == 0 && at > 0)
        continue;
      int64_t delay = is_mixed && at > 0 ? random_below(&delays, 2 * INGEST_SECOND) : 0;
      add_packet(channel, at, (int32_t)count, delay);
      if (is_mixed && at > 0 && random_below(&delays, 4) == 0)
        add_packet(channel, at, (int32_t)count, random_below(&delays, 10 * INGEST_SECOND));
    }
}

static bool is_same(const clean *a, const clean *b)
{
  return a->count == b->count && memcmp(a->values, b->values, a->count * sizeof *a->values) == 0 &&
         memcmp(a->times, b->times, a->count * sizeof *a->times) == 0 && memcmp(a->gaps, b->gaps, a->count) == 0;
}

static void any_interleaving_duplication_and_bounded_reordering_gives_the_same_stream(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 150; seed++) {
    world *plain = begin(), *mixed = begin();
    make_traffic(seed, false);
    play(plain);
    make_traffic(seed, true);
    play(mixed);
    for (int channel = 0; channel < CHANNELS; channel++)
      if (!is_same(&plain->streams[channel], &mixed->streams[channel]))
        fail_msg("seed %llu: channel %d differs (%zu and %zu samples)", (unsigned long long)seed, channel, plain->streams[channel].count,
                 mixed->streams[channel].count);
    end(plain);
    end(mixed);
  }
}

static void any_cutting_gives_the_same_samples_at_the_same_times(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 50; seed++) {
    random_source random = {seed};
    world *w = begin();
    forget_packets();
    for (int64_t at = 0, count; at < 5000; at += count) {
      count = random_below(&random, 400) + 1;
      count = at + count > 5000 ? 5000 - at : count;
      int64_t back = at > 0 ? random_below(&random, 30) : 0;
      back = back > at ? at : back;
      add_packet(4, at - back, (int32_t)(count + back), 0);
    }
    play(w);
    assert_stream_is(&w->streams[4], 4, 0, 5000);
    end(w);
  }
}

static void two_feeds_of_one_channel_fill_each_others_gaps(void **state)
{
  (void)state;
  world *w = begin();
  forget_packets();
  for (int k = 0; k < 40; k++) {
    if (k == 0 || k % 3 != 1)
      add_packet(0, k * 100, 100, 0);
    if (k == 0 || k % 3 != 2)
      add_packet(0, k * 100, 100, INGEST_SECOND + 1);
  }
  play(w);
  assert_stream_is(&w->streams[0], 0, 0, 4000);
  end(w);
}

static void what_ends_in_the_future_is_refused(void **state)
{
  (void)state;
  world *w = begin();
  forget_packets();
  add_packet(0, 0, 100, -5 * INGEST_SECOND);
  add_packet(0, 100, 100, -5 * INGEST_SECOND - 1);
  feed(w, 0);
  ingest_packet(w->in, 0, store.bytes + packets[1].offset, packets[1].length, packets[1].arrival, &w->sink);
  assert_int_equal(w->refusals[INGEST_REFUSED_FUTURE], 1);
  assert_int_equal(w->streams[0].count, 100);
  end(w);
}

/* A station whose clock went wrong, before or after, must not stop the others, nor itself once the clock is right again. */
static void a_wrong_clock_stops_nothing(void **state)
{
  (void)state;
  world *w = begin();
  forget_packets();
  for (int k = 0; k < 5; k++)
    add_packet(0, k * 100, 100, 0);
  add_packet(0, -100000000, 100, 0);
  add_packet(0, INT64_C(190000000000), 100, 0);
  for (int k = 5; k < 10; k++)
    add_packet(0, k * 100, 100, 0);
  for (size_t i = 0; i < packet_count; i++) {
    packets[i].arrival = base_time() + 20 * INGEST_SECOND;
    feed(w, i);
  }
  assert_stream_is(&w->streams[0], 0, 0, 1000);
  assert_int_equal(w->refusals[INGEST_REFUSED_OLD] + w->refusals[INGEST_REFUSED_FUTURE], 2);
  end(w);
}

static void feed_bytes(world *w, const uint8_t *bytes, size_t length)
{
  ingest_packet(w->in, 3, bytes, length, base_time() + 1000 * INGEST_SECOND, &w->sink);
}

static size_t one_record(ingest_codes codes, double rate, int64_t start, int encoding, double value)
{
  ingest_record record = {.codes = codes, .start = start, .rate = rate, .samples = 10, .encoding = (uint8_t)encoding};
  double values[10];
  for (int i = 0; i < 10; i++)
    values[i] = value;
  store.count = store.used = 0;
  assert_int_equal(ingest_record_write(&record, values, 0, made_collect, &store), 1);
  return store.lengths[0];
}

static void what_cannot_be_used_is_counted_by_reason(void **state)
{
  (void)state;
  world *w = begin();
  ingest_codes unknown = codes_of(0);
  strcpy(unknown.station, "OTHER");
  feed_bytes(w, store.bytes, one_record(unknown, 100, base_time(), 3, 1));
  assert_int_equal(w->refusals[INGEST_REFUSED_UNKNOWN_CHANNEL], 1);
  feed_bytes(w, store.bytes, one_record(codes_of(0), 0.5, base_time(), 3, 1));
  feed_bytes(w, store.bytes, one_record(codes_of(0), 5000, base_time(), 3, 1));
  assert_int_equal(w->refusals[INGEST_REFUSED_RATE], 2);
  feed_bytes(w, store.bytes, one_record(codes_of(0), 100, base_time(), 3, 1) - 1);
  one_record(codes_of(0), 100, base_time(), 11, 1);
  store.bytes[64 + 11] ^= 1;
  feed_bytes(w, store.bytes, store.lengths[0]);
  assert_int_equal(w->refusals[INGEST_REFUSED_MALFORMED], 2);
  assert_int_equal(w->streams[0].count, 0);
  end(w);
}

static void gains_units_and_epochs_are_those_of_the_datas_own_time(void **state)
{
  (void)state;
  ingest_inventory *inventory = ingest_inventory_create();
  ingest_codes codes = codes_of(0), displacement = codes_of(3);
  ingest_epoch first = epoch_of(100, INGEST_UNIT_ACCELERATION), second = epoch_of(-200, INGEST_UNIT_VELOCITY),
               other = epoch_of(1, INGEST_UNIT_DISPLACEMENT);
  first.start = base_time();
  first.end = second.start = base_time() + INGEST_SECOND / 10;
  second.end = base_time() + INGEST_SECOND;
  assert_true(ingest_inventory_add_channel(inventory, &codes, 1, 1, 0, 0, &first));
  assert_true(ingest_inventory_add_channel(inventory, &codes, 1, 1, 0, 0, &second));
  assert_true(ingest_inventory_add_channel(inventory, &displacement, 1, 1, 0, 0, &other));
  world *w = begin_with(inventory);
  feed_bytes(w, store.bytes, one_record(codes, 100, base_time(), 3, 50));
  feed_bytes(w, store.bytes, one_record(codes, 100, base_time() + INGEST_SECOND / 10, 3, 50));
  assert_int_equal(w->streams[0].count, 20);
  assert_true(w->streams[0].values[9] == 0.5f && w->streams[0].values[10] == -0.25f);
  assert_true(w->streams[0].gaps[10]);
  feed_bytes(w, store.bytes, one_record(codes, 100, base_time() + INGEST_SECOND, 3, 50));
  ingest_advance(w->in, base_time() + 2000 * INGEST_SECOND, &w->sink);
  assert_int_equal(w->refusals[INGEST_REFUSED_NO_EPOCH], 1);
  feed_bytes(w, store.bytes, one_record(displacement, 100, base_time(), 3, 50));
  assert_int_equal(w->refusals[INGEST_REFUSED_UNIT], 1);
  end(w);
}

static void add_tenth(ingest_inventory *inventory, ingest_codes codes, int tenth, double gain)
{
  ingest_epoch epoch = epoch_of(gain, INGEST_UNIT_ACCELERATION);
  epoch.start = base_time() + tenth * INGEST_SECOND / 10;
  epoch.end = epoch.start + INGEST_SECOND / 10;
  assert_true(ingest_inventory_add_channel(inventory, &codes, 1, 1, 0, 0, &epoch));
}

static void a_new_epoch_is_a_gap_only_where_the_gain_changes(void **state)
{
  (void)state;
  ingest_inventory *inventory = ingest_inventory_create();
  add_tenth(inventory, codes_of(0), 0, 100);
  add_tenth(inventory, codes_of(0), 1, 100);
  add_tenth(inventory, codes_of(0), 2, 101);
  world *w = begin_with(inventory);
  for (int tenth = 0; tenth < 3; tenth++)
    feed_bytes(w, store.bytes, one_record(codes_of(0), 100, base_time() + tenth * INGEST_SECOND / 10, 3, 50));
  assert_int_equal(w->streams[0].count, 30);
  assert_false(w->streams[0].gaps[10]);
  assert_true(w->streams[0].gaps[20]);
  end(w);
}

/* HN1 took the place of HNN: both are the north, each in its time. */
static void a_channel_is_heard_only_in_its_own_epoch(void **state)
{
  (void)state;
  ingest_inventory *inventory = ingest_inventory_create();
  ingest_codes before = codes_of(1), after = before;
  strcpy(after.channel, "HN1");
  add_tenth(inventory, before, 0, 100);
  add_tenth(inventory, after, 1, 100);
  world *w = begin_with(inventory);
  feed_bytes(w, store.bytes, one_record(before, 100, base_time(), 3, 50));
  feed_bytes(w, store.bytes, one_record(before, 100, base_time() + INGEST_SECOND / 10, 3, 60));
  assert_int_equal(w->refusals[INGEST_REFUSED_NO_EPOCH], 1);
  feed_bytes(w, store.bytes, one_record(after, 100, base_time() + INGEST_SECOND / 10, 3, 50));
  assert_int_equal(w->streams[INGEST_NORTH].count, 20);
  assert_false(w->streams[INGEST_NORTH].gaps[10]);
  end(w);
}

static void a_change_of_rate_is_a_gap_and_jitter_of_the_rate_is_none(void **state)
{
  (void)state;
  world *w = begin();
  feed_bytes(w, store.bytes, one_record(codes_of(0), 100, base_time(), 3, 1));
  feed_bytes(w, store.bytes, one_record(codes_of(0), 100.01, base_time() + INGEST_SECOND / 10, 3, 1));
  assert_false(w->streams[0].gaps[10]);
  feed_bytes(w, store.bytes, one_record(codes_of(0), 50, base_time() + INGEST_SECOND / 5, 3, 1));
  assert_true(w->streams[0].gaps[20]);
  assert_int_equal(w->streams[0].times[21] - w->streams[0].times[20], 20000000);
  end(w);
}

/* Within half a sample a packet follows; the time of a packet is kept when it is more than rounding. */
static void small_deviations_of_time_are_no_gap(void **state)
{
  (void)state;
  static const struct {
    int64_t deviation, expected;
    bool gap;
  } cases[] = {{0, 0, false},           {50000, 0, false}, {-50000, 0, false}, {3000000, 3000000, false}, {-3000000, -3000000, false},
               {6000000, 6000000, true}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    world *w = begin();
    int64_t due = base_time() + INGEST_SECOND / 10;
    feed_bytes(w, store.bytes, one_record(codes_of(0), 100, base_time(), 3, 1));
    feed_bytes(w, store.bytes, one_record(codes_of(0), 100, due + cases[i].deviation, 3, 1));
    ingest_advance(w->in, base_time() + 2000 * INGEST_SECOND, &w->sink);
    assert_int_equal(w->streams[0].count, 20);
    assert_int_equal(w->streams[0].times[10], due + cases[i].expected);
    assert_int_equal(w->streams[0].gaps[10], cases[i].gap);
    end(w);
  }
}

static void a_full_store_lets_the_channel_go_on_over_the_gap(void **state)
{
  (void)state;
  world *w = begin();
  forget_packets();
  add_packet(0, 0, 10, 0);
  for (int k = 0; k < 100; k++)
    add_packet(0, 20 + k * 10, 10, 0);
  for (size_t i = 0; i < packet_count; i++) {
    packets[i].arrival = base_time() + 20 * INGEST_SECOND;
    feed(w, i);
  }
  assert_int_equal(w->streams[0].count, 1010);
  assert_true(w->streams[0].gaps[10]);
  end(w);
}

static void the_verticals_data_say_how_far_a_sensor_is(void **state)
{
  (void)state;
  world *w = begin();
  forget_packets();
  add_packet(1, 0, 300, 0);
  add_packet(0, 0, 100, 3 * INGEST_SECOND);
  feed(w, 0);
  assert_int_equal(w->status[0].data_until, 0);
  assert_int_equal(w->status[0].state, INGEST_OFF);
  feed(w, 1);
  assert_int_equal(w->status[0].data_until, base_time() + 99 * INGEST_SECOND / 100);
  assert_int_equal(w->status[0].state, INGEST_GOOD);
  assert_int_equal(w->status[0].packets, 2);
  int told = w->statuses;
  ingest_advance(w->in, w->now + 30 * INGEST_SECOND, &w->sink);
  assert_int_equal(w->statuses, told + 1);
  assert_int_equal(w->status[0].state, INGEST_LATE);
  end(w);
}

static void random_bytes_are_refused_and_nothing_more(void **state)
{
  (void)state;
  world *w = begin();
  random_source random = {99};
  for (int i = 0; i < 20000; i++) {
    size_t length = one_record(codes_of((int)random_below(&random, CHANNELS)), 100, base_time() + random_below(&random, 100) * 100000000, 11, 7);
    for (int64_t n = random_below(&random, 6) + 1; n > 0; n--)
      store.bytes[random_below(&random, (int64_t)length)] = (uint8_t)random_next(&random);
    feed_bytes(w, store.bytes, random_below(&random, 10) ? length : (size_t)random_below(&random, (int64_t)length));
    for (int channel = 0; channel < CHANNELS; channel++)
      w->streams[channel].count = 0;
  }
  assert_true(w->refusals[INGEST_REFUSED_MALFORMED] > 100);
  end(w);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(packets_in_order_are_handed_on_at_once),
      cmocka_unit_test(a_packet_ahead_waits_for_the_missing_one),
      cmocka_unit_test(what_never_comes_is_a_gap_after_the_reorder_window),
      cmocka_unit_test(a_packet_later_than_its_gap_is_old_and_a_second_copy_is_repeated),
      cmocka_unit_test(an_overlap_is_trimmed_and_counted),
      cmocka_unit_test(any_interleaving_duplication_and_bounded_reordering_gives_the_same_stream),
      cmocka_unit_test(any_cutting_gives_the_same_samples_at_the_same_times),
      cmocka_unit_test(two_feeds_of_one_channel_fill_each_others_gaps),
      cmocka_unit_test(what_ends_in_the_future_is_refused),
      cmocka_unit_test(a_wrong_clock_stops_nothing),
      cmocka_unit_test(what_cannot_be_used_is_counted_by_reason),
      cmocka_unit_test(gains_units_and_epochs_are_those_of_the_datas_own_time),
      cmocka_unit_test(a_new_epoch_is_a_gap_only_where_the_gain_changes),
      cmocka_unit_test(a_channel_is_heard_only_in_its_own_epoch),
      cmocka_unit_test(a_change_of_rate_is_a_gap_and_jitter_of_the_rate_is_none),
      cmocka_unit_test(small_deviations_of_time_are_no_gap),
      cmocka_unit_test(a_full_store_lets_the_channel_go_on_over_the_gap),
      cmocka_unit_test(the_verticals_data_say_how_far_a_sensor_is),
      cmocka_unit_test(random_bytes_are_refused_and_nothing_more),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
