#include "shear.h"

#include <math.h>
#include <stdlib.h>

#include "filters.h"
#include "network.h"
#include "onset.h"
#include "shear_weights.h"

static const double block_s = 0.1, longest_s = 40, longest_tentative_s = 12;        /* what is weak is near */
static const double edges_hz[] = {0.7, 4, 4, 16};                                   /* of the two bands */
static const double broad_hz[] = {0.7, 10};                                         /* of the trace in which the onset is looked for */
enum { LEAD = 20, SETTLE = 5, RECENT = 4, BRIEF = 5, LONG = 15, LEAST_BEFORE = 2 }; /* blocks */
static const double onset_window_s = 1.6, settle_s = 0.7, clear_of_p_s = 0.15, after_p_s = 0.25, margin_s = 0.05;
static const double snr_s = 0.5;
static const float worth_a_look = 0.4f;                      /* log growth in any band */
static const float odds_at_once = -0.6f, odds_asked = -1.7f; /* logarithms; the lesser where the onset is waited_s ago */
static const float sure_odds = 3, most_doubt = 4;            /* of the P: what follows one that may be noise must make up for what it lacks */
static const double waited_s = 0.3, same_s = 0.3;

static const network judge = {SHEAR_MEASURES, SHEAR_UNITS, shear_of_measure[0], shear_of_unit, SHEAR_CONSTANT};

enum { LOW = 0, HIGH = 4, VERTICAL = 0, FIRST = 1, SECOND = 2 }; /* lanes */

void shear_restart(shear *s, const picker_settings *settings, double rate)
{
  shear_observer *observer = s->observer;
  void *user = s->user;
  *s = (shear){.settings = settings, .rate = rate, .observer = observer, .user = user};
  s->block = (int32_t)lround(block_s * rate);
  for (int i = 0; i < CHARACTERISTIC_LANES; i++) {
    s->high_step[i] = (float)filters_smoothing(rate, edges_hz[i / HIGH * 2]);
    s->low_step[i] = (float)filters_smoothing(rate, fmin(edges_hz[i / HIGH * 2 + 1], 0.42 * rate));
  }
}

void shear_note_p(shear *s, const shear_note *note)
{
  if (s->note_count == SHEAR_NOTES)
    return;
  s->notes[s->note_count++] = *note;
}

static bool has(const history *h, int64_t index)
{
  return index >= h->begin && index < h->end && !isnan(history_at(h, index));
}

static void open_after(shear *s, const shear_note *p, int64_t heard_at, const history components[INGEST_COMPONENTS])
{
  characteristic_lanes none = {0};
  s->open = true;
  s->number = p->number;
  s->tentative = p->tentative;
  s->p_onset = p->onset;
  s->doubt = fminf(fmaxf(sure_odds - p->log_odds, 0), most_doubt);
  s->heard_at = heard_at;
  s->start = s->next = p->onset - LEAD * s->block;
  s->horizontals = has(&components[FIRST], p->onset) && has(&components[SECOND], p->onset);
  s->high_1 = s->high_2 = s->low_1 = s->low_2 = s->sum = s->noise = s->loudest = none;
  s->in_block = 0;
  s->blocks = 0;
  for (int c = 0; c < INGEST_COMPONENTS; c++)
    s->last[c] = NAN;
}

/* Notes whose sample is there. The search after an older P goes on till the new one is old enough to be known from an S. */
static void hear(shear *s, const history components[INGEST_COMPONENTS], int64_t until)
{
  while (s->note_count > 0) {
    const shear_note note = s->notes[0];
    int64_t due = note.withdrawn || note.tentative || !s->open || s->tentative ? note.at : note.at + lround((BRIEF + 1) * block_s * s->rate);
    if (due >= until || (s->open && s->next <= due))
      return;
    s->note_count--;
    for (int i = 0; i < s->note_count; i++)
      s->notes[i] = s->notes[i + 1];
    if (!note.withdrawn && !(note.tentative && s->open))
      open_after(s, &note, due, components);
    else if (note.withdrawn && note.number == s->number)
      s->open = false;
  }
}

static const characteristic_lanes *energy(const shear *s, int64_t block)
{
  return &s->energies[(uint64_t)block % SHEAR_BLOCKS];
}

static void mean_of(const shear *s, int64_t from, int64_t to, characteristic_lanes *mean)
{
  characteristic_lanes sum = {0};
  for (int64_t b = from; b < to; b++)
    sum += *energy(s, b);
  *mean = sum / (float)(to > from ? to - from : 1);
}

static float horizontal(const shear *s, const characteristic_lanes *e, int band)
{
  return s->horizontals ? (*e)[band + FIRST] + (*e)[band + SECOND] : (*e)[band + VERTICAL];
}

static float log_of(float a, float b, float least, float most)
{
  if (!(a > 0))
    return b > 0 ? least : 0;
  return fminf(fmaxf(b > 0 ? logf(a / b) : most, least), most);
}

