#include "motion.h"

#include <math.h>

static const double noise_memory_s = 30, settle_s = 30;
static const double shaking_over_noise = 10, shaking_m_s2 = 0.01, strong_m_s2 = 0.1; /* open a window without a pick; strong: whatever the noise */
static const double opened_early_s = 2;
static const double close_growth = 1.02; /* less than this in a filtered maximum keeps no window open */
static const double shaking_on = 0.2;    /* of the largest acceleration so far: the window stays open */

void motion_restart(motion_stream *m, double rate, ingest_unit unit)
{
  *m = (motion_stream){.opens_at = INT64_MAX};
  motion_design_init(&m->design, rate, unit);
  for (int c = 0; c < INGEST_COMPONENTS; c++)
    m->expected[c] = true, m->last_mean[c] = NAN;
}

static void start_component(motion_stream *m, int c, float first)
{
  motion_clear(&m->state, c);
  m->reference[c] = isnan(m->last_mean[c]) ? first : m->last_mean[c];
  m->running[c] = true;
  m->age = 0;
  m->noise = 0;
  baseline_restart(&m->mean[c], m->next, (int32_t)lround(m->design.rate));
  if (m->open)
    m->offset[c] = 0;
}

/* Should it go on in the midst of shaking, its first sample would be no reference. */
static void stop_component(motion_stream *m, int c)
{
  if (!m->running[c])
    return;
  if (m->mean[c].blocks > 0)
    m->last_mean[c] = baseline_before(&m->mean[c], m->next);
  motion_clear(&m->state, c);
  m->offset[c] = 0;
  m->running[c] = false;
}

static bool has(const history *h, int64_t index)
{
  return index >= h->begin && index < h->end;
}

/* The samples at m->next less their references; those missing are 0. Returns the set of those present. */
static int gather(motion_stream *m, const history components[INGEST_COMPONENTS], motion_lanes *x)
{
  int present = 0;
  *x = (motion_lanes){0};
  for (int c = 0; c < INGEST_COMPONENTS; c++) {
    float value = has(&components[c], m->next) ? history_at(&components[c], m->next) : NAN;
    if (isnan(value)) {
      stop_component(m, c);
      continue;
    }
    if (!m->running[c])
      start_component(m, c, value);
    baseline_add(&m->mean[c], value);
    (*x)[c] = value - m->reference[c];
    present |= 1 << c;
  }
  return present;
}

static void freeze_baseline(motion_stream *m, int64_t onset)
{
  for (int c = 0; c < INGEST_COMPONENTS; c++)
    m->offset[c] = m->running[c] ? baseline_before(&m->mean[c], onset) - m->reference[c] : 0;
}

static void open_window(motion_stream *m, int64_t onset)
{
  m->open = true;
  m->closed = false;
  m->seen = 0;
  m->since = onset;
  m->until = m->last_growth = m->next;
  m->maxima = (motion_maxima){0};
  freeze_baseline(m, onset);
}

/* A window that the shaking opened before its P was known begins at the P all the same. */
static void take_pick(motion_stream *m)
{
  int64_t onset = m->opens_at;
  m->opens_at = INT64_MAX;
  if (!m->open)
    open_window(m, onset);
  m->last_growth = m->next;
  if (m->since <= onset || (double)(m->since - onset) > opened_early_s * m->design.rate)
    return;
  m->since = onset;
  freeze_baseline(m, onset);
}

/* Whether acceleration is strong or stands out from the noise of the last half minute. */
static bool shaking(motion_stream *m, double square)
{
  bool settled = (double)m->age++ > settle_s * m->design.rate;
  double over = shaking_over_noise * shaking_over_noise * m->noise;
  bool shakes = settled && ((square > over && square > shaking_m_s2 * shaking_m_s2) || square > strong_m_s2 * strong_m_s2);
  double step = fmax(1 / (double)m->age, 1 / (noise_memory_s * m->design.rate));
  m->noise += step * ((settled && square > over ? over : square) - m->noise);
  return shakes;
}

static double square_of_band(const motion_outputs *out)
{
  const motion_lanes *a = &out->band_acceleration;
  return (*a)[0] * (*a)[0] + (*a)[1] * (*a)[1] + (*a)[2] * (*a)[2];
}

static void watch_window(motion_stream *m, const motion_outputs *out, int present, double quiet_s)
{
  double before = m->maxima.band_acceleration + m->maxima.band_velocity;
  bool any = false;
  m->seen |= present;
  m->until = m->next;
  if (motion_grow(&m->maxima, out, &any) && m->maxima.band_acceleration + m->maxima.band_velocity > before * close_growth * close_growth)
    m->last_growth = m->next;
  if (square_of_band(out) > shaking_on * shaking_on * m->maxima.band_acceleration)
    m->last_growth = m->next;
  m->grown |= any;
  if ((double)(m->next - m->last_growth) > quiet_s * m->design.rate) {
    m->open = false;
    m->closed = true;
  }
}

/* Where nothing is held, all have stopped: on to where one of them goes on. */
static bool skip_hole(motion_stream *m, const history components[INGEST_COMPONENTS], int64_t until)
{
  int64_t next = until;
  for (int c = 0; c < INGEST_COMPONENTS; c++) {
    if (has(&components[c], m->next))
      return false;
    if (components[c].begin > m->next && components[c].begin < next)
      next = components[c].begin;
  }
  for (int c = 0; c < INGEST_COMPONENTS; c++)
    stop_component(m, c);
  m->next = next;
  return true;
}

static void take(motion_stream *m, const history components[INGEST_COMPONENTS], double quiet_s)
{
  motion_outputs out;
  motion_lanes x;
  int present = gather(m, components, &x);
  if (m->opens_at <= m->next)
    take_pick(m);
  motion_filter(&m->design, &m->state, &x, &m->offset, &out);
  bool shakes = shaking(m, square_of_band(&out));
  if (shakes && !m->open)
    open_window(m, m->next);
  if (m->open && present)
    watch_window(m, &out, present, quiet_s);
  m->next++;
}

static int64_t first_of(const history components[INGEST_COMPONENTS])
{
  int64_t first = INT64_MAX;
  for (int c = 0; c < INGEST_COMPONENTS; c++)
    if (components[c].end > components[c].begin && components[c].begin < first)
      first = components[c].begin;
  return first;
}

void motion_run(motion_stream *m, const history components[INGEST_COMPONENTS], int64_t forced, double quiet_s)
{
  int64_t complete = INT64_MAX, newest = INT64_MIN;
  for (int c = 0; c < INGEST_COMPONENTS; c++) {
    if (components[c].end > newest)
      newest = components[c].end;
    if (m->expected[c] && components[c].end < complete)
      complete = components[c].end;
  }
  int64_t until = complete < newest ? complete : newest;
  if (!m->started)
    m->next = first_of(components);
  if (until < forced && m->next < forced) {
    until = forced;
    for (int c = 0; c < INGEST_COMPONENTS; c++)
      m->expected[c] = components[c].end >= forced;
  }
  while (m->next < until) {
    m->started = true;
    if (!skip_hole(m, components, until))
      take(m, components, quiet_s);
  }
}

void motion_open(motion_stream *m, int64_t onset)
{
  if (onset < m->opens_at)
    m->opens_at = onset;
}
