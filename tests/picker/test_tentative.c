/* Waves too weak for one station alone: told apart from sure ones, and told again when more of them is there. */
#include <math.h>
#include <string.h>

#include "data.h"
#include "signals.h"

enum { NOTES = 256 };

/* What came, in its order: 'T' a tentative pick, 'K' a sure one, 'W' a withdrawal. */
typedef struct {
  char kind;
  picker_pick pick;
  uint64_t withdrawn;
} note;

typedef struct {
  note note[NOTES];
  size_t count;
} notes;

static note *next(notes *n, char kind)
{
  assert_true(n->count < NOTES);
  n->note[n->count].kind = kind;
  return &n->note[n->count++];
}

static void keep(note *n, const picker_pick *pick)
{
  picker_pick *kept = &n->pick;
  kept->id = pick->id;
  kept->phase = pick->phase;
  kept->time = pick->time;
  kept->uncertainty_s = pick->uncertainty_s;
  kept->snr = pick->snr;
  kept->polarity = pick->polarity;
  kept->data_until = pick->data_until;
  kept->tentative = pick->tentative;
  kept->odds = pick->odds;
}

static void take_tentative(void *user, const picker_pick *pick)
{
  keep(next(user, 'T'), pick);
}

static void take_sure(void *user, const picker_pick *pick)
{
  keep(next(user, 'K'), pick);
}

static void take_withdrawal(void *user, const picker_withdraw *withdraw)
{
  next(user, 'W')->withdrawn = withdraw->pick;
}

static void listen_to(notes *n, const signal *s, const picker_settings *settings, size_t packet, bool hears_tentative)
{
  picker_sink sink = {.pick = take_sure, .withdraw = take_withdrawal, .tentative = hears_tentative ? take_tentative : NULL, .user = n};
  picker *p = picker_create(settings, 0, 100);
  memset(n, 0, sizeof *n);
  for (size_t from = 0; from < s->n; from += packet) {
    ingest_samples piece = piece_of(s, INGEST_VERTICAL, INGEST_UNIT_VELOCITY, from, from + packet < s->n ? packet : s->n - from, from == 0);
    picker_feed(p, &piece, &sink);
  }
  picker_destroy(p);
}

/* Half a minute of noise with a weak wave in it, vertical alone. */
static void listen(notes *n, uint64_t seed, double amplitude, size_t packet, double tentative, bool hears_tentative)
{
  picker_settings settings = default_picker_settings();
  settings.tentative = tentative;
  signal s = signal_noise(seed, 30, 100);
  signal_add_wave(&s, seed, 15, amplitude);
  listen_to(n, &s, &settings, packet, hears_tentative);
  signal_free(&s);
}

/* A wave that grows out of the noise for a second and a half: when it began is hard to say. */
static void listen_to_emergent(notes *n, uint64_t seed, const picker_settings *settings)
{
  signal s = signal_noise(seed, 30, 100), wave = signal_zero(30, 100);
  signal_add_wave(&wave, seed, 15, 15);
  for (size_t i = 1500; i < s.n; i++)
    s.values[i] += wave.values[i] * fminf(1, ((float)i - 1500) / 150);
  listen_to(n, &s, settings, 100, true);
  signal_free(&s);
  signal_free(&wave);
}

static void weak_waves_are_tentative_where_they_are_not_sure(void **state)
{
  (void)state;
  static notes n;
  int tentative = 0, sure = 0;
  for (uint64_t seed = 1; seed <= 40; seed++) {
    listen(&n, seed, 4, 100, 3, true);
    bool seen = false, known = false;
    for (size_t i = 0; i < n.count; i++) {
      bool there = n.note[i].kind != 'W' && n.note[i].pick.phase == 'P' && fabs(seconds_after_start(n.note[i].pick.time) - 15) < 0.5;
      seen |= there && n.note[i].kind == 'T';
      known |= there && n.note[i].kind == 'K';
    }
    tentative += seen && !known;
    sure += known;
  }
  print_message("# of 40 waves %d sure, %d more tentative\n", sure, tentative);
  assert_true(tentative >= 5);
}

