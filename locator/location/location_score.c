/* The innermost loop of association. */
#include "location_score.h"

#include <math.h>
#include <string.h>

/* Into each processor's copy of what calls it: lanes go from hand to hand in registers alone, and no call depends on where they would lie. */
#pragma GCC diagnostic ignored "-Wpsabi"
#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* Readings side by side, in one register or in two where the processor's are shorter; `choice`: of each lane all bits or none. */
typedef float lanes __attribute__((vector_size(SCORE_LANES * sizeof(float))));
typedef int32_t choice __attribute__((vector_size(SCORE_LANES * sizeof(int32_t))));

/* What one place makes of the readings. */
typedef struct {
  lanes distance[SCORE_BLOCKS], travel[SCORE_BLOCKS], origin[SCORE_BLOCKS];
} sight;

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
  size_t lane = 0;
  set_readings(w, problem, 'P', &lane);
  w->p_blocks = lane / SCORE_LANES;
  set_readings(w, problem, 'S', &lane);
  w->blocks = lane / SCORE_LANES;
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

/* ---- over lanes ---- */

ALWAYS_INLINE lanes load(const float *from)
{
  lanes x;
  memcpy(&x, from, sizeof x);
  return x;
}

ALWAYS_INLINE lanes choose(choice which, lanes a, lanes b)
{
  return (lanes)((which & (choice)a) | (~which & (choice)b));
}

ALWAYS_INLINE lanes smaller(lanes a, lanes b)
{
  return choose(a < b, a, b);
}

ALWAYS_INLINE lanes larger(lanes a, lanes b)
{
  return choose(a > b, a, b);
}

ALWAYS_INLINE lanes all(float value)
{
  return (lanes){} + value;
}

ALWAYS_INLINE lanes root(lanes x)
{
  lanes y;
  for (size_t k = 0; k < SCORE_LANES; k++)
    y[k] = sqrtf(x[k]);
  return y;
}

/* Natural logarithm of a positive normal number within 1e-4: exponent, and a polynomial of degree 4 that is minimax over the mantissa. */
ALWAYS_INLINE lanes log_of_all(lanes value)
{
  choice bits = (choice)value;
  lanes exponent = __builtin_convertvector((bits >> 23) - 127, lanes), m = (lanes)((bits & 0x7fffff) | 0x3f800000);
  return 0.6931472F * exponent - 1.73675974F + m * (2.80698053F + m * (-1.45519477F + m * (0.44050274F - 0.05545931F * m)));
}

ALWAYS_INLINE float log_about(float value)
{
  return log_of_all(all(value))[0];
}

ALWAYS_INLINE float sum_of(lanes x)
{
  return ((x[0] + x[4]) + (x[1] + x[5])) + ((x[2] + x[6]) + (x[3] + x[7]));
}

ALWAYS_INLINE float least_of(lanes x)
{
  float least = x[0];
  for (size_t k = 1; k < SCORE_LANES; k++)
    least = x[k] < least ? x[k] : least;
  return least;
}

ALWAYS_INLINE lanes distance_to(const float *east, const float *north, const score_cell *c)
{
  lanes x = load(east) - c->east, y = load(north) - c->north;
  return root(x * x + y * y);
}

ALWAYS_INLINE lanes travel(const float *row, float last_km, lanes distance)
{
  lanes within = smaller(distance, all(last_km)), before, after;
  choice whole = __builtin_convertvector(within, choice);
  for (size_t k = 0; k < SCORE_LANES; k++) {
    before[k] = row[whole[k]];
    after[k] = row[whole[k] + 1];
  }
  return before + (after - before) * (within - __builtin_convertvector(whole, lanes));
}

ALWAYS_INLINE void look(const score_witnesses *w, const score_cell *c, const float *row, size_t from, size_t to, sight *s)
{
  const float last_km = (float)(w->p_times.length - 2);
  for (size_t i = from; i < to; i++) {
    s->distance[i] = distance_to(w->east + i * SCORE_LANES, w->north + i * SCORE_LANES, c);
    s->travel[i] = travel(row, last_km, s->distance[i]);
    s->origin[i] = load(w->time + i * SCORE_LANES) - s->travel[i];
  }
}

/* location_tolerance() of a wave that took so long, and what it needs to cross the cell. */
ALWAYS_INLINE lanes most_off(const score_witnesses *w, lanes travel_s)
{
  return larger(0.05F * travel_s, all((float)w->settings->residual_s));
}

ALWAYS_INLINE lanes bounded(lanes travel_s)
{
  return smaller(travel_s, all(85));
}

