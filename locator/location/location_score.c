/* The innermost loop of association. */
#include "location_score.h"

#include <math.h>

/* What one place makes of the readings. */
typedef struct {
  float distance[SCORE_READINGS], travel[SCORE_READINGS], origin[SCORE_READINGS];
} sight;

/* Of each reading: what it is worth to the place, and 1 where it fits. */
typedef struct {
  float gain[SCORE_READINGS], fits[SCORE_READINGS];
} verdict;

/* Into each processor's copy of what calls it. */
#define ALWAYS_INLINE static inline __attribute__((always_inline))

static const float FAR_AWAY_KM = 1e5F, NEVER = -1e9F;

static void set_readings(score_witnesses *w, const location_problem *problem, char phase, size_t *lane);
static void set_silences(score_witnesses *w, const location_problem *problem);
static float median(const score_witnesses *w, const sight *s);

void score_call(score_witnesses *w, const location_problem *problem)
{
  w->p_times = travel_time_rows(problem->tables, 'P');
  w->s_times = travel_time_rows(problem->tables, 'S');
  w->settings = problem->settings;
  w->needed = 0;
  w->readings = problem->readings < LOCATION_SEARCHED ? problem->readings : LOCATION_SEARCHED;
  w->lanes = 0;
  set_readings(w, problem, 'P', &w->lanes);
  w->p_lanes = w->lanes;
  set_readings(w, problem, 'S', &w->lanes);
  set_silences(w, problem);
}

static void set_readings(score_witnesses *w, const location_problem *problem, char phase, size_t *lane)
{
  const double seen = 0.8;
  for (size_t i = 0; i < w->readings; i++) {
    const location_reading *r = &problem->reading[i];
    if (r->phase != phase)
      continue;
    size_t k = (*lane)++;
    w->lane[i] = k;
    w->east[k] = (float)r->at.east_km;
    w->north[k] = (float)r->at.north_km;
    w->time[k] = (float)(r->time_s - travel_time_elevation(problem->tables, phase, r->elevation_km));
    w->variance[k] = (float)(r->sigma_s * r->sigma_s);
    w->present[k] = 1;
    w->worth[k] = (float)log(seen / (2.5 * r->noise_rate));
  }
  for (; *lane % SCORE_LANES; ++*lane) {
    w->east[*lane] = w->north[*lane] = FAR_AWAY_KM;
    w->time[*lane] = w->variance[*lane] = w->present[*lane] = 0;
    w->worth[*lane] = NEVER;
  }
}

static void set_silences(score_witnesses *w, const location_problem *problem)
{
  size_t k = 0;
  for (; k < problem->silences; k++) {
    const location_silence *s = &problem->silence[k];
    w->silent_east[k] = (float)s->at.east_km;
    w->silent_north[k] = (float)s->at.north_km;
    w->since[k] = (float)s->since_s;
    w->sure_until[k] = (float)s->sure_until_s;
    w->seen[k] = (float)s->seen;
  }
  for (; k % SCORE_LANES; k++) {
    w->silent_east[k] = w->silent_north[k] = FAR_AWAY_KM;
    w->since[k] = w->seen[k] = 0;
    w->sure_until[k] = NEVER;
  }
  w->silence_lanes = k;
}

/* ---- loops over lanes ---- */

/* Natural logarithm of a positive normal number within 1e-4: exponent, and a polynomial of degree 4 that is minimax over the mantissa. */
ALWAYS_INLINE float log_about(float value)
{
  union {
    float number;
    int32_t bits;
  } u = {value};
  float exponent = (float)((u.bits >> 23) - 127);
  u.bits = (u.bits & 0x7fffff) | 0x3f800000;
  float m = u.number;
  return 0.6931472F * exponent - 1.73675974F + m * (2.80698053F + m * (-1.45519477F + m * (0.44050274F - 0.05545931F * m)));
}

ALWAYS_INLINE float travel(const float *row, float last_km, float distance)
{
  float within = distance < last_km ? distance : last_km;
  int32_t whole = (int32_t)within;
  return row[whole] + (row[whole + 1] - row[whole]) * (within - (float)whole);
}

ALWAYS_INLINE void look(const score_witnesses *w, const score_cell *c, const float *row, size_t from, size_t to, sight *s)
{
  const float last_km = (float)(w->p_times.length - 2), east = c->east, north = c->north;
  for (size_t i = from; i < to; i++) {
    float x = w->east[i] - east, y = w->north[i] - north, distance = sqrtf(x * x + y * y), t = travel(row, last_km, distance);
    s->distance[i] = distance;
    s->travel[i] = t;
    s->origin[i] = w->time[i] - t;
  }
}

ALWAYS_INLINE float sum_of(const float *lanes)
{
  return ((lanes[0] + lanes[4]) + (lanes[1] + lanes[5])) + ((lanes[2] + lanes[6]) + (lanes[3] + lanes[7]));
}

/* log(seen / (2.5 sigma rate)) - log(wide / variance) / 4 - off^2 / (2 wide), not below 0, of the readings in these lanes; and which of them fit. */
ALWAYS_INLINE void gain(const score_witnesses *w, const sight *s, float time, float crossing_s, float of_p, size_t from, size_t to, verdict *v)
{
  const float least = (float)w->settings->residual_s;
  for (size_t i = from; i < to; i++) {
    float travel_s = s->travel[i], present = w->present[i], t = travel_s < 85 ? travel_s : 85,
          model = (0.15F + 0.01F * t) * of_p; /* location_model_sigma() */
    float variance = w->variance[i] + model * model, wide = variance + crossing_s * crossing_s, off = s->origin[i] - time;
    float g = w->worth[i] - 0.25F * log_about(variance * wide) - 0.5F * off * off / wide;
    float most = (0.05F * t > least ? 0.05F * t : least) + 1.5F * crossing_s; /* location_tolerance() */
    v->gain[i] = g > 0 ? g : 0;
    v->fits[i] = off * off < most * most ? present : 0;
  }
}

