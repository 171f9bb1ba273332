/* What a channel's records may do to each other: every sample counted, no clock that stops a stream. */
#include <string.h>

#include "world.h"

static void feed_bytes(world *w, const uint8_t *bytes, size_t length)
{
  ingest_packet(w->in, 3, bytes, length, base_time() + 1000 * INGEST_SECOND, &w->sink);
}

static size_t one_record(ingest_codes codes, double rate, int64_t start)
{
  static const double values[10] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  ingest_record record = {.codes = codes, .start = start, .rate = rate, .samples = 10, .encoding = 3};
  store.count = store.used = 0;
  assert_int_equal(ingest_record_write(&record, values, 0, made_collect, &store), 1);
  return store.lengths[0];
}

/* Packets late within the reorder window, and copies of some at any time. */
static void make_traffic(uint64_t seed)
{
  random_source random = {seed};
  forget_packets();
  for (int channel = 0; channel < CHANNELS; channel++)
    for (int64_t at = 0, count; at < 6000; at += count) {
      count = random_below(&random, 200) + 1;
      if (at > 0 && random_below(&random, 15) == 0)
        continue;
      add_packet(channel, at, (int32_t)count, at > 0 ? random_below(&random, 2 * INGEST_SECOND) : 0);
      if (at > 0 && random_below(&random, 4) == 0)
        add_packet(channel, at, (int32_t)count, random_below(&random, 10 * INGEST_SECOND));
    }
}

/* Feeds that each lose packets of their own, the second a little later: what both lost alone is missing. */
static void what_one_feed_lost_another_brings(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 100; seed++) {
    random_source random = {seed};
    bool lost_by_both[60] = {false};
    size_t expected = 0;
    world *w = begin();
    forget_packets();
    for (int k = 0; k < 60; k++) {
      bool first = k == 0 || random_below(&random, 3) > 0, second = k == 0 || random_below(&random, 3) > 0;
      lost_by_both[k] = !first && !second;
      expected += first || second ? 100 : 0;
      if (first)
        add_packet(0, k * 100, 100, random_below(&random, INGEST_SECOND / 2));
      if (second)
        add_packet(0, k * 100, 100, INGEST_SECOND + random_below(&random, INGEST_SECOND / 2));
    }
    play(w);
    assert_int_equal(w->streams[0].count, expected);
    for (size_t i = 1; i < expected; i++) {
      int64_t k = (w->streams[0].times[i] - base_time()) / INGEST_SECOND;
      bool after_hole = lost_by_both[k - (k > 0)] && w->streams[0].times[i] % INGEST_SECOND == 0;
      if (w->streams[0].gaps[i] != after_hole)
        fail_msg("seed %llu: sample %zu of second %lld", (unsigned long long)seed, i, (long long)k);
    }
    end(w);
  }
}

static ingest_counters counted(const world *w)
{
  ingest_counters counters;
  ingest_count(w->in, &counters);
  return counters;
}

static void every_sample_is_handed_on_or_discarded_for_a_reason(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 30; seed++) {
    world *w = begin();
    uint64_t discarded = 0;
    make_traffic(seed);
    add_packet(1, -3000, 100, 60 * INGEST_SECOND);
    play(w);
    ingest_counters counters = counted(w);
    for (int reason = 0; reason < INGEST_REFUSALS; reason++)
      discarded += counters.discarded[reason];
    assert_int_equal(counters.records, packet_count);
    assert_int_equal(counters.samples, counters.handed_on + discarded);
    assert_true(counters.discarded[INGEST_REFUSED_REPEATED] > 0 && counters.discarded[INGEST_REFUSED_OLD] == 100);
    end(w);
  }
}

/* Arrivals a second apart, whatever time the records state. */
static void feed_at(world *w, int64_t first, int64_t arrival_s)
{
  add_packet(0, first, 100, 0);
  packets[packet_count - 1].arrival = base_time() + (arrival_s + 1) * INGEST_SECOND;
  ingest_advance(w->in, packets[packet_count - 1].arrival, &w->sink);
  feed(w, packet_count - 1);
}

/* Stations whose time runs ahead for a while, less than is refused as the future: what comes after is lost for no longer than it takes to tell it
   from repeats of a second feed. */
static void a_clock_that_ran_ahead_and_came_back_stops_nothing(void **state)
{
  (void)state;
  for (int ahead_s = 2; ahead_s <= 3600; ahead_s *= 5) {
    world *w = begin();
    ingest_destroy(w->in);
    w->settings.future_s = 4000;
    w->in = ingest_create(&w->settings, w->inventory);
    forget_packets();
    for (int k = 0; k < 10; k++)
      feed_at(w, k * 100, k);
    for (int k = 10; k < 20; k++)
      feed_at(w, (k + ahead_s) * 100, k);
    for (int k = 20; k < 60; k++)
      feed_at(w, k * 100, k);
    const clean *stream = &w->streams[0];
    if (stream->count < 4900 || stream->times[stream->count - 1] != base_time() + 5999 * INGEST_SECOND / 100)
      fail_msg("%d s ahead: %zu samples of 6000", ahead_s, stream->count);
    if (ahead_s > 10)
      assert_int_equal(counted(w).clock_steps, 2);
    end(w);
  }
}

