#include "vertical.h"

#include <math.h>

#include "doubt.h"
#include "rejection.h"

static const double rearm_s = 0.2, regrown_s = 1.5, recent_s = 5;
static const double before_onset_s = 0.5, settle_s = 0.7; /* of the trace in which the onset is looked for; in front of it, for the filter */
static const double snr_s = 0.5, unrefined_s = 0.1;
static const double same_wave_s = 1;                  /* an onset so soon after the last is the same wave, grown */
static const float vague_s = 0.2f, vague_odds = 0.7f; /* an onset whose time is no better known than that must be the likelier */
static const float other_odds = 0.3f;                 /* a change that is worth telling */
static const float just_below = -0.01f;               /* what is asked: odds of what is likely, and yet no sure pick */

static const int64_t never = INT64_MIN / 2;

void vertical_restart(vertical *v, const picker_settings *settings, double rate)
{
  *v = (vertical){
      .settings = settings, .rate = rate, .in_gap = true, .armed = true, .checks_at = INT64_MAX, .last_onset = never, .supposed_onset = never};
  characteristic_init(&v->bank, rate, settings->filter_window_s, settings->long_term_window_s, settings->warm_up_s, settings->threshold_1);
}

static int64_t samples_of(const vertical *v, double seconds)
{
  return (int64_t)lround(seconds * v->rate);
}

static vertical_outcome withdraw(vertical *v, picker_rejection reason)
{
  v->reason = reason;
  v->rejected[reason]++;
  v->checks_at = INT64_MAX;
  return VERTICAL_WITHDRAWN;
}

/* What the candidate was supposed to be, if anything, it is not. */
static vertical_outcome drop(vertical *v, picker_rejection reason)
{
  if (v->candidate.first - v->supposed_onset >= samples_of(v, same_wave_s))
    return VERTICAL_NOTHING;
  v->supposed_onset = never;
  v->reason = reason;
  return VERTICAL_DROPPED;
}

vertical_outcome vertical_gap(vertical *v, int64_t at)
{
  bool open = v->candidate.open;
  v->rejected[PICKER_GAP] += open;
  v->candidate.open = false;
  v->in_gap = true;
  if (v->checks_at == INT64_MAX || at - v->last_onset > samples_of(v, doubt_gap_s))
    return open ? drop(v, PICKER_GAP) : VERTICAL_NOTHING;
  return withdraw(v, PICKER_GAP);
}

static void begin(vertical *v, const history *h, int64_t at)
{
  characteristic_restart(&v->bank, history_at(h, at));
  past_restart(&v->past);
  v->in_gap = false;
  v->armed = true;
  v->warm_until = at + samples_of(v, v->settings->warm_up_s);
  v->last_up = at;
  v->pick_blocks = 0;
}

/* Triggers of the last seconds, this one left out; this one is noted. */
static float recent_triggers(vertical *v, int64_t at)
{
  float recent = 0;
  for (int i = 0; i < CANDIDATE_RECENT && i < v->triggers_count; i++)
    recent += at - v->triggers[i] <= samples_of(v, recent_s);
  v->triggers[v->triggers_count++ % CANDIDATE_RECENT] = at;
  return recent;
}

static float peak_ratio(const vertical *v)
{
  float most = 0;
  for (int i = 0; i < v->bank.bands; i++)
    most = fmaxf(most, v->bank.average[i] / (v->candidate.noise[i] + 1e-30f));
  return most;
}

static float candidate_peak_ratio(const vertical *v)
{
  float most = 0;
  for (int i = 0; i < v->bank.bands; i++)
    most = fmaxf(most, v->candidate.peak[i] / (v->candidate.noise[i] + 1e-30f));
  return most;
}

/* Before a trigger opens, so that its own wave is not in it; the newest block may hold the first of it. */
static void follow_event(vertical *v)
{
  if (v->pick_blocks < v->bank.blocks - CHARACTERISTIC_BLOCKS)
    v->pick_blocks = v->bank.blocks - CHARACTERISTIC_BLOCKS;
  while (v->pick_blocks < v->bank.blocks - 1) {
    const characteristic_lanes *energy = characteristic_energy(&v->bank, v->bank.blocks - 1 - v->pick_blocks++);
    for (int i = 0; i < CHARACTERISTIC_LANES; i++)
      v->loudest_since_pick[i] = fmaxf(v->loudest_since_pick[i], (*energy)[i]);
  }
}

static void open_candidate(vertical *v, int64_t at, bool again)
{
  v->armed = false;
  follow_event(v);
  candidate_open(&v->candidate, &v->bank, at, again, recent_triggers(v, at));
}

