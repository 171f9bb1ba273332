/* Sensors that stand turned or tilted give the motion up, north and east that an upright one would. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rotate.h"
#include "world.h"

typedef struct {
  char letter;
  double azimuth_deg, dip_deg;
} pointing;

static world *sensor_of(const pointing *channels, size_t count)
{
  ingest_inventory *inventory = ingest_inventory_create();
  for (size_t i = 0; i < count; i++) {
    ingest_codes codes = codes_of(0);
    ingest_epoch epoch = epoch_of(GAIN, INGEST_UNIT_ACCELERATION);
    codes.channel[2] = channels[i].letter;
    epoch.azimuth_deg = channels[i].azimuth_deg;
    epoch.dip_deg = channels[i].dip_deg;
    assert_true(ingest_inventory_add_channel(inventory, &codes, 41, 123, 0, 0, &epoch));
  }
  return begin_with(inventory);
}

/* The ground's motion up, north and east. */
static double ground(int component, int64_t index)
{
  return sin((double)index / (7 + component)) + 0.3 * component;
}

static double along(const pointing *p, int64_t index)
{
  double azimuth = p->azimuth_deg * M_PI / 180, dip = p->dip_deg * M_PI / 180;
  return -sin(dip) * ground(INGEST_VERTICAL, index) +
         cos(dip) * (cos(azimuth) * ground(INGEST_NORTH, index) + sin(azimuth) * ground(INGEST_EAST, index));
}

/* `count` samples of what the channel measures from sample `first` since the base time, as soon as they are whole. */
static void measure(world *w, const pointing *p, int64_t first, int count)
{
  double values[2000];
  ingest_record record = {.codes = codes_of(0), .start = base_time() + first * (INGEST_SECOND / 100), .rate = 100, .samples = count, .encoding = 5};
  record.codes.channel[2] = p->letter;
  for (int i = 0; i < count; i++)
    values[i] = GAIN * along(p, first + i);
  forget_packets();
  assert_int_equal(ingest_record_write(&record, values, 0, made_collect, &store), 1);
  w->now = ingest_record_last(&record) > w->now ? ingest_record_last(&record) : w->now;
  ingest_packet(w->in, 0, store.bytes, store.lengths[0], w->now, &w->sink);
}

static void assert_ground(const world *w, int component, int64_t first, size_t count)
{
  const clean *stream = &w->streams[component];
  assert_int_equal(stream->count, count);
  for (size_t i = 0; i < count; i++) {
    assert_int_equal(stream->times[i], base_time() + (first + (int64_t)i) * INGEST_SECOND / 100);
    if (fabs((double)stream->values[i] - ground(component, first + (int64_t)i)) > 1e-5)
      fail_msg("component %d, sample %zu: %g, not %g", component, i, (double)stream->values[i], ground(component, first + (int64_t)i));
  }
}

static void assert_sensor_becomes_upright(const pointing channels[3])
{
  world *w = sensor_of(channels, 3);
  for (int k = 0; k < 10; k++)
    for (int c = 0; c < 3; c++)
      measure(w, &channels[c], 100 * k, 100);
  for (int c = 0; c < 3; c++)
    assert_ground(w, c, 0, 1000);
  end(w);
}

static void horizontals_of_any_azimuth_become_north_and_east(void **state)
{
  (void)state;
  for (int azimuth = 0; azimuth < 360; azimuth += 15) {
    assert_sensor_becomes_upright((pointing[]){{'Z', 0, -90}, {'1', azimuth, 0}, {'2', azimuth + 90, 0}});
    assert_sensor_becomes_upright((pointing[]){{'Z', 0, -90}, {'1', azimuth, 0}, {'2', azimuth - 90, 0}});
    assert_sensor_becomes_upright((pointing[]){{'Z', 0, 90}, {'N', azimuth, 0}, {'E', azimuth + 85, 0}});
  }
}

/* U, V and W of a cube on its corner; 1, 2 and 3 of the same. */
static void a_triaxial_sensor_becomes_upright(void **state)
{
  (void)state;
  double dip = -asin(1 / sqrt(3)) * 180 / M_PI;
  assert_sensor_becomes_upright((pointing[]){{'U', 90, dip}, {'V', 210, dip}, {'W', 330, dip}});
  assert_sensor_becomes_upright((pointing[]){{'3', 90, dip}, {'1', 210, dip}, {'2', 330, dip}});
}

