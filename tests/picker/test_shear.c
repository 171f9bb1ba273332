/* S waves on made signals of three components. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data.h"
#include "network.h"
#include "shear.h"
#include "shear_examples.h"
#include "shear_weights.h"
#include "signals.h"

static const uint64_t seeds = 20;
static const double p_s = 9.37, s_minus_p = 4.2;

typedef struct {
  signal of[INGEST_COMPONENTS];
} record;

/* P strong on the vertical, S on the horizontals. */
static record made_record(uint64_t seed, double seconds, double p_amplitude, double s_amplitude)
{
  record r;
  for (uint64_t c = 0; c < INGEST_COMPONENTS; c++) {
    r.of[c] = signal_noise(seed * 10 + c, seconds, 100);
    signal_add_wave(&r.of[c], seed * 10 + c, p_s, c == INGEST_VERTICAL ? p_amplitude : p_amplitude / 4);
    signal_add_wave(&r.of[c], seed * 10 + 5 + c, p_s + s_minus_p, c == INGEST_VERTICAL ? s_amplitude / 4 : s_amplitude);
  }
  return r;
}

static void free_record(record *r)
{
  for (int c = 0; c < INGEST_COMPONENTS; c++)
    signal_free(&r->of[c]);
}

static int compare_ids(const void *a, const void *b)
{
  const picker_pick *x = a, *y = b;
  return x->id < y->id ? -1 : x->id > y->id;
}

/* Pieces of `packet` samples, component after component; what comes out is sorted by id. */
static void feed_record(told *t, const record *r, const picker_settings *settings, size_t packet, int components)
{
  picker *p = picker_create(settings, 0, 100);
  picker_sink sink = sink_into(t);
  memset(t, 0, sizeof *t);
  size_t n = r->of[0].n;
  for (size_t from = 0; from < n; from += packet)
    for (int c = 0; c < components; c++) {
      ingest_samples piece = piece_of(&r->of[c], c, INGEST_UNIT_VELOCITY, from, from + packet < n ? packet : n - from, from == 0);
      picker_feed(p, &piece, &sink);
    }
  picker_destroy(p);
  qsort(t->picks, t->pick_count, sizeof t->picks[0], compare_ids);
}

static const picker_pick *s_of(const told *t)
{
  for (size_t i = 0; i < t->pick_count; i++)
    if (t->picks[i].phase == 'S')
      return &t->picks[i];
  return NULL;
}

/* Whether the S path alone finds an S, told of the P at p_s. */
static bool s_after(const record *r, float log_odds)
{
  static shear path;
  picker_settings settings = default_picker_settings();
  history h[INGEST_COMPONENTS];
  for (int c = 0; c < INGEST_COMPONENTS; c++) {
    size_t capacity = history_capacity(1, (double)r->of[c].n);
    history_init(&h[c], malloc(capacity * sizeof(float)), capacity);
    history_restart(&h[c], 0, 1 << 30);
    history_append(&h[c], r->of[c].values, r->of[c].n);
  }
  int64_t onset = llround(p_s * 100);
  path = (shear){0};
  shear_restart(&path, &settings, 100);
  shear_note_p(&path, &(shear_note){.at = onset + 20, .onset = onset, .number = 1, .log_odds = log_odds});
  bool found = shear_run(&path, h);
  for (int c = 0; c < INGEST_COMPONENTS; c++)
    free(h[c].values);
  return found;
}

static void an_s_of_the_horizontals_is_picked_after_its_p(void **state)
{
  (void)state;
  static told t;
  picker_settings settings = default_picker_settings();
  size_t found = 0;
  for (uint64_t seed = 1; seed <= seeds; seed++) {
    record r = made_record(seed, 25, 30, 150);
    feed_record(&t, &r, &settings, 100, INGEST_COMPONENTS);
    const picker_pick *s = s_of(&t);
    if (s) {
      assert_true(s->time > t.picks[0].time && s->data_until > s->time && s->data_until >= t.picks[0].data_until);
      assert_true(s->uncertainty_s > 0 && s->snr >= 1);
      bool right = fabs(seconds_after_start(s->time) - p_s - s_minus_p) <= 0.2;
      assert_true(!right || s->id == (t.picks[0].id | PICKER_S));
      found += right;
    }
    free_record(&r);
  }
  assert_in_range(found, seeds * 8 / 10, seeds);
}

