/* A sensor's three components together: what an S does to its P's windows, and components that are swapped, missing or broken. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data.h"
#include "signals.h"

static const double p_s = 9.37, s_minus_p = 4.2;

typedef struct {
  signal of[INGEST_COMPONENTS];
} record;

/* P strong on the vertical, S on the horizontals. */
static record made_record(uint64_t seed)
{
  record r;
  for (uint64_t c = 0; c < INGEST_COMPONENTS; c++) {
    r.of[c] = signal_noise(seed * 10 + c, 25, 100);
    signal_add_wave(&r.of[c], seed * 10 + c, p_s, c == INGEST_VERTICAL ? 30 : 8);
    signal_add_wave(&r.of[c], seed * 10 + 5 + c, p_s + s_minus_p, c == INGEST_VERTICAL ? 40 : 150);
  }
  return r;
}

static void free_record(record *r)
{
  for (int c = 0; c < INGEST_COMPONENTS; c++)
    signal_free(&r->of[c]);
}

/* Pieces of `packet` samples, component after component in `order`, -1: none of it. */
static void feed_in_order(told *t, const record *r, size_t packet, const int order[INGEST_COMPONENTS], bool s_picks)
{
  picker_settings settings = default_picker_settings();
  settings.s_picks = s_picks;
  picker *p = picker_create(&settings, 0, 100);
  picker_sink sink = sink_into(t);
  memset(t, 0, sizeof *t);
  size_t n = r->of[0].n;
  for (size_t from = 0; from < n; from += packet)
    for (int i = 0; i < INGEST_COMPONENTS; i++) {
      if (order[i] < 0)
        continue;
      ingest_samples piece = piece_of(&r->of[order[i]], order[i], INGEST_UNIT_VELOCITY, from, from + packet < n ? packet : n - from, from == 0);
      picker_feed(p, &piece, &sink);
    }
  picker_destroy(p);
}

/* Member by member: what lies between members is nobody's. */
static void assert_same_picks(const told *a, const told *b)
{
  assert_int_equal(a->pick_count, b->pick_count);
  for (size_t i = 0; i < a->pick_count; i++) {
    const picker_pick *x = &a->picks[i], *y = &b->picks[i];
    assert_true(x->id == y->id && x->phase == y->phase && x->polarity == y->polarity && x->time == y->time && x->data_until == y->data_until);
    assert_true(x->uncertainty_s == y->uncertainty_s && x->snr == y->snr);
  }
}

static void assert_same_wave(const picker_p_wave *x, const picker_p_wave *y)
{
  assert_true(x->pick == y->pick && x->window_s == y->window_s && x->data_until == y->data_until && x->clipped == y->clipped);
  assert_true(x->pd_m == y->pd_m && x->pv_m_s == y->pv_m_s && x->pa_m_s2 == y->pa_m_s2 && x->noise_pd_m == y->noise_pd_m);
  assert_true(x->tau_c_s == y->tau_c_s && x->tau_p_max_s == y->tau_p_max_s && x->cav_m_s == y->cav_m_s);
  assert_true(x->growth_m_s3 == y->growth_m_s3 && x->azimuth_deg == y->azimuth_deg && x->azimuth_sigma_deg == y->azimuth_sigma_deg);
  assert_memory_equal(x->band_m_s, y->band_m_s, sizeof x->band_m_s);
}

static const int horizontals_first[] = {INGEST_EAST, INGEST_NORTH, INGEST_VERTICAL};
static const int vertical_first[] = {INGEST_VERTICAL, INGEST_NORTH, INGEST_EAST};

/* A seed at which the S is found, and what is said then. */
static uint64_t seed_with_s(told *t)
{
  for (uint64_t seed = 1; seed < 20; seed++) {
    record r = made_record(seed);
    feed_in_order(t, &r, 100, horizontals_first, true);
    free_record(&r);
    if (t->pick_count == 2 && t->picks[1].phase == 'S')
      return seed;
  }
  fail_msg("no S is found");
  return 0;
}

static void an_s_ends_the_windows_of_its_p(void **state)
{
  (void)state;
  static told with, without;
  record r = made_record(seed_with_s(&with));
  feed_in_order(&without, &r, 100, horizontals_first, false);
  assert_true(with.wave_count >= 4 && with.wave_count < without.wave_count);
  for (size_t i = 0; i < with.wave_count; i++) {
    assert_same_wave(&with.waves[i], &without.waves[i]);
    assert_true(with.waves[i].data_until < with.picks[1].data_until);
  }
  free_record(&r);
}

static void any_packets_give_the_same_where_the_vertical_comes_last(void **state)
{
  (void)state;
  static told whole, cut;
  record r = made_record(seed_with_s(&whole));
  feed_in_order(&whole, &r, 1, horizontals_first, true);
  for (size_t packet = 2; packet <= 700; packet = packet < 8 ? packet + 1 : packet * 2 - 3) {
    feed_in_order(&cut, &r, packet, horizontals_first, true);
    assert_same_picks(&cut, &whole);
    assert_int_equal(cut.wave_count, whole.wave_count);
    for (size_t i = 0; i < cut.wave_count; i++)
      assert_same_wave(&cut.waves[i], &whole.waves[i]);
  }
  free_record(&r);
}

static void picks_are_the_same_whichever_component_comes_first(void **state)
{
  (void)state;
  static told last, first;
  record r = made_record(seed_with_s(&last));
  feed_in_order(&first, &r, 100, vertical_first, true);
  assert_same_picks(&first, &last);
  free_record(&r);
}