static void a_tilted_sensor_becomes_upright(void **state)
{
  (void)state;
  for (int tilt = 6; tilt < 60; tilt += 9)
    assert_sensor_becomes_upright((pointing[]){{'Z', 90, -90 + tilt}, {'N', 0, 0}, {'E', 90, tilt}});
}

static void an_upright_vertical_waits_for_nothing(void **state)
{
  (void)state;
  const pointing channels[] = {{'Z', 0, -88}, {'1', 15, 0}, {'2', 105, 0}};
  world *w = sensor_of(channels, 3);
  measure(w, &channels[0], 0, 100);
  assert_int_equal(w->streams[INGEST_VERTICAL].count, 100);
  measure(w, &channels[1], 0, 100);
  assert_int_equal(w->streams[INGEST_NORTH].count, 0);
  measure(w, &channels[2], 0, 60);
  assert_ground(w, INGEST_NORTH, 0, 60);
  assert_ground(w, INGEST_EAST, 0, 60);
  end(w);
}

static void horizontals_within_a_degree_wait_for_nothing(void **state)
{
  (void)state;
  const pointing channels[] = {{'Z', 0, -90}, {'N', 0.9, 0}, {'E', 90.9, 0}};
  world *w = sensor_of(channels, 3);
  measure(w, &channels[1], 0, 100);
  assert_int_equal(w->streams[INGEST_NORTH].count, 100);
  end(w);
}

static uint64_t lost(const world *w)
{
  ingest_counters counters;
  ingest_count(w->in, &counters);
  return counters.discarded[INGEST_REFUSED_UNPAIRED];
}

static void without_the_other_a_horizontal_is_not_handed_on_but_counted(void **state)
{
  (void)state;
  const pointing channels[] = {{'Z', 0, -90}, {'1', 15, 0}, {'2', 105, 0}};
  world *w = sensor_of(channels, 3);
  for (int c = 0; c < 3; c++)
    measure(w, &channels[c], 0, 100);
  for (int k = 1; k < 100; k++)
    measure(w, &channels[1], 100 * k, 100);
  assert_int_equal(w->streams[INGEST_NORTH].count, 100);
  assert_int_equal(lost(w), 9900);
  assert_int_equal(w->refusals[INGEST_REFUSED_UNPAIRED], 1);
  measure(w, &channels[2], 9800, 100); /* it is back, a second late */
  ingest_advance(w->in, w->now + 3 * INGEST_SECOND, &w->sink);
  for (int c = 2; c > 0; c--)
    measure(w, &channels[c], 10000, 100);
  ingest_advance(w->in, w->now + 3 * INGEST_SECOND, &w->sink);
  assert_int_equal(w->streams[INGEST_NORTH].count, 200);
  assert_true(w->streams[INGEST_NORTH].gaps[100] && w->streams[INGEST_EAST].gaps[100]);
  assert_int_equal(w->streams[INGEST_EAST].times[100], base_time() + 100 * INGEST_SECOND);
  end(w);
}

static void a_tilted_vertical_goes_alone_when_the_others_are_missing_for_long(void **state)
{
  (void)state;
  const pointing channels[] = {{'Z', 90, -70}, {'N', 0, 0}, {'E', 90, 20}};
  world *w = sensor_of(channels, 3);
  for (int k = 0; k <= (int)rotate_vertical_patience_s; k++)
    measure(w, &channels[0], 100 * k, 100);
  assert_int_equal(w->streams[INGEST_VERTICAL].count, 100 * (1 + (int)rotate_vertical_patience_s));
  measure(w, &channels[0], 1100, 100);
  assert_int_equal(w->streams[INGEST_VERTICAL].count, 1200);
  for (int c = 1; c < 3; c++)
    measure(w, &channels[c], 1200, 100);
  measure(w, &channels[0], 1200, 100);
  assert_int_equal(w->streams[INGEST_VERTICAL].count, 1300);
  assert_true(w->streams[INGEST_VERTICAL].gaps[1200]);
  assert_true(fabs((double)w->streams[INGEST_VERTICAL].values[1250] - ground(INGEST_VERTICAL, 1250)) < 1e-5);
  end(w);
}

