#include "picker.h"

#include <math.h>
#include <stdlib.h>

#include "history.h"
#include "motion.h"
#include "p_wave.h"
#include "shear.h"
#include "vertical.h"

static const double lowest_rate = 20, highest_rate = 500;
static const double history_s = 10;
static const double flat_s = 0.5;
static const double prompt_s = 0.8; /* only what is next to noise is let out later, by the look at 1.3 s */

typedef struct {
  history history;
  bool open;
  double rate;
  ingest_unit unit;
} component;

struct picker {
  const picker_settings *settings;
  int32_t sensor;
  double rate_limit, rate; /* rate: of what is coming in, 0 before */
  ingest_unit unit;
  int64_t anchor_index, anchor_time;    /* of the newest piece: the grid's place in time */
  uint32_t picks, sure, supposed;       /* how many; the number of the last that was sure, of the last tentative one */
  uint64_t rejected[PICKER_REJECTIONS]; /* the vertical has its own */
  component components[INGEST_COMPONENTS];
  vertical vertical;
  shear shear;
  p_wave p_wave;
  motion_stream motion;
  float rings[];
};

picker *picker_create(const picker_settings *settings, int32_t sensor, double rate)
{
  if (!(rate >= lowest_rate && rate <= highest_rate))
    return NULL;
  size_t capacity = history_capacity(rate, history_s);
  /* aligned for the vectors inside */
  size_t size = sizeof(picker) + INGEST_COMPONENTS * capacity * sizeof(float);
  picker *p = aligned_alloc(64, (size + 63) / 64 * 64);
  if (!p)
    return NULL;
  *p = (picker){.settings = settings, .sensor = sensor, .rate_limit = rate};
  for (size_t c = 0; c < INGEST_COMPONENTS; c++)
    history_init(&p->components[c].history, p->rings + c * capacity, capacity);
  return p;
}

void picker_destroy(picker *p)
{
  free(p);
}

void picker_succeed(picker *p, const picker *before)
{
  p->picks = before->picks;
  picker_count(before, p->rejected);
}

int64_t picker_delay(const picker_settings *settings)
{
  return (int64_t)((fmin(settings->up_event_s, prompt_s) + vertical_trigger_delay_s) * 1e9);
}

static int64_t time_of(const picker *p, int64_t index)
{
  return p->anchor_time + llround((double)(index - p->anchor_index) * 1e9 / p->rate);
}

static bool same_rate(double a, double b)
{
  return fabs(a - b) <= 1e-6 * b;
}

static bool is_usable(const picker *p, const ingest_samples *s)
{
  if (s->component < 0 || s->component >= INGEST_COMPONENTS || s->count == 0)
    return false;
  if (s->unit != INGEST_UNIT_VELOCITY && s->unit != INGEST_UNIT_ACCELERATION)
    return false;
  return s->rate >= lowest_rate && s->rate <= p->rate_limit * (1 + 1e-6);
}

/* The whole sensor anew, at the piece's rate. */
static void configure(picker *p, const ingest_samples *s)
{
  p->rate = s->rate;
  p->unit = s->unit;
  p->anchor_index = 0;
  p->anchor_time = s->start;
  for (int c = 0; c < INGEST_COMPONENTS; c++) {
    p->components[c].open = false;
    p->components[c].history.begin = p->components[c].history.end = HISTORY_EMPTY;
  }
  for (int i = 0; i < PICKER_REJECTIONS; i++)
    p->rejected[i] += p->vertical.rejected[i];
  vertical_restart(&p->vertical, p->settings, p->rate);
  shear_restart(&p->shear, p->settings, p->rate);
  p_wave_restart(&p->p_wave, p->rate, p->unit);
  p->p_wave.clipped_until = 0;
  motion_restart(&p->motion, p->rate, p->unit);
}

/* The vertical says what the sensor's rate and unit are; before it has spoken, whoever comes first. */
static bool fits(picker *p, const ingest_samples *s)
{
  if (p->rate > 0 && same_rate(s->rate, p->rate) && s->unit == p->unit)
    return true;
  if (p->rate > 0 && s->component != INGEST_VERTICAL && p->components[INGEST_VERTICAL].open)
    return false;
  configure(p, s);
  return true;
}