/* Of one band: measures[0..6]. */
static void measure_band(const shear *s, int band, const characteristic_lanes *recent, const characteristic_lanes *before,
                         const characteristic_lanes *longer, float *measures)
{
  float h = horizontal(s, recent, band);
  measures[0] = log_of(h, horizontal(s, before, band), -2, 5);
  measures[1] = log_of(h, horizontal(s, longer, band), -2, 5);
  measures[2] = log_of(h, horizontal(s, &s->loudest, band), -4, 4);
  measures[3] = log_of(h, horizontal(s, &s->noise, band), -1, 8);
  measures[4] = s->horizontals ? log_of(h, (*recent)[band], -2, 4) : 0;
  measures[5] = s->horizontals ? log_of(horizontal(s, longer, band), (*longer)[band], -2, 4) : 0;
  measures[6] = log_of((*recent)[band], (*longer)[band], -2, 5);
}

/* The horizontal that grew most, band-passed, from onset_window_s before `until` or from just after the P. Returns how many samples, and the first's
 * index. */
static size_t trace_of(const shear *s, const history components[INGEST_COMPONENTS], int component, int64_t until, int64_t *from, float *out)
{
  const history *h = &components[component];
  float high = (float)filters_smoothing(s->rate, broad_hz[0]), low = (float)filters_smoothing(s->rate, fmin(broad_hz[1], 0.42 * s->rate));
  int64_t earliest = s->p_onset + lround(clear_of_p_s * s->rate);
  *from = until - lround(onset_window_s * s->rate);
  if (*from < earliest)
    *from = earliest;
  int64_t start = *from - lround(settle_s * s->rate);
  float h1 = NAN, h2 = 0, l1 = 0, l2 = 0;
  size_t n = 0;
  for (int64_t i = start; i < until && n < ONSET_MAXIMUM; i++) {
    float x = has(h, i) ? history_at(h, i) : h1;
    if (isnan(h1))
      h1 = x;
    h1 += high * (x - h1);
    x -= h1;
    h2 += high * (x - h2);
    x -= h2;
    l1 += low * (x - l1);
    l2 += low * (l1 - l2);
    if (i >= *from)
      out[n++] = l2;
  }
  return n;
}

static int grown_most(const shear *s, const characteristic_lanes *recent, const characteristic_lanes *longer)
{
  if (!s->horizontals)
    return VERTICAL;
  float first = ((*recent)[FIRST] + (*recent)[HIGH + FIRST]) * ((*longer)[SECOND] + (*longer)[HIGH + SECOND]);
  float second = ((*recent)[SECOND] + (*recent)[HIGH + SECOND]) * ((*longer)[FIRST] + (*longer)[HIGH + FIRST]);
  return first >= second ? FIRST : SECOND;
}

/* The last blocks, oldest first, over the mean of the recent ones; 0 before the search began. */
static void follow_course(const shear *s, const characteristic_lanes *recent, float *course)
{
  for (int i = 0; i < SHEAR_COURSE; i++, course += SHEAR_COURSES) {
    int64_t b = s->blocks - SHEAR_COURSE + i;
    for (int k = 0; k < SHEAR_COURSES; k++)
      course[k] = 0;
    if (b < SETTLE)
      continue;
    for (int band = LOW, k = 0; band <= HIGH; band += HIGH - LOW, k += 2) {
      float scale = horizontal(s, recent, band);
      course[k] = log_of(horizontal(s, energy(s, b), band), scale, -6, 3);
      course[k + 1] = s->horizontals ? log_of((*energy(s, b))[band], scale, -6, 3) : 0;
    }
  }
}

/* A newer P that begins there: then this is its P rather than the S of the older. */
static bool is_newer_p(const shear *s, int64_t onset)
{
  for (int i = 0; i < s->note_count; i++)
    if (!s->notes[i].withdrawn && !s->notes[i].tentative && s->notes[i].at < s->next && (double)llabs(s->notes[i].onset - onset) <= same_s * s->rate)
      return true;
  return false;
}