static void assert_finite(const told *t)
{
  for (size_t i = 0; i < t->pick_count; i++)
    assert_true(isfinite(t->picks[i].snr) && t->picks[i].uncertainty_s > 0 && isfinite(t->picks[i].uncertainty_s));
  for (size_t i = 0; i < t->wave_count; i++) {
    const picker_p_wave *w = &t->waves[i];
    assert_true(isfinite(w->pd_m) && isfinite(w->pv_m_s) && isfinite(w->pa_m_s2) && isfinite(w->tau_c_s) && isfinite(w->tau_p_max_s) &&
                isfinite(w->cav_m_s));
    for (int band = 0; band < PICKER_BANDS; band++)
      assert_true(isfinite(w->band_m_s[band]));
  }
}

/* A cable in the wrong socket: a P is found late or not, but nothing breaks and what is said is numbers. */
static void a_swapped_component_breaks_nothing(void **state)
{
  (void)state;
  static told t;
  record r = made_record(3);
  for (int other = INGEST_NORTH; other <= INGEST_EAST; other++) {
    signal vertical = r.of[INGEST_VERTICAL];
    r.of[INGEST_VERTICAL] = r.of[other];
    r.of[other] = vertical;
    feed_in_order(&t, &r, 100, horizontals_first, true);
    assert_true(t.pick_count > 0);
    for (size_t i = 0; i < t.pick_count; i++)
      assert_true(seconds_after_start(t.picks[i].time) > p_s - 0.2);
    assert_finite(&t);
  }
  free_record(&r);
}

static void missing_components_are_missed_and_no_more(void **state)
{
  (void)state;
  static told t;
  static const int no_east[] = {INGEST_NORTH, -1, INGEST_VERTICAL}, no_vertical[] = {INGEST_NORTH, INGEST_EAST, -1},
                   vertical_alone[] = {-1, -1, INGEST_VERTICAL};
  record r = made_record(4);
  feed_in_order(&t, &r, 100, no_vertical, true);
  assert_int_equal(t.pick_count, 0);
  feed_in_order(&t, &r, 100, no_east, true);
  assert_true(t.pick_count > 0 && fabs(seconds_after_start(t.picks[0].time) - p_s) < 0.1);
  feed_in_order(&t, &r, 100, vertical_alone, true);
  assert_true(t.pick_count > 0 && fabs(seconds_after_start(t.picks[0].time) - p_s) < 0.1);
  free_record(&r);
}

static void broken_horizontals_do_no_harm_to_the_p(void **state)
{
  (void)state;
  static told t;
  static const float broken[] = {NAN, INFINITY, -3e38f, 3e38f, 0};
  for (size_t k = 0; k < sizeof broken / sizeof broken[0]; k++) {
    record r = made_record(5);
    for (size_t i = 300; i < r.of[INGEST_NORTH].n; i++)
      r.of[INGEST_NORTH].values[i] = r.of[INGEST_EAST].values[i] = broken[k];
    feed_in_order(&t, &r, 100, horizontals_first, true);
    assert_true(t.pick_count > 0 && fabs(seconds_after_start(t.picks[0].time) - p_s) < 0.1);
    assert_finite(&t);
    free_record(&r);
  }
}

/* Random values of every kind, gaps and rates: nothing breaks, and no pick is within the warm-up after a gap. */
static void anything_may_come_and_no_pick_is_out_of_a_gap(void **state)
{
  (void)state;
  static told t;
  static float values[3000];
  static const double rates[] = {100, 50, 20, 100, 19, 600};
  picker_settings settings = default_picker_settings();
  for (uint64_t seed = 1; seed <= 60; seed++) {
    random_source r = {seed};
    picker *p = picker_create(&settings, 0, 100);
    picker_sink sink = sink_into(&t);
    memset(&t, 0, sizeof t);
    int64_t start = signal_start, gap_at = signal_start;
    double rate = 100;
    for (int piece = 0; piece < 60; piece++) {
      bool gap = piece == 0 || random_below(&r, 8) == 0;
      rate = gap ? rates[random_below(&r, 6)] : rate;
      size_t count = (size_t)random_below(&r, 400) + 1, before = t.pick_count;
      int kind = (int)random_below(&r, 7);
      for (size_t i = 0; i < count; i++)
        values[i] = kind == 0   ? NAN
                    : kind == 1 ? (i % 2 ? INFINITY : 1)
                    : kind == 2 ? 0
                    : kind == 3 ? (i % 2 ? 3.4e38f : -3.4e38f)
                                : (float)(random_normal(&r) * (kind == 4 && i > 100 ? 1000 : 1));
      start += gap ? random_below(&r, 5 * INGEST_SECOND) : 0;
      gap_at = gap ? start : gap_at;
      ingest_samples samples = {.gap = gap, .unit = INGEST_UNIT_VELOCITY, .start = start, .rate = rate, .count = count, .values = values};
      picker_feed(p, &samples, &sink);
      for (size_t i = before; i < t.pick_count; i++)
        if (t.picks[i].phase == 'P' && t.picks[i].time < gap_at + INGEST_SECOND)
          fail_msg("a pick out of a gap, seed %d", (int)seed);
      start += llround((double)count / rate * 1e9);
    }
    assert_finite(&t);
    picker_destroy(p);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_s_ends_the_windows_of_its_p),
      cmocka_unit_test(any_packets_give_the_same_where_the_vertical_comes_last),
      cmocka_unit_test(picks_are_the_same_whichever_component_comes_first),
      cmocka_unit_test(a_swapped_component_breaks_nothing),
      cmocka_unit_test(missing_components_are_missed_and_no_more),
      cmocka_unit_test(broken_horizontals_do_no_harm_to_the_p),
      cmocka_unit_test(anything_may_come_and_no_pick_is_out_of_a_gap),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