static void c_and_its_trainer_give_the_same_odds(void **state)
{
  (void)state;
  const network n = {SHEAR_MEASURES, SHEAR_UNITS, shear_of_measure[0], shear_of_unit, SHEAR_CONSTANT};
  for (size_t i = 0; i < sizeof shear_examples_odds / sizeof shear_examples_odds[0]; i++)
    assert_true(fabsf(network_log_odds(&n, shear_of_bias, shear_examples[i]) - shear_examples_odds[i]) < 0.02f);
}

/* Nothing but what the P path says of the P differs. */
static void after_a_p_that_may_be_none_an_s_must_be_clearer(void **state)
{
  (void)state;
  const float odds[] = {6, 3, 1.5f, 0, -2};
  size_t found[sizeof odds / sizeof odds[0]] = {0};
  for (size_t i = 0; i < sizeof odds / sizeof odds[0]; i++)
    for (uint64_t seed = 1; seed <= seeds; seed++) {
      record r = made_record(seed, 25, 30, 25);
      found[i] += s_after(&r, odds[i]);
      free_record(&r);
    }
  assert_int_equal(found[0], found[1]);
  assert_true(found[1] >= found[2] && found[2] >= found[3] && found[3] >= found[4] && found[4] < found[1]);
}

static void a_p_alone_has_no_s(void **state)
{
  (void)state;
  static told t;
  picker_settings settings = default_picker_settings();
  size_t found = 0;
  for (uint64_t seed = 1; seed <= seeds; seed++) {
    record r = made_record(seed, 40, 40, 0);
    feed_record(&t, &r, &settings, 100, INGEST_COMPONENTS);
    found += s_of(&t) != NULL;
    free_record(&r);
  }
  assert_in_range(found, 0, 2);
}

static void horizontals_that_shake_without_a_p_are_no_s(void **state)
{
  (void)state;
  static told t;
  picker_settings settings = default_picker_settings();
  record r = made_record(3, 25, 0, 0);
  for (int c = 1; c < INGEST_COMPONENTS; c++)
    signal_add_wave(&r.of[c], 3, 12, 200);
  feed_record(&t, &r, &settings, 100, INGEST_COMPONENTS);
  assert_null(s_of(&t));
  free_record(&r);
}

/* The horizontals may lag by as much as shear_patience_s. */
static void any_cutting_of_three_components_gives_the_same_picks(void **state)
{
  (void)state;
  static told first, cut;
  picker_settings settings = default_picker_settings();
  size_t with_s = 0;
  for (uint64_t seed = 1; seed <= 6; seed++) {
    record r = made_record(seed, 60, 30, 150);
    signal_add_wave(&r.of[0], seed, 40, 900);
    feed_record(&first, &r, &settings, 1, INGEST_COMPONENTS);
    with_s += s_of(&first) != NULL;
    for (size_t packet = 2; packet <= 600; packet = packet * 3 / 2 + 1) {
      feed_record(&cut, &r, &settings, packet, INGEST_COMPONENTS);
      assert_int_equal(cut.pick_count, first.pick_count);
      if (memcmp(cut.picks, first.picks, first.pick_count * sizeof first.picks[0]) != 0)
        fail_msg("other picks in packets of %zu, seed %llu", packet, (unsigned long long)seed);
    }
    free_record(&r);
  }
  assert_in_range(with_s, 4, 6);
}