/* The bank is up at the sample `at`: a new trigger, one that has outgrown the last, or the last one still. */
static void consider(vertical *v, int64_t at)
{
  bool was_down = at - v->last_up > samples_of(v, rearm_s);
  v->last_up = at;
  if (at < v->warm_until)
    return;
  bool young = at - v->candidate.first <= samples_of(v, regrown_s) && v->candidate.count > 0;
  bool turned_away = v->candidate.count > 0 && v->candidate.first - v->last_onset >= samples_of(v, same_wave_s);
  bool grown = (young || turned_away) && peak_ratio(v) > 3 * candidate_peak_ratio(v);
  if (!v->armed && !was_down && !grown)
    return;
  open_candidate(v, at, grown && young);
}

/* Samples from `from` on, without a hole, band-passed; `lead` of them are to settle the filter and are not handed out. Returns how many, and the
 * index of the first. */
static size_t trace_of(const vertical *v, const history *h, int band, int64_t *from, int64_t lead, float *out)
{
  float raw[ONSET_MAXIMUM], filtered[ONSET_MAXIMUM];
  int64_t start = *from - lead, n = 0;
  if (start < h->begin)
    start = h->begin;
  for (int64_t i = start; i < h->end && n < ONSET_MAXIMUM; i++) {
    raw[n] = history_at(h, i);
    if (isnan(raw[n++]))
      n = 0, start = i + 1;
  }
  characteristic_filter(&v->bank, band, raw, (size_t)n, filtered);
  if (*from < start)
    *from = start;
  int64_t skipped = *from - start;
  for (int64_t i = skipped; i < n; i++)
    out[i - skipped] = filtered[i];
  return (size_t)(n > skipped ? n - skipped : 0);
}

static void describe(const vertical *v, const history *h, vertical_pick *pick)
{
  float x[ONSET_MAXIMUM];
  int64_t from = pick->onset - samples_of(v, 2);
  size_t n = trace_of(v, h, -1, &from, samples_of(v, settle_s), x), onset = (size_t)(pick->onset - from);
  pick->snr = onset_snr(x, n, onset, (size_t)samples_of(v, snr_s));
  pick->polarity = onset_polarity(x, n, onset);
}

static vertical_pick refine(const vertical *v, const history *h, int64_t at)
{
  float x[ONSET_MAXIMUM];
  const candidate *k = &v->candidate;
  int64_t from = k->first - samples_of(v, before_onset_s), margin = samples_of(v, 0.03) + 2;
  int64_t earliest = at - samples_of(v, v->settings->up_event_s + vertical_trigger_delay_s);
  if (from < earliest - margin)
    from = earliest - margin;
  size_t n = trace_of(v, h, candidate_strongest_band(k, &v->bank), &from, samples_of(v, settle_s), x);
  vertical_pick pick = {.onset = k->first < earliest ? earliest : k->first, .decided_by = at};
  onset_estimate onset = {0};
  bool refined = n > (size_t)(2 * margin + 2);
  if (refined) {
    onset = onset_find(x, n, (size_t)margin);
    pick.onset = from + (int64_t)onset.index;
  }
  describe(v, h, &pick);
  pick.uncertainty_s = refined ? onset_p_uncertainty_s(x, n, &onset, v->rate) : (float)unrefined_s;
  return pick;
}

static candidate_evidence evidence_of(const vertical *v, const history *h)
{
  candidate_evidence e = candidate_weigh(&v->candidate, &v->bank, &v->past, h, v->rate, &v->loudest_since_pick);
  double since = (double)(v->candidate.first - v->last_onset) / v->rate;
  e.coda = (float)fmax(0, 1 - since / fmax(v->settings->refractory_s, 1e-9));
  if (v->observer)
    v->observer(v->user, v->candidate.first, v->candidate.trigger, v->candidate.look, &e);
  return e;
}

static picker_rejection reason_of(const vertical *v, const history *h, const candidate_evidence *e, bool distant)
{
  if (distant)
    return PICKER_DISTANT;
  if (e->coda > 0)
    return PICKER_CODA;
  picker_rejection broken = rejection_after(h, v->candidate.first, v->rate);
  return broken == PICKER_REJECTIONS ? PICKER_NOISE : broken;
}

static vertical_pick describe_wave(const vertical *v, const history *h, int64_t at, float log_odds, float asked)
{
  vertical_pick pick = refine(v, h, at);
  pick.log_odds = log_odds;
  pick.odds = log_odds - asked;
  pick.supposed = pick.onset - v->supposed_onset < samples_of(v, same_wave_s);
  return pick;
}

static bool is_of_last_wave(const vertical *v, const vertical_pick *pick)
{
  return pick->onset - v->last_onset < samples_of(v, same_wave_s);
}

/* The onset stands out of the noise, and at a time that can be told, or else the odds are the better. */
static bool is_clear(const vertical *v, const vertical_pick *pick)
{
  return pick->snr >= v->settings->minimum_snr && pick->odds >= (pick->uncertainty_s > vague_s ? vague_odds : 0);
}