static void a_triaxial_sensor_that_lacks_a_channel_is_refused(void **state)
{
  (void)state;
  const pointing channels[] = {{'U', 90, -35.3}, {'V', 210, -35.3}};
  world *w = sensor_of(channels, 2);
  measure(w, &channels[0], 0, 100);
  assert_int_equal(w->streams[INGEST_VERTICAL].count, 0);
  assert_int_equal(w->refusals[INGEST_REFUSED_ORIENTATION], 1);
  end(w);
}

/* Letters are believed where azimuth and dip contradict each other. */
static void a_contradiction_leaves_each_channel_as_it_is(void **state)
{
  (void)state;
  const pointing channels[] = {{'Z', 0, 0}, {'N', 0, 0}, {'E', 40, 0}};
  world *w = sensor_of(channels, 3);
  for (int c = 0; c < 3; c++) {
    measure(w, &channels[c], 0, 10);
    assert_int_equal(w->streams[c].count, 10);
    assert_true(fabs((double)w->streams[c].values[5] - along(&channels[c], 5)) < 1e-5);
  }
  end(w);
}

static void a_gap_of_one_channel_is_a_gap_of_all_that_need_it(void **state)
{
  (void)state;
  const pointing channels[] = {{'Z', 0, -90}, {'1', 45, 0}, {'2', 135, 0}};
  world *w = sensor_of(channels, 3);
  for (int k = 0; k < 8; k++)
    for (int c = 0; c < 3; c++)
      if (c != 2 || k != 1)
        measure(w, &channels[c], 100 * k, 100);
  ingest_advance(w->in, w->now + 5 * INGEST_SECOND, &w->sink);
  for (int c = INGEST_NORTH; c <= INGEST_EAST; c++) {
    assert_int_equal(w->streams[c].count, 700);
    for (size_t i = 1; i < 700; i++)
      assert_int_equal(w->streams[c].gaps[i], i == 100);
  }
  assert_int_equal(w->streams[INGEST_VERTICAL].count, 800);
  end(w);
}

/* A sensor that is turned in the midst of it. */
static void a_new_orientation_holds_from_its_own_time(void **state)
{
  (void)state;
  const pointing before[] = {{'Z', 0, -90}, {'1', 15, 0}, {'2', 105, 0}}, after[] = {{'Z', 0, -90}, {'1', 200, 0}, {'2', 290, 0}};
  ingest_inventory *inventory = ingest_inventory_create();
  for (int i = 0; i < 6; i++) {
    const pointing *p = i < 3 ? &before[i] : &after[i - 3];
    ingest_codes codes = codes_of(0);
    ingest_epoch epoch = epoch_of(GAIN, INGEST_UNIT_ACCELERATION);
    *(i < 3 ? &epoch.end : &epoch.start) = base_time() + 5 * INGEST_SECOND;
    codes.channel[2] = p->letter;
    epoch.azimuth_deg = p->azimuth_deg;
    epoch.dip_deg = p->dip_deg;
    assert_true(ingest_inventory_add_channel(inventory, &codes, 41, 123, 0, 0, &epoch));
  }
  world *w = begin_with(inventory);
  for (int k = 0; k < 10; k++)
    for (int c = 0; c < 3; c++)
      measure(w, k < 5 ? &before[c] : &after[c], 100 * k, 100);
  for (int c = 0; c < 3; c++)
    assert_ground(w, c, 0, 1000);
  assert_true(w->streams[INGEST_NORTH].gaps[500] && w->streams[INGEST_EAST].gaps[500]);
  assert_false(w->streams[INGEST_VERTICAL].gaps[500]);
  end(w);
}