/* Makes the piece's first sample the next one of its component. */
static void place(picker *p, component *k, const ingest_samples *s)
{
  int32_t flat = (int32_t)ceil(flat_s * p->rate);
  int64_t index = p->anchor_index + llround((double)(s->start - p->anchor_time) * p->rate / 1e9);
  if (!k->open) {
    history_restart(&k->history, index, flat);
  } else if (s->gap) {
    if (index <= k->history.end)
      history_break(&k->history);
    else
      history_skip(&k->history, index);
  }
  k->open = true;
  p->anchor_index = k->history.end;
  p->anchor_time = s->start;
}

static uint64_t id_of(const picker *p, uint32_t number)
{
  return ((uint64_t)(uint32_t)p->sensor << 32) + number;
}

static void send_withdrawal(picker *p, picker_rejection reason, int64_t at, const picker_sink *sink)
{
  shear_note_p(&p->shear, &(shear_note){.at = at, .number = p->sure, .withdrawn = true});
  p_wave_close(&p->p_wave, id_of(p, p->sure));
  picker_withdraw withdraw = {.pick = id_of(p, p->sure), .sensor = p->sensor, .reason = picker_rejections[reason]};
  if (sink->withdraw)
    sink->withdraw(sink->user, &withdraw);
}

/* What the vertical found last; a number of its own unless it is the wave of the tentative pick that stands. */
static picker_pick found_by_vertical(picker *p, bool tentative)
{
  const vertical_pick *found = &p->vertical.pick;
  uint32_t number = found->supposed ? p->supposed : ++p->picks;
  *(tentative ? &p->supposed : &p->sure) = number;
  return (picker_pick){.id = id_of(p, number),
                       .sensor = p->sensor,
                       .phase = 'P',
                       .polarity = found->polarity,
                       .time = time_of(p, found->onset),
                       .uncertainty_s = found->uncertainty_s,
                       .snr = found->snr,
                       .data_until = time_of(p, found->decided_by),
                       .tentative = tentative,
                       .odds = found->odds};
}

static void send_pick(picker *p, const picker_sink *sink)
{
  const vertical_pick *found = &p->vertical.pick;
  picker_pick pick = found_by_vertical(p, false);
  if (sink->pick)
    sink->pick(sink->user, &pick);
  p_wave_open(&p->p_wave, &p->components[INGEST_VERTICAL].history, pick.id, found->onset);
  motion_open(&p->motion, found->onset);
  shear_note_p(&p->shear, &(shear_note){.at = found->decided_by, .onset = found->onset, .number = p->sure, .log_odds = found->log_odds});
}

static void send_tentative(picker *p, const picker_sink *sink)
{
  picker_pick pick = found_by_vertical(p, true);
  const vertical_pick *found = &p->vertical.pick;
  if (sink->tentative)
    sink->tentative(sink->user, &pick);
  if (!found->supposed)
    shear_note_p(
        &p->shear,
        &(shear_note){.at = found->decided_by, .onset = found->onset, .number = p->supposed, .log_odds = found->log_odds, .tentative = true});
}

static void send_drop(picker *p, picker_rejection reason, int64_t at, const picker_sink *sink)
{
  shear_note_p(&p->shear, &(shear_note){.at = at, .number = p->supposed, .withdrawn = true});
  picker_withdraw withdraw = {.pick = id_of(p, p->supposed), .sensor = p->sensor, .reason = picker_rejections[reason]};
  if (sink->tentative && sink->withdraw)
    sink->withdraw(sink->user, &withdraw);
}

static void send_s(picker *p, const picker_sink *sink)
{
  const shear_pick *found = &p->shear.pick;
  picker_pick pick = {.id = id_of(p, found->p_number) | PICKER_S,
                      .sensor = p->sensor,
                      .phase = 'S',
                      .time = time_of(p, found->onset),
                      .uncertainty_s = found->uncertainty_s,
                      .snr = found->snr,
                      .data_until = time_of(p, found->decided_by),
                      .tentative = found->tentative};
  if (found->tentative && sink->tentative)
    sink->tentative(sink->user, &pick);
  if (found->tentative)
    return;
  if (sink->pick)
    sink->pick(sink->user, &pick);
  p_wave_close(&p->p_wave, pick.id & ~PICKER_S);
}