/* Its time was ahead from the first packet on: what it repeats is no repetition. */
static void a_clock_that_was_ahead_from_the_beginning_may_come_back_too(void **state)
{
  (void)state;
  world *w = begin();
  ingest_destroy(w->in);
  w->settings.future_s = 4000;
  w->in = ingest_create(&w->settings, w->inventory);
  forget_packets();
  for (int k = 0; k < 30; k++)
    feed_at(w, (k + 1000) * 100, k);
  for (int k = 30; k < 60; k++)
    feed_at(w, k * 100, k);
  const clean *stream = &w->streams[0];
  assert_int_equal(stream->times[stream->count - 1], base_time() + 5999 * INGEST_SECOND / 100);
  assert_true(stream->count >= 4900);
  end(w);
}

/* A second feed that lags far behind brings the same as the first: no clock has stepped. */
static void a_feed_that_lags_is_no_clock_step(void **state)
{
  (void)state;
  world *w = begin();
  forget_packets();
  for (int k = 0; k < 100; k++) {
    add_packet(0, k * 100, 100, 0);
    add_packet(0, k * 100, 100, 30 * INGEST_SECOND);
  }
  play(w);
  assert_stream_is(&w->streams[0], 0, 0, 10000);
  assert_int_equal(counted(w).clock_steps, 0);
  end(w);
}

static void rate_changes_and_times_between_samples_are_counted(void **state)
{
  (void)state;
  world *w = begin();
  feed_bytes(w, store.bytes, one_record(codes_of(0), 100, base_time()));
  feed_bytes(w, store.bytes, one_record(codes_of(0), 100, base_time() + INGEST_SECOND / 10 + 3000000));
  feed_bytes(w, store.bytes, one_record(codes_of(0), 50, base_time() + INGEST_SECOND / 5 + 3000000));
  ingest_counters counters = counted(w);
  assert_int_equal(counters.realigned, 1);
  assert_int_equal(counters.rate_changes, 1);
  assert_int_equal(counters.gaps, 1);
  end(w);
}

static void a_channel_that_is_not_in_the_inventory_is_told_once(void **state)
{
  (void)state;
  world *w = begin();
  ingest_codes unknown = codes_of(0);
  for (int i = 0; i < 10; i++)
    for (int station = 0; station < 3; station++) {
      unknown.network[1] = (char)('A' + station);
      feed_bytes(w, store.bytes, one_record(unknown, 100, base_time() + i * INGEST_SECOND / 10));
    }
  assert_int_equal(w->refusals[INGEST_REFUSED_UNKNOWN_CHANNEL], 3);
  ingest_counters counters = counted(w);
  assert_int_equal(counters.strangers, 3);
  assert_int_equal(counters.refused[INGEST_REFUSED_UNKNOWN_CHANNEL], 30);
  assert_int_equal(counters.discarded[INGEST_REFUSED_UNKNOWN_CHANNEL], 300);
  end(w);
}

/* However a blank location is written, in the inventory or in the record; 00 is a location. */
static void a_blank_location_has_many_spellings(void **state)
{
  (void)state;
  static const char *const spellings[] = {"", "--", "  ", "-", " "};
  for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
    ingest_inventory *inventory = ingest_inventory_create();
    ingest_codes codes = codes_of(0);
    ingest_epoch epoch = epoch_of(GAIN, INGEST_UNIT_ACCELERATION);
    strcpy(codes.location, spellings[i]);
    assert_true(ingest_inventory_add_channel(inventory, &codes, 41, 123, 0, 0, &epoch));
    world *w = begin_with(inventory);
    codes.location[0] = '\0';
    assert_string_equal(ingest_inventory_sensor(inventory, 0)->codes.location, "");
    feed_bytes(w, store.bytes, one_record(codes, 100, base_time()));
    assert_int_equal(w->streams[0].count, 10);
    feed_bytes(w, store.bytes, one_record(codes_of(0), 100, base_time() + INGEST_SECOND / 10));
    assert_int_equal(w->refusals[INGEST_REFUSED_UNKNOWN_CHANNEL], 1);
    for (size_t k = 0; k < sizeof spellings / sizeof *spellings; k++) {
      int component;
      strcpy(codes.location, spellings[k]);
      assert_int_equal(ingest_inventory_find(inventory, &codes, &component), 0);
    }
    end(w);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_one_feed_lost_another_brings),
      cmocka_unit_test(every_sample_is_handed_on_or_discarded_for_a_reason),
      cmocka_unit_test(a_clock_that_ran_ahead_and_came_back_stops_nothing),
      cmocka_unit_test(a_clock_that_was_ahead_from_the_beginning_may_come_back_too),
      cmocka_unit_test(a_feed_that_lags_is_no_clock_step),
      cmocka_unit_test(rate_changes_and_times_between_samples_are_counted),
      cmocka_unit_test(a_channel_that_is_not_in_the_inventory_is_told_once),
      cmocka_unit_test(a_blank_location_has_many_spellings),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