static vertical_outcome let_out(vertical *v, const vertical_pick *pick)
{
  v->candidate.open = false;
  if (is_of_last_wave(v, pick))
    return VERTICAL_NOTHING;
  v->pick = *pick;
  v->last_onset = v->pick.onset;
  v->supposed_onset = never;
  v->checks_at = v->pick.onset + samples_of(v, doubt_s);
  v->loudest_since_pick = (characteristic_lanes){0};
  v->pick_blocks = v->bank.blocks;
  return VERTICAL_PICKED;
}

/* Not sure, and too good to be forgotten: other stations may know more. */
static vertical_outcome suppose(vertical *v, const vertical_pick *pick)
{
  float odds = fminf(pick->odds, just_below);
  if (!(v->settings->tentative > 0) || is_of_last_wave(v, pick) || pick->snr < v->settings->minimum_snr ||
      (pick->supposed && fabsf(odds - v->supposed_odds) < other_odds))
    return VERTICAL_NOTHING;
  v->pick = *pick;
  v->pick.odds = odds;
  v->supposed_onset = pick->onset;
  v->supposed_odds = odds;
  return VERTICAL_TENTATIVE;
}

static vertical_outcome look(vertical *v, const history *h, int64_t at)
{
  candidate *k = &v->candidate;
  candidate_evidence e = evidence_of(v, h);
  bool distant = rejection_is_distant(k, &v->bank);
  float asked = candidate_asked(&e, k->look, v->settings->threshold_2);
  float log_odds = distant || isinf(asked) ? -INFINITY : candidate_log_odds(&e, k->look);
  bool likely = log_odds >= asked - (float)v->settings->tentative && !rejection_is_leap(h, k->trigger, v->rate);
  vertical_pick pick = {0};
  if (likely)
    pick = describe_wave(v, h, at, log_odds, asked);
  if (likely && is_clear(v, &pick))
    return let_out(v, &pick);
  candidate_next_look(k);
  if (k->look < CANDIDATE_LOOKS && candidate_looks_s[k->look] <= v->settings->up_event_s + 1e-9)
    return likely ? suppose(v, &pick) : drop(v, PICKER_NOISE);
  k->open = false;
  picker_rejection reason = likely && pick.snr < v->settings->minimum_snr ? PICKER_WEAK : reason_of(v, h, &e, distant);
  v->rejected[reason]++;
  return likely && (reason == PICKER_NOISE || reason == PICKER_CODA) ? suppose(v, &pick) : drop(v, reason);
}

static size_t finite_stretch(const history *h, int64_t at, int64_t end)
{
  size_t place = (size_t)(at & h->mask), most = (size_t)h->mask + 1 - place, n = 0;
  while (n < most && at + (int64_t)n < end && !isnan(h->values[place + n]))
    n++;
  return n;
}

vertical_outcome vertical_run(vertical *v, const history *h, int64_t *at, int64_t end)
{
  while (*at < end) {
    size_t n = finite_stretch(h, *at, end);
    if (n == 0) {
      int64_t hole = (*at)++;
      vertical_outcome outcome = v->in_gap ? VERTICAL_NOTHING : vertical_gap(v, hole);
      if (outcome != VERTICAL_NOTHING)
        return outcome;
      continue;
    }
    if (v->in_gap)
      begin(v, h, *at);
    bool up;
    if (v->candidate.open)
      n = 1;
    else if (v->checks_at != INT64_MAX && v->checks_at >= *at && n > (size_t)(v->checks_at - *at) + 1)
      n = (size_t)(v->checks_at - *at) + 1; /* however the samples were cut */
    int64_t blocks = v->bank.blocks;
    *at += (int64_t)characteristic_run(&v->bank, &h->values[*at & h->mask], n, &up);
    if (v->bank.blocks != blocks)
      past_follow(&v->past, &v->bank);
    int64_t last = *at - 1;
    if (v->candidate.open && up && candidate_is_outgrown(&v->candidate, &v->bank)) {
      v->last_up = last;
      open_candidate(v, last, true);
    } else if (v->candidate.open) {
      if (up)
        v->last_up = last;
      history seen = *h;
      seen.end = *at;
      vertical_outcome outcome = candidate_add(&v->candidate, &v->bank, v->rate) ? look(v, &seen, last) : VERTICAL_NOTHING;
      if (outcome != VERTICAL_NOTHING && v->checks_at <= last)
        v->checks_at = last + 1;
      if (outcome != VERTICAL_NOTHING)
        return outcome;
    } else if (up) {
      consider(v, last);
    }
    if (last >= v->checks_at) {
      v->checks_at = INT64_MAX;
      history seen = *h;
      seen.end = *at;
      picker_rejection reason = rejection_after(&seen, v->last_onset, v->rate);
      if (reason != PICKER_REJECTIONS)
        return withdraw(v, reason);
    }
  }
  return VERTICAL_NOTHING;
}