/* The sum over all; NEVER if too few fit. */
ALWAYS_INLINE float sum_of_gains(const score_witnesses *w, const sight *s, float time, float crossing_s)
{
  verdict v;
  float gains[SCORE_LANES] = {0}, fitting[2][SCORE_LANES] = {{0}};
  gain(w, s, time, crossing_s, 1, 0, w->p_lanes, &v);
  gain(w, s, time, crossing_s, 1.5F, w->p_lanes, w->lanes, &v);
  for (size_t i = 0; i < w->lanes; i += SCORE_LANES)
    for (size_t k = 0; k < SCORE_LANES; k++) {
      gains[k] += v.gain[i + k];
      fitting[i >= w->p_lanes][k] += v.fits[i + k];
    }
  if (w->needed > 0 && !location_enough(w->needed, sum_of(fitting[0]), sum_of(fitting[1])))
    return NEVER;
  return sum_of(gains);
}

static float nearest_of(const score_witnesses *w, const sight *s)
{
  float least[SCORE_LANES / 2] = {FAR_AWAY_KM, FAR_AWAY_KM, FAR_AWAY_KM, FAR_AWAY_KM};
  for (size_t i = 0; i < w->lanes; i += SCORE_LANES / 2)
    for (size_t k = 0; k < SCORE_LANES / 2; k++)
      least[k] = s->distance[i + k] < least[k] ? s->distance[i + k] : least[k];
  float a = least[0] < least[1] ? least[0] : least[1], b = least[2] < least[3] ? least[2] : least[3];
  return a < b ? a : b;
}

FOR_EACH_PROCESSOR void score_readings(const score_witnesses *w, int anchor, score_cell *c)
{
  sight s;
  look(w, c, travel_time_row(&w->p_times, c->depth), 0, w->p_lanes, &s);
  look(w, c, travel_time_row(&w->s_times, c->depth), w->p_lanes, w->lanes, &s);
  float deep = (c->depth - (float)w->settings->default_depth_km) / (float)w->settings->depth_sigma_km;
  c->time = anchor >= 0 ? s.origin[w->lane[anchor]] : median(w, &s);
  /* less location_depth_cost() and location_remoteness_at() */
  c->score = sum_of_gains(w, &s, c->time, 0.14F * c->half_width + 0.06F * c->half_depth) - 1.5F * log_about(1 + 0.5F * deep * deep) -
             1.7F * log_about(1 + nearest_of(w, &s) / 20);
  c->heard = false;
}

static float median(const score_witnesses *w, const sight *s)
{
  float sorted[LOCATION_SEARCHED];
  size_t n = w->readings;
  for (size_t i = 0; i < n; i++) {
    float value = s->origin[w->lane[i]];
    size_t k = i;
    for (; k > 0 && value < sorted[k - 1]; k--)
      sorted[k] = sorted[k - 1];
    sorted[k] = value;
  }
  return n == 0 ? 0 : n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

/* As location_silence_penalty(), less than nothing. */
ALWAYS_INLINE float silence(const score_witnesses *w, const score_cell *c, const float *row, float farthest)
{
  const float last_km = (float)(w->p_times.length - 2), reach = farthest > 10 ? farthest : 10, least = (float)w->settings->residual_s;
  float cost[SCORE_SILENCES], costs[SCORE_LANES] = {0};
  for (size_t i = 0; i < w->silence_lanes; i++) {
    float sure_until = w->sure_until[i], since = w->since[i], seen = w->seen[i], x = w->silent_east[i] - c->east, y = w->silent_north[i] - c->north,
          distance = sqrtf(x * x + y * y);
    float t = travel(row, last_km, distance), part = distance / reach, share = part <= 1 ? 1 : 3 - 2 * part;
    float passed = sure_until - c->time - t, margin = 0.05F * t > least ? 0.05F * t : least;
    share = share > 0 ? share : 0;
    float passed_part = passed / margin;
    share *= passed_part < 1 ? passed_part : 1;
    float heard = passed > 0 ? seen * share : 0, chance = c->time + t >= since ? heard : 0;
    cost[i] = log_about(1 - chance);
  }
  for (size_t i = 0; i < w->silence_lanes; i += SCORE_LANES)
    for (size_t k = 0; k < SCORE_LANES; k++)
      costs[k] += cost[i + k];
  return sum_of(costs);
}

FOR_EACH_PROCESSOR void score_silences(const score_witnesses *w, score_cell *c)
{
  sight s;
  c->heard = true;
  if (c->score <= 0 || w->silence_lanes == 0)
    return;
  const float *row = travel_time_row(&w->p_times, c->depth);
  const float least = (float)w->settings->residual_s;
  look(w, c, row, 0, w->p_lanes, &s);
  float farthest = 0;
  for (size_t i = 0; i < w->p_lanes; i++) {
    float most = 0.05F * s.travel[i] > least ? 0.05F * s.travel[i] : least;
    if (fabsf(s.origin[i] - c->time) <= most && s.distance[i] > farthest && w->present[i] > 0)
      farthest = s.distance[i];
  }
  c->score += silence(w, c, row, farthest);
}
