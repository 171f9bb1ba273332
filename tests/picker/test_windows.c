/* The picker on what analysts of eight networks picked: what it finds, how well, and how soon, must not become worse. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data.h"
#include "windows.h"

static const char *const labelled[] = {"ncedc-p", "stead", "seisan", "swiss", "pnsn", "martinique", "norsar"};
enum { LABELLED = sizeof labelled / sizeof labelled[0] };

/* The windows of one source and their traces. */
typedef struct {
  window windows[WINDOWS_MAXIMUM];
  size_t count;
  traces all;
} sourced;

static sourced open_test_windows(char last)
{
  sourced s = {.count = windows_read("ncedc-picks/picks.csv", NULL, s.windows)};
  s.all = traces_read(data_path("ncedc-picks/waveforms.mseed"), last, 1);
  assert_int_equal(s.count, 100);
  return s;
}

static sourced open_labelled_windows(const char *source)
{
  char path[64];
  snprintf(path, sizeof path, "labelled-windows/windows/%s.mseed", source);
  sourced s = {.count = windows_read("labelled-windows/picks.csv", source, s.windows)};
  s.all = traces_read(data_path(path), '\0', 1);
  assert_true(s.count > 0);
  return s;
}

static int compare_doubles(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

/* Of one phase: the pick nearest to the analyst's is the hit; others are before it, or after. */
typedef struct {
  size_t hits, before, after, within_sigma;
  double errors[WINDOWS_MAXIMUM], delays[WINDOWS_MAXIMUM]; /* of the hits, s */
} score;

static void count_picks(score *s, const told *t, const window *w, char phase, double label_s)
{
  const picker_pick *hit = NULL;
  for (size_t i = 0; i < t->pick_count; i++) {
    const picker_pick *pick = &t->picks[i];
    double error = window_seconds(w, pick->time) - label_s;
    if (pick->phase != phase)
      continue;
    s->before += error < -0.5;
    s->after += error > 0.5;
    if (fabs(error) <= 0.5 && (!hit || fabs(error) < fabs(window_seconds(w, hit->time) - label_s)))
      hit = pick;
  }
  if (!hit)
    return;
  s->errors[s->hits] = fabs(window_seconds(w, hit->time) - label_s);
  s->within_sigma += s->errors[s->hits] <= (double)hit->uncertainty_s;
  s->delays[s->hits++] = window_seconds(w, hit->data_until) - label_s;
}

static score score_of(const sourced *of, char phase)
{
  static told t;
  score s = {0};
  for (size_t i = 0; i < of->count; i++) {
    const window *w = &of->windows[i];
    const trace *components[INGEST_COMPONENTS];
    double label_s = phase == 'P' ? w->p_s : w->s_s;
    if (isnan(label_s))
      continue;
    assert_true(window_components(&of->all, w, components));
    window_feed(&t, components, phase == 'S', INT64_MAX);
    count_picks(&s, &t, w, phase, label_s);
  }
  return s;
}

static void print_score(const char *of, score *s)
{
  qsort(s->errors, s->hits, sizeof s->errors[0], compare_doubles);
  qsort(s->delays, s->hits, sizeof s->delays[0], compare_doubles);
  print_message("# %s: %zu hits, %zu before, %zu after, error %.3f s median, %.3f s at 90 %%, sent after %.2f and %.2f s, %zu within sigma\n", of,
                s->hits, s->before, s->after, s->errors[s->hits / 2], s->errors[s->hits * 9 / 10], s->delays[s->hits / 2],
                s->delays[s->hits * 9 / 10], s->within_sigma);
}

static void ninety_six_of_a_hundred_analysts_onsets_are_found(void **state)
{
  (void)state;
  sourced test = open_test_windows('Z');
  score s = score_of(&test, 'P');
  print_score("P", &s);
  assert_in_range(s.hits, 96, 100);
  assert_in_range(s.before, 0, 6);
  assert_in_range(s.after, 0, 14);
  assert_true(s.errors[s.hits / 2] <= 0.021 && s.errors[s.hits * 9 / 10] <= 0.081);
  assert_true(s.delays[s.hits / 2] <= 0.3 && s.delays[s.hits * 9 / 10] <= 0.6);
  traces_free(&test.all);
}

static void four_of_five_s_are_found_and_hardly_a_wrong_one(void **state)
{
  (void)state;
  sourced test = open_test_windows('\0');
  score s = score_of(&test, 'S');
  print_score("S", &s);
  assert_in_range(s.hits, 81, 100);
  assert_in_range(s.before + s.after, 0, 12);
  assert_true(s.errors[s.hits / 2] <= 0.08 && s.delays[s.hits / 2] <= 0.5);
  traces_free(&test.all);
}

static void each_network_has_its_p(void **state)
{
  (void)state;
  static const size_t least[LABELLED] = {53, 46, 12, 7, 3, 40, 22};
  for (int i = 0; i < LABELLED; i++) {
    sourced of = open_labelled_windows(labelled[i]);
    score s = score_of(&of, 'P');
    print_score(labelled[i], &s);
    assert_in_range(s.hits, least[i], of.count);
    traces_free(&of.all);
  }
}

/* Of each source that has enough to tell; norsar's are picks of arrays, of which its own README says that they tell nothing of onsets. */
static void uncertainties_hold_two_of_three_errors_of_each_network(void **state)
{
  (void)state;
  for (const char *phase = "PS"; *phase; phase++) {
    sourced test = open_test_windows('\0');
    score s = score_of(&test, *phase);
    size_t hits = s.hits, within = s.within_sigma;
    assert_in_range(s.within_sigma * 100 / s.hits, 60, 80);
    traces_free(&test.all);
    for (int i = 0; i + 1 < LABELLED; i++) {
      sourced of = open_labelled_windows(labelled[i]);
      s = score_of(&of, *phase);
      hits += s.hits;
      within += s.within_sigma;
      if (s.hits >= 40 && (s.within_sigma * 100 < s.hits * 52 || s.within_sigma * 100 > s.hits * 82))
        fail_msg("%zu of %zu %c of %s within one deviation", s.within_sigma, s.hits, *phase, labelled[i]);
      traces_free(&of.all);
    }
    assert_in_range(within * 100 / hits, 60, 76);
  }
}

static bool has_pick(const told *t, const picker_pick *pick)
{
  for (size_t i = 0; i < t->pick_count; i++)
    if (t->picks[i].phase == pick->phase && t->picks[i].time == pick->time && t->picks[i].data_until == pick->data_until)
      return true;
  return false;
}

/* Each pick of the window comes when the records end with the sample that it says it needed, and does not when they end one sooner. */
static size_t check_emission(const window *w, const trace *const components[INGEST_COMPONENTS])
{
  static told whole, cut;
  window_feed(&whole, components, true, INT64_MAX);
  for (size_t i = 0; i < whole.pick_count; i++) {
    const picker_pick *pick = &whole.picks[i];
    window_feed(&cut, components, true, pick->data_until);
    bool comes = has_pick(&cut, pick);
    window_feed(&cut, components, true, pick->data_until - (int64_t)(1e9 / components[INGEST_VERTICAL]->rate));
    if (!comes || has_pick(&cut, pick))
      fail_msg("%s.%s: %c at %.2f s, said to need samples until %.2f s, %s", w->network, w->station, pick->phase, window_seconds(w, pick->time),
               window_seconds(w, pick->data_until), comes ? "comes sooner" : "does not come with these");
  }
  return whole.pick_count;
}

static size_t check_emissions(sourced of)
{
  size_t checked = 0;
  for (size_t i = 0; i < of.count; i++) {
    const trace *components[INGEST_COMPONENTS];
    assert_true(window_components(&of.all, &of.windows[i], components));
    checked += check_emission(&of.windows[i], components);
  }
  traces_free(&of.all);
  return checked;
}

static void every_pick_comes_with_the_sample_that_it_says_it_needed(void **state)
{
  (void)state;
  size_t checked = check_emissions(open_test_windows('\0'));
  for (int i = 0; i < LABELLED; i++)
    checked += check_emissions(open_labelled_windows(labelled[i]));
  print_message("# %zu picks\n", checked);
  assert_true(checked > 500);
}

/* One sensor that recorded all windows, each in amplitudes of its own noise, `seconds` of it folded to and fro before. */
static void join(trace *stream, const trace *x, window *w, double seconds)
{
  size_t noise = (size_t)(w->p_s * x->rate) - 100, before = (size_t)(seconds * x->rate), at = stream->n;
  double mean = 0, square = 0;
  for (size_t i = 0; i < noise; i++)
    mean += (double)x->values[i] / (double)noise;
  for (size_t i = 0; i < noise; i++)
    square += ((double)x->values[i] - mean) * ((double)x->values[i] - mean) / (double)noise;
  w->start = stream->start + llround((double)(at + before) * 1e9 / x->rate);
  stream->n += before + x->n;
  stream->values = realloc(stream->values, stream->n * sizeof *stream->values);
  assert_non_null(stream->values);
  for (size_t i = 0; i < before + x->n; i++) {
    size_t back = i < before ? before - i : i - before, folded = i < before ? back % (2 * noise - 2) : 0;
    size_t from = i >= before ? back : folded < noise ? folded : 2 * noise - 2 - folded;
    stream->values[at + i] = (float)(((double)x->values[from] - mean) / sqrt(square + 1e-30));
  }
}

static void windows_joined_with_noise_between_them_score_the_same(void **state)
{
  (void)state;
  static told t, part;
  static int64_t ends[WINDOWS_MAXIMUM];
  score alone = {0}, joined = {0};
  sourced test = open_test_windows('Z');
  trace stream = {.start = signal_start, .rate = 100};
  for (size_t i = 0; i < test.count; i++) {
    window *w = &test.windows[i];
    const trace *components[INGEST_COMPONENTS];
    assert_true(window_components(&test.all, w, components));
    window_feed(&t, components, false, INT64_MAX);
    count_picks(&alone, &t, w, 'P', w->p_s);
    join(&stream, components[INGEST_VERTICAL], w, 20 + 3 * (double)(i % 20));
    ends[i] = w->start + llround((double)components[INGEST_VERTICAL]->n * 1e9 / stream.rate);
  }
  const trace *components[INGEST_COMPONENTS] = {&stream};
  window_feed(&t, components, false, INT64_MAX);
  for (size_t i = 0; i < test.count; i++) {
    part.pick_count = 0;
    for (size_t k = 0; k < t.pick_count; k++)
      if (t.picks[k].time >= test.windows[i].start && t.picks[k].time < ends[i])
        part.picks[part.pick_count++] = t.picks[k];
    count_picks(&joined, &part, &test.windows[i], 'P', test.windows[i].p_s);
  }
  print_score("alone", &alone);
  print_score("joined", &joined);
  assert_true(joined.hits + 2 >= alone.hits && joined.before <= alone.before + 3 && joined.after <= alone.after + 3);
  assert_true(fabs(joined.errors[joined.hits / 2] - alone.errors[alone.hits / 2]) < 0.011);
  free(stream.values);
  traces_free(&test.all);
}

static void hardly_a_p_takes_longer_than_the_picker_says(void **state)
{
  (void)state;
  static told t;
  picker_settings settings = default_picker_settings();
  int64_t delay = picker_delay(&settings);
  size_t late = 0, all = 0;
  for (int i = -1; i < LABELLED; i++) {
    sourced of = i < 0 ? open_test_windows('Z') : open_labelled_windows(labelled[i]);
    for (size_t k = 0; k < of.count; k++) {
      const trace *components[INGEST_COMPONENTS];
      assert_true(window_components(&of.all, &of.windows[k], components));
      window_feed(&t, components, false, INT64_MAX);
      all += t.pick_count;
      for (size_t j = 0; j < t.pick_count; j++) {
        int64_t took = t.picks[j].data_until - t.picks[j].time;
        late += took > delay;
        assert_true(took <= delay + INGEST_SECOND / 2);
      }
    }
    traces_free(&of.all);
  }
  print_message("# %zu of %zu later than %.1f s\n", late, all, (double)delay / 1e9);
  assert_true(late * 50 <= all);
}

/* Of the first swing at the analyst's P, as anyone would read it off the plain record: 8 times louder than all of the 2 s before, nothing of the
 * other sign before it. 0: mistakable. */
static int unmistakable_sign(const trace *x, size_t p)
{
  double mean = 0, noise = 0, other = 0, swing = 0;
  size_t from = p - 200, quiet = p - 6;
  for (size_t i = from; i < quiet; i++)
    mean += (double)x->values[i] / (double)(quiet - from);
  for (size_t i = from; i < quiet; i++)
    noise = fmax(noise, fabs((double)x->values[i] - mean));
  size_t i = p - 5, end = p + 40;
  for (; i < end && fabs((double)x->values[i] - mean) <= 3 * noise; i++)
    ;
  int sign = i < end && (double)x->values[i] > mean ? 1 : -1;
  for (size_t k = p - 5; k < i; k++)
    other = fmax(other, -sign * ((double)x->values[k] - mean));
  for (; i < end && sign * ((double)x->values[i] - mean) > 0; i++)
    swing = fmax(swing, sign * ((double)x->values[i] - mean));
  return noise > 0 && swing > 8 * noise && other < 1.2 * noise ? sign : 0;
}

static void an_unmistakable_first_motion_is_never_read_the_other_way(void **state)
{
  (void)state;
  static told t;
  size_t unmistakable = 0, read = 0;
  sourced test = open_test_windows('Z');
  for (size_t i = 0; i < test.count; i++) {
    const window *w = &test.windows[i];
    const trace *components[INGEST_COMPONENTS];
    assert_true(window_components(&test.all, w, components));
    int sign = unmistakable_sign(components[INGEST_VERTICAL], (size_t)lround(w->p_s * 100));
    if (sign == 0)
      continue;
    window_feed(&t, components, false, INT64_MAX);
    unmistakable++;
    for (size_t k = 0; k < t.pick_count; k++)
      if (fabs(window_seconds(w, t.picks[k].time) - w->p_s) < 0.1) {
        assert_int_not_equal(t.picks[k].polarity, -sign);
        read += t.picks[k].polarity == sign;
      }
  }
  traces_free(&test.all);
  assert_true(unmistakable >= 20);
  assert_in_range(read, unmistakable * 9 / 10, unmistakable);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ninety_six_of_a_hundred_analysts_onsets_are_found),
      cmocka_unit_test(four_of_five_s_are_found_and_hardly_a_wrong_one),
      cmocka_unit_test(each_network_has_its_p),
      cmocka_unit_test(windows_joined_with_noise_between_them_score_the_same),
      cmocka_unit_test(every_pick_comes_with_the_sample_that_it_says_it_needed),
      cmocka_unit_test(hardly_a_p_takes_longer_than_the_picker_says),
      cmocka_unit_test(uncertainties_hold_two_of_three_errors_of_each_network),
      cmocka_unit_test(an_unmistakable_first_motion_is_never_read_the_other_way),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