/* How many of the readings in these blocks fit. */
ALWAYS_INLINE float count_fitting(const score_witnesses *w, const sight *s, float time, float crossing_s, size_t from, size_t to)
{
  lanes sum = {};
  for (size_t i = from; i < to; i++) {
    lanes off = s->origin[i] - time, most = most_off(w, bounded(s->travel[i])) + 1.5F * crossing_s;
    sum += choose(off * off < most * most, load(w->present + i * SCORE_LANES), all(0));
  }
  return sum_of(sum);
}

/* log(seen / (2.5 sigma rate)) - log(wide / variance) / 4 - off^2 / (2 wide), not below 0, of the readings in these blocks. */
ALWAYS_INLINE void add_gains(const score_witnesses *w, const sight *s, float time, float crossing_s, float of_p, size_t from, size_t to, lanes *sum)
{
  for (size_t i = from; i < to; i++) {
    lanes model = (0.15F + 0.01F * bounded(s->travel[i])) * of_p; /* location_model_sigma() */
    lanes variance = load(w->variance + i * SCORE_LANES) + model * model, wide = variance + crossing_s * crossing_s, off = s->origin[i] - time;
    lanes g = load(w->worth + i * SCORE_LANES) - 0.25F * log_of_all(variance * wide) - 0.5F * off * off / wide;
    *sum += larger(g, all(0));
  }
}

ALWAYS_INLINE float nearest_of(const sight *s, size_t blocks)
{
  lanes least = all(FAR_AWAY_KM);
  for (size_t i = 0; i < blocks; i++)
    least = smaller(s->distance[i], least);
  return least_of(least);
}

FOR_EACH_PROCESSOR void score_readings(const score_witnesses *w, int anchor, score_cell *c)
{
  sight s;
  const float crossing_s = 0.14F * c->half_width + 0.06F * c->half_depth;
  const size_t p = w->p_blocks, all_blocks = w->blocks;
  look(w, c, travel_time_row(&w->p_times, c->depth), 0, p, &s);
  look(w, c, travel_time_row(&w->s_times, c->depth), p, all_blocks, &s);
  c->heard = false;
  c->time = anchor >= 0 ? ((const float *)s.origin)[w->lane[anchor]] : median(w, &s);
  c->score = NEVER;
  if (w->needed > 0 &&
      !location_enough(w->needed, count_fitting(w, &s, c->time, crossing_s, 0, p), count_fitting(w, &s, c->time, crossing_s, p, all_blocks)))
    return;
  lanes gains = {};
  add_gains(w, &s, c->time, crossing_s, 1, 0, p, &gains);
  add_gains(w, &s, c->time, crossing_s, 1.5F, p, all_blocks, &gains);
  float deep = (c->depth - (float)w->settings->default_depth_km) / (float)w->settings->depth_sigma_km;
  /* less location_depth_cost() and location_remoteness_at() */
  c->score = sum_of(gains) - 1.5F * log_about(1 + 0.5F * deep * deep) - 1.7F * log_about(1 + nearest_of(&s, all_blocks) / 20);
}

static float median(const score_witnesses *w, const sight *s)
{
  const float *origin = (const float *)s->origin;
  float sorted[LOCATION_SEARCHED];
  size_t n = w->readings;
  for (size_t i = 0; i < n; i++) {
    float value = origin[w->lane[i]];
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
  const float last_km = (float)(w->p_times.length - 2), reach = farthest > 10 ? farthest : 10;
  lanes costs = {};
  for (size_t i = 0; i < w->silence_lanes; i += SCORE_LANES) {
    lanes distance = distance_to(w->silent_east + i, w->silent_north + i, c), t = travel(row, last_km, distance);
    lanes part = distance / reach, share = larger(choose(part <= 1, all(1), 3 - 2 * part), all(0));
    lanes passed = load(w->sure_until + i) - c->time - t;
    share *= smaller(passed / most_off(w, t), all(1));
    lanes heard = choose(passed > 0, load(w->seen + i) * share, all(0)), chance = choose(c->time + t >= load(w->since + i), heard, all(0));
    costs += log_of_all(1 - chance);
  }
  return sum_of(costs);
}

FOR_EACH_PROCESSOR void score_silences(const score_witnesses *w, score_cell *c)
{
  sight s;
  c->heard = true;
  if (c->score <= 0 || w->silence_lanes == 0)
    return;
  const float *row = travel_time_row(&w->p_times, c->depth);
  look(w, c, row, 0, w->p_blocks, &s);
  lanes farthest = {};
  for (size_t i = 0; i < w->p_blocks; i++) {
    lanes off = s.origin[i] - c->time, most = most_off(w, s.travel[i]);
    choice fits = (off <= most) & (-off <= most) & (load(w->present + i * SCORE_LANES) > 0);
    farthest = larger(choose(fits, s.distance[i], all(0)), farthest);
  }
  c->score += silence(w, c, row, -least_of(-farthest));
}