static void any_cutting_of_a_vertical_alone_gives_the_same_picks(void **state)
{
  (void)state;
  static told first, cut;
  picker_settings settings = default_picker_settings();
  for (uint64_t seed = 1; seed <= 6; seed++) {
    record r = made_record(seed, 60, 20, 320);
    feed_record(&first, &r, &settings, 1, 1);
    for (size_t packet = 2; packet <= 4096; packet *= 2) {
      feed_record(&cut, &r, &settings, packet, 1);
      assert_int_equal(cut.pick_count, first.pick_count);
      assert_memory_equal(cut.picks, first.picks, first.pick_count * sizeof first.picks[0]);
    }
    free_record(&r);
  }
}

static void the_same_s_comes_when_the_data_end_where_it_says(void **state)
{
  (void)state;
  static told whole, cut;
  picker_settings settings = default_picker_settings();
  record r = made_record(2, 25, 30, 150);
  feed_record(&whole, &r, &settings, 10, INGEST_COMPONENTS);
  const picker_pick *s = s_of(&whole);
  assert_non_null(s);
  for (int c = 0; c < INGEST_COMPONENTS; c++)
    r.of[c].n = (size_t)llround(seconds_after_start(s->data_until) * 100) + 1;
  feed_record(&cut, &r, &settings, 10, INGEST_COMPONENTS);
  assert_non_null(s_of(&cut));
  assert_memory_equal(s_of(&cut), s, sizeof *s);
  for (int c = 0; c < INGEST_COMPONENTS; c++)
    r.of[c].n--;
  feed_record(&cut, &r, &settings, 10, INGEST_COMPONENTS);
  assert_null(s_of(&cut));
  free_record(&r);
}

static void a_sensor_with_a_vertical_alone_may_still_have_an_s(void **state)
{
  (void)state;
  static told t;
  picker_settings settings = default_picker_settings();
  size_t found = 0;
  for (uint64_t seed = 1; seed <= seeds; seed++) {
    record r = made_record(seed, 25, 20, 320);
    feed_record(&t, &r, &settings, 100, 1);
    const picker_pick *s = s_of(&t);
    found += s && fabs(seconds_after_start(s->time) - p_s - s_minus_p) <= 0.2;
    free_record(&r);
  }
  assert_in_range(found, seeds / 2, seeds);
}

static void a_hole_in_a_horizontal_ends_the_search(void **state)
{
  (void)state;
  static told t;
  picker_settings settings = default_picker_settings();
  record r = made_record(2, 25, 30, 150);
  for (size_t i = 1200; i < 1210; i++)
    r.of[1].values[i] = NAN;
  feed_record(&t, &r, &settings, 100, INGEST_COMPONENTS);
  assert_null(s_of(&t));
  free_record(&r);
}

static void the_setting_turns_it_off(void **state)
{
  (void)state;
  static told t;
  picker_settings settings = default_picker_settings();
  settings.s_picks = false;
  record r = made_record(2, 25, 30, 150);
  feed_record(&t, &r, &settings, 100, INGEST_COMPONENTS);
  assert_true(t.pick_count > 0);
  assert_null(s_of(&t));
  free_record(&r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_s_of_the_horizontals_is_picked_after_its_p),
      cmocka_unit_test(c_and_its_trainer_give_the_same_odds),
      cmocka_unit_test(after_a_p_that_may_be_none_an_s_must_be_clearer),
      cmocka_unit_test(a_p_alone_has_no_s),
      cmocka_unit_test(horizontals_that_shake_without_a_p_are_no_s),
      cmocka_unit_test(any_cutting_of_three_components_gives_the_same_picks),
      cmocka_unit_test(any_cutting_of_a_vertical_alone_gives_the_same_picks),
      cmocka_unit_test(the_same_s_comes_when_the_data_end_where_it_says),
      cmocka_unit_test(a_sensor_with_a_vertical_alone_may_still_have_an_s),
      cmocka_unit_test(a_hole_in_a_horizontal_ends_the_search),
      cmocka_unit_test(the_setting_turns_it_off),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