/* When a block is full. True: an S. */
static bool look(shear *s, const history components[INGEST_COMPONENTS])
{
  int64_t b = s->blocks, first = b - RECENT, brief = first - BRIEF, since = first - LONG;
  brief = brief < LEAD ? LEAD : brief;
  since = since < LEAD ? LEAD : since;
  characteristic_lanes recent, before, longer;
  mean_of(s, first, b, &recent);
  mean_of(s, brief, first, &before);
  mean_of(s, since, first, &longer);
  float measures[SHEAR_MEASURES], x[ONSET_MAXIMUM];
  measure_band(s, LOW, &recent, &before, &longer, measures);
  measure_band(s, HIGH, &recent, &before, &longer, measures + 7);
  if (measures[1] < worth_a_look && measures[8] < worth_a_look)
    return false;
  int64_t from;
  size_t n = trace_of(s, components, grown_most(s, &recent, &longer), s->next, &from, x), margin = (size_t)lround(margin_s * s->rate) + 2;
  if (n < 2 * margin + 2)
    return false;
  onset_estimate found = onset_find(x, n, margin);
  int64_t onset = from + (int64_t)found.index;
  characteristic_lanes newest = *energy(s, b - 1);
  measures[14] = fminf(found.contrast, 2);
  measures[15] = (float)((double)(s->next - onset) / s->rate);
  measures[16] =
      log_of(horizontal(s, &newest, LOW) + horizontal(s, &newest, HIGH), horizontal(s, &recent, LOW) + horizontal(s, &recent, HIGH), -2, 2);
  measures[17] = s->horizontals;
  follow_course(s, &recent, measures + SHEAR_RATIOS);
  if (s->observer) {
    s->observer(s->user, s->p_onset, s->next, onset, measures);
    return false;
  }
  bool waited = (double)(s->next - onset) >= waited_s * s->rate - 1e-6;
  if (network_log_odds(&judge, shear_of_bias, measures) < (waited ? odds_asked : odds_at_once) + s->doubt ||
      (double)(onset - s->p_onset) < after_p_s * s->rate || is_newer_p(s, onset))
    return false;
  s->pick = (shear_pick){
      .onset = onset, .decided_by = s->next - 1 > s->heard_at ? s->next - 1 : s->heard_at, .p_number = s->number, .tentative = s->tentative};
  s->pick.uncertainty_s = onset_s_uncertainty_s(x, n, &found, s->rate);
  s->pick.snr = onset_snr(x, n, found.index, (size_t)(snr_s * s->rate));
  return true;
}

/* Noise before the P, and the loudest of what is no more recent after it. */
static void end_block(shear *s)
{
  s->energies[(uint64_t)s->blocks++ % SHEAR_BLOCKS] = s->sum / (float)s->block;
  s->sum = (characteristic_lanes){0};
  s->in_block = 0;
  if (s->blocks == LEAD - 1)
    mean_of(s, SETTLE, s->blocks, &s->noise);
  if (s->blocks - RECENT <= LEAD)
    return;
  const characteristic_lanes *settled = energy(s, s->blocks - RECENT - 1);
  for (int i = 0; i < CHARACTERISTIC_LANES; i++)
    s->loudest[i] = fmaxf(s->loudest[i], (*settled)[i]);
}

/* A hole before the P is as still as can be; one after it ends the search. */
static bool gather(shear *s, const history components[INGEST_COMPONENTS], characteristic_lanes *x)
{
  int count = s->horizontals ? INGEST_COMPONENTS : 1;
  for (int c = 0; c < count; c++) {
    if (has(&components[c], s->next)) {
      float value = history_at(&components[c], s->next);
      if (isnan(s->last[c]))
        s->high_1[c] = s->high_1[HIGH + c] = value;
      s->last[c] = value;
    } else if (s->next >= s->p_onset) {
      return false;
    }
    float value = isnan(s->last[c]) ? 0 : s->last[c];
    (*x)[LOW + c] = (*x)[HIGH + c] = value;
  }
  return true;
}

static void filter(shear *s, const characteristic_lanes *sample)
{
  characteristic_lanes x = *sample;
  s->high_1 += s->high_step * (x - s->high_1);
  x -= s->high_1;
  s->high_2 += s->high_step * (x - s->high_2);
  x -= s->high_2;
  s->low_1 += s->low_step * (x - s->low_1);
  s->low_2 += s->low_step * (s->low_1 - s->low_2);
  s->sum += s->low_2 * s->low_2;
}

/* The next sample. True: an S. */
static bool take(shear *s, const history components[INGEST_COMPONENTS])
{
  characteristic_lanes x = {0};
  if (!gather(s, components, &x) || (double)(s->next - s->p_onset) > (s->tentative ? longest_tentative_s : longest_s) * s->rate) {
    s->open = false;
    return false;
  }
  filter(s, &x);
  s->next++;
  if (++s->in_block < s->block)
    return false;
  end_block(s);
  if (s->blocks < LEAD + RECENT + LEAST_BEFORE || !look(s, components))
    return false;
  s->open = false;
  return true;
}

/* Index just past the newest sample that may be taken. The sensor's first sample has index 0: so long is one waited for that never came. */
static int64_t complete_until(const shear *s, const history components[INGEST_COMPONENTS])
{
  int64_t until = components[VERTICAL].end, forced = until - lround(shear_patience_s * s->rate);
  for (int c = FIRST; c <= SECOND; c++) {
    int64_t end = components[c].end == HISTORY_EMPTY ? 0 : components[c].end;
    if (end >= forced && end < until)
      until = end;
  }
  return until;
}

bool shear_run(shear *s, const history components[INGEST_COMPONENTS])
{
  int64_t until = complete_until(s, components);
  for (;;) {
    hear(s, components, until);
    if (!s->open || s->next >= until)
      return false;
    if (take(s, components))
      return true;
  }
}