static void a_tentative_pick_is_below_the_bar_and_becomes_sure_under_its_id(void **state)
{
  (void)state;
  static notes n;
  int confirmed = 0;
  for (uint64_t seed = 1; seed <= 60; seed++) {
    uint64_t standing = 0;
    int64_t onset = 0;
    listen(&n, seed, 3 + (double)(seed % 6), 100, 3, true);
    for (size_t i = 0; i < n.count; i++) {
      const note *of = &n.note[i];
      if (of->kind == 'W') {
        standing = of->withdrawn == standing ? 0 : standing;
      } else if (of->kind == 'T') {
        assert_true(of->pick.tentative && of->pick.odds < 0 && (of->pick.phase == 'S' || of->pick.odds >= -3));
        if (of->pick.phase == 'P')
          standing = of->pick.id, onset = of->pick.time;
      } else if (of->pick.phase == 'P') {
        assert_true(!of->pick.tentative && of->pick.odds >= 0);
        if (standing && of->pick.time - onset < INGEST_SECOND)
          assert_true(of->pick.id == standing && ++confirmed);
        standing = 0;
      }
    }
  }
  assert_true(confirmed >= 5);
}

static void a_vague_onset_is_sure_only_where_its_odds_are_the_better(void **state)
{
  (void)state;
  static notes n;
  picker_settings settings = default_picker_settings();
  int held_back = 0, sure = 0;
  for (uint64_t seed = 1; seed <= 150; seed++) {
    listen_to_emergent(&n, seed, &settings);
    for (size_t i = 0; i < n.count; i++) {
      const picker_pick *pick = &n.note[i].pick;
      bool vague = pick->phase == 'P' && pick->uncertainty_s > 0.2f;
      assert_false(n.note[i].kind == 'K' && vague && pick->odds < 0.5f);
      held_back += n.note[i].kind == 'T' && vague && pick->odds > -0.02f;
      sure += n.note[i].kind == 'K' && pick->phase == 'P';
    }
  }
  print_message("# %d sure, %d held back for their onset\n", sure, held_back);
  assert_true(held_back > 0 && sure > 20);
}

/* P of either kind whose ratio is below `ratio` where the least that is taken is `minimum`. */
static int weaker_than(double ratio, double minimum)
{
  static notes n;
  picker_settings settings = default_picker_settings();
  settings.minimum_snr = minimum;
  int weak = 0;
  for (uint64_t seed = 1; seed <= 40; seed++) {
    listen_to_emergent(&n, seed, &settings);
    for (size_t i = 0; i < n.count; i++)
      weak += n.note[i].kind != 'W' && n.note[i].pick.phase == 'P' && n.note[i].pick.snr < ratio;
  }
  return weak;
}

static void an_onset_below_the_least_ratio_is_neither_sure_nor_tentative(void **state)
{
  (void)state;
  assert_true(weaker_than(6, 1) > 0);
  assert_int_equal(weaker_than(6, 6), 0);
}

static void who_does_not_listen_to_them_hears_the_same_sure_picks(void **state)
{
  (void)state;
  static notes with, without, none;
  for (uint64_t seed = 1; seed <= 20; seed++) {
    listen(&with, seed, 6, 100, 3, true);
    listen(&without, seed, 6, 100, 3, false);
    listen(&none, seed, 6, 100, 0, true);
    size_t k = 0;
    assert_int_equal(without.count, none.count);
    for (size_t i = 0; i < with.count; i++) {
      if (with.note[i].kind != 'K')
        continue;
      while (without.note[k].kind == 'W')
        k++;
      assert_memory_equal(&with.note[i].pick, &without.note[k].pick, sizeof with.note[i].pick);
      assert_true(with.note[i].pick.time == none.note[k].pick.time && with.note[i].pick.data_until == none.note[k].pick.data_until);
      k++;
    }
  }
}

static void any_cutting_gives_the_same_tentative_picks(void **state)
{
  (void)state;
  static notes whole, cut;
  for (uint64_t seed = 1; seed <= 5; seed++) {
    listen(&whole, seed, 4, 3000, 3, true);
    for (size_t packet = 1; packet < 3000; packet = packet * 3 + 1) {
      listen(&cut, seed, 4, packet, 3, true);
      assert_memory_equal(&cut, &whole, sizeof cut);
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(weak_waves_are_tentative_where_they_are_not_sure),
      cmocka_unit_test(a_tentative_pick_is_below_the_bar_and_becomes_sure_under_its_id),
      cmocka_unit_test(who_does_not_listen_to_them_hears_the_same_sure_picks),
      cmocka_unit_test(a_vague_onset_is_sure_only_where_its_odds_are_the_better),
      cmocka_unit_test(an_onset_below_the_least_ratio_is_neither_sure_nor_tentative),
      cmocka_unit_test(any_cutting_gives_the_same_tentative_picks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