/* What the vertical says of the samples before `at`. */
static void send_outcome(picker *p, vertical_outcome outcome, int64_t at, const picker_sink *sink)
{
  if (outcome == VERTICAL_WITHDRAWN)
    send_withdrawal(p, p->vertical.reason, at - 1, sink);
  else if (outcome == VERTICAL_PICKED)
    send_pick(p, sink);
  else if (outcome == VERTICAL_TENTATIVE)
    send_tentative(p, sink);
  else if (outcome == VERTICAL_DROPPED)
    send_drop(p, p->vertical.reason, at - 1, sink);
}

static void send_p_waves(picker *p, const picker_sink *sink)
{
  const history components[] = {p->components[0].history, p->components[1].history, p->components[2].history};
  picker_p_wave full;
  int64_t until;
  while (p_wave_take(&p->p_wave, components, &full, &until)) {
    full.sensor = p->sensor;
    full.data_until = time_of(p, until);
    if (sink->p_wave)
      sink->p_wave(sink->user, &full);
  }
}

/* S waves in what the horizontals hold and the vertical before `until`. */
static void run_shear(picker *p, int64_t until, const picker_sink *sink)
{
  history components[] = {p->components[0].history, p->components[1].history, p->components[2].history};
  components[INGEST_VERTICAL].end = until;
  while (p->settings->s_picks && shear_run(&p->shear, components))
    send_s(p, sink);
}

/* In steps at whose ends a window of the P wave is full, so that what comes out comes in the order of the samples it needs. */
static void run_vertical(picker *p, int64_t from, const picker_sink *sink)
{
  const history *h = &p->components[INGEST_VERTICAL].history;
  int64_t taken = from;
  while (from < h->end) {
    int64_t due = p_wave_due(&p->p_wave), end = due < h->end ? due : h->end;
    vertical_outcome outcome = vertical_run(&p->vertical, h, &from, end > from ? end : from + 1);
    p_wave_add(&p->p_wave, h, taken, from);
    send_outcome(p, outcome, from, sink);
    taken = from;
    run_shear(p, from, sink);
    send_p_waves(p, sink);
  }
}

void picker_feed(picker *p, const ingest_samples *samples, const picker_sink *sink)
{
  if (!is_usable(p, samples) || !fits(p, samples)) {
    p->rejected[PICKER_PIECE]++;
    return;
  }
  component *k = &p->components[samples->component];
  history *h = &k->history;
  if (samples->component == INGEST_VERTICAL)
    characteristic_expect(&p->vertical.bank, samples->count);
  if (samples->component == INGEST_VERTICAL && samples->gap && k->open) {
    send_outcome(p, vertical_gap(&p->vertical, h->end), h->end, sink);
    p_wave_restart(&p->p_wave, p->rate, p->unit);
  }
  place(p, k, samples);
  p->motion.expected[samples->component] = true;
  size_t most = (size_t)(h->mask + 1) / 16;
  for (size_t i = 0; i < samples->count; i += most) {
    size_t n = samples->count - i < most ? samples->count - i : most;
    int64_t from = h->end;
    history_append(h, samples->values + i, n);
    if (samples->clipped)
      p->p_wave.clipped_until = p->motion.clipped_until = h->end;
    if (samples->component == INGEST_VERTICAL)
      run_vertical(p, from, sink);
    const history components[] = {p->components[0].history, p->components[1].history, p->components[2].history};
    motion_run(&p->motion, components, h->end - (h->mask + 1) + (int64_t)most, p->settings->quiet_s);
    run_shear(p, p->components[INGEST_VERTICAL].history.end, sink);
  }
}

void picker_count(const picker *p, uint64_t rejected[PICKER_REJECTIONS])
{
  for (int i = 0; i < PICKER_REJECTIONS; i++)
    rejected[i] = p->rejected[i] + p->vertical.rejected[i];
  for (int c = 0; c < INGEST_COMPONENTS; c++) {
    rejected[PICKER_FLAT] += p->components[c].history.flat_runs;
    rejected[PICKER_VALUE] += p->components[c].history.no_numbers;
  }
}

bool picker_motion_take(picker *p, picker_motion *motion)
{
  motion_stream *m = &p->motion;
  if (!m->grown && !m->closed)
    return false;
  *motion =
      (picker_motion){.sensor = p->sensor, .since = time_of(p, m->since), .until = time_of(p, m->until), .clipped = m->clipped_until > m->since};
  motion_report(&m->maxima, motion_components(m->seen), motion);
  m->grown = m->closed = false;
  return true;
}