static world *begin_turned(double tilt_deg)
{
  ingest_inventory *inventory = ingest_inventory_create();
  for (int channel = 0; channel < 3; channel++) {
    ingest_codes codes = codes_of(channel);
    ingest_epoch epoch = epoch_of(GAIN, INGEST_UNIT_ACCELERATION);
    epoch.azimuth_deg = channel == INGEST_VERTICAL ? 90 : channel == INGEST_NORTH ? 0 : 90;
    epoch.dip_deg = channel == INGEST_VERTICAL ? -90 + tilt_deg : channel == INGEST_EAST ? tilt_deg : 0;
    if (tilt_deg == 0)
      epoch.azimuth_deg += 30;
    assert_true(ingest_inventory_add_channel(inventory, &codes, 41, 123, 0, 0, &epoch));
  }
  return begin_with(inventory);
}

/* Each channel cut and holed in its own way. `delayed`: each lags in its own way too, and its packets come in any order within the reorder window. */
static void make_traffic(uint64_t seed, bool is_delayed)
{
  random_source cuts = {seed}, delays = {seed + 1000};
  forget_packets();
  for (int channel = 0; channel < 3; channel++) {
    int64_t lag = is_delayed ? random_below(&delays, 4 * INGEST_SECOND) : 0;
    for (int64_t at = random_below(&cuts, 150), count; at < 6000; at += count) {
      count = random_below(&cuts, 200) + 1;
      if (random_below(&cuts, 12) > 0)
        add_packet(channel, at, (int32_t)count, lag + (is_delayed && at > 400 ? random_below(&delays, 2 * INGEST_SECOND) : 0));
    }
  }
}

static bool is_same(const clean *a, const clean *b)
{
  return a->count == b->count && memcmp(a->values, b->values, a->count * sizeof *a->values) == 0 &&
         memcmp(a->times, b->times, a->count * sizeof *a->times) == 0 && memcmp(a->gaps, b->gaps, a->count) == 0;
}

static void any_interleaving_of_the_channels_gives_the_same_samples(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 200; seed++) {
    double tilt_deg = seed % 2 ? 0 : 25;
    world *plain = begin_turned(tilt_deg), *mixed = begin_turned(tilt_deg);
    make_traffic(seed, false);
    play(plain);
    make_traffic(seed, true);
    play(mixed);
    for (int c = 0; c < 3; c++)
      if (plain->streams[c].count == 0 || !is_same(&plain->streams[c], &mixed->streams[c]))
        fail_msg("seed %llu: component %d differs (%zu and %zu samples)", (unsigned long long)seed, c, plain->streams[c].count,
                 mixed->streams[c].count);
    end(plain);
    end(mixed);
  }
}

static void a_jump_of_any_length_takes_no_time(void **state)
{
  (void)state;
  const pointing channels[] = {{'Z', 0, -90}, {'1', 45, 0}, {'2', 135, 0}};
  world *w = sensor_of(channels, 3);
  for (int64_t first = 0; first < INT64_C(100000000000); first = first * 10 + 1000)
    for (int c = 0; c < 3; c++) {
      measure(w, &channels[c], first, 100);
      ingest_advance(w->in, w->now + 3 * INGEST_SECOND, &w->sink);
    }
  assert_int_equal(w->streams[INGEST_NORTH].count, w->streams[INGEST_VERTICAL].count);
  end(w);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(horizontals_of_any_azimuth_become_north_and_east),
      cmocka_unit_test(a_triaxial_sensor_becomes_upright),
      cmocka_unit_test(a_tilted_sensor_becomes_upright),
      cmocka_unit_test(an_upright_vertical_waits_for_nothing),
      cmocka_unit_test(horizontals_within_a_degree_wait_for_nothing),
      cmocka_unit_test(without_the_other_a_horizontal_is_not_handed_on_but_counted),
      cmocka_unit_test(a_tilted_vertical_goes_alone_when_the_others_are_missing_for_long),
      cmocka_unit_test(a_triaxial_sensor_that_lacks_a_channel_is_refused),
      cmocka_unit_test(a_contradiction_leaves_each_channel_as_it_is),
      cmocka_unit_test(a_gap_of_one_channel_is_a_gap_of_all_that_need_it),
      cmocka_unit_test(a_new_orientation_holds_from_its_own_time),
      cmocka_unit_test(any_interleaving_of_the_channels_gives_the_same_samples),
      cmocka_unit_test(a_jump_of_any_length_takes_no_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
